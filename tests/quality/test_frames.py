"""What Great Expectations is given to look at: only what a suite names, in types that compare fast."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.quality.frames import columns_frame, metrics_frame, rows_frame


@pytest.fixture
def file(tmp_path: Path) -> Path:
    table = pa.table(
        {
            "nik": pa.array(["5301040101900001", None]),
            "row": pa.array([2, 3], pa.int64()),
            "birth_date": pa.array([date(1990, 1, 1), None], pa.date32()),
            "confidence": pa.array([0.5, None], pa.float64()),
            "name_cut": pa.array([True, None], pa.bool_()),
        }
    )
    pq.write_table(table, tmp_path / "part-0.parquet")
    return tmp_path / "part-0.parquet"


def test_all_columns_and_no_row(file: Path) -> None:
    frame = columns_frame(file)
    assert list(frame.columns) == ["nik", "row", "birth_date", "confidence", "name_cut"]
    assert len(frame) == 0


def test_only_the_named_columns_in_the_tables_order(file: Path) -> None:
    assert list(rows_frame(file, ["birth_date", "nik", "not_there"]).columns) == ["nik", "birth_date"]


def test_rows_can_be_counted_without_a_name(file: Path) -> None:
    frame = rows_frame(file, [])
    assert (list(frame.columns), len(frame)) == (["row"], 2)


def test_a_table_of_texts_is_counted_by_one_of_them(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["x"], "b": ["y"]}), tmp_path / "t.parquet")
    assert list(rows_frame(tmp_path / "t.parquet", []).columns) == ["a"]


def test_types_in_the_frame(file: Path) -> None:
    frame = rows_frame(file, ["nik", "birth_date", "confidence", "name_cut"])
    assert str(frame.dtypes["nik"]) == "string[pyarrow]"
    assert str(frame.dtypes["birth_date"]) == "datetime64[ns]"
    assert str(frame.dtypes["confidence"]) == "float64"
    assert frame.isna().sum().tolist() == [1, 1, 1, 1]


@given(st.dates())
def test_a_date_stays_on_its_side_of_every_bound(day: date) -> None:
    """Nanoseconds end in 2262: what is beyond is moved, never wrapped round into something possible."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "t.parquet"
        pq.write_table(pa.table({"birth_date": pa.array([day], pa.date32())}), file)
        seen = rows_frame(file, ["birth_date"])["birth_date"][0]
    for bound in (date(1900, 1, 1), date(2026, 11, 24)):
        assert (seen < pd.Timestamp(bound)) == (day < bound)
        assert (seen > pd.Timestamp(bound)) == (day > bound)


def test_figures_are_one_row() -> None:
    frame = metrics_frame({"missing_share": 0.25, "superseded": 3})
    assert frame.to_dict("records") == [{"missing_share": 0.25, "superseded": 3}]
