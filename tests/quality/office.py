"""A small office's tables as the stages leave them, all in order; each test then spoils what it is about.

Six people in the registry, four patients, two pupils, two answers of the central service; five findings, one
of which an office had rejected before the run. Numbers and names are nobody's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.engine import Artifact, read_artifact, write_table
from pipelines.records import (
    FINDINGS,
    ITEMS,
    PERSON_FIELDS,
    QUARANTINE,
    RECORDS,
    VERDICT_FIELDS,
    VERDICTS,
    raw_schema,
)
from pipelines.settings import Settings, load_settings

RUN_DATE = date(2026, 11, 24)
REGISTRY, HOSPITAL, SCHOOL, CENTRE = "dukcapil", "rsud-naibonat", "dapodik-kupang", "bpjs"

Tables = dict[str, pa.Table]

CONFIG = """
[padan]
language = "{language}"
[registry]
name = "dukcapil"
layout = "siak"
location = "registry.csv"
[[sources]]
name = "rsud-naibonat"
sector = "health"
layout = "khanza"
location = "pasien.csv"
[[sources]]
name = "dapodik-kupang"
sector = "education"
layout = "dapodik"
location = "siswa.csv"
[[verdicts]]
name = "bpjs"
layout = "verdicts"
location = "verdicts.csv"
[quality]
{quality}
"""


def settings_in(folder: Path, day: date = RUN_DATE, language: str = "en", **quality: object) -> Settings:
    """The office's configuration in ``folder``; ``quality`` goes under that heading."""
    lines = "\n".join(f"{key} = {value}" for key, value in quality.items())
    config = folder / "padan.toml"
    config.write_text(CONFIG.format(language=language, quality=lines), encoding="utf-8")
    return load_settings(config, day, {})


def nik(person: int) -> str:
    """The number of the registry's nth person."""
    return f"53010401019{person:05d}"


def record(source: str, key: str, **special: Any) -> dict[str, Any]:
    """A record in order, but for what is ``special`` about it."""
    return {
        "source": source,
        "source_record_id": key,
        "file": f"{source}.csv",
        "row": 2,
        "nik_recorded": nik(1),
        "nik": nik(1),
        "nik_class": "valid",
        "name": "MARIA TAEBENU",
        "sex": "P",
        "birth_date": date(1990, 1, 1),
        "status": "active",
        **special,
    }


def finding(key: str, cause: str, source: str = HOSPITAL, **special: Any) -> dict[str, Any]:
    """A finding in order, without a proposal, but for what is ``special`` about it."""
    return {
        "source": source,
        "source_record_id": key,
        "cause": cause,
        "owner": source,
        "evidence": "Kolom nomor kosong.",
        "person_name": "MARIA TAEBENU",
        "agencies_agree": False,
        "infant": False,
        **special,
    }


def item(number: int, found: Mapping[str, Any], **special: Any) -> dict[str, Any]:
    """The item of a finding."""
    same = {name: value for name, value in found.items() if name in ITEMS.names}
    return {
        **same,
        "item_id": f"i{number:04d}",
        "status": "new",
        "priority": 2,
        "first_seen": RUN_DATE,
        "last_seen": RUN_DATE,
        "age_days": 0,
        "priority_reason": "pasien",
        **special,
    }


def raw_rows(count: int, **filled: str) -> list[dict[str, Any]]:
    """Rows as a source wrote them, every one alike."""
    return [{"file": "x.csv", "row": number + 2, **filled} for number in range(count)]


def quarantine(source: str, stage: str, reason: str, scope: str = "row") -> dict[str, Any]:
    """One quarantined row or value."""
    return {
        "source": source,
        "stage": stage,
        "scope": scope,
        "file": "x.csv",
        "row": 9,
        "column": "nik",
        "value": "5301********0001",
        "reason": reason,
        "expected": "something else",
    }


