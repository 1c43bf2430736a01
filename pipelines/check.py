"""``padan check``: each source as a run would find it, and its first records as a run would understand them.

Extract's look and standardise's reading of the first thousand rows, in a temporary folder that is removed;
the run's tables and the store stay as they are. Every value is masked.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from pipelines.engine import PART, write_table
from pipelines.extract import Probe, probe
from pipelines.records import NikClass, mask_nik, mask_text
from pipelines.settings import Settings, Source
from pipelines.standardise import standardise

SHOWN: Final = 5
"""Records that are shown of each source."""

SUSPECT: Final = 0.3
"""Share of a field's values that cannot be read, from which on the layout is doubted rather than the clerks."""

FEW: Final = 3
"""Values below which nothing is concluded."""

SHOWN_FIELDS: Final = (
    *("nik", "kk", "name", "sex", "birth_date", "birth_place", "mother_name", "district_name", "status"),
    *("checked_at", "result"),
)
"""Of a record, in this order, where the table has them."""

PLAINLY: Final = ("sex", "status", "result", "district_name")
"""Words of a few that tell nobody from anybody."""

MEANT: Final = {
    "date_unreadable": "no dates in a form that is known",
    "date_impossible": "no days of the calendar in the layout's date_order",
    "date_in_future": "days to come: another date_order?",
    "date_too_old": "days before 1900: another date_order?",
    "sex_unknown": "words for a sex that the layout does not know",
    "status_unknown": "words for a status that the layout does not know",
    "number_malformed": "not sixteen digits: another column?",
    "key_twice": "a key that another row has too: another column?",
    "superseded": "a number that another row has too: another column?",
    "no_key": "no key: another column?",
    "result_unknown": "results that the layout does not know",
    "nik_malformed": "cannot be a NIK: another column?",
}
"""What a fault, when most values have it, says of the layout."""


@dataclass(frozen=True)
class Checked:
    """One source: ``problem`` is why a run would do without it, ``doubts`` are what its layout may have wrong."""

    source: str
    looked: Probe
    doubts: tuple[str, ...] = ()
    records: tuple[Mapping[str, str], ...] = ()

    @property
    def problem(self) -> str | None:
        """The line with which a run would put the source aside, or None."""
        return self.looked.problem

    @property
    def headline(self) -> str:
        """Whether it can be read, and what lies there."""
        size = self.looked.size
        about = "" if size.exact else "about "
        more = " or more" if size.more else ""
        what = self.looked.inputs[0] if len(self.looked.inputs) == 1 else f"{len(self.looked.inputs)} files"
        return self.problem or f"can be read: {what}, {about}{size.rows:,} rows{more}"

    def lines(self) -> list[str]:
        """What is to be said of it beyond the headline."""
        columns = (f"{field} = {' or '.join(names)}" for field, names in self.looked.columns.items())
        told = [f"columns: {', '.join(columns)}"] if self.looked.columns else []
        if self.looked.absent:
            told.append(f"no column for: {', '.join(self.looked.absent)}")
        told += [f"look at this: {doubt}" for doubt in self.doubts]
        return told + [" | ".join(f"{k} {v}" for k, v in record.items()) for record in self.records]


def check(source: Source, settings: Settings) -> Checked:
    """Look at one source. Raises nothing that concerns the source alone."""
    looked = probe(source, settings)
    if looked.sample is None or not looked.sample.num_rows:
        empty = () if looked.problem else ("there is no row of data",)
        return Checked(source.name, looked, empty)
    with tempfile.TemporaryDirectory(prefix="padan-check-") as folder:
        apart = settings.model_copy(update={"data": Path(folder)})
        raw = write_table(looked.sample, apart.folder(f"raw/{source.name}"))
        records = pq.read_table(standardise(raw, source, apart).file).to_pylist()
        aside = apart.folder(f"quarantine/standardise/{source.name}") / PART
        faults = pq.read_table(aside, columns=["column", "reason"]).to_pylist()
    doubts = [*_empty(looked), *_unreadable(looked, faults), *_contradicted(looked, records)]
    first = sorted(records, key=lambda record: (record.get("file") or "", record.get("row") or 0))[:SHOWN]
    return Checked(source.name, looked, tuple(doubts), tuple(_masked(record, looked) for record in first))


def _named(looked: Probe, field: str) -> str:
    """A field as a message names it: with the columns that fill it."""
    columns = looked.columns.get(field, ())
    return f"{field} ({' or '.join(columns)})" if columns else field


def _filled(looked: Probe, field: str) -> int:
    """How many of the rows looked at have something there."""
    column = looked.sample.column(field) if looked.sample is not None else None
    return len(column) - column.null_count if column is not None else 0


def _empty(looked: Probe) -> list[str]:
    rows = looked.sample.num_rows if looked.sample is not None else 0
    return [
        f"{_named(looked, field)}: empty in all {rows:,} rows looked at"
        for field in looked.columns
        if not _filled(looked, field)
    ]


def _unreadable(looked: Probe, faults: list[dict[str, Any]]) -> list[str]:
    """Fields of which so many values cannot be read that it is not their clerks' doing."""
    counts = Counter((fault["column"], fault["reason"]) for fault in faults if fault["column"])
    told = []
    for (field, reason), count in sorted(counts.items()):
        filled = max(_filled(looked, field), count)
        if count >= FEW and count >= SUSPECT * filled:
            told.append(
                f"{_named(looked, field)}: {count:,} of {filled:,} values: {MEANT.get(reason, reason)}"
            )
    return told


def _contradicted(looked: Probe, records: list[dict[str, Any]]) -> list[str]:
    """What the numbers themselves say against the reading of number, birth date and sex."""
    if not records or "nik_class" not in records[0]:
        return []
    told = []
    said = [r for r in records if r["nik_class"] != NikClass.MISSING]
    bad = sum(r["nik_class"] == NikClass.MALFORMED for r in said)
    if bad >= FEW and bad >= SUSPECT * len(said):
        told.append(
            f"{_named(looked, 'nik')}: {bad:,} of {len(said):,} values cannot be a NIK: another column?"
        )
    for field, question in (
        ("birth_date", "date_order, or another column?"),
        ("sex", "codes the other way round?"),
    ):
        both = [r for r in said if r[field] and r[f"nik_{field}"]]
        other = sum(r[field] != r[f"nik_{field}"] for r in both)
        if other >= FEW and other >= SUSPECT * len(both):
            told.append(
                f"{_named(looked, field)}: the number says another in {other:,} of {len(both):,} rows: {question}"
            )
    return told


def _masked(record: Mapping[str, Any], looked: Probe) -> dict[str, str]:
    """One record as it may be shown; a field that has a column and says nothing is shown as ``-``."""
    shown = {"row": str(record["row"])} if "row" in record else {}
    for field in SHOWN_FIELDS:
        if field in looked.columns or (field == "district_name" and record.get(field)):
            shown[field] = _mask(field, record)
    return shown


def _mask(field: str, record: Mapping[str, Any]) -> str:
    value = record[field]
    if field == "nik" and record.get("nik_class") == NikClass.MALFORMED:
        return f"{mask_nik(record['nik_text'])} (malformed)"
    if value is None:
        return "-"
    if field in ("nik", "kk"):
        return mask_nik(value)
    if isinstance(value, date):  # a verdict's moment is nobody's secret, a birth date is
        return f"{value:%Y}-**-**" if field == "birth_date" else f"{value:%Y-%m-%d}"
    if field in PLAINLY:
        return str(value)
    return " ".join(map(mask_text, str(value).split()))
