"""The stages' SQL in Spark's words: what differs is put right, and what cannot be is refused."""

from __future__ import annotations

import pytest

pytest.importorskip("sqlglot", reason="the extra of Spark is not installed")

from pipelines.engine.dialect import spark_sql


def spark(query: str, columns: tuple[str, ...] = ()) -> str:
    return spark_sql(query, lambda _: list(columns))


@pytest.mark.parametrize(
    ("written", "in_spark"),
    [
        # whole numbers stay whole: `/` would make Spark's a fraction
        ("select number // 10000 % 1000000 from reg", "SELECT number DIV 10000 % 1000000 FROM reg"),
        # DuckDB puts nulls last in either direction, Spark first when it rises
        ("select a from t order by a, b desc", "SELECT a FROM t ORDER BY a NULLS LAST, b DESC"),
        # a sentence with a missing part is no missing sentence
        ("select concat('a ', x) from t", "SELECT CONCAT('a ', COALESCE(x, '')) FROM t"),
        (
            "select nik from v qualify row_number() over (partition by nik order by day desc) = 1",
            "SELECT nik FROM (SELECT nik, ROW_NUMBER() OVER (PARTITION BY nik ORDER BY day DESC) AS _w FROM v) "
            "AS _t WHERE _w = 1",
        ),
        ("select strftime(d, '%Y-%m-%d') from t", "SELECT DATE_FORMAT(d, 'yyyy-MM-dd') FROM t"),
        (
            "select i from (select unnest(range(0, 17)) as i)",
            "SELECT i FROM (SELECT EXPLODE(SEQUENCE(0, 16)) AS i)",
        ),
    ],
)
def test_what_the_two_write_differently(written: str, in_spark: str) -> None:
    assert spark(written) == in_spark


def test_a_whole_match_ends_where_the_text_ends() -> None:
    """Java's ``$`` also stands before a line's end, DuckDB's full match has nothing after it."""
    assert spark("select regexp_full_match(d, '[0-9]{16}') from t") == (
        r"SELECT d RLIKE '\\A(?:[0-9]{16})\\z' FROM t"
    )


def test_a_lot_is_drawn_from_hexadecimal_digits() -> None:
    query = "select ('0x' || substr(md5(key), 1, 12))::bigint as lot from t"
    assert spark(query) == "SELECT CAST(CONV(SUBSTRING(MD5(key), 1, 12), 16, 10) AS BIGINT) AS lot FROM t"


def test_a_replaced_column_stays_where_it_is() -> None:
    query = "select * replace (-1 - a as a), true as blind from seek"
    assert spark(query, ("a", "name")) == "SELECT -1 - a AS a, `name`, TRUE AS blind FROM seek"


def test_what_would_mean_something_else_is_refused() -> None:
    """DuckDB replaces the first match, Spark every one: such SQL is for the executors' DuckDB."""
    with pytest.raises(NotImplementedError, match="regexp_replace"):
        spark("select regexp_replace(x, 'a', 'b') from t")
