"""A small office whose days follow one another: findings written by hand, a store, and the run of each date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from pipelines.engine import Artifact, write_table
from pipelines.records import FINDINGS, ITEMS
from pipelines.settings import Settings, load_settings
from pipelines.store import read_session, verify_ledger
from pipelines.store.models import ItemEvent, ItemState, Run
from pipelines.worklist import close, item_id, record, worklist

REGISTRY, HOSPITAL, SCHOOL, CENTRE, OTHER_CENTRE = (
    "dukcapil",
    "rsud-naibonat",
    "dapodik-kupang",
    "bpjs",
    "satusehat",
)

CONFIG = """
[padan]
store = "{store}"
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
location = "bpjs.csv"
[[verdicts]]
name = "satusehat"
layout = "verdicts"
location = "satusehat.csv"
[resources]
threads = {threads}
{more}
"""

FIRST = date(2026, 11, 1)


def day(number: int) -> date:
    """The office's days count from 1."""
    return FIRST + timedelta(days=number - 1)


WRONG, RIGHT, OTHER = "5301040101900002", "5301040101900001", "5301040101900003"

USUAL: Mapping[str, Any] = {
    "source": HOSPITAL,
    "source_record_id": "000101",
    "cause": "NIK_MISTYPED",
    "owner": HOSPITAL,
    "recorded_nik": WRONG,
    "proposed_nik": RIGHT,
    "confidence": 0.99,
    "elements": None,
    "related": None,
    "evidence": "Satu angka berbeda.",
    "person_name": "MARIA NITBANI",
    "birth_date": date(1990, 1, 1),
    "district": "53.01.04",
    "district_name": "SEMAU",
    "sector": "health",
    "agencies_agree": False,
    "infant": False,
}


def finding(record: str = "000101", cause: str = "NIK_MISTYPED", **special: Any) -> dict[str, Any]:
    """A finding like any other but for what is said."""
    return {**USUAL, "source_record_id": record, "cause": cause, **special}


def pupil(record: str = "0061", cause: str = "NIK_MISTYPED", **special: Any) -> dict[str, Any]:
    """A finding of the school."""
    return finding(record, cause, **{"source": SCHOOL, "owner": SCHOOL, "sector": "education", **special})


def offline(nik: str = RIGHT, **special: Any) -> dict[str, Any]:
    """A number that the registry holds and the central service does not."""
    usual = {"source": REGISTRY, "owner": REGISTRY, "sector": None, "recorded_nik": nik, "proposed_nik": None}
    return finding(nik, "NIK_NOT_ONLINE", **{**usual, "confidence": None, **special})


def twice(retire: str = OTHER, keep: str = RIGHT, **special: Any) -> dict[str, Any]:
    """Two numbers of one person."""
    usual = {"source": REGISTRY, "owner": REGISTRY, "sector": None, "recorded_nik": retire}
    return finding(retire, "DOUBLE_NIK", **{**usual, "proposed_nik": keep, "related": keep, **special})


def duplicate(one: str = "000101", other: str = "000202", **special: Any) -> dict[str, Any]:
    """Two records of one patient."""
    return finding(
        one, "DUPLICATE_RECORD", **{"related": other, "proposed_nik": None, "confidence": None, **special}
    )


def id_of(found: Mapping[str, Any]) -> str:
    """The id that a finding's item has."""
    return item_id(found["source"], found["source_record_id"], found["cause"], found["related"])


Listed = dict[str, dict[str, Any]]


