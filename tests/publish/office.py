"""A small office on the evening of a run: everything that the publish stage finds, written by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.engine import Artifact, write_table
from pipelines.publish import publish
from pipelines.records import ITEMS, MATCHES, QUARANTINE, RECORDS
from pipelines.settings import Settings, load_settings
from tests.publish.items import RUN_DATE, everyday

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
"""

COUNTS: Mapping[str, Mapping[str, int]] = {
    "dukcapil": {
        "rows_read": 5, "raw": 5, "records": 4, "quarantined.extract": 0, "quarantined.standardise": 1,
        "records_with_number_finding": 0, "records_without_number_finding": 4, "records_without_finding": 2,
        "records.DOUBLE_NIK": 1, "findings": 2, "findings_with_item": 2, "items.open": 2, "items.resolved": 1,
        "items_with_finding": 2,
    },
    "rsud-naibonat": {
        "rows_read": 1500, "raw": 1499, "records": 1497, "quarantined.extract": 1,
        "quarantined.standardise": 2, "records_with_number_finding": 5, "records_without_number_finding": 1492,
        "records_without_finding": 1492, "findings": 5, "findings_with_item": 4, "findings_rejected_before": 1,
        "records.NIK_MISTYPED": 3, "findings_with_item.NIK_MISTYPED": 3, "records.NIK_WRONG": 2,
        "findings_with_item.NIK_WRONG": 1, "findings_rejected_before.NIK_WRONG": 1,
        "items.new": 1, "items.open": 3, "items.rejected": 1, "items_with_finding": 4,
    },
    "dapodik-kupang": {
        "rows_read": 4, "raw": 4, "records": 4, "quarantined.extract": 0, "quarantined.standardise": 0,
        "records_with_number_finding": 0, "records_without_number_finding": 4, "records_without_finding": 2,
        "records.DUPLICATE_RECORD": 1, "findings": 2, "findings_with_item": 2, "items.open": 1,
        "items.returned": 1, "items_with_finding": 2,
    },
    "bpjs": {"rows_read": 3, "raw": 3, "records": 3, "quarantined.extract": 0, "quarantined.standardise": 0},
}  # fmt: skip
"""The account of the day, as the quality stage counts it; it adds up."""

GATES: Sequence[Mapping[str, Any]] = (
    {"gate": "raw", "table_name": "raw/dukcapil", "expectation": "registry_not_shrunk", "severity": "critical",
     "success": True, "observed": 5.0, "unexpected": None, "detail": "Registri tidak menyusut."},
    {"gate": "records", "table_name": "records/rsud-naibonat", "expectation": "missing_usual",
     "severity": "warning", "success": False, "observed": 0.0421, "unexpected": None,
     "detail": "Bagian tanpa nomor, misalnya 5301040101900001, seperti biasanya."},
)  # fmt: skip
"""Two expectations: one met, one (a warning) not, with a number that its text should not have."""

PERSON: Mapping[str, Any] = {
    "source_record_id": "000001",
    "nik_text": "5301040101900001",
    "nik": "5301040101900001",
    "nik_class": "valid",
    "name": "MARIA GORETI NITBANI",
    "sex": "P",
    "birth_place": "KUPANG",
    "mother_name": "ROSALIA SERAN",
    "birth_date": RUN_DATE,
    "district": "53.01.04",
    "district_name": "SASITAMEAN",
    "status": "active",
}


@dataclass
class Office:
    """A configured office and what its run has left on disk so far."""

    settings: Settings

    def publish(
        self,
        items: Sequence[Mapping[str, Any]] | None = None,
        counts: Mapping[str, Mapping[str, int]] = COUNTS,
        gates: Sequence[Mapping[str, Any]] = GATES,
        **changes: Any,
    ) -> Artifact:
        """Run the stage on these items (the everyday ones by default); ``changes`` are of the settings."""
        rows = everyday() if items is None else list(items)
        return publish(
            write_table(pa.Table.from_pylist(rows, schema=ITEMS), self.settings.folder("items")),
            self.account(counts),
            write_table(pa.Table.from_pylist(list(gates), schema=_GATES), self.settings.folder("gates")),
            self.settings.model_copy(update=changes),
        )

    def account(self, counts: Mapping[str, Mapping[str, int]]) -> Artifact:
        """The counts as the quality stage hands them over."""
        rows = [
            {"source": source, "measure": measure, "count": count}
            for source, some in sorted(counts.items())
            for measure, count in sorted(some.items())
        ]
        return write_table(pa.Table.from_pylist(rows, schema=_COUNTS), self.settings.folder("account"))

    @property
    def folder(self) -> Path:
        """Where the date's publication lies."""
        return self.settings.outbox / RUN_DATE.isoformat()

    def figures(self) -> dict[str, Any]:
        """The published ``report.json``."""
        figures: dict[str, Any] = json.loads((self.folder / "report.json").read_text("utf-8"))
        return figures


