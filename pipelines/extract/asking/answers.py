"""How a question is put to a service and what its answer means, for each kind that a layout can name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

from pipelines.extract.asking.journal import Result
from pipelines.extract.asking.need import Person, plain
from pipelines.extract.fhir import entries_of, flat
from pipelines.extract.table import Unreadable
from pipelines.extract.web.client import Client
from pipelines.layouts import Ask, Layout
from pipelines.settings import Source

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "found": ("DATA DITEMUKAN", "NIK DITEMUKAN"),
    "not_found": (
        "DATA TIDAK DITEMUKAN",
        "NIK TIDAK DITEMUKAN",
        "NIK TIDAK TERDAPAT DI DATABASE KEMENDAGRI",
    ),
}
"""What a service says of the number as a whole, besides the layout's words."""

_ELEMENT = re.compile(r"(?P<word>(TIDAK )?SESUAI)?[ :(]*(?P<percent>\d+([.,]\d+)?)?[ %)]*")
_NUMBER = re.compile(r"\d{16}")


class UsedUp(Exception):
    """The service says that its own quota for the day is used up."""


@dataclass(frozen=True)
class Answer:
    """What an answer means; ``differs`` are the elements that the service does not have so."""

    result: Result
    differs: tuple[str, ...] = ()


class Service(Protocol):
    """One kind of service."""

    def ask(self, client: Client, person: Person) -> Answer:
        """Put one question. Raises ``UsedUp`` and what ``Client`` raises."""


def service_of(source: Source) -> Service:
    """The service of a source. Raises ``Unreadable`` where it cannot be asked like this."""
    ask = source.layout.ask
    if ask is None:
        raise Unreadable(f"layout {source.layout.name!r} does not say how to ask; expected [ask]")
    return _Fhir(source, ask) if ask.kind == "fhir" else _Dukcapil(source, ask)


def _address(location: str, path: str) -> str:
    parts = urlsplit(location)
    if not parts.hostname:
        raise Unreadable("not a web address; expected https://host/…")
    there = parts.path.rstrip("/")
    if path and not there.endswith(f"/{path}"):
        there = f"{there}/{path}"
    return urlunsplit(parts._replace(path=there or "/", fragment=""))


def _elements(source: Source, ask: Ask) -> dict[str, str]:
    chosen = tuple(ask.elements) if source.elements is None else source.elements
    return {field: ask.elements[field] for field in ask.elements if field in chosen}


def _written(value: str | date, ask: Ask) -> str:
    if isinstance(value, date):
        return value.strftime(ask.date_format)
    return ask.sex.get(value, value)  # type: ignore[call-overload, no-any-return]  # L and P alone are keys


class _Dukcapil:
    """A POST of the number and its elements; each is answered ``Sesuai`` or ``Tidak Sesuai``."""

    def __init__(self, source: Source, ask: Ask) -> None:
        self._ask, self._layout = ask, source.layout
        self._url = _address(source.location, ask.path)
        self._elements = _elements(source, ask)
        absent = [source.variable(name) for name in ask.login.values() if not getattr(source, name)]
        if absent:
            raise Unreadable(f"the service wants a login; put {' and '.join(absent)} into the environment")
        self._login = {key: str(getattr(source, name)) for key, name in ask.login.items()}

    def ask(self, client: Client, person: Person) -> Answer:
        """Put the question and read the answer, element by element."""
        values = plain(person.values)
        sent = {f: _written(values[f], self._ask) for f in self._elements if f in values}
        named = {self._elements[field]: text for field, text in sent.items()}
        document = client.post(
            self._url, {**self._ask.also, **self._login, self._ask.nik: person.nik, **named}
        )
        return verdict(document, person.nik, {f: self._elements[f] for f in sent}, self._layout, self._ask)


