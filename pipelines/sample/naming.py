"""What people are called: given names by sex, people and year of birth, then the clan of the father."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.chance import Bools, Floats, Ints, Rng, choose, falling, hit
from pipelines.sample.data import Data, Given, Nation
from pipelines.sample.days import year_of
from pipelines.sample.dirt import Dirt
from pipelines.sample.families import People

MOST_GIVEN = 4
REDRAWS = 8
"""So often parents think again of a name that a brother or sister has."""

ELDER = 4
"""So many elder brothers and sisters they think of."""


@dataclass(frozen=True)
class Names:
    """For each person up to four given names and the clan, as indices into ``words`` (-1 for none)."""

    words: tuple[str, ...]
    given: Ints
    clan: Ints

    def full(self, who: Ints, clan: Ints | None = None) -> list[str]:
        """The names of these people in capitals; with ``clan``, under that clan instead of their own."""
        last = self.clan[who] if clan is None else clan
        words = (*self.words, "")
        rows = zip(*self.given[who].T.tolist(), last.tolist(), strict=True)
        return [" ".join(filter(None, [words[i] for i in row])) for row in rows]


def clan_weights(data: Data, dirt: Dirt) -> list[Floats]:
    """How often each clan of each people is drawn under this preset."""
    shift = data.zipf.clans.shift
    kept = [max(1, round(len(p.clans) * dirt.clans_kept)) for p in data.peoples]
    return [falling(n, dirt.clan_exponent, shift) for n in kept]


def name(people: People, couples: int, rng: Rng, data: Data) -> Names:
    """Name everyone; the children of each of the ``couples`` share the clan, or the lack of one."""
    words = _Words()
    year = year_of(people.born)
    given = _all_given(people.woman, people.nation, year, rng, data, words)
    for _ in range(REDRAWS):
        again = _like_a_sibling(given, people)
        given[again] = _all_given(people.woman[again], people.nation[again], year[again], rng, data, words)
    _name_twins(given, people, rng, data, words)
    family, own = rng.random(couples + 1), rng.random(len(people))
    luck = np.where(people.couple >= 0, family[people.couple], own)
    clan = _clan_words(people.nation, people.clan, luck, data.peoples, words)
    return Names(tuple(words.known), given, clan)


def strangers(woman: bool, nation: Ints, rng: Rng, data: Data, weights: list[Floats]) -> list[str]:
    """Names of the old days for parents who are not in the draw, each of the child's people."""
    n, words = len(nation), _Words()
    given = _all_given(np.full(n, woman), nation, np.full(n, data.naming.unknown_parents), rng, data, words)
    clan = np.zeros(n, dtype=np.int64)
    for index, weight in enumerate(weights):
        mine = np.flatnonzero(nation == index)
        clan[mine] = choose(rng, weight, len(mine))
    clan = _clan_words(nation, clan, rng.random(n), data.peoples, words)
    return Names(tuple(words.known), given, clan).full(np.arange(n))


def _name_twins(given: Ints, people: People, rng: Rng, data: Data, words: _Words) -> None:
    """Give some twins of one sex first names that are a pair."""
    second = np.flatnonzero((people.twin == 2) & hit(rng, len(people), data.naming.twins_alike))
    second = second[people.woman[second] == people.woman[second - 1]]
    for woman, pairs in ((True, data.naming.twin_women), (False, data.naming.twin_men)):
        mine = second[people.woman[second] == woman]
        which = rng.integers(0, len(pairs), len(mine))
        for place, names in zip((mine - 1, mine), zip(*pairs, strict=True), strict=True):
            given[place, 0] = words.numbers(names)[which]


def _like_a_sibling(given: Ints, people: People) -> Ints:
    """Those whose first name an elder brother or sister has, and twins who share any name."""
    alike = np.zeros(len(people), dtype=np.bool_)
    for back in range(1, ELDER + 1):
        one, other = given[back:], given[:-back]
        siblings = (people.couple[back:] == people.couple[:-back]) & (people.couple[back:] >= 0)
        alike[back:] |= siblings & (one[:, 0] == other[:, 0])
        if back == 1:
            shared = (one[:, :, None] == other[:, None, :]) & (one >= 0)[:, :, None]
            alike[back:] |= siblings & (people.twin[back:] == 2) & shared.any(axis=(1, 2))
    return np.asarray(np.flatnonzero(alike), dtype=np.int64)


class _Words:
    """Every word in use, once, with its number."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def numbers(self, words: tuple[str, ...]) -> Ints:
        return np.array([self.known.setdefault(word.upper(), len(self.known)) for word in words])


def _clan_words(nation: Ints, clan: Ints, luck: Floats, peoples: tuple[Nation, ...], words: _Words) -> Ints:
    chosen = np.full(len(nation), -1)
    for index, people in enumerate(peoples):
        who = np.flatnonzero((nation == index) & (luck < people.clan_use))
        chosen[who] = words.numbers(people.clans)[clan[who]]
    return chosen


def _all_given(woman: Bools, nation: Ints, year: Ints, rng: Rng, data: Data, words: _Words) -> Ints:
    lists = list(data.given)
    kind = np.array([lists.index(p.given) for p in data.peoples])[nation]
    given = np.full((len(nation), MOST_GIVEN), -1)
    for index, names in enumerate(data.given.values()):
        for sex in (True, False):
            who = np.flatnonzero((kind == index) & (woman == sex))
            given[who] = _given(names, sex, year[who], rng, data, words)
    return given


def _given(names: Given, woman: bool, year: Ints, rng: Rng, data: Data, words: _Words) -> Ints:
    """One to four different names for each, of the new list the likelier the later the year."""
    n, curve, habits = len(year), data.zipf.given, data.naming
    old = words.numbers(names.female if woman else names.male)
    new = words.numbers(names.female_new if woman else names.male_new)
    first_new = rng.random(n) < np.clip((year - names.old_until + 20) / 40, 0, habits.new_at_most)
    drawn = np.full((n, MOST_GIVEN), -1)
    for place in range(MOST_GIVEN):
        is_new = first_new if place == 0 else first_new & (rng.random(n) < habits.new_after_new)
        from_old = old[choose(rng, falling(len(old), curve.exponent, curve.shift), n)]
        from_new = new[choose(rng, falling(len(new), curve.exponent, curve.shift), n)]
        drawn[:, place] = np.where(is_new, from_new, from_old)
    fewer = np.cumsum(np.where(first_new[:, None], names.count, names.count_old), axis=1)
    u = rng.random(n)
    for place in range(1, MOST_GIVEN):
        repeated = (drawn[:, :place] == drawn[:, place, None]).any(axis=1)
        drawn[(u < fewer[:, place - 1]) | repeated, place] = -1
    return drawn
