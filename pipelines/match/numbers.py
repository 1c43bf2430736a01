"""What a recorded number says about a candidate's: the same, one slip away, a relative's, or nothing.

Digits are compared as integer arrays. Where the slip lies matters (see ``NUMBER_LEVELS``): people born on
one day in one district have numbers that differ in the serial alone, so a slip there proves little.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

Levels = npt.NDArray[np.int8]
IntArray = npt.NDArray[np.int64]

NUMBER_LEVELS: Final = (
    "no number",
    "the same number",
    "last digit zeroed",
    "day of birth differs by 40",
    "one digit differs, in the date",
    "one digit differs, in the district",
    "one digit differs, in the serial",
    "two neighbouring digits swapped",
    "a digit missing or too many",
    "letters for digits",
    "two digits differ",
    "the family card's number",
    "number of somebody of the household",
    "same district and date, another serial",
    "same date, another district",
    "number of somebody else",
    "another number, in no registry",
    "unreadable number",
)
"""What a recorded number can be to a candidate's, from nothing and best to worst."""

(
    NOTHING,
    EXACT,
    ZEROED,
    DAY40,
    DATE,
    REGION,
    SERIAL,
    SWAP,
    LENGTH,
    LETTERS,
    TWO,
    CARD,
    HOUSEHOLD,
    SIBLING,
    SAME_DATE,
    HELD,
    OTHER,
    UNREADABLE,
) = range(len(NUMBER_LEVELS))
ONE_SLIP: Final = (ZEROED, DAY40, DATE, REGION, SERIAL, SWAP, LENGTH, LETTERS)
"""The levels that the worklist calls mistyped: one slip away."""


def digits(numbers: IntArray) -> npt.NDArray[np.int8]:
    """The sixteen digits of each number, one row a number."""
    powers = 10 ** np.arange(15, -1, -1, dtype=np.int64)
    return ((numbers[:, None] // powers) % 10).astype(np.int8)


def compare_numbers(
    text: pa.Array,
    recorded: IntArray,
    number: IntArray,
    card: IntArray,
    household: npt.NDArray[Any],
    held: npt.NDArray[Any],
) -> Levels:
    """Compare what agencies wrote with what candidates hold.

    ``text``: the undressed recorded number, null if none; ``recorded``: it as an integer, -1 unless sixteen
    digits; ``number``, ``card``: the candidate's number and family card (-1 unknown); ``household``: the
    recorded number's holder lives in the candidate's household; ``held``: somebody in the registry holds it.
    """
    level = np.full(len(number), UNREADABLE, np.int8)
    level[np.asarray(pc.is_null(text))] = NOTHING
    whole = recorded >= 0
    level[whole] = np.where(held[whole], HELD, OTHER)
    rows = np.flatnonzero(whole)
    level[rows] = _whole(recorded[rows], number[rows], level[rows])
    weak = whole & (level >= TWO)
    level[whole & (level != EXACT) & household] = HOUSEHOLD
    level[weak & (recorded == card)] = CARD
    _odd_lengths(text, number, level)
    return level


def _whole(recorded: IntArray, number: IntArray, level: Levels) -> Levels:
    x, y = digits(recorded), digits(number)
    differs = x != y
    count = differs.sum(axis=1)
    where = differs.argmax(axis=1)
    one, two = count == 1, count == 2
    after = np.minimum(where + 1, 15)
    row = np.arange(len(x))
    swapped = two & differs[row, after] & (x[row, where] == y[row, after]) & (x[row, after] == y[row, where])
    same_date, same_region = ~differs[:, 6:12].any(axis=1), ~differs[:, :6].any(axis=1)
    day40 = one & (where == 6) & (np.abs(x[:, 6] - y[:, 6]) == 4)
    zeroed = one & (where == 15) & (x[:, 15] == 0)
    chosen = np.select(
        [
            count == 0,
            zeroed,
            day40,
            one & (where >= 6) & (where < 12),
            one & (where < 6),
            one,
            swapped,
            two & ~(same_date & same_region),
            same_date & same_region,
            same_date,
        ],
        [EXACT, ZEROED, DAY40, DATE, REGION, SERIAL, SWAP, TWO, SIBLING, SAME_DATE],
        level,
    )
    return chosen.astype(np.int8)


def _odd_lengths(text: pa.Array, number: IntArray, level: Levels) -> None:
    """Settle in place what is not sixteen digits: a digit missing or too many, letters written for digits."""
    rows = np.flatnonzero(level == UNREADABLE)
    if not len(rows):
        return
    written = pc.take(text, pa.array(rows)).to_pylist()
    read = [t.upper().translate(_LETTERS) for t in written]
    held = [f"{n:016d}" for n in number[rows].tolist()]
    slips = cpdist(read, held, scorer=OSA.distance, score_cutoff=2, dtype=np.int32, workers=-1)
    lengths = np.fromiter(map(len, read), np.int64, len(read))
    letters = np.fromiter((not t.isdigit() for t in written), bool, len(written))
    level[rows[(slips == 1) & (lengths != 16)]] = LENGTH
    level[rows[(slips == 0) & letters]] = LETTERS


_LETTERS: Final = str.maketrans("OILQ", "0110")
