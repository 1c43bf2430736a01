"""Twins or one person twice? Either way somebody of that day and that mother stands there two times.

A second registration repeats the name, give or take what clerks do to a name; twins have two names, but parents
like them alike: Elsi and Elsa, Simon and Simson. What tells them apart is learned from the registry itself, by a
mixture of two classes over all such pairs. Twins are entered from one form, so their numbers follow one another;
and a slip of the finger seldom makes a name that others bear. How much each of that says, the pairs decide that
are plainly one or the other: the same name, a quite different one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pipelines.match.comparisons import Compared
from pipelines.match.vocabulary import Names
from pipelines.match.weights import Array, BoolArray, IntArray, beliefs

FOLLOWING: Final = 2
"""Numbers of one district and day that are no further apart were given out one after the other."""

A_NAME: Final = 3
"""As many people have to have a word for it to be a name that parents give, and no slip."""

ROUNDS: Final = 30

USUALLY: Final = 0.97
"""How often a word that is no slip is a name that others have: nearly always."""

_MISTYPED: Final = (7, 8, 10)
_ONE_NAME: Final = slice(2, 10)
"""Cells of the levels that say one name, in whatever spelling, order or short form."""

_AGREE: Final = range(1, 9)
"""Levels of a mother's name that say it is one mother."""


def twins(
    compared: Compared,
    numbers: tuple[IntArray, IntArray],
    names: tuple[IntArray, IntArray],
    known: Names,
    m: Array,
    people: int,
) -> Array:
    """P(twins) of pairs of registered people; 0 where the day, the sex or the mother speaks against it.

    ``numbers`` and ``names`` of both sides, the latter by their number in ``known``; ``m``: how often each level of
    a name occurs between two records of one person; ``people``: of the registry.
    """
    asked = _asked(compared)
    cell = compared.levels["name"].astype(np.int64) * 2 + _both_are_names(*names, known, people)
    gap = _gap(*numbers)
    result = np.zeros(len(compared))
    learn = telling(compared)
    if learn.any():
        kk = np.array([0, 1, 2, 2])[compared.levels["kk"]]
        result[asked] = _mixture((cell, gap, kk), learn, m)[asked]
    return result


def _asked(compared: Compared) -> BoolArray:
    """Pairs that may be twins: neither the day, nor the sex, nor the mother speaks against it."""
    levels = compared.levels
    return np.asarray(
        (levels["birth_date"] == 1) & (levels["sex"] != 2) & (levels["mother_name"] <= _AGREE[-1])
    )


def telling(compared: Compared) -> BoolArray:
    """The pairs that it is learned from: of those that may be twins the ones whose mother is known."""
    return np.asarray(_asked(compared) & (compared.levels["mother_name"] > 0))


def _gap(left: IntArray, right: IntArray) -> IntArray:
    """0: one after the other; 1: of one district and day; 2: from elsewhere."""
    together = left // 10_000 == right // 10_000
    return np.where(together, np.where(np.abs(left - right) <= FOLLOWING, 0, 1), 2)


def _both_are_names(left: IntArray, right: IntArray, known: Names, people: int) -> BoolArray:
    """Whether every word that one has and the other has not is borne by others too."""
    usual = np.log2((people + 1.0) / (A_NAME + 0.5))
    surprise = np.append(known.words.surprise, np.float32(0))
    x, y = known.rows[left], known.rows[right]
    equal = x[:, :, None] == y[:, None, :]
    strange = [
        (surprise[words] * ((words >= 0) & ~equal.any(axis=axis))).max(axis=1, initial=0)
        for words, axis in ((x, 2), (y, 1))
    ]
    return np.asarray(np.maximum(*strange) <= usual)


def _split(names: Array, both_names: float) -> Array:
    """Shares of levels of a name, each parted by whether all words are names, which a slip seldom is."""
    given = np.where(np.isin(np.arange(len(names)), _MISTYPED), both_names, USUALLY)
    return np.asarray(np.stack([names * (1 - given), names * given], axis=1).ravel() + 1e-6)


def _mixture(seen: tuple[IntArray, ...], learn: BoolArray, m: Array) -> Array:
    """P(twins) of every pair, by expectation and maximisation over the pairs to ``learn`` from.

    ``seen``: what each pair's names, numbers and family cards say, each as a number.
    """
    believed = beliefs()["twins"]
    names = {"twins": np.array([0.0, *believed["names"]]), "one": np.where(np.arange(len(m)) > 0, m, 0.0)}
    both = {kind: _split(names[kind], believed[f"{kind}_both_names"]) for kind in names}
    prior = {
        kind: (
            both[kind] / both[kind].sum(),
            *(np.array(believed[f"{kind}_{what}"]) for what in ("gaps", "kk")),
        )
        for kind in both
    }
    shares, share = dict(prior), 0.5
    for _ in range(ROUNDS):
        odds = share / (1 - share)
        for i, value in enumerate(seen):
            odds = odds * (shares["twins"][i] / shares["one"][i])[value]
        p = np.asarray(odds / (1 + odds))
        share = float(np.clip(p[learn].mean(), 0.01, 0.99))
        for kind, of in (("twins", p), ("one", 1 - p)):
            counts = (
                np.bincount(value[learn], weights=of[learn], minlength=len(prior[kind][i]))
                for i, value in enumerate(seen)
            )
            shares[kind] = tuple(
                (count + worth * start) / (count.sum() + worth)
                for count, start, worth in zip(counts, prior[kind], believed["worth"], strict=True)
            )
        # That twins are not given one name is believed whatever the pairs seem to say.
        shares["twins"][0][_ONE_NAME] = prior["twins"][0][_ONE_NAME]
    return p
