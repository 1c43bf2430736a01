"""Which column of an input fills which field of the layout.

Names match in any case, without spaces around them, a space or dot being the same as an underscore:
``Tgl. Lahir``, ``TGL_LAHIR`` and ``tgl_lahir`` are one column. Of several columns that may fill a field, each
row takes the first one that is filled, in the layout's order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.extract.table import Chunk, Unreadable
from pipelines.layouts import Layout
from pipelines.records import raw_schema

_GAP = re.compile(r"[\s_.]+")
_INVISIBLE = re.compile("[\ufeff\u200b\u200e\u200f]")
_LONG = re.compile(r"\d{9,}")
_MANY_DIGITS = re.compile(r"(\d\D?){6}")
BLANK = " \t\r\n\v\f"
"""A cell with nothing else in it is empty."""

_SHOWN = 40
"""Column names listed in an error, and letters of each: a header may be hostile or huge."""


@lru_cache(maxsize=4096)
def key(name: str) -> str:
    """The form in which column names are compared.

    >>> key(" Tgl. Lahir "), key("J.K.")
    ('tgl_lahir', 'j_k')
    """
    return _GAP.sub("_", _INVISIBLE.sub("", name)).strip("_").casefold()


def wanted(layout: Layout) -> frozenset[str]:
    """The keys of every column that the layout could use; all others are never kept."""
    return frozenset(key(name) for names in layout.columns.values() for name in names)


def found(layout: Layout, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Each field that some column can fill, with those columns as the input writes them."""
    there = {key(name): name for name in reversed([*names])}
    fields = {
        field: tuple(there[k] for k in dict.fromkeys(map(key, synonyms)) if k in there)
        for field, synonyms in layout.columns.items()
    }
    return {field: columns for field, columns in fields.items() if columns}


def missing(layout: Layout, names: Iterable[str]) -> tuple[str, ...]:
    """The required fields that no column can fill."""
    there = found(layout, names)
    return tuple(field for field in layout.required if field not in there)


def positions(layout: Layout, header: Sequence[str]) -> dict[str, int]:
    """Where each wanted column stands in a header; of two with the same name the first counts."""
    keys = wanted(layout)
    return {k: at for at, k in reversed([*enumerate(map(key, header))]) if k in keys}


def best_header(layout: Layout, rows: Sequence[Sequence[str]]) -> int | None:
    """Which of an input's first rows is its header; None if all are empty.

    The first that has every required column; if none has, the one with the most of the layout's columns,
    so that the error names the columns of the row that was meant.
    """
    filled = [at for at, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        return None
    return next(
        (at for at in filled if satisfied(layout, rows[at])),
        max(filled, key=lambda at: (len(found(layout, rows[at])), -at)),
    )


def satisfied(layout: Layout, names: Sequence[str]) -> bool:
    """Whether every required field, and at least one, can be filled from these columns."""
    return bool(found(layout, names)) and not missing(layout, names)


def two_rows(layout: Layout, above: Sequence[str], below: Sequence[str]) -> tuple[str, ...] | None:
    """A header whose second row divides groups of the first, as one row of names; None if it is none.

    A group is a label with empty cells (or the same label) to its right, as a merged cell is stored: its
    columns are called ``group/name``. It is one only if the layout knows such a name, and if nothing stands
    in the second row below a label of a single column: there it would be data.
    """
    names, group, single = [], "", True
    for at in range(max(len(above), len(below))):
        top, under = (row[at].strip() if at < len(row) else "" for row in (above, below))
        after = above[at + 1].strip() if at + 1 < len(above) else ""
        if top and top != group:
            group, single = top, after not in ("", top)
        if single and under:
            return None
        names.append(f"{group}/{under}" if under else top)
    known = wanted(layout)
    return tuple(names) if any("/" in name and key(name) in known for name in names) else None


def require(layout: Layout, names: Sequence[str]) -> None:
    """Raise ``Unreadable`` unless the layout's required columns are among ``names``."""
    if satisfied(layout, names):
        return
    absent = missing(layout, names) or tuple(layout.columns)
    wanting = ", ".join(f"{field} ({' or '.join(layout.columns[field])})" for field in absent)
    raise Unreadable(f"no column for {wanting}; {_there(names)}")


def _there(names: Sequence[str]) -> str:
    """The columns that are there; never a row of data that stands where a header should."""
    if any(_MANY_DIGITS.search(name) for name in names):
        return "the first line looks like data, a header was expected"
    shown = ", ".join(name.strip()[:_SHOWN] for name in names[:_SHOWN] if name.strip())
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"columns there: {shown or 'none'}{more}"


def shown_names(names: Sequence[str]) -> list[str]:
    """Column names as others may see them: shortened, not too many, and no long number, whatever a header holds."""
    shown = (_LONG.sub("…", name.strip())[:_SHOWN] for name in names)
    return list(dict.fromkeys(name for name in shown if name))[: 5 * _SHOWN]


def emptied(cells: pa.Array) -> pa.Array:
    """Cells with nothing but blanks in them become null; all others stay exactly as they are."""
    # A text that sorts before '!' begins with a blank or a control sign: one cheap look spares the trimming.
    if not pc.any(pc.less(cells, "!")).as_py():
        return cells
    blank = pc.equal(pc.ascii_trim_whitespace(cells), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), cells)


def project(layout: Layout, chunk: Chunk, label: str) -> pa.RecordBatch:
    """A chunk as rows of ``raw/<source>``: null where no column fills the field or the cell is empty."""
    schema = raw_schema(layout.fields)
    cells = {k: emptied(column) for k, column in chunk.columns.items()}
    count = len(chunk.rows)
    columns = [_field(layout.columns.get(field, ()), cells, count) for field in layout.fields]
    return pa.record_batch([pa.repeat(label, count), chunk.rows, *columns], schema=schema)


def _field(synonyms: Sequence[str], cells: Mapping[str, pa.Array], count: int) -> pa.Array:
    columns = [cells[k] for k in dict.fromkeys(map(key, synonyms)) if k in cells]
    if not columns:
        return pa.nulls(count, pa.string())
    return columns[0] if len(columns) == 1 else pc.coalesce(*columns)
