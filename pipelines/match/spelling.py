"""Spelling classes: which words people write for one another, so that a clerk's ear costs little weight.

The tables are data (``variants.toml``), each with its reason; this module only applies them, to whole arrays.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from string import ascii_uppercase

import pyarrow as pa
import pyarrow.compute as pc


@cache
def _tables() -> tuple[dict[str, list[str]], tuple[tuple[str, str], ...]]:
    data = tomllib.loads(files(__package__).joinpath("variants.toml").read_text(encoding="utf-8"))
    sounds = tuple(("|".join(sorted(s["like"], key=len, reverse=True)), s["write"]) for s in data["sounds"])
    return data["words"], sounds


@cache
def _heard_words() -> tuple[pa.Array, pa.Array]:
    """How each variant sounds, and how its word does: a variant may itself be spelt in the old way."""
    words, _ = _tables()
    pairs = [(variant, word) for word, variants in words.items() for variant in variants]
    heard, meant = (_heard(pa.array([pair[i] for pair in pairs])) for i in (0, 1))
    first = pc.unique(heard)
    return first, meant.take(pc.index_in(first, value_set=heard))


def _heard(words: pa.Array) -> pa.Array:
    """Words as a clerk's ear has them: one letter for each sound, none doubled, no silent h."""
    text = words
    for pattern, write in _tables()[1]:
        text = pc.replace_substring_regex(text, pattern, write)
    text = pc.replace_substring_regex(text, "([AEIOU])H|H$", r"\1")
    for letter in ascii_uppercase:
        text = pc.replace_substring_regex(text, f"{letter}{letter}+", letter)
    return pc.if_else(pc.equal(text, ""), words, text)


def spelling_classes(words: pa.Array) -> pa.Array:
    """The class of each upper-case word: two words of one class are spellings of one another."""
    heard = _heard(words)
    variants, meant = _heard_words()
    place = pc.index_in(heard, value_set=variants)
    return pc.if_else(pc.is_null(place), heard, meant.take(pc.fill_null(place, 0)))


def spelling_class(word: str) -> str:
    """The class of one word.

    >>> spelling_class("JOHANIS") == spelling_class("YOHANES")
    True
    >>> spelling_class("SOEHARTO") == spelling_class("SUHARTO")
    True
    """
    return str(spelling_classes(pa.array([word]))[0])
