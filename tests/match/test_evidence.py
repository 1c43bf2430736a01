"""How much a slip in the number weighs: what is seen of strangers, and what the records themselves teach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match import evidence, numbers
from pipelines.match.evidence import (
    CLASSES,
    POSSIBLE,
    SIZE,
    STATES,
    NumberWeights,
    Strangers,
    date_state,
    learn,
)
from pipelines.match.values import DATE_LEVELS
from pipelines.match.verify import find_holders
from tests.match.conftest import Searched
from tests.match.people import HOSPITAL, REGISTRY, Loaded, Office, compared, patient, registered, yes

OWN_DATE, AGREE, NEITHER = range(3)
NO_NUMBER, HELD, UNKNOWN, UNREADABLE = range(4)
SAME_DAY, ONE_DIGIT, OTHER_DATE = (
    DATE_LEVELS.index(x) for x in ("the same day", "one digit differs", "another date")
)


# --- how the dates stand


def test_the_three_ways_in_which_birth_dates_stand() -> None:
    batch = compared(birth_date=[SAME_DAY, SAME_DAY, OTHER_DATE, OTHER_DATE, 0, 0])
    states = date_state(batch, yes(True, False, True, False, True, False))
    assert [STATES[s] for s in states] == [
        "dates agree",
        "dates agree",
        "own date",
        "neither",
        "own date",
        "neither",
    ]


# --- weights


def flat(**u: float) -> NumberWeights:
    """Every level as often with the person as with a stranger, but for what is said of u."""
    m = np.full((len(CLASSES), len(STATES), SIZE), 0.25)
    shares = np.full((len(STATES), len(DATE_LEVELS), SIZE), 0.25)
    for name, share in u.items():
        shares[:, :, getattr(numbers, name)] = share
    return NumberWeights(m, shares, np.array([0.5, 0.2, 0.8, 0.5]))


def bits(
    weights: NumberWeights, level: int, state: int = AGREE, date: int = SAME_DAY, of: int = UNKNOWN
) -> float:
    one = [np.array([x]) for x in (of, state, date, level)]
    return float(
        weights.bits(one[0], one[1].astype(np.int8), one[2].astype(np.int8), one[3].astype(np.int8))[0]
    )


def test_a_slip_weighs_by_how_much_rarer_it_is_with_strangers() -> None:
    assert bits(flat(SWAP=0.25 / 2**10), numbers.SWAP) == pytest.approx(10)
    assert bits(flat(SWAP=0.5), numbers.SWAP) == pytest.approx(-1)


def test_no_number_is_no_evidence_and_none_is_endless() -> None:
    assert bits(flat(NOTHING=1e-9), numbers.NOTHING, of=NO_NUMBER) == 0
    assert bits(flat(SWAP=1e-30), numbers.SWAP) == 40


def test_nobody_weighs_by_the_share_of_unregistered_people() -> None:
    assert flat().null(np.array([0, 1, 2, 3])) == pytest.approx([0, -2, 2, 0])


# --- strangers, counted by hand


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Eight people, two pairs of whom were born on one day; four of them are patients under their own numbers."""
    office = Office(tmp_path_factory.mktemp("hamlet"))
    people = [
        registered("5301050403800001", "YOHANES NAISUNAN", "04-03-1980"),
        registered("5301050403800002", "GERSON TAEBENU", "04-03-1980"),
        registered("5301054708830001", "MARIA BENU", "07-08-1983"),
        registered("7401014708830001", "ROSINA FOBIA", "07-08-1983"),
        registered("5301051205120001", "PETRUS NAISUNAN", "12-05-2012"),
        registered("5301051209980001", "MARKUS LIUFETO", "12-09-1998"),
        registered("5301056306110001", "YOSEFINA BENU", "23-06-2011"),
        registered("5301055104870001", "YULIANA TANEO", "11-04-1987"),
    ]
    records = [
        patient("K1", "5301050403800001", "Yohanes Naisunan", "1980-03-04", "L"),
        patient("K2", "5301054708830001", "Maria Benu", "1983-08-07", "P"),
        patient("K3", "5301051205120001", "Petrus Naisunan", "2012-05-12", "L"),
        patient("K4", "5301056306110001", "Yosefina Benu", "2011-06-23", "P"),
    ]
    tables = {REGISTRY: office.records(REGISTRY, people), HOSPITAL: office.records(HOSPITAL, records)}
    loaded = Loaded.from_tables(office, tables)
    find_holders(loaded.con)
    return loaded


