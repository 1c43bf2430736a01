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

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.engine import Database
from pipelines.match import numbers
from pipelines.match.blocking import one_slip_away
from pipelines.match.comparisons import Compared, numbered
from pipelines.match.numbers import NUMBER_LEVELS, compare_numbers
from pipelines.match.values import DATE_LEVELS, compare_dates
from pipelines.match.weights import LN2, Array, IntArray, beliefs, softmax_with_null

Levels = npt.NDArray[np.int8]

SIZE: Final = len(NUMBER_LEVELS)
CLASSES: Final = ("no number", "held by somebody", "in no registry", "unreadable")
"""What can be seen of a recorded number alone. ``m`` and the share of unregistered people go by it."""

STATES: Final = ("own date", "dates agree", "neither")
"""How the birth dates stand: they differ and the recorded number bears the record's own date; they agree; or
they differ and the number does not bear the record's date. In the first, a slip in the number's date would
have to be repeated in the record's date: that is a stranger's number, not a clerk's finger."""

COPIED: Final = 0.005
"""The first guess at how often a slip in the number's date is repeated in the record's; learned like the rest."""

PER_PROBE: Final = 10
"""Random strangers drawn for each probe, to see how birth dates stand to one another."""

NOBODY: Final = 1e-6
"""Where a registry has nobody at a date level, as good as none; a small office's has many such levels."""

STILL: Final = 2e-4
"""When no share moves by more in a round, learning has ended."""

SAMPLE: Final = 5_000
"""Records whose numbers' neighbourhoods are looked at."""

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
    """One source's weights of the number.

    ``m[class, state, level]``: how often a person's own record shows that level; ``u[state, date level, level]``:
    how often a stranger's does; ``unregistered[class]``: the probability of being in no registry.
    """

    m: Array
    u: Array
    unregistered: Array

    def bits(self, classes: IntArray, state: Levels, date: Levels, level: Levels) -> Array:
        """The weight in bits of each pair's number: its record's class, the pair's state, date level and level."""
        with np.errstate(divide="ignore"):  # what cannot be is 0, and no pair shows it
            weight = np.log2(self.m)[classes, state, level] - np.log2(self.u)[state, date, level]
        return np.where(level == numbers.NOTHING, 0.0, weight.clip(-40, 40))

    def null(self, classes: IntArray) -> Array:
        """The weight in bits of "in no registry" for each record, a registered one's prior being 0."""
        share = self.unregistered[classes]
        return np.asarray(np.log2(share / (1 - share)))


@dataclass(frozen=True)
class Strangers:
    """``u[state, date level, level]`` of strangers' numbers; ``near[date level]``: how many strangers a record has
    at that date level, e.g. how many people share a birth date."""

    u: Array
    near: Array


NEAR: Final = """
    with near as (
      select p.a, y.r from probe_variants p join reg y on y.number = p.variant
      union select p.a, y.r from probe p join reg y on y.number // 10000 % 1000000 = p.number // 10000 % 1000000)
    select p.number as recorded, y.number, p.birth_date as date_l, y.birth_date as date_r,
      coalesce(p.nik_birth_date = p.birth_date, false) as consistent
    from near join probe p using (a) join reg y using (r) where y.number <> p.number"""
"""Everybody but the record's own person whose number stands near one of ``probe``."""


def strangers(con: Database, people: int) -> Strangers:
    """u[state, date level, number level], measured on agency records whose number is right.

    Around each of a sample, everybody but the record's own person whose number stands near: one slip away, of
    the same district and date, or of the same date. Their share among all people who stand to the record's
    birth date in the same way is u, so a weight for the date and one for the number do not count one thing twice.
    """
    probe(con)
    return around(con, np.bincount(cells(con.sql(NEAR).to_arrow_table())), people)


