"""Dates, sexes, places and codes: every level by its own pairs, and what must hold for any."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match.values import (
    CODE_LEVELS,
    DATE_LEVELS,
    PLACE_LEVELS,
    SEX_LEVELS,
    compare_codes,
    compare_dates,
    compare_places,
    compare_sexes,
)

Day = date | None


def day(written: str | None) -> Day:
    """31-12-1980, as people write it."""
    return date(int(written[6:]), int(written[3:5]), int(written[:2])) if written else None


# --- birth dates

DATES = {
    "missing": [(None, "17-08-1980"), ("17-08-1980", None), (None, None)],
    "the same day": [
        ("17-08-1980", "17-08-1980"),
        ("01-01-1950", "01-01-1950"),
        ("29-02-2000", "29-02-2000"),
    ],
    "day and month swapped": [
        ("02-11-1980", "11-02-1980"),
        ("03-04-1968", "04-03-1968"),
        ("12-01-1999", "01-12-1999"),
    ],
    "a default day of the same year": [
        ("01-01-1980", "17-08-1980"),
        ("31-12-1955", "04-06-1955"),
        ("09-03-1961", "01-07-1961"),  # the registry knows the year only
    ],
    "one digit differs": [
        ("12-05-1990", "12-05-1980"),
        ("11-08-1980", "17-08-1980"),
        ("17-08-1988", "17-08-1980"),
    ],
    "same day and month, another year": [("17-08-1975", "17-08-1980"), ("17-08-2008", "17-08-1980")],
    "same month and year": [("17-08-1980", "20-08-1980"), ("09-08-1980", "21-08-1980")],
    "two digits differ": [
        ("18-07-1980", "17-08-1980"),
        ("17-04-1985", "17-08-1980"),
        ("18-08-1981", "17-08-1980"),
    ],
    "same year": [("17-08-1980", "21-03-1980"), ("30-11-1980", "17-08-1980")],
    "another date": [("03-11-1967", "17-08-1980"), ("17-08-1980", "25-12-2014")],
}


def date_level(left: Day, right: Day) -> str:
    return DATE_LEVELS[compare_dates(*(pa.array([d], pa.date32()) for d in (left, right)))[0]]


@pytest.mark.parametrize(
    ("written", "registered", "level"), [(*pair, name) for name, pairs in DATES.items() for pair in pairs]
)
def test_birth_dates(written: str | None, registered: str | None, level: str) -> None:
    assert date_level(day(written), day(registered)) == level


def test_every_date_level_has_examples() -> None:
    assert tuple(DATES) == DATE_LEVELS


def test_the_first_level_that_applies_is_taken() -> None:
    assert (
        date_level(day("01-01-1980"), day("01-07-1980")) == "a default day of the same year"
    )  # and two digits
    assert date_level(day("10-01-1980"), day("01-10-1980")) == "day and month swapped"
    assert date_level(day("11-11-1980"), day("11-11-1980")) == "the same day"


BIRTHS = st.dates(date(1900, 1, 1), date(2026, 11, 25))
NEAR = st.builds(
    date,
    st.sampled_from([1968, 1978, 1980, 1981, 1990, 2008]),
    st.sampled_from([1, 2, 7, 8, 11, 12]),
    st.integers(1, 28),
)
DAYS = st.none() | NEAR | BIRTHS


@settings(max_examples=100, deadline=None)
@given(pairs=st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=30))
def test_dates_compare_alike_either_way_and_each_as_alone(pairs: list[tuple[Day, Day]]) -> None:
    left, right = (pa.array([p[i] for p in pairs], pa.date32()) for i in (0, 1))
    there, back = compare_dates(left, right), compare_dates(right, left)
    assert there.tolist() == back.tolist()
    assert [DATE_LEVELS[i] for i in there] == [date_level(*pair) for pair in pairs]


@settings(max_examples=100, deadline=None)
@given(one=BIRTHS, other=BIRTHS)
def test_only_one_day_is_the_same_day(one: date, other: date) -> None:
    assert date_level(one, one) == "the same day"
    assert (date_level(one, other) == "the same day") == (one == other)


@settings(max_examples=100, deadline=None)
@given(born=BIRTHS.filter(lambda d: d.day <= 12 and d.day != d.month))
def test_a_swapped_day_and_month_is_seen_whatever_else_it_could_be(born: date) -> None:
    assert date_level(born.replace(day=born.month, month=born.day), born) == "day and month swapped"


# --- sexes


def test_sexes() -> None:
    left, right = np.array([1, 2, 1, -1, 2, -1]), np.array([1, 2, 2, 1, -1, -1])
    levels = ["the same", "the same", "different", "missing", "missing", "missing"]
    assert [SEX_LEVELS[i] for i in compare_sexes(left, right)] == levels
    assert [SEX_LEVELS[i] for i in compare_sexes(right, left)] == levels


# --- places

PLACES = {
    "missing": [(None, "KUPANG", False), ("KUPANG", None, True)],
    "the same": [("KUPANG", "KUPANG", False), ("SO'E", "SO'E", True)],
    "cut at the field's width": [
        ("KABUPATEN KUPAN", "KABUPATEN KUPANG", True),
        ("TIMOR TENGAH SE", "TIMOR TENGAH SELATAN", True),
        ("OEKABITI KUPANG", "OEKABITI KUPANG TIMUR", True),
    ],
    "spelt alike": [
        ("KUPNAG", "KUPANG", False),
        ("OELAMASI", "OELEMASI", False),
        ("KEFAMENANU", "KEFAMENANO", False),
        ("KABUPATEN KUPAN", "KABUPATEN KUPANG", False),  # short by a letter, in a field that is not full
    ],
    "different": [("SOE", "KUPANG", False), ("ATAMBUA", "BAA", True), ("JAKARTA", "YOGYAKARTA", False)],
}


def places(*sides: list[str | None]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], pa.Array]:
    """Places as linkage has them: both sides as numbers of the places that occur."""
    text = sorted({place for side in sides for place in side if place is not None})
    left, right = (np.array([-1 if p is None else text.index(p) for p in s], np.int32) for s in sides)
    return left, right, pa.array(text, pa.string())


@pytest.mark.parametrize(("level", "pairs"), PLACES.items())
def test_places(level: str, pairs: list[tuple[str | None, str | None, bool]]) -> None:
    left, right, text = places([p[0] for p in pairs], [p[1] for p in pairs])
    seen = compare_places(left, right, np.array([p[2] for p in pairs]), text)
    assert [PLACE_LEVELS[i] for i in seen] == [level] * len(pairs)


def test_every_place_level_has_examples() -> None:
    assert tuple(PLACES) == PLACE_LEVELS


TOWNS = st.none() | st.sampled_from(
    ["KUPANG", "KUPNAG", "SOE", "SO", "ATAMBUA", "KABUPATEN KUPANG", "KABUPATEN KUPAN", "KEFA"]
)


@settings(max_examples=100, deadline=None)
@given(pairs=st.lists(st.tuples(TOWNS, TOWNS, st.booleans()), min_size=1, max_size=20))
def test_places_compare_alike_either_way_and_each_as_alone(
    pairs: list[tuple[str | None, str | None, bool]],
) -> None:
    left, right, text = places([p[0] for p in pairs], [p[1] for p in pairs])
    cut = np.array([p[2] for p in pairs])
    there = compare_places(left, right, cut, text).tolist()
    assert there == compare_places(right, left, cut, text).tolist()
    alone = [
        compare_places(left[i : i + 1], right[i : i + 1], cut[i : i + 1], text)[0] for i in range(len(pairs))
    ]
    assert there == alone


# --- family cards

CARD = 5301042208110001


def test_family_cards() -> None:
    left = np.array([-1, CARD, CARD, CARD + 1, CARD + 40_000_000, CARD + 11, 1])
    right = np.array([CARD, -1, CARD, CARD, CARD, CARD, CARD])
    levels = [
        "missing",
        "missing",
        "the same",
        "one digit differs",
        "one digit differs",
        "different",
        "different",
    ]
    assert [CODE_LEVELS[i] for i in compare_codes(left, right)] == levels


CODES = (
    st.just(-1)
    | st.sampled_from([CARD, CARD + 1, CARD + 100, 9999999999999999, 0])
    | st.integers(0, 10**16 - 1)
)


@settings(max_examples=100, deadline=None)
@given(pairs=st.lists(st.tuples(CODES, CODES), min_size=1, max_size=20))
def test_codes_compare_alike_either_way_and_as_their_digits_do(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array([p[i] for p in pairs], np.int64) for i in (0, 1))
    seen = compare_codes(left, right)
    assert seen.tolist() == compare_codes(right, left).tolist()
    for (a, b), level in zip(pairs, seen, strict=True):
        slips = sum(x != y for x, y in zip(f"{a:016d}", f"{b:016d}", strict=True)) if min(a, b) >= 0 else -1
        assert CODE_LEVELS[level] == {-1: "missing", 0: "the same", 1: "one digit differs"}.get(
            slips, "different"
        )
