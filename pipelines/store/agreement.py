"""How officers judged the numbers proposed to them, by cause and by how sure the proposal was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from pipelines.records import Cause
from pipelines.store.models import Base, Decision
from pipelines.store.states import RUNS, STATES, published
from pipelines.vocabulary import DecisionKind

DECISIONS: Final = Base.metadata.tables[Decision.__tablename__]

BANDS: Final = ((0.99, "0.99+"), (0.9, "0.9-0.99"), (0.0, "0.5-0.9"))
"""Bands of confidence, from the least that belongs to each; nothing below a half is proposed."""

JUDGEMENTS: Final = (DecisionKind.CORRECTED, DecisionKind.REJECTED)
"""The decisions that say whether a proposal was right; ``forwarded`` does not."""


@dataclass(frozen=True)
class Agreement:
    """Of the proposals of one ``cause`` in one band of ``confidence``: how many were taken over or refused."""

    cause: str
    confidence: str
    confirmed: int
    refused: int


def agreement(session: Session, until: date = date.max) -> list[Agreement]:
    """Officers' answers to proposed numbers, by the causes' order and the surest first.

    An answer counts if a run of ``until`` may know it, and of those about one item the latest. Cause and
    confidence are those of the worklist that the officer had: the last published before the answer.
    """
    counts: Counter[tuple[str, str, str]] = Counter(
        (cause, next(name for least, name in BANDS if confidence >= least), decision)
        for cause, confidence, decision in session.execute(_answers(until))
    )
    answered = {(cause, band) for cause, band, _ in counts}
    return [
        Agreement(cause, band, *(counts[cause, band, kind] for kind in JUDGEMENTS))
        for cause in Cause
        for _, band in BANDS
        if (cause, band) in answered
    ]


def _answers(until: date) -> Select[str, float, str]:
    """Cause and confidence of each proposal that was judged, and the judgement."""
    other, runs = STATES.alias(), RUNS.alias()
    shown = (
        select(func.max(other.c.run_date))
        .select_from(other)
        .join(runs, runs.c.run_date == other.c.run_date)
        .where(
            other.c.item_id == DECISIONS.c.item_id,
            other.c.run_date < DECISIONS.c.effective_date,
            published(runs),
        )
        .correlate(DECISIONS)
        .scalar_subquery()
    )
    last = (
        select(func.max(DECISIONS.c.decision_id))
        .where(DECISIONS.c.effective_date <= until)
        .group_by(DECISIONS.c.item_id)
    )
    return (
        select(STATES.c.cause, STATES.c.confidence, DECISIONS.c.decision)
        .select_from(STATES)
        .join(DECISIONS, and_(STATES.c.item_id == DECISIONS.c.item_id, STATES.c.run_date == shown))
        .where(
            DECISIONS.c.decision_id.in_(last),
            DECISIONS.c.decision.in_([kind.value for kind in JUDGEMENTS]),
            STATES.c.confidence.is_not(None),
        )
    )
