from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sample import dates

LATEST = date(2026, 10, 31)
BORN = st.dates(date(1920, 1, 1), LATEST)
UNIT = st.floats(0, 1, exclude_max=True)


@given(BORN, UNIT, st.sampled_from((dates.digit, dates.day_month, dates.decade)))
def test_a_slip_gives_another_possible_date(born: date, u: float, slip: dates.DateSlip) -> None:
    written = slip(born, u, LATEST)
    assert written != born
    assert date(dates.OLDEST, 1, 1) <= written <= LATEST


@given(BORN, UNIT)
def test_one_digit_of_the_written_date_differs(born: date, u: float) -> None:
    written = dates.digit(born, u, LATEST)
    assert sum(a != b for a, b in zip(f"{born:%Y%m%d}", f"{written:%Y%m%d}", strict=True)) == 1


def test_day_and_month_change_places_where_they_can() -> None:
    assert dates.day_month(date(1990, 5, 3), 0.5, LATEST) == date(1990, 3, 5)


@pytest.mark.parametrize("born", [date(1990, 5, 13), date(1990, 7, 7), date(2026, 10, 11)])
def test_where_it_would_not_show_a_digit_slips(born: date) -> None:
    written = dates.day_month(born, 0.5, LATEST)
    assert sum(a != b for a, b in zip(f"{born:%Y%m%d}", f"{written:%Y%m%d}", strict=True)) == 1


@given(BORN, UNIT)
def test_ten_years_more_or_less(born: date, u: float) -> None:
    written = dates.decade(born, u, LATEST)
    if (born.month, born.day) != (2, 29):
        assert abs(written.year - born.year) == 10
        assert (written.month, written.day) == (born.month, born.day)


@given(BORN, UNIT)
def test_only_the_year_was_known(born: date, u: float) -> None:
    written = dates.default_day(born, u, LATEST)
    assert written.year == born.year
    assert (written.month, written.day) in {(1, 1), (7, 1), (12, 31)}
    assert written <= LATEST


@given(BORN, UNIT)
def test_another_way_of_writing_means_the_same_day(born: date, u: float) -> None:
    text = dates.other_format(born, u).replace("/", "-").replace(" ", "-")
    day, month, year = text.split("-")
    number = int(month) if month.isdigit() else dates.MONTHS.index(month) + 1
    assert date(int(year), number, int(day)) == born
