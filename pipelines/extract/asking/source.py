"""One source of verdicts that is asked, as an input of extract: ask what the quota allows, give what is known."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from pipelines.extract.asking.answers import UsedUp, service_of
from pipelines.extract.asking.journal import Journal, Line, Result, Writer
from pipelines.extract.asking.need import Person, needy
from pipelines.extract.columns import wanted
from pipelines.extract.fhir import Record
from pipelines.extract.readers.json_text import chunks_of
from pipelines.extract.table import Reject, Table, Unreachable
from pipelines.extract.web import client as web
from pipelines.layouts import Layout
from pipelines.records import mask_nik
from pipelines.settings import Settings, Source

NAMES = ("nik", "checked_at", "result")
SAID: Mapping[Result, str] = {"found": "FOUND", "not_found": "NOT FOUND", "mismatch": "MISMATCH"}
"""A result as it stands in the raw table, in words that standardise knows."""

FAULTS = 3
"""Numbers in a row without an answer, after which the service is taken to be out of order."""

LOG = logging.getLogger("padan.asking")

now: Callable[[], datetime] = datetime.now
"""The local time, by which a quota's day begins; a test puts another here."""


class AskedInput:
    """What a service has answered so far, after it was asked about as many numbers as the quota allows.

    A run asks only on or next to its own date: an answer of today says nothing of how it was last month.
    """

    label = "answers"

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source, self._settings = source, settings
        self._service = service_of(source)
        self._journal = Journal(settings.data, source.name, settings.run_date)
        self._sha256 = hashlib.sha256()

    @contextmanager
    def open(self, layout: Layout, peek: bool) -> Iterator[Table]:
        """Ask, then give every number's latest answer. Raises ``Unreadable``; what was answered is kept.

        A look asks about one number, which counts: whether a service can be asked shows in no other way.
        """
        today = now().date()
        if abs((today - self._settings.run_date).days) <= 1:
            with self._journal.asking() as writer:
                self._ask(writer, 1 if peek else None)
        yield Table(NAMES, chunks_of(self._rows(), wanted(layout)))

    def _ask(self, writer: Writer, most: int | None) -> None:
        today = now().date()
        left = max(0, (self._source.quota or 0) - self._journal.spent(today))
        people = needy(self._settings, self._known(), today, self._source.again_days)
        asked = 0
        with web.client_of(self._source) as client:
            try:
                for line in self._answers(client, people[: left if most is None else min(most, left)]):
                    writer.add(line)
                    asked += 1
            except (UsedUp, web.Enough):
                LOG.warning(
                    "%s: the service's own quota is used up; %d numbers asked about, %d wait",
                    *(self._source.name, asked, len(people) - asked),
                )
                return
        if most is None and len(people) > asked:
            LOG.warning(
                "%s: the quota of %d numbers a day is used up; %d asked about, %d wait",
                *(self._source.name, self._source.quota, asked, len(people) - asked),
            )

    def _answers(self, client: web.Client, people: Sequence[Person]) -> Iterator[Line]:
        """Each number's answer, at the source's rate; a number that has none is given up after a while."""
        faults = 0
        for person in _paced(people, self._source.rate):
            try:
                answer = self._service.ask(client, person)
            except web.Enough:
                raise
            except web.GaveUp as fault:
                faults += 1
                yield self._line(person, "none")
                if faults == FAULTS:
                    raise Unreachable(f"{fault}; {FAULTS} numbers in a row had no answer") from None
            else:
                faults = 0
                yield self._line(person, answer.result, answer.differs)

    def _line(self, person: Person, result: Result, differs: tuple[str, ...] = ()) -> Line:
        return Line(person.nik, now().isoformat(sep=" ", timespec="seconds")[:19], result, differs)

    def _known(self) -> dict[str, Line]:
        """The latest answer about each number, be it a clear one or not."""
        return {line.nik: line for line in self._journal.lines() if line.result != "none"}

    def _rows(self) -> Iterator[tuple[int, Record | Reject]]:
        """The latest clear answer about each number, by number; then what this run's were not clear."""
        clear: dict[str, Line] = {}
        unclear: dict[str, Line] = {}
        for line in self._journal.lines():
            if line.result in SAID:
                clear[line.nik] = line
            elif line.result == "unclear" and line.run == self._settings.run_date.isoformat():
                unclear[line.nik] = line
        for number, nik in enumerate(sorted(clear), 1):
            line = clear[nik]
            record = {"nik": nik, "checked_at": line.at, "result": SAID[line.result]}
            self._sha256.update("\x1f".join(record.values()).encode() + b"\x1e")
            yield number, record
        for number, nik in enumerate(sorted(unclear), len(clear) + 1):
            self._sha256.update(f"{nik}\x1e".encode())
            expected = "Sesuai or Tidak Sesuai for an element, or that the number is not there"
            yield number, Reject(number, mask_nik(nik), "answer_unclear", expected)

    def fingerprint(self) -> tuple[str, int | None]:
        """The sha256 of the answers that were given on."""
        return self._sha256.hexdigest(), None


def _paced(people: Sequence[Person], rate: float) -> Iterator[Person]:
    """One after the other, no faster than ``rate`` a second."""
    due = time.monotonic()
    for person in people:
        if (wait := due - time.monotonic()) > 0:
            web.pause(wait)
        due = max(due, time.monotonic()) + 1 / rate
        yield person
