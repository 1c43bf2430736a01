"""The account: every row is somewhere, and one that a stage loses stops the run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import GateFailed
from pipelines.quality import ACCOUNT, account
from pipelines.quality.account import balance
from pipelines.records import NUMBER_CAUSES, Cause
from pipelines.settings import Settings
from tests.quality.office import (
    CENTRE,
    HOSPITAL,
    REGISTRY,
    ROWS_READ,
    SCHOOL,
    Tables,
    add,
    change,
    finding,
    item,
    keep,
    lay,
    nik,
    office,
    quarantine,
    settings_in,
)
from tests.quality.past import rejected_before, remember, remember_item


@pytest.fixture
def remembered(settings: Settings) -> Settings:
    """The office with its one earlier answer."""
    rejected_before(settings)
    return settings


def counted(tables: Tables, settings: Settings, *unread: str) -> dict[str, dict[str, int]]:
    """The account by source and measure."""
    artifacts = lay(tables, settings)
    written = account(artifacts["items"], unread, settings)
    counts: dict[str, dict[str, int]] = {}
    for row in pq.read_table(written.file, schema=ACCOUNT).to_pylist():
        counts.setdefault(row["source"], {})[row["measure"]] = row["count"]
    return counts


def refused(tables: Tables, settings: Settings, *unread: str) -> str:
    """The equation that does not hold."""
    with pytest.raises(GateFailed) as failed:
        counted(tables, settings, *unread)
    return str(failed.value).removeprefix("the account does not add up: ")


def test_where_every_row_of_a_source_went(remembered: Settings) -> None:
    assert counted(office(), remembered)[HOSPITAL] == {
        "rows_read": 6,
        "quarantined.extract": 1,
        "quarantined.extract.too_many_columns": 1,
        "raw": 5,
        "quarantined.standardise": 1,
        "quarantined.standardise.key_twice": 1,
        "values_quarantined.standardise.date_unreadable": 1,
        "records": 4,
        "nik_missing": 1,
        "nik_malformed": 1,
        "birth_date_missing": 1,
        "records_with_number_finding": 2,
        "records_without_number_finding": 2,
        "records_without_finding": 0,
        "records.NIK_MISSING": 1,
        "records.ELEMENT_MISMATCH": 1,
        "records.DUPLICATE_RECORD": 1,
        "records.NIK_WRONG": 1,
        "findings": 4,
        "findings.NIK_MISSING": 1,
        "findings.ELEMENT_MISMATCH": 1,
        "findings.DUPLICATE_RECORD": 1,
        "findings.NIK_WRONG": 1,
        "findings_with_item": 3,
        "findings_with_item.NIK_MISSING": 1,
        "findings_with_item.ELEMENT_MISMATCH": 1,
        "findings_with_item.DUPLICATE_RECORD": 1,
        "findings_rejected_before": 1,
        "findings_rejected_before.NIK_WRONG": 1,
        "items.new": 3,
        "items_with_finding": 3,
    }


def test_verdicts_and_the_registry_have_an_account_too(remembered: Settings) -> None:
    tables = office()
    add(tables, f"raw/{CENTRE}", tables[f"raw/{CENTRE}"].to_pylist()[0])
    add(tables, f"quarantine/standardise/{CENTRE}", quarantine(CENTRE, "standardise", "superseded"))
    artifacts = lay(tables, remembered, {**ROWS_READ, CENTRE: 3})
    written = pq.read_table(account(artifacts["items"], (), remembered).file).to_pylist()
    mine = {row["measure"]: row["count"] for row in written if row["source"] == CENTRE}
    assert mine == {
        "rows_read": 3,
        "quarantined.extract": 0,
        "raw": 3,
        "quarantined.standardise": 1,
        "quarantined.standardise.superseded": 1,
        "records": 2,
    }
    registry = {row["measure"]: row["count"] for row in written if row["source"] == REGISTRY}
    assert registry["superseded"] == 0
    assert registry["records_without_finding"] == registry["records"] == 6


def test_numbers_of_the_registry_that_were_superseded(remembered: Settings) -> None:
    tables = office()
    change(tables, f"quarantine/standardise/{REGISTRY}", 0, reason="superseded")
    assert counted(tables, remembered)[REGISTRY]["superseded"] == 1


def test_a_record_with_two_findings_counts_once(remembered: Settings) -> None:
    tables = office()
    twice = [finding("000103", "DUPLICATE_RECORD", related=other) for other in ("000101", "000102")]
    add(tables, "findings", *twice)
    add(tables, "items", *(item(8 + number, one) for number, one in enumerate(twice)))
    mine = counted(tables, remembered)[HOSPITAL]
    assert (mine["findings.DUPLICATE_RECORD"], mine["records.DUPLICATE_RECORD"]) == (3, 1)


@pytest.mark.parametrize(
    ("lose", "line"),
    [
        (
            lambda t: keep(t, f"raw/{HOSPITAL}", 4),
            "rsud-naibonat: 6 rows read is not 4 raw rows + 1 quarantined at extract",
        ),
        (
            lambda t: keep(t, f"quarantine/extract/{HOSPITAL}", 0),
            "rsud-naibonat: 6 rows read is not 5 raw rows + 0 quarantined at extract",
        ),
        (
            lambda t: keep(t, f"records/{HOSPITAL}", 3),
            "rsud-naibonat: 5 raw rows is not 3 records + 1 quarantined at standardise",
        ),
        (
            lambda t: keep(t, f"quarantine/standardise/{REGISTRY}", 0),
            "dukcapil: 7 raw rows is not 6 records + 0 quarantined at standardise",
        ),
        (
            lambda t: keep(t, f"verdicts/{CENTRE}", 1),
            "bpjs: 2 raw rows is not 1 answers + 0 quarantined at standardise",
        ),
        (
            lambda t: change(t, "findings", 3, source_record_id="0099"),
            "dapodik-kupang: 2 records is not 1 with a finding about their number + 2 without",
        ),
        (
            lambda t: keep(t, "items", 3),
            "dapodik-kupang: 1 findings is not 0 on the worklist + 0 rejected before",
        ),
        (
            lambda t: add(t, "items", item(9, finding("0062", "NIK_MISSING", SCHOOL), status="open")),
            "dapodik-kupang: 2 open items is not 1 with a finding today + 0 standing, "
            "as what shows them was not read",
        ),
    ],
    ids=[
        "raw",
        "quarantine at extract",
        "records",
        "superseded",
        "verdicts",
        "another record",
        "item",
        "stale",
    ],
)
def test_what_a_stage_loses_stops_the_run(
    lose: Callable[[Tables], None], line: str, remembered: Settings
) -> None:
    tables = office()
    lose(tables)
    assert refused(tables, remembered) == line


def test_the_account_is_there_to_be_looked_at_even_so(remembered: Settings) -> None:
    tables = office()
    keep(tables, f"records/{HOSPITAL}", 3)
    refused(tables, remembered)
    assert (remembered.folder("account") / "part-0.parquet").is_file()


def test_a_finding_that_was_not_rejected_needs_an_item(settings: Settings) -> None:
    assert refused(office(), settings) == (
        "rsud-naibonat: 4 findings is not 3 on the worklist + 0 rejected before"
    )


def test_a_pair_is_the_same_whichever_record_is_named_first(remembered: Settings) -> None:
    tables = office()
    change(tables, "items", 2, source_record_id="000104", related="000103")
    assert counted(tables, remembered)[HOSPITAL]["findings_with_item"] == 3


def test_a_pair_that_was_rejected_stays_so_in_the_other_order(remembered: Settings) -> None:
    day = date(2026, 11, 21)
    remember(remembered, day, {})
    remember_item(remembered, day, finding("000104", "DUPLICATE_RECORD", related="000103"), "rejected")
    tables = office()
    tables["items"] = tables["items"].filter([True, True, False, True])
    mine = counted(tables, remembered)[HOSPITAL]
    assert (mine["findings_with_item"], mine["findings_rejected_before"]) == (2, 2)


def test_items_of_a_source_that_was_not_read_stand(remembered: Settings) -> None:
    tables = office()
    tables["findings"] = tables["findings"].filter([True, True, True, False, True])
    change(tables, "items", 3, status="open")
    mine = counted(tables, remembered, SCHOOL)[SCHOOL]
    assert mine == {"unread": 1, "items.open": 1, "items_standing": 1}
    assert "1 open items is not 0 with a finding today" in refused(tables, remembered)


def test_what_an_earlier_run_of_the_day_left_of_a_source_is_not_counted(remembered: Settings) -> None:
    """It was read in the morning; in the afternoon it is gone, and its tables still lie there."""
    counted(office(), remembered)
    tables = office()
    tables["findings"] = tables["findings"].filter([True, True, True, False, True])
    assert "rows_read" not in counted(tables, remembered, SCHOOL)[SCHOOL]


def offline() -> dict[str, Any]:
    return item(9, finding(nik(3), "NIK_NOT_ONLINE", REGISTRY), status="open")


def test_a_number_not_online_stands_while_nobody_answers(remembered: Settings) -> None:
    tables = office()
    add(tables, "items", offline())
    assert counted(tables, remembered, CENTRE)[REGISTRY]["items_standing"] == 1
    assert "1 open items is not 0 with a finding today" in refused(tables, remembered)


def test_it_stands_where_nobody_is_asked_any_more(remembered: Settings) -> None:
    tables = office()
    add(tables, "items", offline())
    alone = remembered.model_copy(update={"verdicts": ()})
    assert counted(tables, alone)[REGISTRY]["items_standing"] == 1


def test_resolved_and_rejected_items_need_no_finding(remembered: Settings) -> None:
    tables = office()
    over = [item(9, finding("0062", "NIK_MISSING", SCHOOL), status="resolved")]
    over += [item(10, finding("0062", "NIK_WRONG", SCHOOL), status="rejected")]
    add(tables, "items", *over)
    mine = counted(tables, remembered)[SCHOOL]
    assert (mine["items.new"], mine["items.resolved"], mine["items.rejected"]) == (1, 1, 1)


def test_items_of_a_source_that_is_configured_no_more_are_told(remembered: Settings) -> None:
    tables = office()
    add(tables, "items", item(9, finding("7", "NIK_MISSING", "puskesmas"), status="open"))
    assert counted(tables, remembered)["puskesmas"] == {"items.open": 1, "items_standing": 1}


def test_a_missing_table_is_an_error(remembered: Settings) -> None:
    artifacts = lay(office(), remembered)
    shutil.rmtree(remembered.folder(f"raw/{HOSPITAL}"))
    with pytest.raises(FileNotFoundError):
        account(artifacts["items"], (), remembered)


def test_the_account_is_ordered_and_the_same_every_time(remembered: Settings, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = settings_in(tmp_path / "other")
    rejected_before(other)
    one, two = (account(lay(office(), where)["items"], (), where) for where in (remembered, other))
    assert one.sha256 == two.sha256
    rows = [(row["source"], row["measure"]) for row in pq.read_table(one.file).to_pylist()]
    assert rows == sorted(set(rows))


def test_figures_by_another_way(remembered: Settings) -> None:
    """The same counts from the tables by plain queries that know nothing of the room's."""
    mine = counted(office(), remembered)
    con = duckdb.connect()
    for source in (REGISTRY, HOSPITAL, SCHOOL):
        records = f"read_parquet('{remembered.folder(f'records/{source}')}/*.parquet')"
        found = f"read_parquet('{remembered.folder('findings')}/*.parquet')"
        causes = ", ".join(f"'{cause}'" for cause in NUMBER_CAUSES)
        number, clean, missing = con.execute(
            f"""
            select
                count(*) filter (where exists (
                    from {found} f where f.source_record_id = r.source_record_id and f.source = r.source
                    and f.cause in ({causes}))),
                count(*) filter (where not exists (
                    from {found} f where f.source_record_id = r.source_record_id and f.source = r.source)),
                sum(case nik_class when 'missing' then 1 else 0 end)
            from {records} r
            """
        ).fetchall()[0]
        assert mine[source]["records_with_number_finding"] == number
        assert mine[source]["records_without_finding"] == clean
        assert mine[source]["nik_missing"] == missing


