"""Takes one person out of all that Padan keeps (Law 27/2022, articles 8 and 44), so that everything else still adds up.

Rows stay where they are, without what tells of whom they were: counts, and with them the account, do not change. What
has to be told apart (a record's key) becomes a pseudonym, by a key that is made for this one erasure and kept nowhere:
nobody can lead it back. The ledger holds masked numbers only and is not touched; it gets one more event.

What was published cannot be changed without breaking its signature: files of the outbox with the person in them are
taken away as a whole, and the ledger says so (``padan verify`` asks it).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from pipelines.engine import alone
from pipelines.errors import PadanError
from pipelines.records import WORKBOOK, Cause, agency_workbook
from pipelines.settings import Settings
from pipelines.store import Event, append_events, compact, read_session, write_session
from pipelines.store.models import Base, Decision
from pipelines.store.states import STATES

DECISIONS: Final = Base.metadata.tables[Decision.__tablename__]

DIGITS: Final = 16

GONE: Final = "dihapus atas permintaan / erased on request"
"""What stands in the place of a sentence about somebody."""

TOLD: Final = frozenset(
    {
        *("source", "file", "cause", "owner", "status", "priority", "relation", "other_source", "sector"),
        *("nik_class", "nik_fault", "nik_region_known", "item_id", "result", "stage", "scope", "column"),
        *("reason", "expected", "kind", "priority_reason"),
    }
)
"""Columns that tell nobody from anybody: they stay, so that a row is still counted as what it was."""

KEYS: Final = frozenset({"source_record_id", "record_id", "other_id", "related", "nik", "evidence"})
"""Columns that later steps need filled, or that others point to: they get a pseudonym, all else becomes empty."""

ERASED: Final = "ERASED"
"""What stands in the place of a key, or begins what stands there."""

_KEYED: Final = ("source_record_id", "related")

_WHOLE: Final = re.compile(r"\d([ .'-]?\d){15}")
"""A whole number within a key."""

NUMBERS: Final = ("recorded_nik", "proposed_nik", "related", "source_record_id")

Key = tuple[str, str]
"""A record: its source and its key there."""


@dataclass(frozen=True)
class Erased:
    """What was done: files and rows of tables, items of the store, published files that were taken away.

    ``sources`` hold the person still, for Padan only reads them; ``unsure`` are items about records that may be
    this person's too, by the machine's proposal alone: nothing was done to those.
    """

    tables: int
    rows: int
    items: int
    removed: tuple[str, ...]
    sources: tuple[str, ...]
    unsure: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"{self.rows:,} rows in {self.tables:,} tables and {self.items:,} items no longer tell of the person",
            *(f"taken away: {name}" for name in self.removed),
            *(
                f"still in the source: {name}; erase it there, or the next run brings it back"
                for name in self.sources
            ),
            *(
                f"perhaps the same person: {item}; look at it, then erase with --also {item}"
                for item in self.unsure
            ),
        ]
        return "\n".join(lines)


@dataclass
class _Person:
    """Whom an erasure is about, and by what a value of theirs is told; ``key`` makes the pseudonyms."""

    nik: str
    keys: set[Key] = field(default_factory=set)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def pseudonym(self, value: object) -> str:
        """The same value gives the same pseudonym within one erasure, and never again."""
        digest = hmac.new(self.key, str(value).encode(), hashlib.sha256).hexdigest()
        return f"{ERASED}-{digest[:16]}"

    @property
    def dressed(self) -> str:
        """A pattern for the number with whatever between its digits."""
        return "[^0-9]*".join(self.nik)

    def tells(self, value: object) -> bool:
        """Whether a text holds the number, however it is dressed."""
        return isinstance(value, str) and len(value) >= DIGITS and bool(re.search(self.dressed, value))


def erase(nik: str, settings: Settings, also: Sequence[str] = (), why: str = "") -> Erased:
    """Take the person with that number out of the run's tables, the caches, the store and the outbox.

    Theirs are the records that carry the number, unless the registry says that it is somebody else's on them, and
    those of the items named in ``also``. Waits for a run that is under way. Raises ``PadanError`` for what is no
    number or no item, ``OSError`` and ``StoreError``. Twice does no harm.
    """
    person = _Person("".join(filter(str.isdigit, nik)))
    if len(person.nik) != DIGITS:
        raise PadanError("expected the sixteen digits of a NIK; '-' reads them from the standard input")
    with alone(settings.data):
        with read_session(settings.store) as session:
            states = session.execute(select(STATES)).all()
        unsure = _find(person, states, also, settings)
        published = _published(person, settings)
        removed = [path.relative_to(settings.outbox).as_posix() for path in published]
        # Told before it is done: what breaks off in the middle is explained, and the same command goes on with it.
        with write_session(settings.store) as session:
            append_events(session, [Event("erased", {"removed": removed, "why": why[:200]})])
        for path in published:
            path.unlink()
        _forget_caches(person, settings.data)
        with write_session(settings.store) as session:
            items = _redact_store(session, person)
        tables, rows = _rewrite_all(person, settings)
        with write_session(settings.store) as session:
            done = {"rows": rows, "tables": tables, "items": sorted(items)}
            append_events(session, [Event("erasure_done", done)])
        compact(settings.store)
    sources = tuple(sorted({source for source, _ in person.keys}))
    return Erased(tables, rows, len(items), tuple(removed), sources, tuple(sorted(unsure)))


def _find(person: _Person, states: Sequence[Any], also: Sequence[str], settings: Settings) -> set[str]:
    """Fill in the person's records; return the items that may be about further ones."""
    others = {
        (row.source, row.source_record_id)
        for row in states
        if row.cause == Cause.NIK_OF_ANOTHER_PERSON and person.tells(row.recorded_nik)
    }
    for path in (settings.data / "records").rglob("*.parquet"):
        columns = ["source", "source_record_id", "nik_recorded", "nik"]
        table = pq.read_table(path, columns=columns)
        mine = pc.or_(*(_tells(table[name], person) for name in columns[2:]))
        found = table.filter(mine).select(columns[:2]).to_pylist()
        person.keys |= {(row["source"], row["source_record_id"]) for row in found} - others
    known = {row.item_id: (row.source, row.source_record_id) for row in states}
    if strange := [item for item in also if item.strip().upper() not in known]:
        raise PadanError(f"no such item: {', '.join(strange)}")
    person.keys |= {known[item.strip().upper()] for item in also}
    return {
        row.item_id
        for row in states
        if (row.source, row.source_record_id) not in person.keys
        and (person.tells(row.proposed_nik) or person.tells(row.related))
    }


