"""What each idea of the linkage adds: every one switched off in turn, on one dirty population.

    python -m bench.ablation                                    # some minutes
    python -m bench.ablation --people 200000 --each-rule --keep # the figures of docs/benchmarks.md

The records are made once; then match and diagnose run with one idea off at a time (``bench.ideas``), and the answers
are compared record by record with those of the whole. Then the selection check (``bench.selection``).

Prints both tables and writes ``bench-out/ablation.json``; ``--keep`` also puts them into ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path
from typing import Any

from bench.ideas import CORRECTED, IDEAS, WHOLE
from bench.ideas_compared import each_rule
from bench.measure import OUT, ROOT, Cost, machine, measured
from bench.population import Population
from bench.score import Figures, Key, Scored, load, score
from bench.switch import Idea
from bench.tables import keep, table

POPULATION = Population(60_000, 7303, "filthy")
"""A seed that nothing was chosen on, and that the comparison with the peer does not use."""

SHOWN = {
    "detect_recall": "found R",
    "detect_precision": "found P",
    "cause_accuracy": "cause",
    "proposal_recall": "proposed R",
    "proposal_precision": "proposed P",
    "sure_share": "sure",
    "sure_precision": "sure and right",
    "expected_calibration_error": "calibration",
    "double_nik": "two numbers",
    "duplicate_record": "twice",
}
"""The figures of the table. Recall and precision of the last two are taken together as F1."""

STIRS = 0.0005
"""A figure that moves by less has not moved."""

TELLS = 0.001
"""A figure that moves by so much is named where an idea is said to do nothing for the answers."""

LIKELY_CHANCE = 0.05
"""Gains and losses that would come about by chance more often than this show nothing."""


@dataclass(frozen=True)
class Result:
    """What an idea's absence led to: figures, the faulty records answered rightly, and cost."""

    idea: Idea
    figures: Figures
    right: frozenset[Key]
    cost: Cost


@dataclass(frozen=True)
class Effect:
    """An idea's absence against the whole: right answers lost and gained, and how the figures moved."""

    name: str
    what: str
    lost: int
    gained: int
    moved: Mapping[str, float]
    cpu: float

    @property
    def is_nothing(self) -> bool:
        """Whether nothing at all came of it."""
        return not (self.lost or self.gained or any(abs(by) >= STIRS for by in self.moved.values()))

    @property
    def is_better_without(self) -> bool:
        """Whether more answers were right without the idea, and by more than chance gives."""
        return self.gained > self.lost and by_chance(self.lost, self.gained) < LIKELY_CHANCE

    @property
    def is_unshown(self) -> bool:
        """Whether something changed, yet no more answers were right with the idea than chance gives."""
        return not self.is_nothing and by_chance(self.lost, self.gained) >= LIKELY_CHANCE

    def told(self) -> str:
        """What it is, and by how many points those of the table's figures move that move visibly without it."""
        moved = [
            f"{called} {_points(self.moved[name])}"
            for name, called in SHOWN.items()
            if abs(self.moved.get(name, 0)) >= TELLS
        ]
        return f"{self.what} ({', '.join(moved)})" if moved else self.what


def by_chance(lost: int, gained: int) -> float:
    """How often a fair coin would part ``lost + gained`` at least as unevenly: the sign test, two-sided."""
    n, fewer = lost + gained, min(lost, gained)
    return float(min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n))


def answered_rightly(scored: Scored) -> frozenset[Key]:
    """The faulty records with the true cause and, where there is one to find, the right number proposed."""
    proposed = {proposal.key for proposal in scored.proposals() if proposal.right}
    return frozenset(
        key
        for key in scored.faults
        if scored.truth[key]["cause"] in scored.named(key)
        and (key in proposed or not scored.has_number_to_find(key))
    )


