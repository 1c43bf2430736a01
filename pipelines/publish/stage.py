"""The outbox folder of a date: built whole beside its place, then put there by one rename."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.engine import Artifact, connect, sql_text, write_folder
from pipelines.errors import PadanError
from pipelines.keys import sealed
from pipelines.publish.aside import aside_query
from pipelines.publish.drawings import Drawings, draw
from pipelines.publish.figures import Figures
from pipelines.publish.gather import gather, read_account, unread_sources
from pipelines.publish.manifest import write_manifest
from pipelines.publish.pdf import browser, print_pdf
from pipelines.publish.provenance import provenance
from pipelines.publish.report import render_html, render_json
from pipelines.publish.words import load_words
from pipelines.publish.workbook import write_workbook
from pipelines.publish.worklist_csv import write_csv
from pipelines.records import WORKBOOK, agency_workbook
from pipelines.settings import NAME, Settings

DOCS = "quality_docs"
"""The run's folder that becomes ``quality/`` of the outbox, where it is there."""


def publish(items: Artifact, counts: Artifact, gates: Artifact, settings: Settings) -> Artifact:
    """Build ``outbox/YYYY-MM-DD`` and put it in place; an earlier one of that date is replaced.

    ``items`` (schema ``ITEMS``) are the worklist in its order, ``counts`` the account (source, measure,
    count), ``gates`` the gates' results. Reads ``raw``'s inputs, ``records`` and ``quarantine`` of the sources
    that were read, ``quality_docs``, and the store for earlier runs. If anything fails the outbox stays as it
    was. Returns the folder, the worklist's rows and the manifest's sha256.

    Raises ``ConfigError`` for a signing key that is none, ``PadanError`` for an item that no recipient gets.
    """
    target = settings.outbox / settings.run_date.isoformat()
    with (
        _database(items, settings) as con,
        write_folder(target, lasting=True) as folder,
        ThreadPoolExecutor(settings.resources.threads or len(os.sched_getaffinity(0))) as pool,
    ):
        account = read_account(con, counts)
        origin = provenance(unread_sources(account), settings)
        figures = gather(con, account, gates, origin, settings)
        drawings = pool.submit(draw, figures, load_words(settings.language))
        listed = pool.submit(write_csv, con.cursor(), items, folder / "worklist.csv")
        rows = {**_workbooks(con, folder, settings, pool), "worklist.csv": listed.result()}
        _seal(folder, rows, settings)
        docs = settings.folder(DOCS)
        if docs.is_dir():
            shutil.copytree(docs, folder / "quality")
        write_report(figures, drawings.result(), folder)
        if settings.pdf and browser():
            print_pdf(folder / "report.html", folder / "report.pdf", settings.run_date)
        digest = write_manifest(folder, rows, origin, settings)
    return Artifact(str(target), items.rows, digest)


def write_report(figures: Figures, drawings: Drawings, folder: Path) -> None:
    """``report.json`` and ``report.html`` in a folder, which has ``quality/`` already if it will have it."""
    (folder / "report.json").write_bytes(render_json(figures))
    has_docs = (folder / "quality" / "index.html").is_file()
    (folder / "report.html").write_bytes(
        render_html(figures, drawings, has_docs, load_words(figures.language))
    )


@contextmanager
def _database(items: Artifact, settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB with the view ``item``: the items, and ``place``, their order."""
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    try:
        con.execute(
            "create view item as select *, file_row_number as place"
            f" from read_parquet({sql_text(items.file)}, file_row_number = true)"
        ).fetchall()
        yield con
    finally:
        con.close()


def _workbooks(
    con: duckdb.DuckDBPyConnection, folder: Path, settings: Settings, pool: Executor
) -> dict[str, int]:
    """Write the registry's workbook and one for each agency, side by side; return the rows of each by its path."""
    registry, words, day = settings.registry.name, load_words(settings.language), settings.run_date
    owners = _owners(con, registry)
    agencies = [source.name for source in settings.sources]
    (folder / "returns").mkdir()

    def write(name: str, agency: str | None, own: str, aside: str | None) -> int:
        return write_workbook(con.cursor(), folder / name, agency, own, words, day, aside=aside)

    name = WORKBOOK
    writing = {name: pool.submit(write, name, None, f"owner = {sql_text(registry)}", None)}
    # An agency that is no longer configured keeps its open items, and has a right to see them.
    for agency in [*agencies, *sorted(owners - set(agencies))]:
        name = agency_workbook(agency)
        own = f"owner = {sql_text(agency)} and source = {sql_text(agency)}"
        writing[name] = pool.submit(write, name, agency, own, aside_query(agency, settings))
    return {name: written.result() for name, written in writing.items()}


def _seal(folder: Path, rows: dict[str, int], settings: Settings) -> None:
    """Put each workbook whose recipients have a key under seal; ``rows`` forgets it, nobody can count them now."""
    for name, whose in settings.workbooks.items():
        if whose.seal_to is not None:
            plain = folder / name
            plain.with_name(f"{plain.name}.age").write_bytes(sealed(plain.read_bytes(), whose.seal_to))
            plain.unlink()
            del rows[name]


def _owners(con: duckdb.DuckDBPyConnection, registry: str) -> set[str]:
    """The agencies that items belong to.

    Raises ``PadanError`` for an item whose owner is neither the registry nor its own source: it would be in
    nobody's workbook, or show one agency another's record.
    """
    pairs = con.execute("select distinct owner, source from item order by all").fetchall()
    for owner, source in pairs:
        if owner != registry and (owner != source or not NAME.fullmatch(owner)):
            raise PadanError(
                f"worklist: an item of {source} has the owner {owner}; expected it or {registry}"
            )
    return {owner for owner, _ in pairs} - {registry}
