"""Files that lie there as they did are not read again, and the day's tables are the same bytes as if they were."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import PART
from pipelines.extract import INPUTS, extract, inputs
from pipelines.settings import Settings, Source
from tests.extract.office import DAY, HEADER, PATIENTS, Office


def text(rows: list[tuple[str, ...]]) -> str:
    return "\n".join("|".join(cells) for cells in [HEADER, *rows]) + "\n"


def on(office: Office, source: Source, day: date) -> Settings:
    return office.settings(source).model_copy(update={"run_date": day})


def tables(office: Office, source: Source, day: date) -> dict[str, bytes]:
    """Every file of the day's two tables, read or taken over."""
    run = on(office, source, day)
    extract(source, run)
    folders = [run.folder(f"raw/{source.name}"), run.folder(f"quarantine/extract/{source.name}")]
    return {f"{at}/{file.name}": file.read_bytes() for at, f in enumerate(folders) for file in f.iterdir()}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that a reader was put to."""
    names: list[str] = []
    reader_of = inputs.reader_of

    def noted(path: Path) -> object:
        names.append(path.name)
        return reader_of(path)

    monkeypatch.setattr(inputs, "reader_of", noted)
    return names


TUESDAY = DAY + timedelta(days=1)


def test_a_file_as_it_was_is_not_read_again(office: Office, read: list[str]) -> None:
    office.write("pasien.csv", text([*PATIENTS, ("000104", "SATU", "DUA", "TIGA", "", "", "ZUVIEL")]))
    source = office.source("pasien.csv")
    monday = tables(office, source, DAY)
    assert read == ["pasien.csv"]
    assert tables(office, source, TUESDAY) == monday
    assert read == ["pasien.csv"]
    assert tables(office, source, TUESDAY + timedelta(days=30)) == monday  # days without a run between


@pytest.mark.parametrize("change", ["one letter", "another row", "another file", "another name", "gone"])
def test_whatever_has_changed_is_read(office: Office, read: list[str], change: str) -> None:
    office.write("a.csv", text([PATIENTS[0]]))
    office.write("b.csv", text([PATIENTS[1]]))
    source = office.source("*.csv")
    before = tables(office, source, DAY)
    if change == "one letter":
        office.write("a.csv", text([PATIENTS[0]]).replace("YOHANES", "YOHANNS"))
    elif change == "another row":
        office.write("a.csv", text([*PATIENTS]))
    elif change == "another file":
        office.write("c.csv", text([PATIENTS[2]]))
    elif change == "another name":
        (office.folder / "b.csv").rename(office.folder / "c.csv")
    else:
        (office.folder / "b.csv").unlink()
    read.clear()
    assert tables(office, source, TUESDAY) != before
    assert read == sorted(path.name for path in office.folder.glob("*.csv"))


def test_another_layout_reads_the_same_file_anew(office: Office, read: list[str]) -> None:
    office.write("pasien.csv", text(list(PATIENTS)))
    source = office.source("pasien.csv")
    tables(office, source, DAY)
    other = source.layout.model_copy(update={"date_order": "dmy"})
    tables(office, source.model_copy(update={"layout": other}), TUESDAY)
    assert read == ["pasien.csv"] * 2


@pytest.mark.parametrize("damage", [PART, INPUTS, "read.json", "rows"])
def test_what_is_left_of_an_earlier_run_is_not_trusted_blindly(
    office: Office, read: list[str], damage: str
) -> None:
    office.write("pasien.csv", text(list(PATIENTS)))
    source = office.source("pasien.csv")
    monday = tables(office, source, DAY)
    folder = on(office, source, DAY).folder(f"raw/{source.name}")
    if damage == "rows":
        lines = json.loads((folder / INPUTS).read_text())
        (folder / INPUTS).write_text(json.dumps([{**line, "rows": 7} for line in lines]))
    else:
        (folder / damage).write_bytes(b"PAR1 of nothing")
    assert tables(office, source, TUESDAY) == monday
    assert read == ["pasien.csv"] * 2


def test_the_first_day_and_a_day_before_the_first_are_read(office: Office, read: list[str]) -> None:
    office.write("pasien.csv", text(list(PATIENTS)))
    source = office.source("pasien.csv")
    assert tables(office, source, TUESDAY) == tables(office, source, DAY)
    assert read == ["pasien.csv"] * 2


ROWS = st.lists(st.sampled_from(PATIENTS), min_size=1, max_size=3)


@settings(max_examples=25, deadline=None)
@given(days=st.lists(ROWS, min_size=1, max_size=5))
def test_whatever_comes_day_by_day_is_what_a_full_read_gives(
    days: list[list[tuple[str, ...]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    daily, once = (Office(tmp_path_factory.mktemp(name)) for name in ("daily", "once"))
    for at, rows in enumerate(days):
        daily.write("pasien.csv", text(rows))
        last = tables(daily, daily.source("pasien.csv"), DAY + timedelta(days=at))
    once.write("pasien.csv", text(days[-1]))
    assert last == tables(once, once.source("pasien.csv"), DAY)
