"""An office to extract from: write files into it, read them, look at what came out."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.engine import Artifact
from pipelines.extract import Probe, extract, probe
from pipelines.layouts import Layout, load_layout
from pipelines.settings import Settings, Source

DAY = date(2026, 11, 24)
HEADER = ("no_rkm_medis", "nm_pasien", "no_ktp", "jk", "tgl_lahir", "nm_ibu")
PATIENTS = (
    ("000101", "YOHANES TEFA", "5301061203790003", "L", "1979-03-12", "MARIA BANA"),
    ("000102", "MARGARITA, NENO", "5301066509830002", "P", "1983-09-25", 'ESTER "ETI" LAIK'),
    ("000103", "PETRUS TEFA", "-", "L", "2015-06-30", ""),
)


@dataclass(frozen=True)
class Reading:
    """What came out of an extraction; rows only with the fields that are filled."""

    artifact: Artifact
    rows: list[dict[str, Any]]
    aside: list[dict[str, Any]]
    inputs: list[dict[str, Any]]

    def column(self, name: str) -> list[Any]:
        return [row.get(name) for row in self.rows]


class Office:
    """A folder with sources and, beside them, the run's data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def source(self, location: object, layout: str | Layout = "khanza", query: str | None = None) -> Source:
        at = str(location)
        where = at if "://" in at else str(self.folder / at)
        found = load_layout(layout, self.folder) if isinstance(layout, str) else layout
        return Source(name="rsud", layout=found, location=where, query=query)

    def settings(self, source: Source) -> Settings:
        return Settings(
            run_date=DAY,
            config_file=self.folder / "padan.toml",
            data=self.folder / "data",
            registry=source,
            sources=(source,),
        )

    def read(self, location: object, layout: str | Layout = "khanza", query: str | None = None) -> Reading:
        return self.read_source(self.source(location, layout, query))

    def read_source(self, source: Source) -> Reading:
        settings = self.settings(source)
        artifact = extract(source, settings)
        aside = settings.folder("quarantine/extract/rsud") / "part-0.parquet"
        return Reading(
            artifact,
            [
                {k: v for k, v in row.items() if v is not None}
                for row in pq.read_table(artifact.file).to_pylist()
            ],
            pq.read_table(aside).to_pylist(),
            json.loads((Path(artifact.path) / "inputs.json").read_text()),
        )

    def probe(self, location: object, layout: str | Layout = "khanza", query: str | None = None) -> Probe:
        source = self.source(location, layout, query)
        return probe(source, self.settings(source))


def table(rows: Iterable[Sequence[object]] = PATIENTS, header: Sequence[str] = HEADER, **dialect: Any) -> str:
    """The rows as Python's ``csv`` writes them, header first."""
    text = io.StringIO()
    csv.writer(text, **dialect).writerows([header, *rows])
    return text.getvalue()


def packed(content: str | bytes) -> bytes:
    """Gzipped, the same bytes every time."""
    return gzip.compress(content.encode("utf-8") if isinstance(content, str) else content, mtime=0)
