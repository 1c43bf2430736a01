"""What an answer holds, and where the next one lies, for each kind of service that a layout can name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pipelines.extract.fhir import Record, entries_of, patients
from pipelines.extract.table import Reject, Unreadable, hint
from pipelines.layouts import Web

LISTS = ("rows", "data")


@dataclass(frozen=True)
class Page:
    """The records of one answer, with what is none, and the next answer's address or None."""

    records: list[Record | Reject]
    following: str | None


def first_url(location: str, web: Web) -> str:
    """The address to begin with: the layout's path behind the location, unless it ends in it already.

    Raises ``Unreadable`` if the location is no web address.
    """
    try:
        parts = urlsplit(location)
        if not parts.hostname or parts.port == 0:
            raise ValueError(location)
    except ValueError:
        raise Unreadable("not a web address; expected https://host/…") from None
    path = parts.path.rstrip("/")
    last = web.path.rsplit("/", 1)[-1]
    if last and path.rsplit("/", 1)[-1] != last:
        path = f"{path}/{web.path}"
    url = urlunsplit(parts._replace(path=path or "/", fragment=""))
    return _with(url, _count=web.page_size) if web.kind == "fhir" and "_count=" not in parts.query else url


def page_of(document: object, url: str, web: Web, first: int) -> Page:
    """An answer's records, numbered from ``first``. Raises ``Unreadable`` if it is not what was expected."""
    page = _bundle(document, first) if web.kind == "fhir" else _listed(document, url, web, first)
    if page.following is None:
        return page
    try:
        following = urljoin(url, page.following)
        same = _server(following) == _server(url)
    except ValueError:
        raise Unreadable("the next page's address is none") from None
    if not same:
        raise Unreadable("the next page lies on another host; not followed, since a token would go there")
    return Page(page.records, following)


def _listed(document: object, url: str, web: Web, first: int) -> Page:
    """Dapodik: a bare list, or one under ``rows`` or ``data``; ``results`` may say that there is more."""
    whole: dict[str, Any] = document if isinstance(document, dict) else {LISTS[0]: document}
    rows: list[object] | None = next(
        (whole[name] for name in LISTS if isinstance(whole.get(name), list)), None
    )
    if rows is None:
        raise Unreadable("the answer holds no list of records, neither bare nor under rows or data")
    records = [
        row if isinstance(row, dict) else Reject(number, hint(str(row)), "not_a_record", "a JSON object")
        for number, row in enumerate(rows, first)
    ]
    read = _count(whole.get("start")) + len(rows)
    more = bool(rows) and _count(whole.get("results")) > read
    return Page(records, _with(url, start=read, limit=web.page_size) if more else None)


def _count(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() else 0


def _bundle(document: object, first: int) -> Page:
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        raise Unreadable(f"expected a FHIR Bundle, the answer is {_kind(document)}")
    records: list[Record | Reject] = []
    for entry in entries_of(document):
        records.extend(patients(entry, first + len(records)))
    links = document.get("link")
    following = next(
        (str(k["url"]) for k in links if isinstance(k, dict) and k.get("relation") == "next" and k.get("url"))
        if isinstance(links, list)
        else iter(()),
        None,
    )
    return Page(records, following)


def _kind(document: object) -> str:
    """What came instead, without a word of what it says of people."""
    if not isinstance(document, dict):
        return "a list" if isinstance(document, list) else "no object"
    issues = document.get("issue")
    codes = [str(i.get("code")) for i in issues if isinstance(i, dict)] if isinstance(issues, list) else []
    return f"{document.get('resourceType', 'an object')!s:.40} {', '.join(codes):.80}".strip()


def _with(url: str, **values: Any) -> str:
    """The address with these parameters, in the place of any of the same name."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in values]
    return urlunsplit(parts._replace(query=urlencode([*kept, *values.items()])))


def _server(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
