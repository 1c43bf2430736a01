"""The weights of a source: Fellegi-Sunter weights from its own verified records, sharpened among real rivals.

Records whose number is right are labelled matches, free, every day. m-probabilities are counted on them,
u-probabilities on random pairs; both with smoothing. Because the comparisons are not independent and the
rivals of a record are not random (blocking chose them), the weights are then fitted once more to the
question that is really asked: with the number hidden, which of the candidates is this record's person, or
none of them? That is a conditional logit; its prior mean is the Fellegi-Sunter weights, so a level that was
hardly seen keeps those. Newton's method ends within a dozen steps; there is no chance in it.

Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969); McFadden, "Conditional logit analysis of
qualitative choice behavior" (1974).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from pipelines.match.comparisons import COMPARISONS, Compared, Comparison

Array = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

PRIOR_SPREAD: Final = 1.0
"""In nats: how far the rivals may pull a weight from its Fellegi-Sunter value before the data must insist."""

STEPS: Final = 25
LONGEST: Final = 4.0
SMALL: Final = 0.01
"""In nats: the most Newton's steps, the longest one taken whole, and the size that ends them."""

LN2: Final = float(np.log(2.0))

_OFFSETS: Final = dict(
    zip(
        [c.name for c in COMPARISONS],
        np.cumsum([1, *(len(c.levels) - 1 + c.rarity for c in COMPARISONS)]).tolist(),
        strict=False,
    )
)
WIDTH: Final = 1 + sum(len(c.levels) - 1 + c.rarity for c in COMPARISONS)
"""Features of a pair: one for all pairs (the prior), one a level, one a rarity."""

_RARITIES: Final = [_OFFSETS[c.name] + len(c.levels) - 1 for c in COMPARISONS if c.rarity]


@dataclass(frozen=True)
class Weights:
    """One source's weights, in bits: the prior of any candidate, a weight a level, a factor a rarity.

    ``m`` and ``u`` are kept for the report: the probabilities that the first weights came from.
    """

    values: Array
    m: dict[str, Array]
    u: dict[str, Array]

    @property
    def prior(self) -> float:
        """The weight of being a candidate at all."""
        return float(self.values[0])

    def level_weight(self, comparison: str, level: int) -> float:
        """The weight in bits of one level, rarity not counted."""
        return 0.0 if level == 0 else float(self.values[_OFFSETS[comparison] + level - 1])

    def rarity_factor(self, comparison: str) -> float:
        """By how much a bit of rarity counts; 0 for comparisons without."""
        found = next(c for c in COMPARISONS if c.name == comparison)
        return float(self.values[_OFFSETS[comparison] + len(found.levels) - 1]) if found.rarity else 0.0

    def part(self, comparison: Comparison, compared: Compared) -> Array:
        """One comparison's weight for each pair, rarity counted."""
        name = comparison.name
        table = np.array([self.level_weight(name, i) for i in range(len(comparison.levels))])
        weight = table[compared.levels[name]]
        if comparison.rarity:
            weight += self.rarity_factor(name) * compared.rarity[name]
        return weight

    def parts(self, compared: Compared) -> dict[str, Array]:
        """Each comparison's weight for each pair; with the prior they add up to ``score``."""
        return {c.name: self.part(c, compared) for c in COMPARISONS}

    def score(self, compared: Compared) -> Array:
        """The match weight of each pair in bits, number not counted; an unregistered person weighs 0."""
        total = np.zeros(len(compared))
        for comparison in COMPARISONS:  # one at a time: of millions of pairs all at once would not fit
            total += self.part(comparison, compared)
        return total + self.prior


def features(compared: Compared) -> npt.NDArray[np.float32]:
    """One row a pair, ``WIDTH`` columns, in the order of ``Weights.values``."""
    rows = np.arange(len(compared))
    x = np.zeros((len(compared), WIDTH), np.float32)
    x[:, 0] = 1
    for comparison in COMPARISONS:
        start, level = _OFFSETS[comparison.name], compared.levels[comparison.name].astype(np.int64)
        seen = level > 0
        x[rows[seen], start + level[seen] - 1] = 1
        if comparison.rarity:
            x[:, start + len(comparison.levels) - 1] = compared.rarity[comparison.name]
    return x


