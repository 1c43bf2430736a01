"""Padan from its sources to its findings, as one process to measure beside ``bench/peer.py``.

    python -m bench.padan OFFICE [OUT.csv]

``OFFICE`` holds a ``padan.toml``; ``OUT.csv`` has every finding, in columns that ``score.py`` reads. Without it only
the records are made, for others to go on from.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import duckdb

from pipelines.diagnose import diagnose
from pipelines.engine import Artifact, read_artifact, sql_text
from pipelines.extract import reading_ahead
from pipelines.match import match
from pipelines.settings import Settings, load_settings
from pipelines.standardise import standardise

DAY = date(2026, 11, 24)

COLUMNS = "source, source_record_id, cause, recorded_nik, proposed_nik, confidence, related"


def settings_of(office: Path) -> Settings:
    """The office's settings on the day of all measurements."""
    return load_settings(office / "padan.toml", DAY)


def records(settings: Settings) -> dict[str, Artifact]:
    """Extract and standardise every source, as a run does."""
    made = {}
    with reading_ahead(settings) as extracted:
        for source in settings.everyone:
            raw = extracted(source)
            if isinstance(raw, str):
                raise SystemExit(f"{source.name}: {raw}")
            made[source.name] = standardise(raw, source, settings)
    return made


def made_before(settings: Settings) -> dict[str, Artifact]:
    """The records that lie there from an earlier run."""
    kind = {
        source.name: "verdicts" if source in settings.verdicts else "records" for source in settings.everyone
    }
    return {name: read_artifact(settings.folder(f"{of}/{name}")) for name, of in kind.items()}


def findings(made: dict[str, Artifact], settings: Settings) -> Artifact:
    """Match and diagnose; ``settings`` say where the tables go, which may be apart from the records'."""
    registry = made[settings.registry.name]
    agencies = [made[source.name] for source in settings.sources]
    verdicts = [made[source.name] for source in settings.verdicts]
    return diagnose(match(registry, agencies, settings), registry, agencies, verdicts, settings)


def write(found: Artifact, output: Path) -> None:
    """The findings as CSV."""
    con = duckdb.connect()
    query = f"select {COLUMNS} from read_parquet({sql_text(found.file)}, hive_partitioning = false)"
    con.execute(f"copy ({query}) to {sql_text(output)} (header)").fetchall()


def main(office: str, output: str = "") -> None:
    settings = settings_of(Path(office))
    made = records(settings)
    if output:
        write(findings(made, settings), Path(output))


if __name__ == "__main__":
    main(*sys.argv[1:])
