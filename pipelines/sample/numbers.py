"""How numbers are issued: region, birth date (day + 40 for women), and a serial that counts up from 0001.

A family card's number has the same shape, with the day of its issue and no + 40.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample import dates
from pipelines.sample.chance import Bools, Floats, Ints, Rng, choose, hit, some
from pipelines.sample.data import Data
from pipelines.sample.days import first_of_year, to_date, to_day
from pipelines.sample.society import ACTIVE, Society

SERIALS = 9999
FIRST_CARDS = 2006
"""The year from which family cards have a number of this shape."""

FAR_GAP = 30
"""Elsewhere up to so many strangers got a number between two of ours."""

SCHOOL_AGE = 5
"""Below this age in years nobody is registered twice."""


class TooManyPeople(ValueError):
    """More people were born in one district on one day than there are serials."""


@dataclass(frozen=True)
class Again:
    """Second registrations: whose, with which birth date, and whether the office has blocked the number."""

    person: Ints
    born: Ints
    blocked: Bools


@dataclass(frozen=True)
class Issued:
    """Every number there is. By person: ``card`` (on the card at home, known to the registry or not) and
    ``family_card``; by second registration: ``again`` and ``again_family_card``."""

    card: Ints
    family_card: Ints
    again: Ints
    again_family_card: Ints


def date_part(day: Ints, woman: Bools | None = None) -> Ints:
    """``ddmmyy`` of each day as a number, the day of the month 40 higher for women."""
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    year = date.astype("datetime64[Y]")
    of_month = (date - month.astype("datetime64[D]")).astype(np.int64) + 1
    of_year = month.astype(np.int64) % 12 + 1
    short_year = (year.astype(np.int64) + 1970) % 100
    shift = 0 if woman is None else 40 * woman.astype(np.int64)
    return np.asarray((of_month + shift) * 10**4 + of_year * 100 + short_year, dtype=np.int64)


def serials(region: Ints, part: Ints, turn: Floats, steps: Ints) -> Ints:
    """A sixteen-digit number for each: within one region and date part, in the order of ``turn``.

    ``steps`` is how far each serial lies above the one before it (1 for no gap). Those of equal turn keep
    their order in the arrays, so that twins who lie side by side get neighbouring numbers. Raises
    ``TooManyPeople``.
    """
    key = region * 10**6 + part
    order = np.lexsort((turn, key))
    key_in_order, step = key[order], steps[order]
    total = np.cumsum(step)
    begins = np.flatnonzero(np.diff(key_in_order, prepend=-1))
    before = np.repeat(total[begins] - step[begins], np.diff(np.append(begins, len(order))))
    serial = np.empty(len(order), dtype=np.int64)
    serial[order] = total - before
    if serial.max(initial=0) > SERIALS:
        raise TooManyPeople(
            f"serial {serial.max()} of one district and day is above {SERIALS}: draw fewer people"
        )
    return key * 10**4 + serial


def slipped(born: Ints, rows: Ints, slips: tuple[dates.DateSlip, ...], rng: Rng, data: Data) -> Ints:
    """The birth dates with those of ``rows`` changed, each by one of the slips."""
    changed = born.copy()
    which, u = rng.integers(0, len(slips), len(rows)), rng.random(len(rows))
    for row, slip, luck in zip(rows.tolist(), which.tolist(), u.tolist(), strict=True):
        changed[row] = to_day(slips[slip](to_date(int(born[row])), luck, data.as_of))
    return changed


def registered_again(society: Society, rng: Rng) -> Again:
    """Who has a second number; some second registrations got the birth date wrong."""
    habits, residents = society.data.registry, society.residents
    active = residents.of(ACTIVE)
    grown = active[society.age(active) > SCHOOL_AGE]
    double = round(len(residents.person) * habits.two_numbers)
    blocked = round(len(residents.person) * habits.blocked_second)
    person = rng.permutation(grown)[: double + blocked]
    born = society.people.born[person]
    wrong = np.flatnonzero(hit(rng, len(person), habits.second_date_wrong))
    born = slipped(born, wrong, (dates.digit, dates.day_month), rng, society.data)
    return Again(person, born, np.arange(len(person)) >= double)


def issue(society: Society, written_born: Ints, again: Again, rng: Rng) -> Issued:
    """Issue all numbers; ``written_born`` are the birth dates as the registry has them."""
    card, second = _niks(society, written_born, again, rng)
    family_card, other = _family_cards(society, again, rng)
    keeps = hit(rng, len(again.person), society.data.registry.second_same_card)
    return Issued(card, family_card, second, np.where(keeps, family_card[again.person], other))


def _niks(society: Society, written_born: Ints, again: Again, rng: Rng) -> tuple[Ints, Ints]:
    """Numbers for everyone, and second ones; a few with a date or sex that was corrected later."""
    data, people, issued = society.data, society.people, society.homes.issued
    n, habits = len(people), data.numbers
    single = people.twin == 0
    # Where the registry's date is wrong the number mostly is too: both came from one form.
    born = np.where(hit(rng, n, habits.wrong_record_wrong_number), written_born, people.born)
    wrong = some(rng, n, habits.wrong_date_at_issue)
    born = slipped(born, wrong[single[wrong]], (dates.digit, dates.day_month), rng, data)
    woman = people.woman ^ (hit(rng, n, habits.wrong_sex_at_issue) & single)
    here = np.isin(issued, [d.code for d in data.districts])
    steps = np.where(here, 1 + hit(rng, n, habits.gap), rng.integers(1, FAR_GAP, n))
    turn = rng.random(n)
    second = np.flatnonzero(people.twin == 2)
    born[second], turn[second], steps[second] = born[second - 1], turn[second - 1], 1
    m = len(again.person)
    region = np.where(hit(rng, m, 0.5), issued[again.person], _any_region(rng, data, m))
    every = serials(
        np.concatenate([issued, region]),
        np.concatenate([date_part(born, woman), date_part(again.born, people.woman[again.person])]),
        np.concatenate([turn, 1 + rng.random(m)]),
        np.concatenate([steps, np.ones(m, dtype=np.int64)]),
    )
    return every[:n], every[n:]


def _any_region(rng: Rng, data: Data, n: int) -> Ints:
    codes = np.array([d.code for d in data.districts])
    return np.asarray(codes[choose(rng, [d.weight for d in data.districts], n)], dtype=np.int64)


def _family_cards(society: Society, again: Again, rng: Rng) -> tuple[Ints, Ints]:
    """The family card's number by person, and another card for those registered twice."""
    homes, couples, as_of = society.homes, society.couples, society.as_of
    home, first, member = np.unique(homes.home, return_index=True, return_inverse=True)
    since = np.where(home < len(couples), couples.since[np.minimum(home, len(couples) - 1)], 0)
    begin = np.clip(since, int(first_of_year(np.array([FIRST_CARDS]))[0]), as_of - 1)
    begin = np.concatenate([begin, begin[member[again.person]]])
    day = begin + np.asarray(rng.random(len(begin)) * (as_of - begin), dtype=np.int64)
    district = np.concatenate([homes.district[first], homes.district[again.person]])
    region = np.array([d.code for d in society.data.districts])[district]
    cards = serials(region, date_part(day), rng.random(len(day)), np.ones(len(day), dtype=np.int64))
    return cards[: len(home)][member], cards[len(home) :]
