"""Recorded numbers that the registry holds: is their holder the person of the record?

Most agree in every way and are settled in SQL. The rest are compared; a mixture of two classes, "one
person" and "two people", says how likely each is. What is not plain is looked for among all people, so that
a twin, a mother or a namesake can claim the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt

from pipelines.engine import Database
from pipelines.match.comparisons import Compared, compare
from pipelines.match.people import People
from pipelines.match.weights import Array, Weights, fellegi_sunter

PLAIN_SAMPLE: Final = 15_000
"""How many pairs that agree in every way are compared for each source, to count m-probabilities."""

RANDOM_PAIRS: Final = 30_000
"""Random pairs for each source, to count u-probabilities."""

STRANGER: Final = 0.03
"""The first guess at the share of two people under one number; the mixture replaces it."""

ROUNDS: Final = 5


@dataclass(frozen=True)
class Verified:
    """One source's held numbers: the compared pairs, whom they join, what each stands for, P(one person)."""

    a: npt.NDArray[np.int32]
    r: npt.NDArray[np.int32]
    plain: npt.NDArray[np.bool_]
    compared: Compared
    stands_for: Array
    one_person: Array
    strangers: float
    weights: Weights
    supposed: float = STRANGER  # the share of strangers that ``one_person`` was worked out with


def find_holders(con: Database) -> None:
    """Create ``held`` (a, r, plain): each record whose number the registry holds, and its holder's row.

    ``plain``: all that both sides say agrees to the letter, so nothing is left to ask.
    """
    con.execute(
        """create table held as select a.a, a.src, r.r,
            coalesce(a.name = r.name and a.birth_date = r.birth_date and coalesce(a.sex = r.sex, true)
              and coalesce(a.mother_name = r.mother_name, true) and coalesce(a.birth_place = r.birth_place, true),
              false) as plain
        from ag a join reg r using (number) order by a.a"""
    ).fetchall()


def verify(con: duckdb.DuckDBPyConnection, src: int, everyone: People) -> Verified:
    """Compare one source's held pairs (all that are not plain, a sample of the plain) and learn its weights."""
    chosen = con.sql(f"{chosen_pairs(src)} order by a").fetchnumpy()
    a, r = (np.asarray(chosen[c], np.int32) for c in ("a", "r"))
    plain = np.asarray(chosen["plain"], np.bool_)
    plain_total = con.execute(f"select count(*) from held where src = {src} and plain").fetchall()[0][0]
    stands_for = np.where(plain, plain_total / max(1, int(plain.sum())), 1.0)
    compared = compare(everyone.pairs(a, r), everyone.texts)
    drawn = con.sql(f"{random_pairs(src, everyone.registered)} order by a").fetchnumpy()
    apart = compare(everyone.pairs(drawn["a"], drawn["r"]), everyone.texts)
    return learned(a, r, plain, compared, stands_for, apart, everyone.registered)


def chosen_pairs(src: int) -> str:
    """SQL: the held pairs of a source that are compared (a, r, plain): a sample of the plain, and all others."""
    return f"""select a, r, plain from held where src = {src} and not plain
            union all select a, r, plain from (
              select h.a, h.r, h.plain from held h join ag using (a) where h.src = {src} and h.plain
              order by ag.lot, h.a limit {PLAIN_SAMPLE})"""


def random_pairs(src: int, people: int) -> str:
    """SQL: records of a source beside random people of other numbers (a, r)."""
    return f"""select c.a, r from (
              select a, number, (lot % {max(people, 1)})::int as r from ag where src = {src}
              order by lot, a limit {RANDOM_PAIRS}) c
            join reg y using (r) where c.number is distinct from y.number"""


def learned(
    a: npt.NDArray[np.int32],
    r: npt.NDArray[np.int32],
    plain: npt.NDArray[np.bool_],
    compared: Compared,
    stands_for: Array,
    apart: Compared,
    people: int,
) -> Verified:
    """What these pairs teach; ``apart``: random pairs of two people."""
    p, supposed, strangers, weights = _mixture(compared, apart, stands_for, people)
    return Verified(a, r, plain, compared, stands_for, p, strangers, weights, supposed)


def _mixture(
    compared: Compared, apart: Compared, stands_for: Array, people: int
) -> tuple[Array, float, float, Weights]:
    """Tell the pairs of one person from those of two; returns P(one person), the strangers' share that was supposed
    for it, the share that follows from it, the weights."""
    strangers, p = STRANGER, np.ones(len(compared))
    for _ in range(ROUNDS):
        supposed = strangers
        weights = fellegi_sunter(compared, stands_for * p, apart, people)
        p = one_person(weights, compared, supposed)
        seen = float((stands_for * (1 - p)).sum() / stands_for.sum()) if len(stands_for) else STRANGER
        strangers = min(max(seen, 1e-4), 0.5)
    return p, supposed, strangers, weights


def one_person(weights: Weights, compared: Compared, strangers: float) -> Array:
    """P(one person) of held pairs, of which a share of ``strangers`` are two."""
    evidence = (weights.score(compared) - weights.prior) * np.log(2)
    return np.asarray(1 / (1 + strangers / (1 - strangers) * np.exp(-np.clip(evidence, -60, 60))))
