"""What happens to a birth date on its way: each slip is a function of the date and of ``u`` in [0, 1).

No slip yields a date after ``latest`` or before ``OLDEST``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pipelines.sample.chance import pick

DateSlip = Callable[[date, float, date], date]

OLDEST = 1905
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agt", "Sep", "Okt", "Nov", "Des")


def _made(year: int, month: int, day: int, latest: date) -> date | None:
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made if year >= OLDEST and made <= latest else None


def digit(born: date, u: float, latest: date) -> date:
    """One digit of the written date is another one, the date still a possible one."""
    text = f"{born:%Y%m%d}"
    choices = len(text) * 9
    start, _ = pick(u, choices)
    for turn in range(choices):
        # Steps of 7 reach every choice once (7 and 72 share no factor), not place after place.
        place, shift = divmod((start + turn * 7) % choices, 9)
        new = text[:place] + str((int(text[place]) + 1 + shift) % 10) + text[place + 1 :]
        made = _made(int(new[:4]), int(new[4:6]), int(new[6:]), latest)
        if made is not None:
            return made
    return born


def day_month(born: date, u: float, latest: date) -> date:
    """Day and month change places; where they cannot, or it would not show, a digit slips instead."""
    made = _made(born.year, born.day, born.month, latest)
    return digit(born, u, latest) if made is None or made == born else made


def decade(born: date, u: float, latest: date) -> date:
    """Ten years more or less."""
    first, u = pick(u, 2)
    for years in (10, -10) if first else (-10, 10):
        made = _made(born.year + years, born.month, born.day, latest)
        if made is not None:
            return made
    return digit(born, u, latest)


def default_day(born: date, u: float, latest: date) -> date:
    """Only the year was known: mostly 1 January, else 31 December or 1 July; the same date if it was one."""
    way, _ = pick(u, 6)
    month, day = ((1, 1), (1, 1), (1, 1), (1, 1), (12, 31), (7, 1))[way]
    return _made(born.year, month, day, latest) or date(born.year, 1, 1)


def other_format(born: date, u: float) -> str:
    """The same date as people write it."""
    way, _ = pick(u, 4)
    return (
        f"{born:%d-%m-%Y}",
        f"{born:%d/%m/%Y}",
        f"{born:%d-%m-%Y}",
        f"{born.day} {MONTHS[born.month - 1]} {born.year}",
    )[way]
