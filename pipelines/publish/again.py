"""A report that was published before, had again from the store; and the month's page."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select

from pipelines.engine import write_folder
from pipelines.errors import PadanError
from pipelines.publish.drawings import draw
from pipelines.publish.figures import Figures
from pipelines.publish.monthly import month
from pipelines.publish.pdf import print_pdf
from pipelines.publish.report import render_month
from pipelines.publish.stage import write_report
from pipelines.publish.words import load_words
from pipelines.settings import Settings
from pipelines.store import read_session
from pipelines.store.models import Base, Report

_REPORTS = Base.metadata.tables[Report.__tablename__]


def report_again(settings: Settings, target: Path, pdf: bool = False) -> list[Path]:
    """Write the report of ``settings.run_date`` as it was published into the folder ``target``: its files.

    ``report.json`` is the published one to the byte, and the page is drawn from it; with ``pdf`` also
    ``report.pdf``. Raises ``PadanError`` where no report of that date is kept, and ``StoreError``.
    """
    day = settings.run_date
    with read_session(settings.store) as session:
        document = session.scalar(select(_REPORTS.c.document).where(_REPORTS.c.run_date == day))
    if document is None:
        raise PadanError(f"{day}: no report of that date is kept; padan status tells the last run's")
    try:
        figures = Figures.from_json(gzip.decompress(document))
    except ValidationError as error:
        raise PadanError(f"{day}: the report kept is of another version of Padan") from error
    with _written(target) as folder:
        write_report(figures, draw(figures, load_words(figures.language)), folder)
        if pdf:
            print_pdf(folder / "report.html", folder / "report.pdf", day)
    return sorted(target.iterdir())


def month_report(year: int, number: int, settings: Settings, target: Path, pdf: bool = False) -> list[Path]:
    """Write the page on a month, ``month.html``, into the folder ``target``; with ``pdf`` also ``month.pdf``.

    Raises ``PadanError`` where nothing was published in that month, and ``StoreError``.
    """
    found = month(year, number, settings)
    with _written(target) as folder:
        page = folder / "month.html"
        page.write_bytes(render_month(found, settings.registry.name, load_words(settings.language)))
        if pdf:
            print_pdf(page, page.with_suffix(".pdf"), found.last)
    return sorted(target.iterdir())


@contextmanager
def _written(target: Path) -> Iterator[Path]:
    """A folder that takes ``target``'s place, which may be absent, empty, or a report's from before."""
    there = {path.name for path in target.iterdir()} if target.is_dir() else set()
    if there - {"report.html", "report.json", "report.pdf", "month.html", "month.pdf"}:
        raise PadanError(f"{target}: holds other files; name a folder of its own with --to")
    with write_folder(target) as folder:
        yield folder