def office() -> Tables:
    """Every table of a run that went well, by its name on disk."""
    people, answers = raw_schema(PERSON_FIELDS), raw_schema(VERDICT_FIELDS)
    number = {"record_id": "1", "nik": nik(1), "name": "MARIA", "birth_date": "1990-01-01"}
    found = [
        finding("000101", "NIK_MISSING", proposed_nik=nik(2), confidence=0.93),
        finding("000102", "ELEMENT_MISMATCH", elements="name;birth_date"),
        finding("000103", "DUPLICATE_RECORD", related="000104"),
        finding("0061", "NOT_REGISTERED", SCHOOL, owner=REGISTRY),
        finding("000104", "NIK_WRONG"),  # rejected before: see `rejected_before`
    ]
    rows: dict[str, tuple[pa.Schema, list[dict[str, Any]]]] = {
        f"raw/{REGISTRY}": (people, raw_rows(7, **number)),
        f"raw/{HOSPITAL}": (people, raw_rows(5, **number)),
        f"raw/{SCHOOL}": (people, raw_rows(2, **number)),
        f"raw/{CENTRE}": (answers, raw_rows(2, nik=nik(1), result="SESUAI")),
        f"records/{REGISTRY}": (RECORDS, [record(REGISTRY, nik(n), nik=nik(n)) for n in range(6)]),
        f"records/{HOSPITAL}": (
            RECORDS,
            [
                record(HOSPITAL, "000101", nik=None, nik_class="missing"),
                record(HOSPITAL, "000102", birth_date=None, sex=None),
                record(HOSPITAL, "000103", nik=None, nik_class="malformed", nik_fault="length"),
                record(HOSPITAL, "000104"),
            ],
        ),
        f"records/{SCHOOL}": (RECORDS, [record(SCHOOL, "0061"), record(SCHOOL, "0062")]),
        f"verdicts/{CENTRE}": (
            VERDICTS,
            [
                {"source": CENTRE, "nik": nik(n), "result": result}
                for n, result in enumerate(("found", "not_found"))
            ],
        ),
        "findings": (FINDINGS, found),
        "items": (ITEMS, [item(number, one) for number, one in enumerate(found[:4])]),
    }
    for source in (REGISTRY, HOSPITAL, SCHOOL, CENTRE):
        for stage in ("extract", "standardise"):
            rows[f"quarantine/{stage}/{source}"] = (QUARANTINE, [])
    rows[f"quarantine/standardise/{REGISTRY}"][1].append(quarantine(REGISTRY, "standardise", "no_key"))
    rows[f"quarantine/standardise/{HOSPITAL}"][1].append(quarantine(HOSPITAL, "standardise", "key_twice"))
    rows[f"quarantine/standardise/{HOSPITAL}"][1].append(
        quarantine(HOSPITAL, "standardise", "date_unreadable", scope="value")
    )
    rows[f"quarantine/extract/{HOSPITAL}"][1].append(quarantine(HOSPITAL, "extract", "too_many_columns"))
    return {name: pa.Table.from_pylist(some, schema=schema) for name, (schema, some) in rows.items()}


ROWS_READ = {REGISTRY: 7, HOSPITAL: 6, SCHOOL: 2, CENTRE: 2}
"""Rows of the input files: what is raw, and one that extract had to leave."""


def lay(tables: Tables, settings: Settings, rows_read: Mapping[str, int] = ROWS_READ) -> dict[str, Artifact]:
    """Write the tables where a run has them; the artifacts by the same names."""
    for name, table in tables.items():
        write_table(table, settings.folder(name))
        kind, _, source = name.partition("/")
        if kind == "raw":
            inputs = [{"name": f"{source}.csv", "sha256": "0" * 64, "bytes": 1, "rows": rows_read[source]}]
            (settings.folder(name) / "inputs.json").write_text(json.dumps(inputs), encoding="utf-8")
    return {name: read_artifact(settings.folder(name)) for name in tables}


def change(tables: Tables, name: str, index: int, **values: Any) -> None:
    """Give one row of a table other values."""
    rows = tables[name].to_pylist()
    rows[index] |= values
    tables[name] = pa.Table.from_pylist(rows, schema=tables[name].schema)


def add(tables: Tables, name: str, *rows: Mapping[str, Any]) -> None:
    """Put rows at a table's end."""
    more = pa.Table.from_pylist([dict(row) for row in rows], schema=tables[name].schema)
    tables[name] = pa.concat_tables([tables[name], more])


def keep(tables: Tables, name: str, rows: int) -> None:
    """Cut a table after so many rows."""
    tables[name] = tables[name].slice(0, rows)


def drop_column(tables: Tables, name: str, column: str) -> None:
    """Take a column away."""
    tables[name] = tables[name].drop_columns([column])


def retype(tables: Tables, name: str, column: str, kind: pa.DataType) -> None:
    """Give a column another type, its values empty."""
    table = tables[name]
    index = table.schema.get_field_index(column)
    tables[name] = table.set_column(index, column, pa.nulls(table.num_rows, kind))
