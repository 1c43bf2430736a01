"""How good a worklist is, against the truth that ``padan sample`` wrote.

    python bench/score.py TRUTH_DIR WORKLIST [--json]

``TRUTH_DIR`` holds ``truth.csv`` and, where they apply, ``truth_two_niks.csv``, ``truth_twice.csv`` and
``truth_offline.csv``; ``WORKLIST`` is a published ``worklist.csv``. Shares are 0 to 1.

A *fault* is a cause that says a record's number is wrong or unusable: any but those in ``BESIDE``.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BESIDE = frozenset({"", "ELEMENT_MISMATCH", "DUPLICATE_RECORD", "DOUBLE_NIK", "NIK_NOT_ONLINE"})
"""Causes of findings beside a record's number, which is right."""

NOTHING_TO_PROPOSE = frozenset({"HOLDER_DECEASED", "NIK_INACTIVE"})
"""Faults whose number is the person's own."""

SURE = 0.99
BINS = 10
TOP_OF_LAST_BIN = 0.98
"""The last bin is held against this confidence: most of it lies near 1, not in its middle."""

CONFUSIONS_SHOWN = 8

PAIR_COLUMNS = {
    "DOUBLE_NIK": (("nik_a", "nik_b"), ("recorded_nik", "proposed_nik")),
    "DUPLICATE_RECORD": (("rid_a", "rid_b"), ("source_record_id", "related")),
    "NIK_NOT_ONLINE": (("nik",), ("recorded_nik",)),
}
"""What identifies a finding beside the numbers, in its truth file and in an item; two have no order."""

Row = Mapping[str, str]
Key = tuple[str, str]
Figures = dict[str, int | float]


@dataclass(frozen=True)
class Proposal:
    """A number that an item of a record says is the person's: how sure, and whether it is."""

    key: Key
    confidence: float
    right: bool


@dataclass(frozen=True)
class Scored:
    """Truth and items side by side; ``faults`` are the records whose number is truly wrong."""

    truth: Mapping[Key, Row]
    items: Mapping[Key, Sequence[Row]]
    faults: frozenset[Key]

    def named(self, key: Key) -> list[str]:
        """The causes that the worklist gives for a record, in its order."""
        return [item["cause"] for item in self.items.get(key, ())]

    def has_number_to_find(self, key: Key) -> bool:
        """Whether a record's person is in the registry, under another number than the record has."""
        row = self.truth[key]
        return bool(row["true_nik"]) and row["cause"] not in NOTHING_TO_PROPOSE

    def proposals(self) -> Iterator[Proposal]:
        """Every number proposed for a fault of a record that the truth knows."""
        for key, items in self.items.items():
            for item in items if key in self.truth else ():
                nik = item["proposed_nik"]
                if nik and item["cause"] not in BESIDE:
                    right = nik in (self.truth[key]["true_nik"], self.truth[key]["other_nik"])
                    yield Proposal(key, float(item["confidence"] or 0), right)


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(truth_dir: Path, worklist: Path) -> Scored:
    """Read the truth and the worklist."""
    truth = {(row["source"], row["source_record_id"]): row for row in read(truth_dir / "truth.csv")}
    items: defaultdict[Key, list[Row]] = defaultdict(list)
    for item in read(worklist):
        items[item["source"], item["source_record_id"]].append(item)
    return Scored(truth, items, frozenset(key for key, row in truth.items() if row["cause"] not in BESIDE))


def score(truth_dir: Path, worklist: Path) -> Figures:
    """Every figure by name.

    ``detect_*``: records with any fault, against the truly faulty. ``cause_accuracy``: of the truly faulty,
    those with an item of the true cause. ``proposal_recall``: of the faulty who are in the registry and under
    another number, those with a right proposal; ``proposal_precision``: of all proposals, the right ones.
    ``sure_*``: the same of proposals at 0.99 or more (``sure_share`` counts right and wrong ones).
    ``elements_recall``: of the records with another birth date or sex, those with such an item.
    ``calibration_error``: how far confidence, taken to be a bin's middle, lies from the share that is right, by
    bin, weighted; ``expected_calibration_error``: the same with the bin's mean confidence. Then recall and
    precision of each cause that has a truth file of its own and something in it.
    """
    scored = load(truth_dir, worklist)
    every = [item for items in scored.items.values() for item in items]
    made = list(scored.proposals())
    return {
        "records": len(scored.truth),
        "wrong": len(scored.faults),
        **_detection(scored),
        **_proposals(scored),
        **_elements(scored),
        "calibration_error": calibration_error(made),
        "expected_calibration_error": expected_calibration_error(made),
        **_pairs(truth_dir / "truth_two_niks.csv", every, "DOUBLE_NIK"),
        **_pairs(truth_dir / "truth_twice.csv", every, "DUPLICATE_RECORD"),
        **_pairs(truth_dir / "truth_offline.csv", every, "NIK_NOT_ONLINE"),
    }


