"""A district's people over a century: founding couples, their children, and theirs, until the day of the draw.

Days are counted from 1970-01-01; ``NEVER`` stands for a day that has not come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from pipelines.sample.chance import Bools, Floats, Ints, choose
from pipelines.sample.data import Data, Life, Spread

YEAR = 365.2425
NEVER = 10**7
MOST_CHILDREN = 12


@dataclass(frozen=True)
class People:
    """Everyone who ever lived in the draw; a person is a row's index, -1 stands for nobody.

    ``couple`` are the parents (an index into ``Couples``), ``nation`` and ``clan`` index the data file's lists;
    ``twin`` is 1 and 2 for the first and second of two, who lie side by side.
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
    """Who founded a family with whom and when; ``husband`` is -1 for a mother alone."""

    wife: Ints
    husband: Ints
    since: Ints
    generation: Ints

    def __len__(self) -> int:
        return len(self.wife)


Table = TypeVar("Table", People, Couples)


def _joined(first: Table, second: Table) -> Table:
    columns = {
        f.name: np.concatenate([getattr(first, f.name), getattr(second, f.name)]) for f in fields(first)
    }
    return type(first)(**columns)


def first_of_year(year: Ints | Floats) -> Ints:
    """The day on which each year begins, to a day or so."""
    return np.asarray((year - 1970) * YEAR, dtype=np.int64)


def year_of(day: Ints) -> Ints:
    """The calendar year of each day."""
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def families(
    founders: int, rng: np.random.Generator, data: Data, clan_weights: Sequence[Floats]
) -> tuple[People, Couples]:
    """Let ``founders`` couples have children, and those theirs, until nobody is born before ``data.as_of``."""
    as_of = int(np.datetime64(data.as_of, "D").astype(np.int64))
    people, couples = _founding(founders, rng, data, clan_weights)
    young = couples
    while len(young):
        first = len(people)
        people = _joined(people, _children(young, len(couples) - len(young), people, rng, data.life, as_of))
        newborn = np.arange(first, len(people))
        generation = int(young.generation[0]) + 1
        young = _marriages(people, couples, newborn, rng, data, as_of, generation)
        couples = _joined(couples, young)
    return people, couples


def _founding(
    founders: int, rng: np.random.Generator, data: Data, clan_weights: Sequence[Floats]
) -> tuple[People, Couples]:
    """The first couples: those of old, whose number grows with the years, and those who came from elsewhere."""
    life = data.life
    late = round(founders * life.incomers)
    first, last = life.founders
    span = last - first
    grown = np.log1p(rng.random(founders) * np.expm1(life.growth * span)) / life.growth
    year = np.concatenate([first + grown, rng.uniform(*life.incomers_born, late)])
    n = founders + late
    native = choose(rng, [p.weight for p in data.peoples], founders)
    coming = [p.incomer_weight or data.incomer_weights.get(p.name, 0) for p in data.peoples]
    nation = np.concatenate([native, choose(rng, coming, late)])
    wife_born = first_of_year(year)
    husband_born = wife_born - np.asarray(rng.normal(3.8, 3.0, n) * YEAR, dtype=np.int64)
    both = np.concatenate([nation, nation])
    born = np.concatenate([wife_born, husband_born])
    incomer = np.tile(np.arange(n) >= founders, 2)
    people = People(
        woman=np.arange(2 * n) < n,
        born=born,
        died=_deaths(born, rng, life, grown_up=True),
        couple=np.full(2 * n, -1),
        nation=both,
        clan=_clans(both, rng, clan_weights),
        incomer=incomer,
        twin=np.zeros(2 * n, dtype=np.int64),
    )
    since = wife_born + _ages(n, rng, life.women_marry)
    wife = np.arange(n)
    return people, Couples(wife, wife + n, since, np.zeros(n, dtype=np.int64))


def _clans(nation: Ints, rng: np.random.Generator, clan_weights: Sequence[Floats]) -> Ints:
    clan = np.zeros(len(nation), dtype=np.int64)
    for index, weights in enumerate(clan_weights):
        mine = np.flatnonzero(nation == index)
        clan[mine] = choose(rng, weights, len(mine))
    return clan


def _ages(n: int, rng: np.random.Generator, spread: Spread) -> Ints:
    """Ages at marriage in days, none below sixteen."""
    return np.asarray(np.maximum(rng.normal(*spread, n), 16.0) * YEAR, dtype=np.int64)


