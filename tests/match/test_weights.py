"""Weights: what they add up to, where they come from, and how rivals sharpen them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match import weights
from pipelines.match.comparisons import COMPARISONS, Compared
from pipelines.match.weights import (
    LN2,
    WIDTH,
    Weights,
    beliefs,
    features,
    fellegi_sunter,
    probabilities,
    recounted,
    sharpen,
    softmax_with_null,
)
from tests.match.people import compared, drawn

Array = npt.NDArray[np.float64]

NAMED = {c.name: c for c in COMPARISONS}


def level(comparison: str, words: str) -> int:
    return NAMED[comparison].levels.index(words)


@pytest.fixture
def some() -> Weights:
    """Weights as a small office's first records give them."""
    return fellegi_sunter(drawn(40, seed=1, alike=True), np.ones(40), drawn(200, seed=2), people=4096)


# --- what they add up to


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_parts_and_the_prior_add_up_to_the_score(seed: int) -> None:
    pairs = drawn(20, seed)
    random = Weights(np.random.default_rng(seed).normal(size=WIDTH), {}, {})
    parts = random.parts(pairs)
    assert list(parts) == [c.name for c in COMPARISONS]
    assert random.prior + sum(parts.values()) == pytest.approx(random.score(pairs))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_features_times_the_values_are_the_score(seed: int) -> None:
    pairs = drawn(20, seed)
    random = Weights(np.random.default_rng(seed).normal(size=WIDTH), {}, {})
    assert features(pairs).astype(float) @ random.values == pytest.approx(random.score(pairs), abs=1e-4)


def test_what_is_missing_weighs_nothing(some: Weights) -> None:
    assert some.score(compared(name=[0, 0])).tolist() == [some.prior] * 2
    assert [some.level_weight(c.name, 0) for c in COMPARISONS] == [0] * len(COMPARISONS)


def test_a_bit_of_rarity_counts_by_its_factor() -> None:
    values = np.zeros(WIDTH)
    values[:] = np.arange(WIDTH)
    pair = compared(name=[1])
    pair.rarity["name"][:] = 10
    odd = Weights(values, {}, {})
    factor = odd.rarity_factor("name")
    assert factor == len(NAMED["name"].levels)  # after the prior and the levels without the first
    assert odd.parts(pair)["name"][0] == odd.level_weight("name", 1) + 10 * factor
    assert odd.rarity_factor("sex") == 0


def test_every_level_and_rarity_has_a_feature_of_its_own() -> None:
    seen: set[int] = set()
    for comparison in COMPARISONS:
        for i in range(1, len(comparison.levels)):
            row = features(compared(**{comparison.name: [i]}))[0]
            (place,) = set(np.flatnonzero(row).tolist()) - {0}
            seen.add(place)
        if comparison.rarity:
            pair = compared(**{comparison.name: [0]})
            pair.rarity[comparison.name][:] = 3
            (place,) = set(np.flatnonzero(features(pair)[0]).tolist()) - {0}
            seen.add(place)
    assert seen == set(range(1, WIDTH))


# --- where they come from


def test_what_is_believed_covers_every_level() -> None:
    believed = beliefs()
    for comparison in COMPARISONS:
        for kind in "mu":
            shares = believed[comparison.name][kind]
            assert len(shares) == len(comparison.levels) - 1, comparison.name
            assert min(shares) > 0
            assert sum(shares) == pytest.approx(1, abs=0.02)


def test_without_a_record_belief_alone_speaks() -> None:
    shares = probabilities("m", compared(name=[]))
    believed = np.array(beliefs()["name"]["m"])
    assert shares["name"][1:] == pytest.approx(believed / believed.sum())
    assert shares["name"][0] == 1


def test_many_records_drown_belief() -> None:
    shares = probabilities("m", compared(sex=[1] * 6000 + [2] * 4000))
    assert shares["sex"][1:] == pytest.approx([0.6, 0.4], abs=0.01)


def test_pairs_where_a_side_says_nothing_do_not_count() -> None:
    some, more = compared(sex=[1] * 60 + [2] * 40), compared(sex=[1] * 60 + [2] * 40 + [0] * 500)
    assert probabilities("m", some)["sex"] == pytest.approx(probabilities("m", more)["sex"])


def test_a_record_may_stand_for_many() -> None:
    once = probabilities("m", compared(sex=[1, 1, 1, 2]))
    weighted = probabilities("m", compared(sex=[1, 2]), np.array([3.0, 1.0]))
    assert weighted["sex"] == pytest.approx(once["sex"])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(0, 60))
