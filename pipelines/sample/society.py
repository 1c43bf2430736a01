"""The people as they are, before any clerk: families, homes, names, and who stands in the registry."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipelines.sample.chance import Bools, Floats, Ints, Rng, choose, hit, some, stream
from pipelines.sample.data import Data
from pipelines.sample.days import YEAR, to_day, year_of
from pipelines.sample.dirt import Dirt
from pipelines.sample.families import Couples, People, families
from pipelines.sample.homes import Homes, elsewhere, settle
from pipelines.sample.naming import Names, clan_weights, name, strangers

FOUNDERS = 0.061
"""Founding couples for each person asked for, so that enough of their descendants live."""

SPARE = 1.10
"""So many living people for each one asked for: the others are in no registry."""

ACTIVE, DECEASED, INACTIVE = 0, 1, 2


@dataclass(frozen=True)
class Residents:
    """Who stands in the registry (indices into ``People``, each with a status), and who lives outside it."""

    person: Ints
    status: Ints
    outside: Ints

    def of(self, status: int) -> Ints:
        """Those of one status."""
        return np.asarray(self.person[self.status == status], dtype=np.int64)


@dataclass(frozen=True)
class Society:
    """Everyone, with kin and home; ``mother_name`` and ``father_name`` are lists by person."""

    data: Data
    people: People
    couples: Couples
    homes: Homes
    names: Names
    residents: Residents
    mother_name: list[str]
    father_name: list[str]

    @property
    def as_of(self) -> int:
        """The day of the draw."""
        return to_day(self.data.as_of)

    def age(self, person: Ints | None = None) -> Floats:
        """The age in years on the day of the draw, of these people or of everyone."""
        born = self.people.born if person is None else self.people.born[person]
        return np.asarray((self.as_of - born) / YEAR, dtype=np.float64)

    def spouse(self, person: Ints) -> Ints:
        """The husband or wife of each, -1 for none."""
        of = np.full(len(self.people), -1)
        both = self.couples.husband >= 0
        of[self.couples.wife[both]] = self.couples.husband[both]
        of[self.couples.husband[both]] = self.couples.wife[both]
        return np.asarray(of[person], dtype=np.int64)

    def mother(self, person: Ints) -> Ints:
        """The mother of each, -1 where she is not in the draw."""
        couple = self.people.couple[person]
        return np.where(couple >= 0, self.couples.wife[couple], -1)

    def father(self, person: Ints) -> Ints:
        """The father of each, -1 where he is not in the draw."""
        couple = self.people.couple[person]
        return np.where(couple >= 0, self.couples.husband[couple], -1)

    def sibling(self, person: Ints) -> Ints:
        """The next child of the same parents, or the one before (of twins the other one); -1 for none."""
        couple, twin = self.people.couple, self.people.twin[person]
        after, before = np.minimum(person + 1, len(couple) - 1), np.maximum(person - 1, 0)
        has_after = (couple[after] == couple[person]) & (couple[person] >= 0) & (after != person)
        has_before = (couple[before] == couple[person]) & (couple[person] >= 0) & (before != person)
        back = has_before & ((twin == 2) | ~has_after)
        return np.where(back, before, np.where(has_after, after, -1))


def build(count: int, seed: int, data: Data, dirt: Dirt) -> Society:
    """Draw a society whose registry has ``count`` people, the dead and inactive among them."""
    weights = clan_weights(data, dirt)
    people, couples, living = _enough(count, seed, data, weights)
    people = _default_days(people, stream(seed, "default days"), data)
    homes = settle(people, couples, living, stream(seed, "homes"), data)
    residents = _residents(people, homes, living, count, stream(seed, "residents"), data)
    grown = residents.outside[
        to_day(data.as_of) - people.born[residents.outside] > data.registry.newborn_days
    ]
    homes = _visitors(people, homes, grown, stream(seed, "visitors"), data, dirt)
    names = name(people, len(couples), stream(seed, "names"), data)
    society = Society(data, people, couples, homes, names, residents, [], [])
    mothers, fathers = _parents(society, stream(seed, "parents"), weights)
    return replace(society, mother_name=mothers, father_name=fathers)


def _enough(count: int, seed: int, data: Data, weights: list[Floats]) -> tuple[People, Couples, Bools]:
    """Families with enough living people; more founders are tried until there are."""
    founders = 4 + round(count * FOUNDERS)
    while True:
        people, couples = families(founders, stream(seed, "families"), data, weights)
        grown = to_day(data.as_of) - people.born > 17 * YEAR
        left = grown & hit(stream(seed, "leaving"), len(people), data.life.leave)
        living = (people.died > to_day(data.as_of)) & ~left
        if np.count_nonzero(living) >= count * SPARE:
            return people, couples, living
        founders = round(founders * 1.15) + 1


def _default_days(people: People, rng: Rng, data: Data) -> People:
    """Of the old many know only the year of their birth: every paper has the same default day."""
    year = year_of(people.born)
    old = (year < data.registry.default_day_before) & (people.twin == 0)
    who = np.flatnonzero(old & hit(rng, len(people), data.registry.default_day))
    month, day = np.array([[1, 1], [12, 31], [7, 1]])[choose(rng, [0.62, 0.25, 0.13], len(who))].T
    first = ((year[who] - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    born = people.born.copy()
    born[who] = first.astype(np.int64) + day - 1
    return replace(people, born=born)


def _residents(people: People, homes: Homes, living: Bools, count: int, rng: Rng, data: Data) -> Residents:
    """Fill the registry home by home; the last to die are still in it."""
    habits, as_of = data.registry, to_day(data.as_of)
    homes_there, home = np.unique(homes.home, return_inverse=True)
    rank = rng.permutation(len(homes_there))[home]
    order = np.flatnonzero(living)
    order = order[np.argsort(rank[order], kind="stable")]
    dead_count = round(count * habits.deceased)
    inside, outside = order[: count - dead_count], order[count - dead_count :]
    gone = np.flatnonzero(
        (people.died <= as_of) & (rank <= rank[inside].max()) & (people.born < as_of - YEAR)
    )
    dead = gone[np.argsort(-people.died[gone], kind="stable")][:dead_count]
    fresh = inside[as_of - people.born[inside] < habits.newborn_days]
    late = fresh[hit(rng, len(fresh), habits.newborn_unregistered)]
    inside = np.setdiff1d(inside, late)
    grown = inside[as_of - people.born[inside] > 17 * YEAR]
    inactive = rng.permutation(grown)[: round(count * habits.inactive)]
    status = np.where(np.isin(inside, inactive), INACTIVE, ACTIVE)
    return Residents(
        person=np.concatenate([inside, dead]),
        status=np.concatenate([status, np.full(len(dead), DECEASED)]),
        outside=np.concatenate([outside, late]),
    )


def _visitors(people: People, homes: Homes, outside: Ints, rng: Rng, data: Data, dirt: Dirt) -> Homes:
    """Of those in no registry, some come from another regency and hold its number."""
    far = outside[some(rng, len(outside), dirt.visitors)]
    issued = homes.issued.copy()
    _, issued[far] = elsewhere(rng, data, len(far))
    second = np.flatnonzero(people.twin == 2)
    issued[second] = issued[second - 1]
    return replace(homes, issued=issued)


def _parents(society: Society, rng: Rng, weights: list[Floats]) -> tuple[list[str], list[str]]:
    """Mother's and father's names by person; ``-`` for the father of a child of a mother alone."""
    people, everyone = society.people, np.arange(len(society.people))
    unknown = np.flatnonzero(people.couple < 0)
    written = []
    for woman, parent in ((True, society.mother(everyone)), (False, society.father(everyone))):
        name = society.names.full(np.maximum(parent, 0))
        made = strangers(woman, people.nation[unknown], rng, society.data, weights)
        for person, text in zip(unknown.tolist(), made, strict=True):
            name[person] = text
        for person in np.flatnonzero((people.couple >= 0) & (parent < 0)).tolist():
            name[person] = "-"
        written.append(name)
    return written[0], written[1]
