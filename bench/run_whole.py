"""The whole job on a drawn district: seconds and peak memory of each stage, and how often it is right.

    python -m bench.run_whole --people 391000

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
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from bench.measure import OUT
from bench.padan import settings_of
from bench.population import Population
from bench.score import score
from pipelines.engine import Artifact
from pipelines.run import run

P = ParamSpec("P")
R = TypeVar("R")


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
    """Draw if need be, run, score, print; the figures also go to bench-out/whole-DIRT-SEED-PEOPLE.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=391_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dirt", default="ordinary")
    arguments = parser.parse_args()
    population = Population(arguments.people, arguments.seed, arguments.dirt).drawn()
    office = population.folder
    for old in ("data", "outbox"):
        shutil.rmtree(office / old, ignore_errors=True)
    for store in office.glob("padan.sqlite*"):
        store.unlink()

    meter = Meter()
    started = time.monotonic()
    outcome = run(settings_of(office), meter)
    wall = time.monotonic() - started
    figures = score(population.sources, Path(outcome.outbox.path) / "worklist.csv")
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
    (OUT / f"whole-{population.name}.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
