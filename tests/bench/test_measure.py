"""What a program costs, seen from outside."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench.measure import ROOT, Cost, Failed, machine, measured, middle


def fresh(code: str) -> str:
    """What a fresh, small interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_memory_of_the_program_is_seen_and_not_that_of_whoever_measures() -> None:
    """`timeit` is a module that runs what it is given."""
    code = """
import json
from bench.measure import measured
small, large = (measured("timeit", "-n1", "-r1", "--", f"bytearray(b'x' * {n})") for n in (1, 200 << 20))
print(json.dumps([small.peak_mib, large.peak_mib]))
"""
    small, large = json.loads(fresh(code))
    assert small < 60
    assert 350 < large - small < 450, "200 MiB as bytes and once more as bytearray"


def test_processor_time_is_what_was_worked_and_not_what_was_waited() -> None:
    waited = measured("timeit", "-n1", "-r1", "-s", "import time", "--", "time.sleep(1.5)")
    assert waited.cpu < 1.5 <= waited.wall


def test_a_program_that_fails_says_why() -> None:
    with pytest.raises(Failed, match=r"(?s)timeit ended with 1:.*ZeroDivisionError"):
        measured("timeit", "-n1", "-r1", "--", "1 / 0")


def test_the_median_is_taken_of_each_figure_for_itself() -> None:
    costs = [Cost(1.0, 9.0, 300.0), Cost(3.0, 8.0, 100.0), Cost(2.0, 7.0, 200.0)]
    assert middle(costs) == Cost(2.0, 8.0, 200.0)
    assert middle(costs[:2]) == Cost(2.0, 8.5, 200.0)
    assert middle(costs[:1]) == costs[0]


def test_the_machine_is_described_and_not_named() -> None:
    said = machine()
    for word in (" cores (", "GiB of memory", "Python 3.", "splink 5.", "duckdb "):
        assert word in said
    assert socket.gethostname() not in said
    assert not [place for place in (Path.home(), ROOT, Path(sys.prefix)) if str(place) in said]
    assert "\n" not in said


@pytest.mark.parametrize("module", ["bench.compare", "bench.population", "bench.tables"])
def test_whoever_measures_stays_small(module: str) -> None:
    """Linux counts the starter's memory into the started program's peak."""
    loaded = set(json.loads(fresh(f"import {module}, sys, json; print(json.dumps(sorted(sys.modules)))")))
    assert not loaded & {"duckdb", "numpy", "pandas", "pyarrow", "splink", "pipelines"}
