"""What a program costs, measured from outside: wall and processor seconds and peak memory of its process.

Linux counts the memory of the process that starts a program into that program's peak, so whoever measures has
to stay small: this module and those that import it load nothing but the standard library.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
OUT = ROOT / "bench-out"
"""Where drawn populations and results lie; `make clean` removes it."""

PACKAGES = ("duckdb", "numpy", "pyarrow", "rapidfuzz", "splink")
"""Those whose version tells in the figures."""

TAIL = 2000
BUSY = 0.25
"""Of the cores: from this load on, times are not worth keeping."""


@dataclass(frozen=True)
class Cost:
    """What one run of a program took; ``peak_mib`` is the most memory that its process held at once."""

    wall: float
    cpu: float
    peak_mib: float


class Failed(RuntimeError):
    """A measured program ended with another exit code than 0; says the end of what it printed."""


def measured(module: str, *arguments: object) -> Cost:
    """Run ``python -m module arguments`` from the project's root to its end. Raises ``Failed``."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with tempfile.TemporaryFile() as printed:
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, stdout=printed, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            printed.seek(0)
            said = printed.read()[-TAIL:].decode(errors="replace")
            raise Failed(f"{module} ended with {process.returncode}:\n{said}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*(median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "peak_mib")))


def machine() -> str:
    """The machine in one line: cores, memory, system and versions; nothing that says whose it is."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return (
        f"{_cores()} cores ({_processor()}), {_memory_gib():.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def is_busy() -> bool:
    """Whether others work on this machine right now: then no time measured on it means much."""
    return os.getloadavg()[0] > BUSY * _cores()


def circumstances() -> str:
    """The machine, and whether it is busy, for the page that keeps figures; ask before measuring."""
    said = f"On {machine()}."
    return f"{said} The machine was busy with other work: the times say little." if is_busy() else said


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
