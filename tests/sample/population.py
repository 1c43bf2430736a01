"""A drawn population as a test reads it: rows of text, by file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Row = dict[str, str]

KEYS = {"rsud-naibonat": ("pasien", "no_rkm_medis", "no_ktp"), "dapodik-kupang": ("siswa", "nisn", "nik")}
"""For each source: its file, its key, its number."""


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Population:
    """The files in a folder, each read once."""

    folder: Path
    counts: dict[str, int]

    @cached_property
    def registry(self) -> dict[str, Row]:
        """The registry's rows by number."""
        return {row["NIK"]: row for row in read(self.folder / "registry.csv")}

    @cached_property
    def patients(self) -> list[Row]:
        return read(self.folder / "pasien.csv")

    @cached_property
    def pupils(self) -> list[Row]:
        return read(self.folder / "siswa.csv")

    @cached_property
    def verdicts(self) -> list[Row]:
        return read(self.folder / "verdicts.csv")

    @cached_property
    def truth(self) -> list[Row]:
        return read(self.folder / "truth.csv")

    @cached_property
    def recorded(self) -> dict[tuple[str, str], Row]:
        """Each agency record by source and key; its number is under ``number``."""
        return {
            (source, row[key]): row | {"number": row[number]}
            for source, (file, key, number) in KEYS.items()
            for row in read(self.folder / f"{file}.csv")
        }

    def pairs(self, name: str) -> list[Row]:
        """The rows of ``truth_<name>.csv``."""
        return read(self.folder / f"truth_{name}.csv")

    def of(self, source: str) -> list[Row]:
        """The truth about one source."""
        return [row for row in self.truth if row["source"] == source]


def iso(day: str) -> str:
    """A registry's DD-MM-YYYY as YYYY-MM-DD."""
    return f"{day[6:]}-{day[3:5]}-{day[:2]}"
