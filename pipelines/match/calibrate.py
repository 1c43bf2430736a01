"""Confidence that means what it says: of answers given 0.9, nine in ten are right.

The blind records of which the search saw nothing but the fields are held back from the fitting of the
weights; their answers, right and wrong, show by how much the model is too sure, and two numbers put it right
on the log-odds scale (Platt scaling, with its own smoothing of the targets).

Platt, "Probabilistic outputs for support vector machines" (1999).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.match.weights import Array

EDGE = 1e-6


@dataclass(frozen=True)
class Calibration:
    """log-odds out = ``slope`` * log-odds in + ``shift``."""

    slope: float = 1.0
    shift: float = 0.0

    def apply(self, probability: Array) -> Array:
        """The probability that an answer of this raw probability is right."""
        return _sigmoid(self.slope * _logit(probability) + self.shift)


def _logit(p: Array) -> Array:
    p = np.clip(p, EDGE, 1 - EDGE)
    return np.asarray(np.log(p / (1 - p)))


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def fit(probability: Array, right: Array, weight: Array, rounds: int = 30) -> Calibration:
    """Fit on answers of raw ``probability`` that were ``right`` (0 or 1), each counted ``weight`` times.

    Both numbers have a Gaussian prior around "no change", so a small source is not torn about.
    """
    x = np.stack([_logit(probability), np.ones(len(probability))], axis=1)
    mean, precision = np.array([1.0, 0.0]), np.diag([4.0, 1.0])
    beta = mean.copy()
    for _ in range(rounds):
        p = _sigmoid(x @ beta)
        gradient = x.T @ (weight * (right - p)) - precision @ (beta - mean)
        hessian = x.T @ (x * (weight * p * (1 - p))[:, None]) + precision
        step = np.linalg.solve(hessian, gradient)
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-6:
            break
    return Calibration(max(float(beta[0]), 0.05), float(beta[1]))
