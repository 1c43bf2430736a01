"""Typed values as text: one rule for Python's values and for Arrow's."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extract.values import as_text, column_of, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        (" 5301 ", " 5301 "),
        (5301061203790003, "5301061203790003"),
        (5301061203790000.0, "5301061203790000"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (float("inf"), "inf"),
        (float("nan"), None),
        (1e300, "1e+300"),
        (Decimal("5301061203790003.000"), "5301061203790003"),
        (Decimal("100"), "100"),
        (Decimal("5.30E+3"), "5300"),
        (Decimal("NaN"), None),
        (Decimal("Infinity"), "Infinity"),
        (True, "true"),
        (date(1979, 3, 12), "1979-03-12"),
        (datetime(1979, 3, 12), "1979-03-12"),
        (datetime(1979, 3, 12, 1, 2, 3), "1979-03-12 01:02:03"),
        (time(1, 2), "01:02:00"),
        (b"JOS\xc3\x89", "JOSÉ"),
        (memoryview(b"JOS\xc9"), "JOSÉ"),
        ({"a": [date(1979, 3, 12)]}, '{"a":["1979-03-12"]}'),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    ],
)
def test_a_value_as_a_person_would_see_it(value: object, text: str | None) -> None:
    assert text_of(value) == text


def test_a_column_of_mixed_values_passes_none_through_a_float() -> None:
    values = [9471061203790003, 1.5, None, "0000-00-00", date(1979, 3, 12)]
    assert column_of(values).to_pylist() == ["9471061203790003", "1.5", None, "0000-00-00", "1979-03-12"]


def test_halves_of_surrogate_pairs_are_replaced() -> None:
    assert column_of(["A\ud800B", None, "C"]).to_pylist() == ["A?B", None, "C"]
    assert column_of(["A\ud800B", 7]).to_pylist() == ["A?B", "7"]


STRATEGIES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): st.text(st.characters(exclude_categories=["Cs"])),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(),
    pa.timestamp("us"): st.datetimes(),
    pa.time64("us"): st.times(),
    pa.decimal128(38, 4): st.decimals(-(10**20), 10**20, places=4),
    pa.binary(): st.binary(),
}


@pytest.mark.parametrize("kind", STRATEGIES, ids=str)
@given(data=st.data())
def test_arrow_and_python_say_the_same(kind: pa.DataType, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | STRATEGIES[kind], max_size=6))
    expected = [text_of(value) for value in values]
    assert as_text(pa.array(values, kind)).to_pylist() == expected
    assert column_of(values).to_pylist() == expected


@given(number=st.integers(-(2**53), 2**53))
def test_a_whole_float_is_written_as_the_number_it_is(number: int) -> None:
    assert text_of(float(number)) == str(number)