def test_the_number_has_eight_causes() -> None:
    assert len(NUMBER_CAUSES) == 8
    assert Cause.NIK_NOT_ONLINE not in NUMBER_CAUSES


counts = st.integers(0, 1000)


@cache
def an_office() -> Settings:
    """One configuration for all examples: it is a file, and writing one takes time."""
    with tempfile.TemporaryDirectory() as folder:
        return settings_in(Path(folder))


@given(
    counts,
    counts,
    counts,
    counts,
    counts,
    counts,
    st.sampled_from(["rows_read", "raw", "records", "findings"]),
)
def test_an_account_balances_exactly_when_nothing_is_missing(
    lost: int, refused_rows: int, with_finding: int, without: int, on_list: int, silent: int, short: str
) -> None:
    settings = an_office()
    records = with_finding + without
    whole = {
        "rows_read": records + refused_rows + lost,
        "quarantined.extract": lost,
        "raw": records + refused_rows,
        "quarantined.standardise": refused_rows,
        "records": records,
        "records_with_number_finding": with_finding,
        "records_without_number_finding": without,
        "findings": on_list + silent,
        "findings_with_item": on_list,
        "findings_rejected_before": silent,
        "items.new": on_list,
        "items_with_finding": on_list,
    }
    balance(settings.source(HOSPITAL), whole, 0, settings)
    with pytest.raises(GateFailed, match=r"^the account does not add up: rsud-naibonat: "):
        balance(settings.source(HOSPITAL), {**whole, short: whole[short] + 1}, 0, settings)
