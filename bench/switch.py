"""What it means to switch an idea off: to put another constant or function in the place of what is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipelines.settings import Settings

Patch = Callable[[Any, str, Any], None]
"""Puts a value in the place of a module's or class's attribute, which has to be there."""


@dataclass(frozen=True)
class Idea:
    """One idea: its name on the command line, what it is, and what is done without it."""

    name: str
    what: str
    off: Callable[[Patch, Settings], None]


def idea(name: str, what: str) -> Callable[[Callable[[Patch], None]], Idea]:
    """Makes an idea of the function that switches it off."""
    return lambda off: Idea(name, what, lambda patch, _: off(patch))


def put(place: Any, name: str, value: Any) -> None:
    """Replace an attribute that is there. Raises ``AttributeError``."""
    getattr(place, name)
    setattr(place, name, value)
