"""How tests of this room read values: one value as a clerk wrote it, through the room's own SQL."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

import duckdb
from hypothesis import strategies as st

from pipelines.engine import sql_text
from pipelines.standardise.known import load_known
from pipelines.standardise.steps import Concept, nest


@cache
def database() -> duckdb.DuckDBPyConnection:
    """One small database for all expressions, with what is known of regions."""
    con = duckdb.connect(":memory:", config={"threads": 1})
    load_known(con)
    return con


@cache
def prepared(query: str) -> str:
    """The name of a prepared statement: planning a query of many steps takes longer than running it."""
    name = f"q{next(NUMBERS)}"
    database().execute(f"prepare {name} as {query}").fetchall()
    return name


NUMBERS = count()


def run(query: str, values: Sequence[str | None]) -> dict[str, Any]:
    """The one row of a query, given its parameters."""
    given = ", ".join("null" if value is None else sql_text(value) for value in values)
    found = database().execute(f"execute {prepared(query)}({given})" if values else query)
    names = [column[0] for column in found.description or []]
    (row,) = found.fetchall()
    return dict(zip(names, row, strict=True))


def evaluate(sql: str, value: str | None) -> Any:
    """The value of an expression over a text column ``x``."""
    return run(f"select {sql} as made from (select cast(? as varchar) as x)", [value])["made"]


def read(concept: Concept, **columns: str | None) -> dict[str, Any]:
    """What a concept makes of one row of text columns: every column by name."""
    given = ", ".join(f"cast(? as varchar) as {name}" for name in columns)
    return run(nest(f"select {given}", concept), list(columns.values()))


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
"""Any text that a database can hold."""

MESSY = st.text(
    st.sampled_from("AEHMNRSTXaehimnorst015 .,-'’`\"()/\u00a0\u200bé５ſﬁ\t:") | st.characters(codec="utf-8"),
    max_size=40,
)
"""Text rich in what people and programs put around a name or number."""
