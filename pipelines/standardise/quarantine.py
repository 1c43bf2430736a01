"""What could not be read, written down with its reason: masked, counted, never silently dropped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pipelines.engine import sql_text
from pipelines.standardise.masks import mask_nik, mask_text

EXPECTED: Final = {
    "no_key": "a key that tells this record from every other",
    "key_twice": "one row a key; the newest stands",
    "superseded": "one row a number; the newest stands",
    "nik_missing": "a NIK of sixteen digits",
    "nik_malformed": "a NIK of sixteen digits",
    "result_unknown": "a result that the layout knows: found, not_found or mismatch",
    "date_unreadable": "a date, e.g. 1990-12-31 or 31-12-1990",
    "date_impossible": "a day that the calendar has",
    "date_too_old": "a date after 1899",
    "date_in_future": "a date not after the run's",
    "sex_unknown": "L or P, or one of the layout's words for them",
    "status_unknown": "one of the layout's words for active, deceased, inactive; taken as active",
    "number_malformed": "sixteen digits",
}
"""For each reason what was expected, in one phrase."""

NUMBERS: Final = ("nik", "kk", "mother_nik", "father_nik")
"""Fields whose values are masked as numbers."""


def notes(fields: Iterable[str]) -> str:
    """One column for those values of a row that could not be read; null where all could, which is usual.

    Uses ``raw_<field>`` and ``<field>_fault`` of each field; a list of (field, raw value, reason), in which an
    entry without a reason says nothing. ``values`` masks what it takes of it.
    """
    faults = [f"{field}_fault" for field in fields]
    entries = ", ".join(f"{{'field': {sql_text(f)}, 'value': raw_{f}, 'reason': {f}_fault}}" for f in fields)
    return f"case when coalesce({', '.join(faults)}) is not null then [{entries}] end"


def values(source: str, table: str) -> str:
    """The query for ``QUARANTINE``'s rows of scope ``value`` from the ``notes`` of ``table``."""
    each = f'(select file, "row", position, unnest(notes) as note from {table} where notes is not null)'
    number = f"note.field in ({', '.join(map(sql_text, NUMBERS))})"
    value = f"case when {number} then {mask_nik('note.value')} else {mask_text('note.value')} end"
    return _query(source, each, "value", "note.field", value, "note.reason")


def rows(source: str, table: str, field: str, value: str, reason: str, scope: str = "row") -> str:
    """The query for ``QUARANTINE``'s rows of one field of ``table``.

    One for each row there whose ``reason`` (a column with a key of ``EXPECTED``) is not null; ``value`` is
    the column of the field's raw value, masked here. Needs ``file``, ``row``, ``position``.
    """
    return _query(source, table, scope, sql_text(field), masked(field, value), reason)


def together(queries: Iterable[str]) -> str:
    """All of them as one query, in the order of the source's rows."""
    joined = " union all ".join(queries)
    return f'select * from ({joined}) order by file, "row", position, scope, "column"'


def masked(field: str, value: str) -> str:
    """The value as a report may show it: a number as a number, anything else as text."""
    return mask_nik(value) if field in NUMBERS else mask_text(value)


def _query(source: str, table: str, scope: str, field: str, value: str, reason: str) -> str:
    expected = " ".join(f"when {sql_text(key)} then {sql_text(phrase)}" for key, phrase in EXPECTED.items())
    return (
        f"select {sql_text(source)} as source, 'standardise' as stage, {sql_text(scope)} as scope, "
        f'file, "row", {field} as "column", {value} as value, {reason} as reason, '
        f"case {reason} {expected} end as expected, position from {table} where {reason} is not null"
    )
