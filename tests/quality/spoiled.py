"""For each expectation of each suite, a way to spoil the office's tables that it must see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from pipelines.engine import table_folder, write_table
from pipelines.settings import Settings
from tests.quality.office import (
    CENTRE,
    HOSPITAL,
    REGISTRY,
    RUN_DATE,
    Tables,
    add,
    change,
    drop_column,
    finding,
    item,
    keep,
    nik,
    quarantine,
    retype,
)
from tests.quality.past import remember

Spoil = Callable[[Tables, Settings], None]
Gate = tuple[str, str, str]
"""Stage, name, and the table's name on disk."""

RAW_REGISTRY: Gate = ("raw", REGISTRY, f"raw/{REGISTRY}")
RAW_HOSPITAL: Gate = ("raw", HOSPITAL, f"raw/{HOSPITAL}")
RAW_CENTRE: Gate = ("raw", CENTRE, f"raw/{CENTRE}")
REGISTERED: Gate = ("records", REGISTRY, f"records/{REGISTRY}")
PATIENTS: Gate = ("records", HOSPITAL, f"records/{HOSPITAL}")
ANSWERS: Gate = ("records", CENTRE, f"verdicts/{CENTRE}")
FOUND: Gate = ("findings", "findings", "findings")
WORKLIST: Gate = ("items", "items", "items")


def _set(gate: Gate, index: int, **values: Any) -> Spoil:
    return lambda tables, settings: change(tables, gate[2], index, **values)


def _drop(gate: Gate, column: str) -> Spoil:
    return lambda tables, settings: drop_column(tables, gate[2], column)


def _retype(gate: Gate, column: str) -> Spoil:
    return lambda tables, settings: retype(tables, gate[2], column, pa.int32())


def _keep(gate: Gate, rows: int) -> Spoil:
    return lambda tables, settings: keep(tables, gate[2], rows)


def _add(gate: Gate, row: Mapping[str, Any]) -> Spoil:
    return lambda tables, settings: add(tables, gate[2], row)


def _larger_before(source: str) -> Spoil:
    def spoil(tables: Tables, settings: Settings) -> None:
        remember(settings, date(2026, 11, 22), {source: {"raw": 100, "records": 100}})

    return spoil


def _cleaner_before(measure: str) -> Spoil:
    """Half of the patients lack something that nobody lacked in the runs before."""

    def spoil(tables: Tables, settings: Settings) -> None:
        for day in (21, 22):
            remember(settings, date(2026, 11, day), {HOSPITAL: {"raw": 5000, "records": 5000, measure: 0}})
        spoiled = {"nik": None, "nik_class": "missing", "birth_date": None}
        if measure == "nik_malformed":
            spoiled["nik_class"] = "malformed"
        patient = tables[PATIENTS[2]].to_pylist()[3]
        more = [patient | {"source_record_id": str(n)} | (spoiled if n % 2 else {}) for n in range(1000)]
        add(tables, PATIENTS[2], *more)
        raw = tables[RAW_HOSPITAL[2]].to_pylist()[0]
        add(tables, RAW_HOSPITAL[2], *[raw] * 1000)

    return spoil


def _another_number_before(number: str | None) -> Spoil:
    """A thousand patients whose number was another one in the run before, when numbers never changed.

    ``number`` is the one that all of them have now, without it each has its own.
    """

    def spoil(tables: Tables, settings: Settings) -> None:
        for day in (21, 22):
            told = {"raw": 5000, "records": 5000, "numbers_changed": 0}
            remember(settings, date(2026, 11, day), {HOSPITAL: told})
        patient = tables[PATIENTS[2]].to_pylist()[3]
        now = [(str(n), number or nik(1000 + n)) for n in range(1000)]
        more = [patient | {"source_record_id": key, "nik": one, "nik_recorded": one} for key, one in now]
        add(tables, PATIENTS[2], *more)
        add(tables, RAW_HOSPITAL[2], *[tables[RAW_HOSPITAL[2]].to_pylist()[0]] * 1000)
        before = [{**row, "nik_recorded": "-"} for row in more]
        folder = table_folder(settings.data, PATIENTS[2], date(2026, 11, 22))
        write_table(pa.Table.from_pylist(before, schema=tables[PATIENTS[2]].schema), folder)

    return spoil


