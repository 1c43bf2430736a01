"""``diagnose`` on Spark: the same queries, over the same tables."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from pipelines.diagnose.stage import findings
from pipelines.engine import Artifact
from pipelines.engine.spark import SparkDatabase
from pipelines.records import FINDINGS, VERDICTS
from pipelines.regions import load_regions
from pipelines.settings import Settings


def diagnose(
    matches: Artifact,
    registry_records: Artifact,
    agencies: Sequence[Artifact],
    verdicts: Sequence[Artifact],
    settings: Settings,
) -> Artifact:
    """``stage.diagnose`` on Spark."""
    with SparkDatabase(settings, "diagnose") as db:
        db.read("matches", [matches])
        registry = db.read("records_registry", [registry_records])
        db.register("reg", registry.where("nik is not null"))
        db.register("ag", db.read("records_agencies", agencies) if agencies else registry.limit(0))
        if verdicts:
            db.read("verdicts", verdicts)
        else:
            db.register("verdicts", VERDICTS.empty_table())
        db.register("regions", _regions())
        return db.copy_table(findings(db, settings), FINDINGS, settings.folder("findings"))


def _regions() -> pa.Table:
    with duckdb.connect() as con:
        load_regions(con)
        return con.sql("select code, name from regions").to_arrow_table()
