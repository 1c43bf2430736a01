"""Dates in every form that has been met."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.layouts import DateOrder
from pipelines.standardise import dates
from pipelines.standardise.text import plain
from tests.standardise.reading import ANY_TEXT, MESSY, evaluate, read

RUN = date(2026, 11, 24)
BORN = date(1990, 5, 12)
ORDERS: tuple[DateOrder, ...] = ("ymd", "dmy", "mdy")


def reading(
    written: str | None, order: DateOrder = "dmy", run_date: date = RUN, own: tuple[str, ...] = ()
) -> Any:
    """The date and the fault that a text gives."""
    steps = [{"plain_day": plain("raw")}, *dates.concept("day", order, run_date, run_date, own)]
    made = read(steps, raw=written)
    return made["day"], made["day_fault"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "written",
    [
        *("1990-05-12", "1990-5-12", "1990/05/12", "1990.05.12", "1990 05 12", "19900512"),
        *("1990-05-12 00:00:00", "1990-05-12T00:00:00", "1990-05-12T00:00:00.000Z", "1990-05-12 00:00:00.0"),
        *("1990-05-12T00:00:00+08:00", "1990-05-12 00.00.00", "1990/05/12 7:30"),
        *(
            "12-Mei-1990",
            "12 Mei 1990",
            "12 MEI 1990",
            "12-mei-1990",
            "12Mei1990",
            "12/Mei/1990",
            "12. Mei 1990",
        ),
        *("12-May-1990", "12 May 1990", "May 12, 1990", "MAY 12 1990", "1990-Mei-12", "1990 May 12"),
        *("12-Mei-90", "12 Mei 90", "12-May-90", "12 Mei 1990 00:00"),
        *("33005", "33005.0", "33005,5"),  # days since 30 December 1899
        *(" 1990-05-12 ", "'1990-05-12", "１９９０－０５－１２", "1990‐05‐12", "\u00a01990-05-12"),
    ],
)
def test_forms_that_can_be_read_in_one_way_only(written: str, order: DateOrder) -> None:
    assert reading(written, order) == (BORN, None)


@pytest.mark.parametrize("order", ["ymd", "dmy"])
@pytest.mark.parametrize(
    "written",
    [
        *("12-05-1990", "12/05/1990", "12.05.1990", "12 05 1990", "12/5/1990", "12 - 05 - 1990", "12051990"),
        *("12-05-1990 00:00:00", "12/05/1990 0:00", "12/05/1990 00.00.00", "12/05/1990 12:00:00 AM"),
    ],
)
def test_day_first_where_the_year_stands_last(written: str, order: DateOrder) -> None:
    assert reading(written, order) == (BORN, None)


@pytest.mark.parametrize("written", ["05-12-1990", "05/12/1990", "5.12.1990", "05121990", "5/12/90"])
def test_month_first_where_the_layout_says_so(written: str) -> None:
    assert reading(written, "mdy") == (BORN, None)


@pytest.mark.parametrize(
    ("order", "expected"), [("ymd", date(2001, 2, 3)), ("dmy", date(2003, 2, 1)), ("mdy", date(2003, 1, 2))]
)
def test_the_layout_decides_what_can_be_read_in_three_ways(order: DateOrder, expected: date) -> None:
    assert reading("01/02/03", order) == (expected, None)


def test_the_only_reading_with_a_month_is_taken() -> None:
    assert reading("05/25/1990", "dmy") == (date(1990, 5, 25), None)
    assert reading("25/05/1990", "mdy") == (date(1990, 5, 25), None)


MONTHS = {
    1: "Jan Januari January JAN jan.",
    2: "Feb Peb Februari Pebruari February",
    3: "Mar Mrt Mret Maret March",
    4: "Apr April",
    5: "Mei May",
    6: "Jun Juni June",
    7: "Jul Juli July",
    8: "Agt Agu Ags Agustus Aug August AGT",
    9: "Sep Sept September",
    10: "Okt Oktober Oct October",
    11: "Nov Nop November Nopember",
    12: "Des Desember Dec December",
}


@pytest.mark.parametrize(
    ("month", "word"), [(m, word) for m, words in MONTHS.items() for word in words.split()]
)
def test_months_in_two_languages_and_old_spellings(month: int, word: str) -> None:
    assert reading(f"7 {word} 1988") == (date(1988, month, 7), None)


@pytest.mark.parametrize(
    ("written", "run_date", "expected"),
    [
        ("24-11-26", RUN, date(2026, 11, 24)),  # today
        ("25-11-26", RUN, date(1926, 11, 25)),  # tomorrow is not yet
        ("31-12-27", RUN, date(1927, 12, 31)),
        ("31-12-27", date(2030, 1, 1), date(2027, 12, 31)),
        ("29-02-00", RUN, date(2000, 2, 29)),
        ("1-1-99", RUN, date(1999, 1, 1)),
        ("9-Mei-07", RUN, date(2007, 5, 9)),
    ],
)
def test_two_digit_years_turn_at_the_run_date(written: str, run_date: date, expected: date) -> None:
    assert reading(written, "dmy", run_date) == (expected, None)


@pytest.mark.parametrize(
    "written",
    [
        *(
            None,
            "",
            " ",
            "-",
            "--",
            "0",
            "00",
            "0000-00-00",
            "00-00-0000",
            "00/00/0000",
            "0000-00-00 00:00:00",
        ),
        *("TIDAK ADA", "Tidak Tahu", "NULL", "N/A", "NaN", "X", "xxx"),
    ],
)
def test_no_date_is_no_complaint(written: str | None) -> None:
    assert reading(written) == (None, None)


def test_a_source_has_placeholders_of_its_own() -> None:
    assert reading("01-01-1900") == (date(1900, 1, 1), None)
    assert reading("01-01-1900", own=("01-01-1900",)) == (None, None)
    assert reading("01/01/1900", own=("01-01-1900",)) == (None, None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("besok", "date_unreadable"),
        ("1990", "date_unreadable"),  # the year only
        ("Mei 1990", "date_unreadable"),
        ("12 Meii 1990", "date_unreadable"),
        ("12-05-190", "date_unreadable"),
        ("1990-05-12-01", "date_unreadable"),
        ("MARIA", "date_unreadable"),
        ("5301040101900001", "date_unreadable"),
        ("31-02-1990", "date_impossible"),
        ("29-02-1990", "date_impossible"),
        ("1990-02-30", "date_impossible"),
        ("1990-13-13", "date_impossible"),
        ("32-01-1990", "date_impossible"),
        ("13-13-1990", "date_impossible"),
        ("1990-00-00", "date_impossible"),
        ("00-05-1990", "date_impossible"),
        ("31-Jun-1990", "date_impossible"),
        ("99999999", "date_impossible"),
        ("1899-12-31", "date_too_old"),
        ("0001-01-01", "date_too_old"),  # a program's default
        ("12-05-0990", "date_too_old"),
        ("2026-11-25", "date_in_future"),
        ("12-05-2990", "date_in_future"),
        ("99999", "date_in_future"),  # a serial of the year 2173
    ],
)
def test_what_cannot_be_taken_and_why(written: str, fault: str) -> None:
    assert reading(written) == (None, fault)


def test_the_first_and_the_last_day_that_are_taken() -> None:
    assert reading("1900-01-01") == (date(1900, 1, 1), None)
    assert reading("2026-11-24") == (RUN, None)


DAYS = st.dates(date(1900, 1, 1), RUN)
FORMS = (
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d %m %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d%m%Y",
)


@given(DAYS, st.sampled_from(FORMS), st.sampled_from(["dmy", "ymd"]))
def test_what_is_written_is_read_back(day: date, form: str, order: DateOrder) -> None:
    assert reading(day.strftime(form), order) == (day, None)


@given(DAYS)
def test_month_first_is_read_back_under_its_layout(day: date) -> None:
    assert reading(day.strftime("%m/%d/%Y"), "mdy") == (day, None)


@given(st.dates(date(1927, 5, 18), RUN))
def test_spreadsheet_serials(day: date) -> None:
    """From serial 10000 on; below, a serial could be a year."""
    assert reading(str((day - date(1899, 12, 30)).days)) == (day, None)


@given(st.dates(RUN - timedelta(days=36523), RUN))
def test_two_digit_years_of_the_last_hundred_years(day: date) -> None:
    assert reading(day.strftime("%d-%m-%y"), "dmy") == (day, None)


@given(ANY_TEXT | MESSY | st.text("0123456789-/. :TMEIJAN", max_size=20), st.sampled_from(ORDERS))
def test_any_text_gives_a_date_in_bounds_or_nothing(text: str, order: DateOrder) -> None:
    day, fault = reading(text, order)
    assert day is None or (date(1900, 1, 1) <= day <= RUN and fault is None)
    assert fault in {None, "date_unreadable", "date_impossible", "date_too_old", "date_in_future"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-02", time(0, 0)),
        ("2026-11-02 09:15", time(9, 15)),
        ("2026-11-02T09:15:30.25+08:00", time(9, 15, 30, 250000)),
        ("02/11/2026 3:05:00 PM", time(15, 5)),
        ("02/11/2026 12:05:00 PM", time(12, 5)),
        ("02/11/2026 9:05 AM", time(9, 5)),
        ("2026-11-02 25:99", time(0, 0)),
        (None, time(0, 0)),
    ],
)
def test_the_time_of_day(written: str | None, expected: time) -> None:
    assert evaluate(dates.time_of("upper(x)"), written) == expected


@given(st.datetimes(datetime(2000, 1, 1), datetime(2026, 11, 24)))
def test_a_moment_is_read_back_to_the_second(moment: datetime) -> None:
    text = moment.strftime("%Y-%m-%d %H:%M:%S")
    assert evaluate(dates.time_of("x"), text) == moment.replace(microsecond=0).time()


@given(ANY_TEXT | st.text("0123456789:. PM", max_size=14))
def test_any_text_has_some_time(text: str) -> None:
    assert isinstance(evaluate(dates.time_of("upper(x)"), text), time)
