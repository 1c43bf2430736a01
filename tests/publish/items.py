"""Items written by hand, for every test of this room: one line says what is special about each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.engine import Artifact, connect, write_table
from pipelines.records import ITEMS

RUN_DATE = date(2026, 11, 24)

USUAL: dict[str, Any] = {
    "status": "open",
    "owner": "rsud-naibonat",
    "priority": 2,
    "source": "rsud-naibonat",
    "cause": "NIK_MISTYPED",
    "recorded_nik": "5301040101900002",
    "proposed_nik": "5301040101900001",
    "confidence": 0.98765432,
    "elements": None,
    "related": None,
    "evidence": "Satu angka berbeda dari NIK orang yang sama.",
    "first_seen": date(2026, 11, 20),
    "last_seen": RUN_DATE,
    "age_days": 4,
    "priority_reason": "Pasien rumah sakit.",
    "note": None,
    "person_name": "MARIA GORETI NITBANI",
    "birth_date": date(1990, 1, 1),
    "district": "53.01.04",
    "district_name": "SASITAMEAN",
}


def item(number: int, **special: Any) -> dict[str, Any]:
    """An ordinary item of the hospital, but for what is ``special`` about it."""
    return {**USUAL, "item_id": f"item-{number:04d}", "source_record_id": f"{number:06d}", **special}


def everyday() -> list[dict[str, Any]]:
    """A small day: items of three owners in every status, most urgent first."""
    registry = {"owner": "dukcapil", "source": "dukcapil", "person_name": "PETRUS KANISIUS TAEK"}
    school = {"owner": "dapodik-kupang", "source": "dapodik-kupang", "person_name": "YUNI BANI"}
    return [
        item(1, priority=1, status="new", first_seen=RUN_DATE, age_days=0),
        item(2, priority=1, **registry, cause="NIK_NOT_ONLINE", proposed_nik=None, confidence=None),
        item(3, owner="dukcapil", cause="NOT_REGISTERED", proposed_nik=None, confidence=None),
        item(4, cause="NIK_MISSING", recorded_nik="-"),
        item(5, **school, cause="ELEMENT_MISMATCH", elements="name;mother_name", status="returned",
             note="Perbaikan belum terlihat pada data."),
        item(6, priority=3, **registry, cause="DOUBLE_NIK", related="5301040101900001", district_name=None),
        item(7, priority=3, **school, cause="DUPLICATE_RECORD", related="000008", proposed_nik=None,
             confidence=None),
        item(8, priority=4, **registry, cause="NIK_INACTIVE", status="resolved"),
        item(9, priority=4, status="rejected", recorded_nik=None, cause="NIK_MISSING"),
        item(10, priority=5, recorded_nik="5,30104E+15", cause="NIK_MALFORMED",
             person_name='=HYPERLINK("http://jahat.example","klik")', birth_date=date(1899, 5, 17)),
    ]  # fmt: skip


def items_table(rows: Iterable[dict[str, Any]], folder: Path) -> Artifact:
    """The rows as the worklist stage hands them over."""
    return write_table(pa.Table.from_pylist(list(rows), schema=ITEMS), folder / "items")


def database(folder: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB as the stage opens it, small."""
    return connect(folder / "duck", "200MB", 1)
