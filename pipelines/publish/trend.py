"""Today beside the days before: the trend of each source's quality, how stale it is, and what is not as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select

from pipelines.publish.figures import DriftLine, QualityPoint, SourceQuality
from pipelines.publish.history import RUNS
from pipelines.publish.provenance import Provenance
from pipelines.settings import Settings
from pipelines.store import read_session
from pipelines.store.models import Base, Report
from pipelines.store.states import runs_before

NOTABLE: Final = 0.02
"""A share that falls by more between two runs is told; a usual day moves it by some thousandths."""

NOTABLE_RECORDS: Final = 0.1
"""Likewise records that came or went, as a share of those of the run before."""

SILENT: Final = 7
"""Days after which a source that sends the same as ever is told to have gone silent."""

_REPORTS: Final = Base.metadata.tables[Report.__tablename__]


@dataclass(frozen=True)
class Kept:
    """What an earlier report holds for later ones: quality by source, and what each source's input was."""

    run_date: date
    quality: Mapping[str, SourceQuality]
    inputs: Mapping[str, Sequence[str]]


def kept(settings: Settings) -> tuple[Kept, ...]:
    """The latest reports published before this run's date, oldest first."""
    with read_session(settings.store) as session:
        dates = [day for day, _ in runs_before(session, settings.run_date)[:RUNS]]
        query = (
            select(_REPORTS.c.run_date, _REPORTS.c.trend)
            .where(_REPORTS.c.run_date.in_(dates))
            .order_by(_REPORTS.c.run_date)
        )
        return tuple(_kept(day, trend) for day, trend in session.execute(query))


def _kept(day: date, trend: Mapping[str, Any]) -> Kept:
    quality = (
        SourceQuality(**{"unchanged_days": None, "columns": (), "codes": {}, **line})
        for line in trend["quality"]
    )
    return Kept(day, {line.source: line for line in quality}, trend["inputs"])


def unchanged_days(source: str, before: Sequence[Kept], origin: Provenance, today: date) -> int | None:
    """Days since the source's input was last another one; null where no earlier report knows of the source."""
    digests = [entry["sha256"] for entry in origin.inputs[source]]
    since, known = today, False
    for earlier in reversed(before):
        if source in earlier.inputs:
            known = True
            if list(earlier.inputs[source]) != digests:
                break
            since = earlier.run_date
    return (today - since).days if known else None


def quality_history(
    before: Sequence[Kept], quality: Sequence[SourceQuality], today: date
) -> Iterator[QualityPoint]:
    """Every source of today in every run that read it, this one last."""
    names = [line.source for line in quality]
    for earlier in before:
        for name in names:
            if name in earlier.quality:
                yield _point(earlier.run_date, earlier.quality[name])
    for line in quality:
        yield _point(today, line)


def _point(day: date, line: SourceQuality) -> QualityPoint:
    filled = [share for share in line.completeness.values() if share is not None]
    mean = round(sum(filled) / len(filled), 6) if filled else None
    return QualityPoint(
        day.isoformat(), line.source, line.records, mean, line.validity, line.uniqueness, line.agreement
    )


def drift(
    before: Sequence[Kept], quality: Sequence[SourceQuality], unread: Sequence[str]
) -> Iterator[DriftLine]:
    """What is not as it was when the source was last read: the gravest kinds first within a source."""
    for name in unread:
        yield DriftLine(name, "unread", None, None, None)
    for line in quality:
        if line.unchanged_days is not None and line.unchanged_days >= SILENT:
            yield DriftLine(line.source, "silent", None, None, line.unchanged_days)
        last = next(
            (earlier.quality[line.source] for earlier in reversed(before) if line.source in earlier.quality),
            None,
        )
        if last is not None:
            yield from _schema(line, last)
            yield from _fields(line, last)
            yield from _shares(line, last)
            yield from _records(line, last)


def _schema(line: SourceQuality, last: SourceQuality) -> Iterator[DriftLine]:
    """Columns and codes that are gone, then those that are new; of a source of which both are known."""
    yield from _gone_and_new(line.source, "column", line.columns, last.columns)
    for field, codes in line.codes.items():
        now, was = ([f"{field} {code}" for code in of] for of in (codes, last.codes.get(field, ())))
        yield from _gone_and_new(line.source, "code", now, was)


def _gone_and_new(source: str, kind: str, now: Sequence[str], was: Sequence[str]) -> Iterator[DriftLine]:
    if now and was:
        yield from (DriftLine(source, f"{kind}_gone", of, None, None) for of in was if of not in now)
        yield from (DriftLine(source, f"{kind}_new", of, None, None) for of in now if of not in was)


def _fields(line: SourceQuality, last: SourceQuality) -> Iterator[DriftLine]:
    for field, now in line.completeness.items():
        was = last.completeness.get(field)
        if was is None or now is None:
            continue
        if was > 0 and now == 0:
            yield DriftLine(line.source, "field_gone", field, was, now)
        elif was == 0 and now > 0:
            yield DriftLine(line.source, "field_new", field, was, now)
        elif was - now > NOTABLE:
            yield DriftLine(line.source, "field_less", field, was, now)


def _shares(line: SourceQuality, last: SourceQuality) -> Iterator[DriftLine]:
    for dimension in ("validity", "uniqueness", "agreement"):
        was, now = getattr(last, dimension), getattr(line, dimension)
        if was is not None and now is not None and was - now > NOTABLE:
            yield DriftLine(line.source, "share_less", dimension, was, now)


def _records(line: SourceQuality, last: SourceQuality) -> Iterator[DriftLine]:
    change = line.records - last.records
    if abs(change) > NOTABLE_RECORDS * last.records:
        what = "records_less" if change < 0 else "records_more"
        yield DriftLine(line.source, what, None, last.records, line.records)