def confusions(scored: Scored) -> list[tuple[str, str, int]]:
    """True cause, the first one given instead (``-`` for none) and how often; the most frequent first."""
    missed: Counter[tuple[str, str]] = Counter()
    for key in scored.faults:
        given = scored.named(key)
        if scored.truth[key]["cause"] not in given:
            missed[scored.truth[key]["cause"], (given or ["-"])[0]] += 1
    return [
        (true, given, n) for (true, given), n in sorted(missed.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _share(part: int, whole: int) -> float:
    return part / max(1, whole)


def _recall(found: int, wanted: int) -> float:
    return found / wanted if wanted else 1.0


def _detection(scored: Scored) -> Figures:
    flagged = {k for k in scored.items if k in scored.truth and any(c not in BESIDE for c in scored.named(k))}
    hit = len(scored.faults & flagged)
    named = sum(scored.truth[key]["cause"] in scored.named(key) for key in scored.faults)
    return {
        "detect_recall": _recall(hit, len(scored.faults)),
        "detect_precision": _share(hit, len(flagged)),
        "cause_accuracy": _recall(named, len(scored.faults)),
    }


def _proposals(scored: Scored) -> Figures:
    findable = {key for key in scored.faults if scored.has_number_to_find(key)}
    made = list(scored.proposals())
    right = [p for p in made if p.right]
    sure = [p for p in made if p.confidence >= SURE]
    return {
        "proposal_recall": _recall(len({p.key for p in right} & findable), len(findable)),
        "proposal_precision": _share(len(right), len(made)),
        "sure_share": _recall(len({p.key for p in sure} & findable), len(findable)),
        "sure_precision": _share(sum(p.right for p in sure), len(sure)),
    }


def _elements(scored: Scored) -> Figures:
    differ = [key for key, row in scored.truth.items() if row["cause"] == "ELEMENT_MISMATCH"]
    found = sum("ELEMENT_MISMATCH" in scored.named(key) for key in differ)
    return {"elements_recall": _share(found, len(differ))}


def calibration_error(proposals: Sequence[Proposal]) -> float:
    """The distance between confidence and the share that is right, over ten bins, weighted by size."""
    made, right = Counter[int](), Counter[int]()
    for proposal in proposals:
        place = min(BINS - 1, int(proposal.confidence * BINS))
        made[place] += 1
        right[place] += proposal.right
    middle = [(place + 0.5) / BINS for place in range(BINS - 1)] + [TOP_OF_LAST_BIN]
    apart = sum(abs(right[place] / n - middle[place]) * n for place, n in made.items())
    return apart / max(1, len(proposals))


def expected_calibration_error(proposals: Sequence[Proposal]) -> float:
    """The distance between a bin's mean confidence and the share that is right in it, weighted by size.

    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (2015).
    """
    apart = [0.0] * BINS
    for proposal in proposals:
        apart[min(BINS - 1, int(proposal.confidence * BINS))] += proposal.confidence - proposal.right
    return sum(map(abs, apart)) / max(1, len(proposals))


def _pairs(path: Path, every: Iterable[Row], cause: str) -> Figures:
    """Recall and precision of a cause whose truth, in a file of its own, is a set of pairs or of numbers."""
    in_truth, in_items = PAIR_COLUMNS[cause]
    wanted = {_unordered(row, in_truth) for row in read(path)} if path.exists() else set()
    if not wanted:
        return {}
    found = {_unordered(item, in_items) for item in every if item["cause"] == cause}
    hit = len(wanted & found)
    name = cause.lower()
    return {f"{name}_recall": hit / len(wanted), f"{name}_precision": _share(hit, len(found))}


def _unordered(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(row.get(column) or "" for column in columns))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a figure a line, or all as one JSON object."""
    parser = argparse.ArgumentParser(
        description="how good a worklist is, against the truth of a drawn population"
    )
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("worklist", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = score(options.truth_dir, options.worklist)
    if options.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        print(f"{name:28} {value:.4f}" if isinstance(value, float) else f"{name:28} {value}")
    for true, given, n in confusions(load(options.truth_dir, options.worklist))[:CONFUSIONS_SHOWN]:
        print(f"{true} called {given}: {n}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
