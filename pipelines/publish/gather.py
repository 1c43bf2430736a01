"""From the run's tables to the report's figures."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from pipelines.engine import PART, Artifact, sql_text
from pipelines.publish.figures import (
    SCHEMA_VERSION,
    AgeLine,
    CauseCount,
    DistrictLine,
    Equation,
    Figures,
    FlowLine,
    GateLine,
    Headline,
    Part,
    QuarantineLine,
    SourceAccount,
    SourceQuality,
)
from pipelines.publish.history import WAITING, GateHistory, answered, gate_history, history, summed_up
from pipelines.publish.machine import blocking, machine
from pipelines.publish.provenance import Input, Provenance
from pipelines.publish.trend import Kept, drift, kept, quality_history, unchanged_days
from pipelines.records import NUMBER_CAUSES, Cause, mask_nik
from pipelines.settings import Settings, Source

Account = Mapping[str, Counter[str]]
"""The measures of the run's account, by source."""

AGES: Final = (0, 7, 30, 90)
"""Where a band of age begins, in days."""

CODES: Final = ("sex", "status", "nik_class")
"""Fields of ``RECORDS`` that hold codes; one that vanishes or is new tells of another way of writing."""

COMPLETENESS: Final = {
    "nik": "nik_text",
    "name": "name",
    "birth_date": "birth_date",
    "sex": "sex",
    "birth_place": "birth_place",
    "mother_name": "mother_name",
}
"""What a record should have, and the column of ``RECORDS`` that shows it."""

_NIK: Final = re.compile(r"(?<!\d)\d{16}(?!\d)")


def gather(
    con: duckdb.DuckDBPyConnection, account: Account, gates: Artifact, origin: Provenance, settings: Settings
) -> Figures:
    """Build every figure of the report.

    ``con`` has the view ``item`` (schema ``ITEMS``); ``gates`` are the gates' results. Reads ``records`` and
    ``quarantine`` of the sources that were read, ``matches`` with its model, and the store for earlier runs.
    """
    causes, before = tuple(_causes(con)), kept(settings)
    read = [source for source in settings.everyone if source.name not in origin.unread]
    people = [source for source in read if source not in settings.verdicts]
    agencies = [source for source in people if source != settings.registry]
    totals = _sum(account.values())
    quality = tuple(
        _quality(con, source, account[source.name], before, origin, settings) for source in people
    )
    return Figures(
        schema_version=SCHEMA_VERSION,
        run_date=settings.run_date.isoformat(),
        language=settings.language,
        headline=_headline(totals, _sum(account[source.name] for source in agencies), causes),
        account=tuple(_account(account, settings)),
        flow=tuple(_flow({source.name: account[source.name] for source in read}, settings)),
        quality=quality,
        quality_history=tuple(quality_history(before, quality, settings.run_date)),
        drift=tuple(drift(before, quality, origin.unread)),
        causes=causes,
        districts=tuple(_districts(con, settings)),
        ageing=tuple(_ageing(con)),
        machine=machine(con, settings),
        gates=tuple(_gates(con, gates, gate_history(settings))),
        quarantine=tuple(_quarantine(con, read, settings)),
        history=(*history(settings), summed_up(settings.run_date, totals)),
        agreement=answered(settings),
        provenance=_nameless(origin),
        blocking=blocking(settings),
    )


def read_account(con: duckdb.DuckDBPyConnection, counts: Artifact) -> Account:
    """The account (columns source, measure, count) as one counter a source."""
    account: dict[str, Counter[str]] = {}
    for source, measure, count in con.execute(
        f"select source, measure, count from read_parquet({sql_text(counts.file)}) order by all"
    ).fetchall():
        account.setdefault(source, Counter())[measure] = count
    return account


def _sum(measures: Iterable[Counter[str]]) -> Counter[str]:
    return sum(measures, Counter())


def unread_sources(account: Account) -> tuple[str, ...]:
    """The sources that the run could not read."""
    return tuple(sorted(source for source, measures in account.items() if measures["unread"]))


def _headline(totals: Counter[str], agencies: Counter[str], causes: Sequence[CauseCount]) -> Headline:
    return Headline(
        received=totals["rows_read"],
        accounted=totals["records"] + totals["quarantined.extract"] + totals["quarantined.standardise"],
        wrong_numbers=agencies["records_with_number_finding"],
        checked_records=agencies["records"],
        waiting=sum(line.waiting for line in causes),
        with_proposal=sum(line.with_proposal for line in causes),
        most_urgent=sum(line.most_urgent for line in causes),
        oldest_days=max((line.oldest_days for line in causes), default=0),
    )