def test_shares_are_shares_and_no_level_is_impossible(seed: int, size: int) -> None:
    for kind in ("m", "u"):
        for name, shares in probabilities(kind, drawn(size, seed)).items():  # type: ignore[arg-type]
            assert shares[1:].sum() == pytest.approx(1), name
            assert (shares > 0).all()


def test_first_weights_are_the_ratio_of_the_shares(some: Weights) -> None:
    assert some.prior == -12  # one of 4,096
    for comparison in COMPARISONS:
        for i in range(1, len(comparison.levels)):
            ratio = np.log2(some.m[comparison.name][i] / some.u[comparison.name][i])
            assert some.level_weight(comparison.name, i) == pytest.approx(ratio)
        assert some.rarity_factor(comparison.name) == 0


def test_counting_anew_changes_what_is_of_one_person_only(some: Weights) -> None:
    again = recounted(some, compared(sex=[2] * 10_000))
    assert again.prior == some.prior
    assert again.u is some.u
    assert again.m["sex"][2] > 0.99
    assert again.level_weight("sex", 2) == pytest.approx(np.log2(again.m["sex"][2] / some.u["sex"][2]))


def test_belief_orders_the_levels() -> None:
    """With no record seen: to agree weighs more than to agree in part, and that more than to differ."""
    first = fellegi_sunter(compared(name=[]), np.array([]), compared(name=[]), people=20_000)
    for name in ("name", "mother_name", "father_name"):
        w = [first.level_weight(name, i) for i in range(len(NAMED[name].levels))]
        assert min(w[1], w[2], w[3], w[4], w[7]) > w[5] > w[8] > w[9] > w[10] > w[11] > w[12]
    w = [first.level_weight("birth_date", i) for i in range(len(NAMED["birth_date"].levels))]
    assert w[1] > w[2] > w[3] > 0 > w[9]
    assert w[4] > max(w[5], w[6]) > 0 > max(w[7], w[8]) > w[9]
    assert first.level_weight("sex", 1) > 0 > first.level_weight("sex", 2)
    w = [first.level_weight("kk", i) for i in range(4)]
    assert w[1] > w[2] > 0 > w[3]


# --- sharpened among rivals


def rivals(seed: int, people: int = 60) -> tuple[Compared, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Records each with its own person, who agrees in most, and up to three others, who do not."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 5, people)
    group = np.repeat(np.arange(people), sizes)
    chosen = np.zeros(len(group), np.bool_)
    chosen[np.cumsum(sizes) - 1] = True
    alike, unlike = drawn(len(group), seed, alike=True), drawn(len(group), seed + 1)
    pairs = Compared(
        {k: np.where(chosen, alike.levels[k], unlike.levels[k]) for k in alike.levels},
        {k: np.where(chosen, alike.rarity[k], unlike.rarity[k]) for k in alike.rarity},
    )
    return pairs, group, chosen


def slope_at(
    values: Array,
    first: Weights,
    pairs: Compared,
    group: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.bool_],
) -> Array:
    """The slope of what ``sharpen`` climbs, by moving each value a little: no derivative is taken on trust."""
    x = features(pairs).astype(float)
    precision = np.full(WIDTH, 1 / weights.PRIOR_SPREAD**2)
    precision[0], precision[weights._RARITIES] = 1e-4, 1e-2

    def worth(beta: Array) -> float:
        likelihood = weights._likelihood(x @ beta, group, chosen)
        return likelihood - float(precision @ (beta - first.values * LN2) ** 2) / 2

    step = np.eye(WIDTH) * 1e-5
    return np.array([(worth(values * LN2 + d) - worth(values * LN2 - d)) / 2e-5 for d in step])


@pytest.mark.parametrize("seed", range(3))
def test_the_slope_is_that_of_the_likelihood(seed: int, some: Weights) -> None:
    pairs, group, chosen = rivals(seed, people=12)
    x = features(pairs).astype(float)
    beta = np.random.default_rng(seed).normal(size=WIDTH) / 3
    gradient, hessian = weights._slope(x, x @ beta, group, chosen)
    step = np.eye(WIDTH) * 1e-5
    by_hand = [
        (
            weights._likelihood(x @ (beta + d), group, chosen)
            - weights._likelihood(x @ (beta - d), group, chosen)
        )
        / 2e-5
        for d in step
    ]
    assert gradient == pytest.approx(np.array(by_hand), abs=1e-4)
    curve = [
        (
            weights._slope(x, x @ (beta - d), group, chosen)[0]
            - weights._slope(x, x @ (beta + d), group, chosen)[0]
        )
        / 2e-5
        for d in step
    ]
    assert hessian == pytest.approx(np.array(curve), abs=1e-3)


