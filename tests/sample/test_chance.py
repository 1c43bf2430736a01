from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sample.chance import choose, falling, pick, some, stream, weighted_some

UNIT = st.floats(0, 1, exclude_max=True)


def test_each_purpose_has_a_stream_of_its_own_and_always_the_same() -> None:
    assert stream(7, "names").random(3).tolist() == stream(7, "names").random(3).tolist()
    assert stream(7, "names").random(3).tolist() != stream(7, "homes").random(3).tolist()
    assert stream(7, "names").random(3).tolist() != stream(8, "names").random(3).tolist()


def test_common_things_are_drawn_more_often_than_rare_ones() -> None:
    weights = falling(50, 0.9, 2.0)
    drawn = np.bincount(choose(stream(1, "t"), weights, 200_000), minlength=50) / 200_000
    assert weights.sum() == pytest.approx(1)
    assert np.all(np.diff(weights) < 0)
    assert np.abs(drawn - weights).max() < 0.005


def test_what_has_no_weight_is_never_drawn() -> None:
    assert set(choose(stream(1, "t"), [0.0, 3.0, 0.0, 1.0, 0.0], 5_000).tolist()) == {1, 3}
    assert weighted_some(stream(1, "t"), np.array([0.0, 2.0, 0.0, 1.0]), 4).tolist() == [1, 3]


def test_the_heavier_are_likelier_to_be_among_some() -> None:
    weights = np.array([1.0] * 1000 + [4.0] * 1000)
    chosen = weighted_some(stream(3, "t"), weights, 400)
    heavy = np.count_nonzero(chosen >= 1000)
    assert len(set(chosen.tolist())) == 400
    assert 280 < heavy < 360  # four in five, a little fewer as the heavy run out


@given(st.integers(0, 500), st.floats(0, 1))
def test_some_is_an_exact_share_of_different_indices(n: int, share: float) -> None:
    chosen = some(stream(1, "t"), n, share).tolist()
    assert len(chosen) == round(n * share)
    assert chosen == sorted(set(chosen))
    assert all(0 <= index < n for index in chosen)


@given(UNIT, st.integers(1, 1000))
def test_a_pick_is_in_range_and_leaves_something_to_pick_with(u: float, n: int) -> None:
    index, rest = pick(u, n)
    assert 0 <= index < n
    assert 0 <= rest < 1


def test_two_picks_from_one_number_reach_every_combination() -> None:
    reached = set()
    for step in range(1200):
        first, rest = pick(step / 1200, 3)
        reached.add((first, pick(rest, 4)[0]))
    assert len(reached) == 12
