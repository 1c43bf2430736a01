from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sample.days import dmy, iso, to_date, to_day, year_of
from pipelines.sample.numbers import TooManyPeople, date_part, serials


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)), st.booleans())
def test_a_birth_date_in_a_number(born: date, woman: bool) -> None:
    part = int(date_part(ints(to_day(born)), np.array([woman]))[0])
    assert f"{part:06d}" == f"{born.day + 40 * woman:02d}{born:%m%y}"


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)))
def test_a_day_is_a_date_and_back(when: date) -> None:
    day = ints(to_day(when))
    assert to_date(int(day[0])) == when
    assert iso(day) == [when.isoformat()]
    assert dmy(day) == [f"{when:%d-%m-%Y}"]
    assert year_of(day).tolist() == [when.year]


def test_a_family_card_has_no_forty() -> None:
    assert date_part(ints(to_day(date(2012, 3, 5)))).tolist() == [50312]


def test_serials_count_up_within_a_region_and_a_day() -> None:
    region = ints(530104, 530104, 530105, 530104, 530104)
    part = ints(10190, 10190, 10190, 410190, 10190)
    niks = serials(region, part, np.array([0.9, 0.1, 0.5, 0.5, 0.4]), np.ones(5, dtype=np.int64))
    assert niks.tolist() == [
        5301040101900003,
        5301040101900001,
        5301050101900001,
        5301044101900001,
        5301040101900002,
    ]


def test_a_spoilt_form_leaves_a_gap() -> None:
    niks = serials(
        ints(530104, 530104, 530104), ints(10190, 10190, 10190), np.array([0.1, 0.2, 0.3]), ints(1, 3, 1)
    )
    assert [nik % 10**4 for nik in niks.tolist()] == [1, 4, 5]


def test_equal_turns_keep_their_order() -> None:
    niks = serials(ints(1, 1, 1, 1), ints(1, 1, 1, 1), np.array([0.5, 0.5, 0.2, 0.9]), ints(1, 1, 7, 2))
    assert [nik % 10**4 for nik in niks.tolist()] == [8, 9, 7, 11]


def test_nobody_gets_no_number() -> None:
    assert serials(ints(), ints(), np.array([]), ints()).tolist() == []


@given(st.lists(st.tuples(st.sampled_from((530104, 530105)), st.sampled_from((10190, 20190))), max_size=60))
def test_no_number_is_issued_twice(applicants: list[tuple[int, int]]) -> None:
    region, part = ints(*(r for r, _ in applicants)), ints(*(p for _, p in applicants))
    turn = np.random.default_rng(len(applicants)).random(len(applicants))
    niks = serials(region, part, turn, np.ones(len(applicants), dtype=np.int64)).tolist()
    assert len(set(niks)) == len(niks)
    for key in set(applicants):
        mine = sorted(
            nik % 10**4 for nik, applicant in zip(niks, applicants, strict=True) if applicant == key
        )
        assert mine == list(range(1, len(mine) + 1))


def test_more_people_than_serials_is_said() -> None:
    n = 10_000
    with pytest.raises(TooManyPeople, match="10000"):
        serials(
            np.ones(n, dtype=np.int64),
            np.ones(n, dtype=np.int64),
            np.arange(n) / n,
            np.ones(n, dtype=np.int64),
        )
