"""What the scheduler is told: when, how often, one at a time, with which tasks after which."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from copy import copy
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from airflow.sdk import DAG

from pipelines.errors import (
    ConfigError,
    GateFailed,
    PadanError,
    SourceUnreachable,
    SourceUnreadable,
    StoreError,
)

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

    gates = {"source.gates", "linkage.gate_findings"}
    assert before("source.standardise") == {"turn", "sources", "source.extract"}
    assert gates <= before("worklist.worklist"), "nothing reaches the worklist past a gate"
    earlier = {*gates, "worklist.gate_items", "worklist.account", "publish.record"}
    assert earlier <= before("publish.publish")
    assert before("publish.deliver") == {task.task_id for task in dag.tasks} - {"publish.deliver"}
    assert "publish.close" in before("publish.deliver")


def test_its_groups_read_like_the_rooms(dags: dict[str, DAG]) -> None:
    groups = dags["padan_daily"].task_group.children
    assert list(groups) == ["sources", "turn", "source", "linkage", "worklist", "publish"]


class Failure:
    """What a task's retry policy says to an error."""

    def __init__(self, dag: DAG, task: str) -> None:
        self.policy = dag.get_task(task).retry_policy

    def __call__(self, error: Exception) -> str:
        return str(self.policy.evaluate(error, 1, 3).action.value)


def test_what_may_pass_is_tried_again_and_what_cannot_is_not(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        for task in dag.tasks:
            assert task.retries == (0 if task.task_id == "turn" else 3)
            says = Failure(dag, task.task_id)
            assert says(SourceUnreachable("rsud", "connection refused")) == "retry"
            assert says(StoreError("the store cannot be reached")) == "retry"
            assert says(OSError("No space left on device")) == "default", "as Airflow does: tried again"
            for error in (
                GateFailed("raw: …"),
                SourceUnreadable("rsud", "no column"),
                PadanError("…"),
                ConfigError(["…"]),
            ):
                assert says(error) == "fail"


def test_pauses_grow_from_what_airflow_is_configured_with(dags: dict[str, DAG]) -> None:
    task = dags["padan_daily"].get_task("source.extract")
    assert task.retry_exponential_backoff == 2.0
    assert task.execution_timeout < dags["padan_daily"].dagrun_timeout
    assert task.owner == "dukcapil"
    assert task.pool == "default_pool", "until Airflow's configuration names another"


def test_a_run_by_hand_may_say_date_sources_and_dry_run(dags: dict[str, DAG]) -> None:
    params = dags["padan_daily"].params
    assert params.dump() == {"date": None, "sources": [], "dry_run": False}
    params.update({"date": "2026-11-24", "sources": ["rsud"], "dry_run": True})
    params.validate()


@pytest.mark.parametrize("wrong", [{"date": "24/11/2026"}, {"sources": "rsud"}, {"dry_run": "perhaps"}])
def test_what_makes_no_sense_by_hand_is_refused(dags: dict[str, DAG], wrong: dict[str, object]) -> None:
    params = copy(dags["padan_daily"].params)
    with pytest.raises(ValueError, match="Invalid input"):
        params.update(wrong)


def test_others_can_schedule_on_what_is_published(dags: dict[str, DAG]) -> None:
    outlets = [asset.name for task in dags["padan_daily"].tasks for asset in task.outlets]
    assert outlets == ["padan_worklist", "padan_report"]


CONFIGURED = """
import sys, json
sys.path.insert(0, sys.argv[1])
import padan_daily
dag = padan_daily.padan_daily()
extract = dag.get_task("source.extract")
kinds = lambda callbacks: [type(one).__name__ for one in callbacks]
print(json.dumps({
    "pool": extract.pool,
    "failed": kinds(extract.on_failure_callback),
    "published": kinds(dag.get_task("publish.close").on_success_callback),
    "late": [(alert.interval.total_seconds(), alert.callback.path.rpartition(".")[2]) for alert in dag.deadline],
}))
"""


def test_airflows_configuration_says_who_is_told_and_how_many_sources_are_read_at_a_time() -> None:
    told = {
        "AIRFLOW__PADAN__SOURCES_POOL": "hospitals",
        "AIRFLOW__PADAN__NOTIFY_EMAIL": "tik@kupangkab.example, sekretariat@kupangkab.example",
        "AIRFLOW__PADAN__NOTIFY_WEBHOOK_CONN": "chat",
        "AIRFLOW__PADAN__DEADLINE_HOURS": "4.5",
    }
    done = subprocess.run(
        [sys.executable, "-c", CONFIGURED, DAGS], env=os.environ | told, capture_output=True, text=True
    )
    notifiers = ["SmtpNotifier", "HttpNotifier"]
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "pool": "hospitals",
        "failed": notifiers,
        "published": notifiers,
        "late": [[16200.0, name] for name in notifiers],
    }


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
