"""The figures of a table that no single row shows: shares, losses, what two tables say of each other.

Each is one number, computed by DuckDB; Great Expectations then compares it with its bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine import PART, Artifact, connect, sql_text
from pipelines.quality.pairing import pair_up
from pipelines.quality.suites import kind_of
from pipelines.records import FINDINGS, ITEMS, RECORDS, VERDICTS, raw_schema
from pipelines.settings import Settings

Metrics = Mapping[str, float]


def metrics_of(stage: str, name: str, artifact: Artifact, settings: Settings) -> Metrics:
    """Every figure that the suites of this gate may ask for, by the column's name they use.

    ``mistyped_columns`` (all): columns that are absent or of another type than the table's contract. Where
    there are any, nothing else is counted: it would be counted from the wrong thing.
    """
    mistyped = _mistyped(artifact.file, _schema(stage, name, settings))
    if mistyped:
        return {"mistyped_columns": mistyped}
    with connect(settings.temporary, settings.resources.memory, settings.resources.threads) as con:
        return {"mistyped_columns": 0, **_FIGURES[stage](con, name, artifact, settings)}


def quarantined(
    con: duckdb.DuckDBPyConnection, stage: str, source: str, settings: Settings
) -> dict[str, int]:
    """How many rows went no further at that stage, by reason; ``FileNotFoundError`` without the table."""
    file = settings.folder(f"quarantine/{stage}/{source}") / PART
    if not file.is_file():
        raise FileNotFoundError(f"no quarantine table at {file}")
    rows = con.execute(
        f"select reason, count(*) from {table(file)} where scope = 'row' group by reason order by reason"
    ).fetchall()
    return dict(rows)


def table(file: Path) -> str:
    """A Parquet file as SQL reads it."""
    return f"read_parquet({sql_text(file)})"


def _schema(stage: str, name: str, settings: Settings) -> pa.Schema:
    if stage == "raw":
        return raw_schema(settings.source(name).layout.fields)
    if stage == "records":
        return VERDICTS if kind_of(name, settings) == "verdicts" else RECORDS
    return FINDINGS if stage == "findings" else ITEMS


def _mistyped(file: Path, contract: pa.Schema) -> int:
    seen = pq.read_schema(file)
    types = {field.name: field.type for field in seen}
    return sum(types.get(field.name) != field.type for field in contract)


def _raw(con: duckdb.DuckDBPyConnection, name: str, artifact: Artifact, settings: Settings) -> Metrics:
    """``required_fields_empty``: fields the layout requires that not one row fills."""
    required = settings.source(name).layout.required
    if not required or not artifact.rows:
        return {"required_fields_empty": 0}
    filled = ", ".join(f'count("{field}") filter (where trim("{field}") <> \'\')' for field in required)
    counts = con.execute(f"select {filled} from {table(artifact.file)}").fetchall()[0]
    return {"required_fields_empty": sum(count == 0 for count in counts)}


def _records(con: duckdb.DuckDBPyConnection, name: str, artifact: Artifact, settings: Settings) -> Metrics:
    """``superseded``: rows that a newer one of their key replaced; for people each ``*_share``.

    ``changed_share`` and ``herded_records`` are of ``changes``: 0 where there is no earlier run's table.
    """
    metrics: dict[str, float] = {
        "superseded": quarantined(con, "standardise", name, settings).get("superseded", 0)
    }
    if kind_of(name, settings) == "verdicts":
        return metrics
    shares = con.execute(
        f"""
        select
            count(*) filter (where nik_class = 'missing') / greatest(count(*), 1),
            count(*) filter (where nik_class = 'malformed') / greatest(count(*), 1),
            count(*) filter (where birth_date is null) / greatest(count(*), 1)
        from {table(artifact.file)}
        """
    ).fetchall()[0]
    names = ("missing_share", "malformed_share", "birth_date_missing_share")
    changed, herded = changes(con, name, artifact.file, settings) or (0, 0)
    metrics |= {"changed_share": changed / max(artifact.rows, 1), "herded_records": herded}
    return metrics | dict(zip(names, shares, strict=True))


def changes(
    con: duckdb.DuckDBPyConnection, name: str, file: Path, settings: Settings
) -> tuple[int, int] | None:
    """Records of ``file`` whose number is not what it was in the latest earlier run's table; ``None`` without one.

    The second figure is how many of them came to a number to which more than ``quality.same_number`` did.
    """
    here = settings.folder(f"records/{name}")
    earlier = [p for p in here.parent.glob("run_date=*") if p.name < here.name and (p / PART).is_file()]
    if not earlier:
        return None
    changed, herded = con.execute(
        f"""
        with changed as (
            select now.nik
            from {table(file)} now join {table(max(earlier) / PART)} before using (source_record_id)
            where now.nik_recorded is distinct from before.nik_recorded
        ), herd as (
            select count(*) as records from changed where nik is not null
            group by nik having count(*) > {settings.quality.same_number}
        )
        select (select count(*) from changed), (select coalesce(sum(records), 0) from herd)
        """
    ).fetchall()[0]
    return int(changed), int(herded)


def _findings(con: duckdb.DuckDBPyConnection, name: str, artifact: Artifact, settings: Settings) -> Metrics:
    """``unknown_records``: findings about a record that no table of records holds."""
    del name
    files = [settings.folder(f"records/{s.name}") / PART for s in (settings.registry, *settings.sources)]
    known = ", ".join(sql_text(file) for file in files if file.is_file())
    unknown = con.execute(
        f"""
        select count(*)
        from {table(artifact.file)} finding
        anti join read_parquet([{known}]) record
            on finding.source = record.source and finding.source_record_id = record.source_record_id
        """
        if known
        else f"select count(*) from {table(artifact.file)}"
    ).fetchall()
    return {"unknown_records": unknown[0][0]}


def _items(con: duckdb.DuckDBPyConnection, name: str, artifact: Artifact, settings: Settings) -> Metrics:
    """``findings_without_item``: findings that nobody will see, though no office had rejected them before."""
    del name
    pair_up(con, settings.folder("findings") / PART, artifact.file, settings)
    lost = con.execute("select count(*) from paired_findings where fate = 'lost'").fetchall()
    return {"findings_without_item": lost[0][0]}


_Figures = Callable[[duckdb.DuckDBPyConnection, str, Artifact, Settings], Metrics]
_FIGURES: Final[Mapping[str, _Figures]] = {
    "raw": _raw,
    "records": _records,
    "findings": _findings,
    "items": _items,
}
