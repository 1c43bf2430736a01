"""The pages that have come so far, on disk, so that a read that broke off goes on where it was.

Only mapped columns are kept, for the day only, readable by their owner only; a read that ends well forgets
them. A page counts once the state that follows it is written: both by rename.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.engine import private_folder
from pipelines.extract.columns import key
from pipelines.extract.fhir import Record
from pipelines.extract.table import Reject
from pipelines.extract.values import text_of

SAMPLE = 1_000
"""Records whose columns' names are kept for the error that names what is there."""


@dataclass(frozen=True)
class State:
    """How far a read has come; ``following`` is None when it has all."""

    first: str
    following: str | None
    keys: tuple[str, ...]
    pages: int = 0
    rows: int = 0
    received: int = 0
    names: tuple[str, ...] = ()


class Partial:
    """The pages of one source's read of one day."""

    def __init__(self, folder: Path, first: str, keys: frozenset[str]) -> None:
        self._folder = folder
        self._fresh = State(first, first, tuple(sorted(keys)))
        self.state = self._fresh

    def resume(self) -> bool:
        """Go on from an earlier read of the same address and columns; whether there was one."""
        for other in self._folder.parent.glob("*"):
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)  # of another day: nobody will go on there
        try:
            found = json.loads((self._folder / "state.json").read_text("utf-8"))
            values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}
            state = State(**values)
        except (OSError, ValueError, TypeError, AttributeError):
            state = self._fresh
        fits = state.pages > 0 and (state.first, state.keys) == (self._fresh.first, self._fresh.keys)
        if not fits:
            self.forget()
        self.state = state if fits else self._fresh
        return fits

    def restart(self) -> None:
        """Begin anew."""
        self.forget()
        self.state = self._fresh

    def add(self, records: Iterable[Record | Reject], following: str | None, received: int) -> None:
        """Keep a page."""
        lines: list[object] = []
        names, count = dict.fromkeys(self.state.names), self.state.rows
        for record in records:
            count += 1
            if isinstance(record, Reject):
                lines.append([record.value, record.reason, record.expected])
                continue
            if count <= SAMPLE:
                names.update(dict.fromkeys(record))
            lines.append(self._mapped(record))
        number = self.state.pages + 1
        self._write(f"{number:06}.ndjson", "".join(json.dumps(line) + "\n" for line in lines))
        whole = self.state.received + received
        first, keys = self._fresh.first, self._fresh.keys
        self.state = State(first, following, keys, number, count, whole, tuple(names))
        self._write("state.json", json.dumps(asdict(self.state)))

    def _mapped(self, record: Record) -> dict[str, str]:
        cells: dict[str, str] = {}
        for name, value in record.items():
            k, text = key(name), text_of(value)
            if text is not None and k in self._fresh.keys:
                cells.setdefault(k, text)
        return cells

    def _write(self, name: str, text: str) -> None:
        private_folder(self._folder)
        temporary = self._folder / f".{name}"
        temporary.touch(0o600)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self._folder / name)

    def rows(self) -> Iterator[tuple[int, Record | Reject]]:
        """Every row that was kept, numbered from 1."""
        number = 0
        for page in range(1, self.state.pages + 1):
            with (self._folder / f"{page:06}.ndjson").open(encoding="utf-8") as lines:
                for line in lines:
                    number += 1
                    found = json.loads(line)
                    yield number, found if isinstance(found, dict) else Reject(number, *found)

    def forget(self) -> None:
        """Delete what was kept."""
        shutil.rmtree(self._folder, ignore_errors=True)