def cells(near: pa.Table) -> IntArray:
    """Of rows of ``NEAR`` the state, date level and number level of each, as one number."""
    column = {c: near[c].combine_chunks() for c in near.column_names}
    none = np.zeros(len(near), np.bool_)
    recorded, number = (numbered(column[c]) for c in ("recorded", "number"))
    level = compare_numbers(
        pa.nulls(len(near), pa.string()), recorded, number, np.full(len(near), -1), none, ~none
    )
    date = compare_dates(column["date_l"], column["date_r"])
    consistent = np.asarray(column["consistent"], dtype=np.bool_)
    state = np.where(date == 1, 1, np.where(consistent, 0, 2))
    return np.asarray((state * len(DATE_LEVELS) + date) * SIZE + level, np.int64)


def around(con: Database, counts: IntArray, people: int) -> Strangers:
    """``Strangers`` from how many pairs of ``NEAR`` are in each of ``cells``."""
    shape = (len(STATES), len(DATE_LEVELS), SIZE)
    joint = np.zeros(int(np.prod(shape)))
    joint[: len(counts)] = counts
    expected = _expected(con, people)
    probes = con.execute("select count(*) from probe").fetchall()[0][0]
    return Strangers(
        _shares(joint.reshape(shape), expected, people), np.maximum(expected[1] / max(probes, 1), NOBODY)
    )


def probe(con: Database) -> None:
    """Create ``probe``: the sample; ``probe_variants``: every number one digit or one swap away from each of its."""
    con.execute(
        f"""create or replace temp table probe as
            select ag.* from held join ag using (a) order by ag.lot, ag.a limit {SAMPLE}"""
    ).fetchall()
    one_slip_away(con, "probe", "probe_variants")


def _expected(con: Database, people: int) -> Array:
    """How many strangers of the whole sample stand at each date level, by state of the record's own date."""
    table = con.sql(
        f"""select p.birth_date as date_l, y.birth_date as date_r,
              coalesce(p.nik_birth_date = p.birth_date, false) as consistent
            from (select *, (('0x' || substr(md5(a::varchar || k), 1, 12))::bigint % {max(people, 1)})::int as r
                  from probe, (select unnest(range(0, {PER_PROBE})) as k)) p join reg y using (r) order by p.a, p.k"""
    ).to_arrow_table()
    date = compare_dates(*(table[c].combine_chunks() for c in ("date_l", "date_r")))
    consistent = np.asarray(table["consistent"], dtype=np.int64)
    counts = np.bincount(consistent * len(DATE_LEVELS) + date, minlength=2 * len(DATE_LEVELS)) + 0.5
    counts = counts.reshape(2, -1) * (people / PER_PROBE)
    same_day = con.execute("select count(*) from probe p join reg y using (birth_date)").fetchall()[0][0]
    expected = np.stack([counts[1], counts.sum(axis=0), counts[0]])
    expected[1, 1] = max(same_day, 1)
    return expected


def _shares(joint: Array, expected: Array, people: int) -> Array:
    """Joint counts over expected ones, smoothed; what the neighbourhood does not reach is put in by reason."""
    believed = beliefs()["number"]
    prior = np.zeros(SIZE)
    prior[[numbers.ZEROED, numbers.DAY40, numbers.DATE, numbers.REGION, numbers.SERIAL, numbers.SWAP]] = (
        believed["one_slip"]
    )
    prior[numbers.SIBLING], prior[numbers.SAME_DATE] = (
        believed["same_district_and_date"],
        believed["same_date"],
    )
    base = (joint.sum(axis=(0, 1)) + believed["worth"] * prior) / (expected.sum() + believed["worth"])
    u = (joint + 2.0 * base) / (expected[:, :, None] + 2.0)
    # A number that does not bear the record's own date may be anybody's: then the date says nothing of it.
    u[2] = np.maximum(u[2], base)
    slips = [numbers.DATE, numbers.REGION, numbers.SERIAL]
    u[:, :, numbers.TWO] = 60 * u[:, :, [*slips, numbers.SWAP]].sum(axis=2)
    u[:, :, numbers.LENGTH] = u[:, :, numbers.LETTERS] = u[:, :, slips].sum(axis=2)
    u[:, :, [numbers.CARD, numbers.HOUSEHOLD]] = 4 / max(people, 4)
    u[:, :, numbers.EXACT] = 1 / max(people, 2)
    u[:, :, [numbers.HELD, numbers.OTHER, numbers.UNREADABLE, numbers.NOTHING]] = 1
    return np.asarray(u.clip(1e-12, 1.0))