def test_the_likelihood_is_that_of_both_questions() -> None:
    """Two records: one with its person and a rival, one with its person alone."""
    score = np.log(np.array([3.0, 2.0, 5.0]))
    group, chosen = np.array([0, 0, 1]), np.array([True, False, True])
    with_person = np.log(3 / (1 + 3 + 2)) + np.log(5 / (1 + 5))
    without = np.log(1 / (1 + 2)) + np.log(1 / 1)
    assert weights._likelihood(score, group, chosen) == pytest.approx(with_person + without)


@pytest.mark.parametrize("seed", range(6))
def test_the_sharpened_weights_are_the_best_there_are(seed: int, some: Weights) -> None:
    pairs, group, chosen = rivals(seed)
    best = sharpen(some, pairs, group, chosen)
    assert slope_at(best.values, some, pairs, group, chosen) == pytest.approx(np.zeros(WIDTH), abs=0.05)


@pytest.mark.parametrize("far", [1.0, 5.0, 20.0])
def test_they_are_found_from_far_away_too(far: float, some: Weights) -> None:
    """Where rivals are far apart all is flat: a step as long as the slope says would land anywhere."""
    pairs, group, chosen = rivals(3)
    start = Weights(some.values + np.random.default_rng(1).normal(size=WIDTH) * far, some.m, some.u)
    near, away = (sharpen(some, pairs, group, chosen, s) for s in (None, start))
    assert away.values == pytest.approx(near.values, abs=0.1)


def weighed(prior: float, **levels: dict[int, float]) -> Weights:
    """Weights in bits of the levels that are named; the others weigh nothing."""
    values = np.zeros(WIDTH)
    values[0] = prior
    for name, bits in levels.items():
        for i, weight in bits.items():
            pair = features(compared(**{name: [i]}))[0]
            pair[0] = 0
            values[pair > 0] = weight
    return Weights(values, {}, {})


SCHOOL = weighed(
    -12.6,
    name={1: 17.6, 3: 14.0, 5: 5.2, 8: 2.7, 9: -3.2, 11: -1.7, 12: -9.3},
    birth_date={1: 10.7, 8: -6.2, 9: -7.1},
    sex={1: 0.9, 2: -6.6},
    birth_place={1: 2.4, 4: -6.2},
    mother_name={1: 16.2, 9: -2.4, 11: -6.2, 12: -9.0},
    kk={1: 17.6, 3: -3.9},
)
"""First weights of a small school: what agrees says a great deal there, since few pupils are called alike."""


