"""What officers sent back, into the store: ``decide`` takes each row that fits and says why others do not."""

from __future__ import annotations

import getpass
import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from pipelines.errors import PadanError
from pipelines.records import ItemStatus, mask_nik
from pipelines.settings import Settings
from pipelines.store import Event, append_events, write_session
from pipelines.store.models import Base, Decision, DecisionFile, ItemEvent
from pipelines.store.states import RUNS, STATES, VISIBLE, runs_before, states_before
from pipelines.vocabulary import DecisionKind
from pipelines.worklist.returned import Answer, read_returned
from pipelines.worklist.shown import shows_another_proposal
from pipelines.worklist.summary import REFUSED, DecisionSummary, Outcome, RefusedRow
from pipelines.worklist.words import read_decision

DECISIONS: Final = Base.metadata.tables[Decision.__tablename__]
FILES: Final = Base.metadata.tables[DecisionFile.__tablename__]

SEEN: Final = ("recorded_nik", "proposed_nik", "elements")
"""What a decision keeps of its item: that is what the officer judged."""

CHUNK: Final = 500
"""Items asked for in one query: SQLite bounds the values of a statement."""

WEIGHTY: Final = (DecisionKind.CORRECTED, DecisionKind.REJECTED)
"""Decisions by which an item ends; one that is forwarded is still to be answered."""

ASIDE: Final = "decisions_put_aside"
"""The ledger's word for a file that waits for approval."""

NAME_LENGTH: Final = 100
"""Letters of an officer's name that are kept."""

NOTE_LENGTH: Final = 1_000
"""Letters of a note that are kept."""


@dataclass(frozen=True)
class _Judged:
    """An answer and what becomes of it; ``state`` is the item's, where it is taken."""

    answer: Answer
    outcome: Outcome
    kind: DecisionKind | None = None
    state: Row[Any] | None = None


def decide(
    file: Path, settings: Settings, received_at: datetime | None = None, by: str = ""
) -> DecisionSummary:
    """Read a returned worklist (xlsx or csv) into the store, and say what was taken and what not, and why.

    Each row with a decision is checked: the item must be known and still open, its proposal the one that
    the row shows, and no other row or pending file may say otherwise. A decision counts from the first date
    that has no run yet, but not before ``received_at`` (as the office's clock has it; by default the
    beginning of ``settings.run_date``), so no rerun of a past date changes by it. The same file again
    changes nothing.

    ``by`` is who answered, by default the account that the file belongs to. Where a file has, or its officer gave
    in that day, more than ``decisions.bulk_limit`` corrections and rejections, nothing of it is taken before somebody
    else has looked at it (``approve``). Raises ``PadanError`` for a file that is no worklist, and ``StoreError``.
    """
    given = _Given(file, settings, received_at, by)
    with write_session(settings.store) as session:
        return _take(session, given, approved=False)


def approve(file: Path, settings: Settings, by: str, received_at: datetime | None = None) -> DecisionSummary:
    """Take the decisions of a file that was put aside for its size, on the word of ``by``; the ledger keeps both names.

    Raises ``PadanError`` where the very file was not put aside, where nobody is named, and where ``by`` is who
    gave it in; and ``StoreError``.
    """
    if not by.strip():
        raise PadanError("who approves? expected --by NAME")
    given = _Given(file, settings, received_at, by)
    with write_session(settings.store) as session:
        aside = [told for told in _told(session, ASIDE) if told["file_sha256"] == given.sha256]
        givers = {told["by"] for told in aside}
        if not aside:
            raise PadanError(f"{file.name}: was not put aside as it stands; nothing to approve")
        if _same(given.by) in set(map(_same, givers)):
            raise PadanError(f"{file.name}: {given.by} gave it in; somebody else has to approve it")
        told = {"file_sha256": given.sha256, "by": given.by, "given_by": sorted(givers), "login": _login()}
        append_events(session, [Event("decisions_approved", told)])
        return _take(session, given, approved=True)


