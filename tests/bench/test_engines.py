"""What a Spark's event log says, summed as the page of figures has it."""

from __future__ import annotations

import json

from bench.engines import by_stage, counted


def task(stage: int, shuffled: int) -> str:
    metrics = {
        "Executor Run Time": 20,
        "Executor CPU Time": 7,
        "Disk Bytes Spilled": 0,
        "Input Metrics": {"Bytes Read": 100},
        "Shuffle Write Metrics": {"Shuffle Bytes Written": shuffled, "Shuffle Records Written": 3},
        "Output Metrics": {"Bytes Written": 10},
    }
    return json.dumps({"Event": "SparkListenerTaskEnd", "Stage ID": stage, "Task Metrics": metrics})


def job(description: str | None, *stages: int) -> str:
    properties = {"spark.job.description": description} if description else {}
    return json.dumps({"Event": "SparkListenerJobStart", "Stage IDs": list(stages), "Properties": properties})


LOG = [job("match: found", 0, 1), task(0, 500), task(1, 0), task(1, 20), job("match: held", 2), task(2, 7)]


def test_bytes_are_summed_by_job_and_by_stage() -> None:
    jobs = counted(LOG)
    assert {name: of["shuffled"] for name, of in jobs.items()} == {"match: found": 520, "match: held": 7}
    assert by_stage(jobs)["match"] == {
        "read": 400,
        "shuffled": 527,
        "records": 12,
        "written": 40,
        "cpu_ns": 28,
        "ran_ms": 80,
        "spilled": 0,
    }


def test_tasks_of_a_job_without_a_name_are_not_lost() -> None:
    lost = json.dumps(
        {"Event": "SparkListenerTaskEnd", "Stage ID": 4, "Task Metrics": None}
    )  # an executor died
    assert counted([job(None, 5), task(5, 1), task(9, 2), lost])["other"]["shuffled"] == 3
