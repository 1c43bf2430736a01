from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipelines.sample.files import write_csv


def test_parts_become_one_table_with_one_header(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", [{"a": [1, 2], "b": ["x", "y"]}, {"a": [3], "b": ["z"]}])
    assert (tmp_path / "t.csv").read_bytes() == b"a,b\r\n1,x\r\n2,y\r\n3,z\r\n"


def test_commas_quotes_and_line_ends_come_back(tmp_path: Path) -> None:
    odd = ["TEFA, S.PD", 'dia "Ina"', "dua\nbaris", "Ma'u"]
    write_csv(tmp_path / "t.csv", [{"name": odd}])
    with (tmp_path / "t.csv").open(newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["name", *odd]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("old")
    with pytest.raises(ValueError, match="shorter"):
        write_csv(tmp_path / "t.csv", [{"a": [1, 2], "b": [1]}])
    assert (tmp_path / "t.csv").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1