def _deaths(born: Ints, rng: np.random.Generator, life: Life, grown_up: bool = False) -> Ints:
    """The day on which each dies: some as infants, the others by Gompertz's law around the mode of old age."""
    mode, spread = life.old_age
    years = mode + spread * np.log(-np.log(rng.random(len(born))))
    years = np.maximum(years, 30.0 if grown_up else 1.0)
    known = np.asarray(life.infant_death)
    infant = rng.random(len(born)) < np.interp(year_of(born), known[:, 0], known[:, 1])
    early = rng.exponential(0.6, len(born))
    return born + np.asarray(np.where(infant & (not grown_up), early, years) * YEAR, dtype=np.int64)


def _children(
    young: Couples, offset: int, people: People, rng: np.random.Generator, life: Life, as_of: int
) -> People:
    """The children of the couples ``young``, which begin at row ``offset`` of all couples."""
    known = np.asarray(life.children)
    want = rng.poisson(np.interp(year_of(young.since), known[:, 0], known[:, 1]))
    alone = young.husband < 0
    want = np.where(alone, np.clip(want, 1, 2), want)
    gaps = rng.gamma(3.2, 0.78, (len(young), MOST_CHILDREN))
    gaps[:, 0] = np.where(alone, 0.0, 0.5 + gaps[:, 0] / 2)
    day = young.since[:, None] + np.asarray(np.cumsum(gaps, axis=1) * YEAR, dtype=np.int64)
    father_died = np.where(alone, NEVER, people.died[young.husband])
    last = np.minimum(people.born[young.wife] + int(46 * YEAR), people.died[young.wife])
    last = np.minimum(np.minimum(last, father_died + 270), as_of)
    comes = (np.arange(MOST_CHILDREN) < want[:, None]) & (day <= last[:, None])
    row = np.nonzero(comes)[0]
    twins = rng.random(len(row)) < life.twins
    times = 1 + twins
    first = np.cumsum(times) - times
    row = np.repeat(row, times)
    born = np.repeat(day[comes], times)
    twin = np.repeat(twins.astype(np.int64), times)
    twin[first[twins] + 1] = 2
    heir = np.where(alone, young.wife, young.husband)[row]
    return People(
        woman=rng.random(len(row)) < 0.488,
        born=born,
        died=_deaths(born, rng, life),
        couple=row + offset,
        nation=people.nation[heir],
        clan=people.clan[heir],
        incomer=np.zeros(len(row), dtype=np.bool_),
        twin=twin,
    )


def _marriages(
    people: People,
    couples: Couples,
    grown: Ints,
    rng: np.random.Generator,
    data: Data,
    as_of: int,
    generation: int,
) -> Couples:
    """Pair the people ``grown`` of one generation: mostly within a people, never brother and sister."""
    life = data.life
    woman = people.woman[grown]
    age = np.where(woman, _ages(len(grown), rng, life.women_marry), _ages(len(grown), rng, life.men_marry))
    wed = people.born[grown] + age
    willing = (rng.random(len(grown)) < life.marry) & (wed <= as_of) & (wed < people.died[grown])
    alone = willing & woman & (rng.random(len(grown)) < life.unwed)
    circle = people.nation[grown].copy()
    mixed = np.flatnonzero(rng.random(len(grown)) < life.mixed)
    circle[mixed] = circle[rng.permutation(mixed)]
    wives, husbands = [grown[alone]], [np.full(int(alone.sum()), -1)]
    since = [wed[alone]]
    for index in range(len(data.peoples)):
        able = willing & ~alone & (circle == index)
        w, h = _paired(np.flatnonzero(able & woman), np.flatnonzero(able & ~woman), wed, rng)
        h = _no_siblings(people.couple[grown[w]], people.couple[grown[h]], h)
        day = np.maximum(wed[w], wed[h])
        kin = people.couple[grown[w]] == people.couple[grown[h]]
        fits = (day <= as_of) & (day < people.died[grown[w]]) & (day < people.died[grown[h]]) & ~kin
        wives.append(grown[w[fits]])
        husbands.append(grown[h[fits]])
        since.append(day[fits])
    wife = np.concatenate(wives)
    return Couples(wife, np.concatenate(husbands), np.concatenate(since), np.full(len(wife), generation))


def _paired(women: Ints, men: Ints, wed: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """As many of each sex as there are of the fewer, side by side in the order of their wedding days."""
    n = min(len(women), len(men))
    women, men = rng.permutation(women)[:n], rng.permutation(men)[:n]
    return women[np.argsort(wed[women], kind="stable")], men[np.argsort(wed[men], kind="stable")]


def _no_siblings(wife_family: Ints, husband_family: Ints, husbands: Ints) -> Ints:
    """Swap a brother with the next man in the row."""
    swapped = husbands.copy()
    for row in np.flatnonzero(wife_family[:-1] == husband_family[:-1]):
        swapped[row], swapped[row + 1] = swapped[row + 1], swapped[row]
    return swapped
