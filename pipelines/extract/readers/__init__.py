"""One module a format; ``READERS`` is the list of what can be read.

A new format is a module with an ``open_…`` function of the type ``Reader`` and a line here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from pipelines.extract.readers.delimited import open_delimited
from pipelines.extract.readers.json_text import open_json
from pipelines.extract.readers.old_workbook import open_old_workbook
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
    "old workbook": open_old_workbook,
    "parquet": open_parquet,
    "workbook": open_workbook,
}

_OLD = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"PK\x03\x04.{26}mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
)
_SIGNATURES = {b"PK\x03\x04": "workbook", b"PAR1": "parquet"}
_MARKUP = re.compile(rb"\s*<(!doctype html|html|table|\?xml|script|meta|style|body|div)\b", re.IGNORECASE)
"""What programs write that call a web page "Excel", and what a login page begins with."""
_JSON = (".json", ".ndjson", ".jsonl")


def reader_of(path: Path) -> Reader:
    """The reader for a file, by what it begins with rather than by its name: names are often wrong.

    Raises ``Unreadable`` for what nobody here can read.
    """
    start = next(pieces(path, peek=True), b"")
    if any(re.match(sign, start, re.DOTALL) for sign in _OLD):
        return READERS["old workbook"]
    if _MARKUP.match(start.removeprefix(codecs.BOM_UTF8)):
        raise Unreadable("a web page or XML, not a table; open it in a spreadsheet and save it as .xlsx")
    kind = next((kind for sign, kind in _SIGNATURES.items() if start.startswith(sign)), None)
    if kind is None:
        kind = "json" if path.name.lower().removesuffix(".gz").endswith(_JSON) else "delimited"
    return READERS[kind]
