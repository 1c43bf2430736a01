"""What the tables of the data file are made of: shares, lists of words, pairs of words, regions."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
"""A probability or a part of a whole."""


def _words(text: object) -> object:
    """Split a list that is written as running text; an underscore is a space inside one word."""
    return tuple(word.replace("_", " ") for word in text.split()) if isinstance(text, str) else text


def _pairs(text: object) -> object:
    """Split ``from=to`` words."""
    if not isinstance(text, str):
        return text
    return tuple(tuple(word.replace("_", " ").split("=")) for word in text.split())


def _bars(text: object) -> object:
    return tuple(text.split("|")) if isinstance(text, str) else text


def _region(text: object) -> object:
    """``53.01.04`` as the number 530104."""
    return int(text.replace(".", "")) if isinstance(text, str) else text


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Pairs = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_pairs)]
Bars = Annotated[tuple[str, ...], BeforeValidator(_bars)]
Region = Annotated[int, BeforeValidator(_region)]
Points = tuple[tuple[float, float], ...]
Spread = tuple[float, float]


class Section(BaseModel):
    """A table of the file: no key too many, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
