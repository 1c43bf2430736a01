"""Who lives with whom and where: families become households, in the districts of the regency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.chance import Bools, Ints, Rng, choose, hit
from pipelines.sample.data import Data
from pipelines.sample.days import YEAR, to_day, year_of
from pipelines.sample.families import Couples, People

HEAD, WIFE, CHILD, GRANDCHILD, PARENT, PARENT_IN_LAW, KIN = 1, 3, 4, 6, 7, 8, 9
"""SIAK's codes for the place in a household (STAT_HBKEL)."""

OLD = 62
"""From this age in years the widowed may move to a child."""


@dataclass(frozen=True)
class Homes:
    """A value for each person.

    ``home`` is equal for those on one family card: a couple's index, or beyond all couples the person's own;
    ``role`` the place in the household; ``district`` of the address, an index into ``data.districts``;
    ``issued`` the region that issued the number, six digits; ``birthplace`` an index into ``places``.
    """

    home: Ints
    role: Ints
    district: Ints
    issued: Ints
    birthplace: Ints
    places: tuple[str, ...]


def settle(people: People, couples: Couples, living: Bools, rng: Rng, data: Data) -> Homes:
    """Give everyone a home; the dead get the one where they would live."""
    n = len(couples)
    first = _first_districts(people, couples, rng, data)
    now = np.where(hit(rng, n, data.homes.moved), _any_district(rng, data, n), first)
    home = _homes(people, couples, living, rng, data)
    born_in = np.where(people.couple >= 0, first[people.couple], -1)
    own = np.full(len(people), -1)
    own[couples.wife] = first
    own[couples.husband[couples.husband >= 0]] = first[couples.husband >= 0]
    native = np.where(born_in >= 0, born_in, own)
    district = np.where(home < n, now[np.minimum(home, n - 1)], native)
    issued, far = _issued(people, native, rng, data)
    places, birthplace = _birthplaces(native, far, rng, data)
    return Homes(home, _roles(people, couples, living, home), district, issued, birthplace, places)


def elsewhere(rng: Rng, data: Data, n: int) -> tuple[Ints, Ints]:
    """For ``n`` people a regency elsewhere (an index) and the code of one of its districts."""
    which = choose(rng, [e.weight for e in data.elsewhere], n)
    regency = np.array([e.regency for e in data.elsewhere])[which]
    many = np.array([e.districts for e in data.elsewhere])[which]
    return which, regency * 100 + 1 + np.asarray(rng.random(n) * many, dtype=np.int64)


def _any_district(rng: Rng, data: Data, n: int) -> Ints:
    return choose(rng, [d.weight for d in data.districts], n)


def _first_districts(people: People, couples: Couples, rng: Rng, data: Data) -> Ints:
    """Where each couple first lived: mostly where his parents (or hers, if she is alone) did."""
    district = _any_district(rng, data, len(couples))
    stays = hit(rng, len(couples), data.homes.stay_in_district)
    root = people.couple[np.where(couples.husband >= 0, couples.husband, couples.wife)]
    for generation in range(1, int(couples.generation.max()) + 1):
        here = np.flatnonzero(stays & (couples.generation == generation))
        district[here] = district[root[here]]
    return district


def _homes(people: People, couples: Couples, living: Bools, rng: Rng, data: Data) -> Ints:
    n, habits, me = len(people), data.homes, np.arange(len(people))
    age = (to_day(data.as_of) - people.born) / YEAR
    married = np.full(n, -1)
    both = np.flatnonzero(couples.husband >= 0)
    married[couples.husband[both]] = both
    married[couples.wife] = np.arange(len(couples))
    is_married, has_parents = married >= 0, people.couple >= 0
    # A mother alone may stay with her parents, her children with her; so may her own mother have done.
    of_couple = np.arange(len(couples))
    stays = (couples.husband < 0) & hit(rng, len(couples), habits.unwed_with_parents)
    of_couple[stays] = people.couple[couples.wife[stays]]
    of_couple = of_couple[of_couple]
    # The widowed old go to a married child; the last in the list counts.
    child_home = np.full(len(couples), -1)
    settled = np.flatnonzero(living & is_married & has_parents)
    child_home[people.couple[settled]] = married[settled]
    spouse = np.where(couples.wife[married] == me, couples.husband[married], couples.wife[married])
    widowed = is_married & (spouse >= 0) & ~living[spouse] & (age > OLD)
    moves = widowed & (child_home[married] >= 0) & hit(rng, n, habits.widowed_with_child)
    alone = ~is_married & (age > habits.own_home_from) & hit(rng, n, habits.own_home)
    home = np.where(is_married, married, people.couple)
    home = np.where(moves, child_home[married], home)
    return np.asarray(np.where(alone, len(couples) + me, of_couple[home]), dtype=np.int64)


