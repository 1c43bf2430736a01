"""The whole job on a drawn district: seconds and peak memory of each stage, and how often it is right.

    python bench/run_whole.py --people 391000

Draws registry, hospital and schools once into bench-out/ (kept for the next time), runs `pipelines.run` on
them with nothing kept from an earlier run, and scores the worklist against the truth. Memory is the resident
peak of this process during the stage (Linux); the gates have a process of their own, whose peak stands apart.
"""

from __future__ import annotations

import argparse
import functools
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ParamSpec, TypeVar

from pipelines.engine import Artifact
from pipelines.run import run
from pipelines.sample import demo_config, draw
from pipelines.settings import load_settings

P = ParamSpec("P")
R = TypeVar("R")

OUT = Path(__file__).parent.parent / "bench-out"
DAY = date(2026, 11, 24)


def peak_mib() -> float:
    """The resident peak of this process since it was last reset."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def reset_peak() -> None:
    """Let the peak be counted anew from here."""
    Path("/proc/self/clear_refs").write_text("5")


@dataclass
class Meter:
    """A `Watch` that keeps what each stage took."""

    stages: list[dict[str, object]] = field(default_factory=list)

    def __call__(self, stage: Callable[P, R], /) -> Callable[P, R]:
        """The stage, measured."""

        @functools.wraps(stage)
        def measured(*args: P.args, **kwargs: P.kwargs) -> R:
            reset_peak()
            started, cpu = time.monotonic(), time.process_time()
            result = stage(*args, **kwargs)
            self.stages.append(
                {
                    "stage": stage.__name__,
                    "on": getattr(args[0], "name", "") if args else "",
                    "rows": result.rows if isinstance(result, Artifact) else None,
                    "seconds": round(time.monotonic() - started, 2),
                    "cpu_seconds": round(time.process_time() - cpu, 2),
                    "peak_mib": round(peak_mib()),
                }
            )
            return result

        return measured


def main() -> None:
    """Draw if need be, run, score, print; the figures also go to bench-out/whole-PEOPLE-SEED-DIRT.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=391_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dirt", default="ordinary")
    arguments = parser.parse_args()
    name = f"{arguments.people}-{arguments.seed}-{arguments.dirt}"
    office = OUT / f"whole-{name}"
    if not (office / "sources" / "truth.csv").exists():
        draw(office / "sources", arguments.people, arguments.seed, arguments.dirt)
    for old in ("data", "outbox"):
        shutil.rmtree(office / old, ignore_errors=True)
    for store in office.glob("padan.sqlite*"):
        store.unlink()
    (office / "padan.toml").write_text(demo_config("sources"), encoding="utf-8")

    meter = Meter()
    started = time.monotonic()
    outcome = run(load_settings(office / "padan.toml", DAY), meter)
    wall = time.monotonic() - started
    worklist = Path(outcome.outbox.path) / "worklist.csv"
    score = [
        sys.executable,
        str(Path(__file__).with_name("score.py")),
        str(office / "sources"),
        str(worklist),
    ]
    figures = json.loads(
        subprocess.run([*score, "--json"], check=True, capture_output=True, text=True).stdout
    )
    gates = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024

    print(f"{'stage':<22}{'on':<18}{'rows':>10}{'seconds':>9}{'cpu':>8}{'peak MiB':>10}")
    for s in meter.stages:
        rows = "" if s["rows"] is None else f"{s['rows']:,}"
        print(
            f"{s['stage']:<22}{s['on']:<18}{rows:>10}{s['seconds']:>9}{s['cpu_seconds']:>8}{s['peak_mib']:>10}"
        )
    print(f"whole run {wall:.1f} s, the gates' process {gates:.0f} MiB at its peak")
    for key, value in figures.items():
        print(f"{key:<26}{value:.4f}" if isinstance(value, float) else f"{key:<26}{value}")
    result = {"wall": wall, "gates_peak_mib": gates, "stages": meter.stages, "score": figures}
    (OUT / f"whole-{name}.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
