"""What a person at the terminal sees of a run while it goes: a line for each stage."""

from __future__ import annotations

import functools
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec, Protocol, TextIO, TypeVar

from pipelines.engine import Artifact

if TYPE_CHECKING:
    from rich.console import Console

P = ParamSpec("P")
R = TypeVar("R")

_TITLES = {"extract_if_readable": "extract", "settle": "quality gates", "docs": "data docs"}
"""What a stage is called at the terminal where its function's name would say less."""


class Watch(Protocol):
    """Wraps a stage so that somebody can see it run; arguments and result stay the stage's own."""

    def __call__(self, stage: Callable[P, R], /) -> Callable[P, R]:
        """The stage, watched."""
        ...


def unseen(stage: Callable[P, R], /) -> Callable[P, R]:
    """A ``Watch`` that shows nothing: for schedulers, tests and files."""
    return stage


class Progress:
    """A ``Watch`` that writes a line for each stage: its name, what it worked on, rows, seconds."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._spinner = console.status("")
        self._change = threading.Lock()
        self._going: list[str] = []

    def __call__(self, stage: Callable[P, R], /) -> Callable[P, R]:
        """The stage, beside a spinner while it runs and with its line when it is done; several may run at once."""

        @functools.wraps(stage)
        def seen(*args: P.args, **kwargs: P.kwargs) -> R:
            title = f"{_TITLES.get(stage.__name__, stage.__name__):<14}{_subject(args):<24}"
            started = self._clock()
            with self._shown(title):
                result = stage(*args, **kwargs)
            rows = f"{result.rows:>12,} rows" if isinstance(result, Artifact) else " " * 17
            self._console.print(f"{title}{rows}{self._clock() - started:>9.1f} s", highlight=False)
            return result

        return seen

    @contextmanager
    def _shown(self, title: str) -> Iterator[None]:
        """The title beside the spinner for as long as the block runs; the spinner ends with the last of them."""
        with self._change:
            self._going.append(title)
            self._show()
        try:
            yield
        finally:
            with self._change:
                self._going.remove(title)
                self._show()

    def _show(self) -> None:
        if titles := self._going:
            self._spinner.update("  ".join(" ".join(title.split()) for title in titles))
            self._spinner.start()
        else:
            self._spinner.stop()


def _subject(args: tuple[object, ...]) -> str:
    """The source among a stage's arguments, by its name; stages that work on all have none."""
    names = (getattr(argument, "name", None) for argument in args)
    return next((name for name in names if isinstance(name, str)), "")


@contextmanager
def watching(stream: TextIO | None = None) -> Iterator[Watch]:
    """The ``Watch`` that suits ``stream`` (standard error): lines on a terminal, nothing otherwise."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield unseen
        return
    from rich.console import Console

    yield Progress(Console(file=stream))
