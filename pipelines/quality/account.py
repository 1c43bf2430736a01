"""Where every row went: counted from what lies on disk, and refused where it does not add up.

Each side of an equation is counted on its own from a table of its own, never as what the other side leaves.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine import PART, Artifact, connect, sql_text, write_table
from pipelines.errors import GateFailed
from pipelines.quality.metrics import changes, table
from pipelines.quality.pairing import pair_up
from pipelines.quality.schemas import ACCOUNT
from pipelines.records import NUMBER_CAUSES, Cause, ItemStatus
from pipelines.settings import Settings, Source

Counts = dict[str, int]

_LIVE: Final = (ItemStatus.NEW, ItemStatus.OPEN, ItemStatus.RETURNED)


def account(items: Artifact, unread: Sequence[str], settings: Settings) -> Artifact:
    """Count where every row of the run went and write table ``account`` (``ACCOUNT``).

    ``items`` is the worklist's table, ``unread`` the sources that this run could not read: what an earlier
    run of the date left of them is not looked at. Reads ``raw`` with its ``inputs.json``, ``quarantine``,
    ``records``, ``verdicts``, ``findings`` and, for what offices rejected before, the store.

    Raises ``GateFailed``, after writing, with the equation, the source and both sides where something does
    not add up, and ``FileNotFoundError`` where a table of a source that was read is not there.
    """
    read = [source for source in settings.everyone if source.name not in unread]
    counts: dict[str, Counts] = {name: {"unread": 1} for name in unread}
    with connect(settings.temporary, settings.resources.memory, settings.resources.threads) as con:
        for source in read:
            counts[source.name] = _received(con, source, settings)
            if source not in settings.verdicts:
                counts[source.name] |= _people(con, source, settings)
        pair_up(con, settings.folder("findings") / PART, items.file, settings)
        for name, some in _worklist(con).items():
            counts[name] = counts.get(name, {}) | some
        standing = _standing(con, {source.name for source in read}, settings)
    written = _write(counts, settings)
    for source in read:
        balance(source, counts[source.name], standing[source.name], settings)
    return written


def balance(source: Source, counts: Counts, standing: int, settings: Settings) -> None:
    """Raise ``GateFailed`` for the first equation of a source that does not hold.

    ``standing`` is how many of its items may stand without a finding, as what would show them was not read.
    """
    verdicts = source in settings.verdicts
    kept = "answers" if verdicts else "records"
    _equal(
        source.name,
        ("rows read", counts["rows_read"]),
        ("raw rows", counts["raw"]),
        ("quarantined at extract", counts["quarantined.extract"]),
    )
    _equal(
        source.name,
        ("raw rows", counts["raw"]),
        (kept, counts["records"]),
        ("quarantined at standardise", counts["quarantined.standardise"]),
    )
    if verdicts:
        return
    _equal(
        source.name,
        ("records", counts["records"]),
        ("with a finding about their number", counts["records_with_number_finding"]),
        ("without", counts["records_without_number_finding"]),
    )
    _equal(
        source.name,
        ("findings", counts["findings"]),
        ("on the worklist", counts.get("findings_with_item", 0)),
        ("rejected before", counts.get("findings_rejected_before", 0)),
    )
    _equal(
        source.name,
        ("open items", sum(counts.get(f"items.{status}", 0) for status in _LIVE)),
        ("with a finding today", counts.get("items_with_finding", 0)),
        ("standing, as what shows them was not read", standing),
    )


def _equal(source: str, whole: tuple[str, int], *parts: tuple[str, int]) -> None:
    if whole[1] != sum(count for _, count in parts):
        sides = " + ".join(f"{count} {words}" for words, count in parts)
        raise GateFailed(f"the account does not add up: {source}: {whole[1]} {whole[0]} is not {sides}")


def _received(con: duckdb.DuckDBPyConnection, source: Source, settings: Settings) -> Counts:
    """What came in and what was left of it, for any kind of source."""
    raw = settings.folder(f"raw/{source.name}")
    kept = "verdicts" if source in settings.verdicts else "records"
    inputs = json.loads((raw / "inputs.json").read_text(encoding="utf-8"))
    counts = {
        "rows_read": sum(file["rows"] for file in inputs),
        "raw": pq.read_metadata(raw / PART).num_rows,
        "records": pq.read_metadata(settings.folder(f"{kept}/{source.name}") / PART).num_rows,
    }
    for stage in ("extract", "standardise"):
        file = settings.folder(f"quarantine/{stage}/{source.name}") / PART
        counts[f"quarantined.{stage}"] = 0
        for scope, reason, count in con.execute(
            f"select scope, reason, count(*) from {table(file)} group by scope, reason"
        ).fetchall():
            if scope == "row":
                counts[f"quarantined.{stage}"] += count
            lost = "quarantined" if scope == "row" else "values_quarantined"
            counts[f"{lost}.{stage}.{reason}"] = count
    if source == settings.registry:
        counts["superseded"] = counts.get("quarantined.standardise.superseded", 0)
    return counts


def _people(con: duckdb.DuckDBPyConnection, source: Source, settings: Settings) -> Counts:
    """How good the records are, and what was found about them."""
    records = table(settings.folder(f"records/{source.name}") / PART)
    findings = f"(from {table(settings.folder('findings') / PART)} where source = {sql_text(source.name)})"
    numbers = f"(from {findings} where cause in ({', '.join(map(sql_text, NUMBER_CAUSES))}))"
    names = (
        "nik_missing",
        "nik_malformed",
        "birth_date_missing",
        "records_with_number_finding",
        "records_without_number_finding",
        "records_without_finding",
        "findings",
    )
    figures = con.execute(
        f"""
        select
            (select count(*) from {records} where nik_class = 'missing'),
            (select count(*) from {records} where nik_class = 'malformed'),
            (select count(*) from {records} where birth_date is null),
            (select count(distinct source_record_id) from {numbers}),
            (select count(*) from {records} anti join {numbers} using (source_record_id)),
            (select count(*) from {records} anti join {findings} using (source_record_id)),
            (select count(*) from {findings})
        """
    ).fetchall()[0]
    counts: Counts = dict(zip(names, figures, strict=True))
    compared = changes(con, source.name, settings.folder(f"records/{source.name}") / PART, settings)
    if compared:
        counts["numbers_changed"] = compared[0]
    by_cause = con.execute(
        f"select cause, count(*), count(distinct source_record_id) from {findings} group by cause"
    ).fetchall()
    for cause, found, records_found in by_cause:
        counts[f"findings.{cause}"] = found
        counts[f"records.{cause}"] = records_found
    return counts


def _worklist(con: duckdb.DuckDBPyConnection) -> Mapping[str, Counts]:
    """What stands on the worklist, by source, and what became of the findings; after ``pair_up``."""
    live = ", ".join(map(sql_text, _LIVE))
    rows = con.execute(
        f"""
        select source, 'items.' || status, count(*) from paired_items group by all
        union all
        select source, if(found, 'items_with_finding', 'items_standing'), count(*)
        from paired_items where status in ({live}) group by all
        union all
        select source, if(fate = 'item', 'findings_with_item', 'findings_rejected_before'), count(*)
        from paired_findings where fate <> 'lost' group by all
        union all
        select source, if(fate = 'item', 'findings_with_item.', 'findings_rejected_before.') || cause, count(*)
        from paired_findings where fate <> 'lost' group by all
        """
    ).fetchall()
    counts: dict[str, Counts] = {}
    for source, measure, count in rows:
        counts.setdefault(source, {})[measure] = count
    return counts


def _standing(con: duckdb.DuckDBPyConnection, read: set[str], settings: Settings) -> Counter[str]:
    """How many open items may stand without a finding, by source.

    All of a source that was not read; and where answers of the central service could not be read, or none
    are configured any more, nobody can say that a number is online again.
    """
    deaf = not settings.verdicts or any(source.name not in read for source in settings.verdicts)
    rows = con.execute(
        f"""
        select source, cause, count(*) from paired_items
        where not found and status in ({", ".join(map(sql_text, _LIVE))}) group by source, cause
        """
    ).fetchall()
    standing: Counter[str] = Counter()
    for source, cause, count in rows:
        if source not in read or (deaf and cause == Cause.NIK_NOT_ONLINE):
            standing[source] += count
    return standing


def _write(counts: Mapping[str, Counts], settings: Settings) -> Artifact:
    rows = [
        (name, measure, some[measure]) for name, some in sorted(counts.items()) for measure in sorted(some)
    ]
    columns = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(ACCOUNT)]
    return write_table(pa.Table.from_arrays(columns, schema=ACCOUNT), settings.folder("account"))
