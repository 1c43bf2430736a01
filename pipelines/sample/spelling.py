"""How a name changes under a clerk's hand: each change is a function of the name and of ``u`` in [0, 1).

Names are in capitals, words apart by one space.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from pipelines.sample.chance import one_of, pick
from pipelines.sample.data import Writing

Change = Callable[[str, float], str]
"""A name and a number in [0, 1) to another way of writing it."""


def variants(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """``from=to`` pairs as a mapping in capitals."""
    table: dict[str, list[str]] = defaultdict(list)
    for one, other in pairs:
        table[one.upper()].append(other.upper())
    return dict(table)


class Speller:
    """The changes that need the data file's tables."""

    def __init__(self, writing: Writing) -> None:
        self.sounds = [(one.upper(), other.upper()) for one, other in writing.sounds]
        self.short = variants(writing.short)
        self.nicknames = variants(writing.nicknames)
        self.neighbours = variants(writing.neighbours)

    def spelling(self, name: str, u: float) -> str:
        """A common name in one of its other forms, or a sound written another way, once or all through."""
        words = name.split(" ")
        known = [i for i, word in enumerate(words) if word in self.short]
        shorten, u = pick(u, 2)
        if known and shorten:
            place, u = pick(u, len(known))
            words[known[place]] = one_of(u, self.short[words[known[place]]])
            return " ".join(words)
        start, u = pick(u, len(self.sounds))
        for one, other in self.sounds[start:] + self.sounds[:start]:
            # A lone N may become NN, but not the first letter of a word, nor an N in NN.
            doubles = other == one * 2
            places = [
                i
                for i in range(len(name))
                if name.startswith(one, i) and not (doubles and _no_double(name, i))
            ]
            if places:
                everywhere, u = pick(u, 3)
                if everywhere == 0 and not doubles:
                    return name.replace(one, other)
                place = places[pick(u, len(places))[0]]
                return name[:place] + other + name[place + len(one) :]
        return name

    def typo(self, name: str, u: float) -> str:
        """A letter lost, doubled, swapped with the next, or the key beside it; never the first letter."""
        letters = [i for i, sign in enumerate(name) if sign.isalpha()][1:]
        if len(letters) < 2:
            return name
        way, u = pick(u, 4)
        chosen, u = pick(u, len(letters))
        place = letters[chosen]
        sign, after = name[place], name[place + 1 :]
        if way == 0:
            return (name[:place] + after).strip()
        if way == 1:
            return name[:place] + sign + sign + after
        if way == 2 and after and after[0] not in (" ", sign):
            return name[:place] + after[0] + sign + after[1:]
        return name[:place] + one_of(u, self.neighbours.get(sign, ["A", "E"])) + after

    def nickname(self, name: str, u: float) -> str:
        """The mother as the family calls her: MAMA and her short name, or only her first name."""
        first = name.split(" ")[0]
        way, u = pick(u, 3)
        short = one_of(u, self.nicknames.get(first, [first])) if way else first
        return f"MAMA {short}" if way == 2 else short


def _no_double(name: str, place: int) -> bool:
    """Whether nobody would double the letter here: it begins a word, or is double already."""
    before = name[place - 1 : place]
    return before in ("", " ") or name[place] in (before, name[place + 1 : place + 2])


def initials(name: str, u: float) -> str:
    """Middle names as initials; of two words, the first or the last one."""
    words = name.split(" ")
    if len(words) < 2:
        return name
    if len(words) > 2:
        return " ".join([words[0], *(f"{w[0]}." for w in words[1:-1]), words[-1]])
    return f"{words[0][0]}. {words[1]}" if pick(u, 2)[0] else f"{words[0]} {words[1][0]}."


def reordered(name: str, u: float) -> str:
    """The clan first, or the first two names changed."""
    words = name.split(" ")
    if len(words) > 2 and pick(u, 3)[0] == 0:
        return " ".join([words[1], words[0], *words[2:]])
    return " ".join([words[-1], *words[:-1]])


def dropped(name: str, u: float) -> str:
    """A word left out: the clan, or a middle name."""
    words = name.split(" ")
    if len(words) < 2:
        return name
    place = -1 if len(words) == 2 or pick(u, 3)[0] == 0 else 1
    del words[place]
    return " ".join(words)


def joined(name: str, u: float) -> str:
    """Two words run together."""
    words = name.split(" ")
    if len(words) < 2:
        return name
    place = pick(u, len(words) - 1)[0]
    return " ".join([*words[:place], words[place] + words[place + 1], *words[place + 2 :]])


def title_case(name: str) -> str:
    """As a name is written in a letter.

    >>> title_case("MARIA M. DA COSTA")
    'Maria M. Da Costa'
    """
    return " ".join(word[:1] + word[1:].lower() for word in name.split(" "))