def test_how_many_strangers_share_a_birth_date(hamlet: Loaded) -> None:
    """Each of the four has itself on its own day; Yohanes and Maria have one more each."""
    assert evidence.strangers(hamlet.con, hamlet.people).near[SAME_DAY] == pytest.approx(6 / 4)


def test_strangers_of_ones_own_birth_date_have_numbers_one_digit_away(hamlet: Loaded) -> None:
    u = evidence.strangers(hamlet.con, hamlet.people).u
    # Of the six strangers and selves of one's day one stands one digit away in the serial, one in another district.
    assert u[AGREE, SAME_DAY, numbers.SERIAL] == pytest.approx(1 / 8, rel=0.2)
    assert u[AGREE, SAME_DAY, numbers.SAME_DATE] == pytest.approx(1 / 8, rel=0.2)
    assert u[AGREE, SAME_DAY, numbers.SERIAL] > 100 * u[AGREE, SAME_DAY, numbers.DATE]


def test_the_shares_of_strangers_are_shares(searched: Searched) -> None:
    around = searched.around
    assert around.u.shape == (len(STATES), len(DATE_LEVELS), SIZE)
    assert ((around.u > 0) & (around.u <= 1)).all()
    assert (around.near > 0).all()
    assert around.near.sum() == pytest.approx(searched.loaded.people, rel=0.05)


def test_people_born_on_one_day_have_neighbouring_numbers_and_others_have_not(searched: Searched) -> None:
    """Why an unregistered person's number, one digit from a stranger's of the same day, proves next to nothing."""
    u = searched.around.u
    assert u[AGREE, SAME_DAY, numbers.SERIAL] > 50 * u[NEITHER, OTHER_DATE, numbers.SERIAL]
    assert u[AGREE, SAME_DAY, numbers.SERIAL] > 5 * u[AGREE, SAME_DAY, numbers.DATE]
    assert u[AGREE, SAME_DAY, numbers.SIBLING] > 100 * u[OWN_DATE, OTHER_DATE, numbers.SIBLING]
    assert u[AGREE, SAME_DAY, numbers.SAME_DATE] > 100 * u[OWN_DATE, OTHER_DATE, numbers.SAME_DATE]


def test_the_near_people_are_those_of_the_registry(searched: Searched) -> None:
    same_day = searched.loaded.one(
        """select count(*) / count(distinct p.a) from (
             select ag.a, ag.birth_date from held join ag using (a)) p left join reg y using (birth_date)"""
    )
    assert searched.around.near[SAME_DAY] == pytest.approx(same_day, rel=0.02)


def test_an_office_where_nobody_is_held_has_shares_all_the_same(tmp_path: Path) -> None:
    office = Office(tmp_path)
    tables = {
        REGISTRY: office.records(REGISTRY, [registered("5301050403800001", "YOHANES NAISUNAN", "04-03-1980")])
    }
    loaded = Loaded.from_tables(office, tables)
    find_holders(loaded.con)
    around = evidence.strangers(loaded.con, loaded.people)
    assert np.isfinite(around.u).all()
    assert (around.near > 0).all()


# --- learned from the records

Ints = npt.NDArray[np.int64]


def around() -> Strangers:
    """Strangers of a town of 5,000, of whom every second record has one more of its day."""
    u = np.full((len(STATES), len(DATE_LEVELS), SIZE), 1e-5)
    u[:, :, [numbers.OTHER, numbers.HELD, numbers.UNREADABLE, numbers.NOTHING]] = 1
    near = np.full(len(DATE_LEVELS), 10.0)
    near[SAME_DAY], near[OTHER_DATE] = 1.5, 4_900
    return Strangers(u, near)


