"""JSON: a list of records, a record a line (``.ndjson``), or an object with a list ``rows`` or ``data``.

Numbers keep their digits as written. ``row`` is the line of a record in a file of lines, else its place in
the list, from 1. A record may leave out what it does not have; the columns named in errors are those of the
first thousand records.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.extract.columns import key, wanted
from pipelines.extract.fhir import entries_of, patients
from pipelines.extract.stream import LONGEST_LINE, utf8, whole_lines
from pipelines.extract.table import Chunk, Reject, Table, Unreadable, hint
from pipelines.extract.values import column_of
from pipelines.layouts import Layout

SAMPLE = 1_000
BATCH = 5_000
LARGEST_OBJECT = 256 << 20
"""Bytes of a file that is one object: it has to be read whole, which a list or lines need not."""

Row = tuple[int, dict[str, Any] | Reject]
"""Where a record lies, and the record, or why it is none."""

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
_GAP = re.compile(r"[\s,]*")


@contextmanager
def open_json(path: Path, layout: Layout, peek: bool) -> Iterator[Table]:
    """Open a JSON file; with a layout for FHIR, one of Patients or Bundles. Raises ``Unreadable`` if it is
    damaged, empty, or FHIR and the layout is not.
    """
    by_line = not path.name.lower().endswith((".json", ".json.gz"))
    rows = _rows(utf8(path, peek), by_line)
    is_fhir = layout.http is not None and layout.http.kind == "fhir"
    rows = _patients(rows) if is_fhir else rows
    first = list(islice(rows, 1 if peek else SAMPLE))
    records = [record for _, record in first if isinstance(record, dict)]
    if not records:
        what = "Patients, or Bundles of them" if is_fhir else "a list of objects, or an object a line"
        raise Unreadable(f"holds no record; expected {what}")
    if not is_fhir and any("resourceType" in record for record in records):
        raise Unreadable(f"FHIR resources, which layout {layout.name!r} does not read; use 'fhir-patient'")
    names = dict.fromkeys(name for record in records for name in record)
    yield Table(tuple(names), chunks_of(chain(first, rows), wanted(layout)))


def _rows(parts: Iterator[bytes], by_line: bool) -> Iterator[Row]:
    head = next(parts, b"")
    parts, start = chain((head,), parts), head.lstrip()
    if start.startswith(b"["):
        return _judged(enumerate(_items(codecs.iterdecode(parts, "utf-8")), 1))
    if by_line or not start.startswith(b"{"):
        return _lines(whole_lines(parts))
    line = _parsed(start.split(b"\n", 1)[0].decode("utf-8", "replace"))
    if isinstance(line, dict) and _list_in(line) is None:
        return _lines(whole_lines(parts))
    return _judged(enumerate(_whole(parts), 1))


def _lines(blocks: Iterator[bytes]) -> Iterator[Row]:
    number = 0
    for block in blocks:
        for line in block.removesuffix(b"\n").split(b"\n"):
            number += 1
            text = line.decode("utf-8")
            if not text.strip():
                continue
            record = _parsed(text)
            rejected = Reject(number, hint(text), "not_a_record", "one JSON object on the line")
            yield number, record if isinstance(record, dict) else rejected


def _parsed(text: str) -> object:
    """The value a text holds, or None if it is no JSON."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _judged(items: Iterator[tuple[int, object]]) -> Iterator[Row]:
    for number, item in items:
        rejected = Reject(number, hint(str(item)), "not_a_record", "a JSON object")
        yield number, item if isinstance(item, dict) else rejected


def _items(texts: Iterator[str]) -> Iterator[object]:
    """The elements of a list, one after the other, holding no more of the text than one of them needs."""
    buffer, at, done = next(texts, "").lstrip()[1:], 0, 0
    while True:
        at = _GAP.match(buffer, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        try:
            item, at = _DECODER.raw_decode(buffer, at)
        except (ValueError, RecursionError):
            if buffer.startswith("]", at):
                return
            more = next(texts, "") if len(buffer) - at < LONGEST_LINE else ""
            if not more:
                raise _damaged(done) from None
            buffer, at = buffer[at:] + more, 0
        else:
            yield item
            done += 1


def _damaged(records: int) -> Unreadable:
    return Unreadable(
        f"damaged JSON after {records} records; expected the next record or the end of the list"
    )


def _whole(parts: Iterator[bytes]) -> Iterator[object]:
    """The records of a file that is one object: those of its list, or the object itself."""
    text = b""
    for part in parts:
        text += part
        if len(text) > LARGEST_OBJECT:
            raise Unreadable(
                f"one object of more than {LARGEST_OBJECT >> 20} MiB; give a list, or a record a line"
            )
    whole = _parsed(text.decode("utf-8"))
    if not isinstance(whole, dict):
        raise Unreadable("damaged JSON; expected a list of objects, or an object a line")
    listed = _list_in(whole)
    yield from [whole] if listed is None else listed


def _list_in(whole: dict[str, Any]) -> list[object] | None:
    """The list under ``rows`` or ``data``, as web services send it."""
    return next((whole[name] for name in ("rows", "data") if isinstance(whole.get(name), list)), None)


def _patients(rows: Iterable[Row]) -> Iterator[Row]:
    """The Patients of FHIR resources, each where it lies: its line, or its place among the Bundles' entries."""
    entries = 0
    for number, record in rows:
        if isinstance(record, Reject) or record.get("resourceType") != "Bundle":
            yield from ((number, item) for item in patients(record, number))
            continue
        for entry in entries_of(record):
            entries += 1
            yield from ((entries, item) for item in patients(entry, entries))


def chunks_of(rows: Iterator[Row], keys: frozenset[str]) -> Iterator[Chunk]:
    """Records as chunks with the columns of ``keys``, and those that are none as rejects."""
    known: dict[str, str] = {}
    while batch := list(islice(rows, BATCH)):
        records = [(number, record) for number, record in batch if isinstance(record, dict)]
        cells: dict[str, list[object]] = {}
        for at, (_, record) in enumerate(records):
            for name, value in record.items():
                k = known.get(name) or known.setdefault(name, key(name))
                if k in keys:
                    column = cells.setdefault(k, [None] * len(records))
                    column[at] = value if column[at] is None else column[at]
        columns = {k: column_of(values) for k, values in cells.items()}
        rejects = tuple(record for _, record in batch if isinstance(record, Reject))
        yield Chunk(pa.array([number for number, _ in records], pa.int64()), columns, rejects)
