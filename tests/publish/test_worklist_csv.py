"""The file that programs read: its columns, its bytes, and that every value comes back."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.publish.worklist_csv import write_csv
from pipelines.records import WORKLIST_COLUMNS
from tests.publish.items import database, everyday, item, items_table


def written(rows: list[dict[str, Any]], folder: Path) -> bytes:
    """The bytes of ``worklist.csv`` for these items."""
    with database(folder) as con:
        assert write_csv(con, items_table(rows, folder), folder / "worklist.csv") == len(rows)
    return (folder / "worklist.csv").read_bytes()


def read(content: bytes) -> list[dict[str, str]]:
    """As any program reads it."""
    return list(csv.DictReader(StringIO(content.decode("utf-8"), newline="")))


def test_columns_and_order_are_those_of_the_contract(tmp_path: Path) -> None:
    content = written(everyday(), tmp_path)
    assert content.split(b"\r\n")[0].decode() == ",".join(WORKLIST_COLUMNS)
    assert [line["item_id"] for line in read(content)] == [row["item_id"] for row in everyday()]


def test_bytes_are_rfc_4180_without_a_byte_order_mark(tmp_path: Path) -> None:
    rows = [item(1, evidence='Nama "MA\'U, MARIA"\nberbeda.'), item(2)]
    content = written(rows, tmp_path)
    assert (
        content
        == (
            ",".join(WORKLIST_COLUMNS) + "\r\n"
            "item-0001,open,rsud-naibonat,2,rsud-naibonat,000001,NIK_MISTYPED,5301040101900002,5301040101900001,"
            '0.9877,,,"Nama ""MA\'U, MARIA""\nberbeda.",2026-11-20,2026-11-24,4\r\n'
            "item-0002,open,rsud-naibonat,2,rsud-naibonat,000002,NIK_MISTYPED,5301040101900002,5301040101900001,"
            "0.9877,,,Satu angka berbeda dari NIK orang yang sama.,2026-11-20,2026-11-24,4\r\n"
        ).encode()
    )


def test_null_is_empty_and_confidence_has_four_decimals(tmp_path: Path) -> None:
    rows = [item(1, confidence=1.0), item(2, confidence=0.5), item(3, confidence=None, proposed_nik=None)]
    assert [line["confidence"] for line in read(written(rows, tmp_path))] == ["1.0000", "0.5000", ""]


def test_no_personal_column_beyond_the_contract_is_written(tmp_path: Path) -> None:
    assert b"NITBANI" not in written(everyday(), tmp_path)


def test_only_what_a_source_wrote_is_neutralised(tmp_path: Path) -> None:
    rows = [
        item(1, recorded_nik="-"),
        item(2, recorded_nik="=1+1", source_record_id="@x", related="+y", evidence="-z"),
    ]
    first, second = read(written(rows, tmp_path))
    assert first["recorded_nik"] == "-"
    assert [second[c] for c in ("recorded_nik", "source_record_id", "related", "evidence")] == [
        "'=1+1",
        "'@x",
        "'+y",
        "'-z",
    ]


def test_an_empty_day_has_its_headings(tmp_path: Path) -> None:
    assert written([], tmp_path) == (",".join(WORKLIST_COLUMNS) + "\r\n").encode()


CELL = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
ROWS = st.lists(
    st.builds(
        lambda **cells: cells,
        source_record_id=CELL,
        recorded_nik=st.none() | CELL,
        related=st.none() | CELL,
        evidence=CELL,
        confidence=st.none() | st.floats(0, 1),
        first_seen=st.dates(date(1900, 1, 1)),
    ),
    max_size=8,
)


@given(ROWS)
@settings(deadline=None, max_examples=40)
def test_every_value_can_be_read_back(rows: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        content = written([item(n, **row) for n, row in enumerate(rows)], Path(folder))
    lines = read(content)
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        for column in ("source_record_id", "recorded_nik", "related", "evidence"):
            assert line[column] in (row[column] or "", "'" + (row[column] or ""))
        assert line["first_seen"] == row["first_seen"].isoformat()
        if row["confidence"] is None:
            assert line["confidence"] == ""
        else:
            assert abs(float(line["confidence"]) - row["confidence"]) <= 0.00005 + 1e-12
