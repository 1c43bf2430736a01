"""The ledger: every change of an item, decision and publication, each hashed over the one before.

An event's hash is sha256 over the previous event's hash and the event's own content as canonical JSON (keys
sorted, no spaces, UTF-8), with a line feed between; the first event's previous hash is sixty-four zeros. Its
number is not hashed, so that an event moved elsewhere is told from one that was changed.

Payloads hold no name, no birth date and no whole number (NIK): a ledger cannot forget, and must not need to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import Result, Row, select, update
from sqlalchemy.orm import Session

from pipelines.store.bulk import Value, insert_rows
from pipelines.store.models import Base, ItemEvent, LedgerHead

GENESIS: Final = "0" * 64
"""The previous hash of the first event."""

EVENTS: Final = Base.metadata.tables[ItemEvent.__tablename__]

BATCH: Final = 10_000
"""Events read into memory at once."""


@dataclass(frozen=True)
class Event:
    """What happened: ``kind`` in one word, to which item if to one, in the run of which date if in one."""

    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    item_id: str | None = None
    run_date: date | None = None


@dataclass(frozen=True)
class Head:
    """Where a ledger ends: how many events, and the last one's hash. Kept elsewhere, it is an anchor."""

    events: int = 0
    hash: str = GENESIS


@dataclass(frozen=True)
class Fault:
    """The first event at which a ledger is not what it was: its number and what became of it."""

    event_id: int
    kind: Literal["changed", "lost", "reordered", "added"]
    message: str


@dataclass(frozen=True)
class LedgerCheck:
    """What ``verify_ledger`` found: the events read in order up to ``head``, and the first fault if any."""

    head: Head
    fault: Fault | None = None

    @property
    def sound(self) -> bool:
        """Whether every event is there, unchanged, in its place."""
        return self.fault is None


def event_hash(previous_hash: str, event: Event) -> str:
    """The hash of ``event`` as the successor of the event whose hash is ``previous_hash``."""
    return _hash(previous_hash, event, _canonical(event.payload))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _hash(previous_hash: str, event: Event, payload: str) -> str:
    day = event.run_date.isoformat() if event.run_date else None
    item, kind, run_date = map(_canonical, (event.item_id, event.kind, day))
    content = f'{{"item_id":{item},"kind":{kind},"payload":{payload},"run_date":{run_date}}}'
    return hashlib.sha256(f"{previous_hash}\n{content}".encode()).hexdigest()


def append_events(session: Session, events: Iterable[Event]) -> Head:
    """Add ``events`` in their order and return the new end of the ledger.

    Belongs in a ``write_session``: two that append at once would build on the same event.
    """
    start = read_head(session)
    chain = _Chain(start)
    insert_rows(session, EVENTS, EVENTS.columns.keys(), map(chain.row, events))
    if chain.head != start:
        session.execute(update(LedgerHead).values(events=chain.head.events, hash=chain.head.hash))
    return chain.head


class _Chain:
    """Turns events into rows of the ledger, one after the other; ``head`` is where it has come to."""

    def __init__(self, head: Head) -> None:
        self.head = head

    def row(self, event: Event) -> tuple[Value, ...]:
        previous, payload = self.head, _canonical(event.payload)
        self.head = Head(previous.events + 1, _hash(previous.hash, event, payload))
        return (
            self.head.events,
            event.run_date,
            event.item_id,
            event.kind,
            payload,
            previous.hash,
            self.head.hash,
        )


def read_head(session: Session) -> Head:
    """Where the ledger ends by its own account."""
    found = session.execute(select(LedgerHead.events, LedgerHead.hash)).one_or_none()
    return Head(*found) if found else Head()


def verify_ledger(session: Session, anchor: Head | None = None) -> LedgerCheck:
    """Recompute every hash and name the first event that was changed, lost, reordered or added.

    ``anchor`` is an earlier end of this ledger that was kept elsewhere (a published manifest): it shows
    what the chain alone cannot, a ledger rewritten as a whole or cut with its own account of its end.
    """
    head = Head()
    for row in _stream(session):
        fault = _fault(session, head, row)
        if fault is None and anchor and row.event_id == anchor.events and row.hash != anchor.hash:
            fault = Fault(row.event_id, "changed", "its hash is not the one that was kept elsewhere")
        if fault:
            return LedgerCheck(head, fault)
        head = Head(row.event_id, row.hash)
    return LedgerCheck(head, _fault_at_end(head, read_head(session), anchor))


def _stream(session: Session) -> Result[Any]:
    """Every event by its number, a batch at a time in memory."""
    query = select(*EVENTS.columns).order_by(EVENTS.c.event_id)
    return session.execute(query, execution_options={"yield_per": BATCH})


def _fault(session: Session, head: Head, row: Row[Any]) -> Fault | None:
    expected = head.events + 1
    if row.event_id > expected:
        return Fault(expected, "lost", f"the next event there is has number {row.event_id}")
    if row.event_id < expected:
        return Fault(row.event_id, "added", "events are numbered from 1")
    if row.hash != event_hash(row.previous_hash, _event(row)):
        return Fault(expected, "changed", "its content does not give its hash")
    if row.previous_hash == head.hash:
        return None
    if row.previous_hash == GENESIS or session.scalar(
        select(ItemEvent.event_id).where(ItemEvent.hash == row.previous_hash).limit(1)
    ):
        return Fault(expected, "reordered", "it is the successor of another event than the one before it")
    return Fault(expected, "lost", "the event that came before this one is not in the ledger")


def _event(row: Row[Any]) -> Event:
    return Event(row.kind, row.payload, row.item_id, row.run_date)


def _fault_at_end(head: Head, account: Head, anchor: Head | None) -> Fault | None:
    """What is wrong with the end: the chain up to ``head`` is sound, its account or the anchor says more."""
    most = max(account.events, anchor.events if anchor else 0)
    if head.events < most:
        return Fault(head.events + 1, "lost", f"the ledger had {most} events and ends at {head.events}")
    if head.events > account.events:
        return Fault(account.events + 1, "added", f"the ledger's own account ends at {account.events}")
    if head.hash != account.hash:
        return Fault(head.events, "changed", "its hash is not the one in the ledger's own account")
    return None