def without(idea: Idea, population: Population) -> Result:
    """Link the population's records with an idea off."""
    said = population.folder / "without" / f"{idea.name}.csv"
    said.parent.mkdir(exist_ok=True)
    cost = measured("bench.ideas", population.folder, idea.name, said)
    scored = load(population.sources, said)
    return Result(idea, score(population.sources, said), answered_rightly(scored), cost)


def effect(result: Result, whole: Result) -> Effect:
    """What the result says of its idea."""
    before, after = (_shown(figures) for figures in (whole.figures, result.figures))
    return Effect(
        result.idea.name,
        result.idea.what,
        len(whole.right - result.right),
        len(result.right - whole.right),
        {name: after[name] - before[name] for name in before if name in after},
        result.cost.cpu / whole.cost.cpu,
    )


def _shown(figures: Figures) -> dict[str, float]:
    """The table's figures, and whatever else is scored; recall and precision of pairs as F1."""
    pairs = [name for name in SHOWN if f"{name}_recall" in figures]
    f1 = {name: _f1(figures[f"{name}_recall"], figures[f"{name}_precision"]) for name in pairs}
    return {**{name: value for name, value in figures.items() if name not in ("records", "wrong")}, **f1}


def _f1(recall: float, precision: float) -> float:
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def effects_table(whole: Result, effects: Sequence[Effect]) -> str:
    """The whole's figures in percent, then by how many points each idea's absence moves them."""
    before = _shown(whole.figures)
    header = ["without", "lost", "gained", *SHOWN.values(), "processor"]
    rows = [["(the whole)", "", "", *(f"{100 * before.get(name, 0):.2f}" for name in SHOWN), "1.00"]]
    for found in effects:
        moved = [_points(found.moved.get(name, 0.0)) for name in SHOWN]
        rows.append([found.what, str(found.lost), str(found.gained), *moved, f"{found.cpu:.2f}"])
    return table(header, rows)


def _points(by: float) -> str:
    return f"{100 * by:+.2f}" if abs(by) >= STIRS / 10 else "·"


def conclusions(effects: Sequence[Effect]) -> str:
    """Which ideas add nothing, which only seem to do something, and without which it is better."""
    kinds = (
        ("Nothing comes of leaving out", [e for e in effects if e.is_nothing]),
        ("As many answers are right without, chance apart", [e for e in effects if e.is_unshown]),
        ("More answers are right without", [e for e in effects if e.is_better_without]),
    )
    said = [f"{text}: {'; '.join(e.told() for e in found)}." for text, found in kinds if found]
    return "\n\n".join(said) or "Every idea adds something."


