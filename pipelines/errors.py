"""The ways a run can end badly, each with the exit code that schedulers rely on."""

from __future__ import annotations

from typing import ClassVar


class PadanError(Exception):
    """An end that one line explains; ``exit_code`` as in the contract of the command."""

    exit_code: ClassVar[int] = 1


class SourceUnreadable(PadanError):
    """A source could not be read as a whole (not there, no connection, a required column missing).

    The run goes on without it and ends with 4; its items stand as they stood. Without the registry
    nothing can be said of anyone, so there the run ends with 1.
    """

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason

    def __reduce__(self) -> tuple[type[SourceUnreadable], tuple[str, str]]:
        return SourceUnreadable, (self.source, self.reason)


class GateFailed(PadanError):
    """A critical expectation was not met: nothing is published, exit 3."""

    exit_code = 3


class StoreError(PadanError):
    """The store cannot be reached, or holds what this version of Padan cannot read."""