def pupils(people: int, seed: int) -> tuple[Compared, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Pupils among their brothers and sisters, who agree in card, mother and clan, some with a twin."""
    random = np.random.default_rng(seed)
    rows = []
    for child in range(people):
        rare, mother, clan = random.uniform(12, 25), random.uniform(12, 29), random.uniform(4, 7)
        card, place, day = random.choice([1, 1, 0, 3]), random.uniform(1, 8), random.uniform(11.5, 12.6)
        rows.append((child, 1, random.choice([1, 1, 1, 3, 5]), rare, 1, mother, 1, day, 1, 1, place, card))
        for _ in range(random.integers(1, 6)):
            sibling = (11, clan, random.choice([1, 1, 12]), mother, 9, 0, random.choice([1, 2]), 4, 0, card)
            rows.append((child, 0, *sibling))
        if random.random() < 0.03:
            rows.append((child, 0, 8, clan + 5, 1, mother, 1, day, 1, 1, place, card))
        if random.random() < 0.5:
            stranger = (
                random.choice([9, 12]),
                5,
                random.choice([9, 11, 12]),
                4,
                8,
                0,
                random.choice([1, 2]),
                4,
                0,
            )
            rows.append((child, 0, *stranger, 3 if card else 0))
    column = np.array(rows).T
    levels = dict(
        zip(
            ("name", "mother_name", "birth_date", "sex", "birth_place", "kk"),
            (2, 4, 6, 8, 9, 11),
            strict=True,
        )
    )
    pairs = compared(**{name: column[i].astype(int).tolist() for name, i in levels.items()})
    for name, i in (("name", 3), ("mother_name", 5), ("birth_date", 7), ("birth_place", 10)):
        pairs.rarity[name][:] = np.where(pairs.levels[name] < 12, column[i], 0)
    return pairs, column[0].astype(np.int64), column[1] == 1


@pytest.mark.parametrize("seed", [6, 7, 9, 12])
def test_pupils_among_their_brothers_and_sisters_teach_what_they_can(seed: int) -> None:
    """Where all agree in so much the likelihood is flat and then steep: whole steps would never settle."""
    pairs, group, chosen = pupils(60, seed)
    best = sharpen(SCHOOL, pairs, group, chosen)
    assert slope_at(best.values, SCHOOL, pairs, group, chosen) == pytest.approx(np.zeros(WIDTH), abs=0.05)


def test_a_level_that_no_pair_shows_keeps_its_first_weight(some: Weights) -> None:
    pairs, group, chosen = rivals(4, people=6)
    sharper = sharpen(some, pairs, group, chosen)
    unseen = [
        (c.name, i)
        for c in COMPARISONS
        for i in range(1, len(c.levels))
        if not (pairs.levels[c.name] == i).any()
    ]
    assert len(unseen) > 3
    for name, i in unseen:
        assert sharper.level_weight(name, i) == pytest.approx(some.level_weight(name, i), abs=1e-6)


def test_without_a_record_to_learn_from_the_first_weights_stay(some: Weights) -> None:
    nobody = compared(name=[])
    assert sharpen(some, nobody, np.array([], np.int64), np.array([], np.bool_)) is some


def test_rivals_teach_what_tells_them_apart(some: Weights) -> None:
    """All candidates were found by the birth date, so it tells nobody apart; the name does."""
    people = 200
    group = np.repeat(np.arange(people), 3)
    chosen = np.tile([True, False, False], people)
    pairs = compared(
        name=np.where(chosen, 1, 12).tolist(),
        birth_date=[1] * (3 * people),
        sex=np.tile([1, 1, 2], people).tolist(),
    )
    sharper = sharpen(some, pairs, group, chosen)
    assert sharper.score(pairs)[chosen].min() > 0 > sharper.score(pairs)[~chosen].max()
    assert sharper.level_weight("name", 1) > some.level_weight("sex", 1)


def test_the_order_of_the_records_teaches_nothing(some: Weights) -> None:
    pairs, group, chosen = rivals(5)
    turned = pairs.take(np.arange(len(group))[::-1])
    back = sharpen(some, turned, (group.max() - group)[::-1], chosen[::-1])
    assert back.values == pytest.approx(sharpen(some, pairs, group, chosen).values, abs=1e-6)


# --- among rivals and nobody

SCORES = st.lists(st.lists(st.floats(-30, 30), min_size=1, max_size=5), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None)
@given(scores=SCORES, null=st.floats(-20, 20))
def test_probabilities_among_rivals_and_nobody(scores: list[list[float]], null: float) -> None:
    group = np.repeat(np.arange(len(scores)), [len(s) for s in scores])
    p = softmax_with_null(np.concatenate(scores), group, len(scores), null)
    by_hand = [np.exp(x) / (np.exp(null) + np.exp(s).sum()) for s in map(np.array, scores) for x in s]
    assert p == pytest.approx(np.array(by_hand))
    assert (np.bincount(group, weights=p) <= 1 + 1e-9).all()


@settings(max_examples=50, deadline=None)
@given(scores=st.lists(st.floats(-30, 30), min_size=1, max_size=5), rival=st.floats(-30, 30))
def test_one_more_rival_makes_nobody_likelier(scores: list[float], rival: float) -> None:
    before = softmax_with_null(np.array(scores), np.zeros(len(scores), np.int64), 1)
    after = softmax_with_null(np.array([*scores, rival]), np.zeros(len(scores) + 1, np.int64), 1)
    assert (after[:-1] <= before + 1e-12).all()


def test_a_record_without_a_candidate_has_nobody_and_each_its_own_null() -> None:
    p = softmax_with_null(np.zeros(3), np.array([0, 2, 2]), 3, np.array([0.0, 0.0, np.log(2)]))
    assert p == pytest.approx([1 / 2, 1 / 4, 1 / 4])


def test_scores_beyond_any_reason_stay_probabilities() -> None:
    p = softmax_with_null(np.array([5000.0, 4000.0, -5000.0, -np.inf]), np.array([0, 0, 1, 1]), 2)
    assert p.tolist() == [1, 0, 0, 0]
