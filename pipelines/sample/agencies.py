"""Who is recorded where: the hospital's patients and the schools' pupils, before any clerk has slipped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.chance import Bools, Ints, weighted_some
from pipelines.sample.data import Data, SourceDirt
from pipelines.sample.families import YEAR, People
from pipelines.sample.registry import ACTIVE, DECEASED, INACTIVE, Registry, Residents

NEWBORN_YEARS = 6
"""How long a record made at birth may stand as it was made."""


@dataclass(frozen=True)
class Visits:
    """One agency's records: whose, made when (a day), whether at birth, and which records are one person's.

    ``again`` holds for each second record the position of the first; ``nobody`` marks those in no registry.
    """

    person: Ints
    day: Ints
    newborn: Bools
    nobody: Bools
    first: Ints
    again: Ints


def patients(
    people: People, residents: Residents, registry: Registry, visitors: Ints, dirt: SourceDirt,
    count: int, rng: np.random.Generator, as_of: int,
) -> Visits:  # fmt: skip
    """The hospital's patients, likelier the very young, the women of childbearing age and the old."""
    age = (as_of - people.born) / YEAR
    likely = np.select(
        [age < 1, age < 6, age >= 60, people.woman & (age > 17) & (age < 42)], [2.5, 1.5, 1.7, 1.6], 0.8
    )
    counts = _counts(count, dirt)
    chosen = [
        _likely(residents.person[residents.status == INACTIVE], likely, counts["inactive"], rng),
        _likely(residents.person[residents.status == DECEASED], likely, counts["deceased"], rng),
    ]
    living = residents.person[residents.status == ACTIVE]
    mother_in = _mother_known(people, registry)
    babies = np.concatenate([living, residents.outside])
    babies = babies[(age[babies] < NEWBORN_YEARS) & mother_in[babies]]
    newborn = _likely(babies, np.where(age < 1, 6.0, 1.0), counts["newborns"], rng)
    nobody = _likely(np.setdiff1d(visitors, newborn), likely, counts["unregistered"], rng)
    rest = count - sum(map(len, chosen)) - len(newborn) - len(nobody) - counts["twice"]
    known = _likely(np.setdiff1d(living, newborn), likely, rest, rng)
    person = np.concatenate([*chosen, newborn, nobody, known])
    at_birth = np.isin(person, newborn)
    return _recorded(people, registry, person, at_birth, counts["twice"], rng, as_of)


def pupils(
    people: People, residents: Residents, registry: Registry, visitors: Ints, patient: Ints, dirt: SourceDirt,
    count: int, rng: np.random.Generator, data: Data, as_of: int,
) -> Visits:  # fmt: skip
    """The schools' pupils; of those in no registry mostly children whom the hospital knows too."""
    age = (as_of - people.born) / YEAR
    youngest, oldest = data.sizes.school_age
    of_age = (age >= youngest) & (age < oldest)
    likely = np.where(of_age, np.where(age < 16, 1.0, 0.75), 0.0)
    able = int(np.count_nonzero(of_age[residents.person]))
    count = min(count, round(able * data.sizes.pupils_of_school_age))
    counts = _counts(count, dirt)
    chosen = [
        _likely(residents.person[residents.status == kind], likely, counts[name], rng)
        for kind, name in ((INACTIVE, "inactive"), (DECEASED, "deceased"))
    ]
    seen = np.where(np.isin(np.arange(len(people)), patient), 4.0, 1.0)
    nobody = _likely(visitors, likely * seen, counts["unregistered"], rng)
    rest = count - sum(map(len, chosen)) - len(nobody) - counts["twice"]
    known = _likely(residents.person[residents.status == ACTIVE], likely, rest, rng)
    person = np.concatenate([*chosen, nobody, known])
    return _recorded(
        people, registry, person, np.zeros(len(person), dtype=np.bool_), counts["twice"], rng, as_of
    )


def _counts(count: int, dirt: SourceDirt) -> dict[str, int]:
    names = ("inactive", "deceased", "newborns", "unregistered", "twice")
    return {name: round(count * getattr(dirt, name)) for name in names}


def _likely(who: Ints, likely: np.ndarray, count: int, rng: np.random.Generator) -> Ints:
    return who[weighted_some(rng, likely[who], max(0, count))]


def _mother_known(people: People, registry: Registry) -> Bools:
    return people.couple >= 0


def _recorded(
    people: People,
    registry: Registry,
    person: Ints,
    newborn: Bools,
    twice: int,
    rng: np.random.Generator,
    as_of: int,
) -> Visits:
    """Put the records in the order in which they were made; some people come twice."""
    able = np.flatnonzero(~newborn)
    doubled = able[rng.permutation(len(able))[:twice]]
    since = np.maximum(people.born[person], as_of - int(9 * YEAR))
    until = np.maximum(np.minimum(people.died[person], as_of), since + 1)
    day = since + np.asarray(rng.random(len(person)) * (until - since), dtype=np.int64)
    day = np.where(newborn, people.born[person] + rng.integers(0, 4, len(person)), day)
    day = np.minimum(day, as_of)
    later = day[doubled] + np.asarray(
        rng.random(len(doubled)) * (until[doubled] - day[doubled]), dtype=np.int64
    )
    everyone = np.concatenate([person, person[doubled]])
    days = np.concatenate([day, later])
    order = np.lexsort((np.arange(len(days)), days))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Visits(
        person=everyone[order],
        day=days[order],
        newborn=np.concatenate([newborn, np.zeros(len(doubled), dtype=np.bool_)])[order],
        nobody=(registry.main[everyone] < 0)[order],
        first=place[doubled],
        again=place[len(person) :],
    )
