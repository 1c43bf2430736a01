"""How much each kind of slip in a number weighs, learned from the day's own records.

u: how often a stranger's number stands in that relation to a record's, apart for strangers born on the
record's birth date (whose numbers are neighbours by nature) and all others; measured on the registry itself.
m: how often a person's own wrong number does, by source and by what can be seen of the number alone; learned
from the records looked for, by expectation and maximisation, together with the share of people who are in no
registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt

from pipelines.match import numbers
from pipelines.match.comparisons import as_integers
from pipelines.match.numbers import NUMBER_LEVELS, compare_numbers
from pipelines.match.weights import LN2, Array, IntArray, softmax_with_null

SIZE: Final = len(NUMBER_LEVELS)
CLASSES: Final = ("no number", "held by somebody", "in no registry", "unreadable")
"""What can be seen of a recorded number alone. ``m`` and the share of unregistered people go by it."""

NEIGHBOURS: Final = 200_000
SAMPLE: Final = 20_000

FIRST_SLIPS: Final = {
    numbers.ZEROED: 2.0,
    numbers.DAY40: 1.0,
    numbers.DATE: 3.0,
    numbers.REGION: 3.0,
    numbers.SERIAL: 2.0,
    numbers.SWAP: 4.0,
    numbers.LENGTH: 6.0,
    numbers.LETTERS: 2.0,
    numbers.TWO: 1.0,
    numbers.CARD: 1.0,
    numbers.HOUSEHOLD: 3.0,
    numbers.SIBLING: 0.5,
    numbers.SAME_DATE: 0.5,
    numbers.HELD: 2.0,
    numbers.OTHER: 3.0,
    numbers.UNREADABLE: 2.0,
}
"""Where learning starts, in parts: only the order of magnitude matters, the day's records decide."""

POSSIBLE: Final = {
    0: (numbers.NOTHING,),
    1: (
        numbers.EXACT,
        numbers.ZEROED,
        numbers.DAY40,
        numbers.DATE,
        numbers.REGION,
        numbers.SERIAL,
        numbers.SWAP,
        numbers.TWO,
        numbers.CARD,
        numbers.HOUSEHOLD,
        numbers.SIBLING,
        numbers.SAME_DATE,
        numbers.HELD,
    ),
    2: (
        numbers.ZEROED,
        numbers.DAY40,
        numbers.DATE,
        numbers.REGION,
        numbers.SERIAL,
        numbers.SWAP,
        numbers.TWO,
        numbers.CARD,
        numbers.SIBLING,
        numbers.SAME_DATE,
        numbers.OTHER,
    ),
    3: (numbers.LENGTH, numbers.LETTERS, numbers.UNREADABLE),
}
"""Which levels each class of number can show."""


@dataclass(frozen=True)
class NumberWeights:
    """``weight[class, dates agree, level]`` in bits and ``unregistered[class]``, a probability, for one source."""

    weight: Array
    unregistered: Array
    m: Array

    def null(self, classes: IntArray) -> Array:
        """The weight in bits of "in no registry" for each record, a registered one's prior being 0."""
        share = self.unregistered[classes]
        return np.asarray(np.log2(share / (1 - share)))


def strangers(con: duckdb.DuckDBPyConnection, people: int) -> Array:
    """u of each level: row 0 for strangers born another day, row 1 for those born on the record's birth date."""
    u = np.empty((2, SIZE))
    u[1] = _shares(con, _same_day(con), people, floor=1 / (4 * NEIGHBOURS))
    u[0] = _shares(con, _neighbourhood(con, people), people, floor=1 / (4 * SAMPLE * max(people, 2)))
    u[:, numbers.NOTHING] = 1
    return u


def _same_day(con: duckdb.DuckDBPyConnection) -> tuple[str, float]:
    """Pairs of registry people born on one day: one other for each of a sample."""
    return (
        f"""select x.r as l, y.r from (select r, birth_date, lead(r) over (partition by birth_date order by md5(nik)) as other
              from reg where birth_date is not null) x join reg y on y.r = x.other
            order by md5(x.r::varchar) limit {NEIGHBOURS}""",
        0.0,
    )