@dataclass
class Office:
    """The runs of an office on one store; ``folder`` holds its configuration and tables."""

    folder: Path
    store: str
    more: str = ""
    language: str = "id"
    threads: int = 1
    artifacts: dict[date, Artifact] = field(default_factory=dict)
    read: dict[str, Settings] = field(default_factory=dict, repr=False)

    def settings(self, when: date) -> Settings:
        """The configuration for a date."""
        self.folder.mkdir(exist_ok=True, parents=True)
        text = CONFIG.format(store=self.store, language=self.language, more=self.more, threads=self.threads)
        if text not in self.read:
            file = self.folder / "padan.toml"
            if not file.exists() or file.read_text() != text:  # another process may be reading it
                file.write_text(text)
            self.read = {text: load_settings(file, when, {})}
        return self.read[text].model_copy(update={"run_date": when})

    def find(self, when: date, findings: Iterable[Mapping[str, Any]], unread: Sequence[str] = ()) -> Artifact:
        """The stage alone: nothing is recorded."""
        settings = self.settings(when)
        table = pa.Table.from_pylist([dict(found) for found in findings], FINDINGS)
        return worklist(write_table(table, settings.folder("findings")), unread, settings)

    def record(self, when: date, items: Artifact) -> None:
        """The run into the store, not yet published."""
        record(items, *accounts(self.settings(when)), self.settings(when))

    def close(self, when: date) -> None:
        """The folder is in place."""
        close(Artifact(str(self.folder / "outbox"), 1, f"{when:%Y%m%d}".ljust(64, "0")), self.settings(when))

    def run(self, number: int, *findings: Mapping[str, Any], unread: Sequence[str] = ()) -> Listed:
        """The whole run of a day: what is on its worklist, by item."""
        when = day(number)
        self.artifacts[when] = items = self.find(when, findings, unread)
        self.record(when, items)
        self.close(when)
        return listed(items)

    def events(self, item: str | None = None) -> list[tuple[date | None, str, dict[str, Any]]]:
        """The ledger's events of one item (or of all that are of an item), in their order."""
        with read_session(self.store) as session:
            assert verify_ledger(session).sound
            chosen = ItemEvent.item_id == item if item else ItemEvent.item_id.is_not(None)
            rows = session.scalars(select(ItemEvent).where(chosen).order_by(ItemEvent.event_id))
            return [(row.run_date, row.kind, row.payload) for row in rows]

    def kinds(self, found: Mapping[str, Any]) -> list[tuple[int, str]]:
        """Day and kind of each event of a finding's item."""
        return [((when - FIRST).days + 1, kind) for when, kind, _ in self.events(id_of(found)) if when]

    def states(self, item: str) -> list[ItemState]:
        """An item's rows in the store, by date."""
        with read_session(self.store) as session:
            query = select(ItemState).where(ItemState.item_id == item).order_by(ItemState.run_date)
            return list(session.scalars(query))

    def runs(self) -> dict[date, Run]:
        """The runs that the store knows."""
        with read_session(self.store) as session:
            return {run.run_date: run for run in session.scalars(select(Run))}


def listed(items: Artifact) -> Listed:
    """A worklist's rows by item; checks its schema and order on the way."""
    table = pq.ParquetFile(items.file).read()
    assert [(column.name, column.type) for column in table.schema] == [(c.name, c.type) for c in ITEMS]
    rows = table.to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["priority"], row["item_id"]))
    assert len({row["item_id"] for row in rows}) == len(rows) == items.rows
    return {row["item_id"]: row for row in rows}


def accounts(settings: Settings) -> tuple[Artifact, Artifact]:
    """What the room of quality hands over: counts and gate results."""
    counts = pa.table({"source": [HOSPITAL], "measure": ["records"], "count": [4]})
    gates = pa.table(
        {
            "gate": ["raw"],
            "table_name": [f"raw/{HOSPITAL}"],
            "expectation": ["rows"],
            "severity": ["critical"],
            "success": [True],
            "observed": pa.array([4.0], pa.float64()),
            "unexpected": pa.array([None], pa.int64()),
            "detail": ["at least one row"],
        }
    )
    return write_table(counts, settings.folder("counts")), write_table(gates, settings.folder("gates"))


def noon(number: int) -> datetime:
    """When an officer's answer of that day comes in: after the night's run."""
    return datetime(day(number).year, day(number).month, day(number).day, 12)