def _twice_in_the_registry(tables: Tables, settings: Settings) -> None:
    add(tables, f"quarantine/standardise/{REGISTRY}", quarantine(REGISTRY, "standardise", "superseded"))
    add(tables, RAW_REGISTRY[2], tables[RAW_REGISTRY[2]].to_pylist()[0])


def _no_name_at_all(gate: Gate, column: str) -> Spoil:
    def spoil(tables: Tables, settings: Settings) -> None:
        retype(tables, gate[2], column, pa.string())

    return spoil


PROPOSED, MISMATCH, PAIR = 0, 1, 2
"""Which of the office's findings and items is which."""

TOMORROW = RUN_DATE + timedelta(days=1)

SPOILED: dict[Gate, dict[str, Spoil]] = {
    RAW_REGISTRY: {
        "columns_there": _drop(RAW_REGISTRY, "mother_name"),
        "columns_typed": _retype(RAW_REGISTRY, "nik"),
        "rows_there": _keep(RAW_REGISTRY, 0),
        "required_fields_filled": _no_name_at_all(RAW_REGISTRY, "name"),
        "registry_not_shrunk": _larger_before(REGISTRY),
    },
    RAW_HOSPITAL: {
        "columns_there": _drop(RAW_HOSPITAL, "nik"),
        "columns_typed": _retype(RAW_HOSPITAL, "birth_date"),
        "rows_there": _keep(RAW_HOSPITAL, 0),
        "required_fields_filled": _no_name_at_all(RAW_HOSPITAL, "nik"),
        "source_not_shrunk": _larger_before(HOSPITAL),
    },
    RAW_CENTRE: {
        "columns_there": _drop(RAW_CENTRE, "checked_at"),
        "columns_typed": _retype(RAW_CENTRE, "nik"),
        "rows_there": _keep(RAW_CENTRE, 0),
        "required_fields_filled": _no_name_at_all(RAW_CENTRE, "result"),
        "source_not_shrunk": _larger_before(CENTRE),
    },
    REGISTERED: {
        "registry_nik_valid": _set(REGISTERED, 2, nik_class="malformed", nik=None),
        "registry_nik_once": _twice_in_the_registry,
    },
    PATIENTS: {
        "columns_there": _drop(PATIENTS, "kk"),
        "columns_typed": _retype(PATIENTS, "name_cut"),
        "rows_accounted": _keep(PATIENTS, 3),
        "source_filled": _set(PATIENTS, 0, source=None),
        "source_named": _set(PATIENTS, 0, source=REGISTRY),
        "key_filled": _set(PATIENTS, 0, source_record_id=None),
        "key_unique": _set(PATIENTS, 0, source_record_id="000104"),
        "nik_class_filled": _set(PATIENTS, 3, nik_class=None),
        "nik_class_known": _set(PATIENTS, 0, nik_class="perhaps"),
        "valid_nik_present": _set(PATIENTS, 0, nik_class="valid"),
        "other_nik_absent": _set(PATIENTS, 0, nik=nik(1)),
        "nik_sixteen_digits": _set(PATIENTS, 3, nik="530104010190001"),
        "sex_known": _set(PATIENTS, 3, sex="LAKI-LAKI"),
        "birth_date_possible": _set(PATIENTS, 3, birth_date=TOMORROW),
        "status_filled": _set(PATIENTS, 3, status=None),
        "status_known": _set(PATIENTS, 3, status="MENINGGAL"),
        "missing_usual": _cleaner_before("nik_missing"),
        "malformed_usual": _cleaner_before("nik_malformed"),
        "birth_date_missing_usual": _cleaner_before("birth_date_missing"),
        "changed_usual": _another_number_before(None),
        "numbers_not_herded": _another_number_before(nik(7)),
    },
    ANSWERS: {
        "columns_there": _drop(ANSWERS, "checked_at"),
        "columns_typed": _retype(ANSWERS, "checked_at"),
        "rows_accounted": _keep(ANSWERS, 1),
        "source_filled": _set(ANSWERS, 0, source=None),
        "source_named": _set(ANSWERS, 0, source=HOSPITAL),
        "nik_filled": _set(ANSWERS, 0, nik=None),
        "nik_unique": _set(ANSWERS, 0, nik=nik(1)),
        "nik_sixteen_digits": _set(ANSWERS, 0, nik="5301-0401-0190-0001"),
        "result_filled": _set(ANSWERS, 0, result=None),
        "result_known": _set(ANSWERS, 0, result="DITEMUKAN"),
    },
    FOUND: {
        "columns_there": _drop(FOUND, "sector"),
        "columns_typed": _retype(FOUND, "district"),
        "source_filled": _set(FOUND, PROPOSED, source=None),
        "source_known": _set(FOUND, PROPOSED, source="puskesmas"),
        "record_filled": _set(FOUND, PROPOSED, source_record_id=None),
        "cause_filled": _set(FOUND, PROPOSED, cause=None),
        "cause_known": _set(FOUND, PROPOSED, cause="NIK_ODD"),
        "owner_filled": _set(FOUND, PROPOSED, owner=None),
        "owner_known": _set(FOUND, PROPOSED, owner="puskesmas"),
        "evidence_filled": _set(FOUND, PROPOSED, evidence=None),
        "confidence_in_range": _set(FOUND, PROPOSED, confidence=1.01),
        "proposal_has_confidence": _set(FOUND, PROPOSED, confidence=None),
        "no_proposal_no_confidence": _set(FOUND, MISMATCH, confidence=0.5),
        "proposal_sixteen_digits": _set(FOUND, PROPOSED, proposed_nik="53010401019"),
        "mismatch_names_elements": _set(FOUND, MISMATCH, elements=None),
        "only_mismatch_names_elements": _set(FOUND, PROPOSED, elements="sex"),
        "elements_known": _set(FOUND, MISMATCH, elements="name,sex"),
        "pair_names_other": _set(FOUND, PAIR, related=None),
        "only_pair_names_other": _set(FOUND, PROPOSED, related="000102"),
        "finding_unique": _add(FOUND, finding("000103", "DUPLICATE_RECORD", related="000104")),
        "one_cause_for_number": _add(FOUND, finding("000101", "NIK_WRONG")),
        "records_known": _set(FOUND, PROPOSED, source_record_id="999999"),
    },
    WORKLIST: {
        "columns_there": _drop(WORKLIST, "note"),
        "columns_typed": _retype(WORKLIST, "note"),
        "id_filled": _set(WORKLIST, 0, item_id=None),
        "id_unique": _set(WORKLIST, 0, item_id="i0001"),
        "status_filled": _set(WORKLIST, 0, status=None),
        "status_known": _set(WORKLIST, 0, status="done"),
        "source_filled": _add(WORKLIST, item(9, finding("9", "NIK_WRONG"), source=None)),
        "record_filled": _add(WORKLIST, item(9, finding("9", "NIK_WRONG"), source_record_id=None)),
        "cause_filled": _add(WORKLIST, item(9, finding("9", "NIK_WRONG"), cause=None)),
        "cause_known": _add(WORKLIST, item(9, finding("9", "NIK_ODD"))),
        "owner_filled": _set(WORKLIST, 0, owner=None),
        "owner_known": _set(WORKLIST, 0, owner="puskesmas"),
        "priority_filled": _set(WORKLIST, 0, priority=None),
        "priority_in_range": _set(WORKLIST, 0, priority=6),
        "evidence_filled": _set(WORKLIST, 0, evidence=None),
        "confidence_in_range": _set(WORKLIST, PROPOSED, confidence=-0.01),
        "proposal_has_confidence": _set(WORKLIST, PROPOSED, confidence=None),
        "no_proposal_no_confidence": _set(WORKLIST, MISMATCH, confidence=0.5),
        "proposal_sixteen_digits": _set(WORKLIST, PROPOSED, proposed_nik="-"),
        "seen_in_order": _set(WORKLIST, 0, first_seen=TOMORROW),
        "not_from_the_future": _set(WORKLIST, 0, last_seen=TOMORROW),
        "age_not_negative": _set(WORKLIST, 0, age_days=-1),
        "findings_on_worklist": _keep(WORKLIST, 3),
    },
}
"""By gate, then by expectation."""
