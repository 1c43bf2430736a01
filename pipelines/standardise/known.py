"""Kemendagri's codes in a form that a query can look into without a join.

DuckDB keeps rows in their order through everything but joins (a table of constants to compare with is one,
too), and records leave this room in the order in which they came. So what is looked up for each row lies in
variables of the connection: a bit for each code that there is or was, and the districts' names by number.
"""

from __future__ import annotations

from typing import Final, Literal

import duckdb

from pipelines.regions import load_regions
from pipelines.standardise.places import DISTRICT, place

Level = Literal["province", "regency", "district"]

DIGITS: Final[dict[Level, int]] = {"province": 2, "regency": 4, "district": 6}
"""Of a code of each level, without its dots."""


def load_known(con: duckdb.DuckDBPyConnection) -> None:
    """Create what ``is_known`` and ``district_name`` look into, and let no list in a query become a join."""
    con.execute("set disabled_optimizers = 'in_clause'").fetchall()
    load_regions(con)
    digits = "replace(code, '.', '')"
    for level, count in DIGITS.items():
        con.execute(
            f"set variable known_{level} = (select bitstring_agg(cast({digits} as integer), 0, {10**count - 1}) "
            f"from regions where length({digits}) = {count})"
        ).fetchall()
    districts = f"regions where length({digits}) = {DIGITS['district']}"
    con.execute(f"create type district as enum (select code from {districts} order by code)").fetchall()
    con.execute(
        f"set variable district_names = (select list({place('upper(name)', DISTRICT)} order by code) from {districts})"
    ).fetchall()


def is_known(level: Level, digits: str) -> str:
    """SQL: whether any edition has the code; ``digits`` are the code's, without dots, as text."""
    return f"get_bit(getvariable('known_{level}'), cast({digits} as integer)) = 1"


def district_name(code: str) -> str:
    """SQL: Kemendagri's name of ``PP.KK.CC``, written as ``places.place`` does; null where there is none."""
    known = is_known("district", f"replace({code}, '.', '')")
    return (
        f"case when {known} then getvariable('district_names')[enum_code(cast({code} as district)) + 1] end"
    )
