"""Days as whole numbers, counted from 1970-01-01, so that a million of them are one array."""

from __future__ import annotations

from datetime import date

import numpy as np

from pipelines.sample.chance import Floats, Ints

YEAR = 365.2425
"""Days in a year."""

NEVER = 10**7
"""A day that has not come."""

_EPOCH = date(1970, 1, 1).toordinal()


def to_day(when: date) -> int:
    """The number of a date.

    >>> to_day(date(1970, 1, 2))
    1
    """
    return when.toordinal() - _EPOCH


def to_date(day: int) -> date:
    """The date of a number."""
    return date.fromordinal(day + _EPOCH)


def first_of_year(year: Ints | Floats) -> Ints:
    """The day on which each year begins, to a day or so; a year may have a fraction."""
    return np.asarray((year - 1970) * YEAR, dtype=np.int64)


def year_of(day: Ints) -> Ints:
    """The calendar year of each day."""
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def iso(day: Ints) -> list[str]:
    """Each day as ``YYYY-MM-DD``."""
    return [str(text) for text in np.datetime_as_string(day.astype("datetime64[D]"))]


def dmy(day: Ints) -> list[str]:
    """Each day as ``DD-MM-YYYY``, the way SIAK writes it."""
    return [f"{text[8:]}-{text[5:7]}-{text[:4]}" for text in iso(day)]