def _roles(people: People, couples: Couples, living: Bools, home: Ints) -> Ints:
    """The place of each in the household; where the couple is gone the eldest living member is its head."""
    me, shared = np.arange(len(people)), home < len(couples)
    owner = np.minimum(home, len(couples) - 1)
    wife, husband, parents = couples.wife[owner], couples.husband[owner], people.couple
    role = np.full(len(people), KIN)
    role[shared & (parents == home)] = CHILD
    grand = shared & (parents >= 0) & (parents != home)
    role[grand & (people.couple[couples.wife[parents]] == home)] = GRANDCHILD
    his_home = (husband >= 0) & living[husband]
    for person, heads in ((husband, his_home), (wife, ~his_home)):
        of = np.where(person >= 0, people.couple[person], -1)
        is_parent = shared & (of >= 0) & ((couples.wife[of] == me) | (couples.husband[of] == me))
        role[is_parent] = np.where(heads, PARENT, PARENT_IN_LAW)[is_parent]
    is_wife, is_husband = shared & (wife == me), shared & (husband == me)
    role[is_wife] = WIFE
    rank = np.where(is_husband, 0, np.where(is_wife, 1, 2))
    role[_first_of_each(home, rank, people.born, living)] = HEAD
    role[~shared] = HEAD
    return role


def _first_of_each(home: Ints, rank: Ints, born: Ints, living: Bools) -> Ints:
    """One living member of each home: of the lowest rank, then the eldest."""
    here = np.flatnonzero(living)
    order = here[np.lexsort((here, born[here], rank[here], home[here]))]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = home[order][1:] != home[order][:-1]
    return np.asarray(order[begins], dtype=np.int64)


def _issued(people: People, native: Ints, rng: Rng, data: Data) -> tuple[Ints, Ints]:
    """The region of each number, and for those from elsewhere the index of the regency (else -1)."""
    n = len(people)
    which, code = elsewhere(rng, data, n)
    far = people.incomer | hit(rng, n, data.numbers.born_elsewhere)
    second = np.flatnonzero(people.twin == 2)  # born where the first was
    for column in (far, which, code):
        column[second] = column[second - 1]
    issued = np.where(far, code, np.array([d.code for d in data.districts])[native])
    old = (year_of(people.born) < data.dead.before) & ~far & (people.twin == 0)
    dead = np.flatnonzero(old & hit(rng, n, data.dead.share))
    issued[dead] = rng.choice(np.array(data.dead.codes), len(dead))
    return np.asarray(issued, dtype=np.int64), np.where(far, which, -1)


def _birthplaces(native: Ints, far: Ints, rng: Rng, data: Data) -> tuple[tuple[str, ...], Ints]:
    """The place on each certificate: the town, the regency, a village of the district, or one elsewhere."""
    habits = data.birthplaces
    places = [habits.town, habits.regency]
    first = []
    for district in data.districts:
        first.append(len(places))
        places += district.places
    many = np.array([len(d.places) for d in data.districts])[native]
    village = np.array(first)[native] + np.asarray(rng.random(len(native)) * many, dtype=np.int64)
    u = rng.random(len(native))
    local = np.where(u < habits.town_share, 0, np.where(u >= 1 - habits.regency_share, 1, village))
    away = len(places) + np.arange(len(data.elsewhere))
    places += [e.place for e in data.elsewhere]
    return tuple(places), np.where(far >= 0, away[far], local)
