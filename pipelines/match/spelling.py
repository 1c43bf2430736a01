"""Spelling classes: which words people write for one another, so that a clerk's ear costs little weight.

The tables are data (``variants.toml``), each with its reason; this module only applies them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

_DOUBLED: Final = re.compile(r"(.)\1+")
_SILENT_H: Final = re.compile(r"(?<=[AEIOU])H|H$")


@cache
def _tables() -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    data = tomllib.loads(files(__package__).joinpath("variants.toml").read_text(encoding="utf-8"))
    words = {variant: word for word, variants in data["words"].items() for variant in variants}
    sounds = tuple(
        (re.compile("|".join(sorted(s["like"], key=len, reverse=True))), s["write"])
        for s in data["sounds"]
    )
    return words, sounds


def spelling_class(word: str) -> str:
    """The class of an upper-case word: two words of one class are spellings of one another.

    >>> spelling_class("JOHANIS") == spelling_class("YOHANES")
    True
    >>> spelling_class("SOEHARTO") == spelling_class("SUHARTO")
    True
    """
    words, sounds = _tables()
    text = words.get(word, word)
    for pattern, write in sounds:
        text = pattern.sub(write, text)
    text = _SILENT_H.sub("", text)
    return _DOUBLED.sub(r"\1", text) or word


def spelling_classes(words: Iterable[str]) -> list[str]:
    """``spelling_class`` of each word."""
    return [spelling_class(word) for word in words]
