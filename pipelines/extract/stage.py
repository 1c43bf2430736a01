"""The stage itself: every input of a source, row by row, into ``raw/<source>`` and the quarantine."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from pipelines.engine import Artifact, read_artifact, write_folder
from pipelines.errors import SourceUnreachable, SourceUnreadable
from pipelines.extract.columns import project, require, shown_names
from pipelines.extract.inputs import inputs_of
from pipelines.extract.limits import check_columns, count_rows, within
from pipelines.extract.sinks import Sink, quarantined, sink
from pipelines.extract.table import Input, Unreachable, Unreadable
from pipelines.extract.unchanged import INPUTS, last_read, note_signature, take_over
from pipelines.records import QUARANTINE, raw_schema
from pipelines.settings import Settings, Source

Line = dict[str, str | int | list[str] | None]
"""One input as ``inputs.json`` tells of it."""


def extract(source: Source, settings: Settings) -> Artifact:
    """Read a source as it is, as text, into ``raw/<source>`` (schema ``records.raw_schema``).

    Raw keeps only the columns that the layout maps; what a run has no use for never leaves the source
    (only what is needed: Law 27/2022 on personal data). A cell with nothing but blanks is null. Rows with
    nothing in any column, and repeated line ends, are no data rows.

    Beside the table, ``inputs.json`` lists each file (or query) with its columns and data rows; over all of them, data
    rows = rows of ``raw/<source>`` + rows of ``quarantine/extract/<source>``, which is always written and
    holds, with ``scope`` ``row``, the rows that could not be read into columns. Both folders appear whole or
    not at all, and the same inputs give the same bytes. Files that lie there as at the last run are not read
    again: their rows are taken over (``unchanged``).

    Raises ``SourceUnreadable`` with one line if the source cannot be read as a whole: nothing there, no
    connection, damaged beyond single rows, or a required column missing. Nothing is written then.
    """
    try:
        inputs = inputs_of(source, settings)
    except Unreadable as error:
        raise _of(source, error, str(error)) from error
    target, rejected = (settings.folder(f"{kind}/{source.name}") for kind in ("raw", "quarantine/extract"))
    if earlier := last_read(inputs, source, settings):
        with write_folder(target) as folder, write_folder(rejected) as aside:
            take_over(earlier, folder, aside)
        return read_artifact(target)
    with (
        within(settings.limits),
        write_folder(target) as folder,
        write_folder(rejected) as aside,
        sink(folder, raw_schema(source.layout.fields)) as raw,
        sink(aside, QUARANTINE) as quarantine,
    ):
        read = [
            _read_changes(item, source, settings, folder, raw)
            if source.incremental
            else _read(item, source, raw, quarantine)
            for item in inputs
        ]
        _write_inputs(folder, read)
        note_signature(source, folder)
    pa.default_memory_pool().release_unused()  # else Arrow keeps 50 MB for its next file, in vain
    return read_artifact(target)


def extract_if_readable(source: Source, settings: Settings, patient: bool = False) -> Artifact | str:
    """A source's raw table, or the reason why it can't be had; without the registry nothing can be said.

    Who is ``patient`` gets ``SourceUnreachable`` raised, to ask again later.
    """
    try:
        return extract(source, settings)
    except SourceUnreadable as error:
        if source == settings.registry or (patient and isinstance(error, SourceUnreachable)):
            raise
        return error.reason


def _of(source: Source, error: Unreadable, said: str) -> SourceUnreadable:
    """One input's fault as its source's."""
    return (SourceUnreachable if isinstance(error, Unreachable) else SourceUnreadable)(source.name, said)


def _read(item: Input, source: Source, raw: Sink, quarantine: Sink) -> Line:
    """Every row of one input to where it belongs; the input's line of ``inputs.json``."""
    before = raw.rows + quarantine.rows
    try:
        with item.open(source.layout, peek=False) as table:
            check_columns(table.columns)
            require(source.layout, table.columns)
            names = shown_names(table.columns)
            for chunk in table.chunks:
                count_rows(len(chunk.rows) + len(chunk.rejects))
                raw.add(project(source.layout, chunk, item.label))
                quarantine.add(quarantined(chunk.rejects, source.name, item.label))
        sha256, size = item.fingerprint()
    except Unreadable as error:
        raise _of(source, error, f"{item.label}: {error}") from error
    rows = raw.rows + quarantine.rows - before
    return {"name": item.label, "sha256": sha256, "bytes": size, "rows": rows, "columns": names}


def _read_changes(item: Input, source: Source, settings: Settings, folder: Path, raw: Sink) -> Line:
    """The one query of a source that is read by what changed; its line of ``inputs.json``."""
    from pipelines.extract.incremental import read_incrementally  # SQLAlchemy takes 0.3 s to import

    try:
        sha256 = read_incrementally(item, source, settings, folder, raw)
    except Unreadable as error:
        raise _of(source, error, f"{item.label}: {error}") from error
    return {"name": item.label, "sha256": sha256, "bytes": None, "rows": raw.rows}


def _write_inputs(folder: Path, read: list[Line]) -> None:
    (folder / INPUTS).write_text(json.dumps(read, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
