"""Files that appear whole, readable by their owner only."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Table = Mapping[str, Sequence[object]]
"""Columns by name, all of one length."""


def write_csv(path: Path, parts: Iterable[Table]) -> None:
    """Write a table that comes in parts as CSV (UTF-8, RFC 4180), by rename.

    The first part gives the header; with no part the file is empty. Raises ``ValueError`` for columns of
    unequal length.
    """
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            for number, part in enumerate(parts):
                if number == 0:
                    writer.writerow(part)
                writer.writerows(zip(*part.values(), strict=True))
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
