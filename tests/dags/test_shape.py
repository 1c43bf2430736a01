"""What the scheduler is told: when, how often, one at a time, with which tasks after which."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from airflow.sdk import DAG

DAGS = Path(__file__).parent.parent.parent / "dags"


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    """Each DAG of the folder by its id."""
    sys.path.insert(0, str(DAGS))
    try:
        modules = [import_module(path.stem) for path in sorted(DAGS.glob("padan_*.py"))]
    finally:
        sys.path.remove(str(DAGS))
    built = [getattr(module, module.__name__)() for module in modules if module.__name__ != "padan_office"]
    return {dag.dag_id: dag for dag in built}


def test_there_are_three(dags: dict[str, DAG]) -> None:
    assert sorted(dags) == ["padan_daily", "padan_decisions", "padan_purge"]


@pytest.mark.parametrize(
    ("name", "at"), [("padan_decisions", "00:30"), ("padan_daily", "01:00"), ("padan_purge", "04:00")]
)
def test_each_runs_once_a_night_at_the_office_and_never_twice_at_a_time(
    dags: dict[str, DAG], name: str, at: str
) -> None:
    dag = dags[name]
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert str(dag.schedule.timezone) == "Asia/Makassar"
    hour, minute = map(int, at.split(":"))
    assert dag.schedule.expression == f"{minute} {hour} * * *"
    assert dag.doc_md
    assert dag.tags == {"padan"}


def test_the_order_is_that_of_the_run(dags: dict[str, DAG]) -> None:
    """What is upstream of what, as `pipelines/run.py` has it."""
    dag = dags["padan_daily"]

    def before(task: str) -> set[str]:
        return {t.task_id for t in dag.get_task(task).get_flat_relatives(upstream=True)}

    gates = {"gate_raw", "gate_records", "gate_findings"}
    assert before("standardise") == {"sources", "extract"}
    assert gates <= before("worklist"), "nothing reaches the worklist past a gate"
    assert {*gates, "gate_items", "account", "record"} <= before("publish")
    assert before("close") == {task.task_id for task in dag.tasks} - {"close"}


def test_a_gate_is_not_tried_again_and_a_source_is(dags: dict[str, DAG]) -> None:
    dag = dags["padan_daily"]
    for task in dag.tasks:
        assert task.retries == (0 if task.task_id.startswith("gate_") else 2), task.task_id


def test_others_can_schedule_on_what_is_published(dags: dict[str, DAG]) -> None:
    outlets = [asset.name for task in dags["padan_daily"].tasks for asset in task.outlets]
    assert outlets == ["padan_worklist", "padan_report"]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), "2026-11-24"),  # 01:00 at the office: the nightly run
        (
            datetime(2026, 11, 24, 0, 0, tzinfo=UTC),
            "2026-11-24",
        ),  # `airflow dags test padan_daily 2026-11-24`
        (datetime(2026, 11, 24, 15, 59, tzinfo=UTC), "2026-11-24"),
        (datetime(2026, 11, 24, 16, 0, tzinfo=UTC), "2026-11-25"),
    ],
)
def test_the_runs_date_is_the_day_at_the_office(moment: datetime, day: str) -> None:
    from pipelines.schedule import TIMEZONE, run_date

    assert run_date(moment).isoformat() == day
    sys.path.insert(0, str(DAGS))
    try:
        import padan_office
    finally:
        sys.path.remove(str(DAGS))
    assert padan_office.TIMEZONE == TIMEZONE
