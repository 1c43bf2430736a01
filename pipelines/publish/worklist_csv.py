"""``worklist.csv``: every item, for programs. Columns and their order are a published contract."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import duckdb

from pipelines.engine import Artifact, sql_text
from pipelines.publish.cells import csv_text
from pipelines.records import WORKLIST_COLUMNS

FREE_TEXT: Final = frozenset({"source_record_id", "recorded_nik", "related", "evidence"})
"""The columns that carry what a source wrote; the others hold our own words, numbers and dates."""

BATCH: Final = 20_000


def write_csv(con: duckdb.DuckDBPyConnection, items: Artifact, path: Path) -> int:
    """Write ``items`` (schema ``ITEMS``) to ``path`` in their order and return the number of rows.

    UTF-8 without a byte order mark, RFC 4180 (CRLF, quotes only where needed); null is empty; dates are ISO,
    ``confidence`` has four decimals.
    """
    cursor = con.cursor()
    cursor.execute(
        f"select {', '.join(map(_cell, WORKLIST_COLUMNS))}"
        f" from read_parquet({sql_text(items.file)}, file_row_number = true) order by file_row_number"
    )
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(WORKLIST_COLUMNS)
        while batch := cursor.fetchmany(BATCH):
            writer.writerows(batch)
            rows += len(batch)
    return rows


def _cell(column: str) -> str:
    """The SQL that makes a column's text."""
    if column == "confidence":
        return "printf('%.4f', confidence)"
    text = f'cast("{column}" as varchar)'
    return csv_text(text) if column in FREE_TEXT else text
