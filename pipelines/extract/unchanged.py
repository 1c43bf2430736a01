"""Files that lie there as at the last run: their rows are taken over, and nothing is read twice.

By fingerprint: every file of the source has the name and sha256 that the last run wrote down, and what decides
how a row is read (the layout, this room's own code) is the same. Whatever is doubtful is read.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine import PART
from pipelines.extract.inputs import FileInput
from pipelines.extract.table import Input
from pipelines.settings import Settings, Source

INPUTS = "inputs.json"
"""The list of what was read, beside the table: name, sha256, bytes (null for a query), rows, columns (if known)."""

STATE = "read.json"
"""Beside the raw table: by what its rows were read."""

_RUN = re.compile(r"run_date=\d{4}-\d\d-\d\d")


def last_read(inputs: Sequence[Input], source: Source, settings: Settings) -> tuple[Path, Path] | None:
    """The latest earlier run's folders of ``raw`` and quarantine, if a source of files is as it was then."""
    here = settings.folder(f"raw/{source.name}")
    earlier = [p for p in here.parent.glob("run_date=*") if _RUN.fullmatch(p.name) and p.name < here.name]
    if not earlier:
        return None
    raw = max(earlier)
    aside = settings.folder(f"quarantine/extract/{source.name}").with_name(raw.name)
    try:
        state = json.loads((raw / STATE).read_text(encoding="utf-8"))
        known = json.loads((raw / INPUTS).read_text(encoding="utf-8"))
        rows = sum(pq.read_metadata(folder / PART).num_rows for folder in (raw, aside))
        said = [(line["name"], line["bytes"], line["sha256"]) for line in known]
        if state != {"signature": signature(source)} or rows != sum(line["rows"] for line in known):
            return None
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException):
        return None
    return (raw, aside) if _same(inputs, said) else None


def _same(inputs: Sequence[Input], said: Sequence[tuple[str, int, str]]) -> bool:
    """Sizes first: a file that has grown need not be read to know it."""
    paths = [one.path for one in inputs if isinstance(one, FileInput)]
    if len(paths) != len(inputs) or len(paths) != len(said):
        return False
    sizes = [(one.label, path.stat().st_size) for one, path in zip(inputs, paths, strict=True)]
    return sizes == [line[:2] for line in said] and all(
        one.fingerprint() == (sha256, size) for one, (_, size, sha256) in zip(inputs, said, strict=True)
    )


def take_over(earlier: tuple[Path, Path], raw: Path, aside: Path) -> None:
    """Put the earlier run's tables into the folders that are being written."""
    for source, target in zip(earlier, (raw, aside), strict=True):
        for file in source.iterdir():
            shutil.copyfile(file, target / file.name)


def note_signature(source: Source, raw: Path) -> None:
    """Leave beside the raw table by what it was read, for the next run."""
    (raw / STATE).write_text(json.dumps({"signature": signature(source)}) + "\n", encoding="utf-8")


def signature(source: Source) -> str:
    """Of all that decides what a row looks like, but the files themselves."""
    return hashlib.sha256("\x1f".join([source.layout.model_dump_json(), _code()]).encode()).hexdigest()


@cache
def _code() -> str:
    """A fingerprint of this room: another version may read a damaged row better."""
    room = Path(str(files("pipelines.extract")))
    parts = (hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(room.rglob("*.py")))
    return hashlib.sha256("".join(parts).encode()).hexdigest()