def _neighbourhood(con: duckdb.DuckDBPyConnection, people: int) -> tuple[str, float]:
    """All registry people one slip from each number of a sample, born on another day."""
    con.execute(
        f"""create or replace temp table probe as
            with p as (select r, nik, birth_date from reg order by md5(nik) limit {SAMPLE}),
                 i as (select unnest(range(0, 16))::int as i), x as (select unnest(range(0, 10)) as x)
            select r, birth_date, (substr(nik, 1, i) || x || substr(nik, i + 2))::bigint as variant from p, i, x
            union select r, birth_date, (substr(nik, 1, i - 1) || substr(nik, i + 1, 1) || substr(nik, i, 1)
              || substr(nik, i + 2))::bigint from p, i where i > 0"""
    ).fetchall()
    return (
        """select p.r as l, y.r from probe p join reg y on y.number = p.variant
           where y.r <> p.r and y.birth_date is distinct from p.birth_date""",
        float(people) * SAMPLE,
    )


def _shares(con: duckdb.DuckDBPyConnection, pairs: tuple[str, float], people: int, floor: float) -> Array:
    query, total = pairs
    table = con.sql(
        f"""select x.nik as text, x.number as recorded, y.number as number, y.kk as kk
            from ({query}) p join reg x on x.r = p.l join reg y on y.r = p.r"""
    ).to_arrow_table()
    none = np.zeros(len(table), np.bool_)
    level = compare_numbers(
        table["text"].combine_chunks(),
        as_integers(table["recorded"].combine_chunks()),
        as_integers(table["number"].combine_chunks()),
        as_integers(table["kk"].combine_chunks()),
        none,
        ~none,
    )
    counts = np.bincount(level, minlength=SIZE).astype(np.float64)
    share = (counts + 0.5) / (total or max(len(table), 1))
    share[[numbers.CARD, numbers.HOUSEHOLD]] = 4 / max(people, 4)
    share[numbers.TWO] = max(share[numbers.TWO], 60 * share[list(numbers.ONE_SLIP[:6])].sum())
    share[[numbers.LENGTH, numbers.LETTERS]] = share[[numbers.DATE, numbers.REGION, numbers.SERIAL]].sum()
    share[[numbers.HELD, numbers.OTHER, numbers.UNREADABLE]] = 1
    if total:
        share[numbers.SIBLING] = max(share[numbers.SIBLING], 1 / max(people, 2) / 10)
        share[numbers.SAME_DATE] = max(share[numbers.SAME_DATE], 1e-3)
    share[numbers.EXACT] = 1 / max(people, 2)
    return np.clip(share, floor, 1.0)


def learn(
    u: Array,
    score: Array,
    level: npt.NDArray[np.int8],
    dates_agree: npt.NDArray[np.bool_],
    group: IntArray,
    classes: IntArray,
    settled: Array,
    people: int,
    rounds: int = 15,
) -> NumberWeights:
    """Learn m and the unregistered share of one source.

    ``score``: each pair's match weight without the number (bits); ``group``: its record, 0…; ``classes``: each
    record's class of number; ``settled``: how many records of the source are settled as EXACT without rivals.
    """
    m = np.zeros((len(CLASSES), SIZE))
    for k, possible in POSSIBLE.items():
        m[k, list(possible)] = [FIRST_SLIPS.get(i, 1.0) for i in possible]
        m[k] /= m[k].sum()
    m[1] *= 0.05 / (1 - m[1, numbers.EXACT])
    m[1, numbers.EXACT] = 0.95
    unregistered = np.full(len(CLASSES), 0.1)
    agree = dates_agree.astype(np.int64)
    for _ in range(rounds):
        found = NumberWeights(_bits(m, u), unregistered, m)
        total = score + found.weight[classes[group], agree, level]
        p = softmax_with_null(total * LN2, group, len(classes), found.null(classes) * LN2)
        for k, possible in POSSIBLE.items():
            mine = classes[group] == k
            counts = np.bincount(level[mine], weights=p[mine], minlength=SIZE)
            here = float((classes == k).sum())
            matched = float(p[mine].sum())
            if k == 1:
                counts[numbers.EXACT] += settled.sum()
                here, matched = here + settled.sum(), matched + settled.sum()
            unregistered[k] = np.clip((here - matched + 0.5) / (here + 5.0), 1e-5, 0.98)
            prior = 2.0 * m[k] / m[k].sum() if counts.sum() < 50 else np.full(SIZE, 0.3)
            kept = np.zeros(SIZE)
            kept[list(possible)] = (counts + prior)[list(possible)]
            m[k] = kept / kept.sum()
    return NumberWeights(_bits(m, u), unregistered, m)


def _bits(m: Array, u: Array) -> Array:
    with np.errstate(divide="ignore"):
        weight = np.log2(np.maximum(m, 1e-12))[:, None, :] - np.log2(u)[None, :, :]
    weight[:, :, numbers.NOTHING] = 0
    return np.asarray(np.clip(weight, -40, 40))
