"""How much may come from one source, watched where the bytes and rows come in.

The limits are set once, around a whole source (``within``), and known to whatever reads inside that block: every
reader would otherwise hand them down to the one place that unpacks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import BinaryIO

from pipelines.extract.table import Unreadable
from pipelines.packed import TooMuch, check_workbook, weigh
from pipelines.settings import Limits


@dataclass
class Allowance:
    """What is left to a source: its limits, when its time is over, and the rows it has given."""

    limits: Limits = field(default_factory=lambda: Limits.model_validate({}))
    until: float = float("inf")
    rows: int = 0


_ALLOWANCE: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def within(limits: Limits) -> Iterator[None]:
    """Whatever is read inside the block is read within ``limits``."""
    token = _ALLOWANCE.set(Allowance(limits, time.monotonic() + limits.seconds))
    try:
        yield
    finally:
        _ALLOWANCE.reset(token)


def _now() -> Allowance:
    return _ALLOWANCE.get() or Allowance()


def check_bytes(size: int, packed: int) -> None:
    """Raise ``Unreadable`` if a file of ``packed`` bytes that has given ``size`` is too much, or takes too long."""
    try:
        weigh(size, packed, _now().limits)
    except TooMuch as error:
        raise Unreadable(str(error)) from None
    check_time()


def check_packed(handle: BinaryIO) -> None:
    """Raise ``Unreadable`` if a zipped workbook would unpack to too much. Leaves it at its beginning."""
    try:
        check_workbook(handle, _now().limits)
    except TooMuch as error:
        raise Unreadable(str(error)) from None


def check_columns(names: Sequence[str]) -> None:
    """Raise ``Unreadable`` if a table has more columns than a table of people can have."""
    most = most_columns()
    if len(names) > most:
        raise Unreadable(f"{len(names):,} columns; at most {most:,} are read (limits.columns)")


def most_columns() -> int:
    """Columns beyond which a table is none of people."""
    return _now().limits.columns


def most_rows() -> int:
    """Rows beyond which a source is not read on."""
    return _now().limits.rows


def count_rows(more: int) -> None:
    """Note that so many rows came. Raises ``Unreadable`` if they are too many by now, or took too long."""
    allowance = _now()
    allowance.rows += more
    if allowance.rows > allowance.limits.rows:
        raise Unreadable(f"more than {allowance.limits.rows:,} rows (limits.rows)")
    check_time()


def check_time() -> None:
    """Raise ``Unreadable`` if the source has had its time."""
    allowance = _now()
    if time.monotonic() > allowance.until:
        raise Unreadable(f"not read within {allowance.limits.seconds:,} s (limits.seconds)")
