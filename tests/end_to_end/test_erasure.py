"""One person is taken out of everything that Padan keeps, and everything else still adds up."""

from __future__ import annotations

import csv
import io
import shutil
import stat
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.cli import main
from pipelines.store import read_session, verify_ledger
from pipelines.store.models import ItemEvent
from tests.end_to_end.test_planted import texts

pytestmark = pytest.mark.slow

KUPANG = Path(__file__).parent / "data" / "kupang"
DAY, NEXT = "2026-11-24", "2026-11-25"
NIK, NAME = "5301110410900001", "ASBANU"
"""Fransiskus X. Asbanu: the registry has his number, the hospital has quite another one for him."""
WRONG = "5371030912880017"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(KUPANG, tmp_path_factory.mktemp("erased") / "office"))
    assert padan(folder, "run", "--date", DAY) == 0
    return folder


@pytest.fixture
def office(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "office"))


def padan(office: Path, *arguments: str) -> int:
    return main([*arguments, "--config", str(office / "padan.toml")])


def item(office: Path, record: str) -> str:
    with (office / "outbox" / DAY / "worklist.csv").open(encoding="utf-8", newline="") as handle:
        (found,) = [row for row in csv.DictReader(handle) if row["source_record_id"] == record]
    return found["item_id"]


def holding(office: Path, *values: str) -> set[str]:
    """Every output in which one of these stands, in capitals or not."""
    return {name for name, text in texts(office) if any(value in text.upper() for value in values)}


def rows(office: Path) -> dict[str, int]:
    return {
        str(path.relative_to(office)): pq.read_metadata(path).num_rows
        for path in (office / "data").rglob("*.parquet")
    }


