"""Who is recorded where: the hospital's patients and the schools' pupils, before any clerk has slipped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.chance import Bools, Floats, Ints, Rng, weighted_some
from pipelines.sample.days import YEAR
from pipelines.sample.dirt import SourceDirt
from pipelines.sample.registry import Registry
from pipelines.sample.society import ACTIVE, DECEASED, INACTIVE, Society


@dataclass(frozen=True)
class Visits:
    """One agency's records in the order in which they were made.

    ``person`` and the ``day`` of the record; ``newborn``: made at birth; ``nobody``: the person is in no
    registry; ``again`` are the positions of second records of people whose first one stands at ``first``.
    """

    person: Ints
    day: Ints
    newborn: Bools
    nobody: Bools
    first: Ints
    again: Ints

    def __len__(self) -> int:
        return len(self.person)


def patients(society: Society, registry: Registry, dirt: SourceDirt, count: int, rng: Rng) -> Visits:
    """The hospital's patients: likelier the very young, the women of childbearing age and the old."""
    residents, age, habits = society.residents, society.age(), society.data.agencies
    likely = _likely_patients(society)
    counts = _counts(count, dirt)
    babies = np.concatenate([residents.of(ACTIVE), residents.outside])
    babies = babies[(age[babies] < habits.newborn_years) & (society.mother(babies) >= 0)]
    newborn = _some(babies, np.where(age < 1, 6.0, 1.0), counts["newborns"], rng)
    chosen = [
        newborn,
        _some(residents.of(INACTIVE), likely, counts["inactive"], rng),
        _some(residents.of(DECEASED), likely, counts["deceased"], rng),
        _some(np.setdiff1d(residents.outside, newborn), likely, counts["unregistered"], rng),
    ]
    rest = count - sum(map(len, chosen)) - counts["twice"]
    chosen.append(_some(np.setdiff1d(residents.of(ACTIVE), newborn), likely, rest, rng))
    person = np.concatenate(chosen)
    return _recorded(society, registry, person, np.arange(len(person)) < len(newborn), counts["twice"], rng)


def pupils(
    society: Society, registry: Registry, dirt: SourceDirt, count: int, patient: Ints, rng: Rng
) -> Visits:
    """The schools' pupils; of those in no registry mostly children whom the hospital knows too."""
    residents, sizes, age = society.residents, society.data.sizes, society.age()
    habits = society.data.agencies
    youngest, oldest = sizes.school_age
    of_age = (age >= youngest) & (age < oldest)
    likely = np.where(of_age, np.where(age < habits.school_until, 1.0, habits.stays_at_school), 0.0)
    able = np.count_nonzero(of_age[residents.person])
    count = min(count, round(able * sizes.pupils_of_school_age))
    counts = _counts(count, dirt)
    seen = np.where(np.isin(np.arange(len(age)), patient), habits.unregistered_seen, 1.0)
    chosen = [
        _some(residents.of(INACTIVE), likely, counts["inactive"], rng),
        _some(residents.of(DECEASED), likely, counts["deceased"], rng),
        _some(residents.outside, likely * seen, counts["unregistered"], rng),
    ]
    rest = count - sum(map(len, chosen)) - counts["twice"]
    chosen.append(_some(residents.of(ACTIVE), likely, rest, rng))
    person = np.concatenate(chosen)
    return _recorded(society, registry, person, np.zeros(len(person), dtype=np.bool_), counts["twice"], rng)


def _likely_patients(society: Society) -> Floats:
    age, likely = society.age(), society.data.agencies.likely
    fertile = society.people.woman & (age >= 17) & (age < 42)
    groups = [age < 1, age < 6, age >= 60, fertile]
    weights = [likely.infant, likely.small_child, likely.old, likely.fertile_woman]
    return np.asarray(np.select(groups, weights, likely.other), dtype=np.float64)


def _counts(count: int, dirt: SourceDirt) -> dict[str, int]:
    shares = {
        "inactive": dirt.inactive,
        "deceased": dirt.deceased,
        "newborns": dirt.newborns,
        "unregistered": dirt.unregistered,
        "twice": dirt.twice,
    }
    return {name: round(count * share) for name, share in shares.items()}


def _some(who: Ints, likely: Floats, count: int, rng: Rng) -> Ints:
    return np.asarray(who[weighted_some(rng, likely[who], count)], dtype=np.int64)


def _recorded(
    society: Society, registry: Registry, person: Ints, newborn: Bools, twice: int, rng: Rng
) -> Visits:
    """Put the records in the order in which they were made; ``twice`` people come a second time."""
    people, as_of = society.people, society.as_of
    doubled = rng.permutation(len(person))[:twice]
    until = np.minimum(people.died[person], as_of)
    since = np.maximum(people.born[person], until - int(society.data.agencies.records_years * YEAR))
    day = since + np.asarray(rng.random(len(person)) * (until - since), dtype=np.int64)
    at_birth = np.minimum(people.born[person] + rng.integers(0, 4, len(person)), as_of)
    day = np.where(newborn, at_birth, day)
    later = day[doubled] + np.asarray(rng.random(len(doubled)) * (until - day)[doubled], dtype=np.int64)
    days = np.concatenate([day, later])
    who = np.concatenate([person, person[doubled]])[order := np.argsort(days, kind="stable")]
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Visits(
        person=who,
        day=days[order],
        newborn=np.concatenate([newborn, np.zeros(len(doubled), dtype=np.bool_)])[order],
        nobody=registry.main[who] < 0,
        first=place[doubled],
        again=place[len(person) :],
    )
