"""Great Expectations itself, asked about small frames: counts come back, values never do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from pipelines.quality.check import check, great_expectations
from pipelines.quality.suites import load_suite

pytestmark = pytest.mark.slow  # the import of Great Expectations alone takes seconds

ROOT = Path(__file__).parent.parent.parent

NUMBER = "5301049988776655"


def expectation(kind: str, name: str = "odd", reads: str = "rows", **kwargs: Any) -> dict[str, Any]:
    meta = {"name": name, "reads": reads}
    return {"type": kind, "kwargs": kwargs, "severity": "critical", "description": "Ganjil.", "meta": meta}


def frame(**columns: list[Any]) -> pd.DataFrame:
    rows: pd.DataFrame = pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)
    return rows


def asked(one: dict[str, Any], rows: pd.DataFrame) -> dict[str, Any]:
    (result,) = check("suite", [one], {"rows": rows})
    return result


def test_unexpected_values_are_counted_and_not_kept() -> None:
    one = expectation("expect_column_values_to_be_in_set", column="sex", value_set=["L", "P"])
    result = asked(one, frame(sex=["L", NUMBER, None, NUMBER]))
    assert not result["success"]
    assert (result["result"]["unexpected_count"], result["result"]["element_count"]) == (2, 4)
    assert NUMBER not in json.dumps(result)


def test_values_that_occur_twice_are_counted_and_not_kept() -> None:
    one = expectation("expect_column_values_to_be_unique", column="nik")
    result = asked(one, frame(nik=[NUMBER, NUMBER, "1"]))
    assert result["result"]["unexpected_count"] == 2
    assert NUMBER not in json.dumps(result)


def test_what_goes_wrong_is_said_without_the_value_it_went_wrong_on() -> None:
    one = expectation("expect_column_values_to_be_between", column="nik", min_value=1, max_value=2)
    result = asked(one, frame(nik=[NUMBER]))
    assert result["exception_info"]["raised_exception"]
    assert not result["success"]
    assert NUMBER not in json.dumps(result)
    assert "site-packages" not in json.dumps(result)


SIXTEEN = next(
    one["kwargs"]["regex"]
    for one in load_suite("records_people").expectations
    if one["meta"]["name"] == "nik_sixteen_digits"
)


def test_sixteen_digits_and_a_line_break_are_no_number() -> None:
    one = expectation("expect_column_values_to_match_regex", column="nik", regex=SIXTEEN)
    assert asked(one, frame(nik=[NUMBER]))["success"]
    assert not asked(one, frame(nik=[NUMBER + "\n"]))["success"]
    assert not asked(one, frame(nik=["٥٣٠١٠٤٩٩٨٨٧٧٦٦٥٥"]))["success"]


def test_results_come_in_the_order_of_the_suite_whatever_they_read() -> None:
    asked_of = [
        expectation(
            "expect_column_max_to_be_between", "a", "metrics", column="lost", min_value=0, max_value=0
        ),
        expectation("expect_table_row_count_to_equal", "b", value=2),
        expectation("expect_table_columns_to_match_set", "c", "columns", column_set=["x"], exact_match=True),
        expectation("expect_column_values_to_not_be_null", "d", column="x"),
    ]
    frames = {"columns": frame(x=[]), "rows": frame(x=["1", "2"]), "metrics": frame(lost=[0])}
    results = check("suite", asked_of, frames)
    assert [r["expectation_config"]["meta"]["name"] for r in results] == ["a", "b", "c", "d"]
    assert all(r["success"] for r in results)


def test_the_same_question_gives_the_same_answer_to_the_letter() -> None:
    one = expectation("expect_column_values_to_not_be_null", column="nik")
    rows = frame(nik=[NUMBER, None])
    assert json.dumps(asked(one, rows)) == json.dumps(asked(one, rows))


def test_nothing_is_drawn_at_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    asked(expectation("expect_column_values_to_not_be_null", column="nik"), frame(nik=[NUMBER]))
    seen = capfd.readouterr()
    assert (seen.out, seen.err) == ("", "")


def test_nothing_is_reported_to_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GX_ANALYTICS_ENABLED", "True")
    great_expectations()
    assert os.environ["GX_ANALYTICS_ENABLED"] == "False"


@pytest.mark.parametrize("first", ["", "import pyspark.sql"])
def test_a_spark_of_which_a_part_is_missing_ends_no_gate(tmp_path: Path, first: str) -> None:
    """Its client leaves the process, with 0, where it does not find all it needs."""
    client = tmp_path / "pyspark" / "sql" / "connect"
    client.mkdir(parents=True)
    for folder in (client, *client.parents[:2]):
        (folder / "__init__.py").touch()
    (client / "__init__.py").write_text("raise SystemExit(0)")
    asks = f"{first}\nfrom pipelines.quality.check import great_expectations\nprint(great_expectations().__name__)"
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", asks], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.stdout == "great_expectations\n", done.stderr
