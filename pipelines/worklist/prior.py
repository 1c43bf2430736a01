"""What a run has to know of the days before it: items, decisions, and what was read when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import ColumnElement, Select, Text, cast, func, select
from sqlalchemy.orm import Session

from pipelines.engine import PART, sql_text, table_folder
from pipelines.records import ITEMS, Cause
from pipelines.settings import Settings
from pipelines.store.models import Base, Decision
from pipelines.store.states import STATES, runs_before, states_before, status_on

BATCH: Final = 20_000
"""Rows of the store in memory as Python objects at once."""

STORED: Final = pa.schema(
    [
        ("item_id", pa.string()),
        ("run_date", pa.date32()),
        ("status", pa.string()),
        ("owner", pa.string()),
        ("priority", pa.int64()),
        ("source", pa.string()),
        ("source_record_id", pa.string()),
        ("cause", pa.string()),
        ("recorded_nik", pa.string()),
        ("proposed_nik", pa.string()),
        ("confidence", pa.float64()),
        ("elements", pa.string()),
        ("related", pa.string()),
        ("evidence", pa.string()),
        ("first_seen", pa.date32()),
        ("last_seen", pa.date32()),
        ("note", pa.string()),
        ("details", pa.string()),  # JSON
        ("listed", pa.bool_()),
        ("spent", pa.int64()),
    ]
)
"""``item_state`` as an Arrow table."""

DETAILS: Final = {
    "sector": "varchar",
    "district": "varchar",
    "district_name": "varchar",
    "infant": "boolean",
    "agencies_agree": "boolean",
    "came_from": "varchar",
    "came_from_cause": "varchar",
    "reopened": "boolean",
}
"""What ``item_state.details`` holds: enough to rank and list an item whose source is absent."""


def stored_columns(status: ColumnElement[str] = STATES.c.status) -> list[ColumnElement[Any]]:
    """The columns of ``item_state`` as ``STORED`` has them."""
    computed = {"status": status.label("status"), "details": cast(STATES.c.details, Text).label("details")}
    return [computed.get(name, STATES.c[name]) for name in STORED.names]


def read_prior(con: duckdb.DuckDBPyConnection, session: Session, settings: Settings) -> None:
    """Make table ``prior``: each item as it stood before this run, its details as columns."""
    columns = stored_columns(status_on(settings.run_date))
    details = ", ".join(
        f"coalesce(cast(details ->> '{name}' as boolean), false) as {name}"
        if kind == "boolean"
        else f"details ->> '{name}' as {name}"
        for name, kind in DETAILS.items()
    )
    query = states_before(settings.run_date, columns)
    fill(con, "prior", STORED, session, query, f"* exclude (details), {details}")


_ANSWERS: Final = pa.schema(
    [
        ("item_id", pa.string()),
        ("decision_id", pa.int64()),
        ("decision", pa.string()),
        ("recorded_nik", pa.string()),
        ("proposed_nik", pa.string()),
        ("elements", pa.string()),
        ("received_at", pa.timestamp("us")),
        ("effective_date", pa.date32()),
    ]
)


def read_answers(con: duckdb.DuckDBPyConnection, session: Session, settings: Settings) -> None:
    """Make table ``answer``: of each item the latest decision that a run of this date may know."""
    decisions = Base.metadata.tables[Decision.__tablename__]
    latest = (
        select(func.max(decisions.c.decision_id))
        .where(decisions.c.effective_date <= settings.run_date)
        .group_by(decisions.c.item_id)
    )
    query = select(
        decisions.c.item_id,
        decisions.c.decision_id,
        decisions.c.decision,
        decisions.c.recorded_nik,
        decisions.c.proposed_nik,
        decisions.c.elements,
        decisions.c.received_at,
        decisions.c.effective_date,
    ).where(decisions.c.decision_id.in_(latest))
    fill(con, "answer", _ANSWERS, session, query)


_REACH: Final = pa.schema(
    [
        ("source", pa.string()),
        ("online", pa.bool_()),
        ("waits", pa.bool_()),
        ("stands", pa.bool_()),
        ("last_read", pa.date32()),
    ]
)


Runs = Sequence[tuple[date, Mapping[str, bool]]]
"""Runs that count, latest first: date, and each source with whether it was read."""


def read_reach(
    con: duckdb.DuckDBPyConnection, session: Session, unread: Sequence[str], settings: Settings
) -> date | None:
    """Make table ``reach`` from ``prior`` and ``findings``, and return the date of the last run before this one.

    A row for each source and kind of item (``online``: NIK_NOT_ONLINE, which needs the verdicts too):
    ``waits``: something it depends on could not be read today; ``stands``: that, or it is configured no
    longer; ``last_read``: the last earlier run that read all it depends on.
    """
    runs = runs_before(session, settings.run_date)
    known = con.execute(
        f"select distinct source, cause = '{Cause.NIK_NOT_ONLINE}'"
        " from (select source, cause from prior union all select source, cause from findings) order by all"
    ).fetchall()
    rows = [_reach(source, online, runs, unread, settings) for source, online in known]
    _insert(con, "reach", _arrow(rows, _REACH))
    return runs[0][0] if runs else None


def _reach(
    source: str, online: bool, runs: Runs, unread: Sequence[str], settings: Settings
) -> tuple[str, bool, bool, bool, date | None]:
    waits = not depends_on(source, online, settings).isdisjoint(unread)
    gone = source not in {configured.name for configured in settings.everyone}
    stands = waits or gone or (online and not settings.verdicts)
    return source, online, waits, stands, last_read(source, online, runs, settings)


def depends_on(source: str, online: bool, settings: Settings) -> set[str]:
    """The sources without which nothing can be said of an item of ``source``."""
    verdicts = {verdict.name for verdict in settings.verdicts} if online else set()
    return {settings.registry.name, source} | verdicts


def last_read(source: str, online: bool, runs: Runs, settings: Settings) -> date | None:
    """The date of the latest of ``runs`` that read all that an item of ``source`` depends on."""
    needed = depends_on(source, online, settings)
    return next((day for day, read in runs if all(read.get(name, False) for name in needed)), None)


_EARLIER: Final = ("item_id", "person_name", "birth_date", "proposed_nik", "confidence")


def read_earlier(con: duckdb.DuckDBPyConnection, day: date | None, settings: Settings) -> None:
    """Make table ``earlier``: what the last run's items show of those in table ``lived`` not found today.

    The store does not have names and birth dates: they are shown only as long as that run's items lie there.
    """
    file = table_folder(settings.data, "items", day) / PART if day else None
    if file and file.is_file():
        load(
            con,
            "earlier",
            file,
            ", ".join(_EARLIER),
            "item_id in (select item_id from lived where not found)",
        )
        return
    _insert(con, "earlier", pa.schema([ITEMS.field(name) for name in _EARLIER]).empty_table())


def load(
    con: duckdb.DuckDBPyConnection, name: str, file: Path, columns: str = "*", where: str = "true"
) -> None:
    """Make table ``name`` from a Parquet file that another run may replace meanwhile.

    It is opened once, so that what is read is all of one version; DuckDB opens a file anew for its parts.
    """
    with file.open("rb") as handle:
        part = pq.ParquetFile(handle)
        con.register("part", pa.RecordBatchReader.from_batches(part.schema_arrow, part.iter_batches()))
        con.execute(f"create table {name} as select {columns} from part where {where}").fetchall()
        con.unregister("part")


def parquet_sql(file: Path) -> str:
    """A Parquet file as SQL; the date in its folder's name is not a column."""
    return f"read_parquet({sql_text(file)}, hive_partitioning = false)"


def fill(
    con: duckdb.DuckDBPyConnection,
    name: str,
    schema: pa.Schema,
    session: Session,
    query: Select[Any],
    columns: str = "*",
) -> None:
    """Make table ``name`` from a query on the store whose rows are of ``schema``, a batch at a time.

    ``columns`` says, in SQL, what of the rows the table has.
    """
    _insert(con, name, schema.empty_table(), columns)
    result = session.execute(query, execution_options={"yield_per": BATCH})
    for rows in result.partitions():
        _insert(con, name, _arrow(rows, schema), columns)


def _arrow(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _insert(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table, columns: str = "*") -> None:
    con.register("batch", table)
    con.execute(f"create table if not exists {name} as select {columns} from batch where false").fetchall()
    con.execute(f"insert into {name} select {columns} from batch").fetchall()
    con.unregister("batch")
