"""Records whose person has to be looked for among all people, and the candidates that blocking finds.

``seek`` holds three kinds: records whose number fails, records whose number's holder is not plainly the same
person, and *blind* ones: records of which the right person is known, whose number is hidden. The blind teach
the weights and measure how sure the result is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.match.blocking import block
from pipelines.match.comparisons import Compared, compare, numbered
from pipelines.match.evidence import date_state
from pipelines.match.numbers import compare_numbers
from pipelines.match.people import People
from pipelines.match.verify import Verified
from pipelines.match.weights import Array, IntArray

BLIND: Final = 3_000
"""Blind records for each source."""

SURE: Final = 0.999
"""From this probability on two records under one number are one person, if nothing below speaks against it."""

DOUBTFUL_NAME: Final = 7
DOUBTFUL_DATE: Final = 6
"""Levels from which a name or a date makes a held number worth a search, however well the rest agrees."""

BATCH: Final = 50_000
"""Pairs that are compared at once: what a batch needs in memory is a few hundred bytes a pair."""


@dataclass(frozen=True)
class Pairs:
    """One batch of candidates: record, registry row, levels of the fields and of the number."""

    a: npt.NDArray[np.int32]
    r: npt.NDArray[np.int32]
    src: npt.NDArray[np.int8]
    blind: npt.NDArray[np.bool_]
    by_field: npt.NDArray[np.bool_]  # found by a rule that does not read the number
    compared: Compared
    number: npt.NDArray[np.int8]
    state: npt.NDArray[np.int8]  # how the dates stand: see ``evidence.STATES``

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Pairs:
        """The chosen pairs only."""
        columns = {name: getattr(self, name)[rows] for name in _COLUMNS}
        return Pairs(compared=self.compared.take(rows), **columns)


_COLUMNS: Final = tuple(f.name for f in fields(Pairs) if f.name != "compared")


def together(parts: Sequence[Pairs]) -> Pairs:
    """One batch of at least one."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
    return Pairs(compared=Compared.together([part.compared for part in parts]), **columns)


SEEK: Final = f"""
    create table seek as
    select ag.*, false as blind, null::int as true_r from ag
      where ag.a in (select a from doubts) or not exists (select 1 from held h where h.a = ag.a)
    union all
    select * replace (-1 - a as a) from (
      select ag.*, true as blind, held.r as true_r from ag join held on held.a = ag.a where ag.a in (
        select a from (
          select ag.a, row_number() over (partition by ag.src order by ag.lot, ag.a) as n
          from ag join held using (a) where held.plain or ag.a in (select a from sure)) where n <= {BLIND}))"""
"""``seek`` from the tables ``doubts`` and ``sure`` (both: a)."""

CANDIDATES: Final = """
    select a, r, bool_or(by_field) as by_field from (
      select a, r, by_field from pairs
      union all select a, r, false from held where a in (select a from seek))
    group by a, r"""
"""What ``block`` found, and the holder of every doubtful record's number."""


def doubtful(verified: Verified) -> npt.NDArray[np.bool_]:
    """Which held pairs are not plainly one person."""
    return doubts(verified.compared, verified.plain, verified.one_person)


def doubts(compared: Compared, plain: npt.NDArray[np.bool_], one_person: Array) -> npt.NDArray[np.bool_]:
    """The same of any held pairs."""
    name, date, sex = (compared.levels[k] for k in ("name", "birth_date", "sex"))
    unlike = (name >= DOUBTFUL_NAME) | (name == 0) | (date >= DOUBTFUL_DATE) | (date == 0)
    other_sex = (sex == 2) & (name >= 3)
    return np.asarray(~plain & ((one_person < SURE) | unlike | other_sex))