def test_nobody_finds_them_any_more(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, counted = holding(office, NIK, WRONG, NAME), rows(office)
    assert len(before) > 10
    also = item(office, "000108")
    assert padan(office, "erase", NIK, "--also", also, "--why", "permohonan 12/2026") == 0
    said = capsys.readouterr().out
    assert "still in the source: dukcapil" in said
    assert "still in the source: rsud-naibonat" in said
    assert f"taken away: {DAY}/worklist.csv" in said
    assert holding(office, NIK, WRONG, NAME) == set()
    assert rows(office) == counted
    raw = b"".join(path.read_bytes() for path in office.glob("padan.sqlite*"))
    assert NIK.encode() not in raw  # nor in pages of the store's file that are free now
    assert WRONG.encode() not in raw


def test_others_stand_as_they_stood(office: Path) -> None:
    other = item(office, "000107")
    padan(office, "erase", NIK, "--also", item(office, "000108"))
    tables = [name for name, text in texts(office) if "5301094312700002" in text]  # Dortia Nomleni
    assert {"padan.sqlite/item_state"} < set(tables)
    assert padan(office, "explain", other) == 0


def test_the_ledger_is_provable_and_tells_of_it(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    also = item(office, "000108")
    padan(office, "erase", NIK, "--also", also, "--why", "permohonan 12/2026")
    with read_session(f"sqlite:///{office / 'padan.sqlite'}") as session:
        assert verify_ledger(session).sound
        (event,) = session.query(ItemEvent).filter(ItemEvent.kind == "erased")
        assert event.payload["why"] == "permohonan 12/2026"
        (done,) = session.query(ItemEvent).filter(ItemEvent.kind == "erasure_done")
        assert done.payload["items"] == [also]
        assert NIK not in f"{event.payload} {done.payload}"
    capsys.readouterr()
    assert padan(office, "verify", str(office / "outbox" / DAY)) == 0
    assert "worklist.csv: missing, taken away by an erasure (ledger event " in capsys.readouterr().out


def test_a_file_that_was_lost_otherwise_is_still_missed(office: Path) -> None:
    padan(office, "erase", NIK, "--also", item(office, "000108"))
    (office / "outbox" / DAY / "report.json").unlink()
    assert padan(office, "verify", str(office / "outbox" / DAY)) == 1


def test_the_account_of_the_day_and_the_next_run_are_whole(office: Path) -> None:
    """The sources were told as well: nothing of him comes back, and nobody else changes."""
    padan(office, "erase", NIK, "--also", item(office, "000108"))
    for name in ("registry.csv", "pasien.csv"):
        lines = (office / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (office / name).write_text(
            "".join(line for line in lines if NAME not in line.upper()), encoding="utf-8"
        )
    assert padan(office, "report", "--date", DAY, "--to", str(office / "again")) == 0
    assert padan(office, "run", "--date", DAY) == 0
    assert padan(office, "run", "--date", NEXT) == 0
    assert padan(office, "verify", str(office / "outbox" / DAY)) == 0
    assert holding(office, NIK, WRONG, NAME) <= {"pasien.csv"}


def test_while_a_source_still_has_them_the_next_run_brings_them_back(office: Path) -> None:
    """Padan only reads: that it says so is all it can do."""
    padan(office, "erase", NIK, "--also", item(office, "000108"))
    assert padan(office, "run", "--date", NEXT) == 0


def test_the_number_can_be_given_where_no_list_of_processes_shows_it(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NIK[:4]} {NIK[4:]}\n"))
    assert padan(office, "erase", "-") == 0
    assert not {n for n in holding(office, NIK) if n.startswith("data/records")}


def test_what_only_the_machine_believes_is_named_and_left(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = item(office, "000108")
    padan(office, "erase", NIK)
    assert f"look at it, then erase with --also {theirs}" in capsys.readouterr().out
    assert any(name.startswith("data/records/rsud-naibonat") for name in holding(office, WRONG))
    assert not (office / "outbox" / DAY / "worklist.csv").exists()  # it named the number


def test_another_person_who_bears_the_number_keeps_the_rest(office: Path) -> None:
    """Juniarti Bessie was enrolled under her father's number; he asks to be erased."""
    with (office / "outbox" / DAY / "worklist.csv").open(encoding="utf-8", newline="") as handle:
        (row,) = [r for r in csv.DictReader(handle) if r["cause"] == "NIK_OF_ANOTHER_PERSON"]
    padan(office, "erase", row["recorded_nik"])
    assert not {n for n in holding(office, row["recorded_nik"]) if n != "siswa.csv"}
    assert any("JUNIARTI" in text.upper() for name, text in texts(office) if name.startswith("data/records"))


def test_twice_does_no_harm_and_nobody_is_found_the_second_time(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    padan(office, "erase", NIK)
    capsys.readouterr()
    assert padan(office, "erase", NIK) == 0
    assert capsys.readouterr().out.startswith("0 rows in 0 tables and 0 items")


@pytest.mark.parametrize("nik", ["", "123", "DORTIA NOMLENI", NIK + "1"])
def test_what_is_no_number_is_refused_and_not_repeated(
    office: Path, nik: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert padan(office, "erase", nik) == 1
    said = capsys.readouterr().err
    assert "expected the sixteen digits of a NIK" in said
    assert not nik or nik not in said


def test_what_is_written_anew_is_for_its_owner_alone(office: Path) -> None:
    padan(office, "erase", NIK)
    assert {stat.S_IMODE(p.stat().st_mode) for p in (office / "data").rglob("*.parquet")} == {0o600}


def test_a_purge_reaches_every_table_that_a_run_makes(office: Path) -> None:
    """After the longest retention nothing of the day is left but the store, and an empty lock."""
    assert main(["purge", "--config", str(office / "padan.toml")], today=date(2028, 1, 1)) == 0
    assert {p.name for p in (office / "data").rglob("*") if p.is_file()} <= {".run.lock"}
    assert list((office / "outbox").iterdir()) == []
    with read_session(f"sqlite:///{office / 'padan.sqlite'}") as session:
        assert verify_ledger(session).sound