class _Given:
    """A file as it was given in: what it says, its digest, when and by whom."""

    def __init__(self, file: Path, settings: Settings, received_at: datetime | None, by: str) -> None:
        self.name, self.settings, self.by = file.name, settings, " ".join(by.split())[:NAME_LENGTH]
        self.by = self.by or _owner(file)
        self.received_at = (received_at or datetime.combine(settings.run_date, time())).replace(tzinfo=None)
        self.answers = read_returned(file)
        with file.open("rb") as handle:
            self.sha256 = hashlib.file_digest(handle, "sha256").hexdigest()


def _take(session: Session, given: _Given, approved: bool) -> DecisionSummary:
    """What a file says, into the store, unless it was read before or has to wait for somebody's approval."""
    before = session.execute(select(FILES).where(FILES.c.file_sha256 == given.sha256)).one_or_none()
    if before:
        return DecisionSummary(
            *(given.name, given.sha256, before.effective_date, given.settings.language, before.rows, {}),
            repeated=True,
        )
    judged = _judge(session, given.answers)
    effective = _effective_date(session, given.received_at)
    summary = _summary(judged, given.name, given.sha256, effective, given.settings)
    weighty = sum(summary.taken.get(kind, 0) for kind in WEIGHTY)
    limit = given.settings.decisions.bulk_limit
    if weighty and weighty + _given_today(session, given) > limit and not approved:
        _put_aside(session, given, weighty)
        return replace(summary, taken={}, aside=weighty, limit=limit)
    _keep(session, judged, summary, given, weighty)
    return summary


def _given_today(session: Session, given: _Given) -> int:
    """Corrections and rejections that were taken from the same officer, by name, on the same day."""
    day = given.received_at.date().isoformat()
    return sum(
        told.get("weighty", 0)
        for told in _told(session, "decisions_read")
        if _same(told.get("by", "")) == _same(given.by) and told["received_at"].startswith(day)
    )


def _put_aside(session: Session, given: _Given, weighty: int) -> None:
    """Tell the ledger, once for each who gives it in: a scheduler offers the same file every night."""
    told = {"file_sha256": given.sha256, "by": given.by, "weighty": weighty}
    known = [{key: aside[key] for key in told} for aside in _told(session, ASIDE)]
    if told not in known:
        append_events(session, [Event(ASIDE, {**told, "login": _login()})])


def _told(session: Session, kind: str) -> list[dict[str, Any]]:
    return list(session.scalars(select(ItemEvent.payload).where(ItemEvent.kind == kind)))


def _same(name: str) -> str:
    """A name as two of them are compared.

    >>> _same("Siti  HAJAR") == _same("siti hajar")
    True
    """
    return " ".join(name.split()).casefold()


def _owner(file: Path) -> str:
    """The account that a file belongs to: whoever put it there, where nobody says who answered."""
    try:
        return file.owner()
    except (KeyError, OSError):
        return str(file.stat().st_uid)


