"""One http(s) source: all its pages to disk, then its rows like those of any other input."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from pipelines.extract.columns import wanted
from pipelines.extract.fhir import Record
from pipelines.extract.limits import check_time, most_rows
from pipelines.extract.readers.json_text import chunks_of
from pipelines.extract.table import Reject, Table, Unreadable
from pipelines.extract.web.client import Client, Gone, client_of
from pipelines.extract.web.pages import first_url, page_of
from pipelines.extract.web.partial import Partial
from pipelines.layouts import Layout
from pipelines.settings import Settings, Source

PAGES = 50_000
"""Pages after which a server is taken to go round in circles."""
BYTES = 16 << 30
"""Bytes of all answers together."""

Row = tuple[int, Record | Reject]


class WebInput:
    """What a service answers about its people."""

    def __init__(self, source: Source, settings: Settings) -> None:
        web = source.layout.http
        if web is None:
            raise Unreadable(
                f"layout {source.layout.name!r} does not say how a web service is asked; use one with [http], "
                "or save the answer as a file and give its path"
            )
        self._web = web
        self._source = source
        self._url = first_url(source.location, web)
        self.label = urlsplit(self._url).path.rsplit("/", 1)[-1] or "answer"
        self._folder = settings.data / ".web" / source.name / f"run_date={settings.run_date}"
        self._sha256 = hashlib.sha256()

    @contextmanager
    def open(self, layout: Layout, peek: bool) -> Iterator[Table]:
        """Fetch the pages that are not there yet. Raises ``Unreadable``; what has come is kept for the day."""
        keys = wanted(layout)
        with client_of(self._source) as client:
            if peek:
                yield self._look(client, keys)
                return
            partial = Partial(self._folder, self._url, keys)
            self._fetch(client, partial)
        if not partial.state.rows:
            partial.forget()
            raise Unreadable("the server answered without a single record; check the source's location")
        yield Table(partial.state.names, chunks_of(self._noted(partial.rows()), keys))
        partial.forget()

    def _look(self, client: Client, keys: frozenset[str]) -> Table:
        page = page_of(client.get(self._url), self._url, self._web, 1)
        records = [record for record in page.records if isinstance(record, dict)]
        names = dict.fromkeys(name for record in records for name in record)
        return Table(tuple(names), chunks_of(iter(enumerate(page.records, 1)), keys))

    def _fetch(self, client: Client, partial: Partial) -> None:
        resumed = partial.resume()
        try:
            self._follow(client, partial)
        except Gone:
            if not resumed:
                raise
            # Servers forget where a search stood; then it has to begin anew.
            partial.restart()
            self._follow(client, partial)

    def _follow(self, client: Client, partial: Partial) -> None:
        seen: set[str] = set()
        last = None
        while url := partial.state.following:
            state, before = partial.state, client.received
            check_time()
            endless = state.pages >= PAGES or state.received >= BYTES or state.rows > most_rows()
            if url in seen or endless:
                raise self._endless(partial)
            seen.add(url)
            page = page_of(client.get(url), url, self._web, state.rows + 1)
            digest = _digest(page.records)
            if page.records and digest == last:
                raise self._endless(partial)
            partial.add(page.records, page.following, client.received - before)
            last = digest

    def _endless(self, partial: Partial) -> Unreadable:
        pages, rows = partial.state.pages, partial.state.rows
        partial.forget()  # to go on there tomorrow would lead nowhere
        return Unreadable(
            f"the pages do not end, or come again: given up after {pages} pages, {rows} records"
        )

    def _noted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, added to the fingerprint."""
        for number, record in rows:
            self._sha256.update(_line(record))
            yield number, record

    def fingerprint(self) -> tuple[str, int | None]:
        """The sha256 of the values that were read; an answer is no file and has no bytes of its own."""
        return self._sha256.hexdigest(), None


def _line(record: Record | Reject) -> bytes:
    what = [record.value, record.reason] if isinstance(record, Reject) else record
    return json.dumps(what, sort_keys=True).encode() + b"\n"


def _digest(records: Iterable[Record | Reject]) -> bytes:
    sha256 = hashlib.sha256()
    for record in records:
        sha256.update(_line(record))
    return sha256.digest()
