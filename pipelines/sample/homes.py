"""Who lives with whom and where: families become households with a card, in the districts of the regency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.chance import Bools, Ints, choose
from pipelines.sample.data import Data
from pipelines.sample.families import YEAR, Couples, People

HEAD, WIFE, CHILD, GRANDCHILD, PARENT, PARENT_IN_LAW, KIN = 1, 3, 4, 6, 7, 8, 9
"""SIAK's codes for the place in a household (STAT_HBKEL)."""


@dataclass(frozen=True)
class Homes:
    """For each person: ``home`` (equal for those on one family card), ``role``, ``district`` of the address,
    ``issued`` (region that issued the number, six digits), ``birthplace`` (an index into ``places``)."""

    home: Ints
    role: Ints
    district: Ints
    issued: Ints
    birthplace: Ints
    places: tuple[str, ...]


def settle(
    people: People, couples: Couples, living: Bools, rng: np.random.Generator, data: Data, as_of: int
) -> Homes:
    """Give everyone a home, the dead too (where they would live); ``district`` indexes ``data.districts``."""
    district = _districts(people, couples, rng, data)
    home = _homes(people, couples, living, rng, data, as_of)
    role = _roles(people, couples, living, home)
    moved = np.where(rng.random(len(couples)) < data.homes.moved, _drawn(rng, data, len(couples)), district)
    born_in = np.where(people.couple >= 0, district[people.couple], -1)
    owner = np.where(home < len(couples), home, 0)
    address = np.where(home < len(couples), moved[owner], np.where(born_in >= 0, born_in, 0))
    own = np.full(len(people), -1)
    own[couples.wife] = district
    own[couples.husband[couples.husband >= 0]] = district[couples.husband >= 0]
    native = np.where(born_in >= 0, born_in, own)
    issued, far = _issued(people, native, rng, data)
    places, birthplace = _birthplaces(native, far, rng, data)
    return Homes(home, role, address, issued, birthplace, places)


def _drawn(rng: np.random.Generator, data: Data, n: int) -> Ints:
    return choose(rng, [d.weight for d in data.districts], n)


def _districts(people: People, couples: Couples, rng: np.random.Generator, data: Data) -> Ints:
    """Where each couple first lived: mostly where his parents (or hers, alone) did."""
    district = _drawn(rng, data, len(couples))
    stays = rng.random(len(couples)) < data.homes.stay_in_district
    root = people.couple[np.where(couples.husband >= 0, couples.husband, couples.wife)]
    for generation in range(1, int(couples.generation.max(initial=0)) + 1):
        here = np.flatnonzero(stays & (couples.generation == generation) & (root >= 0))
        district[here] = district[root[here]]
    return district


def _homes(
    people: People, couples: Couples, living: Bools, rng: np.random.Generator, data: Data, as_of: int
) -> Ints:
    """The home of each person: a couple's index, or beyond them the person's own."""
    n, habits = len(people), data.homes
    married = np.full(n, -1)
    married[couples.husband[couples.husband >= 0]] = np.flatnonzero(couples.husband >= 0)
    married[couples.wife] = np.arange(len(couples))
    # A mother alone may stay with her parents, and her children with her.
    of_couple = np.arange(len(couples))
    stays = (couples.husband < 0) & (rng.random(len(couples)) < habits.unwed_with_parents)
    of_couple[stays] = people.couple[couples.wife[stays]]
    of_couple = of_couple[of_couple]
    # The widowed old go to a married child, the last in the list.
    child_home = np.full(len(couples), -1)
    settled = np.flatnonzero(living & (married >= 0) & (people.couple >= 0))
    child_home[people.couple[settled]] = married[settled]
    spouse = np.where(np.arange(n) == couples.wife[married], couples.husband[married], couples.wife[married])
    widowed = (married >= 0) & (spouse >= 0) & ~living[spouse] & (as_of - people.born > 62 * YEAR)
    moves = widowed & (child_home[married] >= 0) & (rng.random(n) < habits.widowed_with_child)
    alone = (
        (married < 0)
        & (as_of - people.born > habits.own_home_from * YEAR)
        & (rng.random(n) < habits.own_home)
    )
    beyond = len(couples) + np.arange(n)
    home = np.where(
        married >= 0, of_couple[married], np.where(people.couple >= 0, of_couple[people.couple], beyond)
    )
    home = np.where(moves, of_couple[child_home[married]], home)
    return np.asarray(np.where(alone, beyond, home), dtype=np.int64)


