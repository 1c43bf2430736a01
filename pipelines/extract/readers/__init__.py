"""One module a format; ``READERS`` is the list of what can be read.

A new format is a module with an ``open_…`` function of the type ``Reader`` and a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from pipelines.extract.readers.delimited import open_delimited
from pipelines.extract.readers.json_text import open_json
from pipelines.extract.readers.parquet import open_parquet
from pipelines.extract.readers.workbook import open_workbook
from pipelines.extract.stream import pieces
from pipelines.extract.table import Table, Unreadable
from pipelines.layouts import Layout

Reader = Callable[[Path, Layout, bool], AbstractContextManager[Table]]
"""Opens a file for a layout; with the last argument (``peek``) only its beginning is read."""

READERS: dict[str, Reader] = {
    "delimited": open_delimited,
    "json": open_json,
    "parquet": open_parquet,
    "workbook": open_workbook,
}

_SIGNATURES = {b"PK\x03\x04": "workbook", b"PAR1": "parquet"}
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON = (".json", ".ndjson", ".jsonl")


def reader_of(path: Path) -> Reader:
    """The reader for a file, by what it begins with rather than by its name: names are often wrong.

    Raises ``Unreadable`` for what nobody here can read.
    """
    start = next(pieces(path, peek=True), b"")
    if start.startswith(_OLD_EXCEL):
        raise Unreadable("an old .xls or a workbook with a password; save it as .xlsx without one")
    kind = next((kind for sign, kind in _SIGNATURES.items() if start.startswith(sign)), None)
    if kind is None:
        kind = "json" if path.name.lower().removesuffix(".gz").endswith(_JSON) else "delimited"
    return READERS[kind]
