"""One page for the head of the office: what a month brought, what was cleared, what waits, and on whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from pipelines.errors import PadanError
from pipelines.publish.figures import HistoryLine
from pipelines.publish.history import lines
from pipelines.records import ItemStatus
from pipelines.settings import Settings
from pipelines.store import read_session
from pipelines.store.states import RUNS, STATES, VISIBLE, published, states_before

COUNTED: Final = ("before", "came", "resolved", "rejected", "after")
"""What is told of each owner and cause, in this order."""


@dataclass(frozen=True)
class Line:
    """One owner or cause: what waited before the month, what came, what was cleared or found right, what waits.

    ``moved`` is what the others leave of ``after``: items that went to another owner or cause, or came back.
    """

    key: str
    before: int
    came: int
    resolved: int
    rejected: int
    moved: int
    after: int
    oldest_days: int


@dataclass(frozen=True)
class Month:
    """A month's figures, as of its last published run; ``total`` is over all owners."""

    first: date
    last: date
    runs: tuple[HistoryLine, ...]
    total: Line
    owners: tuple[Line, ...]
    causes: tuple[Line, ...]


def month(year: int, number: int, settings: Settings) -> Month:
    """What the store knows of a month. Raises ``PadanError`` where nothing was published in it, ``StoreError``."""
    start, end = date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)
    with read_session(settings.store) as session:
        days = sorted(
            session.scalars(
                select(RUNS.c.run_date).where(published(), RUNS.c.run_date >= start, RUNS.c.run_date < end)
            )
        )
        if not days:
            raise PadanError(f"{year}-{number:02d}: nothing was published in that month")
        counts = {key: _counts(session, key, start, days[-1]) for key in ("owner", "cause")}
    owners, causes = (tuple(_lines(counts[key])) for key in ("owner", "cause"))
    return Month(days[0], days[-1], lines(days, settings), _total(owners), owners, causes)


def _total(owners: Sequence[Line]) -> Line:
    """All owners together: everybody's items, and the longest wait."""
    summed = (sum(getattr(line, what) for line in owners) for what in (*COUNTED[:4], "moved", "after"))
    before, came, resolved, rejected, moved, after = summed
    oldest = max((line.oldest_days for line in owners), default=0)
    return Line("", before, came, resolved, rejected, moved, after, oldest)


def _counts(session: Session, key: str, start: date, last: date) -> Mapping[str, Counter[str]]:
    """By owner or cause: each of ``COUNTED``, and ``oldest``: the longest wait in days."""
    column = STATES.c[key]
    visible = [status.value for status in VISIBLE]
    found: dict[str, Counter[str]] = {}
    for what, day in (("before", start), ("after", last + timedelta(days=1))):
        states = states_before(day).subquery()
        waits = (
            select(states.c[key], func.count()).where(states.c.status.in_(visible)).group_by(states.c[key])
        )
        found[what] = _counter(session, waits)
    within = and_(STATES.c.run_date >= start, STATES.c.run_date <= last, STATES.c.listed, published())
    for what, status in (
        ("came", ItemStatus.NEW),
        ("resolved", ItemStatus.RESOLVED),
        ("rejected", ItemStatus.REJECTED),
    ):
        changed = (
            select(column, func.count())
            .join(RUNS, RUNS.c.run_date == STATES.c.run_date)
            .where(within, STATES.c.status == status.value)
            .group_by(column)
        )
        found[what] = _counter(session, changed)
    states = states_before(last + timedelta(days=1)).subquery()
    oldest = select(states.c[key], func.min(states.c.first_seen)).where(states.c.status.in_(visible))
    found["oldest"] = Counter(
        {name: (last - seen).days for name, seen in session.execute(oldest.group_by(states.c[key]))}
    )
    return found


def _counter(session: Session, query: Select[Any]) -> Counter[str]:
    return Counter({row[0]: row[1] for row in session.execute(query)})


def _lines(found: Mapping[str, Counter[str]]) -> Iterator[Line]:
    """What waits most first."""
    keys = {key for what in COUNTED for key in found[what]}
    for key in sorted(keys, key=lambda key: (-found["after"][key], key)):
        yield _line(key, found)


def _line(key: str, found: Mapping[str, Counter[str]]) -> Line:
    before, came, resolved, rejected, after = (found[what][key] for what in COUNTED)
    moved = after - (before + came - resolved - rejected)
    return Line(key, before, came, resolved, rejected, moved, after, found["oldest"][key])
