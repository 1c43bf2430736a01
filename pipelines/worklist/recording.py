"""What a run leaves in the store: ``record`` before it is published, ``close`` after, ``fail`` if it is not."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow.parquet as pq
from sqlalchemy import Row, Table, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from pipelines import __version__
from pipelines.engine import Artifact, connect
from pipelines.errors import PadanError
from pipelines.settings import Settings
from pipelines.store import Event, append_events, write_session
from pipelines.store.bulk import Value, insert_rows
from pipelines.store.models import Base, Decision, DecisionFile, GateResult, Report, RunCount
from pipelines.store.states import RUNS, STATES, keep_later, keep_later_without, replace_run
from pipelines.worklist.prior import BATCH, STORED, fill, load, stored_columns
from pipelines.worklist.stage import CHANGES, RUN

_COUNTS: Final = Base.metadata.tables[RunCount.__tablename__]
DECISIONS: Final = Base.metadata.tables[Decision.__tablename__]
FILES: Final = Base.metadata.tables[DecisionFile.__tablename__]
_REPORTS: Final = Base.metadata.tables[Report.__tablename__]
_GATES: Final = Base.metadata.tables[GateResult.__tablename__]


def record(items: Artifact, counts: Artifact, gates: Artifact, settings: Settings) -> None:
    """Write the run into the store, in one transaction, in the place of any earlier run of its date.

    From ``items`` come the states that changed and their events, from ``counts`` (``source, measure,
    count``) the account, from ``gates`` (the columns of ``gate_result``) the outcome of each expectation.
    The run is ``recorded``; it counts for later runs once ``close`` has marked it published. A second run
    of a date tells the ledger only what differs from the first, and later dates stand as they stood.
    Raises ``StoreError``.
    """
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    try:
        load(con, "changes", Path(items.path) / CHANGES)
        with write_session(settings.store) as session:
            told = json.loads((Path(items.path) / RUN).read_text())
            again = _replace(session, con, _run(told["sources"], settings), settings.run_date)
            _insert(session, _COUNTS, counts, settings.run_date)
            _insert(session, _GATES, gates, settings.run_date)
            append_events(session, _events(con, again, items, settings))
            _put_off(session, told["answers"], settings.run_date)
    finally:
        con.close()


def _replace(session: Session, con: duckdb.DuckDBPyConnection, run: dict[str, Any], day: date) -> bool:
    """Put the run and its states in the place of the date's former ones; whether there were any.

    Those lie in table ``former`` then. While they count, later dates are first made to stand by themselves.
    """
    query = select(STATES).where(STATES.c.run_date == day)
    fill(con, "former", STORED, session, query.with_only_columns(*stored_columns()))
    former = _run_of(session, day)
    counts = former is not None and _counts(former)
    if counts:
        keep_later(session, day)
    replace_run(session, day, {**run, "was_published": counts})
    insert_rows(session, STATES, STORED.names, _rows(con, f"select {', '.join(STORED.names)} from changes"))
    if counts:
        keep_later_without(session, day)
    return former is not None


def _put_off(session: Session, known: int, day: date) -> None:
    """Decisions that came in while the run was under way count from the next date on.

    The run did not know them, and run again it shall give what it gave. ``known`` is the last that it knew.
    """
    late = and_(DECISIONS.c.decision_id > known, DECISIONS.c.effective_date <= day)
    files = session.scalars(select(DECISIONS.c.file_sha256).where(late).distinct()).all()
    if not files:
        return
    later = {"effective_date": day + timedelta(days=1)}
    session.execute(update(DECISIONS).where(late).values(later))
    session.execute(update(FILES).where(FILES.c.file_sha256.in_(files)).values(later))
    events = ({"file_sha256": file, "effective_date": f"{later['effective_date']}"} for file in sorted(files))
    append_events(session, [Event("decisions_put_off", told, run_date=day) for told in events])


def _run(sources: dict[str, bool], settings: Settings) -> dict[str, Any]:
    return {
        "state": "recorded",
        "code_version": __version__,
        "config_sha256": _config_sha256(settings),
        "sources": sources,
    }


def _run_of(session: Session, day: date) -> Row[Any] | None:
    return session.execute(select(RUNS).where(RUNS.c.run_date == day)).one_or_none()


def _counts(run: Row[Any]) -> bool:
    return bool(run.state == "published" or run.was_published)


def _insert(session: Session, table: Table, artifact: Artifact, day: date) -> None:
    """A stage's table as rows of the run; its columns are the store's but for the date."""
    names = [name for name in table.columns.keys() if name != "run_date"]  # noqa: SIM118
    rows = pq.ParquetFile(artifact.file).read(names).to_pylist()
    if rows:
        session.execute(insert(table), [{**row, "run_date": day} for row in rows])


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Value, ...]]:
    """A query's rows, a batch at a time in memory."""
    result = con.execute(query)
    while rows := result.fetchmany(BATCH):
        yield from rows


