"""Drawing: one stream of chance a purpose, and picks that are functions of a number between 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rng = np.random.Generator


def stream(seed: int, purpose: str) -> Rng:
    """A generator of its own for each purpose, so that a change in one draw leaves the others as they are."""
    return np.random.default_rng([seed, crc32(purpose.encode())])


def falling(n: int, exponent: float, shift: float) -> Floats:
    """The probabilities of ``n`` things from common to rare: (rank + shift) ^ -exponent, adding up to 1."""
    weight = (np.arange(1, n + 1) + shift) ** -exponent
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def choose(rng: Rng, weights: Sequence[float] | Floats, n: int) -> Ints:
    """``n`` indices drawn with these weights, which need not add up to 1."""
    steps = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(steps, rng.random(n) * steps[-1], side="right")
    return np.asarray(np.minimum(found, len(steps) - 1), dtype=np.int64)


def some(rng: Rng, n: int, share: float) -> Ints:
    """Exactly ``round(n * share)`` of ``n`` indices, in rising order."""
    return np.asarray(np.sort(rng.permutation(n)[: round(n * share)]), dtype=np.int64)


def hit(rng: Rng, n: int, share: float) -> Bools:
    """For each of ``n`` whether it is among about ``share`` of them, each on its own."""
    return np.asarray(rng.random(n) < share)


def weighted_some(rng: Rng, weights: Floats, count: int) -> Ints:
    """``count`` different indices (or as many as have weight), likelier the heavier, in rising order.

    Efraimidis and Spirakis (2006): the largest of u ^ (1 / weight), here as exponential waiting times.
    """
    able = np.flatnonzero(weights > 0)
    waiting = rng.exponential(size=len(able)) / weights[able]
    first = np.argsort(waiting, kind="stable")[: max(0, count)]
    return np.sort(able[first]).astype(np.int64)


def pick(u: float, n: int) -> tuple[int, float]:
    """One of ``n`` by ``u`` in [0, 1), and what is left of ``u`` for the next pick.

    >>> pick(0.625, 4)
    (2, 0.5)
    """
    scaled = u * n
    index = min(int(scaled), n - 1)
    return index, min(max(scaled - index, 0.0), 1 - 2**-53)


def one_of(u: float, things: Sequence[str]) -> str:
    """One of some words by ``u`` in [0, 1)."""
    return things[pick(u, len(things))[0]]
