"""A small office: raw rows written by hand, standardised for real, read back as dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine import Artifact, write_table
from pipelines.layouts import Layout, load_layout
from pipelines.records import raw_schema
from pipelines.settings import Resources, Settings, Source
from pipelines.standardise import standardise

RUN_DATE = date(2026, 11, 24)

Row = Mapping[str, object]


class Office:
    """Settings over a folder, with a registry (siak), a hospital (khanza), a school (dapodik), verdicts."""

    def __init__(self, folder: Path, threads: int = 2, layouts: Mapping[str, Layout] | None = None) -> None:
        usual = {"dukcapil": "siak", "rsud": "khanza", "sekolah": "dapodik", "bpjs": "verdicts"}
        found = {name: load_layout(layout, folder) for name, layout in usual.items()} | dict(layouts or {})
        registry, *others = [Source(name=n, layout=layout, location="-") for n, layout in found.items()]
        self.settings = Settings(
            run_date=RUN_DATE,
            config_file=folder / "padan.toml",
            data=folder / "data",
            registry=registry,
            sources=tuple(s for s in others if s.layout.kind == "people"),
            verdicts=tuple(s for s in others if s.layout.kind == "verdicts"),
            resources=Resources(memory=None, threads=threads),
        )

    def raw(self, name: str, rows: Sequence[Row]) -> Artifact:
        """The raw table of these rows; ``file`` and ``row`` (from 2) are filled in where not given."""
        fields = self.settings.source(name).layout.fields
        schema = raw_schema(fields)
        places = ({"file": f"{name}.csv", "row": at} for at in range(2, len(rows) + 2))
        full = [{**dict.fromkeys(fields), **place, **row} for place, row in zip(places, rows, strict=True)]
        return write_table(pa.Table.from_pylist(full, schema=schema), self.settings.folder(f"raw/{name}"))

    def standardise(self, name: str, rows: Sequence[Row]) -> Artifact:
        """The stage's own artifact for these raw rows."""
        return standardise(self.raw(name, rows), self.settings.source(name), self.settings)

    def records(self, name: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """What becomes of these raw rows."""
        return table(self.standardise(name, rows).file)

    def quarantine(self, name: str) -> list[dict[str, Any]]:
        """What could not be read of the last rows of that source."""
        return table(self.settings.folder(f"quarantine/standardise/{name}") / "part-0.parquet")


def table(file: Path) -> list[dict[str, Any]]:
    """A Parquet file's rows."""
    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return rows
