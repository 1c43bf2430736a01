"""Twins or one person twice: told by the name, by the numbers, and by what the registry's other pairs are like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match.names import NAME_LEVELS, compare_names
from pipelines.match.twins import twins
from pipelines.match.weights import Array
from tests.match.people import compared, numbers_of, vocabulary

USUAL = np.array([0, 0.62, 0.03, 0.10, 0.05, 0.07, 0.01, 0.07, 0.01, 0.03, 0.002, 0.004, 0.004])
"""How often each level of a name occurs between two records of one person."""

BEARERS = ["YENI TEFA", "YANI TEFA", "PETRUS TEFA", "PAULUS TEFA", "MARIA TEFA", "SIMON TEFA"] * 5

DAY = 5301064712140000


@dataclass(frozen=True)
class Pair:
    """Two numbers of one day and one mother."""

    one: str
    other: str
    apart: int = 1


TWINS, ONE = Pair("PETRUS TEFA", "PAULUS TEFA"), Pair("MARIA TEFA", "MARIA TEFA", apart=20_000)


def asked(*pairs: Pair, people: int = 1000, **levels: int) -> Array:
    """P(twins) of each pair; ``levels`` are of what is compared beside the name, the mother's name the same."""
    words = vocabulary(*BEARERS, *(n for p in pairs for n in (p.one, p.other)), people=people)
    known, (left, right) = numbers_of(words, [p.one for p in pairs], [p.other for p in pairs])
    name = compare_names(left, right, np.zeros(len(pairs), bool), known).level
    others = {"birth_date": 1, "mother_name": 1, "sex": 1, **levels}
    batch = compared(name=name.tolist(), **{k: [v] * len(pairs) for k, v in others.items()})
    numbers = (np.full(len(pairs), DAY), DAY + np.array([p.apart for p in pairs], np.int64))
    return twins(batch, numbers, (left, right), known, USUAL, people)


def test_two_names_are_two_people_and_one_name_is_one() -> None:
    two, one, spelt = asked(TWINS, ONE, Pair("YOHANES TEFA", "JOHANIS TEFA", apart=70))
    assert two > 0.99
    assert one < 0.01
    assert spelt < 0.05


def test_nearly_one_name_with_numbers_one_after_the_other_is_twins_where_twins_have_such_names() -> None:
    """Every number of a second registration but one came years later; the pairs say so."""
    office = [TWINS] * 40 + [ONE] * 60 + [Pair("YENI TEFA", "YANI TEFA")] * 12
    years_later = Pair("YENI TEFA", "YANI TEFA", apart=30_000)
    *_, near, later = asked(*office, years_later)
    assert near > 0.9
    assert later < 0.5


def test_nearly_one_name_is_one_person_where_second_numbers_are_given_out_at_once() -> None:
    at_once = Pair("MARIA TEFA", "MARIA TEFA")
    office = [TWINS] * 40 + [at_once] * 60
    *_, slip = asked(*office, Pair("SIMON TEFA", "SIMNO TEFA"))
    assert slip < 0.5


def test_a_slip_that_is_nobodys_name_is_likelier_a_slip() -> None:
    names, slip = (asked(Pair("YENI TEFA", other))[0] for other in ("YANI TEFA", "YNEI TEFA"))
    assert names > slip + 0.2


@pytest.mark.parametrize(
    ("comparison", "level"), [("birth_date", 3), ("sex", 2), ("mother_name", 12), ("birth_date", 0)]
)
def test_without_one_day_one_sex_and_one_mother_it_is_no_question(comparison: str, level: int) -> None:
    assert asked(TWINS, ONE, **{comparison: level}).tolist() == [0, 0]


def test_a_mother_who_is_not_named_teaches_nothing() -> None:
    assert asked(TWINS, ONE, mother_name=0).tolist() == [0, 0]


def test_no_pairs_at_all() -> None:
    assert asked().tolist() == []


PAIRS = st.builds(
    Pair,
    st.sampled_from(sorted(set(BEARERS))),
    st.sampled_from([*sorted(set(BEARERS)), "YNEI TEFA", "TEFA MARIA"]),
    st.sampled_from([1, 2, 7, 50_000]),
)


@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(PAIRS, min_size=1, max_size=25), order=st.randoms(use_true_random=False))
def test_a_probability_whatever_the_order(pairs: list[Pair], order: object) -> None:
    shuffled = list(range(len(pairs)))
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    before, after = asked(*pairs), asked(*(pairs[i] for i in shuffled))
    assert ((before >= 0) & (before <= 1)).all()
    assert after == pytest.approx(before[shuffled], abs=1e-9)


def test_every_level_of_a_name_has_its_belief() -> None:
    levels = asked(*(Pair("MARIA TEFA", other) for other in ("MARIA TEFA", "TEFA MARIA", "ANNA BANI")))
    assert len(NAME_LEVELS) == len(USUAL)
    assert levels[0] < levels[2]
