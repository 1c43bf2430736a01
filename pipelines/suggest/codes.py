"""Which words of a column mean a man and which a woman."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.standardise.sex import WORDS
from pipelines.standardise.text import alike


@dataclass(frozen=True)
class Codes:
    """The words of a column that mean a man and a woman; ``fit`` of the rows bear it out, ``seen`` if tested."""

    men: tuple[str, ...]
    women: tuple[str, ...]
    fit: float
    seen: bool
    reason: str


def by_numbers(words: Mapping[str, int], seen: Mapping[str, tuple[int, int]]) -> Codes:
    """By what the numbers of the same rows embed: a word belongs to the sex that most of its rows have."""
    men = tuple(w for w in words if w in seen and seen[w][0] > seen[w][1] * 4)
    women = tuple(w for w in words if w in seen and seen[w][1] > seen[w][0] * 4)
    total = sum(map(sum, seen.values()))
    fits = sum(max(pair) for word, pair in seen.items() if word in {*men, *women})
    fit = fits / total if (men and women) or len(words) == 1 else 0.0
    return Codes(men, women, fit, True, f"the number's own sex agrees in {fit:.0%}")


def by_words(words: Mapping[str, int]) -> Codes:
    """By the words that standardise knows anyway."""
    known = {sex: alike(listed, "") for sex, listed in WORDS.items()}
    men, women = (tuple(w for w in words if alike([w], "") & known[sex]) for sex in "LP")
    fit = sum(words[w] for w in (*men, *women)) / max(1, sum(words.values()))
    return Codes(men, women, fit, False, f"{fit:.0%} are usual words for a sex; no number to test them by")
