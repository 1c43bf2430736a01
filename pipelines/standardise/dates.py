"""Dates as people, spreadsheets and databases write them.

Three steps, each to be read alone: ``date_text`` unifies separators and cuts the time off, ``year_first``
orders the parts (``31-12-1990`` to ``1990-12-31``, still text), ``date_value`` looks it up in the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from pipelines.engine import sql_text
from pipelines.layouts import DateOrder
from pipelines.standardise import placeholders
from pipelines.standardise.steps import Concept
from pipelines.standardise.text import alike, one_of

MONTHS: Final = {
    1: ("JAN", "JANUARI", "JANUARY"),
    2: ("FEB", "PEB", "FEBRUARI", "PEBRUARI", "FEBRUARY"),
    3: ("MAR", "MRT", "MRET", "MARET", "MARCH"),
    4: ("APR", "APRIL"),
    5: ("MEI", "MAY"),
    6: ("JUN", "JUNI", "JUNE"),
    7: ("JUL", "JULI", "JULY"),
    8: ("AGT", "AGU", "AGS", "AGUST", "AGUSTUS", "AUG", "AUGUST"),
    9: ("SEP", "SEPT", "SEPTEMBER"),
    10: ("OKT", "OKTOBER", "OCT", "OCTOBER"),
    11: ("NOV", "NOP", "NOVEMBER", "NOPEMBER"),
    12: ("DES", "DESEMBER", "DEC", "DECEMBER"),
}
"""Indonesian and English, full and short, with the spellings of before 1972 that are still in use."""

EARLIEST: Final = "date '1900-01-01'"
"""Nobody alive and in any of these systems was born earlier; what claims to be is a slip or a default."""

_TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,6})?)?"
_TIME_BEHIND = rf"([0-9])(?:T| +){_TIME}.*$"
_DOTTED_TIME_BEHIND = r"([0-9]{4}|[-/.][0-9]{1,2}) +[0-9]{1,2}[.][0-9]{2}[.][0-9]{2}$"


def date_text(x: str) -> str:
    """The date's parts with one ``-`` between them and no time; ``x`` as ``text.plain`` made it.

    Null where nothing is left (``-``).
    """
    cut = rf"regexp_replace(regexp_replace({x}, '{_TIME_BEHIND}', '\1'), '{_DOTTED_TIME_BEHIND}', '\1')"
    unified = f"nullif(trim(regexp_replace({cut}, '[^A-Z0-9]+', '-', 'g'), '-'), '')"
    regular = "[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}-[0-9]{2}-[0-9]{4}"
    return f"case when regexp_full_match({x}, '{regular}') then {x} else {unified} end"


def is_missing(text: str, layout: Iterable[str] = ()) -> str:
    """True for no date: empty, zeros (``0000-00-00``), a placeholder (``layout``: the source's own)."""
    listed = alike((*placeholders.NOTHING, *placeholders.NOT_A_NUMBER, *layout), "-")
    return f"({text} is null or regexp_full_match({text}, '[0-]+|X+') or {one_of(text, listed)})"


def year_first(text: str, order: DateOrder) -> str:
    """``date_text``'s parts as ``year-month-day``, unchecked; null where no form is known.

    ``order`` decides where a numeric form could be read in two ways. ISO is always ISO; a four-digit year at
    the end has the day first, unless the layout says month first or only the other reading has a month.
    """
    return (
        f"case when regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}') then {text} "
        f"when regexp_full_match({text}, '[0-9]{{1,2}}-[0-9]{{1,2}}-[0-9]{{4}}') "
        f"then {_year_last(_parts(text), order)} "
        f"when regexp_full_match({text}, '[0-9]{{1,2}}-[0-9]{{1,2}}-[0-9]{{2}}') "
        f"then {_short_year(_parts(text), order)} "
        f"when regexp_full_match({text}, '[0-9]{{8}}') then {_eight_digits(text, order)} "
        f"when regexp_full_match({text}, '[0-9]{{5}}(?:-[0-9]+)?') then {_spreadsheet_serial(text)} "
        f"when regexp_matches({text}, '[A-Z]') then {_named_month(text)} end"
    )


def date_value(ymd: str, run_date: date) -> str:
    """The calendar's day for ``year-month-day``, null if it has none.

    A two-digit year is this century's where that is not after ``run_date``, else the last one's.
    """
    new, old = (f"try_cast({sql_text(century)} || {ymd} as date)" for century in ("20", "19"))
    short = f"case when {new} <= {_day(run_date)} then {new} else {old} end"
    return f"case when regexp_matches({ymd}, '^[0-9]{{2}}-') then {short} else try_cast({ymd} as date) end"


def date_fault(missing: str, ymd: str, value: str, latest: date) -> str:
    """Why a date that stands there is not taken; null where it is or where nothing stands there."""
    return (
        f"case when {missing} then null when {ymd} is null then 'date_unreadable' "
        f"when {value} is null then 'date_impossible' when {value} < {EARLIEST} then 'date_too_old' "
        f"when {value} > {_day(latest)} then 'date_in_future' end"
    )


def time_of(x: str) -> str:
    """The time of day in a text, midnight where it has none; the clock as written, offsets not applied."""
    written = f"try_cast(nullif(regexp_extract({x}, '{_TIME}'), '') as time)"
    afternoon = (
        f"case when regexp_matches({x}, ' P[.]?M') and {written} < time '12:00' then interval 12 hour "
    )
    afternoon += "else interval 0 hour end"
    return f"coalesce({written} + {afternoon}, time '00:00')"


def concept(
    field: str, order: DateOrder, run_date: date, latest: date, layout: Iterable[str] = ()
) -> Concept:
    """From ``plain_<field>`` to ``<field>`` (a date of 1900 to ``latest``, or null), ``<field>_fault``."""
    text, missing, ymd, day = (f"{field}_{step}" for step in ("text", "missing", "ymd", "day"))
    return [
        {text: date_text(f"plain_{field}")},
        {missing: is_missing(text, layout)},
        {ymd: f"case when not {missing} then {year_first(text, order)} end"},
        {day: date_value(ymd, run_date)},
        {f"{field}_fault": date_fault(missing, ymd, day, latest)},
        {field: f"case when {field}_fault is null then {day} end"},
    ]


def _parts(text: str) -> tuple[str, str, str]:
    first, second, third = (f"split_part({text}, '-', {n})" for n in (1, 2, 3))
    return first, second, third


def _joined(year: str, month: str, day: str) -> str:
    return f"{year} || '-' || {month} || '-' || {day}"


def _year_last(parts: tuple[str, str, str], order: DateOrder) -> str:
    first, second, year = parts
    day, month = (second, first) if order == "mdy" else (first, second)
    only_swapped = f"try_cast({month} as integer) > 12 and try_cast({day} as integer) <= 12"
    return f"case when {only_swapped} then {_joined(year, day, month)} else {_joined(year, month, day)} end"


def _short_year(parts: tuple[str, str, str], order: DateOrder) -> str:
    if order != "ymd":
        return _year_last(parts, order)
    year, month, day = parts
    return f"lpad({year}, 2, '0') || '-' || {month} || '-' || {day}"


def _eight_digits(text: str, order: DateOrder) -> str:
    """``19900525`` or ``25051990``: never both, since a year's first digits (19, 20) are no month."""
    compact = _joined(f"substr({text}, 1, 4)", f"substr({text}, 5, 2)", f"substr({text}, 7, 2)")
    parts = (f"substr({text}, 1, 2)", f"substr({text}, 3, 2)", f"substr({text}, 5, 4)")
    is_compact = f"try_cast({compact} as date) >= {EARLIEST}"
    return f"case when {is_compact} then {compact} else {_year_last(parts, order)} end"


def _spreadsheet_serial(text: str) -> str:
    """Days since 30 December 1899, as Excel counts after its 29 February 1900; a part of a day is a time."""
    return f"cast(date '1899-12-30' + try_cast(split_part({text}, '-', 1) as integer) as varchar)"


def _named_month(text: str) -> str:
    """``12-MEI-1990``, ``12MEI90``, ``1990-MEI-12`` and the English ``MAY-12-1990``."""
    word = f"regexp_extract({text}, '[A-Z]+')"
    months = " ".join(
        f"when {word} in ({', '.join(map(sql_text, names))}) then '{number}'"
        for number, names in MONTHS.items()
    )
    month = f"(case {months} end)"

    def part(pattern: str, group: int) -> str:
        return f"regexp_extract({text}, '{pattern}', {group})"

    forms = (  # pattern, group of the year, group of the day
        ("^([0-9]{1,2})-?[A-Z]+-?([0-9]{4}|[0-9]{2})$", 2, 1),
        ("^([0-9]{4})-?[A-Z]+-?([0-9]{1,2})$", 1, 2),
        ("^[A-Z]+-?([0-9]{1,2})-([0-9]{4})$", 2, 1),
    )
    branches = " ".join(
        f"when regexp_matches({text}, '{p}') then {_joined(part(p, year), month, part(p, day))}"
        for p, year, day in forms
    )
    return f"case {branches} end"


def _day(value: date) -> str:
    return f"date {sql_text(value.isoformat())}"
