"""Birth dates, places and plain codes compared over whole arrays; names and numbers have modules of their own."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

Levels = npt.NDArray[np.int8]
IntArray = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]

DATE_LEVELS: Final = (
    "missing",
    "the same day",
    "day and month swapped",
    "a default day of the same year",
    "one digit differs",
    "same day and month, another year",
    "same month and year",
    "two digits differ",
    "same year",
    "another date",
)
SEX_LEVELS: Final = ("missing", "the same", "different")
PLACE_LEVELS: Final = ("missing", "the same", "cut at the field's width", "spelt alike", "different")
CODE_LEVELS: Final = ("missing", "the same", "one digit differs", "different")

_DEFAULT_DAYS: Final = (101, 1231, 701)
"""1 January, 31 December, 1 July: written when only the year is known."""


def compare_dates(left: pa.Array, right: pa.Array) -> Levels:
    """Compare birth dates (date32); ``DATE_LEVELS``."""
    missing = np.asarray(pc.or_(pc.is_null(left), pc.is_null(right)))
    (y1, m1, d1), (y2, m2, d2) = _parts(left), _parts(right)
    number1, number2 = y1 * 10000 + m1 * 100 + d1, y2 * 10000 + m2 * 100 + d2
    slips = _digit_slips(number1, number2, 8)
    same_year = y1 == y2
    default = same_year & (np.isin(number1 % 10000, _DEFAULT_DAYS) | np.isin(number2 % 10000, _DEFAULT_DAYS))
    return np.select(
        [
            missing,
            number1 == number2,
            same_year & (m1 == d2) & (d1 == m2),
            default,
            slips == 1,
            (m1 == m2) & (d1 == d2),
            same_year & (m1 == m2),
            slips == 2,
            same_year,
        ],
        range(9),
        9,
    ).astype(np.int8)


def _parts(dates: pa.Array) -> tuple[IntArray, IntArray, IntArray]:
    filled = pc.fill_null(dates, 0) if dates.null_count else dates
    return tuple(np.asarray(f(filled)) for f in (pc.year, pc.month, pc.day))  # type: ignore[return-value]


def _digit_slips(a: IntArray, b: IntArray, length: int) -> IntArray:
    count = np.zeros(len(a), np.int64)
    for k in range(length):
        count += (a // 10**k) % 10 != (b // 10**k) % 10
    return count


def compare_sexes(left: Numbers, right: Numbers) -> Levels:
    """Compare sexes by any numbers that stand for them, -1 where missing; ``SEX_LEVELS``."""
    return np.select([(left < 0) | (right < 0), left == right], [0, 1], 2).astype(np.int8)


def compare_places(left: Numbers, right: Numbers, cut: BoolArray, text: pa.Array) -> Levels:
    """Compare birthplaces by their numbers in ``text``, -1 where missing; ``cut``: the left one fills its field.

    ``PLACE_LEVELS``.
    """
    level = np.select([(left < 0) | (right < 0), left == right], [0, 1], 4).astype(np.int8)
    rows = np.flatnonzero(level == 4)
    if not len(rows):
        return level
    key, inverse = np.unique(left[rows].astype(np.int64) * len(text) + right[rows], return_inverse=True)
    pair = [text.take(pa.array(place)).to_pylist() for place in (key // len(text), key % len(text))]
    alike = cpdist(*pair, scorer=JaroWinkler.similarity, dtype=np.float32, workers=-1) >= 0.88
    begins = np.fromiter(
        (q.startswith(p) or p.startswith(q) for p, q in zip(*pair, strict=True)), bool, len(alike)
    )
    level[rows[alike[inverse]]] = 3
    level[rows[begins[inverse] & cut[rows]]] = 2
    return level


def compare_codes(left: IntArray, right: IntArray) -> Levels:
    """Compare sixteen-digit codes (family cards), -1 where missing; ``CODE_LEVELS``."""
    level = np.select([(left < 0) | (right < 0), left == right], [0, 1], 3).astype(np.int8)
    rows = np.flatnonzero((level == 3) & np.isin(np.abs(left - right), _ONE_DIGIT))
    level[rows[_digit_slips(left[rows], right[rows], 16) == 1]] = 2
    return level


_ONE_DIGIT: Final = (np.arange(1, 10)[:, None] * 10 ** np.arange(16)).ravel()
"""By how much two codes can be apart that differ in one digit."""
