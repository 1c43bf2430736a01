"""How items stood on a date, and how a rerun of an early date leaves later dates as they were.

``item_state`` has a row only where something changed; everything here follows from that. What a run wrote
counts once its folder was published, be it by an earlier run of its date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from pipelines.records import ItemStatus
from pipelines.store.models import Base, ItemState, Run

STATES: Final = Base.metadata.tables[ItemState.__tablename__]
RUNS: Final = Base.metadata.tables[Run.__tablename__]

VISIBLE: Final = (ItemStatus.NEW, ItemStatus.OPEN, ItemStatus.RETURNED)
"""An item in one of these is on every worklist; in another only on the day it came there."""


def published(runs: FromClause = RUNS) -> ColumnElement[bool]:
    """Whether a row of ``run`` (or of an alias of it) counts: its folder stands, be it by an earlier run."""
    return or_(runs.c.state == "published", runs.c.was_published)


_COUNTS: Final = published()


def status_on(day: date) -> ColumnElement[str]:
    """The status of a row of ``item_state`` as it reads on ``day``: ``new`` is so on its own date alone."""
    aged = and_(STATES.c.status == ItemStatus.NEW.value, STATES.c.run_date < day)
    return case((aged, ItemStatus.OPEN.value), else_=STATES.c.status)


def states_before(
    day: date, columns: Sequence[ColumnElement[Any]] = (), items: Sequence[str] | None = None
) -> Select[Any]:
    """The row of each item that held before the run of ``day``: ``columns`` of ``item_state``, or all.

    Of ``items`` alone where they are given (some hundreds at most: servers bound a statement's values).
    """
    latest = (
        select(STATES.c.item_id, func.max(STATES.c.run_date).label("run_date"))
        .join(RUNS, RUNS.c.run_date == STATES.c.run_date)
        .where(_COUNTS, STATES.c.run_date < day)
        .group_by(STATES.c.item_id)
    )
    if items is not None:
        latest = latest.where(STATES.c.item_id.in_(items))
    held = latest.subquery()
    return select(*(columns or STATES.columns)).join(
        held, and_(STATES.c.item_id == held.c.item_id, STATES.c.run_date == held.c.run_date)
    )


def runs_before(session: Session, day: date) -> list[tuple[date, dict[str, bool]]]:
    """Every run that counts before ``day``, latest first: its date, and which sources it read."""
    query = select(RUNS.c.run_date, RUNS.c.sources).where(_COUNTS, RUNS.c.run_date < day)
    return [(row.run_date, row.sources) for row in session.execute(query.order_by(RUNS.c.run_date.desc()))]


def keep_later(session: Session, day: date) -> None:
    """Write down, for the next run after ``day``, the state of each item whose row of ``day`` is about to go.

    That run found nothing changed against the row of ``day`` and so has none of its own.
    """
    for later in _later(session, day):
        _carry(session, later, select(*STATES.columns).where(STATES.c.run_date == day, ~_has_row(later)))


def keep_later_without(session: Session, day: date) -> None:
    """The same where the rows of ``day`` come to count after a later run was made without them.

    That run's state of such an item is the one before ``day``; an item which only ``day`` knows ended
    there unseen: it is resolved, and on no list of that later date.
    """
    rows = select(STATES.c.item_id).where(STATES.c.run_date == day)
    for later in _later(session, day):
        earlier = states_before(day).where(STATES.c.item_id.in_(rows), ~_has_row(later))
        _carry(session, later, earlier)
        unknown = select(*STATES.columns).where(STATES.c.run_date == day, ~_has_row(later))
        _carry(session, later, unknown, status=literal(ItemStatus.RESOLVED.value))


def _later(session: Session, day: date) -> list[date]:
    """The dates of the runs after ``day`` up to the first that counts; what comes later follows from it."""
    found = []
    counts = case((_COUNTS, 1), else_=0)
    query = select(RUNS.c.run_date, counts).where(RUNS.c.run_date > day, RUNS.c.state != "failed")
    for later, last in session.execute(query.order_by(RUNS.c.run_date)):
        found.append(later)
        if last:
            break
    return found


def _has_row(day: date) -> ColumnElement[bool]:
    other = STATES.alias()
    return exists().where(other.c.item_id == STATES.c.item_id, other.c.run_date == day)


def _carry(session: Session, day: date, rows: Select[Any], status: ColumnElement[str] | None = None) -> None:
    """Insert ``rows`` again as rows of ``day``; their ends were shown on their own date."""
    status = status_on(day) if status is None else status
    changed: dict[str, ColumnElement[Any]] = {
        "run_date": literal(day),
        "status": status,
        "listed": status.in_([s.value for s in VISIBLE]),
    }
    columns = [changed.get(name, column).label(name) for name, column in STATES.columns.items()]
    session.execute(insert(STATES).from_select(list(STATES.columns.keys()), rows.with_only_columns(*columns)))


def replace_run(session: Session, day: date, values: dict[str, Any]) -> None:
    """Put a new run in the place of whatever ``day`` had, with nothing hanging on it yet."""
    session.execute(delete(RUNS).where(RUNS.c.run_date == day))
    session.execute(insert(RUNS).values(run_date=day, **values))
