"""Queries built of small named steps, each of which can be printed, read and run alone.

A step maps new column names to the SQL that makes them from the columns before it. A concept (names,
dates, …) is a list of steps. Concepts that do not need each other run side by side: their first steps
become one select, their second steps the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest

import pyarrow.parquet as pq

from pipelines.engine import Artifact, sql_text

Step = Mapping[str, str]
"""New column → SQL expression over the columns that are there already."""

Concept = list[Step]
"""Steps in order; a later one may use what an earlier one made."""


def read_raw(raw: Artifact, fields: Iterable[str]) -> str:
    """The query for ``file``, ``row``, ``position`` (the row's place in the table), each ``raw_<field>``."""
    columns = ", ".join(f"{field} as raw_{field}" for field in fields)
    return (
        f'select file, "row", file_row_number as position, {columns} '
        f"from read_parquet({sql_text(raw.file)}, file_row_number = true)"
    )


def filled(raw: Artifact) -> frozenset[str]:
    """The raw table's columns with a value in at least one row, as its file's own statistics tell."""
    metadata = pq.read_metadata(raw.file)
    chunks = (
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    return frozenset(
        chunk.path_in_schema
        for chunk in chunks
        if chunk.statistics is None or chunk.statistics.null_count < chunk.num_values
    )


def side_by_side(*concepts: Iterable[Step]) -> Concept:
    """Merge concepts step by step. Raises ``ValueError`` if two of them make the same column."""
    merged: Concept = []
    seen: set[str] = set()
    nothing: Step = {}
    for layer in zip_longest(*concepts, fillvalue=nothing):
        names = [name for step in layer for name in step]
        twice = sorted({name for name in names if names.count(name) > 1 or name in seen})
        if twice:
            raise ValueError(f"made by two concepts: {', '.join(twice)}")
        seen.update(names)
        merged.append({name: sql for step in layer for name, sql in step.items()})
    return merged


def where(given: str, concept: Concept, otherwise: Step | None = None) -> Concept:
    """The same columns, worked out only in rows where the column ``given`` is not null.

    In the others they have the value that ``otherwise`` gives, or null. So a concept that is dear for each
    row costs little where a cheaper look has answered most rows already.
    """
    cheap = otherwise or {}
    return [
        {
            c: f"case when {given} is not null then {sql} else {cheap.get(c, 'null')} end"
            for c, sql in step.items()
        }
        for step in concept
    ]


def nest(query: str, steps: Iterable[Step]) -> str:
    """Put each step as one ``select *, …`` around the query before it."""
    for step in steps:
        columns = ", ".join(f"{sql} as {name}" for name, sql in step.items())
        query = f"select *, {columns} from ({query})"
    return query