def _login() -> str:
    """The account of this machine: a name is what somebody says, this is what the system knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _effective_date(session: Session, received_at: datetime) -> date:
    """The first run date that may know what comes in now."""
    last = session.scalar(select(func.max(RUNS.c.run_date)).where(RUNS.c.state != "failed"))
    return max(received_at.date(), last + timedelta(days=1)) if last else received_at.date()


def _judge(session: Session, answers: Sequence[Answer]) -> list[_Judged]:
    """What becomes of each answer."""
    judged = []
    by_item: dict[str, list[tuple[Answer, DecisionKind]]] = defaultdict(list)
    for answer in answers:
        kind = read_decision(answer.decision)
        if kind:
            by_item[answer.item_id].append((answer, kind))
        else:
            judged.append(_Judged(answer, Outcome.UNREADABLE if answer.decision else Outcome.BLANK))
    states = {row.item_id: row for row in _states(session, list(by_item))}
    earlier = {row.item_id: row for row in _decisions(session, list(by_item))}
    runs = runs_before(session, date.max)
    for item, rows in by_item.items():
        answer, kind = rows[0]
        state = states.get(item)
        if len({kind for _, kind in rows}) > 1:
            outcome = Outcome.CONTRADICTION
        else:
            outcome = _outcome(answer, kind, state, earlier.get(item), runs[0][0] if runs else date.min)
        judged.append(_Judged(answer, outcome, kind, state))
        same = Outcome.ALREADY if outcome is Outcome.TAKEN else outcome
        judged += [_Judged(other, same) for other, _ in rows[1:]]
    return judged


def _outcome(
    answer: Answer, kind: DecisionKind, state: Row[Any] | None, earlier: Row[Any] | None, last_run: date
) -> Outcome:
    """What becomes of the only decision about an item, given how it stands and what was decided before."""
    if state is None:
        return Outcome.UNKNOWN
    if state.status not in VISIBLE:
        rejected = state.status == ItemStatus.REJECTED and kind is DecisionKind.REJECTED
        return Outcome.ALREADY if rejected else Outcome.NOT_OPEN
    if earlier is not None and earlier.decision_id > state.spent:
        waits = earlier.effective_date > last_run  # no run has answered it yet
        if earlier.decision == kind and (waits or state.status != ItemStatus.RETURNED):
            return Outcome.ALREADY
        if earlier.decision != kind and waits:
            return Outcome.CONTRADICTION
    if shows_another_proposal(answer.proposed_nik, state.proposed_nik, kind):
        return Outcome.PROPOSAL_CHANGED
    return Outcome.TAKEN


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


def _states(session: Session, items: Sequence[str]) -> Iterator[Row[Any]]:
    columns = [STATES.c[name] for name in ("item_id", "status", "spent", *SEEN)]
    for chunk in _chunks(items):
        yield from session.execute(states_before(date.max, columns, chunk))


def _decisions(session: Session, items: Sequence[str]) -> Iterator[Row[Any]]:
    """The latest decision about each item."""
    for chunk in _chunks(items):
        latest = (
            select(func.max(DECISIONS.c.decision_id))
            .where(DECISIONS.c.item_id.in_(chunk))
            .group_by(DECISIONS.c.item_id)
        )
        yield from session.execute(select(DECISIONS).where(DECISIONS.c.decision_id.in_(latest)))


def _summary(
    judged: Sequence[_Judged], name: str, sha256: str, effective: date, settings: Settings
) -> DecisionSummary:
    counts = Counter(one.outcome for one in judged)
    kinds = Counter(one.kind for one in judged if one.outcome is Outcome.TAKEN)
    return DecisionSummary(
        name,
        sha256,
        effective,
        settings.language,
        rows=len(judged),
        taken={kind: kinds[kind] for kind in DecisionKind if kinds[kind]},
        blank=counts[Outcome.BLANK],
        already=counts[Outcome.ALREADY],
        refused=tuple(
            RefusedRow(one.answer.place, one.answer.item_id, one.outcome)
            for one in judged
            if one.outcome in REFUSED
        ),
    )


def _keep(
    session: Session, judged: Sequence[_Judged], summary: DecisionSummary, given: _Given, weighty: int
) -> None:
    """The file, the decisions taken from it, and their events; what it counted goes into the ledger too."""
    taken = [one for one in judged if one.outcome is Outcome.TAKEN]
    shared = {
        "file_sha256": summary.sha256,
        "received_at": given.received_at,
        "effective_date": summary.effective_date,
    }
    counts = {"rows": summary.rows, "taken": len(taken), "refused": len(summary.refused)}
    session.execute(insert(FILES).values(**shared, **counts))
    if taken:
        session.execute(insert(DECISIONS), [{**shared, **_decision(one)} for one in taken])
    told = {
        **shared,
        "received_at": given.received_at.isoformat(),
        "effective_date": f"{summary.effective_date}",
    }
    events = [
        Event(
            "decided",
            {**told, "decision": one.kind, "proposed_nik": mask_nik(_decision(one)["proposed_nik"])},
            one.answer.item_id,
        )
        for one in taken
    ]
    who = {"by": given.by, "login": _login(), "weighty": weighty}
    append_events(session, [*events, Event("decisions_read", {**told, **counts, **who})])


def _decision(judged: _Judged) -> dict[str, Any]:
    """An officer's answer as the store keeps it, with what it was about."""
    return {
        "item_id": judged.answer.item_id,
        "decision": judged.kind,
        "note": judged.answer.note.replace("\0", "")[:NOTE_LENGTH] or None,
        **{name: getattr(judged.state, name, None) for name in SEEN},
    }
