"""What every reader hands over: a table of text in small chunks, and the rows it could not read.

A reader knows its format and nothing of the stage; the stage knows these shapes and nothing of formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from pipelines.layouts import Layout
from pipelines.records import mask_nik

_LONG_NUMBER = re.compile(r"\d{9,}")


class Unreadable(Exception):
    """An input cannot be read as a whole; the message is the one line a person sees."""


class Unreachable(Unreadable):
    """It cannot be read now, and may be in a while: a server that is down or busy, a file still being written."""


@dataclass(frozen=True)
class Reject:
    """One data row that could not be read into columns. ``value`` is masked already."""

    row: int
    value: str
    reason: str
    expected: str


@dataclass(frozen=True)
class Chunk:
    """Some thousand consecutive rows.

    ``rows`` (int64) says where each lay; ``columns`` maps a column's key (``columns.key`` of its name) to its
    cells as text, as long as ``rows``, and holds only columns that the layout maps.
    """

    rows: pa.Array
    columns: Mapping[str, pa.Array]
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True)
class Table:
    """An opened input: its columns' names as written there, and its rows, read as they are asked for."""

    columns: tuple[str, ...]
    chunks: Iterator[Chunk] = field(repr=False)


class Input(Protocol):
    """One file or one query of a source."""

    @property
    def label(self) -> str:
        """What the column ``file`` says: the file's name without its folder, or the table's name."""

    def open(self, layout: Layout, peek: bool) -> AbstractContextManager[Table]:
        """Open for reading; with ``peek`` only the beginning is read. Raises ``Unreadable``."""

    def fingerprint(self) -> tuple[str, int | None]:
        """Once read: the sha256 of what was read, and its bytes where it is a file. Raises ``Unreadable``."""


def guarded(chunks: Iterator[Chunk], faults: tuple[type[Exception], ...], meaning: str) -> Iterator[Chunk]:
    """The same chunks, where any of ``faults`` in making the next one becomes ``Unreadable``."""
    try:
        yield from chunks
    except faults as error:
        raise unreadable(meaning, error) from error


def unreadable(meaning: str, error: Exception) -> Unreadable:
    """A library's error in one line that begins with what it means here."""
    said = " ".join(str(error).split())[:200]
    return Unreadable(f"{meaning}: {said or type(error).__name__}")


def hint(text: str) -> str:
    """Of a row that could not be read: enough for its owner to find it, and no more.

    >>> hint("R1,MARIA,5301040101900001")
    '5301********0001'
    >>> hint("MARIA BANI,L")
    'M***********'
    """
    number = _LONG_NUMBER.search(text)
    if number:
        return mask_nik(number.group())
    start = text.strip()[:13]
    return start[:1] + "*" * (len(start) - 1)
