"""Dates as people, spreadsheets and databases write them.

Three steps, each to be read alone: ``date_text`` unifies separators and cuts the time off, ``year_first``
orders the parts (``31-12-1990`` to ``1990-12-31``, still text), ``date_value`` looks it up in the calendar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
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

MOMENT: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}[ T](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
"""RE2 pattern of a date with its time as databases write it."""

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


def month_named(text: str) -> str:
    """The number of the month that ``date_text`` names; null where it names none."""
    word = f"regexp_extract({text}, '[A-Z]+')"
    months = " ".join(
        f"when {sql_text(name)} then '{number}'" for number, names in MONTHS.items() for name in names
    )
    return f"case {word} {months} end"


def year_first(text: str, month: str, order: DateOrder) -> str:
    """``date_text``'s parts as ``year-month-day``, unchecked; null where no form is known.

    ``order`` decides where a numeric form could be read in two ways. ISO is always ISO; a four-digit year at
    the end has the day first, unless the layout says month first or only the other reading has a month.
    ``month`` is the column that ``month_named`` made.
    """
    return (
        f"case when regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}') then {text} "
        f"when regexp_full_match({text}, '[0-9]{{1,2}}-[0-9]{{1,2}}-[0-9]{{4}}') "
        f"then {_year_last(_parts(text), order)} "
        f"when regexp_full_match({text}, '[0-9]{{1,2}}-[0-9]{{1,2}}-[0-9]{{2}}') "
        f"then {_short_year(_parts(text), order)} "
        f"when regexp_full_match({text}, '[0-9]{{8}}') then {_eight_digits(text, order)} "
        f"when regexp_full_match({text}, '[0-9]{{5}}(?:-[0-9]+)?') then {_spreadsheet_serial(text)} "
        f"when regexp_matches({text}, '[A-Z]') then {_named_month(text, month)} end"
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


def regular(field: str, order: DateOrder, latest: date, layout: Iterable[str] = ()) -> Concept:
    """From ``raw_<field>`` to ``<field>_regular``: what ``concept`` makes of a date as most write it; else null.

    That is ``1990-12-31``, with a time or without, or ``31-12-1990``, and a day of the calendar, in the
    layout's order, from 1900 to ``latest``. All others are for ``concept``, which may read them in another way
    and says what is wrong. Makes also ``<field>_usual``, the same with its time, unchecked.
    """
    raw, usual = f"raw_{field}", f"{field}_usual"
    year_last = "%m-%d-%Y" if order == "mdy" else "%d-%m-%Y"
    nothing = frozenset(word for word in alike(layout, "-") if re.fullmatch("[0-9-]{10}", word))
    bounds = f"{usual} >= {EARLIEST} and {usual} < {_day(latest + timedelta(days=1))}"
    return [
        {
            usual: f"case when {raw} like '____-__-__' then cast(try_cast({raw} as date) as timestamp) "
            f"when {raw} like '__-__-____' then try_strptime({raw}, '{year_last}') "
            f"when regexp_full_match({raw}, '{MOMENT}') then try_cast({raw} as timestamp) end"
        },
        {
            f"{field}_regular": f"case when {bounds} and not {one_of(f'substr({raw}, 1, 10)', nothing)} "
            f"then cast({usual} as date) end"
        },
    ]


def moment(field: str) -> str:
    """``<field>`` with its time of day, from what ``regular`` and ``concept`` made."""
    otherwise = f"{field} + {time_of(f'plain_{field}')}"
    return f"case when {field}_regular is not null then {field}_usual else {otherwise} end"


def concept(
    field: str, order: DateOrder, run_date: date, latest: date, layout: Iterable[str] = ()
) -> Concept:
    """From ``plain_<field>`` to ``<field>`` (a date of 1900 to ``latest``, or null), ``<field>_fault``."""
    steps = ("text", "missing", "month", "ymd", "day")
    text, missing, month, ymd, day = (f"{field}_{step}" for step in steps)
    return [
        {text: date_text(f"plain_{field}")},
        {missing: is_missing(text, layout), month: month_named(text)},
        {ymd: f"case when not {missing} then {year_first(text, month, order)} end"},
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


def _named_month(text: str, month: str) -> str:
    """``12-MEI-1990``, ``12MEI90``, ``1990-MEI-12`` and the English ``MAY-12-1990``."""

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
