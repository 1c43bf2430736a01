"""Ideas of what is learned: weights, confidence, and what a recorded number proves."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from bench.switch import Patch, idea
from pipelines.match import calibrate, evidence, numbers, resolve, search, verify, weights
from pipelines.match.comparisons import COMPARISONS, Compared
from pipelines.match.evidence import NumberWeights, Strangers
from pipelines.match.weights import Array, BoolArray, IntArray, Weights

# --- what the data teaches


@idea("rivals", "weights sharpened among rivals")
def rivals(patch: Patch) -> None:
    patch(resolve, "sharpen", lambda first, *_: first)


@idea("counts", "m and u counted on the day's records")
def counts(patch: Patch) -> None:
    patch(weights, "probabilities", _believed)


def _believed(kind: str, _: Compared, __: Array | None = None) -> dict[str, Array]:
    shares = {}
    for comparison in COMPARISONS:
        prior = np.array([0.0, *weights.beliefs()[comparison.name][kind]])
        shares[comparison.name] = prior / prior.sum()
        shares[comparison.name][0] = 1.0
    return shares


@idea("learning", "any learning of weights from the day's records")
def learning(patch: Patch) -> None:
    patch(weights, "probabilities", _believed)
    patch(resolve, "sharpen", lambda first, *_: first)


@idea("mixture", "one person told from two under one number before learning")
def mixture(patch: Patch) -> None:
    def plain(
        compared: Compared, apart: Compared, stands_for: Array, registered: int
    ) -> tuple[Array, float, float, Weights]:
        everyone = np.ones(len(compared))
        return everyone, 1e-4, 1e-4, weights.fellegi_sunter(compared, stands_for, apart, registered)

    patch(verify, "_mixture", plain)


@idea("second-cleaning", "labels cleaned a second time")
def second_cleaning(patch: Patch) -> None:
    def once(
        first: Weights, blind: search.Pairs, true_r: IntArray
    ) -> tuple[Weights, Array, IntArray, IntArray, Array]:
        record, group = np.unique(blind.a, return_inverse=True)
        chosen = blind.r == true_r
        known = np.zeros(len(record), np.bool_)
        known[group[chosen & blind.by_field]] = True
        fit_half = group % 2 == 0
        fitted = resolve._fit(first, blind, group, chosen, known[group] & fit_half)
        standing = resolve._holders_stand(fitted, blind, group, chosen, known)
        test = standing[group] & ~fit_half & blind.by_field
        return fitted, fitted.score(blind.compared), group, chosen.astype(np.int64), test.astype(float)

    patch(resolve, "teach", once)


@idea("cleaning", "labels cleaned at all")
def cleaning(patch: Patch) -> None:
    def all_stand(
        _: Weights, __: search.Pairs, ___: IntArray, ____: BoolArray, known: BoolArray
    ) -> BoolArray:
        return known

    patch(resolve, "_holders_stand", all_stand)


@idea("calibration", "confidence calibrated on held-back records")
def calibration(patch: Patch) -> None:
    patch(calibrate, "fit", lambda *_: calibrate.Calibration())


@idea("unregistered", "the share of people in no registry learned")
def unregistered(patch: Patch) -> None:
    patch(NumberWeights, "null", lambda _, classes: np.full(len(classes), np.log2(0.1 / 0.9)))


# --- the number as evidence


@idea("number", "the recorded number as evidence about every candidate")
def number(patch: Patch) -> None:
    full = NumberWeights.bits

    def exact_only(self: NumberWeights, classes: IntArray, state: Any, date: Any, level: Any) -> Array:
        return np.where(level == numbers.EXACT, full(self, classes, state, date, level), 0.0)

    patch(NumberWeights, "bits", exact_only)


def _folded(patch: Patch, from_levels: tuple[int, ...], into: int) -> None:
    """Let several kinds of number weigh as one: ``u`` is that of any of them, m is counted on all of them."""
    fold = np.arange(evidence.SIZE, dtype=np.int8)
    fold[list(from_levels)] = into
    learn, bits = evidence.learn, NumberWeights.bits

    def learned(
        around: Strangers, score: Array, level: Any, state: Any, date: Any, *rest: Any
    ) -> NumberWeights:
        u = around.u.copy()
        u[:, :, into] = np.minimum(u[:, :, [*{*from_levels, into}]].sum(axis=2), 1.0)
        return learn(dataclasses.replace(around, u=u), score, fold[level], state, date, *rest)

    patch(evidence, "learn", learned)
    patch(NumberWeights, "bits", lambda self, k, state, date, level: bits(self, k, state, date, fold[level]))


@idea("slips", "each kind of slip weighed apart")
def slips(patch: Patch) -> None:
    sixteen = (
        numbers.ZEROED,
        numbers.DAY40,
        numbers.DATE,
        numbers.REGION,
        numbers.SERIAL,
        numbers.SWAP,
    )
    _folded(patch, sixteen, numbers.SERIAL)


@idea("household-number", "a number of the household as a level of its own")
def household_number(patch: Patch) -> None:
    _folded(patch, (numbers.HOUSEHOLD,), numbers.HELD)


@idea("strangers-by-date", "strangers' numbers measured by how the birth dates stand")
def strangers_by_date(patch: Patch) -> None:
    shares = evidence._shares

    def pooled(joint: Array, expected: Array, registered: int) -> Array:
        everywhere = np.broadcast_to(joint.sum(axis=(0, 1)), joint.shape)
        return shares(everywhere, np.full_like(expected, expected.sum()), registered)

    patch(evidence, "_shares", pooled)


@idea("stolen-by-date", "strangers' equal numbers measured by how the birth dates stand")
def stolen_by_date(patch: Patch) -> None:
    def pooled(p: Array, _: Any, settled: float, around: Strangers) -> Array:
        records = max(len(p) + settled, 1.0)
        share = (float((1 - p).sum()) + 0.01) / (records * around.near.sum())
        return np.full(len(around.near), share)

    patch(evidence, "_stolen", pooled)
