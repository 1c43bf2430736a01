"""Whatever table a careful program writes, the same is read; whatever bytes lie there, nothing is lost."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.errors import SourceUnreadable
from pipelines.extract.readers import delimited
from pipelines.extract.readers.shape import Step
from pipelines.layouts import Layout
from tests.extract.office import Office, Reading, packed

FIELDS = ("record_id", "nik", "name", "address")
HEADER = ("A", "B", "C", "D")
LAYOUT = Layout(
    name="abcd", columns={f: (h,) for f, h in zip(FIELDS, HEADER, strict=True)}, required=("record_id",)
)
BLANK = " \t\r\n\v\f"

awkward = st.text(st.sampled_from('ab1",;|\t\n\' é"\n'), max_size=8)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
cells = st.one_of(
    awkward, anything, st.sampled_from(["", "NULL", "NA", " ", '"', '""', "\n", "A", "5.3E+15"])
)
tables = st.lists(st.tuples(cells, cells, cells, cells), max_size=12)


def read(content: bytes, name: str = "t.csv") -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        office.write(name, content)
        return office.read(name, LAYOUT)


def expected(rows: list[tuple[str, ...]], starts: list[int]) -> list[dict[str, object]]:
    """What must come out: a cell of blanks is nothing, a row of them no row."""
    found = []
    for start, row in zip(starts, rows, strict=True):
        filled = {field: cell for field, cell in zip(FIELDS, row, strict=True) if cell.strip(BLANK)}
        if filled:
            found.append({"file": "t.csv", "row": start, **filled})
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@given(rows=tables)
@settings(deadline=None, max_examples=60)
def test_a_table_comes_back_as_it_was_written(
    delimiter: str, quoting: int, rows: list[tuple[str, ...]]
) -> None:
    rows = [row for row in rows if tuple(cell.strip().casefold() for cell in row) != ("a", "b", "c", "d")]
    text, starts = io.StringIO(), []
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting)
    writer.writerow(HEADER)
    for row in rows:
        starts.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    reading = read(text.getvalue().encode("utf-8"))
    assert reading.rows == expected(rows, starts)
    assert reading.aside == []


@given(rows=tables, size=st.integers(1, 60))
@example(rows=[("", "", "", "1")], size=8)  # a piece that ends between the two signs of a line end
@settings(deadline=None, max_examples=60)
def test_where_the_blocks_are_cut_changes_nothing(rows: list[tuple[str, ...]], size: int) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([HEADER, *rows])
    content = text.getvalue().encode("utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.extract.stream.PIECE", size)
        assert read(content).rows == read(packed(content)).rows
        cut = read(content).rows
    assert cut == read(content).rows


damaged = st.lists(st.text(st.sampled_from('ab1",,,"\n\r; \0é'), max_size=30), max_size=12).map("\n".join)


@given(body=damaged, size=st.sampled_from([7, 1 << 20]))
@example(body='"', size=7)
@example(body='a,b,c,d\r\n"a,b\n,c,d', size=7)
@settings(deadline=None, max_examples=300)
def test_no_damage_loses_a_row_or_stops_the_reader(body: str, size: int) -> None:
    """Every line with something in it belongs to a row, kept or put aside; none is counted twice."""
    lines = body.split("\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.extract.stream.PIECE", size)
        reading = read(b"A,B,C,D\n" + body.encode())
    places = [row["row"] for row in reading.rows] + [row["row"] for row in reading.aside]
    assert len(set(places)) == len(places)
    assert reading.inputs[0]["rows"] == len(places)
    for number, line in enumerate(lines, 2):
        if line.strip(BLANK + ",") and '"' not in body:  # without quotes, a line is a row
            assert number in places


uneven = st.lists(
    st.one_of(
        st.lists(st.text(st.sampled_from("abc 1é,\n"), max_size=5), min_size=1, max_size=6),
        st.sampled_from([["", "", "", ""], [" ", "", ""], [""], list(HEADER), ["a", " b", "C", "D"]]),
    ),
    max_size=12,
)


@given(rows=uneven, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
@settings(deadline=None, max_examples=150)
def test_both_ways_through_a_block_agree(rows: list[list[str]], quoting: int) -> None:
    """Rows too short, too long, empty, or the header again: kept or put aside alike, with the same line."""
    text = io.StringIO()
    csv.writer(text, quoting=quoting).writerows([HEADER, *rows])
    content = text.getvalue().encode("utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited.fast, "WORTHWHILE", 1)
        patch.setattr(
            delimited.tolerant, "_read", _never_for_a_whole_block(content, delimited.tolerant._read)
        )
        quick = read(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited.fast, "read", lambda *_: None)
        slow = read(content)
    assert (quick.rows, quick.aside) == (slow.rows, slow.aside)


def _never_for_a_whole_block(content: bytes, judge: Callable[..., Step]) -> Callable[..., Step]:
    """The fast way may ask about single rows only, or the comparison would be of one way with itself."""
    body = content.split(b"\n", 1)[1]

    def judged(block: bytes, *rest: Any, **options: Any) -> Step:
        assert block.count(b"\n") < body.count(b"\n") or body.count(b"\n") < 2
        return judge(block, *rest, **options)

    return judged


@given(content=st.binary(max_size=200))
@settings(deadline=None, max_examples=300)
def test_arbitrary_bytes_are_read_or_refused_in_one_line(content: bytes) -> None:
    try:
        reading = read(content)
    except SourceUnreadable as error:
        said = str(error)
    else:
        said = ""
        assert reading.inputs[0]["rows"] == len(reading.rows) + len(reading.aside)
    assert "\n" not in said
