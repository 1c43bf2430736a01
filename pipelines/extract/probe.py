"""A look at a source without reading it: for ``padan check``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.extract.columns import found, project, require
from pipelines.extract.inputs import inputs_of
from pipelines.extract.table import Input, Table, Unreadable
from pipelines.layouts import Layout
from pipelines.records import mask_text
from pipelines.settings import Settings, Source


@dataclass(frozen=True)
class Probe:
    """What a look at a source found.

    ``columns`` maps each field to the source's columns that fill it, ``absent`` are fields that stay empty,
    ``first`` is the first record as it will be understood, masked. ``problem`` is the line with which a run
    would put the source aside, or None.
    """

    source: str
    inputs: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    first: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None


def probe(source: Source, settings: Settings) -> Probe:
    """Try to open every input of a source and look at its columns and first record; raises nothing.

    Of each file only the first lines are read, of a database one row.
    """
    inputs: list[Input] = []
    seen: list[Mapping[str, tuple[str, ...]]] = []
    first: Mapping[str, str] = {}
    problem = None
    try:
        inputs = inputs_of(source, settings)
        for item in inputs:
            columns, record = _look(item, source.layout)
            seen.append(columns)
            first = first or record
    except Unreadable as error:
        at = inputs[len(seen)].label + ": " if inputs else ""
        problem = f"{at}{error}"
    columns = seen[0] if seen else {}
    absent = tuple(f for f in source.layout.columns if f not in columns) if columns else ()
    return Probe(source.name, tuple(i.label for i in inputs), columns, absent, first, problem)


def _look(item: Input, layout: Layout) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, str]]:
    with item.open(layout, peek=True) as table:
        require(layout, table.columns)
        return found(layout, table.columns), _first(table, layout, item.label)


def _first(table: Table, layout: Layout, label: str) -> Mapping[str, str]:
    for chunk in table.chunks:
        batch = project(layout, chunk, label).slice(0, 1).drop_columns(["file", "row"])
        for record in batch.to_pylist():
            return {name: mask_text(value) for name, value in record.items() if value is not None}
    return {}