def _roles(people: People, couples: Couples, living: Bools, home: Ints) -> Ints:
    """The place of each in the household; where the couple is gone the eldest living member is its head."""
    n = len(people)
    owned = home < len(couples)
    owner = np.where(owned, home, 0)
    me = np.arange(n)
    wife, husband = couples.wife[owner], couples.husband[owner]
    parents = people.couple
    role = np.full(n, KIN)
    role[owned & (parents == home)] = CHILD
    grand = owned & (parents >= 0) & (parents != home)
    role[grand & (people.couple[couples.wife[np.maximum(parents, 0)]] == home)] = GRANDCHILD
    for person, code in ((husband, PARENT), (wife, PARENT_IN_LAW)):
        of = np.where(person >= 0, people.couple[person], -1)
        is_parent = owned & (of >= 0) & ((couples.wife[of] == me) | (couples.husband[of] == me))
        role[is_parent] = code
    role[owned & (wife == me)] = WIFE
    head = _heads(people, living, home, owned & (husband == me), owned & (wife == me))
    role[head] = HEAD
    role[~owned] = HEAD
    return role


def _heads(people: People, living: Bools, home: Ints, is_husband: Bools, is_wife: Bools) -> Ints:
    """One living member of each home: the husband, else the wife, else the eldest."""
    rank = np.where(is_husband, 0, np.where(is_wife, 1, 2))
    here = np.flatnonzero(living)
    order = here[np.lexsort((here, people.born[here], rank[here], home[here]))]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = home[order][1:] != home[order][:-1]
    return np.asarray(order[first], dtype=np.int64)


def _issued(people: People, native: Ints, rng: np.random.Generator, data: Data) -> tuple[Ints, Ints]:
    """The region of each number, and for those from elsewhere the index of the regency (else -1)."""
    n = len(people)
    codes = np.array([d.code for d in data.districts])
    far_codes = np.array([e.regency for e in data.elsewhere])
    far_many = np.array([e.districts for e in data.elsewhere])
    which = choose(rng, [e.weight for e in data.elsewhere], n)
    far = people.incomer | (rng.random(n) < data.numbers.born_elsewhere)
    # Twins were born in one place.
    second = np.flatnonzero(people.twin == 2)
    far[second], which[second] = far[second - 1], which[second - 1]
    far_district = far_codes[which] * 100 + 1 + np.asarray(rng.random(n) * far_many[which], dtype=np.int64)
    far_district[second] = far_district[second - 1]
    issued = np.where(far, far_district, codes[native])
    old = (people.born < np.datetime64(f"{data.dead.before}-01-01", "D").astype(np.int64)) & ~far
    dead = np.flatnonzero(old & (people.twin == 0) & (rng.random(n) < data.dead.share))
    issued[dead] = np.array(data.dead.codes)[rng.integers(0, len(data.dead.codes), len(dead))]
    return np.asarray(issued, dtype=np.int64), np.where(far, which, -1)


def _birthplaces(
    native: Ints, far: Ints, rng: np.random.Generator, data: Data
) -> tuple[tuple[str, ...], Ints]:
    """The place on each certificate: the town, the regency, a village of the district, or a place elsewhere."""
    habits = data.birthplaces
    places = [habits.town, habits.regency]
    first = []
    for district in data.districts:
        first.append(len(places))
        places += district.places
    sizes = np.array([len(d.places) for d in data.districts])
    village = np.array(first)[native] + np.asarray(rng.random(len(native)) * sizes[native], dtype=np.int64)
    u = rng.random(len(native))
    town, regency = u < habits.town_share, u >= 1 - habits.regency_share
    local = np.where(town, 0, np.where(regency, 1, village))
    away = len(places) + np.arange(len(data.elsewhere))
    places += [e.place for e in data.elsewhere]
    return tuple(places), np.where(far >= 0, away[far], local)
