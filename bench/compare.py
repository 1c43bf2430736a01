"""Padan beside the peer on drawn populations: who is right more often, at what cost.

    python -m bench.compare                                         # some minutes
    python -m bench.compare --people 377000 --repeat 3 --keep       # the figures of docs/benchmarks.md

For each kind of dirt and each seed the two run one after the other, each in a process of its own, from the same
files to a list of what is wrong; both lists are scored against the truth. With ``--repeat`` they alternate, the
other one first every time, and costs are medians. No threshold of Padan was chosen on these seeds.

Prints a table for each kind of dirt and writes everything to ``bench-out/compare.json``; ``--keep`` also puts the
tables into ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from bench.measure import OUT, ROOT, Cost, is_busy, machine, measured, middle
from bench.population import Population
from bench.tables import keep, table

DIRT = ("ordinary", "filthy", "counter")
SEEDS = (7301, 7302)
PEOPLE = 60_000

PROGRAMS = ("padan", "peer")

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Line:
    """One line of the tables: a figure by name, what it is called, and whether less of it is better."""

    figure: str
    called: str
    less: bool = False

    def shown(self, value: float | None) -> str:
        """The figure as a table shows it; without one the program does not look for such faults at all."""
        if value is None:
            return "none"
        return f"{value:.1f}" if self.figure in ("wall", "cpu", "peak_mib") else f"{value:.4f}"

    def ratio(self, padan: float, peer: float | None) -> str:
        """Padan's figure over the peer's; nothing where there is none to divide by."""
        return f"{padan / peer:.3f}" if peer else "–"

    def verdict(self, padan: float, peer: float) -> str:
        """Whether Padan is ``ahead``, ``level`` or ``behind``."""
        if padan == peer:
            return "level"
        return "ahead" if (padan < peer) == self.less else "behind"


LINES = (
    Line("detect_recall", "wrong numbers found: recall"),
    Line("detect_precision", "wrong numbers found: precision"),
    Line("cause_accuracy", "cause named right"),
    Line("proposal_recall", "proposal: recall"),
    Line("proposal_precision", "proposal: precision"),
    Line("sure_share", "said ≥ 0.99 sure: share of all"),
    Line("sure_precision", "said ≥ 0.99 sure: right"),
    Line("elements_recall", "birth date or sex differing: recall"),
    Line("calibration_error", "calibration error, bins' middles", less=True),
    Line("expected_calibration_error", "calibration error, bins' means", less=True),
    Line("double_nik_recall", "two numbers: recall"),
    Line("double_nik_precision", "two numbers: precision"),
    Line("duplicate_record_recall", "recorded twice: recall"),
    Line("duplicate_record_precision", "recorded twice: precision"),
    Line("nik_not_online_recall", "not online: recall"),
    Line("nik_not_online_precision", "not online: precision"),
    Line("wall", "wall, seconds", less=True),
    Line("cpu", "processor, seconds", less=True),
    Line("peak_mib", "peak memory, MiB", less=True),
)

BEYOND_THE_PEER = ("double_nik", "duplicate_record", "nik_not_online")
"""Causes that the peer does not look for: it links records with people, nothing else."""


@dataclass(frozen=True)
class Outcome:
    """What came out on one population: for each program its figures, and its cost among them."""

    population: Population
    figures: Mapping[str, Figures]

    def value(self, program: str, line: Line) -> float | None:
        """A program's figure; nothing where it looks for no such faults."""
        if program == "peer" and line.figure.startswith(BEYOND_THE_PEER):
            return None
        return self.figures[program].get(line.figure)

    def verdicts(self) -> list[tuple[Line, str]]:
        """How Padan stands on each line on which both have a figure."""
        both = [(line, self.value("padan", line), self.value("peer", line)) for line in LINES]
        return [(line, line.verdict(x, y)) for line, x, y in both if x is not None and y is not None]


def compare(population: Population, repeat: int) -> Outcome:
    """Run both programs ``repeat`` times on a population and score what they say."""
    population.drawn()
    costs: dict[str, list[Cost]] = {program: [] for program in PROGRAMS}
    for i in range(repeat):
        for program in PROGRAMS if i % 2 == 0 else reversed(PROGRAMS):
            costs[program].append(_run(program, population))
    return Outcome(
        population,
        {
            program: {**_score(population, _said(program, population)), **asdict(middle(costs[program]))}
            for program in PROGRAMS
        },
    )