def verdict(document: object, nik: str, sent: Mapping[str, str], layout: Layout, ask: Ask) -> Answer:
    """What an answer says of a number about which the elements ``sent`` were asked. Raises ``UsedUp``.

    One element that differs is a ``mismatch``; one that agrees proves the number to be there, even where the
    answer leaves out the others. An answer about another number, or about none, is ``unclear``.
    """
    record = _record(document)
    said = [_plain(text) for text in _texts(document)]
    if any(word in text for word in map(_plain, ask.used_up) for text in said):
        raise UsedUp
    echoed = _NUMBER.fullmatch(str(record.get(ask.nik, "")).strip())
    if echoed and echoed.group() != nik:
        return Answer("unclear")
    judged = {field: _agrees(record.get(name), ask.percent) for field, name in sent.items()}
    differs = tuple(field for field, agrees in judged.items() if agrees is False)
    if differs:
        return Answer("mismatch", differs)
    if any(judged.values()) or _plain(str(record.get(ask.nik, ""))) == "SESUAI":
        return Answer("found")
    for result, own in (
        ("not_found", layout.results.get("not_found", ())),
        ("mismatch", layout.results.get("mismatch", ())),
        ("found", layout.results.get("found", ())),
    ):
        if {*map(_plain, (*own, *WORDS.get(result, ())))} & {*said}:
            return Answer(result)  # type: ignore[arg-type]  # of the three
    return Answer("unclear")


def _agrees(value: object, percent: float) -> bool | None:
    """Whether an element agrees; None if the answer does not say. A percentage counts before the word.

    >>> _agrees("Sesuai", 80), _agrees("Tidak Sesuai (63)", 80), _agrees("Tidak Sesuai (91,5%)", 80)
    (True, False, True)
    """
    match = _ELEMENT.fullmatch(_plain(str(value)))
    if not match or not (match["word"] or match["percent"]):
        return None
    if match["percent"]:
        return float(match["percent"].replace(",", ".")) >= percent
    return match["word"] == "SESUAI"


def _record(document: object) -> Mapping[str, Any]:
    """The one record of an answer: bare, or the first under ``content`` or ``data``."""
    whole: Any = document
    if isinstance(whole, dict):
        whole = next((whole[key] for key in ("content", "data") if key in whole), whole)
    if isinstance(whole, list):
        whole = whole[0] if len(whole) == 1 else {}
    return whole if isinstance(whole, dict) else {}


def _texts(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for part in document.values() if isinstance(document, dict) else document:
            yield from _texts(part)


def _plain(text: str) -> str:
    return " ".join(text.upper().split()).rstrip(".!")


class _Fhir:
    """The search for a Patient by its number."""

    def __init__(self, source: Source, ask: Ask) -> None:
        self._ask = ask
        self._url = _address(source.location, ask.path)
        self._elements = _elements(source, ask)

    def ask(self, client: Client, person: Person) -> Answer:
        """Search, and look whether it is this number that was found."""
        query = urlencode({"identifier": f"{self._ask.nik}|{person.nik}"})
        document = client.get(f"{self._url}{'&' if '?' in self._url else '?'}{query}")
        if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
            return Answer("unclear")
        entries = [entry for entry in entries_of(document) if isinstance(entry, dict)]
        patients = [flat(entry) for entry in entries if entry.get("resourceType") == "Patient"]
        if not patients:
            return Answer("not_found" if _is_none(document) else "unclear")
        column = f"identifier:{self._ask.nik}"
        theirs = [p for p in patients if p.get(column) == person.nik]
        if not theirs:
            return Answer("unclear")  # a server that does not know the parameter gives whomever it has
        return self._compared(theirs[0], plain(person.values))

    def _compared(self, patient: Mapping[str, Any], values: Mapping[str, Any]) -> Answer:
        ours = {"birth_date": lambda v: str(v), "sex": lambda v: _written(v, self._ask)}
        differs = tuple(
            field
            for field, name in self._elements.items()
            if field in ours
            and field in values
            and patient.get(name)
            and "*" not in str(patient[name])  # some servers mask what they show
            and str(patient[name]) != ours[field](values[field])
        )
        return Answer("mismatch", differs) if differs else Answer("found")


def _is_none(bundle: Mapping[str, Any]) -> bool:
    """Whether a Bundle without a Patient means that there is none: no total, and no page after this one."""
    links = bundle.get("link")
    more = any(isinstance(k, dict) and k.get("relation") == "next" for k in links or ()) if links else False
    return str(bundle.get("total", "0")) == "0" and not more
