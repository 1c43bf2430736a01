"""The DAGs under a real Airflow: `airflow dags test` runs every task as the scheduler would, one by one."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.cli import main
from tests.conftest import KUPANG

if TYPE_CHECKING:
    from tests.dags.conftest import Airflow

pytestmark = pytest.mark.slow

DAY = "2026-11-24"


def outbox(config: Path, day: str = DAY) -> dict[str, str]:
    folder = config.parent / "outbox" / day
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture
def twin(kupang: Path, tmp_path: Path) -> Path:
    """The same office once more, in another folder."""
    return Path(shutil.copytree(kupang.parent, tmp_path / "twin")) / "padan.toml"


def test_no_dag_fails_to_import(airflow: Airflow) -> None:
    done = airflow("dags", "list-import-errors")
    assert done.returncode == 0
    assert "No data found" in done.stdout


@dataclass(frozen=True)
class Days:
    """Two days of one office, once by the command and once by Airflow, and what Airflow said."""

    command: Path
    airflow: Path
    said: str


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory, airflow: Airflow) -> Days:
    folders = [tmp_path_factory.mktemp(name) / "office" for name in ("command", "airflow")]
    command, twin = (Path(shutil.copytree(KUPANG, folder)) / "padan.toml" for folder in folders)
    said = ""
    for day in (DAY, "2026-11-25"):
        assert main(["run", "--config", str(command), "--date", day]) == 0
        done = airflow("dags", "test", "padan_daily", day, config=twin)
        said += done.stdout + done.stderr
        assert done.returncode == 0, said[-6000:]
    return Days(command, twin, said)


def test_airflow_publishes_what_the_command_publishes(days: Days) -> None:
    """The worklist to the byte, and everything else that is published with it; the day after as well."""
    for day in (DAY, "2026-11-25"):
        assert "worklist.csv" in outbox(days.command, day)
        assert outbox(days.airflow, day) == outbox(days.command, day)


def test_no_person_travels_between_tasks_or_into_the_logs(days: Days) -> None:
    assert "matches" in days.said, "the tables' names do travel"
    for secret in ("5301061203790003", "YOHANES TEFA", "Welmince", "1979-03-12"):
        assert secret not in days.said


def test_a_source_that_is_gone_stops_no_other_and_is_said(kupang: Path, twin: Path, airflow: Airflow) -> None:
    for config in (kupang, twin):
        (config.parent / "siswa.csv").unlink()
    assert main(["run", "--config", str(kupang), "--date", DAY]) == 4
    done = airflow("dags", "test", "padan_daily", DAY, config=twin)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "dapodik-kupang could not be read" in done.stdout + done.stderr
    assert outbox(twin) == outbox(kupang)


def test_a_registry_cut_in_half_fails_the_gate_at_once_and_publishes_nothing(
    kupang: Path, airflow: Airflow
) -> None:
    assert main(["run", "--config", str(kupang), "--date", DAY]) == 0
    registry = kupang.parent / "registry.csv"
    lines = registry.read_text(encoding="utf-8").splitlines(keepends=True)
    registry.write_text("".join(lines[:13]), encoding="utf-8")
    done = airflow("dags", "test", "padan_daily", "2026-11-25", config=kupang)
    assert done.returncode != 0
    assert "gate raw: " in done.stdout + done.stderr
    assert not outbox(kupang, "2026-11-25")


def test_a_missing_configuration_is_one_clear_failure(tmp_path: Path, airflow: Airflow) -> None:
    done = airflow("dags", "test", "padan_daily", DAY, config=tmp_path / "padan.toml")
    assert done.returncode != 0
    assert "no such file; name one with --config or PADAN_CONFIG" in done.stdout + done.stderr


def test_returned_worklists_are_taken_in_and_a_second_time_changes_nothing(
    kupang: Path, airflow: Airflow
) -> None:
    assert main(["run", "--config", str(kupang), "--date", DAY]) == 0
    (kupang.parent / "decisions").mkdir()
    shutil.copy(
        kupang.parent / "outbox" / DAY / "worklist.xlsx", kupang.parent / "decisions" / "kembali.xlsx"
    )
    for _ in range(2):
        done = airflow("dags", "test", "padan_decisions", "2026-11-25", config=kupang)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "kembali.xlsx" in done.stdout + done.stderr


def test_no_returned_worklist_is_no_failure(kupang: Path, airflow: Airflow) -> None:
    done = airflow("dags", "test", "padan_decisions", DAY, config=kupang)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_purge_deletes_what_is_past_its_time(kupang: Path, airflow: Airflow) -> None:
    assert main(["run", "--config", str(kupang), "--date", DAY]) == 0
    done = airflow("dags", "test", "padan_purge", "2027-03-01", config=kupang)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert not list((kupang.parent / "data").glob(f"records/*/run_date={DAY}"))
    assert outbox(kupang), "kept for a year"
