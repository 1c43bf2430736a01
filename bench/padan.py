"""Padan from its sources to its findings, as one process to measure beside ``bench/peer.py``.

    python -m bench.padan OFFICE [OUT.csv]

``OFFICE`` holds a ``padan.toml``; ``OUT.csv`` has every finding, in columns that ``score.py`` reads. Without it only
the records are made, for others to go on from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb

from pipelines.cli import leave
from pipelines.diagnose import diagnose
from pipelines.engine import Artifact, read_artifact, sql_text
from pipelines.extract import extract_if_readable
from pipelines.match import match
from pipelines.settings import Settings, Source, load_settings
from pipelines.standardise import standardise

DAY = date(2026, 11, 24)

COLUMNS = "source, source_record_id, cause, recorded_nik, proposed_nik, confidence, related"


def settings_of(office: Path) -> Settings:
    """The office's settings on the day of all measurements."""
    return load_settings(office / "padan.toml", DAY)


class Coming(Mapping[str, Artifact]):
    """Tables by source, each waited for when it is asked for: two sources at a time are on their way, as in a run."""

    def __init__(self, settings: Settings) -> None:
        pool = ThreadPoolExecutor(2)
        self._coming = {s.name: pool.submit(self._bring, s, settings) for s in settings.everyone}
        pool.shutdown(wait=False)

    @staticmethod
    def _bring(source: Source, settings: Settings) -> Artifact:
        raw = extract_if_readable(source, settings)
        if isinstance(raw, str):
            raise SystemExit(f"{source.name}: {raw}")
        return standardise(raw, source, settings)

    def __getitem__(self, name: str) -> Artifact:
        return self._coming[name].result()

    def __iter__(self) -> Iterator[str]:
        return iter(self._coming)

    def __len__(self) -> int:
        return len(self._coming)


def made_before(settings: Settings) -> dict[str, Artifact]:
    """The records that lie there from an earlier run."""
    kind = {
        source.name: "verdicts" if source in settings.verdicts else "records" for source in settings.everyone
    }
    return {name: read_artifact(settings.folder(f"{of}/{name}")) for name, of in kind.items()}


def findings(made: Mapping[str, Artifact], settings: Settings) -> Artifact:
    """Match and diagnose; ``settings`` say where the tables go, which may be apart from the records'."""
    registry = made[settings.registry.name]
    agencies = [made[source.name] for source in settings.sources]
    matches = match(registry, agencies, settings)
    verdicts = [made[source.name] for source in settings.verdicts]
    return diagnose(matches, registry, agencies, verdicts, settings)


def write(found: Artifact, output: Path) -> None:
    """The findings as CSV."""
    con = duckdb.connect()
    query = f"select {COLUMNS} from read_parquet({sql_text(found.file)}, hive_partitioning = false)"
    con.execute(f"copy ({query}) to {sql_text(output)} (header)").fetchall()


def main(office: str, output: str = "") -> None:
    settings = settings_of(Path(office))
    made = Coming(settings)
    if output:
        write(findings(made, settings), Path(output))
    else:
        list(made.values())


if __name__ == "__main__":
    main(*sys.argv[1:])
    leave(0)
