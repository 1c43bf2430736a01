"""Kemendagri's region codes, current and historical: provinces, regencies, districts, villages.

``regions.csv.gz`` holds every code of the editions 2016 to 2026 with the first and last edition that had
it: ``code`` (``53``, ``53.01``, ``53.01.04``, ``53.01.04.2001``), ``name``, ``first_edition``,
``last_edition``. These are Kemendagri's codes, which identity numbers carry, not the statistics office's
(BPS), which differ. Numbers were issued under older codes too, so that a regency or district missing
here proves nothing; only an unknown province does.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import duckdb

from pipelines.engine import sql_text

Level = Literal["province", "regency", "district", "village"]

LEVEL_BY_LENGTH: Final[dict[int, Level]] = {2: "province", 5: "regency", 8: "district", 13: "village"}
"""A dotted code's length tells its level: ``PP``, ``PP.KK``, ``PP.KK.CC``, ``PP.KK.CC.VVVV``."""


class Region(NamedTuple):
    """One code: its name as Kemendagri writes it and the first and last edition (years) that had it."""

    code: str
    name: str
    first_edition: int
    last_edition: int

    @property
    def level(self) -> Level:
        """Province, regency (or city), district or village."""
        return LEVEL_BY_LENGTH[len(self.code)]


def region(code: str) -> Region | None:
    """What is known of a dotted code (``53``, ``53.01``, ``53.01.04``, ``53.01.04.2001``), if anything.

    Villages, nine codes in ten, are read only when one is asked for.
    """
    return _held("village" if len(code) > 8 else "district").get(code)


def region_name(code: str) -> str | None:
    """The name of a dotted code, e.g. ``Semau`` for ``53.01.04``; ``None`` if no edition had it."""
    found = region(code)
    return found.name if found else None


@cache
def known_provinces() -> frozenset[str]:
    """The two-digit codes of every province there ever was in the editions held."""
    return frozenset(code for code in _held("district") if len(code) == 2)


def load_regions(con: duckdb.DuckDBPyConnection, table: str = "regions", deepest: Level = "district") -> None:
    """Create the temporary table ``table`` (``code``, ``name``: text) with the codes down to ``deepest``."""
    columns = "{'code': 'varchar', 'name': 'varchar', 'first_edition': 'integer', 'last_edition': 'integer'}"
    with _file() as path:
        con.execute(
            f'create or replace temp table "{table}" as select code, name from read_csv({sql_text(path)}, '
            f"auto_detect = false, header = true, delim = ',', quote = '\"', columns = {columns}) "
            f"where length(code) <= {_longest(deepest)} order by code"
        ).fetchall()


@cache
def _held(deepest: Level) -> Mapping[str, Region]:
    """Every code down to that level; a line is looked into only if its code is short enough."""
    with _file() as path, gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        next(lines)  # the header
        short = (line for line in lines if line.index(",") <= _longest(deepest))
        regions = (Region(code, name, int(first), int(last)) for code, name, first, last in csv.reader(short))
        return MappingProxyType({found.code: found for found in regions})


def _longest(deepest: Level) -> int:
    return next(length for length, level in LEVEL_BY_LENGTH.items() if level == deepest)


def _file() -> AbstractContextManager[Path]:
    return as_file(files(__name__).joinpath("regions.csv.gz"))
