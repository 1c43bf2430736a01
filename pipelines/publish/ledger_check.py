"""Whether the store's ledger is what it was, and knows the folder that is being verified."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.publish.manifest import MANIFEST
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
        check = verify_ledger(session)
        published = select(ItemEvent.payload).where(ItemEvent.kind == "run_published")
        known = {payload["sha256"] for payload in session.scalars(published)}
        interrupted = _interrupted(session, folder.resolve().name)
    problems = []
    if check.fault:
        problems.append(f"ledger: event {check.fault.event_id} {check.fault.kind}: {check.fault.message}")
    if (folder / MANIFEST).is_file():
        content = (folder / MANIFEST).read_bytes()
        if hashlib.sha256(content).hexdigest() not in known:
            problems.append(
                f"ledger: tells of no publication of this {MANIFEST}{INTERRUPTED if interrupted else ''}"
            )
    return problems


def _interrupted(session: Session, day: str) -> bool:
    """Whether the last that the ledger tells of a date's runs is that one began to publish."""
    kinds = ("run_recorded", "run_published", "run_failed")
    asked = (
        select(ItemEvent.kind, ItemEvent.run_date)
        .where(ItemEvent.kind.in_(kinds))
        .order_by(ItemEvent.event_id.desc())
    )
    last = next((kind for kind, of in session.execute(asked) if of and of.isoformat() == day), None)
    return last == "run_recorded"


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