# --- tables


def _rewrite_all(person: _Person, settings: Settings) -> tuple[int, int]:
    """Every table of every run; how many had the person in them, and in how many rows."""
    tables = rows = 0
    paths = sorted(settings.data.rglob("*.parquet"))
    # Records last: by them the person is found again if this breaks off.
    for path in sorted(paths, key=lambda path: path.relative_to(settings.data).parts[0] == "records"):
        parts = path.relative_to(settings.data).parts
        # A raw table does not say of which source it is: its folder does.
        changed = _rewrite(path, person, parts[1] if parts[0] == "raw" else None)
        tables, rows = tables + bool(changed), rows + changed
    return tables, rows


def _rewrite(path: Path, person: _Person, source: str | None) -> int:
    """Write a table anew, a part at a time, if the person is in it; how many rows changed."""
    with pq.ParquetFile(path) as file:
        parts = [_marked(file.read_row_group(n), person, source)[0] for n in range(file.num_row_groups)]
        if not any(parts):
            return 0
        # A column that had no gap is declared to have none; it may have one now.
        schema = pa.schema([f.with_nullable(True) for f in file.schema_arrow], file.schema_arrow.metadata)
        temporary = path.with_name(f".{path.name}.tmp")
        with (
            os.fdopen(os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as handle,
            pq.ParquetWriter(handle, schema, compression="zstd") as writer,
        ):
            for number, changed in enumerate(parts):
                table = file.read_row_group(number)
                writer.write_table((_without(table, person, source) if changed else table).cast(schema))
    temporary.replace(path)
    if source is not None:
        for state in (
            "read.json",
            "incremental.json",
        ):  # these rows are no longer what the source has: not taken over
            (path.parent / state).unlink(missing_ok=True)
    return sum(parts)


def _marked(
    table: pa.Table, person: _Person, source: str | None
) -> tuple[int, pa.ChunkedArray, dict[str, pa.ChunkedArray]]:
    """In how many rows the person is; which rows are theirs, and for each column of texts which name the number."""
    own = touched = _own(table, person, source)
    texts = [f.name for f in table.schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    tells = {name: _tells(table[name], person) for name in texts}
    for mask in tells.values():
        touched = pc.or_(touched, mask)
    return pc.sum(touched).as_py() or 0, own, tells


def _without(table: pa.Table, person: _Person, source: str | None) -> pa.Table:
    """The same rows, and nothing in them by which to know the person."""
    _, own, tells = _marked(table, person, source)
    for at, column in enumerate(table.schema):
        other: Callable[[object], str | None] = person.pseudonym if column.name in KEYS else _forgotten
        if column.name in tells:
            mask = tells[column.name] if column.name in TOLD else pc.or_(own, tells[column.name])
        elif pa.types.is_date(column.type) and "birth" in column.name:
            mask = own
        else:
            continue
        values = _replaced(table[column.name], mask, other)
        table = table.set_column(at, column.with_nullable(True), values)
    return table


def _forgotten(_: object) -> str | None:
    """What most values become: nothing."""
    return None


def _own(table: pa.Table, person: _Person, source: str | None) -> pa.ChunkedArray:
    """Which rows are the person's records, or about them."""
    nobody = pa.chunked_array([pa.array([False] * len(table), pa.bool_())])
    if source is not None and "record_id" in table.column_names:
        keys = [key for where, key in person.keys if where == source]
        numbers = _tells(table["nik"], person) if keys and "nik" in table.column_names else nobody
        return pc.or_(pc.fill_null(pc.is_in(table["record_id"], pa.array(keys, pa.string())), False), numbers)
    if not {"source", "source_record_id"} <= set(table.column_names):
        return nobody
    mine = nobody
    for where in {where for where, _ in person.keys}:
        keys = pa.array([key for source_, key in person.keys if source_ == where], pa.string())
        same = pc.and_(pc.equal(table["source"], where), pc.is_in(table["source_record_id"], keys))
        mine = pc.or_(mine, pc.fill_null(same, False))
    return mine


def _tells(column: pa.ChunkedArray, person: _Person) -> pa.ChunkedArray:
    """Which texts hold the number, however it is dressed."""
    return pc.fill_null(pc.match_substring_regex(column, person.dressed), False)


def _replaced(
    column: pa.ChunkedArray, mask: pa.ChunkedArray, other: Callable[[object], str | None]
) -> pa.ChunkedArray:
    """The column with other values where ``mask`` says so; where there was none there is none."""
    old = column.filter(mask).to_pylist()
    new = pa.array([None if value is None else other(value) for value in old], column.type)
    return pc.replace_with_mask(column.combine_chunks(), mask.combine_chunks(), new)


def _forget_caches(person: _Person, data: Path) -> None:
    """Answers of a service about the number, and pages of a web source that broke off."""
    for path in (data / "asked").rglob("*.ndjson"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if person.nik not in line]
        if len(kept) < len(lines):
            path.write_text("".join(kept), encoding="utf-8")
    shutil.rmtree(data / ".web", ignore_errors=True)  # pages of a day, which are asked for again


# --- what was published


def _published(person: _Person, settings: Settings) -> list[Path]:
    """The published files in which the person is."""
    folders = sorted(settings.outbox.glob("????-??-??"))
    return [path for folder in folders for path in _with_person(folder, person, settings)]


def _with_person(folder: Path, person: _Person, settings: Settings) -> Iterable[Path]:
    """The files of one date that hold the person; a sealed one cannot be looked into and goes with its list."""
    listed = folder / "worklist.csv"
    rows = listed.read_bytes().decode("utf-8", "replace") if listed.is_file() else ""
    ids = {key for _, key in person.keys}
    cells = {cell for line in rows.splitlines() for cell in line.split(",")}
    sources = {source for source, key in person.keys if key in cells}
    if person.nik not in rows and not ids & cells:
        return
    yield listed
    names = [WORKBOOK, *map(agency_workbook, sources)]
    for line in rows.splitlines():
        if person.nik in line:
            names += [name for name, whose in settings.workbooks.items() if f",{whose.name}," in line]
    for name in dict.fromkeys(names):
        for path in (folder / name, folder / f"{name}.age"):
            if path.is_file():
                yield path


# --- the store


def _redact_store(session: Session, person: _Person) -> set[str]:
    """Take the person out of items and decisions; the items that were changed."""
    items: set[str] = set()
    for row in session.execute(select(STATES)).all():
        own = (row.source, row.source_record_id) in person.keys
        told = [name for name in NUMBERS if person.tells(getattr(row, name))]
        if not own and not told and not person.tells(row.evidence):
            continue
        items.add(row.item_id)
        session.execute(
            update(STATES)
            .where(tuple_(STATES.c.item_id, STATES.c.run_date) == tuple_(row.item_id, row.run_date))
            .values(_redacted(row._mapping, own, person))
        )
    for row in session.execute(select(DECISIONS)).all():
        if row.item_id in items or person.tells(row.proposed_nik) or person.tells(row.recorded_nik):
            session.execute(
                update(DECISIONS)
                .where(DECISIONS.c.decision_id == row.decision_id)
                .values(proposed_nik=None, recorded_nik=None, note=None)
            )
    return items


def _redacted(row: Mapping[Any, Any], own: bool, person: _Person) -> dict[str, Any]:
    """What an item's row becomes."""
    values: dict[str, Any] = {"evidence": GONE}
    for name in NUMBERS:
        if row[name] is not None and (own or person.tells(row[name])):
            values[name] = person.pseudonym(row[name]) if name in _KEYED else None
    return {**values, "note": None} if own else values


def redact_resolved(session: Session, before: date) -> int:
    """Take numbers, sentences and notes from items that ended before a date; how many items.

    A key that is a number, as a registry's record has, is one too. An item that an office rejected keeps them: by
    them it is known that the record is still the same.
    """
    latest: dict[str, Any] = {}
    names = ("item_id", "run_date", "status", "evidence", *_KEYED)
    for row in session.execute(select(*(STATES.c[name] for name in names)).order_by(STATES.c.run_date)):
        latest[row.item_id] = row
    past = [one for one in latest.values() if one.status == "resolved" and one.run_date < before]
    keyed = {
        name: {one.item_id for one in past if _WHOLE.search(getattr(one, name) or "")} for name in _KEYED
    }
    ended = [
        one.item_id
        for one in past
        if one.evidence != GONE or any(one.item_id in ids for ids in keyed.values())
    ]
    empty = {"recorded_nik": None, "proposed_nik": None, "note": None}
    for start in range(0, len(ended), 500):
        some = ended[start : start + 500]
        session.execute(update(STATES).where(STATES.c.item_id.in_(some)).values(**empty, evidence=GONE))
        session.execute(update(DECISIONS).where(DECISIONS.c.item_id.in_(some)).values(**empty))
        for name, ids in keyed.items():
            these = update(STATES).where(STATES.c.item_id.in_(ids.intersection(some)))
            session.execute(these.values({name: ERASED}))
    return len(ended)
