"""Raw rows → canonical records on Spark: cells are read on the executors, by the same SQL as beside them.

What one row says is worked out by DuckDB where the row is (``engine.executors``). What rows say of one another, which
of one key stands, in which order they lie, is Spark's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from pipelines.engine import Artifact
from pipelines.engine.executors import ROWS, in_duckdb
from pipelines.engine.spark import SparkDatabase
from pipelines.records import PERSON_FIELDS, QUARANTINE, RECORDS, VERDICT_FIELDS, VERDICTS
from pipelines.settings import Settings, Source
from pipelines.standardise import quarantine
from pipelines.standardise.known import load_known
from pipelines.standardise.people import NOTED, UNKEPT, standardised
from pipelines.standardise.steps import filled, nest
from pipelines.standardise.verdicts import LATEST, judged, read_answers, rejected

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_NOTE: Final = pa.struct([("field", pa.string()), ("value", pa.string()), ("reason", pa.string())])
_PLACE: Final = (("file", pa.string()), ("row", pa.int64()), ("position", pa.int64()))

STANDARD: Final = pa.schema(
    [
        *(field for field in RECORDS if field.name not in ("file", "row")),
        *_PLACE,
        ("changed", pa.timestamp("us")),
        ("notes", pa.list_(_NOTE)),
    ]
)
"""What ``people.standardised`` makes of a row."""

ANSWERS: Final = pa.schema(
    [
        *_PLACE,
        *((name, pa.string()) for name in ("source", "nik", "nik_class", "result", "answered_fault")),
        ("checked_at", pa.timestamp("us")),
        *((f"raw_{name}", pa.string()) for name in VERDICT_FIELDS),
    ]
)
"""What ``verdicts.read_answers`` makes of a row."""


def standardise_people(raw: Artifact, source: Source, settings: Settings) -> Artifact:
    """``people.standardise_people`` on Spark."""
    is_registry = source.name == settings.registry.name
    field, value = ("nik", "nik_recorded") if is_registry else ("record_id", "source_record_id")
    with SparkDatabase(settings, "standardise") as db:
        rows = _raw(db, raw, PERSON_FIELDS)
        query = standardised(f"select * from {ROWS}", source, settings, filled(raw))
        db.store("standard", db.mapped(rows, in_duckdb(query, STANDARD, load_known), STANDARD))
        db.execute(f"create view noted as select {', '.join(NOTED)} from standard")
        db.execute(f"create table unkept as {UNKEPT}")
        news = f"u.reason = 'key_twice' and s.nik is not null and {str(is_registry).lower()}"
        without = db.frame(
            f"""select {", ".join(f"s.{column}" for column in NOTED)},
                  case when {news} then 'superseded' else u.reason end as reason
                from standard s join unkept u on u.position = s.position"""
        )
        kept = db.frame("select * from noted anti join unkept using (position) where notes is not null")
        _quarantine(
            db,
            [
                (without, quarantine.rows(source.name, ROWS, field, value, "reason")),
                (kept, quarantine.values(source.name, ROWS)),
            ],
            source,
            settings,
        )
        records = "select * from standard anti join unkept using (position) order by source_record_id"
        return db.copy_table(records, RECORDS, settings.folder(f"records/{source.name}"))


def standardise_verdicts(raw: Artifact, source: Source, settings: Settings) -> Artifact:
    """``verdicts.standardise_verdicts`` on Spark."""
    with SparkDatabase(settings, "standardise") as db:
        rows = _raw(db, raw, VERDICT_FIELDS)
        query = read_answers(f"select * from {ROWS}", source, settings)
        db.store("told", db.mapped(rows, in_duckdb(query, ANSWERS), ANSWERS))
        answers = db.store("answers", db.frame(nest("select * from told", judged())))
        _quarantine(db, [(answers, query) for query in rejected(source.name, ROWS)], source, settings)
        return db.copy_table(LATEST, VERDICTS, settings.folder(f"verdicts/{source.name}"))


def _raw(db: SparkDatabase, raw: Artifact, fields: Iterable[str]) -> DataFrame:
    """The rows as ``steps.read_raw`` gives them."""
    columns = [f"`{field}` as `raw_{field}`" for field in fields]
    return db.read("raw", [raw]).selectExpr("file", "row", "_metadata.row_index as position", *columns)


def _quarantine(
    db: SparkDatabase, parts: Iterable[tuple[DataFrame, str]], source: Source, settings: Settings
) -> None:
    """``quarantine/standardise/<source>`` of what the queries, each over its rows, make: values are masked there."""
    schema = pa.schema([*QUARANTINE, ("position", pa.int64())])
    frames = [db.mapped(frame, in_duckdb(query, schema), schema) for frame, query in parts]
    together = frames[0]
    for frame in frames[1:]:
        together = together.unionAll(frame)
    db.register("quarantined", together)
    target = settings.folder(f"quarantine/standardise/{source.name}")
    db.copy_table(quarantine.together(["select * from quarantined"]), QUARANTINE, target)