def date_state(compared: Compared, consistent: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    """The state of each pair's dates; ``consistent``: the recorded number bears the record's own date."""
    agree = compared.levels["birth_date"] == 1
    return np.where(agree, 1, np.where(consistent, 0, 2)).astype(np.int8)


def learn(
    around: Strangers,
    score: Array,
    level: Levels,
    state: Levels,
    date: Levels,
    group: IntArray,
    classes: IntArray,
    settled: float,
    rounds: int = 15,
) -> NumberWeights:
    """Learn m and the unregistered share of one source.

    ``score``: each pair's match weight without the number (bits); ``group``: its record, 0…; ``classes``: each
    record's class of number; ``settled``: how many records of the source are settled as EXACT without rivals.
    """
    m, u = _first_m(), around.u.copy()
    unregistered = np.full(len(CLASSES), 0.1)
    exact = level == numbers.EXACT
    place = classes[group]
    cell = (place * len(STATES) + state) * SIZE + level
    for _ in range(rounds):
        found = NumberWeights(m, u, unregistered)
        total = score + found.bits(place, state, date, level)
        p = softmax_with_null(total * LN2, group, len(classes), found.null(classes) * LN2)
        counts: Array = np.bincount(cell, weights=p, minlength=m.size).astype(np.float64).reshape(m.shape)
        counts[1, 1, numbers.EXACT] += settled
        before, m = m, _updated(counts)
        u[:, :, numbers.EXACT] = _stolen(p[exact], date[exact], settled, around)
        asked = np.bincount(classes, minlength=len(CLASSES)).astype(np.float64)
        asked[1] += settled
        unregistered = np.clip((asked - counts.sum(axis=(1, 2)) + 0.5) / (asked + 5.0), 1e-5, 0.98)
        if np.abs(m - before).max() < STILL:
            break
    return NumberWeights(m, u, unregistered)


def _stolen(p: Array, date: Levels, settled: float, around: Strangers) -> Array:
    """u of an equal number by date level: the holders who are somebody else, over all strangers at that level.

    A slip in the serial lands on somebody of the same birth date, a sibling's number often does not: so an
    equal number proves less where the dates agree than its rarity says.
    """
    records = max(len(p) + settled, 1.0)
    others = (
        np.bincount(date, weights=1 - p, minlength=len(DATE_LEVELS)) + 0.01 * around.near / around.near.sum()
    )
    return np.asarray(others / (records * around.near))


def _first_m() -> Array:
    """Where learning starts: ``FIRST_SLIPS`` within each class, a repeated slip ``COPIED`` times as likely."""
    m = np.zeros((len(CLASSES), len(STATES), SIZE))
    for k, possible in POSSIBLE.items():
        m[k, :, list(possible)] = np.array([FIRST_SLIPS.get(i, 1.0) for i in possible])[:, None]
    m[:, 0, [numbers.DATE, numbers.SWAP]] *= COPIED
    m /= m.sum(axis=2, keepdims=True)
    m[1] *= 0.05 / (1 - m[1, :, [numbers.EXACT]].T)
    m[1, :, numbers.EXACT] = 0.95
    return m


def _updated(counts: Array) -> Array:
    """The counted shares, each with a few pairs' worth of the guess before, so that no level becomes impossible."""
    worth = 4.0
    total = counts.sum(axis=2, keepdims=True)
    return np.asarray((counts + worth * _FIRST) / (total + worth))


_FIRST: Final = _first_m()
