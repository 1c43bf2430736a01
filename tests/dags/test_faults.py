"""What goes wrong at night, done on purpose to a real Airflow: every run ends published and whole, or failed and clean.

The list takes half an hour; `make night` runs it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import create_engine

from bench.cable import Cable
from pipelines.publish import verify, verify_ledger_of
from pipelines.run import run
from pipelines.schedule import scheduled_settings
from pipelines.settings import Settings
from tests.conftest import KUPANG
from tests.dags.office import outbox
from tests.dags.server import Airflow, airflow, wait_for
from tests.dags.test_night import CLINIC, NIGHTLY
from tests.store.backends import database

pytestmark = [pytest.mark.slow, pytest.mark.night]

STAGES = (
    "sources",
    "source.extract",
    "source.standardise",
    "source.gates",
    "linkage.match",
    "linkage.diagnose",
    "linkage.gate_findings",
    "worklist.worklist",
    "worklist.account",
    "worklist.gate_items",
    "publish.results",
    "publish.record",
    "publish.publish",
    "publish.close",
    "publish.deliver",
)


class Bench:
    """An Airflow to break things of, and a twin of its office that nothing happens to."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.office, self.twin = (Path(shutil.copytree(KUPANG, folder / name)) for name in ("office", "twin"))
        clinic, store, metadata = (stack.enter_context(database()) for _ in range(3))
        engine = create_engine(clinic)
        pd.read_csv(self.office / "pasien.csv", dtype=str).to_sql("pasien", engine, index=False)
        engine.dispose()
        self.clinic, self.store = Cable(clinic), Cable(store)
        (folder / "share").mkdir()
        for office in (self.office, self.twin):
            text = (office / "padan.toml").read_text(encoding="utf-8")
            text = text.replace('"sqlite:///padan.sqlite"', '"env:PADAN_STORE"')
            text = text.replace('location = "pasien.csv"', CLINIC)
            text += '\n[[deliveries]]\nto = "dapodik-kupang"\nby = "share"\n'
            (office / "share").mkdir()
            (office / "padan.toml").write_text(text, encoding="utf-8")
        own = {"AIRFLOW_CONN_TARUS": self.clinic.url.replace("postgresql+psycopg", "postgres")}
        self.airflow: Airflow = stack.enter_context(
            airflow(folder / "home", self.office, metadata, self.store.url, own)
        )
        self.airflow.api("PATCH", f"dags/{NIGHTLY}", json={"is_paused": False})
        self.day = date(2026, 1, 4)

    def settings(self, office: Path, day: str) -> Settings:
        store = self.store.url if office == self.office else f"sqlite:///{office}/padan.sqlite"
        environ = {"PADAN_CONFIG": str(office / "padan.toml"), "PADAN_STORE": store}
        vault = {"airflow": lambda *_: self.clinic.url}
        return scheduled_settings(date.fromisoformat(day), vault, environ=environ)

    def begin(self) -> tuple[str, str]:
        """A new date, and the run that was started for it."""
        self.day += timedelta(days=1)
        return str(self.day), self.airflow.trigger(NIGHTLY, date=str(self.day))

    def running(self, name: str, task: str, seconds: float = 150) -> int:
        """Wait until a task of a run is running; its process."""

        def pid() -> int | None:
            place = f"dags/{NIGHTLY}/dagRuns/{name}/taskInstances"
            found = self.airflow.api("GET", place, params={"limit": 200, "state": "running"})
            return next(
                (ti["pid"] for ti in found["task_instances"] if ti["task_id"] == task and ti["pid"]), None
            )

        deadline = time.monotonic() + seconds
        while not (found := pid()):
            assert time.monotonic() < deadline, f"{task} does not run: {self.airflow.tasks(NIGHTLY, name)}"
            time.sleep(0.05)
        return found

    def kill(self, name: str, task: str) -> None:
        with suppress(ProcessLookupError):  # it was quicker than we are, and has ended well
            os.kill(self.running(name, task), signal.SIGKILL)

    def whole(self, day: str, name: str) -> None:
        """The run succeeded, and published what a run publishes to which nothing happens."""
        state = self.airflow.ended(NIGHTLY, name, 420)
        assert state == "success", self.airflow.tasks(NIGHTLY, name)
        outcome = run(self.settings(self.twin, day))
        assert not outcome.undelivered
        assert outbox(self.office / "padan.toml", day) == outbox(self.twin / "padan.toml", day)
        self.clean(day)

    def clean(self, day: str, published: bool = True) -> None:
        """What lies there is whole or not there; the ledger is provable; what is delivered is delivered once."""
        settings = self.settings(self.office, day)
        folder = settings.outbox / day
        assert folder.is_dir() is published
        for there in settings.outbox.iterdir():
            assert not there.name.startswith("."), f"half a folder: {there}"
            assert verify(there) == []
            assert verify_ledger_of(there, settings) == []
        delivered = self.office / "share" / f"padan-{day}-dapodik-kupang.xlsx"
        assert delivered.is_file() is published
        assert not list((self.office / "share").glob(".*"))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(tmp_path_factory.mktemp("faults"), stack)


