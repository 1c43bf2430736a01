"""Memory does not grow with the rows: a source four times as long needs no more of it."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.extract.office import HEADER, Office

CHILD = """
import resource, sys
from pathlib import Path
from tests.extract.office import Office
reading = Office(Path(sys.argv[1]))
source = reading.source(sys.argv[2])
from pipelines.extract import extract
rows = extract(source, reading.settings(source)).rows
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
ALLOWED = 24 << 10  # KiB: less than the shorter file's text, so that keeping the longer one would show


def measured(folder: Path, name: str) -> tuple[int, int]:
    """Rows, and peak memory in KiB, of an extraction in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), name], capture_output=True, text=True, check=True
    )
    rows, peak = done.stdout.split()
    return int(rows), int(peak)


def delimited(i: int) -> str:
    return (
        f'{i},"NAMA, {i % 9973}",{5301010101900000 + i},L,1990-01-{i % 28 + 1:02},IBU {i % 997} DARI BABAU\n'
    )


def damaged(i: int) -> str:
    return delimited(i).replace("L,", "L,,") if i % 1000 == 7 else delimited(i)


def json_line(i: int) -> str:
    values = delimited(i).replace('"', "").replace(", ", " ").strip().split(",")
    return "{" + ", ".join(f'"{h}": "{v}"' for h, v in zip(HEADER, values, strict=True)) + "}\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "head", "line"),
    [
        ("pasien.csv", ",".join(HEADER) + "\n", delimited),
        ("pasien.csv.gz", ",".join(HEADER) + "\n", delimited),
        ("damaged.csv", ",".join(HEADER) + "\n", damaged),
        ("pasien.ndjson", "", json_line),
    ],
)
def test_peak_memory_does_not_grow_with_the_rows(
    office: Office, name: str, head: str, line: Callable[[int], str]
) -> None:
    peaks = []
    for rows in (400_000, 1_600_000) if line is delimited else (60_000, 240_000):
        opener = partial(gzip.open, compresslevel=1) if name.endswith(".gz") else open
        with opener(office.folder / name, "wt") as handle:
            handle.write(head)
            handle.writelines(map(line, range(rows)))
        read, peak = measured(office.folder, name)
        assert rows - read == (rows // 1000 if line is damaged else 0)
        peaks.append(peak)
    assert peaks[1] - peaks[0] < ALLOWED
