"""How a name changes under a clerk's hand: each change is a function of the name and of ``u`` in [0, 1).

Names are in capitals, words apart by one space.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipelines.sample.chance import pick
from pipelines.sample.data import Writing

Variants = Mapping[str, Sequence[str]]


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
        self.titles = writing.titles

    def spelling(self, name: str, u: float) -> str:
        """One sound written another way, or a common name in one of its other forms."""
        words = name.split(" ")
        known = [i for i, word in enumerate(words) if word in self.short]
        shorten, u = pick(u, 2)
        if known and shorten:
            place, u = pick(u, len(known))
            forms = self.short[words[known[place]]]
            words[known[place]] = forms[pick(u, len(forms))[0]]
            return " ".join(words)
        start, u = pick(u, len(self.sounds))
        for turn in range(len(self.sounds)):
            one, other = self.sounds[(start + turn) % len(self.sounds)]
            # Not a sound that the change itself has just put there: N in NN is no lone N.
            places = [
                i
                for i in range(len(name))
                if name.startswith(one, i) and not (other.startswith(one) and _touches(name, i, one))
            ]
            if places:
                place = places[pick(u, len(places))[0]]
                return name[:place] + other + name[place + len(one) :]
        return name

    def typo(self, name: str, u: float) -> str:
        """A letter lost, doubled, swapped with the next, or the key beside it."""
        letters = [i for i, sign in enumerate(name) if sign.isalpha()]
        if len(letters) < 3:
            return name
        way, u = pick(u, 4)
        chosen, u = pick(u, len(letters) - 1)
        place = letters[chosen + 1]
        sign = name[place]
        if way == 0:
            return name[:place] + name[place + 1 :]
        if way == 1:
            return name[:place] + sign + name[place:]
        if way == 2 and place + 1 < len(name) and name[place + 1] not in (" ", sign):
            return name[:place] + name[place + 1] + sign + name[place + 2 :]
        near = self.neighbours.get(sign, ["A"])
        return name[:place] + near[pick(u, len(near))[0]] + name[place + 1 :]

    def nickname(self, name: str, u: float) -> str:
        """The mother as the family calls her: MAMA MIA, or only her first name."""
        first, *_ = name.split(" ")
        way, u = pick(u, 3)
        if first in self.nicknames and way:
            forms = self.nicknames[first]
            return ("MAMA " if way == 2 else "") + forms[pick(u, len(forms))[0]]
        return ("MAMA " if way == 2 else "") + first

    def title(self, name: str, u: float) -> str:
        """A title before the name."""
        return f"{self.titles[pick(u, len(self.titles))[0]].upper()} {name}"


def _touches(name: str, place: int, sound: str) -> bool:
    """Whether the sound stands doubled here."""
    return name.startswith(sound, place + len(sound)) or (
        place >= len(sound) and name.startswith(sound, place - len(sound))
    )


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
    """As a name is written in a letter: ``Maria da Costa`` stays readable, initials stay capitals."""
    return " ".join(word[:1] + word[1:].lower() for word in name.split(" "))
