"""Whether the store's ledger is what it was, and knows the folder that is being verified."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.records import MANIFEST
from pipelines.settings import Settings
from pipelines.store import is_there, read_session, verify_ledger
from pipelines.store.models import ItemEvent

INTERRUPTED: Final = "; a run for this date was interrupted before it could say so: run the date again"


def verify_ledger_of(folder: Path, settings: Settings) -> list[str] | None:
    """Check the whole ledger and that it tells of ``folder``'s publication; every problem a line.

    The first event that was changed, lost, moved or added is named by its number. ``None`` where there is no
    store to ask. Raises ``StoreError`` where there is one that cannot be read.
    """
    if not is_there(settings.store):
        return None
    with read_session(settings.store) as session:
        problems = []
        if fault := verify_ledger(session).fault:
            problems.append(f"ledger: event {fault.event_id} {fault.kind}: {fault.message}")
        if (folder / MANIFEST).is_file() and not _known((folder / MANIFEST).read_bytes(), session):
            why = INTERRUPTED if _interrupted(folder.resolve().name, session) else ""
            problems.append(f"ledger: tells of no publication of this {MANIFEST}{why}")
    return problems


def _known(manifest: bytes, session: Session) -> bool:
    """Whether the ledger tells of this manifest's publication."""
    published = select(ItemEvent.payload).where(ItemEvent.kind == "run_published")
    digest = hashlib.sha256(manifest).hexdigest()
    return any(payload["sha256"] == digest for payload in session.scalars(published))


def _interrupted(folder: str, session: Session) -> bool:
    """Whether the last that the ledger tells of the runs of a folder's date is that one began to publish."""
    try:
        day = date.fromisoformat(folder)
    except ValueError:  # a copy, under a name of its own
        return False
    last = (
        select(ItemEvent.kind)
        .where(ItemEvent.kind.in_(("run_recorded", "run_published", "run_failed")), ItemEvent.run_date == day)
        .order_by(ItemEvent.event_id.desc())
        .limit(1)
    )
    return session.scalar(last) == "run_recorded"


def erased_files(folder: Path, settings: Settings) -> dict[str, int]:
    """What ``verify`` says of files of ``folder`` that an erasure took away, with the ledger's event that tells it.

    Empty where there is no store to ask, and where the file is there. Raises ``StoreError``.
    """
    if not is_there(settings.store):
        return {}
    with read_session(settings.store) as session:
        erased = session.execute(
            select(ItemEvent.event_id, ItemEvent.payload).where(ItemEvent.kind == "erased")
        ).all()
    inside = f"{folder.resolve().name}/"
    gone = {name: event for event, told in erased for name in told["removed"] if name.startswith(inside)}
    names = {name.removeprefix(inside): event for name, event in gone.items()}
    return {f"{name}: missing": event for name, event in names.items() if not (folder / name).exists()}
