"""What is usual, learned from the runs before: by hand, and as properties."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.quality.bounds import SMALLEST_SPREAD, bounds_of, usual
from pipelines.quality.history import past, rejected
from pipelines.settings import Settings
from tests.quality.office import HOSPITAL, REGISTRY, finding, lay, office, settings_in
from tests.quality.past import remember, remember_item

shares = st.floats(0, 1)


def test_one_run_is_no_habit() -> None:
    assert usual([], 4, 1000) is None
    assert usual([0.1], 4, 1000) is None


def test_the_middle_of_the_runs_plus_and_minus_four_spreads() -> None:
    # 1,000,000 rows: chance moves the share by 0.03 points, the runs themselves by 1 point.
    low, high = usual([0.10, 0.11, 0.12, 0.13, 0.50], 4, 1_000_000) or (0, 0)
    assert (round(low, 6), round(high, 6)) == (0.08, 0.16)


def test_runs_that_never_moved_leave_a_point_of_room() -> None:
    low, high = usual([0.2] * 5, 4, 10_000_000) or (0, 0)
    assert high - 0.2 == pytest.approx(4 * SMALLEST_SPREAD) == pytest.approx(0.2 - low)


def test_a_small_source_may_move_by_chance() -> None:
    """Of twelve pupils one without a number is nothing unusual; of twelve thousand a twelfth is."""
    small, large = usual([0.0, 0.0], 4, 12), usual([0.0, 0.0], 4, 12_000)
    assert small is not None
    assert large is not None
    assert small[1] > 1 / 12 > large[1]


@given(st.lists(shares, min_size=2, max_size=14), st.floats(0.5, 10), st.integers(0, 10**7))
def test_bounds_are_shares_about_the_middle(runs: list[float], tolerance: float, rows: int) -> None:
    low, high = usual(runs, tolerance, rows) or (1, 0)
    middle = sorted(runs)[len(runs) // 2]
    assert 0 <= low <= middle <= high <= 1 or len(runs) % 2 == 0
    assert 0 <= low <= high <= 1


@given(st.lists(shares, min_size=2, max_size=14), st.integers(1, 10**7))
def test_the_order_of_the_runs_does_not_matter(runs: list[float], rows: int) -> None:
    assert usual(runs, 4, rows) == usual(runs[::-1], 4, rows)


@given(st.lists(shares, min_size=2, max_size=14), st.integers(1, 10**7))
def test_more_tolerance_is_never_narrower(runs: list[float], rows: int) -> None:
    narrow, wide = usual(runs, 2, rows), usual(runs, 4, rows)
    assert narrow is not None
    assert wide is not None
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


def days(settings: Settings, source: str) -> list[date]:
    return [run.run_date for run in past(source, settings)]


def test_only_published_runs_of_earlier_days_count(settings: Settings) -> None:
    for day, state in (
        (20, "published"),
        (21, "failed"),
        (22, "published"),
        (24, "published"),
        (25, "published"),
    ):
        remember(settings, date(2026, 11, day), {REGISTRY: {"raw": day, "records": day}}, state)
    assert days(settings, REGISTRY) == [date(2026, 11, 22), date(2026, 11, 20)]
    assert days(settings, HOSPITAL) == []


def test_a_run_that_could_not_read_the_source_is_passed_over(settings: Settings) -> None:
    remember(settings, date(2026, 11, 21), {HOSPITAL: {"raw": 5, "records": 4}})
    remember(settings, date(2026, 11, 22), {HOSPITAL: {"unread": 1}})
    assert days(settings, HOSPITAL) == [date(2026, 11, 21)]


def test_no_more_runs_than_configured(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, history_runs=2)
    for day in range(10, 20):
        remember(settings, date(2026, 11, day), {HOSPITAL: {"raw": 5, "records": 4}})
    assert days(settings, HOSPITAL) == [date(2026, 11, 19), date(2026, 11, 18)]


def test_a_share_is_of_the_records(settings: Settings) -> None:
    remember(settings, date(2026, 11, 21), {HOSPITAL: {"raw": 9, "records": 8, "nik_missing": 2}})
    (run,) = past(HOSPITAL, settings)
    assert run.share("nik_missing") == 0.25
    assert run.share("birth_date_missing") is None


def test_the_registry_may_shrink_by_two_in_a_hundred(settings: Settings) -> None:
    remember(settings, date(2026, 11, 23), {REGISTRY: {"raw": 391_000, "records": 391_000}})
    values = bounds_of("raw", REGISTRY, 1, settings)
    assert values["registry_min_rows"].value == 383_180
    assert values["source_min_rows"].value == 195_500
    assert values["last_rows"].said["en"] == "last published run, 2026-11-23: 391000"


@pytest.mark.parametrize(
    ("last", "share", "least"), [(50, 0.02, 49), (49, 0.02, 49), (100, 0.0, 100), (100, 1.0, 0)]
)
def test_a_part_of_a_row_does_not_count(tmp_path: Path, last: int, share: float, least: int) -> None:
    settings = settings_in(tmp_path, registry_may_shrink=share)
    remember(settings, date(2026, 11, 23), {REGISTRY: {"raw": last, "records": last}})
    assert bounds_of("raw", REGISTRY, 1, settings)["registry_min_rows"].value == least


def test_without_history_there_is_no_bound(settings: Settings) -> None:
    lay(office(), settings)
    raw, records = bounds_of("raw", REGISTRY, 7, settings), bounds_of("records", HOSPITAL, 4, settings)
    assert raw["registry_min_rows"].value == 0
    assert raw["last_rows"].said["id"] == "belum ada hasil yang terbit sebelumnya"
    assert (records["missing_min"].value, records["missing_max"].value) == (0, 1)
    assert records["missing_usual"].said["en"] == "no bound yet, fewer than two published runs before"


def test_rates_are_learned_for_each_source(settings: Settings) -> None:
    lay(office(), settings)
    for day in (21, 22, 23):
        counts = {
            "raw": 1000,
            "records": 1000,
            "nik_missing": 20,
            "nik_malformed": 0,
            "birth_date_missing": 500,
        }
        remember(settings, date(2026, 11, day), {HOSPITAL: counts})
    values = bounds_of("records", HOSPITAL, 1_000_000, settings)
    assert values["missing_usual"].said["en"] == "1.00% – 3.00%, learned from 3 published runs"
    assert values["missing_usual"].said["id"] == "1,00% – 3,00%, dipelajari dari 3 hasil terbit"
    assert values["birth_date_missing_min"].value == pytest.approx(0.49)


def test_rows_expected_are_raw_less_those_in_quarantine(settings: Settings) -> None:
    lay(office(), settings)
    values = bounds_of("records", HOSPITAL, 4, settings)
    assert (values["raw_rows"].value, values["quarantined_rows"].value, values["rows_expected"].value) == (
        5,
        1,
        4,
    )


def test_what_an_office_rejected_and_then_did_not(settings: Settings) -> None:
    first, second = date(2026, 11, 20), date(2026, 11, 22)
    for day in (first, second, settings.run_date):
        remember(settings, day, {})
    silent, reopened, today = (finding(key, "NIK_WRONG") for key in ("1", "2", "3"))
    remember_item(settings, first, silent, "rejected")
    remember_item(settings, first, reopened, "rejected")
    remember_item(settings, second, reopened, "new")
    remember_item(settings, settings.run_date, today, "rejected")
    assert rejected(settings).to_pylist() == [
        {"source": HOSPITAL, "source_record_id": "1", "cause": "NIK_WRONG", "related": None}
    ]
