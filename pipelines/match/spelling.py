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
def _tables() -> tuple[dict[str, list[str]], tuple[tuple[re.Pattern[str], str], ...]]:
    data = tomllib.loads(files(__package__).joinpath("variants.toml").read_text(encoding="utf-8"))
    sounds = tuple(
        (re.compile("|".join(sorted(s["like"], key=len, reverse=True))), s["write"]) for s in data["sounds"]
    )
    return data["words"], sounds


@cache
def _heard_words() -> dict[str, str]:
    """From how a variant sounds to how its word does, so that a variant may itself be spelt in the old way."""
    words, _ = _tables()
    return {_heard(variant): _heard(word) for word, variants in words.items() for variant in variants}


def _heard(word: str) -> str:
    """The word as a clerk's ear has it: one letter for each sound, none doubled, no silent h."""
    _, sounds = _tables()
    text = word
    for pattern, write in sounds:
        text = pattern.sub(write, text)
    return _DOUBLED.sub(r"\1", _SILENT_H.sub("", text)) or word


def spelling_class(word: str) -> str:
    """The class of an upper-case word: two words of one class are spellings of one another.

    >>> spelling_class("JOHANIS") == spelling_class("YOHANES")
    True
    >>> spelling_class("SOEHARTO") == spelling_class("SUHARTO")
    True
    """
    heard = _heard(word)
    return _heard_words().get(heard, heard)


def spelling_classes(words: Iterable[str]) -> list[str]:
    """``spelling_class`` of each word."""
    return [spelling_class(word) for word in words]
