"""A look at a source without reading it: for ``padan check``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from pipelines.extract.columns import found, project, require
from pipelines.extract.inputs import inputs_of
from pipelines.extract.limits import check_columns, within
from pipelines.extract.size import Size, size_of
from pipelines.extract.table import Input, Unreadable
from pipelines.layouts import Layout
from pipelines.records import mask_text, raw_schema
from pipelines.settings import Settings, Source

LOOKED_AT = 1_000
"""Rows of the first input that are kept to be looked at more closely."""

COUNTED = 20_000
"""Rows after which a look at one input ends, whatever its format."""


@dataclass(frozen=True)
class Probe:
    """What a look at a source found.

    ``columns`` maps each field to the source's columns that fill it, ``absent`` are fields that stay empty,
    ``first`` is the first record as it will be understood, masked. ``size`` is how many rows there are as
    far as a look can tell; ``sample`` the first of them as extract would write them (not masked: for the
    eyes of standardise only). ``problem`` is the line with which a run would put the source aside, or None.
    """

    source: str
    inputs: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    first: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    size: Size = field(default_factory=lambda: Size(0))
    sample: pa.Table | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Look:
    columns: Mapping[str, tuple[str, ...]]
    sample: pa.Table
    size: Size


def probe(source: Source, settings: Settings) -> Probe:
    """Try to open every input of a source and look at its columns and first records; raises nothing.

    Of each file only the first lines are read, of a database a thousand rows and their count.
    """
    inputs: list[Input] = []
    seen: list[_Look] = []
    problem = None
    try:
        inputs = inputs_of(source, settings)
        with within(settings.limits):
            for item in inputs:
                seen.append(_look(item, source.layout))  # noqa: PERF401  # what was seen before a fault counts
    except Unreadable as error:
        at = inputs[len(seen)].label + ": " if inputs else ""
        problem = f"{at}{error}"
    columns = seen[0].columns if seen else {}
    return Probe(
        source.name,
        tuple(i.label for i in inputs),
        columns,
        tuple(f for f in source.layout.columns if f not in columns) if columns else (),
        next((first for first in (_first(look.sample) for look in seen) if first), {}),
        problem,
        sum((look.size for look in seen), Size(0)),
        pa.concat_tables([look.sample for look in seen]).slice(0, LOOKED_AT) if seen else None,
    )


def _look(item: Input, layout: Layout) -> _Look:
    kept: list[pa.RecordBatch] = []
    rows, whole = 0, True
    with item.open(layout, peek=True) as table:
        check_columns(table.columns)
        require(layout, table.columns)
        columns = found(layout, table.columns)
        for chunk in table.chunks:
            if rows < LOOKED_AT:
                kept.append(project(layout, chunk, item.label))
            rows += len(chunk.rows) + len(chunk.rejects)
            if rows >= COUNTED:
                whole = False
                break
    # A database's look ends after a thousand rows by itself: so many may not be all.
    whole = whole and (hasattr(item, "path") or rows < LOOKED_AT)
    sample = pa.Table.from_batches(kept, raw_schema(layout.fields)).slice(0, LOOKED_AT)
    return _Look(columns, sample, size_of(item, rows, whole))


def _first(sample: pa.Table) -> Mapping[str, str]:
    """The first record, masked, without what is empty."""
    for record in sample.slice(0, 1).drop_columns(["file", "row"]).to_pylist():
        return {name: mask_text(value) for name, value in record.items() if value is not None}
    return {}
