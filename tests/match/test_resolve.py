"""From candidates to an answer: people under two numbers, records that teach, and answers that are held back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match import resolve
from pipelines.match.numbers import NOTHING
from pipelines.match.resolve import held_back, one_number_each, teach
from pipelines.match.search import Pairs, together
from tests.match.conftest import Searched
from tests.match.people import compared, drawn, yes


def some(size: int, **columns: object) -> Pairs:
    """A batch of pairs, all of one record unless said otherwise."""
    usual = {
        "a": np.zeros(size, np.int32),
        "r": np.arange(size, dtype=np.int32),
        "src": np.zeros(size, np.int8),
        "blind": np.zeros(size, np.bool_),
        "by_field": np.ones(size, np.bool_),
        "compared": drawn(size, seed=1),
        "number": np.full(size, NOTHING, np.int8),
        "state": np.ones(size, np.int8),
    }
    return Pairs(**{**usual, **columns})  # type: ignore[arg-type]


# --- one person under two numbers


def by_person(p: list[float], recorded: list[bool], places: list[int], person: list[int]) -> list[float]:
    result = resolve._by_person(np.array(p), np.array(recorded), np.array(places), np.array(person))
    return [round(x, 6) for x in result.tolist()]


def test_a_person_under_two_numbers_has_one_probability_under_the_likelier() -> None:
    """Theresia holds two numbers: she is as likely as both together, and it is said of one of them."""
    assert by_person([0.40, 0.55, 0.05], [False] * 3, [0, 0, 0], [7, 7, 8]) == [0, 0.95, 0.05]


def test_or_under_the_number_that_the_record_bears() -> None:
    assert by_person([0.40, 0.55, 0.05], [True, False, False], [0, 0, 0], [7, 7, 8]) == [0.95, 0, 0.05]


def test_records_do_not_share_their_candidates() -> None:
    assert by_person([0.5, 0.4, 0.3, 0.6], [False] * 4, [0, 0, 1, 1], [7, 7, 7, 9]) == [0.9, 0, 0.3, 0.6]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.integers(0, 3), st.integers(0, 3)), max_size=20))
def test_no_probability_is_lost_or_made(rows: list[tuple[float, bool, int, int]]) -> None:
    p, recorded, places, person = (
        (np.array(c) for c in zip(*rows, strict=True)) if rows else (np.array([]),) * 4
    )
    places, person = places.astype(int), person.astype(int)
    result = resolve._by_person(p, recorded.astype(bool), places, person)
    for place in range(4):
        for one in range(4):
            here = (places == place) & (person == one)
            assert result[here].sum() == pytest.approx(p[here].sum())
            assert (result[here] > 0).sum() <= 1


# --- batches


def test_batches_are_joined_row_by_row() -> None:
    one, other = some(3, compared=compared(name=[1, 2, 3])), some(2, compared=compared(name=[4, 5]))
    joined = together([one.take(yes(True, False, True)), other.take(yes(False, True))])
    assert joined.r.tolist() == [0, 2, 1]
    assert joined.compared.levels["name"].tolist() == [1, 3, 5]


def test_a_second_number_of_ones_own_person_teaches_nothing() -> None:
    blind = some(4, blind=np.ones(4, np.bool_), r=np.array([1, 2, 3, 4], np.int32))
    person = np.array([0, 1, 1, 3, 4])  # rows 1 and 2 are one person
    assert one_number_each(blind, np.full(4, 1), person).tolist() == [True, False, True, True]


# --- teaching, on the neighbourhood


@pytest.fixture(scope="module")
def blind(searched: Searched) -> tuple[Pairs, np.ndarray]:
    """The hospital's blind pairs and, for each, the row of its record's person."""
    pairs = searched.pairs.take(searched.pairs.blind & (searched.pairs.src == 0))
    true = dict(searched.loaded.rows("select a, true_r from seek where blind"))
    return pairs, np.array([true[a] for a in pairs.a.tolist()])


def test_the_weights_are_taught_on_one_half_and_tried_on_the_other(
    searched: Searched, blind: tuple[Pairs, np.ndarray]
) -> None:
    pairs, true_r = blind
    weights, score, group, chosen, test = teach(searched.verified[0].weights, pairs, true_r)
    assert score.tolist() == weights.score(pairs.compared).tolist()
    assert (chosen == (pairs.r == true_r)).all()
    assert set((group[test > 0] % 2).tolist()) == {1}
    best = dict(zip(group[np.argsort(score)].tolist(), pairs.r[np.argsort(score)].tolist(), strict=True))
    tried = np.unique(group[test > 0]).tolist()
    right = dict(zip(group.tolist(), true_r.tolist(), strict=True))
    assert np.mean([best[g] == right[g] for g in tried]) > 0.98


def test_what_was_not_among_the_lessons_is_not_changed_by_them(
    searched: Searched, blind: tuple[Pairs, np.ndarray]
) -> None:
    """The held-back half may be as wrong as it likes: the weights do not see it."""
    pairs, true_r = blind
    first = searched.verified[0].weights
    group = np.unique(pairs.a, return_inverse=True)[1]
    spoiled = drawn(len(group), seed=3)
    levels = {k: np.where(group % 2 == 0, v, spoiled.levels[k]) for k, v in pairs.compared.levels.items()}
    chosen = pairs.r == true_r
    lessons = (group % 2 == 0) & np.isin(group, group[chosen & pairs.by_field])
    plain = resolve._fit(first, pairs, group, chosen, lessons)
    batch = replace(pairs, compared=replace(pairs.compared, levels=levels))
    assert resolve._fit(first, batch, group, chosen, lessons).values == pytest.approx(plain.values)


def test_a_record_under_a_relatives_number_does_not_teach(
    searched: Searched, blind: tuple[Pairs, np.ndarray]
) -> None:
    """Blind records of which somebody else looks much more like the person: their right answer would be wrong."""
    pairs, true_r = blind
    first = searched.verified[0].weights
    group = np.unique(pairs.a, return_inverse=True)[1]
    chosen = pairs.r == true_r
    known = np.zeros(group.max() + 1, np.bool_)
    known[group[chosen & pairs.by_field]] = True
    standing = resolve._holders_stand(first, pairs, group, chosen, known)
    assert standing.sum() > 0.95 * known.sum()
    swapped = chosen.copy()
    victims = [g for g in np.unique(group)[:200] if (group == g).sum() > 1 and known[g]]
    for g in victims:  # what a clerk does who copies the brother's number
        rows = np.flatnonzero(group == g)
        other = rows[~chosen[rows]][0]
        swapped[rows] = rows == other
    stands = resolve._holders_stand(first, pairs, group, swapped, known)
    assert len(victims) > 50
    assert stands[victims].mean() < 0.1


# --- held back


def test_each_held_back_record_is_asked_with_its_person_and_without() -> None:
    """Two records: the first has its person and a weak rival, the second its person alone."""
    score = np.array([20.0, -3.0, 10.0])
    group, chosen, test = np.array([0, 0, 1]), np.array([1, 0, 1]), np.ones(3)
    raw, right, weight = held_back(score, group, chosen, test, unregistered=0.2)
    assert right.tolist() == [1, 1, 0]  # without its person the first has only the rival, the second nobody
    assert weight.tolist() == [0.8, 0.8, 0.2]
    assert raw[0] > 0.999
    nobody = 0.2 / 0.8
    assert raw[2] == pytest.approx(2**-3 / (2**-3 + nobody))


def test_only_the_held_back_are_asked() -> None:
    raw, right, weight = held_back(
        np.array([5.0, 5.0]), np.array([0, 1]), np.array([1, 1]), np.array([0.0, 1.0]), 0.1
    )
    assert len(raw) == len(right) == len(weight) == 1
    nobody = held_back(np.array([5.0]), np.array([0]), np.array([1]), np.array([0.0]), 0.1)
    assert [len(x) for x in nobody] == [0, 0, 0]