def _account(account: Account, settings: Settings) -> Iterator[SourceAccount]:
    """Every configured source in the configuration's order, then those that only have items left."""
    roles = {source.name: _role(source, settings) for source in settings.everyone}
    for name in (*roles, *sorted(account.keys() - roles.keys())):
        some = account.get(name, Counter())
        role = roles.get(name, "former")
        yield SourceAccount(name, role, bool(some["unread"]), tuple(_equations(some, role)))


def _role(source: Source, settings: Settings) -> str:
    if source == settings.registry:
        return "registry"
    return "verdicts" if source in settings.verdicts else "agency"


def _equations(some: Counter[str], role: str) -> Iterator[Equation]:
    """The equations of one source, in the order in which a record moves."""
    kept = "answers" if role == "verdicts" else "records"
    if role != "former" and not some["unread"]:
        yield _equation(
            some, ("rows_read", "rows_read"), ("raw", "raw"), ("quarantined.extract", "quarantined_extract")
        )
        yield _equation(
            some, ("raw", "raw"), ("records", kept), ("quarantined.standardise", "quarantined_standardise")
        )
    if role in ("registry", "agency") and not some["unread"]:
        numbers = ("records_with_number_finding", "records_without_number_finding")
        yield _equation(some, ("records", "records"), *((measure, measure) for measure in numbers))
        fates = ("findings_with_item", "findings_rejected_before")
        yield _equation(some, ("findings", "findings"), *((measure, measure) for measure in fates))
    if role != "verdicts":
        waiting = Counter({**some, "items_waiting": sum(some[measure] for measure in WAITING)})
        reasons = ("items_with_finding", "items_standing")
        yield _equation(
            waiting, ("items_waiting", "items_waiting"), *((measure, measure) for measure in reasons)
        )


def _equation(some: Counter[str], whole: tuple[str, str], *parts: tuple[str, str]) -> Equation:
    """A whole and its parts, each a measure and the code under which it is shown."""
    shown = tuple(Part(what, some[measure]) for measure, what in parts)
    return Equation(Part(whole[1], some[whole[0]]), shown, some[whole[0]] - sum(part.count for part in shown))


def _flow(account: Account, settings: Settings) -> Iterator[FlowLine]:
    """The way of the rows of every source that was read, from where they came to where they are now."""
    verdicts = {source.name for source in settings.verdicts}
    for name, some in account.items():
        kept_as = "answers" if name in verdicts else "records"
        for measure, node in (
            ("records", kept_as),
            ("quarantined.extract", "quarantined_extract"),
            ("quarantined.standardise", "quarantined_standardise"),
        ):
            yield FlowLine(f"source:{name}", node, some[measure])
    people = _sum(some for name, some in account.items() if name not in verdicts)
    sound = "records_without_number_finding"
    yield FlowLine("records", sound, people[sound])
    for cause in NUMBER_CAUSES:
        yield FlowLine("records", f"cause:{cause}", people[f"records.{cause}"])
    for cause in NUMBER_CAUSES:
        for measure, node in (
            ("findings_with_item", "on_worklist"),
            ("findings_rejected_before", "rejected_before"),
        ):
            yield FlowLine(f"cause:{cause}", node, people[f"{measure}.{cause}"])


def _quality(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    some: Counter[str],
    before: Sequence[Kept],
    origin: Provenance,
    settings: Settings,
) -> SourceQuality:
    """Completeness and validity from the records themselves, the rest from the account."""
    filled = ", ".join(f"count({column})" for column in COMPLETENESS.values())
    records = settings.folder(f"records/{source.name}") / PART
    ((rows, valid, *present),) = con.execute(
        f"select count(*), count(nik), {filled} from read_parquet({sql_text(records)})"
    ).fetchall()
    twice = some[f"records.{Cause.DUPLICATE_RECORD}"] + some[f"records.{Cause.DOUBLE_NIK}"]
    is_registry = source == settings.registry
    return SourceQuality(
        source=source.name,
        records=rows,
        completeness={f: _share(n, rows) for f, n in zip(COMPLETENESS, present, strict=True)},
        validity=_share(valid, present[0]),
        uniqueness=_share(rows - twice, rows),
        agreement=None if is_registry else _share(some["records_without_finding"], rows),
        unchanged_days=unchanged_days(source.name, before, origin, settings.run_date),
        columns=_columns(source, settings),
        codes={field: _codes(con, field, records) for field in CODES},
    )


def _columns(source: Source, settings: Settings) -> tuple[str, ...]:
    """The columns of all that the source sent, as extract noted them."""
    inputs = json.loads((settings.folder(f"raw/{source.name}") / "inputs.json").read_text(encoding="utf-8"))
    names = (name for entry in inputs for name in entry.get("columns") or ())
    return tuple(sorted({_masked(name) or "" for name in names}))


def _codes(con: duckdb.DuckDBPyConnection, field: str, records: Path) -> tuple[str, ...]:
    found = con.execute(
        f"select distinct {field} from read_parquet({sql_text(records)}) where {field} is not null order by 1"
    )
    return tuple(row[0] for row in found.fetchall())


