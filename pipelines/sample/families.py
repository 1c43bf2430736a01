"""A regency's people over a century: founders, their children, and theirs, until the day of the draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from pipelines.sample.chance import Bools, Floats, Ints, Rng, choose, hit
from pipelines.sample.data import Data, Life
from pipelines.sample.days import NEVER, YEAR, first_of_year, to_day, year_of
from pipelines.sample.fields import Points, Spread

MOST_CHILDREN = 12
YOUNGEST_BRIDE = 16.0
OLDEST_MOTHER = 46


@dataclass(frozen=True)
class People:
    """Everyone who ever lived in the draw; a person is a row's index, -1 stands for nobody.

    ``born`` and ``died`` are days; ``couple`` are the parents (an index into ``Couples``); ``nation`` and
    ``clan`` index the data file's lists; ``twin`` is 1 and 2 for the first and second of two, who lie side by
    side. All children of a couple lie side by side, eldest first.
    """

    woman: Bools
    born: Ints
    died: Ints
    couple: Ints
    nation: Ints
    clan: Ints
    incomer: Bools
    twin: Ints

    def __len__(self) -> int:
        return len(self.born)


@dataclass(frozen=True)
class Couples:
    """Who founded a family with whom and on which day; ``husband`` is -1 for a mother alone."""

    wife: Ints
    husband: Ints
    since: Ints
    generation: Ints

    def __len__(self) -> int:
        return len(self.wife)


Table = TypeVar("Table", People, Couples)


def families(founders: int, rng: Rng, data: Data, clan_weights: Sequence[Floats]) -> tuple[People, Couples]:
    """Let ``founders`` couples have children, and those theirs, until nobody is born by ``data.as_of``."""
    as_of = to_day(data.as_of)
    people, couples = _founding(founders, rng, data, clan_weights)
    young = couples
    while len(young):
        first = len(people)
        offset = len(couples) - len(young)
        people = _joined(people, _children(young, offset, people, rng, data.life, as_of))
        young = _marriages(people, np.arange(first, len(people)), rng, data, int(young.generation[0]) + 1)
        couples = _joined(couples, young)
    return people, couples


def _joined(first: Table, second: Table) -> Table:
    columns = {
        f.name: np.concatenate([getattr(first, f.name), getattr(second, f.name)]) for f in fields(first)
    }
    return type(first)(**columns)


def _founding(founders: int, rng: Rng, data: Data, clan_weights: Sequence[Floats]) -> tuple[People, Couples]:
    """The first couples: those of old, more of them with the years, and those who came from elsewhere."""
    life = data.life
    late = round(founders * life.incomers)
    n = founders + late
    first, last = life.founders
    grown = np.log1p(rng.random(founders) * np.expm1(life.growth * (last - first))) / life.growth
    year = np.concatenate([first + grown, rng.uniform(*life.incomers_born, late)])
    native = choose(rng, [p.weight for p in data.peoples], founders)
    coming = choose(rng, [p.incomer_weight for p in data.peoples], late)
    nation = np.tile(np.concatenate([native, coming]), 2)
    wife_born = first_of_year(year)
    older = np.asarray(rng.normal(3.8, 3.0, n) * YEAR, dtype=np.int64)
    born = np.concatenate([wife_born, wife_born - older])
    clan = np.zeros(2 * n, dtype=np.int64)
    for index, weights in enumerate(clan_weights):
        mine = np.flatnonzero(nation == index)
        clan[mine] = choose(rng, weights, len(mine))
    people = People(
        woman=np.arange(2 * n) < n,
        born=born,
        died=_deaths(born, rng, life, spared=True),
        couple=np.full(2 * n, -1),
        nation=nation,
        clan=clan,
        incomer=np.tile(np.arange(n) >= founders, 2),
        twin=np.zeros(2 * n, dtype=np.int64),
    )
    since = np.minimum(wife_born + _wedding_ages(n, rng, life.women_marry), to_day(data.as_of))
    return people, Couples(np.arange(n), np.arange(n, 2 * n), since, np.zeros(n, dtype=np.int64))


def _wedding_ages(n: int, rng: Rng, spread: Spread) -> Ints:
    return np.asarray(np.maximum(rng.normal(*spread, n), YOUNGEST_BRIDE) * YEAR, dtype=np.int64)


def _at(points: Points, day: Ints) -> Floats:
    """The value of a curve in the year of each day."""
    years, values = zip(*points, strict=True)
    return np.asarray(np.interp(year_of(day), years, values), dtype=np.float64)


def _deaths(born: Ints, rng: Rng, life: Life, spared: bool = False) -> Ints:
    """The day on which each dies: some as infants, the others by Gompertz's law around the mode of old age.

    ``spared`` are founders: they lived to found a family.
    """
    mode, spread = life.old_age
    years = np.maximum(mode + spread * np.log(-np.log(rng.random(len(born)))), 45.0 if spared else 1.0)
    infant = rng.random(len(born)) < (0.0 if spared else _at(life.infant_death, born))
    early = rng.exponential(0.6, len(born))
    return born + np.asarray(np.where(infant, early, years) * YEAR, dtype=np.int64)


def _children(young: Couples, offset: int, people: People, rng: Rng, life: Life, as_of: int) -> People:
    """The children of the couples ``young``, the first of which is row ``offset`` of all couples."""
    alone = young.husband < 0
    want = rng.poisson(_at(life.children, young.since))
    want = np.where(alone, np.clip(want, 1, 2), want)
    gaps = rng.gamma(3.2, 0.78, (len(young), MOST_CHILDREN))
    gaps[:, 0] = np.where(alone, 0.0, 0.5 + gaps[:, 0] / 2)
    day = young.since[:, None] + np.asarray(np.cumsum(gaps, axis=1) * YEAR, dtype=np.int64)
    last = np.minimum(people.born[young.wife] + int(OLDEST_MOTHER * YEAR), people.died[young.wife])
    last = np.minimum(last, np.where(alone, NEVER, people.died[young.husband] + 270))
    comes = (np.arange(MOST_CHILDREN) < want[:, None]) & (day <= np.minimum(last, as_of)[:, None])
    row = np.nonzero(comes)[0]
    twins = hit(rng, len(row), life.twins)
    times = 1 + twins
    second = (np.cumsum(times) - 1)[twins]
    row, born, twin = (
        np.repeat(row, times),
        np.repeat(day[comes], times),
        np.repeat(twins.astype(np.int64), times),
    )
    twin[second] = 2
    heir = np.where(alone, young.wife, young.husband)[row]
    return People(
        woman=hit(rng, len(row), 0.488),
        born=born,
        died=_deaths(born, rng, life),
        couple=row + offset,
        nation=people.nation[heir],
        clan=people.clan[heir],
        incomer=np.zeros(len(row), dtype=np.bool_),
        twin=twin,
    )


def _marriages(people: People, grown: Ints, rng: Rng, data: Data, generation: int) -> Couples:
    """Pair the people ``grown`` of one generation: mostly within a people, never brother and sister."""
    life, n = data.life, len(grown)
    woman = people.woman[grown]
    age = np.where(woman, _wedding_ages(n, rng, life.women_marry), _wedding_ages(n, rng, life.men_marry))
    wed = people.born[grown] + age
    willing = hit(rng, n, life.marry) & (wed <= to_day(data.as_of)) & (wed < people.died[grown])
    alone = willing & woman & hit(rng, n, life.unwed)
    circle = people.nation[grown].copy()
    mixed = np.flatnonzero(hit(rng, n, life.mixed))
    circle[mixed] = circle[rng.permutation(mixed)]
    wives, husbands, since = [np.flatnonzero(alone)], [np.full(int(alone.sum()), -1)], [wed[alone]]
    for index in range(len(data.peoples)):
        able = willing & ~alone & (circle == index)
        wife, husband = _paired(np.flatnonzero(able & woman), np.flatnonzero(able & ~woman), wed, rng)
        husband = _no_brothers(people.couple[grown[wife]], people.couple[grown[husband]], husband)
        day = np.maximum(wed[wife], wed[husband])
        kin = people.couple[grown[wife]] == people.couple[grown[husband]]
        alive = (day < people.died[grown[wife]]) & (day < people.died[grown[husband]])
        fits = alive & ~kin
        wives.append(wife[fits])
        husbands.append(grown[husband[fits]])
        since.append(day[fits])
    wife = grown[np.concatenate(wives)]
    return Couples(wife, np.concatenate(husbands), np.concatenate(since), np.full(len(wife), generation))


def _paired(women: Ints, men: Ints, wed: Ints, rng: Rng) -> tuple[Ints, Ints]:
    """As many of each sex as there are of the fewer, side by side in the order of their wedding days."""
    n = min(len(women), len(men))
    women, men = rng.permutation(women)[:n], rng.permutation(men)[:n]
    return women[np.argsort(wed[women], kind="stable")], men[np.argsort(wed[men], kind="stable")]


def _no_brothers(wife_family: Ints, husband_family: Ints, husbands: Ints) -> Ints:
    """Give a sister's place to the next man in the row."""
    swapped = husbands.copy()
    for row in np.flatnonzero(wife_family[:-1] == husband_family[:-1]):
        swapped[row], swapped[row + 1] = swapped[row + 1], swapped[row]
    return swapped
