"""What happens to a birth date on its way: each slip is a function of the date and of ``u`` in [0, 1)."""

from __future__ import annotations

from datetime import date

from pipelines.sample.chance import pick

OLDEST = 1905
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agt", "Sep", "Okt", "Nov", "Des")


def _made(year: int, month: int, day: int, latest: date) -> date | None:
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made if year >= OLDEST and made <= latest else None


def digit(born: date, u: float, latest: date) -> date:
    """One digit of the written date is another one, the date still possible and not after ``latest``."""
    text = born.strftime("%Y%m%d")
    start, u = pick(u, 8 * 9)
    for turn in range(8 * 9):
        place, shift = divmod((start + turn * 7) % 72, 9)
        new = text[:place] + str((int(text[place]) + 1 + shift) % 10) + text[place + 1 :]
        made = _made(int(new[:4]), int(new[4:6]), int(new[6:]), latest)
        if made is not None and abs(made.year - born.year) < 100:
            return made
    return born


def day_month(born: date, u: float, latest: date) -> date:
    """Day and month change places; where they cannot, or would not show, a digit slips instead."""
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


def default_day(born: date, u: float, _: date) -> date:
    """Only the year was known: 1 January, 31 December, 1 July."""
    way, _rest = pick(u, 6)
    return born.replace(month=12, day=31) if way == 4 else born.replace(month=7 if way == 5 else 1, day=1)


def other_format(born: date, u: float) -> str:
    """The same date as people write it."""
    way, _ = pick(u, 4)
    return (
        born.strftime("%d-%m-%Y"),
        born.strftime("%d/%m/%Y"),
        born.strftime("%d-%m-%Y"),
        f"{born.day} {MONTHS[born.month - 1]} {born.year}",
    )[way]
