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
from dataclasses import dataclass, fields
from importlib import metadata
from pathlib import Path
from statistics import median
from threading import Event, Thread

ROOT = Path(__file__).parent.parent
OUT = ROOT / "bench-out"
"""Where drawn populations and results lie; `make clean` removes it."""

PACKAGES = ("duckdb", "numpy", "pyarrow", "rapidfuzz", "splink")
"""Those whose version tells in the figures."""

TAIL = 2000
LOOK = 0.2
"""Seconds between two looks at the memory of a family of processes."""

BUSY = 0.25
"""Of the cores: from this load on, times are not worth keeping."""


@dataclass(frozen=True)
class Cost:
    """What one run of a program took; ``peak_mib`` is the most memory that its process held at once.

    ``family_mib``: the most that it and all processes it started held together, as far as was seen.
    """

    wall: float
    cpu: float
    peak_mib: float
    family_mib: float = 0.0


class Failed(RuntimeError):
    """A measured program ended with another exit code than 0; says the end of what it printed."""


def measured(module: str, *arguments: object) -> Cost:
    """Run ``python -m module arguments`` from the project's root to its end. Raises ``Failed``."""
    return measured_command(sys.executable, "-m", module, *arguments)


def measured_command(*command: object) -> Cost:
    """Run a command from the project's root to its end. Raises ``Failed``."""
    words = list(map(str, command))
    with tempfile.TemporaryFile() as printed:
        started = time.monotonic()
        process = subprocess.Popen(words, cwd=ROOT, stdout=printed, stderr=subprocess.STDOUT)
        with Family(process.pid) as family:
            _, status, used = os.wait4(process.pid, 0)
            wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            printed.seek(0)
            said = printed.read()[-TAIL:].decode(errors="replace")
            raise Failed(f"{' '.join(words[1:3])} ended with {process.returncode}:\n{said}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, family.peak_mib)


class Family(Thread):
    """Looks, while its block lasts, at what a process and all that it started hold in memory (Linux).

    What several share is counted once: of each its proportional set size.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = Event()
        self.peak_mib = 0.0

    def __enter__(self) -> Family:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        """Look again and again."""
        while not self._over.wait(LOOK):
            self.peak_mib = max(self.peak_mib, sum(map(_held, _with_children(self._pid))) / 1024)


def _with_children(pid: int) -> list[int]:
    """A process and all that it started; of one that has ended there is none."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    try:
        children = [int(child) for file in listed for child in file.read_text().split()]
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in _with_children(child))]


def _held(pid: int) -> int:
    """KiB of memory; 0 of one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*(median(getattr(cost, f.name) for cost in costs) for f in fields(Cost)))


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
