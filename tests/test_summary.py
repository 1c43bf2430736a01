"""The closing words of a run, as a person at the terminal reads them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.engine import Artifact, write_table
from pipelines.records import ITEMS
from pipelines.run import Outcome
from pipelines.settings import Settings, load_settings
from pipelines.summary import summary


@pytest.fixture
def settings(kupang: Path) -> Settings:
    return load_settings(kupang, date(2026, 11, 24))


def items(settings: Settings, *rows: tuple[str, str, str]) -> None:
    """Today's items: cause, status, owner of each."""
    blank = dict.fromkeys(ITEMS.names)
    table = [{**blank, "cause": c, "status": s, "owner": o} for c, s, o in rows]
    write_table(pa.Table.from_pylist(table, schema=ITEMS), settings.folder("items"))


def told(settings: Settings, unread: dict[str, str] | None = None) -> list[str]:
    outbox = settings.outbox / str(settings.run_date)
    return summary(Outcome(Artifact(str(outbox), 0, ""), unread or {}), settings).splitlines()


def test_it_counts_by_cause_in_the_order_of_precedence_and_by_who_acts(settings: Settings) -> None:
    items(
        settings,
        ("ELEMENT_MISMATCH", "open", "rsud-naibonat"),
        ("ELEMENT_MISMATCH", "new", "dukcapil"),
        ("NIK_MISSING", "new", "dapodik-kupang"),
        ("NIK_MISSING", "returned", "rsud-naibonat"),
        ("NIK_WRONG", "resolved", "rsud-naibonat"),
        ("NIK_WRONG", "rejected", "rsud-naibonat"),
    )
    lines = told(settings)
    assert lines[0] == "2026-11-24: 4 items to act on (2 new), 2 closed today"
    assert [line.split() for line in lines[2:5]] == [
        ["cause", "items", "new", "registry", "agencies"],
        ["NIK_MISSING", "2", "1", "0", "2"],
        ["ELEMENT_MISMATCH", "2", "1", "1", "1"],
    ]
    assert not [line for line in lines if "NIK_WRONG" in line], "nothing of it is left to do"


def test_a_day_without_items_says_so(settings: Settings) -> None:
    items(settings)
    assert told(settings)[0] == "2026-11-24: 0 items to act on (0 new), 0 closed today"


def test_it_says_where_everything_lies_as_seen_from_here(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    items(settings)
    monkeypatch.chdir(settings.base)
    here = "worklist  outbox/2026-11-24/worklist.csv"
    assert here in told(settings)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert f"report    {settings.outbox}/2026-11-24/report.html" in told(settings)


def test_it_names_each_source_that_was_not_read_and_why(settings: Settings) -> None:
    items(settings)
    line = told(settings, {"dapodik-kupang": "no file matches siswa.csv"})[-1]
    assert line == "not read  dapodik-kupang: no file matches siswa.csv; its items stand as they stood"
