"""A batch of pairs in, levels and rarity out: each column of a pair goes to its own comparison."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipelines.match.comparisons import (
    COMPARISONS,
    CUT_COLUMNS,
    NUMBER,
    PAIR_COLUMNS,
    Compared,
    Texts,
    compare,
    numbered,
)
from pipelines.records import COMPARED
from tests.match.people import compared, numbers_of, vocabulary

AGENCY = {
    "name": "MARIA F SERAN",
    "birth_date": date(1990, 11, 2),
    "sex": "P",
    "birth_place": "KABUPATEN KUPAN",
    "mother_name": "KATARINA HOAR",
    "father_name": "PETRUS SERAN",
    "kk": 5301041101100003,
}
HELD = {**AGENCY, "name": "MARIA FLORENTINA SERAN", "birth_place": "KABUPATEN KUPANG"}

TYPES = {"birth_date": pa.date32(), "kk": pa.int64()}


def pairs(*rows: tuple[dict[str, Any], dict[str, Any]], bits: float = 9.0, **cut: bool) -> pa.Table:
    """Pairs as blocking hands them over, every date and place ``bits`` rare."""
    columns: dict[str, Any] = {}
    for side, at in (("l", 0), ("r", 1)):
        for name in PAIR_COLUMNS:
            columns[f"{name}_{side}"] = pa.array(
                [row[at].get(name) for row in rows], TYPES.get(name, pa.string())
            )
    for name in CUT_COLUMNS:
        columns[f"{name}_l"] = pa.array([cut.get(name, False)] * len(rows), pa.bool_())
    for name in ("birth_date", "birth_place"):
        columns[f"{name}_bits"] = pa.array([bits] * len(rows), pa.float32())
    return pa.table(columns)


def as_numbers(table: pa.Table) -> tuple[pa.Table, Texts]:
    """The batch with numbers in place of its texts, and what they stand for."""
    columns = [f"{c}_{side}" for side in "lr" for c in ("name", "mother_name", "father_name")]
    texts = [table[c].to_pylist() for c in columns]
    names, numbers = numbers_of(vocabulary(*(n for column in texts for n in column)), *texts)
    made = dict(zip(columns, numbers, strict=True))
    places = sorted({p for side in "lr" for p in table[f"birth_place_{side}"].to_pylist() if p})
    for side in "lr":
        for column, known in (("birth_place", places), ("sex", ["L", "P"])):
            values = table[f"{column}_{side}"].to_pylist()
            made[f"{column}_{side}"] = np.array([known.index(v) if v else -1 for v in values], np.int32)
    columns_ = {c: table[c] for c in table.column_names}
    columns_ |= {c: pa.array(v, mask=v < 0) for c, v in made.items()}
    return pa.table(columns_), Texts(names, pa.array(places, pa.string()))


def said(table: pa.Table) -> list[dict[str, str]]:
    """The levels of each pair in words."""
    seen = compare(*as_numbers(table))
    return [{c.name: c.levels[seen.levels[c.name][i]] for c in COMPARISONS} for i in range(len(seen))]


def test_each_column_is_compared_in_its_own_way() -> None:
    (levels,) = said(pairs((AGENCY, HELD), birth_place_cut=True))
    assert levels == {
        "name": "initials or cut, the rest agrees",
        "birth_date": "the same day",
        "sex": "the same",
        "birth_place": "cut at the field's width",
        "mother_name": "identical",
        "father_name": "identical",
        "kk": "the same",
    }


@pytest.mark.parametrize(
    ("column", "value", "level"),
    [
        ("name", "SERAN MARIA FLORENTINA", "same words, other order or spacing"),
        ("birth_date", date(1990, 2, 11), "day and month swapped"),
        ("sex", "L", "different"),
        ("birth_place", "ATAMBUA", "different"),
        ("mother_name", "KATHARINA HOAR", "spellings of one another"),
        ("father_name", "MARKUS LIUFETO", "different"),
        ("kk", 5301041101100008, "one digit differs"),
    ],
)
def test_what_differs_in_one_column_shows_in_that_comparison_alone(
    column: str, value: object, level: str
) -> None:
    usual, other = said(pairs((HELD, HELD), ({**HELD, column: value}, HELD)))
    assert {name for name in usual if usual[name] != other[name]} == {column}
    assert other[column] == level


@pytest.mark.parametrize("column", PAIR_COLUMNS)
def test_what_is_missing_on_either_side_is_missing(column: str) -> None:
    without = {**HELD, column: None}
    for levels in said(pairs((without, HELD), (HELD, without), (without, without))):
        assert {name for name, level in levels.items() if level == "missing"} == {column}


def test_a_mothers_name_may_be_cut_too() -> None:
    short, long = {**HELD, "mother_name": "KATARINA HO"}, HELD
    assert (
        said(pairs((short, long), mother_name_cut=True))[0]["mother_name"]
        == "initials or cut, the rest agrees"
    )
    assert said(pairs((short, long), name_cut=True))[0]["mother_name"].startswith("mistyped")


def test_the_bits_of_a_date_and_a_place_count_where_they_agree() -> None:
    rows = [
        (HELD, HELD),
        ({**HELD, "birth_place": "KABUPATEN KUPAN"}, HELD),  # cut: still that place
        ({**HELD, "birth_date": date(1990, 2, 11)}, HELD),  # swapped: that may be another date
        ({**HELD, "birth_place": None}, HELD),
    ]
    seen = compare(*as_numbers(pairs(*rows, bits=9.0, birth_place_cut=True)))
    assert seen.rarity["birth_date"].tolist() == [9, 9, 0, 9]
    assert seen.rarity["birth_place"].tolist() == [9, 9, 9, 0]


def test_what_is_rare_in_the_registry_is_not_known_of_a_date_that_it_has_not() -> None:
    table = pairs((HELD, HELD)).set_column(
        pairs((HELD, HELD)).column_names.index("birth_date_bits"),
        "birth_date_bits",
        pa.array([None], pa.float32()),
    )
    assert compare(*as_numbers(table)).rarity["birth_date"].tolist() == [0]


def test_a_batch_can_be_thinned() -> None:
    batch = compared(name=[1, 12, 3], sex=[1, 2, 0])
    some = batch.take(np.array([True, False, True]))
    assert len(batch) == 3
    assert len(some) == 2
    assert some.levels["name"].tolist() == [1, 3]
    assert some.levels["sex"].tolist() == [1, 0]
    assert batch.take(np.array([2, 0])).levels["name"].tolist() == [3, 1]


def test_an_empty_batch_is_compared() -> None:
    seen = compare(*as_numbers(pairs()))
    assert isinstance(seen, Compared)
    assert len(seen) == 0


def test_a_column_of_numbers_with_gaps() -> None:
    assert numbered(pa.array([5301041101100003, None], pa.int64())).tolist() == [5301041101100003, -1]


def test_every_comparison_begins_with_missing_and_the_table_of_matches_has_a_column_for_each() -> None:
    assert [c.name for c in (*COMPARISONS, NUMBER)] == list(COMPARED)
    assert {c.levels[0] for c in COMPARISONS} == {"missing"}
    assert all(len(set(c.levels)) == len(c.levels) for c in (*COMPARISONS, NUMBER))
