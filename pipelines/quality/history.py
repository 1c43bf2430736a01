"""What earlier runs left in the store: the only memory the gates have. Nothing here writes.

A bound learned from the past must not depend on what today's run has already stored, so only runs of
earlier dates count, and of those only the published ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow as pa
from sqlalchemy import select

from pipelines.records import ItemStatus
from pipelines.settings import Settings
from pipelines.store import read_session
from pipelines.store.models import RunCount
from pipelines.store.states import STATES, runs_before, states_before


@dataclass(frozen=True)
class Past:
    """One published run's account of one source."""

    run_date: date
    counts: Mapping[str, int]

    def share(self, measure: str) -> float | None:
        """That measure over the records of the run; ``None`` where there were none or it was not counted."""
        records = self.counts.get("records", 0)
        return self.counts[measure] / records if records and measure in self.counts else None


def past(source: str, settings: Settings) -> tuple[Past, ...]:
    """The latest ``quality.history_runs`` published runs before this date that read it, newest first."""
    with read_session(settings.store) as store:
        published = [day for day, _ in runs_before(store, settings.run_date)]
        read = select(RunCount.run_date).where(RunCount.source == source, RunCount.measure == "raw")
        days = sorted(set(published) & set(store.scalars(read)), reverse=True)[
            : settings.quality.history_runs
        ]
        rows = store.execute(
            select(RunCount.run_date, RunCount.measure, RunCount.count).where(
                RunCount.source == source, RunCount.run_date.in_(days)
            )
        ).all()
    counts: dict[date, dict[str, int]] = {day: {} for day in days}
    for day, measure, count in rows:
        counts[day][measure] = count
    return tuple(Past(day, counts[day]) for day in days)


REJECTED: Final = pa.schema(
    [(name, pa.string()) for name in ("source", "source_record_id", "cause", "related")]
)


def rejected(settings: Settings) -> pa.Table:
    """Items that stood as rejected before this date, as ``REJECTED``.

    An office said of them that nothing is wrong, so their findings are silent and have no item today.
    """
    columns = [STATES.c[name] for name in (*REJECTED.names, "status")]
    with read_session(settings.store) as store:
        states = states_before(settings.run_date, columns).subquery()
        rows = store.execute(select(states).where(states.c.status == ItemStatus.REJECTED.value)).all()
    arrays = [pa.array([row[index] for row in rows], pa.string()) for index in range(len(REJECTED))]
    return pa.Table.from_arrays(arrays, schema=REJECTED)
