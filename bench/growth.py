"""How the whole job grows with the people: seconds of each stage, memory, and the exponent between sizes.

    python -m bench.growth                                       # 20, 60 and 180 thousand people, minutes
    python -m bench.growth --people 50000 391000 1500000 5600000 --keep

Each size is drawn once and run whole in a process of its own (`bench/run_whole.py`). The exponent is the slope of
log seconds over log people from the smallest size to the largest: 1 is proportional. With ``--keep`` the table goes
to ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from bench.measure import OUT, Cost, circumstances, measured
from bench.population import Population
from bench.tables import keep, table

SIZES = (20_000, 60_000, 180_000)

STAGES = {
    "extract_if_readable": "extract",
    "standardise": "standardise",
    "match": "match",
    "diagnose": "diagnose",
    "settle": "waiting for gates",
    "worklist": "worklist",
    "account": "account",
    "record": "record",
    "publish": "publish",
}
"""What a run's stages are called in the table. Sources are brought two at a time: their seconds overlap."""


@dataclass(frozen=True)
class Size:
    """One size: rows of all sources, what the run took, and the seconds and most MiB of each stage."""

    people: int
    rows: int
    wall: float
    family_mib: float
    seconds: Mapping[str, float]
    mib: Mapping[str, float]
    score: Mapping[str, float]


def measure(people: int, seed: int, dirt: str) -> Size:
    """Draw, run whole, and read what the run said of itself."""
    population = Population(people, seed, dirt).drawn()
    cost: Cost = measured("bench.run_whole", "--people", people, "--seed", seed, "--dirt", dirt)
    told = json.loads((OUT / f"whole-{population.name}.json").read_text(encoding="utf-8"))
    seconds: dict[str, float] = {}
    mib: dict[str, float] = {}
    for stage in told["stages"]:
        if name := STAGES.get(stage["stage"]):
            seconds[name] = seconds.get(name, 0.0) + stage["seconds"]
            mib[name] = max(mib.get(name, 0.0), stage["peak_mib"])
    rows = sum(stage["rows"] for stage in told["stages"] if stage["stage"] == "extract_if_readable")
    return Size(people, rows, told["wall"], cost.family_mib, seconds, mib, told["score"])


def exponent(few: tuple[int, float], many: tuple[int, float]) -> float:
    """The slope of log seconds over log people between two sizes."""
    return log(many[1] / few[1]) / log(many[0] / few[0])


def shown(sizes: Sequence[Size]) -> str:
    """The table: a column for each size, and the exponent from the first to the last."""
    few, many = sizes[0], sizes[-1]

    def slope(of: Sequence[float]) -> str:
        some = len(sizes) > 1 and min(of) > 0
        return f"{exponent((few.people, of[0]), (many.people, of[-1])):.2f}" if some else "–"

    def line(called: str, of: Sequence[float], form: str, grows: bool) -> list[str]:
        return [called, *(format(value, form) for value in of), slope(of) if grows else ""]

    lines = [
        line("rows read", [s.rows for s in sizes], ",.0f", False),
        line("whole run, seconds", [s.wall for s in sizes], ",.1f", True),
        line("rows a second", [s.rows / s.wall for s in sizes], ",.0f", False),
        line("all processes at their most, MiB", [s.family_mib for s in sizes], ",.0f", True),
    ]
    lines += [
        line(f"{name}, seconds", [s.seconds[name] for s in sizes], ",.1f", True) for name in few.seconds
    ]
    lines += [line(f"{name}, MiB", [s.mib[name] for s in sizes], ",.0f", True) for name in few.mib]
    right = ("cause_accuracy", "proposal_recall", "proposal_precision", "sure_precision")
    lines += [line(of.replace("_", " "), [s.score[of] for s in sizes], ".4f", False) for of in right]
    return table(["people", *(f"{s.people:,}" for s in sizes), "exponent"], lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, nargs="+", default=SIZES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dirt", default="ordinary")
    parser.add_argument("--keep", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    where = circumstances()
    said = shown([measure(people, options.seed, options.dirt) for people in sorted(options.people)])
    print(said)
    if options.keep:
        keep("growth", f"{where}\n\n{said}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
