"""The header and the first thousand rows of a source whose layout nobody has written yet.

Readers keep only what a layout maps, so a layout is made up that maps every column. Which row is the header
is decided by known names; where there are none, by its place: the first row as wide as the rest that holds
no data. Where the first such row is data already, the file has no header and its columns get numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.errors import SourceUnreadable
from pipelines.extract.columns import emptied, found, key, two_rows
from pipelines.extract.inputs import FileInput, inputs_of
from pipelines.extract.table import Input, Unreadable
from pipelines.extract.top import Grid, grids
from pipelines.layouts import Layout
from pipelines.records import PERSON_FIELDS
from pipelines.settings import Settings, Source
from pipelines.suggest.hints import synonyms

ROWS = 1_000
COLUMNS = 400
"""Columns looked at: a header of more is no table of people."""

SURE = 2
"""Known names in a row from which on it is taken for the header."""

_DATA = re.compile(r"\d{6,}|\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d[.,]\d+E\+?\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Sample:
    """What was looked at: ``cells`` maps a column's key to its values, null where empty.

    ``names`` are the columns as the source writes them; ``headerless`` that it does not and they are numbers;
    ``twice`` names that stand there again, whose later columns nobody can reach.
    """

    label: str
    names: tuple[str, ...]
    cells: Mapping[str, pa.Array]
    headerless: bool = False
    twice: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were looked at."""
        return max(map(len, self.cells.values()), default=0)


def scout() -> Layout:
    """A layout that knows every name of every shipped one."""
    return Layout(name="scout", columns={field: tuple(sorted(names)) for field, names in synonyms().items()})


def sample(source: Source, settings: Settings) -> Sample:
    """The first input's header and first rows. Raises ``SourceUnreadable``."""
    item: Input | None = None
    try:
        item = inputs_of(source, settings)[0]
        header, has_none = _header(item.path) if isinstance(item, FileInput) else ((), False)
        names = header or _names(item)
        return _read(item, names[:COLUMNS], has_none)
    except Unreadable as error:
        raise SourceUnreadable(item.label if item else source.name, str(error)) from error


def everything(names: Sequence[str], headerless: bool) -> Layout:
    """A layout that keeps every column; only the row that is the header has all that it requires."""
    fields: dict[str, list[str]] = {}
    for at, name in enumerate(names):
        fields.setdefault(PERSON_FIELDS[at % len(PERSON_FIELDS)], []).append(name)
    columns = {field: tuple(group) for field, group in fields.items()}
    header = tuple(names) if headerless else ()
    return Layout(name="everything", columns=columns, required=tuple(columns), header=header)


def _names(item: Input) -> tuple[str, ...]:
    with item.open(scout(), peek=True) as table:
        return table.columns


def _read(item: Input, names: Sequence[str], headerless: bool) -> Sample:
    keys = Counter(map(key, names))  # of columns with one name only the first can be reached
    parts: dict[str, list[pa.Array]] = {}
    count = 0
    with item.open(everything(names, headerless), peek=True) as table:
        for chunk in table.chunks:
            for k in keys:
                column = chunk.columns.get(k)
                part = pa.nulls(len(chunk.rows), pa.string()) if column is None else emptied(column)
                parts.setdefault(k, []).append(part[: ROWS - count])
            count = min(ROWS, count + len(chunk.rows))
            if count == ROWS:
                break
    cells = {k: pa.concat_arrays(part) for k, part in parts.items()}
    return Sample(
        item.label,
        tuple({key(name): name.strip() for name in reversed(names)}[k] for k in keys),
        cells or {k: pa.nulls(0, pa.string()) for k in keys},
        headerless,
        tuple(sorted(k for k, count in keys.items() if count > 1)),
    )


def _header(path: Path) -> tuple[tuple[str, ...], bool]:
    """The header of a file that may have one anywhere near its top, or numbers for one that has none.

    Empty where the format names its columns itself.
    """
    seen = grids(path)
    known = [(len(found(scout(), row)), grid, at) for grid in seen for at, row in enumerate(grid)]
    count, grid, at = max(known, key=lambda k: k[0], default=(0, [], 0))
    if count >= SURE:
        return (at + 1 < len(grid) and two_rows(scout(), grid[at], grid[at + 1])) or tuple(grid[at]), False
    grid = max(seen, key=_worth, default=[])
    width = _width(grid)
    first = next((row for row in grid if sum(map(bool, map(str.strip, row))) > width / 2), None)
    if first is None:
        return (), False
    if any(map(_DATA.search, first)):
        return tuple(f"kolom_{at:02}" for at in range(1, width + 1)), True
    return tuple(first), False


def _width(grid: Grid) -> int:
    """How many cells most rows have, those of titles and sums aside."""
    widths = Counter(len(row) for row in grid if len(row) > 1 and any(map(str.strip, row)))
    return max(widths.items(), key=lambda w: (w[1], w[0]), default=(1, 0))[0]


def _worth(grid: Grid) -> tuple[int, int]:
    """How much a file looks like a table that way: rows of one width, and how wide."""
    width = _width(grid)
    return (sum(len(row) == width for row in grid) if width > 1 else 0, width)
