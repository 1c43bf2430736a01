"""What the store knows of one item, and of all of them together: for ``padan explain`` and ``padan status``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from pipelines.errors import PadanError
from pipelines.records import Cause, ItemStatus
from pipelines.settings import Settings
from pipelines.store import read_session
from pipelines.store.agreement import Agreement, agreement
from pipelines.store.models import Base, Decision, ItemEvent
from pipelines.store.states import STATES, VISIBLE, runs_before, states_before
from pipelines.worklist.prior import Runs, last_read

EVENTS: Final = Base.metadata.tables[ItemEvent.__tablename__]
DECISIONS: Final = Base.metadata.tables[Decision.__tablename__]

AGES: Final = (7, 30, 90)
"""Where a new band of age begins, in days, after the first."""


@dataclass(frozen=True)
class ItemHistory:
    """An item as it stands, and how it came to that.

    ``state`` has the columns of ``item_state``, as they read after the last run. ``events``
    are the ledger's, of this item and of those that it was before its cause changed, oldest first: each with
    ``event_id, run_date, item_id, kind, payload``. ``decisions`` are the officers' answers likewise.
    """

    state: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]
    decisions: tuple[Mapping[str, Any], ...]


def find_item(item_id: str, settings: Settings) -> ItemHistory:
    """How an item stands after the last published run, and its history.

    Raises ``PadanError`` where no published run has such an item, and ``StoreError``.
    """
    wanted = item_id.strip().upper()
    with read_session(settings.store) as session:
        runs = runs_before(session, date.max)
        row = session.execute(states_before(date.max, items=[wanted])).one_or_none()
        if row is None:
            raise PadanError(f"{item_id}: no published run has an item of that id")
        lives = _former_lives(session, wanted)
        return ItemHistory(
            _as_it_stands(row._asdict(), runs, settings),
            tuple(_rows(session, EVENTS, ("event_id", "run_date", "item_id", "kind", "payload"), lives)),
            tuple(_rows(session, DECISIONS, DECISIONS.columns.keys(), lives)),
        )


def _as_it_stands(state: dict[str, Any], runs: Runs, settings: Settings) -> dict[str, Any]:
    """A state read after the last of ``runs``: what goes on without a row of its own is put in."""
    if state["status"] == ItemStatus.NEW and state["run_date"] < runs[0][0]:
        state["status"] = ItemStatus.OPEN.value
    if state["status"] in VISIBLE:
        online = state["cause"] == Cause.NIK_NOT_ONLINE
        seen = last_read(state["source"], online, runs, settings)
        state["last_seen"] = max(state["last_seen"], seen or state["last_seen"])
    return state


def _former_lives(session: Session, item_id: str) -> list[str]:
    """The item, and each that it was before its record's cause changed."""
    lives, ahead = [item_id], [item_id]
    while ahead:
        query = select(EVENTS.c.payload).where(
            EVENTS.c.item_id == ahead.pop(), EVENTS.c.kind == "cause_changed"
        )
        former = [payload["from"] for payload in session.scalars(query) if payload["from"] not in lives]
        lives += former
        ahead += former
    return lives


def _rows(session: Session, table: Any, names: Sequence[str], items: Sequence[str]) -> list[dict[str, Any]]:
    columns = [table.c[name] for name in names]
    query = select(*columns).where(table.c.item_id.in_(items)).order_by(columns[0])
    return [row._asdict() for row in session.execute(query)]


@dataclass(frozen=True)
class Judged:
    """How many proposed numbers officers took over, and how many they refused."""

    confirmed: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Status:
    """What waits after the last published run, and what that run changed.

    ``open`` counts, also by owner, cause and age in days (``0-6``, ``7-29``, ``30-89``, ``90+``), the items
    that are new, open or returned; ``changed`` counts by status those that the run wrote anew: ``open`` are
    items of which something changed, and an item of which nothing did is not among them.
    """

    run_date: date | None = None
    open: int = 0
    by_owner: Mapping[str, int] = field(default_factory=dict)
    by_cause: Mapping[str, int] = field(default_factory=dict)
    by_age: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, Judged] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "run_date": self.run_date.isoformat() if self.run_date else None}


def status(settings: Settings) -> Status:
    """What is open by owner, cause and age after the last published run, and what that run changed.

    Raises ``StoreError``.
    """
    with read_session(settings.store) as session:
        runs = runs_before(session, date.max)
        if not runs:
            return Status()
        last = runs[0][0]
        states = states_before(date.max).subquery()
        owner, cause, first_seen = states.c.owner, states.c.cause, states.c.first_seen
        waiting = session.execute(
            select(owner, cause, first_seen, func.count())
            .where(states.c.status.in_([visible.value for visible in VISIBLE]))
            .group_by(owner, cause, first_seen)
        ).all()
        came = session.execute(
            select(STATES.c.status, func.count())
            .where(STATES.c.run_date == last, STATES.c.listed)
            .group_by(STATES.c.status)
        )
        return _figures(last, waiting, {row[0]: row[1] for row in came}, _judged(agreement(session)))


def _judged(answers: Sequence[Agreement]) -> dict[str, Judged]:
    """The answers by cause, and the same by the proposal's confidence."""
    counts: dict[str, Judged] = {}
    for one in answers:
        for name in (one.cause, one.confidence):
            sofar = counts.get(name, Judged())
            counts[name] = Judged(sofar.confirmed + one.confirmed, sofar.refused + one.refused)
    return dict(sorted(counts.items()))


def _figures(
    last: date,
    waiting: Sequence[Row[str, str, date, int]],
    changed: dict[str, int],
    answers: dict[str, Judged],
) -> Status:
    owners, causes, ages = Counter[str](), Counter[str](), Counter[str]()
    for owner, cause, first_seen, count in waiting:
        owners[owner] += count
        causes[cause] += count
        ages[_band((last - first_seen).days)] += count
    by_age = {band: ages[band] for band in map(_band, (0, *AGES)) if ages[band]}
    return Status(
        last, owners.total(), _most(owners), _most(causes), by_age, dict(sorted(changed.items())), answers
    )


def _band(days: int) -> str:
    """The band of an age, e.g. ``7-29``."""
    start = max((edge for edge in AGES if edge <= days), default=0)
    after = [edge for edge in AGES if edge > days]
    return f"{start}-{after[0] - 1}" if after else f"{start}+"


def _most(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
