"""The comparisons of a pair, as data: what is compared, the levels in words, and which bits measure rarity.

``compare`` is the one function from a batch of pairs to a batch of levels; whichever engine made the pairs
hands them over as an Arrow table. The explanation of an item is drawn from the same objects as its score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.match.names import NAME_LEVELS, compare_names
from pipelines.match.numbers import NUMBER_LEVELS
from pipelines.match.values import (
    CODE_LEVELS,
    DATE_LEVELS,
    PLACE_LEVELS,
    SEX_LEVELS,
    compare_codes,
    compare_dates,
    compare_places,
    compare_sexes,
)
from pipelines.match.vocabulary import Names

Levels = npt.NDArray[np.int8]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Comparison:
    """One thing compared. ``levels[0]`` is always "missing": no evidence, weight 0."""

    name: str
    levels: tuple[str, ...]
    rarity: bool = False


COMPARISONS: Final = (
    Comparison("name", NAME_LEVELS, rarity=True),
    Comparison("birth_date", DATE_LEVELS, rarity=True),
    Comparison("sex", SEX_LEVELS),
    Comparison("birth_place", PLACE_LEVELS, rarity=True),
    Comparison("mother_name", NAME_LEVELS, rarity=True),
    Comparison("father_name", NAME_LEVELS, rarity=True),
    Comparison("kk", CODE_LEVELS),
)
"""What of the record itself is compared; the recorded number is weighed apart (``numbers``)."""

NUMBER: Final = Comparison("number", NUMBER_LEVELS)

PAIR_COLUMNS: Final = ("name", "birth_date", "sex", "birth_place", "mother_name", "father_name", "kk")
"""What ``compare`` reads of each side, as ``<column>_l`` and ``<column>_r``."""

CUT_COLUMNS: Final = ("name_cut", "birth_place_cut", "mother_name_cut")
"""And of the left side alone: whether the value fills its field."""


@dataclass(frozen=True)
class Compared:
    """A batch of pairs compared: a level and, where the comparison has one, the bits of rarity, a column each."""

    levels: dict[str, Levels]
    rarity: dict[str, FloatArray]

    def __len__(self) -> int:
        return len(self.levels["name"])

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Compared:
        """The chosen pairs only."""
        return Compared(
            {k: v[rows] for k, v in self.levels.items()}, {k: v[rows] for k, v in self.rarity.items()}
        )

    @classmethod
    def together(cls, parts: Sequence[Compared]) -> Compared:
        """One batch of at least one."""
        first = parts[0]
        return cls(
            {k: np.concatenate([part.levels[k] for part in parts]) for k in first.levels},
            {k: np.concatenate([part.rarity[k] for part in parts]) for k in first.rarity},
        )


@dataclass(frozen=True)
class Texts:
    """What the numbers in a batch of pairs stand for: names, and birthplaces by their text."""

    names: Names
    places: pa.Array


def compare(pairs: pa.Table, texts: Texts) -> Compared:
    """Compare every pair of the batch.

    ``pairs`` has ``PAIR_COLUMNS`` of both sides, ``CUT_COLUMNS`` of the left, and the bits of rarity of the
    registry's birth date and place (``birth_date_bits``, ``birth_place_bits``, float). Names, places and sexes
    are numbers (``texts``; the sexes' only have to be equal where they are), and null is nothing.
    """
    column = {name: pairs[name].combine_chunks() for name in pairs.column_names}

    def both(name: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        left, right = (numbered(column[f"{name}_{side}"]) for side in "lr")
        return left, right

    def flag(name: str) -> npt.NDArray[np.bool_]:
        return np.asarray(pc.fill_null(column[name], False), dtype=np.bool_)

    levels: dict[str, Levels] = {}
    rarity: dict[str, FloatArray] = {}
    never = np.zeros(len(pairs), np.bool_)
    for name, cut in (
        ("name", flag("name_cut_l")),
        ("mother_name", flag("mother_name_cut_l")),
        ("father_name", never),
    ):
        compared = compare_names(*both(name), cut, texts.names)
        levels[name], rarity[name] = compared.level, compared.rarity
    levels["birth_date"] = compare_dates(column["birth_date_l"], column["birth_date_r"])
    levels["sex"] = compare_sexes(*both("sex"))
    levels["birth_place"] = compare_places(*both("birth_place"), flag("birth_place_cut_l"), texts.places)
    levels["kk"] = compare_codes(*both("kk"))
    for name, agreeing in (("birth_date", 1), ("birth_place", 2)):
        bits = np.asarray(pc.fill_null(column[f"{name}_bits"], 0.0), dtype=np.float32)
        rarity[name] = np.where((levels[name] >= 1) & (levels[name] <= agreeing), bits, np.float32(0))
    return Compared(levels, rarity)


def numbered(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """A column of whole numbers; -1 where it is null."""
    return np.asarray(pc.fill_null(column, -1))
