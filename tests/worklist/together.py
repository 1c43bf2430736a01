"""What runs in processes of its own, all at the same moment."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipelines.worklist import decide
from tests.worklist.office import Office, day, noon

Step = tuple[Callable[..., object], tuple[Any, ...]]


def run(office: Office, number: int, findings: Sequence[dict[str, Any]]) -> None:
    """The whole run of a day."""
    office.run(number, *findings)


def take(office: Office, number: int, file: Path) -> None:
    """An office's answer of a day."""
    decide(file, office.settings(day(number)), noon(number))


def work(steps: Any, start: Any, outcomes: Any) -> None:
    """Do each step that comes in when the others do theirs, and say how it went; ``None`` ends it."""
    while (step := steps.get()) is not None:
        function, arguments = step
        start.wait()
        try:
            function(*arguments)
            outcomes.put("")
        except Exception:
            outcomes.put(traceback.format_exc())


class Team:
    """Some processes that do things at the same moment, again and again."""

    def __init__(self, size: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._start, self._outcomes = context.Barrier(size), context.Queue()
        self._steps = [context.Queue() for _ in range(size)]
        self._processes = [
            context.Process(target=work, args=(steps, self._start, self._outcomes)) for steps in self._steps
        ]

    def __enter__(self) -> Team:
        for process in self._processes:
            process.start()
        return self

    def together(self, *steps: Step) -> list[str]:
        """Do one step a process at once; the errors that came of it."""
        for queue, step in zip(self._steps, steps, strict=True):
            queue.put(step)
        return [outcome for _ in steps if (outcome := self._outcomes.get(timeout=120))]

    def __exit__(self, *_: object) -> None:
        for queue in self._steps:
            queue.put(None)
        for process in self._processes:
            process.join(timeout=30)
            process.kill()