def _said(program: str, population: Population) -> Path:
    return population.folder / f"{program}.csv"


def _run(program: str, population: Population) -> Cost:
    if program == "padan":
        shutil.rmtree(population.folder / "data", ignore_errors=True)
        return measured("bench.padan", population.folder, _said(program, population))
    return measured("bench.peer", population.sources, _said(program, population))


def _score(population: Population, said: Path) -> dict[str, float]:
    """The figures of a list, counted in a process of its own: this one has to stay small."""
    command = [sys.executable, ROOT / "bench" / "score.py", population.sources, said, "--json"]
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def tables(outcomes: Sequence[Outcome]) -> str:
    """A table for each kind of dirt, and in one sentence on how many lines Padan is ahead."""
    parts = []
    for dirt, group in groupby(outcomes, key=lambda outcome: outcome.population.dirt):
        parts += [f"### {dirt.capitalize()}", _table(list(group))]
    return "\n\n".join([*parts, standing(outcomes)])


def _table(outcomes: Sequence[Outcome]) -> str:
    header = [""]
    for outcome in outcomes:
        header += [f"seed {outcome.population.seed}: Padan", "peer", "ratio"]
    rows = []
    for line in LINES:
        row = [line.called]
        for outcome in outcomes:
            padan, peer = (outcome.value(program, line) for program in PROGRAMS)
            row += (
                ["none", "none", "–"]
                if padan is None
                else [line.shown(padan), line.shown(peer), line.ratio(padan, peer)]
            )
        rows.append(row)
    return table(header, rows)


def standing(outcomes: Sequence[Outcome]) -> str:
    """On how many lines Padan is ahead, of those that both have on all populations, and which are the others."""
    verdicts = [
        (verdict, f"{line.called} ({outcome.population.name})")
        for outcome in outcomes
        for line, verdict in outcome.verdicts()
    ]
    ahead = sum(verdict == "ahead" for verdict, _ in verdicts)
    said = f"Ahead of the peer on {ahead} of {len(verdicts)} lines"
    others = [
        f"{verdict}: {', '.join(where for found, where in verdicts if found == verdict)}"
        for verdict in ("level", "behind")
        if verdict in {found for found, _ in verdicts}
    ]
    return f"{'; '.join([said, *others])}."


def introduction(outcomes: Sequence[Outcome], repeat: int, busy: bool) -> str:
    """What was measured, on what."""
    people, records = (
        {int(x) for x in values}
        for values in (
            [outcome.population.people for outcome in outcomes],
            [outcome.figures["padan"]["records"] for outcome in outcomes],
        )
    )
    times = "one run each" if repeat == 1 else f"medians of {repeat} runs each, alternating"
    text = (
        f"{_span(people)} people, {_span(records)} agency records; {times}; from the files to the list of what is "
        f"wrong, each program in a process of its own. On {machine()}."
    )
    return text + (" The machine was busy with other work: the times say little." if busy else "")


def _span(numbers: set[int]) -> str:
    return " to ".join(f"{number:,}" for number in sorted({min(numbers), max(numbers)}))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare on every population, print as it goes, write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--dirt", nargs="+", default=DIRT)
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parser.add_argument("--keep", action="store_true", help="put the tables into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    busy = is_busy()
    outcomes = []
    for dirt in options.dirt:
        for seed in options.seeds:
            outcomes.append(compare(Population(options.people, seed, dirt), options.repeat))
            print(f"{outcomes[-1].population.name}: {standing(outcomes[-1:])}", flush=True)
    text = f"{introduction(outcomes, options.repeat, busy)}\n\n{tables(outcomes)}"
    print(f"\n{text}")
    result = {
        "machine": machine(),
        "busy": busy,
        "repeat": options.repeat,
        "populations": [asdict(outcome) for outcome in outcomes],
    }
    OUT.mkdir(exist_ok=True)
    (OUT / "compare.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    if options.keep:
        keep("compare", text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