def learned(
    level: Ints, score: npt.NDArray[np.float64], classes: Ints, settled: float = 900.0
) -> NumberWeights:
    """From records with one candidate each, of the same birth date."""
    size = len(level)
    state, date = np.full(size, AGREE, np.int8), np.full(size, SAME_DAY, np.int8)
    return learn(around(), score, level.astype(np.int8), state, date, np.arange(size), classes, settled)


def test_what_the_persons_own_wrong_numbers_are_is_counted() -> None:
    """Of a hundred records with a number in no registry eighty have two digits swapped and twenty the last zeroed."""
    level = np.repeat([numbers.SWAP, numbers.ZEROED], [80, 20])
    found = learned(level, np.full(100, 20.0), np.full(100, UNKNOWN))
    assert found.m[UNKNOWN, AGREE, numbers.SWAP] == pytest.approx(0.8, abs=0.05)
    assert found.m[UNKNOWN, AGREE, numbers.ZEROED] == pytest.approx(0.2, abs=0.05)
    assert bits(found, numbers.SWAP) > bits(found, numbers.ZEROED) > 0


def test_who_is_in_no_registry_is_learned_for_each_class_of_number() -> None:
    """Three of four whose number is unknown have nobody who agrees; all without a number have somebody."""
    score = np.concatenate([np.full(25, 20.0), np.full(75, -20.0), np.full(50, 20.0)])
    level = np.concatenate([np.full(100, numbers.OTHER), np.full(50, numbers.NOTHING)])
    classes = np.concatenate([np.full(100, UNKNOWN), np.full(50, NO_NUMBER)])
    found = learned(level, score, classes)
    assert found.unregistered[UNKNOWN] == pytest.approx(0.75, abs=0.05)
    assert found.unregistered[NO_NUMBER] < 0.05
    assert found.unregistered[HELD] < 0.01


def test_an_equal_number_proves_less_where_many_are_stolen() -> None:
    """Of a hundred doubtful holders forty are somebody else: an equal number of the same day says less than usual."""
    thieves = np.concatenate([np.full(60, 20.0), np.full(40, -40.0)])
    level, classes = np.full(100, numbers.EXACT), np.full(100, HELD)
    many, none = learned(level, thieves, classes), learned(level, np.full(100, 20.0), classes)
    assert bits(many, numbers.EXACT, of=HELD) < bits(none, numbers.EXACT, of=HELD) - 5


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(0, 60))
def test_whatever_the_records_all_shares_stay_shares(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    classes = random.integers(0, len(CLASSES), size)
    level = np.array([random.choice(POSSIBLE[int(c)]) for c in classes], np.int64)
    found = learned(level, random.normal(0, 15, size), classes, settled=float(random.integers(0, 500)))
    for k, possible in POSSIBLE.items():
        assert found.m[k].sum(axis=1) == pytest.approx(np.ones(len(STATES)), abs=1e-6)
        assert (found.m[k][:, list(possible)] > 0).all()
    assert ((found.unregistered > 0) & (found.unregistered < 1)).all()
    assert (found.u > 0).all()
    assert np.isfinite(found.null(np.arange(len(CLASSES)))).all()


def test_every_level_of_the_number_is_possible_in_some_class() -> None:
    assert {level for possible in POSSIBLE.values() for level in possible} == set(range(SIZE))
    assert set(POSSIBLE) == set(range(len(CLASSES)))


def test_each_class_shows_the_levels_that_it_can(searched: Searched) -> None:
    text, number, held = {}, {}, set()
    for a, nik_text, nik in searched.loaded.rows("select a, nik_text, number from seek where not blind"):
        text[a], number[a] = nik_text, nik
    held = {n for (n,) in searched.loaded.rows("select number from reg")}
    pairs = searched.pairs
    for a, level in zip(pairs.a[~pairs.blind].tolist(), pairs.number[~pairs.blind].tolist(), strict=True):
        k = (
            NO_NUMBER
            if text[a] is None
            else UNREADABLE
            if number[a] is None
            else HELD
            if number[a] in held
            else UNKNOWN
        )
        assert level in POSSIBLE[k], (text[a], level)
