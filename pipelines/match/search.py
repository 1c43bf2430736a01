"""Records whose person has to be looked for among all people, and the candidates that blocking finds.

``seek`` holds three kinds: records whose number fails, records whose number's holder is not plainly the same
person, and *blind* ones: records of which the right person is known, whose number is hidden. The blind teach
the weights and measure how sure the result is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.match.blocking import block
from pipelines.match.comparisons import Compared, as_integers, compare
from pipelines.match.evidence import date_state
from pipelines.match.numbers import compare_numbers
from pipelines.match.verify import Verified, sides
from pipelines.match.vocabulary import Vocabulary

BLIND: Final = 3_000
"""Blind records for each source."""

SURE: Final = 0.999
"""From this probability on two records under one number are one person, if nothing below speaks against it."""

DOUBTFUL_NAME: Final = 7
DOUBTFUL_DATE: Final = 6
"""Levels from which a name or a date makes a held number worth a search, however well the rest agrees."""

BATCH: Final = 100_000
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


def doubtful(verified: Verified) -> npt.NDArray[np.bool_]:
    """Which held pairs are not plainly one person."""
    name, date = (verified.compared.levels[k] for k in ("name", "birth_date"))
    sex = verified.compared.levels["sex"]
    unlike = (name >= DOUBTFUL_NAME) | (name == 0) | (date >= DOUBTFUL_DATE) | (date == 0)
    other_sex = (sex == 2) & (name >= 3)
    return np.asarray(~verified.plain & ((verified.one_person < SURE) | unlike | other_sex))


def seek(con: duckdb.DuckDBPyConnection, verified: dict[int, Verified]) -> None:
    """Create ``seek`` (the columns of ``ag``, ``blind``, ``true_r``); a blind record's ``a`` is made negative."""
    doubts = [v.a[doubtful(v)] for v in verified.values()]
    sure = [(v.a[v.one_person > SURE], v.r[v.one_person > SURE]) for v in verified.values()]
    con.register("doubts", pa.table({"a": np.concatenate(doubts)}))
    con.register(
        "sure",
        pa.table({"a": np.concatenate([x for x, _ in sure]), "r": np.concatenate([x for _, x in sure])}),
    )
    con.execute(
        f"""create table seek as
            select ag.*, false as blind, null::int as true_r from ag
              where ag.a in (select a from doubts)
                 or ag.a not in (select a from held)
            union all by name
            select * replace (-1 - a as a), true as blind, null::int as true_r from ag where a in (
              select a from (
                select ag.a, row_number() over (partition by ag.src order by md5(ag.source_record_id), ag.a) as n
                from ag join held using (a) where (held.plain or a in (select a from sure))) where n <= {BLIND})"""
    ).fetchall()
    con.execute("update seek set true_r = h.r from held h where seek.blind and h.a = -1 - seek.a").fetchall()
    for name in ("doubts", "sure"):
        con.unregister(name)


def candidates(con: duckdb.DuckDBPyConnection, words: Vocabulary) -> Iterator[Pairs]:
    """Block, then compare batch by batch; every doubtful record's holder is among its candidates."""
    block(con)
    con.execute(
        """create or replace table pairs as select a, r, bool_or(by_field) as by_field from (
             select a, r, by_field from pairs
             union all select a, r, false from held where a in (select a from seek))
           group by a, r order by a, r"""
    ).fetchall()
    total = con.execute("select count(*) from pairs").fetchall()[0][0]
    for start in range(0, max(total, 1), BATCH):
        yield _batch(
            con, words, f"select a, r, by_field from pairs where rowid >= {start} and rowid < {start + BATCH}"
        )


def _batch(con: duckdb.DuckDBPyConnection, words: Vocabulary, pairs: str) -> Pairs:
    table = con.sql(
        f"""select p.a, p.r, p.by_field, x.src, x.blind, x.nik_text, x.number as recorded, y.number, y.kk as card,
              h.r is not null as is_held,
              coalesce(x.nik_birth_date = x.birth_date, false) as consistent,
              coalesce(h.kk = y.kk, false) as household, {sides("x", "y")}
            from ({pairs}) p join seek x on x.a = p.a join reg y on y.r = p.r
              left join reg h on h.number = x.number and not x.blind
            order by p.a, p.r"""
    ).to_arrow_table()
    column = {c: table[c].combine_chunks() for c in ("nik_text", "recorded", "number", "card")}
    flags = {
        c: np.asarray(table[c], dtype=np.bool_)
        for c in ("blind", "by_field", "is_held", "household", "consistent")
    }
    number = compare_numbers(
        column["nik_text"],
        as_integers(column["recorded"]),
        as_integers(column["number"]),
        as_integers(column["card"]),
        flags["household"],
        flags["is_held"],
    )
    number[flags["blind"]] = 0
    ids = {c: np.asarray(table[c]) for c in ("a", "r", "src")}
    compared = compare(table, words)
    state = date_state(compared, flags["consistent"])
    return Pairs(ids["a"], ids["r"], ids["src"], flags["blind"], flags["by_field"], compared, number, state)
