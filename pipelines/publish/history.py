"""What the store remembers of earlier days: their runs, from which the trend is drawn, and officers' answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import case, func, select

from pipelines.publish.figures import HistoryLine
from pipelines.records import ItemStatus
from pipelines.settings import Settings
from pipelines.store import read_session
from pipelines.store.agreement import Agreement, agreement
from pipelines.store.models import GateResult, RunCount
from pipelines.store.states import runs_before

RUNS: Final = 90
"""How far back the report looks, in published runs."""

WAITING: Final = tuple(f"items.{s}" for s in (ItemStatus.NEW, ItemStatus.OPEN, ItemStatus.RETURNED))
CLOSED: Final = tuple(f"items.{s}" for s in (ItemStatus.RESOLVED, ItemStatus.REJECTED))


def history(settings: Settings) -> tuple[HistoryLine, ...]:
    """The latest published runs before this run's date, oldest first.

    Only earlier dates count, so a rerun of a date gives the same report as its first run.
    """
    with read_session(settings.store) as session:
        dates = [day for day, _ in runs_before(session, settings.run_date)[:RUNS]]
    return lines(dates, settings)


def lines(dates: Collection[date], settings: Settings) -> tuple[HistoryLine, ...]:
    """The lines of these runs, oldest first."""
    runs: dict[date, Counter[str]] = defaultdict(Counter)
    with read_session(settings.store) as session:
        counts = select(RunCount.run_date, RunCount.measure, RunCount.count).where(
            RunCount.run_date.in_(dates)
        )
        for day, measure, count in session.execute(counts):
            runs[day][measure] += count
    return tuple(summed_up(day, runs[day]) for day in sorted(dates))


def answered(settings: Settings) -> tuple[Agreement, ...]:
    """How officers judged the proposed numbers, by what a run of this date may know; a rerun gives the same."""
    with read_session(settings.store) as session:
        return tuple(agreement(session, settings.run_date))


class GateHistory(NamedTuple):
    """What one expectation saw in earlier published runs: how many they were, how many it failed, least, most."""

    runs: int
    failed: int
    least: float | None
    most: float | None


def gate_history(settings: Settings) -> dict[tuple[str, str, str], GateHistory]:
    """By gate, table and expectation, over the latest published runs before this run's date."""
    key = (GateResult.gate, GateResult.table_name, GateResult.expectation)
    failed = func.sum(case((GateResult.success, 0), else_=1))
    with read_session(settings.store) as session:
        dates = [day for day, _ in runs_before(session, settings.run_date)[:RUNS]]
        seen = (func.min(GateResult.observed), func.max(GateResult.observed))
        query = select(*key, func.count(), failed, *seen).where(GateResult.run_date.in_(dates)).group_by(*key)
        return {tuple(row[:3]): GateHistory(row[3], int(row[4]), *row[5:]) for row in session.execute(query)}


def summed_up(day: date, totals: Mapping[str, int]) -> HistoryLine:
    """One run's line, from its account's measures summed over the sources."""
    return HistoryLine(
        run_date=day.isoformat(),
        received=totals.get("rows_read", 0),
        wrong_numbers=totals.get("records_with_number_finding", 0),
        waiting=sum(totals.get(measure, 0) for measure in WAITING),
        came=totals.get(f"items.{ItemStatus.NEW}", 0),
        closed=sum(totals.get(measure, 0) for measure in CLOSED),
    )
