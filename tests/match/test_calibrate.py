"""Confidence that means what it says: answers that are too sure, or not sure enough, are put right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match.calibrate import EDGE, Calibration, fit
from pipelines.match.resolve import reliability

Array = npt.NDArray[np.float64]


def answers(slope: float, shift: float, size: int = 20_000, seed: int = 1) -> tuple[Array, Array]:
    """Raw probabilities, and whether each answer was right: as often as their distortion says."""
    random = np.random.default_rng(seed)
    raw = 1 / (1 + np.exp(-random.normal(1, 2, size)))
    return raw, (random.random(size) < Calibration(slope, shift).apply(raw)).astype(float)


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 0.0), (0.5, 0.0), (2.0, -1.0), (0.8, 1.5)])
def test_a_known_distortion_is_recovered(slope: float, shift: float) -> None:
    raw, right = answers(slope, shift)
    found = fit(raw, right, np.ones(len(raw)))
    assert (found.slope, found.shift) == (pytest.approx(slope, abs=0.08), pytest.approx(shift, abs=0.08))


@pytest.mark.parametrize(("slope", "shift"), [(0.4, 0.0), (1.7, 0.5)])
def test_of_answers_given_a_confidence_so_many_are_right(slope: float, shift: float) -> None:
    raw, right = answers(slope, shift)
    sure = fit(raw, right, np.ones(len(raw))).apply(raw)
    for mean, share, count in reliability(sure, right, np.ones(len(raw))):
        assert share == pytest.approx(mean, abs=0.03 + 1 / np.sqrt(count))


def test_an_answer_that_stands_for_many_counts_as_many() -> None:
    raw, right = answers(0.6, 0.2, size=400)
    weight = np.tile([1.0, 3.0], 200)
    again = np.repeat(np.arange(400), weight.astype(int))
    one, other = fit(raw, right, weight), fit(raw[again], right[again], np.ones(len(again)))
    assert (one.slope, one.shift) == pytest.approx((other.slope, other.shift))


def test_few_answers_change_little_and_none_change_nothing() -> None:
    raw, right = np.array([0.9, 0.9, 0.9]), np.array([0.0, 1.0, 1.0])
    few = fit(raw, right, np.ones(3))
    assert few.slope == pytest.approx(1, abs=0.25)
    assert few.shift == pytest.approx(0, abs=0.7)
    nothing = fit(np.array([]), np.array([]), np.array([]))
    assert (nothing.slope, nothing.shift) == (1, 0)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_answers_that_are_all_right_or_all_wrong_do_not_run_away(share: float) -> None:
    raw = np.linspace(0.01, 0.99, 500)
    found = fit(raw, np.full(500, share), np.ones(500))
    assert np.isfinite([found.slope, found.shift]).all()
    assert found.apply(np.array([0.5]))[0] == pytest.approx(share, abs=0.1)


def test_answers_that_mislead_are_not_turned_round() -> None:
    """A higher raw probability never becomes a lower confidence, whatever the few answers say."""
    raw, right = answers(1.0, 0.0, size=300)
    assert fit(raw, 1 - right, np.ones(300)).slope > 0


@settings(max_examples=100, deadline=None)
@given(
    slope=st.floats(0.05, 5),
    shift=st.floats(-5, 5),
    p=st.lists(st.floats(0, 1), min_size=2, max_size=20).map(sorted),
)
def test_confidence_rises_with_probability_and_stays_one(slope: float, shift: float, p: list[float]) -> None:
    sure = Calibration(slope, shift).apply(np.array(p))
    assert (np.diff(sure) >= -1e-12).all()
    assert ((sure >= 0) & (sure <= 1)).all()


def test_no_answer_is_certain() -> None:
    assert Calibration().apply(np.array([0.0, 0.5, 1.0])) == pytest.approx([EDGE, 0.5, 1 - EDGE])


def test_the_reliability_curve_has_a_bin_for_each_tenth_in_which_there_is_an_answer() -> None:
    p = np.array([0.05, 0.05, 0.95, 1.0, 0.55])
    right, weight = np.array([0.0, 1.0, 1.0, 1.0, 0.0]), np.array([1.0, 3.0, 1.0, 1.0, 2.0])
    assert reliability(p, right, weight) == (
        (pytest.approx(0.05), 0.75, 4.0),
        (pytest.approx(0.55), 0.0, 2.0),
        (pytest.approx(0.975), 1.0, 2.0),
    )
    assert reliability(np.array([]), np.array([]), np.array([])) == ()
