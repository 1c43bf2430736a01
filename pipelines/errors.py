"""The ways a run can end badly, each with the exit code that schedulers rely on."""

from __future__ import annotations

import re
from typing import ClassVar, Final

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def visible(text: str) -> str:
    """A text from outside (a file's name, a server's answer) as a terminal and a log may show it.

    Control signs, which can move a cursor or rewrite a line, and signs that turn the direction of writing, which
    make a name look like another, become U+FFFD.

    >>> visible("report\u202ecod.exe")
    'report\ufffdcod.exe'
    """
    return _UNSEEN.sub("\ufffd", text)


class PadanError(Exception):
    """An end that one line explains; ``exit_code`` as in the contract of the command."""

    exit_code: ClassVar[int] = 1


class ConfigError(ValueError):
    """Every mistake of a configuration, a line each: key, value seen, what was expected. Exit code 2."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class SourceUnreadable(PadanError):
    """A source could not be read as a whole (not there, no connection, a required column missing).

    The run goes on without it and ends with 4; its items stand as they stood. Without the registry
    nothing can be said of anyone, so there the run ends with 1.
    """

    def __init__(self, source: str, reason: str) -> None:
        reason = visible(reason)
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason

    def __reduce__(self) -> tuple[type[SourceUnreadable], tuple[str, str]]:
        return type(self), (self.source, self.reason)


class SourceUnreachable(SourceUnreadable):
    """A source could not be read for a reason that may pass by itself: who has time, asks again."""


class GateFailed(PadanError):
    """A critical expectation was not met: nothing is published, exit 3."""

    exit_code = 3


class TableReplaced(PadanError):
    """A table is not the one that was handed over: another run for the same date wrote it meanwhile."""


class EngineUnavailable(PadanError):
    """The engine that the configuration names does not start; one line says why."""


class StoreError(PadanError):
    """The store cannot be reached, or holds what this version of Padan cannot read."""
