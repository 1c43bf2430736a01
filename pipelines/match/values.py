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


def compare_sexes(left: pa.Array, right: pa.Array) -> Levels:
    """Compare L / P; ``SEX_LEVELS``."""
    same = np.asarray(pc.fill_null(pc.equal(left, right), False))
    return np.where(_missing(left, right), 0, np.where(same, 1, 2)).astype(np.int8)


def compare_places(left: pa.Array, right: pa.Array, cut: BoolArray) -> Levels:
    """Compare birthplaces; ``cut``: the left one fills its field. ``PLACE_LEVELS``."""
    level = np.where(_missing(left, right), 0, 4).astype(np.int8)
    same = np.asarray(pc.fill_null(pc.equal(left, right), False))
    level[same] = 1
    rows = np.flatnonzero(level == 4)
    if not len(rows):
        return level
    pair, inverse = _distinct_pairs(left.take(pa.array(rows)), right.take(pa.array(rows)))
    alike = cpdist(*pair, scorer=JaroWinkler.similarity, dtype=np.float32, workers=-1) >= 0.88
    begins = np.fromiter(
        (q.startswith(p) or p.startswith(q) for p, q in zip(*pair, strict=True)), bool, len(alike)
    )
    level[rows[alike[inverse]]] = 3
    level[rows[begins[inverse] & cut[rows]]] = 2
    return level


def _distinct_pairs(
    left: pa.Array, right: pa.Array
) -> tuple[tuple[list[Any], list[Any]], npt.NDArray[np.intp]]:
    left, right = left.dictionary_encode(), right.dictionary_encode()
    size = len(right.dictionary)
    key = np.asarray(left.indices).astype(np.int64) * size + np.asarray(right.indices)
    key, inverse = np.unique(key, return_inverse=True)
    texts = left.dictionary.take(pa.array(key // size)), right.dictionary.take(pa.array(key % size))
    return (texts[0].to_pylist(), texts[1].to_pylist()), inverse


def compare_codes(left: IntArray, right: IntArray) -> Levels:
    """Compare sixteen-digit codes (family cards), -1 where missing; ``CODE_LEVELS``."""
    slips = _digit_slips(left, right, 16)
    return np.select([(left < 0) | (right < 0), slips == 0, slips == 1], [0, 1, 2], 3).astype(np.int8)


def _missing(left: pa.Array, right: pa.Array) -> BoolArray:
    return np.asarray(pc.or_(pc.is_null(left), pc.is_null(right)))