def seek(con: duckdb.DuckDBPyConnection, verified: dict[int, Verified]) -> None:
    """Create ``seek`` (the columns of ``ag``, ``blind``, ``true_r``); a blind record's ``a`` is made negative."""
    doubts = [v.a[doubtful(v)] for v in verified.values()]
    sure = [(v.a[v.one_person > SURE], v.r[v.one_person > SURE]) for v in verified.values()]
    con.register("doubts", pa.table({"a": np.concatenate(doubts)}))
    con.register(
        "sure",
        pa.table({"a": np.concatenate([x for x, _ in sure]), "r": np.concatenate([x for _, x in sure])}),
    )
    con.execute(SEEK).fetchall()
    for name in ("doubts", "sure"):
        con.unregister(name)


def candidates(con: duckdb.DuckDBPyConnection, everyone: People, pool: Executor) -> Iterator[Pairs]:
    """Block, then compare batch by batch in the pool; every doubtful record's holder is among its candidates."""
    block(con)
    found = con.sql(f"{CANDIDATES} order by a, r").fetchnumpy()
    a, r = (np.asarray(found[c], np.int32) for c in ("a", "r"))
    by_field = np.asarray(found["by_field"], np.bool_)
    asked = _Asked.of(con, everyone)
    parts = [slice(start, start + BATCH) for start in range(0, max(len(a), 1), BATCH)]
    return pool.map(lambda part: _batch(everyone, asked, a[part], r[part], by_field[part]), parts)


@dataclass(frozen=True)
class _Asked:
    """Of each agency record what its candidates are asked beside ``compare``; -1 is nothing."""

    holder: npt.NDArray[np.int32]  # the registry's row of whoever holds the recorded number
    own_date: npt.NDArray[np.bool_]  # the recorded number bears the record's own birth date
    recorded: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]  # of the registry's rows
    kk: npt.NDArray[np.int64]

    @classmethod
    def of(cls, con: duckdb.DuckDBPyConnection, everyone: People) -> _Asked:
        reg, ag = everyone.reg, everyone.ag
        held = con.sql("select a, r from held").fetchnumpy()
        holder = np.full(len(ag), -1, np.int32)
        holder[held["a"]] = held["r"]
        same = pc.fill_null(pc.equal(ag["nik_birth_date"], ag["birth_date"]), False)
        numbers = (numbered(column) for column in (ag["number"], reg["number"], reg["kk"]))
        return cls(holder, np.asarray(same, np.bool_), *numbers)


def _batch(
    everyone: People,
    asked: _Asked,
    a: npt.NDArray[np.int32],
    r: npt.NDArray[np.int32],
    by_field: npt.NDArray[np.bool_],
) -> Pairs:
    own = np.where(a < 0, -1 - a, a)
    holder = np.where(a < 0, -1, asked.holder[own])
    recorded = asked.recorded[own]
    odd = pa.array(np.where(recorded < 0, own, -1), mask=recorded >= 0)  # only these are looked at as text
    return told(
        a,
        r,
        np.asarray(everyone.ag["src"])[own],
        by_field,
        compare(everyone.pairs(own, r), everyone.texts),
        asked.own_date[own],
        (everyone.ag["nik_text"].combine_chunks().take(odd), recorded, asked.number[r], asked.kk[r]),
        np.where(holder >= 0, asked.kk[holder], -1),
        holder >= 0,
    )


def told(
    a: npt.NDArray[np.int32],
    r: npt.NDArray[np.int32],
    src: npt.NDArray[np.int8],
    by_field: npt.NDArray[np.bool_],
    compared: Compared,
    own_date: npt.NDArray[np.bool_],
    recorded: tuple[pa.Array, IntArray, IntArray, IntArray],
    of_holder: IntArray,
    held: npt.NDArray[np.bool_],
) -> Pairs:
    """Compared candidates with what the recorded number says of each.

    ``recorded``: the first arguments of ``compare_numbers``; ``of_holder``: the family card of the number's holder, -1
    where it has none; ``held``: somebody holds the number, and the record is not blind.
    """
    blind = a < 0
    number = compare_numbers(*recorded, (of_holder >= 0) & (of_holder == recorded[3]), held)
    number[blind] = 0
    return Pairs(a, r, src, blind, by_field, compared, number, date_state(compared, own_date))