def differences(population: Population) -> list[dict[str, Any]]:
    """The selection check of a population whose whole was linked."""
    command = [sys.executable, "-m", "bench.selection", str(population.folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return list(json.loads(done.stdout))


def selection_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """One comparison of one source a line: agreement in percent, then bits misjudged."""
    header = ["agreeing wholly, %", "right", "wrong", "verified", "answered", "bits, truth", "bits, seen"]
    cells = []
    for row in rows:
        shares = (row["right"]["agree"], row["wrong"]["agree"], row["verified"], row["answered"])
        cells.append(
            [
                f"{row['source']}: {row['comparison'].replace('_', ' ')}",
                *(f"{100 * share:.1f}" for share in shares),
                *(f"{row[name]:.3f}" for name in ("bits", "seen_bits")),
            ]
        )
    return table(header, cells)


SELECTION = """\
Records whose number is right teach the weights; are they cleaner in other fields than those whose number is wrong?
*right*, *wrong*: by the truth, compared with their own person. *verified*: the m that linkage counts on verified
records; *answered*: counted anew on its answers about failing records, each candidate by its probability. *bits*: by
how much weights from the first misjudge the own person of one of the second, on average."""


def correction_table(results: Mapping[str, tuple[Result, Result]]) -> str:
    """What correcting the weights for selection changes, on a population as drawn and on a soiled one."""
    header = ["weights corrected for selection", "lost", "gained", *SHOWN.values()]
    rows = []
    for name, (whole, corrected) in results.items():
        before = _shown(whole.figures)
        rows.append(
            [f"{name}: as it is", "", "", *(f"{100 * before.get(figure, 0):.2f}" for figure in SHOWN)]
        )
        found = effect(corrected, whole)
        moved = [_points(found.moved.get(figure, 0.0)) for figure in SHOWN]
        rows.append([f"{name}: corrected", str(found.lost), str(found.gained), *moved])
    return table(header, rows)


def soiled(population: Population) -> Population:
    """The same population with wrong numbers gone with dirty fields; its records made."""
    dirtier = Population(population.people, population.seed, f"{population.dirt}-soiled")
    measured("bench.selection", population.folder, dirtier.folder)
    measured("bench.padan", dirtier.folder)
    return dirtier


def main(arguments: Sequence[str] | None = None) -> int:
    """Switch everything off in turn, print, write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=POPULATION.people)
    parser.add_argument("--seed", type=int, default=POPULATION.seed)
    parser.add_argument("--dirt", default=POPULATION.dirt)
    parser.add_argument("--only", nargs="+", help="these ideas only, by their names in bench.ideas")
    parser.add_argument("--each-rule", action="store_true", help="every blocking rule by itself, too")
    parser.add_argument("--keep", action="store_true", help="put the tables into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    population = Population(options.people, options.seed, options.dirt).drawn()
    measured("bench.padan", population.folder)
    ideas = [*IDEAS, *(each_rule() if options.each_rule else ())]
    ideas = [idea for idea in ideas if not options.only or idea.name in options.only]

    whole = without(WHOLE, population)
    effects = []
    for idea in ideas:
        effects.append(effect(without(idea, population), whole))
        print(f"without {idea.what}: {effects[-1].lost} lost, {effects[-1].gained} gained", flush=True)
    rows = differences(population)
    results = {"as drawn": (whole, without(CORRECTED, population))}
    other = soiled(population)
    worse = without(WHOLE, other)
    other_rows = differences(other)
    results["soiled"] = (worse, without(CORRECTED, other))

    text = "\n\n".join(
        [
            _introduction(population, whole),
            effects_table(whole, effects),
            conclusions(effects),
            "### Selection",
            SELECTION,
            selection_table(rows),
            "The same where half of the records with a wrong number lost a letter of the name, half have another birth "
            "date and half no mother's name (*soiled*):",
            selection_table(other_rows),
            correction_table(results),
        ]
    )
    print(f"\n{text}")
    _write(population, whole, effects, rows, other_rows, results)
    if options.keep:
        keep("ablation", text)
    return 0


def _introduction(population: Population, whole: Result) -> str:
    return (
        f"{population.dirt.capitalize()}, {population.people:,} people, seed {population.seed}; "
        f"{whole.figures['wrong']:,} records with a wrong number. *lost*, *gained*: such records answered rightly "
        "(cause, and the number where there is one) only with the idea, only without it. Then the whole's figures in "
        "percent and by how many points they move without the idea; R is recall, P precision; for two numbers and "
        "recorded twice both are taken together as F1. *processor*: the time of match and diagnose, the whole's as 1."
    )


def _write(
    population: Population,
    whole: Result,
    effects: Sequence[Effect],
    rows: Sequence[Mapping[str, Any]],
    other_rows: Sequence[Mapping[str, Any]],
    results: Mapping[str, tuple[Result, Result]],
) -> None:
    corrected = {name: asdict(effect(after, before)) for name, (before, after) in results.items()}
    result = {
        "machine": machine(),
        "population": asdict(population),
        "whole": whole.figures,
        "effects": [asdict(found) for found in effects],
        "selection": {"as drawn": rows, "soiled": other_rows, "corrected": corrected},
    }
    OUT.mkdir(exist_ok=True)
    Path(OUT / "ablation.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
