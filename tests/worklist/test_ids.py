"""An item's id: the same every day, whichever of a pair is named first, in Python and in SQL."""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.records import NUMBER_CAUSES, PAIR_CAUSES, Cause
from pipelines.worklist import item_id
from pipelines.worklist.ids import identified_sql

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
keys = st.tuples(texts, texts, st.sampled_from([cause.value for cause in Cause]), st.none() | texts)


def test_an_id_never_changes() -> None:
    """A published contract: offices have these ids in their files."""
    assert item_id("rsud-naibonat", "000123", "NIK_MISTYPED") == "P-QXIOXDPF3JUO"
    assert item_id("dukcapil", "5301040101900003", "DOUBLE_NIK", "5301040101900001") == (
        item_id("dukcapil", "5301040101900001", "DOUBLE_NIK", "5301040101900003")
    )


def test_causes_are_of_two_kinds() -> None:
    assert [cause.value for cause in NUMBER_CAUSES] == [
        "NIK_MISSING",
        "NIK_MALFORMED",
        "NIK_OF_ANOTHER_PERSON",
        "NIK_MISTYPED",
        "NIK_WRONG",
        "NOT_REGISTERED",
        "HOLDER_DECEASED",
        "NIK_INACTIVE",
    ]
    assert not set(NUMBER_CAUSES) & set(PAIR_CAUSES)


@given(keys)
def test_an_id_is_no_number_and_easy_to_read_out(key: tuple[str, str, str, str | None]) -> None:
    assert re.fullmatch(r"P-[A-Z2-7]{12}", item_id(*key))


@given(texts, texts, texts, st.sampled_from([cause.value for cause in PAIR_CAUSES]))
def test_a_pair_has_one_id(source: str, one: str, other: str, cause: str) -> None:
    assert item_id(source, one, cause, other) == item_id(source, other, cause, one)


@given(keys, st.none() | texts)
def test_related_counts_for_pairs_alone(key: tuple[str, str, str, str | None], other: str | None) -> None:
    source, record, cause, related = key
    if cause not in [pair.value for pair in PAIR_CAUSES]:
        assert item_id(source, record, cause, related) == item_id(source, record, cause, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "bc", "NIK_WRONG"), ("ab", "c", "NIK_WRONG")),
        (("a", "1", "NIK_WRONG"), ("a", "1", "NIK_MISTYPED")),
        (("a", "1", "NIK_WRONG"), ("b", "1", "NIK_WRONG")),
        (("a", "1:1", "NIK_WRONG"), ("a", "1", "NIK_WRONG")),
        (("a", "1", "DOUBLE_NIK", "2"), ("a", "1", "DOUBLE_NIK", "3")),
        (("a", "1", "DOUBLE_NIK", "23"), ("a", "12", "DOUBLE_NIK", "3")),
    ],
)
def test_other_records_and_causes_have_other_ids(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert item_id(*one) != item_id(*other)


@settings(max_examples=15, deadline=None)
@given(st.lists(keys, min_size=1, max_size=60))
def test_sql_gives_the_same_ids(rows: list[tuple[str, str, str, str | None]]) -> None:
    names = ("source", "source_record_id", "cause", "related")
    columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(names)}
    with duckdb.connect() as con:
        con.register("findings", pa.table(columns))
        found = [row[0] for row in con.execute(identified_sql("findings")).fetchall()]
    assert found == [item_id(*row) for row in rows]
