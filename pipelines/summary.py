"""The closing words of a run: what was found, by cause, and where it lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.engine import PART
from pipelines.records import WORKBOOK, Cause, ItemStatus
from pipelines.run import Outcome
from pipelines.settings import Settings

CLOSED = {str(ItemStatus.RESOLVED), str(ItemStatus.REJECTED)}
"""Items that ended today: in the worklist for the last time, no longer anyone's to act on."""

WAITING = {str(status) for status in ItemStatus} - CLOSED
CAUSES = tuple(map(str, Cause))

PLACES = (("worklist", "worklist.csv"), ("workbook", WORKBOOK), ("report", "report.html"))


def summary(outcome: Outcome, settings: Settings) -> str:
    """A few lines of plain text for the terminal; no personal data in them."""
    counts = _counts(settings)
    folder = _from_here(Path(outcome.outbox.path))
    lines = [_headline(counts, settings), "", *_table(counts, settings.registry.name), ""]
    lines += [f"{what:<10}{folder / name}" for what, name in PLACES]
    lines += [
        f"{'not read':<10}{source}: {reason}; its items stand as they stood"
        for source, reason in sorted(outcome.unread.items())
    ]
    lines += [
        f"{'not sent':<10}{who}: {reason}; it goes with the next run, or by padan deliver"
        for who, reason in sorted(outcome.undelivered.items())
    ]
    return "\n".join(lines)


def headline(outcome: Outcome, settings: Settings) -> str:
    """The first of them, for a message's subject; it says what the run had to do without."""
    without = f", without {', '.join(sorted(outcome.unread))}" if outcome.unread else ""
    return f"Padan {_headline(_counts(settings), settings)}{without}"


def _from_here(path: Path) -> Path:
    """As a person standing in the working folder would write it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


Counts = Counter[tuple[str, str, str]]
"""Items by cause, status and owner."""


def _counts(settings: Settings) -> Counts:
    items = pq.read_table(settings.folder("items") / PART, columns=["cause", "status", "owner"])
    groups = items.group_by(["cause", "status", "owner"]).aggregate([([], "count_all")])
    return Counter({(g["cause"], g["status"], g["owner"]): g["count_all"] for g in groups.to_pylist()})


def _total(counts: Counts, cause: Collection[str], status: Collection[str], owner: str | None = None) -> int:
    return sum(
        count for (c, s, o), count in counts.items() if c in cause and s in status and owner in (None, o)
    )


def _headline(counts: Counts, settings: Settings) -> str:
    waiting = _total(counts, CAUSES, WAITING)
    new = _total(counts, CAUSES, {ItemStatus.NEW})
    closed = _total(counts, CAUSES, CLOSED)
    return f"{settings.run_date}: {waiting:,} items to act on ({new:,} new), {closed:,} closed today"


def _table(counts: Counts, registry: str) -> list[str]:
    """A line a cause that occurs, in the order of precedence: items to act on, new ones, whose they are."""
    lines = [f"  {'cause':<22}{'items':>10}{'new':>10}{'registry':>10}{'agencies':>10}"]
    for cause in CAUSES:
        items = _total(counts, {cause}, WAITING)
        if not items:
            continue
        new = _total(counts, {cause}, {ItemStatus.NEW})
        own = _total(counts, {cause}, WAITING, registry)
        lines.append(f"  {cause:<22}{items:>10,}{new:>10,}{own:>10,}{items - own:>10,}")
    return lines
