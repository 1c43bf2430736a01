"""The tolerant way through delimited text: row by row, a damaged one put aside with its line.

Rows of a damaged block are kept whenever they can be told apart: a line without quotes is split at its
delimiters; one with quotes is read strictly by Python's ``csv``, over as many lines as its cells need.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipelines.extract.columns import BLANK
from pipelines.extract.readers.shape import Shape, Step
from pipelines.extract.table import Chunk, Reject, hint

LONGEST_ROW = 200
"""Lines that one row may span; further on, its quote counts as never closed."""

_TELLING = 4
"""Columns from which on a line with just the right number of delimiters is surely a row of its own."""

_USUAL = 20
"""Lines of one row that nobody doubts as long as no quote of the block is broken."""

_BROKEN = "broken_quote"
_NUMBER = re.compile(r"\s*'?\d[\d ]{6,}\s*")
"""A cell with a long number and nothing else: what stands so between delimiters is no prose."""


@dataclass(frozen=True)
class _Row:
    """The lines a row takes, and its cells (none: nothing in it) or what is wrong with it."""

    lines: int
    cells: Sequence[str] = ()
    reason: str = ""
    expected: str = ""


def read(block: bytes, shape: Shape, line: int, last: bool) -> Step:
    """Read the whole rows of ``block``, whose first line has the number ``line``.

    Where a quote turns out to be broken, the block is read again, and no cell over several lines is believed
    that may have swallowed a row.
    """
    step = _read(block, shape, line, last, doubting=False)
    if any(reject.reason == _BROKEN for reject in step.chunk.rejects):
        return _read(block, shape, line, last, doubting=True)
    return step


def _read(block: bytes, shape: Shape, line: int, last: bool, doubting: bool) -> Step:
    lines = block.decode("utf-8").split("\n")
    # What follows the last line end is nothing, or a line not yet whole; at the file's end it is whole.
    tail = "" if last and lines[-1] else lines.pop()
    rows: list[int] = []
    kept: list[Sequence[str]] = []
    rejects: list[Reject] = []
    at = 0
    while at < len(lines) and (row := _row(lines, at, shape, last, doubting)):
        if row.reason:
            rejects.append(Reject(line + at, hint(lines[at]), row.reason, row.expected))
        elif row.cells:
            rows.append(line + at)
            kept.append(row.cells)
        at += row.lines
    columns = {k: pa.array([cells[p] for cells in kept], pa.string()) for k, p in shape.positions.items()}
    rest = "\n".join((*lines[at:], tail)).encode("utf-8")
    return Step(Chunk(pa.array(rows, pa.int64()), columns, tuple(rejects)), rest, at)


def _row(lines: Sequence[str], at: int, shape: Shape, last: bool, doubting: bool) -> _Row | None:
    """The row that begins at ``lines[at]``; None if its end may lie beyond the block."""
    if '"' not in lines[at]:
        return _judged(lines[at].removesuffix("\r").split(shape.delimiter), 1, shape)
    until = min(at + LONGEST_ROW, len(lines))
    reader = csv.reader((lines[i] + "\n" for i in range(at, until)), delimiter=shape.delimiter, strict=True)
    try:
        cells = next(reader)
    except csv.Error:
        if not last and at + reader.line_num == until == len(lines) and until - at < LONGEST_ROW:
            return None
        return _broken_quote()
    continued = lines[at + 1 : at + reader.line_num]
    doubtful = (doubting or len(continued) >= _USUAL) and _swallowed_a_row(continued, shape)
    if doubtful or holds_a_row(continued, shape):
        return _broken_quote()
    return _judged(cells, reader.line_num, shape)


def _broken_quote() -> _Row:
    """Only the first line is given up: the next one is tried as a row of its own."""
    return _Row(1, reason=_BROKEN, expected='every quote closed, and doubled ("") inside a quoted cell')


def _swallowed_a_row(continued: Sequence[str], shape: Shape) -> bool:
    """Whether a cell of several lines holds what looks like a row: then its quote was never meant to open."""
    width = len(shape.names)
    return width >= _TELLING and any(line.count(shape.delimiter) == width - 1 for line in continued)


def holds_a_row(continued: Sequence[str], shape: Shape) -> bool:
    """Whether a cell of several lines holds a line that is a row beyond doubt, so that a person would be lost.

    By the letter two stray quotes, some rows apart, make one legal cell of all that lies between them.
    """
    width = len(shape.names)
    return width >= _TELLING and any(
        line.count(shape.delimiter) == width - 1
        and '"' not in line
        and any(_NUMBER.fullmatch(cell) for cell in line.split(shape.delimiter))
        for line in continued
    )


def _judged(cells: Sequence[str], lines: int, shape: Shape) -> _Row:
    """A row with as many cells as the header, or the reason why it is none."""
    width = len(shape.names)
    if not any(cell.strip(BLANK) for cell in cells):
        return _Row(lines)
    if len(cells) > width and not any(cell.strip(BLANK) for cell in cells[width:]):
        cells = cells[:width]  # delimiters too many at the end of a line carry nothing
    if len(cells) > width:
        return _Row(lines, reason="too_many_columns", expected=f"{width} columns, seen {len(cells)}")
    if len(cells) < shape.fewest:
        return _Row(lines, reason="too_few_columns", expected=f"{width} columns, seen {len(cells)}")
    if shape.is_header(cells):
        return _Row(lines, reason="header_again", expected="a row of data, seen the header once more")
    return _Row(lines, cells=[*cells, *[""] * (width - len(cells))])
