"""What was asked when, and what was answered: a line a number under ``data/asked/<source>/run_date=…/``.

A file, and not the store: answers have to be numbers again to become verdicts, and the store keeps no
population. It has the tables' retention, so that ``padan purge`` deletes it. A line is on the disk before
the next question is asked; one that a crash cut short is as if it had not been asked.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Literal

from pipelines.engine import private_folder

Result = Literal["found", "not_found", "mismatch", "unclear", "none"]
"""``unclear``: an answer that says nothing we know; ``none``: asked, and no answer came."""

FILE = "answers.ndjson"


@dataclass(frozen=True)
class Line:
    """One number that was asked about: ``at`` in local time, ``differs`` are fields, never values."""

    nik: str
    at: str
    result: Result
    differs: tuple[str, ...] = ()
    run: str = ""

    @property
    def day(self) -> date:
        """The calendar day on which it counts against the quota."""
        return date.fromisoformat(self.at[:10])


class Journal:
    """The questions of one source; ``run_date`` is the run on whose behalf is asked now."""

    def __init__(self, data: Path, source: str, run_date: date) -> None:
        self._root = data / "asked" / source
        self._run = run_date

    def lines(self) -> Iterator[Line]:
        """Every line up to the run's date, older runs first, as they were written."""
        for folder in sorted(self._root.glob("run_date=*")):
            run = folder.name.removeprefix("run_date=")
            if run > self._run.isoformat() or not (folder / FILE).is_file():
                continue
            with (folder / FILE).open(encoding="utf-8") as text:
                yield from (line for each in text if (line := _line(each, run)))

    def spent(self, day: date) -> int:
        """How many numbers were asked about on a calendar day, for whichever run."""
        return sum(
            line.day == day
            for path in self._root.glob(f"run_date=*/{FILE}")
            for each in path.read_text("utf-8").splitlines()
            if (line := _line(each, ""))
        )

    @contextmanager
    def asking(self) -> Iterator[Writer]:
        """To add lines; two processes that would ask at once wait for each other, and share one quota."""
        private_folder(self._root)
        with os.fdopen(os.open(self._root / ".lock", os.O_CREAT | os.O_RDWR, 0o600), "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            folder = self._root / f"run_date={self._run}"
            folder.mkdir(exist_ok=True, mode=0o700)
            with os.fdopen(os.open(folder / FILE, os.O_CREAT | os.O_RDWR, 0o600), "r+b") as file:
                _drop_torn(file)
                yield Writer(file)


class Writer:
    """Adds lines to the file of a run."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, line: Line) -> None:
        """Write a line through to the disk."""
        known = {k: v for k, v in asdict(line).items() if v and k != "run"}
        self._file.write(json.dumps(known).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _drop_torn(file: BinaryIO) -> None:
    """Go to the end of the last whole line, and cut off what a crash left behind it."""
    text = file.read()
    file.seek(text.rfind(b"\n") + 1)
    file.truncate()


def _line(text: str, run: str) -> Line | None:
    try:
        found = json.loads(text)
        line = Line(found["nik"], found["at"], found["result"], tuple(found.get("differs", ())), run)
        return line if line.day else None
    except (ValueError, TypeError, KeyError):
        return None