@cache
def beliefs() -> dict[str, Any]:
    """What is believed before a record is seen (``beliefs.toml``), with its reasons and its worth."""
    text = files(__package__).joinpath("beliefs.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))


def probabilities(
    kind: Literal["m", "u"], compared: Compared, weight: Array | None = None
) -> dict[str, Array]:
    """Each comparison's share of each level, among pairs where both sides say something, belief counted in.

    Index 0 ("missing") is 1, so that it weighs nothing.
    """
    believed, worth = beliefs(), beliefs()[f"{kind}_worth"]
    shares = {}
    for c in COMPARISONS:
        counts = np.bincount(compared.levels[c.name], weights=weight, minlength=len(c.levels)).astype(
            np.float64
        )
        prior = np.array([0.0, *believed[c.name][kind]])
        counts[0] = 0
        shares[c.name] = (counts + worth * prior / prior.sum()) / (counts.sum() + worth)
        shares[c.name][0] = 1.0
    return shares


def fellegi_sunter(matches: Compared, weight: Array, random: Compared, people: int) -> Weights:
    """First weights: log2(m/u) a level, rarity not counted, and the prior of one person among ``people``.

    ``weight``: how many records a matching pair stands for, times the probability that it is one person.
    """
    m, u = probabilities("m", matches, weight), probabilities("u", random)
    return Weights(_log_ratio(-float(np.log2(max(people, 2))), m, u), m, u)


def recounted(first: Weights, matches: Compared) -> Weights:
    """The first weights with m counted anew on ``matches``, pairs that still look like one person."""
    m = probabilities("m", matches)
    return Weights(_log_ratio(first.prior, m, first.u), m, first.u)


def _log_ratio(prior: float, m: dict[str, Array], u: dict[str, Array]) -> Array:
    values = np.zeros(WIDTH)
    values[0] = prior
    for c in COMPARISONS:
        start = _OFFSETS[c.name]
        values[start : start + len(c.levels) - 1] = np.log2(m[c.name] / u[c.name])[1:]
    return values


def sharpen(
    first: Weights, compared: Compared, group: IntArray, chosen: BoolArray, start: Weights | None = None
) -> Weights:
    """Fit the weights among rivals, from ``start`` (else ``first``) to where Newton's steps are small.

    ``group`` numbers the record that each pair belongs to (sorted, no gaps), ``chosen`` marks the pair with the
    record's own person. Each record is asked twice: with its person among the candidates, and without, when
    "none of them" is right; so the prior odds of the two are even.
    """
    if not len(group):
        return first
    every = features(compared)
    seen = np.flatnonzero(every.any(axis=0))  # a level that nobody shows keeps its first weight
    x = every[:, seen].astype(np.float64)
    mean, beta = (of.values[seen] * LN2 for of in (first, start or first))
    precision = np.full(WIDTH, 1 / PRIOR_SPREAD**2)
    precision[0] = 1e-4
    precision[_RARITIES] = 1e-2
    precision = precision[seen]

    def worth(score: Array, beta: Array) -> float:
        """What is climbed: the log-likelihood of both questions, less what straying from the prior mean costs."""
        return _likelihood(score, group, chosen) - float(precision @ (beta - mean) ** 2) / 2

    score = x @ beta
    reached = worth(score, beta)
    for _ in range(STEPS):
        gradient, hessian = _slope(x, score, group, chosen)
        gradient -= precision * (beta - mean)
        step = np.linalg.solve(hessian + np.diag(precision), gradient)
        size = float(np.abs(step).max())
        along, share = x @ step, min(1.0, LONGEST / max(size, 1e-12))
        # Where rivals are far apart the slope is flat and a whole step lands beyond the other side of the hill.
        while (after := worth(score + share * along, beta + share * step)) < reached and share * size > SMALL:
            share /= 2
        if after < reached:
            break
        beta, score, reached = beta + share * step, score + share * along, after
        if size < SMALL:
            break
    values = first.values.copy()
    values[seen] = beta / LN2
    return Weights(values, first.m, first.u)


def _likelihood(score: Array, group: IntArray, chosen: BoolArray) -> float:
    """The log-likelihood of both questions, summed over the records."""
    count = int(group[-1]) + 1
    asked = (score, np.where(chosen, -np.inf, score))
    return float(score[chosen].sum() - sum(_log_total(s, group, count).sum() for s in asked))


def _slope(x: Array, score: Array, group: IntArray, chosen: BoolArray) -> tuple[Array, Array]:
    """Gradient and negative Hessian of that log-likelihood."""
    count = int(group[-1]) + 1
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    with_person = softmax_with_null(score, group, count)
    without = softmax_with_null(np.where(chosen, -np.inf, score), group, count)
    total = with_person + without
    hessian = x.T @ (x * total[:, None])
    for p in (with_person, without):
        sums = np.add.reduceat(x * p[:, None], starts, axis=0)
        hessian -= sums.T @ sums
    return x.T @ (chosen - total), hessian


def _log_total(score: Array, group: IntArray, count: int) -> Array:
    """The log of each group's sum of exponentials, the null's 1 among them."""
    top = np.zeros(count)
    np.maximum.at(top, group, score)
    return np.asarray(top + np.log(np.exp(-top) + np.bincount(group, np.exp(score - top[group]), count)))


def softmax_with_null(score: Array, group: IntArray, count: int, null: Array | float = 0.0) -> Array:
    """The probability of each pair among its group's rivals and the null, all scores in nats.

    ``null``: the score of "none of them", one for all groups or one a group.
    """
    nothing = np.broadcast_to(np.asarray(null, np.float64), (count,))
    top = nothing.copy()
    np.maximum.at(top, group, score)
    e = np.exp(score - top[group])
    total = np.exp(nothing - top) + np.bincount(group, weights=e, minlength=count)
    return np.asarray(e / total[group])
