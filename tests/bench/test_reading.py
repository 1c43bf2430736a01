"""The measurement of reading, on a handful of rows."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

import pytest

from bench import reading


def test_the_file_has_as_many_patients_as_asked_for(tmp_path: Path) -> None:
    reading.write_file(tmp_path / "pasien.csv", 5)
    with (tmp_path / "pasien.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["no_rkm_medis"] for row in rows] == ["0000001", "0000002", "0000003", "0000004", "0000005"]
    assert all(len(row["no_ktp"]) == 16 for row in islice(rows, 5))


@pytest.mark.slow
def test_both_sizes_are_read_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading, "OUT", tmp_path)
    assert reading.main(["--rows", "400"]) == 0
    told = [[cell.strip() for cell in line.split("|")[1:3]] for line in capsys.readouterr().out.splitlines()]
    assert told[2:] == [["csv", "100"], ["csv", "400"]] or told[2:] == [["csv", "400"], ["csv", "100"]]
