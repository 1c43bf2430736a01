"""Throws damaged and random input at everything that reads what others write, until something breaks.

    python tools/fuzz.py TARGET [--max_total_time=600 CORPUS…]

Needs ``atheris`` beside the packages of development (it is no dependency: few Pythons have it). What it finds becomes
an example of a test; the input that broke it lies in the working folder as ``crash-…``.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import cache, partial
from pathlib import Path
from zlib import crc32

import atheris  # type: ignore[import-not-found]  # only where somebody fuzzes

with atheris.instrument_imports(include=["pipelines", "tomllib"]):
    import duckdb

    from pipelines.engine import sql_text
    from pipelines.errors import PadanError
    from pipelines.extract.columns import require
    from pipelines.extract.fhir import flat
    from pipelines.extract.readers import reader_of
    from pipelines.extract.table import Unreadable
    from pipelines.layouts import LayoutError, load_layout, read_toml
    from pipelines.standardise import dates, names, nik
    from pipelines.standardise.known import load_known
    from pipelines.standardise.steps import Concept, nest
    from pipelines.standardise.text import plain
    from pipelines.worklist.returned import read_returned
    from pipelines.worklist.words import read_decision

FOLDER = Path(tempfile.mkdtemp(prefix="padan-fuzz-"))
RUN = date(2026, 11, 24)
KHANZA = load_layout("khanza", FOLDER)
CON = duckdb.connect(":memory:", config={"threads": 1})
load_known(CON)


def _file(data: bytes, name: str) -> None:
    """A source's file: read, or refused in one line."""
    path = FOLDER / name
    path.write_bytes(data)
    with suppress(Unreadable), reader_of(path)(path, KHANZA, False) as table:
        require(KHANZA, table.columns)
        for chunk in table.chunks:
            if any(len(column) != len(chunk.rows) for column in chunk.columns.values()):
                raise AssertionError("a column of another length than its rows")


def _csv(data: bytes) -> None:
    _file(b"no_rkm_medis,nm_pasien,no_ktp,jk,tgl_lahir,nm_ibu\n" + data, "a.csv")


def _json(data: bytes) -> None:
    _file(data, "a.json")


def _any(data: bytes) -> None:
    _file(data, "a")


def _returned(data: bytes) -> None:
    path = FOLDER / "back.csv"
    path.write_bytes(b"item_id;decision;note\n" + data)
    with suppress(PadanError):
        for answer in read_returned(path):
            read_decision(answer.decision)


def _layout(data: bytes) -> None:
    (FOLDER / "mine.toml").write_bytes(data)
    with suppress(LayoutError):
        load_layout("mine.toml", FOLDER)


def _fhir(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        patient = read_toml(text)
    except ValueError:
        return
    flat(patient)


@cache
def _prepared(name: str) -> None:
    """Planning a query of many steps takes longer than running it."""
    values = "select unnest(cast(? as varchar[])) as raw"
    CON.execute(f"prepare {name} as {nest(values, CONCEPTS[name])}").fetchall()


def _read(name: str, data: bytes) -> None:
    """Values, one a line, through a concept's SQL: each ends in a value or null, never in an error."""
    _prepared(name)
    texts = data.decode("utf-8", "ignore").replace("\0", "").split("\n")
    rows = CON.execute(f"execute {name}([{', '.join(map(sql_text, texts))}])").fetchall()
    if [row[0] for row in rows] != texts:
        raise AssertionError("not a row for each value")
    for row in rows:
        atheris._trace_branch(PLACES[crc32(_outcome(row)) % len(PLACES)])


def _outcome(row: tuple[object, ...]) -> bytes:
    """What became of a value, in short: the kind of its characters, which columns have something, what faults say."""
    kinds = re.sub(r"(\w)\1+", r"\1", re.sub(r"[^\W\d]", "a", re.sub(r"\d", "9", str(row[0]))))
    rest = (v if isinstance(v, bool) or (isinstance(v, str) and v.islower()) else v is None for v in row[1:])
    return repr((kinds[:12], *rest)).encode()


PLACES = [atheris._reserve_counter() for _ in range(4096)]
"""What DuckDB does with a value the fuzzer cannot see: each outcome is a branch for it, else it would guess blindly."""

CONCEPTS: dict[str, Concept] = {
    "name": [{"plain_name": plain("raw")}, *names.concept("name")],
    "nik": [{"plain_nik": plain("raw"), "birth_date": "null::date"}, *nik.classified(), *nik.evidence(RUN)],
    "day": [{"plain_day": plain("raw")}, *dates.concept("day", "dmy", RUN, RUN)],
}

TARGETS: dict[str, Callable[[bytes], None]] = {
    "any": _any,
    "csv": _csv,
    "fhir": _fhir,
    "json": _json,
    "layout": _layout,
    "returned": _returned,
    **{name: partial(_read, name) for name in CONCEPTS},
}


def main() -> None:
    """Fuzz the target that the command line names."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"expected one of {', '.join(TARGETS)}")
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
