"""Queries built of named steps."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.standardise.steps import nest, side_by_side


def test_a_later_step_uses_what_an_earlier_one_made() -> None:
    query = nest("select 2 as a", [{"b": "a + 1"}, {"c": "a * b", "d": "b - a"}])
    assert duckdb.sql(query).fetchall() == [(2, 3, 6, 1)]


def test_concepts_run_side_by_side() -> None:
    merged = side_by_side([{"a": "1"}, {"b": "a"}], [{"c": "2"}], [{"d": "3"}, {"e": "d"}, {"f": "e"}])
    assert merged == [{"a": "1", "c": "2", "d": "3"}, {"b": "a", "e": "d"}, {"f": "e"}]


@pytest.mark.parametrize("other", [[{"a": "2"}], [{}, {"a": "2"}]])
def test_two_concepts_must_not_make_one_column(other: list[dict[str, str]]) -> None:
    with pytest.raises(ValueError, match="made by two concepts: a"):
        side_by_side([{"a": "1"}], other)


def test_nothing_to_do_leaves_the_query() -> None:
    assert nest("select 1", []) == "select 1"
