"""Deletes what a run kept once it is past its time, and takes the numbers from items that ended long ago.

The ledger stays as it is: it holds no whole number.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from pipelines.settings import Settings
from pipelines.store import Event, append_events, compact, write_session
from pipelines.worklist.erasure import redact_resolved

_TABLE: Final = re.compile(r"\.?run_date=(\d{4}-\d{2}-\d{2})(\..*)?")
"""A run's folder of a table, or what a run that died left of one: ``.run_date=2026-11-24.x7f_k2.tmp``."""

_OUTBOX: Final = re.compile(r"\.?(\d{4}-\d{2}-\d{2})(\..*)?")


@dataclass(frozen=True)
class Removed:
    """A folder that was deleted: where it lay, of which date it was, and how many bytes were in it."""

    path: Path
    run_date: date
    bytes: int

    def __str__(self) -> str:
        return f"{self.path} ({self.bytes:,} bytes)"


def purge(settings: Settings, today: date | None = None) -> tuple[Removed, ...]:
    """Delete the tables and published folders past their retention; return what was deleted, by path.

    A table goes when its run is more than ``retention.tables_days`` before ``today`` (by default
    ``settings.run_date``), a published folder after ``retention.outbox_days``. Items that were resolved more than
    ``retention.items_days`` before keep their history, but no number, sentence or note. The ledger gets an event
    that names what went. Links are never followed. Raises ``OSError`` and ``StoreError``.
    """
    today = today or settings.run_date
    kept = {"tables": settings.retention.tables_days, "outbox": settings.retention.outbox_days}
    past = [
        *_past(settings.data, _TABLE, today - timedelta(days=kept["tables"]), deep=True),
        *_past(settings.outbox, _OUTBOX, today - timedelta(days=kept["outbox"]), deep=False),
    ]
    removed = []
    try:
        for path, day in sorted(past):
            size = sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir())
            shutil.rmtree(path)
            removed.append(Removed(path, day, size))
    finally:
        # What is gone is told even if the next folder could not be deleted.
        if removed:
            _tell(removed, today, settings)
    _redact(today - timedelta(days=settings.retention.items_days), settings)
    return tuple(removed)


def _redact(oldest: date, settings: Settings) -> None:
    with write_session(settings.store) as session:
        items = redact_resolved(session, oldest)
        if items:
            append_events(session, [Event("items_redacted", {"before": oldest.isoformat(), "items": items})])
    if items:
        compact(settings.store)


def _past(root: Path, name: re.Pattern[str], oldest: date, deep: bool) -> Iterator[tuple[Path, date]]:
    """The folders under ``root`` whose name has a date before ``oldest``."""
    if not root.is_dir():
        return
    for path in root.iterdir():
        if path.is_symlink() or not path.is_dir():
            continue
        day = _date(name.fullmatch(path.name))
        if day and day < oldest:
            yield path, day
        elif deep and not day:
            yield from _past(path, name, oldest, deep)


def _date(match: re.Match[str] | None) -> date | None:
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _tell(removed: list[Removed], today: date, settings: Settings) -> None:
    base = settings.base
    names = [
        str(one.path.relative_to(base)) if one.path.is_relative_to(base) else str(one.path) for one in removed
    ]
    payload = {"today": today.isoformat(), "removed": names, "bytes": sum(one.bytes for one in removed)}
    with write_session(settings.store) as session:
        append_events(session, [Event("purged", payload)])
