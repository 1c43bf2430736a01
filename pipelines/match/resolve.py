"""From compared candidates to one answer a record: who it is, how sure, and who else it might be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from pipelines.match import calibrate, evidence
from pipelines.match.calibrate import Calibration
from pipelines.match.comparisons import Compared
from pipelines.match.evidence import NumberWeights, Strangers
from pipelines.match.numbers import EXACT
from pipelines.match.search import Pairs
from pipelines.match.weights import (
    LN2,
    Array,
    BoolArray,
    IntArray,
    Weights,
    recounted,
    sharpen,
    softmax_with_null,
)

NUMBER_BITS: Final = 15.0
"""What an equal number weighs at least: somebody else's number is one in thirty, and then one in thousands."""

STANDS: Final = 0.9


class PersonOf(Protocol):
    """Of rows of the registry the row that stands for the person of each: an array, or less than one."""

    def __getitem__(self, rows: Any, /) -> Any:
        """Those of these rows."""


@dataclass(frozen=True)
class SourceModel:
    """Everything learned of one source: what the score, the explanation and the report are made of."""

    weights: Weights
    numbers: NumberWeights
    calibration: Calibration
    strangers: float
    blind_found: float  # share of blind records whose person blocking found
    reliability: tuple[tuple[float, float, float], ...]  # bins: mean confidence, share right, answers


@dataclass(frozen=True)
class Answers:
    """For each candidate pair of the records looked for: its probability; for each record, of "in no registry"."""

    a: npt.NDArray[np.int32]
    r: npt.NDArray[np.int32]
    probability: Array
    number_bits: Array
    compared: Compared
    number: npt.NDArray[np.int8]
    record: npt.NDArray[np.int32]  # each record looked for, sorted
    nothing: Array  # its probability of being in no registry
    classes: IntArray


def one_number_each(blind: Pairs, true_r: IntArray, person: PersonOf) -> BoolArray:
    """The pairs to keep for teaching: a second number of a blind record's own person is neither right nor wrong."""
    return np.asarray((blind.r == true_r) | (person[blind.r] != person[true_r]))


def teach(first: Weights, blind: Pairs, true_r: IntArray) -> tuple[Weights, Array, IntArray, IntArray, Array]:
    """Sharpen ``first`` on half the blind records; answer the other half with it.

    Twice: a sibling's number on a record looks like a match in all but the given name, and only rivals show
    it; the second time those records no longer teach.

    ``true_r``: for each pair the registry row of its record's person. Returns the weights and, for the held-back
    half, the probability of the best candidate with the person among the candidates and without.
    """
    record, group = np.unique(blind.a, return_inverse=True)
    chosen = blind.r == true_r
    found = chosen & blind.by_field
    known = np.zeros(len(record), np.bool_)
    known[group[found]] = True
    fit_half = group % 2 == 0
    weights = _fit(first, blind, group, chosen, known[group] & fit_half)
    standing = _holders_stand(weights, blind, group, chosen, known)
    first = recounted(first, blind.compared.take(chosen & standing[group]))
    weights = _fit(first, blind, group, chosen, standing[group] & fit_half, weights)
    standing = _holders_stand(weights, blind, group, chosen, known)
    test = standing[group] & ~fit_half & blind.by_field
    return weights, weights.score(blind.compared), group, chosen.astype(np.int64), test.astype(float)


def _fit(
    first: Weights,
    blind: Pairs,
    group: IntArray,
    chosen: BoolArray,
    training: BoolArray,
    start: Weights | None = None,
) -> Weights:
    rows = np.flatnonzero(training)
    groups = np.unique(group[rows], return_inverse=True)[1]
    return sharpen(first, blind.compared.take(rows), groups, chosen[rows], start)


def _holders_stand(
    weights: Weights, blind: Pairs, group: IntArray, chosen: BoolArray, known: BoolArray
) -> BoolArray:
    """Which blind records' holders still look like their person once all rivals are seen, number counted.

    Among equal numbers a few are two people; asked about such a record, a right answer would count as wrong.
    """
    score = weights.score(blind.compared) + np.where(chosen, NUMBER_BITS, 0.0)
    p = softmax_with_null(score * LN2, group, len(known))
    return known & (np.bincount(group, weights=p * chosen, minlength=len(known)) > STANDS)