_COUNTS = pa.schema([("source", pa.string()), ("measure", pa.string()), ("count", pa.int64())])
_GATES = pa.schema(
    [
        ("gate", pa.string()),
        ("table_name", pa.string()),
        ("expectation", pa.string()),
        ("severity", pa.string()),
        ("success", pa.bool_()),
        ("observed", pa.float64()),
        ("unexpected", pa.int64()),
        ("detail", pa.string()),
    ]
)


def build_office(base: Path, language: str = "id") -> Office:
    """Write the configuration and every table that the stage reads beside its arguments."""
    base.mkdir(parents=True, exist_ok=True)
    config = base / "padan.toml"
    config.write_text(CONFIG.format(language=language), encoding="utf-8")
    settings = load_settings(config, RUN_DATE)
    for number, source in enumerate(settings.everyone):
        _inputs(settings, source.name, number)
        lost = []
        if source.name == "rsud-naibonat":
            lost = [("row", None, "too_few_columns"), ("value", "tgl_lahir", "date_impossible")]
        _quarantine(settings, source.name, "extract", [entry for entry in lost if entry[0] == "row"])
        _quarantine(settings, source.name, "standardise", [entry for entry in lost if entry[0] == "value"])
    malformed = {**PERSON, "source_record_id": "m", "nik": None, "mother_name": None}
    missing = {**PERSON, "source_record_id": "n", "nik": None, "nik_text": None}
    _records(settings, "dukcapil", 4)
    _records(settings, "rsud-naibonat", 1200, [malformed] * 198 + [missing] * 99)
    _records(settings, "dapodik-kupang", 3, [malformed])
    office = Office(settings)
    link(office)
    return office


MODEL: Mapping[str, Any] = {
    "sources": {
        "rsud-naibonat": {
            "comparisons": {
                "birth_date": {
                    "levels": [
                        {"level": "missing", "said": {}, "weight": 0.0, "m": 1.0, "u": 1.0},
                        {"level": "the same day", "said": {"id": ["tanggal lahir", "hari yang sama"],
                         "en": ["birth date", "the same day"]}, "weight": 12.5, "m": 0.9, "u": 0.000156},
                        {"level": "another date", "said": {"id": ["tanggal lahir", "tanggal lain"],
                         "en": ["birth date", "another date"]}, "weight": -5.25, "m": 0.02, "u": 0.76},
                    ]
                }
            },
            "two_people_under_one_number": 0.03,
            "blocking_found": 0.9975,
            "reliability": [[0.62, 0.6, 40.0], [0.991, 0.995, 2960.0]],
        }
    },
    "blocking": {
        "rules": [
            {"said": {"id": "nomor KK", "en": "family card"}, "pairs": 4120, "split": 3, "left_out": 1},
        ],
        "crowded": 57,
        "crowded_without_candidate": 2,
    },
}  # fmt: skip
"""What the linkage left beside its table, cut down to one comparison."""

ANSWERS = (("000001", 21.5, 0.999, 0.001), ("000002", 22.0, 0.98, 0.01), ("000003", -9.0, 0.02, 0.97))
"""Three records whose person was looked for: match weight, probability, and that of nobody's being it."""


def link(office: Office) -> None:
    """Leave the linkage's table and model: three records had candidates, those of key ``n`` none; ``m`` are held."""
    settings = office.settings
    sought = [
        {**_MATCH, "source_record_id": record, "weight": weight, "probability": p, "nothing": nothing}
        for record, weight, p, nothing in ANSWERS
    ]
    held = [{**_MATCH, "relation": "holder", "source_record_id": record} for record in ("m",)]
    table = pa.Table.from_pylist([*sought, *held], schema=MATCHES)
    write_table(table, settings.folder("matches"))
    (settings.folder("matches") / "model.json").write_text(json.dumps(MODEL), encoding="utf-8")


_MATCH = {
    "relation": "candidate",
    "source": "rsud-naibonat",
    "other_source": "dukcapil",
    "other_id": "x",
    "rank": 1,
}


def _inputs(settings: Settings, source: str, number: int) -> None:
    entry = {"name": f"{source}.csv", "sha256": f"{number:064x}", "bytes": 100 + number, "rows": 3,
             "columns": ["no_rkm_medis", "no_ktp"]}  # fmt: skip
    folder = settings.folder(f"raw/{source}")
    folder.mkdir(parents=True)
    (folder / "inputs.json").write_text(json.dumps([entry]), encoding="utf-8")


def _records(settings: Settings, source: str, whole: int, others: Sequence[Mapping[str, Any]] = ()) -> None:
    people = [{**row, "source": source} for row in [PERSON] * whole + [*others]]
    table = pa.Table.from_pylist(people, schema=RECORDS)
    write_table(table, settings.folder(f"records/{source}"))


def _quarantine(
    settings: Settings, source: str, stage: str, lost: Sequence[tuple[str, str | None, str]]
) -> None:
    rows = [
        {"source": source, "stage": stage, "scope": scope, "file": "pasien.csv", "row": 2, "column": column,
         "value": "M****", "reason": reason, "expected": "23 columns, seen 22"}
        for scope, column, reason in lost
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=QUARANTINE)
    write_table(table, settings.folder(f"quarantine/{stage}/{source}"))
