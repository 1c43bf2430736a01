"""How numbers are issued: region, birth date (day + 40 for women), and a serial that counts up from 0001."""

from __future__ import annotations

import numpy as np

from pipelines.sample.chance import Bools, Ints

SERIALS = 9999


class TooManyPeople(ValueError):
    """More people were born in one district on one day than there are serials."""


def date_part(day: Ints, woman: Bools | None = None) -> Ints:
    """``ddmmyy`` of each day as a number, the day of the month 40 higher for women."""
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    of_month = (date - month).astype(np.int64) + 1
    year = date.astype("datetime64[Y]")
    of_year = (month - year).astype(np.int64) + 1
    short_year = (year.astype(np.int64) + 1970) % 100
    shift = 0 if woman is None else 40 * woman.astype(np.int64)
    return np.asarray((of_month + shift) * 10**4 + of_year * 100 + short_year, dtype=np.int64)


def issue(region: Ints, part: Ints, turn: Ints, steps: Ints) -> Ints:
    """A sixteen-digit number for each: within one region and date part, in the order of ``turn``.

    ``steps`` is how far each serial lies above the one before it (1 for no gap). Those of equal turn keep
    their order in the arrays, so that twins who lie side by side get neighbouring numbers. Raises
    ``TooManyPeople``.
    """
    if not len(region):
        return np.zeros(0, dtype=np.int64)
    key = region * 10**6 + part
    order = np.lexsort((turn, key))
    key_in_order = key[order]
    total = np.cumsum(steps[order])
    first = np.flatnonzero(np.concatenate([[True], key_in_order[1:] != key_in_order[:-1]]))
    before = np.repeat(total[first] - steps[order][first], np.diff(np.append(first, len(order))))
    serial = np.empty(len(order), dtype=np.int64)
    serial[order] = total - before
    if serial.max() > SERIALS:
        raise TooManyPeople(f"serial {serial.max()} is above {SERIALS}: draw fewer people")
    return key * 10**4 + serial