def _share(part: int, whole: int) -> float | None:
    """Rounded to six decimals, so that a reader's own division of the two counts finds the same."""
    return round(part / whole, 6) if whole else None


def _causes(con: duckdb.DuckDBPyConnection) -> Iterator[CauseCount]:
    """The worklist by cause, source and owner; causes in their order of precedence."""
    live = "status in ('new', 'open', 'returned')"
    statuses = ", ".join(
        f"count(*) filter (status = '{status}')"
        for status in ("new", "open", "returned", "resolved", "rejected")
    )
    lines = con.execute(
        f"select cause, source, owner, {statuses}, count(*) filter ({live}),"
        f" count(*) filter ({live} and proposed_nik is not null), count(*) filter ({live} and priority = 1),"
        f" coalesce(max(age_days) filter ({live}), 0) from item group by all order by all"
    ).fetchall()
    order = {cause: index for index, cause in enumerate(Cause)}
    for line in sorted(lines, key=lambda line: (order.get(line[0], len(order)), line)):
        yield CauseCount(*line)


_LIVE: Final = "status in ('new', 'open', 'returned')"


def _districts(con: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[DistrictLine]:
    """What waits by kecamatan of the person, in the order of the codes; those of nobody's last."""
    registry = sql_text(settings.folder(f"records/{settings.registry.name}") / PART)
    lines = con.execute(
        f"""
        with lives as (
          select district, max(district_name) as name, count(*) as people
          from read_parquet({registry}) where district is not null group by district),
        waits as (
          select district, max(district_name) as name, count(*) as waiting,
            count(*) filter (priority = 1) as most_urgent, count(proposed_nik) as with_proposal
          from item where {_LIVE} group by district)
        select coalesce(l.district, w.district), coalesce(l.name, w.name), coalesce(people, 0),
          coalesce(waiting, 0), coalesce(most_urgent, 0), coalesce(with_proposal, 0)
        from lives l full join waits w on w.district = l.district order by 1 nulls last, 2"""
    ).fetchall()
    return (DistrictLine(*line) for line in lines)


def _ageing(con: duckdb.DuckDBPyConnection) -> Iterator[AgeLine]:
    """What waits by owner and by how long, owners in the order of their names."""
    band = f"(select max(age) from (values {', '.join(f'({age})' for age in AGES)}) t(age) where age <= age_days)"
    for owner, least, waiting in con.execute(
        f"select owner, {band} as least, count(*) from item where {_LIVE} group by all order by all"
    ).fetchall():
        after = next((age - 1 for age in AGES if age > least), None)
        yield AgeLine(owner, f"{least}+" if after is None else f"{least}-{after}", waiting)


def _gates(
    con: duckdb.DuckDBPyConnection, gates: Artifact, before: Mapping[tuple[str, str, str], GateHistory]
) -> Iterator[GateLine]:
    """Failures first, then in the order of the flow."""
    flow = "list_position(['raw', 'records', 'findings', 'items'], gate)"
    for line in con.execute(
        "select gate, table_name, expectation, severity, success, observed, unexpected, detail"
        f" from read_parquet({sql_text(gates.file)}) order by success, {flow}, table_name, expectation"
    ).fetchall():
        gate, name, expectation, severity, success, observed, unexpected, detail = line
        earlier = before.get((gate, name, expectation), GateHistory(0, 0, None, None))
        yield GateLine(
            gate, name, expectation, severity, success, observed, unexpected, _masked(detail), *earlier
        )


def _quarantine(
    con: duckdb.DuckDBPyConnection, read: Sequence[Source], settings: Settings
) -> Iterator[QuarantineLine]:
    """What could not be read, by reason: rows before single values, the most frequent first."""
    for source in read:
        for stage in ("extract", "standardise"):
            file = settings.folder(f"quarantine/{stage}/{source.name}") / PART
            for scope, column, reason, expected, rows in con.execute(
                f'select scope, "column", reason, min(expected), count(*) from read_parquet({sql_text(file)})'
                ' group by scope, "column", reason order by scope, count(*) desc, reason, "column"'
            ).fetchall():
                yield QuarantineLine(source.name, stage, scope, column, reason, _masked(expected), rows)


def _nameless(origin: Provenance) -> Provenance:
    """A file's name is the agency's choice: it may hold what a report must not."""
    inputs = {
        source: [Input(**{**entry, "name": _masked(entry["name"]) or ""}) for entry in entries]
        for source, entries in origin.inputs.items()
    }
    return replace(origin, inputs=inputs)


def _masked(text: str | None) -> str | None:
    """A text from another room, with any whole number in it masked: nothing in a report may be a person's."""
    return None if text is None else _NIK.sub(lambda match: mask_nik(match[0]), text)
