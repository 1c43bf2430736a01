"""What every kind of spreadsheet has in common: which sheet is meant, where its header ends, and its rows.

A header may have a second row that divides groups of the first (``columns.two_rows``). A cell merged over
several rows counts for each of them, as a person sees it; hidden rows and columns are data like the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from pipelines.extract.columns import BLANK, best_header, found, key, positions, satisfied, two_rows
from pipelines.extract.limits import most_columns
from pipelines.extract.table import Chunk, Reject, Unreadable
from pipelines.extract.values import column_of, text_of
from pipelines.layouts import Layout

HEADER_WITHIN = 20
BATCH = 5_000

Cells = Sequence[Any]
Span = tuple[int, int, int]
"""A cell merged downwards: its column (from 0), its first and its last row (from 1)."""


@dataclass(frozen=True)
class Sheet:
    """One sheet, whatever program wrote it; ``rows``, ``merged`` and ``uncalculated`` read it at each call.

    ``uncalculated`` are cells with a formula that no program has calculated: their columns, by their row.
    """

    visible: bool
    rows: Callable[[], Iterator[Cells]]
    merged: Callable[[], Sequence[Span]]
    uncalculated: Callable[[], Mapping[int, Set[int]]] = dict

    def top(self, count: int) -> list[list[str]]:
        """The first rows as text."""
        return [[text_of(value) or "" for value in row] for row in islice(self.rows(), count)]


@dataclass(frozen=True)
class Chosen:
    """The sheet to read, its columns' names, the keys of each row of its header, and where the data begin."""

    sheet: Sheet
    names: tuple[str, ...]
    header: tuple[tuple[str, ...], ...]
    above: int


def choose(sheets: Sequence[Sheet], layout: Layout) -> Chosen:
    """The first sheet with all that the layout requires, a visible one before hidden ones.

    Raises ``Unreadable`` if every sheet is empty; if none has the required columns, the one that comes
    nearest is chosen, so that the error names its columns.
    """
    candidates = []
    for sheet in sheets:
        top = sheet.top(HEADER_WITHIN + 1)
        at = best_header(layout, top[:HEADER_WITHIN])
        if at is not None and layout.header:
            return Chosen(sheet, layout.header, (), 0)  # the first that holds anything; no row is a header
        if at is not None:
            candidates.append(_headed(sheet, top, at, layout))
    if not candidates:
        raise Unreadable("the workbook is empty; expected a sheet with a header row")
    return max(
        candidates, key=lambda c: (satisfied(layout, c.names), c.sheet.visible, len(found(layout, c.names)))
    )


def _headed(sheet: Sheet, top: Sequence[Sequence[str]], at: int, layout: Layout) -> Chosen:
    both = two_rows(layout, top[at], top[at + 1]) if at + 1 < len(top) else None
    rows = top[at : at + 2] if both else top[at : at + 1]
    header = tuple(tuple(k for k in map(key, row) if k) for row in rows)
    return Chosen(sheet, both or tuple(top[at]), header, at + len(rows))


def chunks(chosen: Chosen, layout: Layout, peek: bool) -> Iterator[Chunk]:
    """The sheet's rows below its header; ``row`` is the sheet's own row number."""
    where = positions(layout, chosen.names)
    open_formulas = chosen.sheet.uncalculated()
    without = {row for row, columns in open_formulas.items() if not columns.isdisjoint(where.values())}
    rows = _spread(islice(enumerate(chosen.sheet.rows(), 1), chosen.above, None), chosen, without)
    while batch := list(islice(rows, 1 if peek else BATCH)):
        judged = [(number, cells, _fault(number, cells, chosen, without)) for number, cells in batch]
        kept = [(number, cells) for number, cells, fault in judged if fault is None]
        rejects = [fault for *_, fault in judged if fault]
        columns = {k: column_of([_at(cells, p) for _, cells in kept]) for k, p in where.items()}
        yield Chunk(pa.array([number for number, _ in kept], pa.int64()), columns, tuple(rejects))


def _fault(number: int, cells: Cells, chosen: Chosen, without: Set[int]) -> Reject | None:
    """Why a row cannot be taken as it stands, if so."""
    if number in without:
        what = "what its formulas give: open the file in a spreadsheet program and save it"
        return Reject(number, "", "formula_uncalculated", what)
    if _is_header(cells, chosen.header):
        return Reject(number, "", "header_again", "a row of data, seen the header once more")
    return None


def _spread(
    rows: Iterator[tuple[int, Cells]], chosen: Chosen, without: Set[int]
) -> Iterator[tuple[int, Cells]]:
    """The rows in which something stands, or is to be calculated, each with what merged cells above it say."""
    below = (s for s in chosen.sheet.merged() if s[1] > chosen.above and s[0] < most_columns())
    waiting = sorted(below, key=lambda s: -s[1])
    open_: dict[int, tuple[Span, Any]] = {}  # by column: two that lie over one another are no sheet's
    for number, cells in rows:
        open_ = {at: merged for at, merged in open_.items() if merged[0][2] >= number}
        seen = cells
        if open_ and not all(map(is_blank, cells)):
            width = max(len(cells), max(open_) + 1)
            filled = [*cells, *[None] * (width - len(cells))]
            for at, (_, value) in open_.items():
                filled[at] = value if is_blank(filled[at]) else filled[at]
            seen = filled
        while waiting and waiting[-1][1] <= number:
            span = waiting.pop()
            if span[1] == number:
                open_[span[0]] = span, _at(cells, span[0])
        if number in without or not all(map(is_blank, cells)):
            yield number, seen


def _at(cells: Cells, position: int) -> Any:
    return cells[position] if position < len(cells) else None


def is_blank(value: Any) -> bool:
    """Whether a cell holds nothing that a person would see."""
    return value is None or (isinstance(value, str) and not value.strip(BLANK))


def _is_header(cells: Cells, header: Sequence[Sequence[str]]) -> bool:
    """Whether a row is one of the header's once more, as in sheets that were pasted together."""
    first = next((v for v in cells if not is_blank(v)), None)
    if not isinstance(first, str) or key(first) not in {row[0] for row in header if row}:
        return False
    filled = tuple(key(text_of(value) or "") for value in cells if not is_blank(value))
    return filled in header
