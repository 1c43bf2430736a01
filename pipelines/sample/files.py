"""Files that appear whole, readable by their owner only."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_csv(path: Path, header: Sequence[str], columns: Sequence[Iterable[object]]) -> None:
    """Write columns of equal length as CSV (UTF-8, RFC 4180), by rename. Raises ``ValueError`` if they differ."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(zip(*columns, strict=True))
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