def test_a_bad_night(bench: Bench) -> None:
    """The hospital's database is down at first, a task dies, then the scheduler, then the store loses connections."""
    bench.clinic.cut()
    day, name = bench.begin()
    wait_for(
        lambda: (
            bench.airflow.tasks(NIGHTLY, name).get("source.extract rsud-naibonat") == "up_for_retry"
            or "up_for_retry" in bench.airflow.tasks(NIGHTLY, name).values()
        ),
        120,
        "it is not tried again",
    )
    bench.clinic.mend()
    bench.kill(name, "linkage.match")
    bench.running(name, "worklist.worklist")
    bench.airflow.kill("scheduler")
    bench.airflow.start("scheduler")
    bench.running(name, "publish.record")
    bench.store.drop()
    bench.whole(day, name)


@pytest.mark.parametrize("task", STAGES)
def test_a_task_is_killed(bench: Bench, task: str) -> None:
    day, name = bench.begin()
    bench.kill(name, task)
    bench.whole(day, name)


@pytest.mark.parametrize("task", ["source.extract", "linkage.match", "publish.publish"])
def test_the_scheduler_is_killed_with_all_that_it_runs(bench: Bench, task: str) -> None:
    day, name = bench.begin()
    bench.running(name, task)
    bench.airflow.kill("scheduler")
    bench.airflow.start("scheduler")
    bench.whole(day, name)


@pytest.mark.parametrize("task", ["worklist.worklist", "publish.record", "publish.publish", "publish.close"])
def test_the_store_is_started_anew(bench: Bench, task: str) -> None:
    day, name = bench.begin()
    bench.running(name, task)
    bench.store.drop()
    bench.whole(day, name)


def test_the_store_is_away_for_a_while(bench: Bench) -> None:
    day, name = bench.begin()
    bench.running(name, "linkage.match")
    bench.store.cut()
    threading.Timer(12, bench.store.mend).start()
    bench.whole(day, name)


def test_a_hospital_is_away_all_night(bench: Bench) -> None:
    """Tried as often as is decent; then the run goes on without it."""
    bench.clinic.cut()
    try:
        day, name = bench.begin()
        assert bench.airflow.ended(NIGHTLY, name, 420) == "success", bench.airflow.tasks(NIGHTLY, name)
        outcome = run(bench.settings(bench.twin, day))
    finally:
        bench.clinic.mend()
    assert outcome.exit_code == 4
    assert outbox(bench.office / "padan.toml", day) == outbox(bench.twin / "padan.toml", day)
    bench.clean(day)
    bench.whole(*bench.begin())


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        wait_for(lambda: subprocess.run(["umount", folder]).returncode == 0, 60, "the disk stays busy")


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted by root alone")
@pytest.mark.parametrize("size", ["40k", "120k", "300k"])
def test_the_disk_of_the_tables_is_full(bench: Bench, size: str) -> None:
    with small_disk(bench.office / "data", size):
        day, name = bench.begin()
        state = bench.airflow.ended(NIGHTLY, name, 420)
        told = "".join(bench.airflow.log(NIGHTLY, name, task) for task in STAGES)
    if state == "failed":
        bench.clean(day, published=False)
        assert "No space left" in told or "data" in told
        name = bench.airflow.trigger(NIGHTLY, date=day)
    bench.whole(day, name)


def test_two_runs_of_one_date_at_once(bench: Bench) -> None:
    day, name = bench.begin()
    second = bench.airflow.trigger(NIGHTLY, date=day)
    assert bench.airflow.ended(NIGHTLY, name, 420) == "success"
    bench.whole(day, second)


def test_a_run_of_the_command_beside_airflows(bench: Bench) -> None:
    """Whichever notices the other ends cleanly; what is published is whole, and a run afterwards is right."""
    day, name = bench.begin()
    bench.running(name, "linkage.match")
    environ = os.environ | {"PADAN_STORE": bench.store.url}
    config = bench.office / "by-hand.toml"
    text = (bench.office / "padan.toml").read_text(encoding="utf-8")
    config.write_text(text.replace("airflow:tarus", "env:TARUS"), encoding="utf-8")
    program = "from pipelines.cli import main; raise SystemExit(main())"
    words = [sys.executable, "-c", program, "run", "--config", config, "--date", day]
    done = subprocess.run(words, env=environ | {"TARUS": bench.clinic.url}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    state = bench.airflow.ended(NIGHTLY, name, 420)
    assert state in ("success", "failed")
    bench.clean(day)
    bench.whole(day, bench.airflow.trigger(NIGHTLY, date=day))