def _events(
    con: duckdb.DuckDBPyConnection, again: bool, items: Artifact, settings: Settings
) -> Iterator[Event]:
    """The run, then by item what it changed; of a second run of a date what the first had otherwise."""
    run = {"items": items.rows, "sha256": items.sha256, "again": again, "code_version": __version__}
    yield Event("run_recorded", run, run_date=settings.run_date)
    same = " and ".join(f"c.{name} is not distinct from f.{name}" for name in STORED.names)
    query = f"""
        select item_id, kind, payload from changes c
        where kind is not null and not exists (from former f where {same})
        union all
        select item_id, 'withdrawn', json_object('was', status) from former f
        where not exists (from changes c where c.item_id = f.item_id)
        order by item_id"""
    for item_id, kind, payload in _rows(con, query):
        told = {key: value for key, value in json.loads(str(payload)).items() if value is not None}
        yield Event(str(kind), told, str(item_id), settings.run_date)


def close(outbox: Artifact, settings: Settings) -> None:
    """Mark the run published, now that its folder is in place: from here on it counts for later runs.

    Twice does no harm. Raises ``PadanError`` where nothing was recorded for the date, and ``StoreError``.
    """
    day = settings.run_date
    with write_session(settings.store) as session:
        run = _run_of(session, day)
        if run is None or run.state == "failed":
            raise PadanError(f"{day}: nothing is recorded in the store; record comes before close")
        if run.state == "published" and run.outbox_sha256 == outbox.sha256:
            return
        if not _counts(run):
            keep_later_without(session, day)
        session.execute(
            update(RUNS).where(RUNS.c.run_date == day).values(state="published", outbox_sha256=outbox.sha256)
        )
        _keep_report(session, outbox, day)
        published = {"rows": outbox.rows, "sha256": outbox.sha256}
        append_events(session, [Event("run_published", published, run_date=day)])


def _keep_report(session: Session, outbox: Artifact, day: date) -> None:
    """Keep what was published for auditors in the place of what an earlier run of the date published."""
    file = Path(outbox.path) / "report.json"
    if not file.is_file():
        return
    document = file.read_bytes()
    figures = json.loads(document)
    trend = {
        "quality": figures["quality"],
        "inputs": {
            source: [entry["sha256"] for entry in entries]
            for source, entries in figures["provenance"]["inputs"].items()
        },
    }
    session.execute(delete(_REPORTS).where(_REPORTS.c.run_date == day))
    session.execute(
        insert(_REPORTS).values(run_date=day, document=gzip.compress(document, mtime=0), trend=trend)
    )


def fail(reason: str, settings: Settings) -> None:
    """Note that the run of this date ended without a result; what an earlier run of it published stands.

    ``reason`` is one line without personal data, as a failed gate's error has it. Raises ``StoreError``.
    """
    day = settings.run_date
    with write_session(settings.store) as session:
        run = _run_of(session, day)
        if run is None or not _counts(run):
            failed = {
                "state": "failed",
                "code_version": __version__,
                "config_sha256": _config_sha256(settings),
            }
            replace_run(session, day, {**failed, "reason": reason, "sources": {}, "was_published": False})
        append_events(session, [Event("run_failed", {"reason": reason}, run_date=day)])


def _config_sha256(settings: Settings) -> str:
    """Of the configuration file's bytes, so that ``sha256sum padan.toml`` gives the same."""
    config = settings.config_file.read_bytes() if settings.config_file.is_file() else b""
    return hashlib.sha256(config).hexdigest()