def held_back(
    score: Array, group: IntArray, chosen: IntArray, test: Array, unregistered: float
) -> tuple[Array, Array, Array]:
    """Answers of the held-back blind records: raw probability, right or not, and how many records each stands for.

    Each is asked twice, with its person among the candidates and without, in the proportion in which records
    of this source are in no registry.
    """
    results = []
    for keep, share in ((test > 0, 1 - unregistered), ((test > 0) & (chosen == 0), unregistered)):
        rows = np.flatnonzero(keep)
        _, g = np.unique(group[rows], return_inverse=True)
        count = int(g.max()) + 1 if len(g) else 0
        null = np.log(unregistered / (1 - unregistered))
        p = softmax_with_null(score[rows] * LN2, g, count, null)
        order = np.lexsort((-p, g))
        best = order[np.unique(g[order], return_index=True)[1]] if len(g) else order
        results.append((p[best], chosen[rows][best].astype(float), np.full(len(best), share)))
    return tuple(np.concatenate([r[i] for r in results]) for i in range(3))  # type: ignore[return-value]


def _by_person(p: Array, recorded: BoolArray, places: IntArray, person: IntArray) -> Array:
    """Give a person under two numbers one probability: the recorded number, else the likelier, has the sum."""
    order = np.lexsort((-p, ~recorded, person, places))
    first = np.flatnonzero(
        (np.diff(places[order], prepend=-1) != 0) | (np.diff(person[order], prepend=-1) != 0)
    )
    result = np.zeros_like(p)
    result[order[first]] = np.add.reduceat(p[order], first) if len(first) else 0
    return result


def reliability(p: Array, right: Array, weight: Array) -> tuple[tuple[float, float, float], ...]:
    """Ten bins of confidence: mean confidence, share right, how many."""
    bins = np.minimum((p * 10).astype(int), 9)
    result = []
    for b in range(10):
        here = bins == b
        if (count := float(weight[here].sum())) > 0:
            mean, share = (float(np.average(x[here], weights=weight[here])) for x in (p, right))
            result.append((mean, share, count))
    return tuple(result)


def learn(
    first: Weights,
    strangers: float,
    blind: Pairs,
    true_r: IntArray,
    real: Pairs,
    record: npt.NDArray[np.int32],
    classes: IntArray,
    settled: float,
    around: Strangers,
    person: PersonOf,
    blind_found: float,
) -> SourceModel:
    """Learn one source. ``record``: every record looked for, sorted, with its ``classes``.

    ``person[r]`` is the row that stands for the person of the registry's row r.
    """
    kept = one_number_each(blind, true_r, person)
    blind, true_r = blind.take(kept), true_r[kept]
    weights, blind_score, group, chosen, test = teach(first, blind, true_r)
    score = weights.score(real.compared)
    places = np.searchsorted(record, real.a)
    date = real.compared.levels["birth_date"]
    numbers = evidence.learn(around, score, real.number, real.state, date, places, classes, settled)
    raw, right, weight = held_back(
        blind_score, group, chosen, test, float(np.clip(numbers.unregistered[0], 0.02, 0.5))
    )
    calibration = calibrate.fit(raw, right, weight) if len(raw) >= 200 else Calibration()
    return SourceModel(
        weights,
        numbers,
        calibration,
        strangers,
        blind_found,
        reliability(calibration.apply(raw), right, weight),
    )


def answer(
    model: SourceModel, real: Pairs, record: npt.NDArray[np.int32], classes: IntArray, person: IntArray
) -> Answers:
    """Whose each record is, of any records with all their candidates; ``person``: of each candidate."""
    places = np.searchsorted(record, real.a)
    date = real.compared.levels["birth_date"]
    number_bits = model.numbers.bits(classes[places], real.state, date, real.number)
    total = model.weights.score(real.compared) + number_bits
    p = softmax_with_null(total * LN2, places, len(record), model.numbers.null(classes) * LN2)
    p = _by_person(p, real.number == EXACT, places, person)
    nothing = 1 - np.bincount(places, weights=p, minlength=len(record))
    return Answers(
        real.a, real.r, p, number_bits, real.compared, real.number, record, np.clip(nothing, 0, 1), classes
    )
