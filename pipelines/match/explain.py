"""What a row of ``matches`` says, in words: each comparison's level and weight, from the objects that made them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pipelines.match.comparisons import COMPARISONS, NUMBER


@dataclass(frozen=True)
class Part:
    """One line of an explanation: what was compared, what was seen, and its weight in bits."""

    comparison: str
    seen: str
    weight: float


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def said(kind: str, text: str, language: str) -> str:
    """A comparison's name (kind ``comparisons``), a level (``levels``) or a blocking rule's name (``rules``).

    ``language`` is ``id`` or ``en``.
    """
    return text.replace("_", " ") if language == "en" else _words()[kind][text]


def parts(match: Mapping[str, Any], language: str) -> list[Part]:
    """The comparisons of one row of ``matches``; with ``w_prior`` their weights add up to ``weight``.

    Empty for a pair that agreed to the letter or was settled by a common third: nothing was weighed there.
    """
    if match["w_prior"] is None:
        return []
    result = []
    for comparison in (*COMPARISONS, NUMBER):
        level = match[f"level_{comparison.name}"]
        if level is not None:
            name = said("comparisons", comparison.name, language)
            seen = said("levels", comparison.levels[level], language)
            result.append(Part(name, seen, match[f"w_{comparison.name}"]))
    return result
