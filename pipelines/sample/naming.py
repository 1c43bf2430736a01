"""What people are called: given names by sex, people and year of birth, then the clan of the father."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.chance import Bools, Floats, Ints, choose, falling
from pipelines.sample.data import Curve, Data, Dirt, Given
from pipelines.sample.families import Couples, People, year_of


@dataclass(frozen=True)
class Names:
    """For each person up to three given names and the clan, as indices into ``words`` (-1 for none)."""

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


def name(people: People, couples: Couples, rng: np.random.Generator, data: Data) -> Names:
    """Name everyone; brothers and sisters share the clan or the lack of one."""
    words = _Words()
    given = np.full((len(people), 3), -1)
    year = year_of(people.born)
    kind = np.array([list(data.given).index(p.given) for p in data.peoples])[people.nation]
    for index, names in enumerate(data.given.values()):
        for woman in (True, False):
            who = np.flatnonzero((kind == index) & (people.woman == woman))
            given[who] = _given(names, woman, year[who], rng, data.zipf.given, words)
    clan_words = [np.array([words.index(c.upper()) for c in p.clans]) for p in data.peoples]
    clan = np.full(len(people), -1)
    for index, known in enumerate(clan_words):
        who = np.flatnonzero(people.nation == index)
        clan[who] = known[people.clan[who]]
    use = np.array([p.clan_use for p in data.peoples])[people.nation]
    family, own = rng.random(len(couples) + 1), rng.random(len(people))
    luck = np.where(people.couple >= 0, family[people.couple], own)
    clan[luck >= use] = -1
    return Names(tuple(words.known), given, clan)


def strangers(
    n: int, woman: Bools, nation: Ints, rng: np.random.Generator, data: Data, weights: list[Floats]
) -> list[str]:
    """Names of parents who are not in the draw, of the old days."""
    clan = np.zeros(n, dtype=np.int64)
    for index, weight in enumerate(weights):
        mine = np.flatnonzero(nation == index)
        clan[mine] = choose(rng, weight, len(mine))
    nobody = np.full(n, -1)
    people = People(
        woman,
        np.full(n, -20000),
        nobody,
        nobody,
        nation,
        clan,
        np.zeros(n, dtype=np.bool_),
        np.zeros(n, np.int64),
    )
    none = Couples(*(np.zeros(0, dtype=np.int64) for _ in range(4)))
    return name(people, none, rng, data).full(np.arange(n))


class _Words:
    """Every word in use, once."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def index(self, word: str) -> int:
        return self.known.setdefault(word, len(self.known))


def _given(
    names: Given, woman: bool, year: Ints, rng: np.random.Generator, curve: Curve, words: _Words
) -> Ints:
    """One to three names for each, of the new list the likelier the later the year."""
    lists = (names.female, names.female_new) if woman else (names.male, names.male_new)
    old, new = (np.array([words.index(w.upper()) for w in words_]) for words_ in lists)
    n = len(year)
    modern = np.clip((year - names.old_until + 20) / 40, 0, 0.92)
    first_new = rng.random(n) < modern
    drawn = np.full((n, 3), -1)
    for place in range(3):
        is_new = first_new if place == 0 else first_new & (rng.random(n) < 0.6)
        from_old = old[choose(rng, falling(len(old), curve.exponent, curve.shift), n)]
        from_new = new[choose(rng, falling(len(new), curve.exponent, curve.shift), n)]
        drawn[:, place] = np.where(is_new, from_new, from_old)
    shares = np.where(first_new[:, None], names.count, names.count_old)
    u = rng.random(n)
    drawn[u < shares[:, 0], 1] = -1
    drawn[(u < shares[:, 0] + shares[:, 1]), 2] = -1
    drawn[drawn[:, 1] == drawn[:, 0], 1] = -1
    repeated = (drawn[:, 2] == drawn[:, 0]) | (drawn[:, 2] == drawn[:, 1])
    drawn[repeated, 2] = -1
    return drawn
