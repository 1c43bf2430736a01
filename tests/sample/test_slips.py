"""Each slip on any number: what it may change, and that it changes something."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from pipelines.sample import slips
from pipelines.sample.data import load
from pipelines.sample.truth import bare, is_number, one_slip

UNIT = st.floats(0, 1, exclude_max=True)
PROVINCES = load().numbers.provinces


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Any number that could have been issued."""
    province = draw(st.sampled_from(sorted(PROVINCES)))
    born = draw(st.dates(date(1920, 1, 1), date(2026, 10, 31)))
    day = born.day + draw(st.sampled_from((0, 40)))
    region, serial = draw(st.integers(101, 9950)), draw(st.integers(1, 9999))
    return f"{province}{region:04d}{day:02d}{born:%m%y}{serial:04d}"


@given(numbers())
def test_what_could_have_been_issued_is_a_number(nik: str) -> None:
    assert is_number(nik, PROVINCES)


@given(numbers(), UNIT)
def test_one_digit_is_another_one(nik: str, u: float) -> None:
    written = slips.digit(nik, u)
    assert sum(a != b for a, b in zip(nik, written, strict=True)) == 1
    assert one_slip(written, nik)


@given(numbers(), UNIT)
def test_two_neighbours_change_places(nik: str, u: float) -> None:
    written = slips.swapped(nik, u)
    assert written != nik
    assert sorted(written) == sorted(nik)
    assert OSA.distance(nik, written) == 1
    assert one_slip(written, nik)


def test_digits_that_are_all_alike_cannot_be_swapped() -> None:
    assert slips.swapped("7" * 16, 0.3) == "7" * 16


@given(numbers(), UNIT)
def test_a_spreadsheet_keeps_fifteen_digits(nik: str, u: float) -> None:
    written = slips.last_zero(nik, u)
    assert (written[:15], written[15]) == (nik[:15], "0")


@given(numbers(), UNIT)
def test_the_day_of_the_other_sex_and_back(nik: str, u: float) -> None:
    written = slips.day_sex(nik, u)
    assert abs(int(written[6:8]) - int(nik[6:8])) == 40
    assert slips.day_sex(written, u) == nik
    assert one_slip(written, nik)


@given(numbers(), UNIT)
def test_a_digit_is_lost_or_one_too_many(nik: str, u: float) -> None:
    written = slips.length(nik, u)
    assert len(written) in (15, 17)
    assert OSA.distance(nik, written) == 1


@given(numbers(), UNIT)
def test_letters_stand_only_where_they_look_like_the_digit(nik: str, u: float) -> None:
    written = slips.letters(nik, u)
    assert written != nik
    if len(written) == 16:
        assert written.translate(str.maketrans("OlI", "011")) == nik
    else:
        assert not set("01") & set(nik)


def test_a_number_without_noughts_and_ones_loses_a_digit_instead() -> None:
    assert len(slips.letters("5323456789234567", 0.9)) == 15


@given(numbers(), UNIT)
def test_a_float_shows_the_first_digits_and_the_size(nik: str, u: float) -> None:
    written = slips.as_float(nik, u)
    parts = re.fullmatch(r"(\d)[.,](\d+)E\+15", written)
    assert parts
    assert nik.startswith(parts[1] + parts[2])


@given(numbers(), UNIT)
def test_what_was_left_for_later_is_no_number(nik: str, u: float) -> None:
    written = slips.unfilled(nik, u)
    assert nik.startswith(written.rstrip("0")[:4])
    assert not is_number(written, PROVINCES)


@given(numbers(), UNIT)
def test_the_impossible_is_no_number(nik: str, u: float) -> None:
    written = slips.impossible(nik, u)
    assert len(written) == 16
    assert written.isdigit()
    assert not is_number(written, PROVINCES)


@given(numbers(), UNIT, st.sampled_from((None, 20, 17)))
def test_dressing_does_no_harm_and_fits(nik: str, u: float, width: int | None) -> None:
    written = slips.dressed(nik, u, width)
    assert written != nik
    assert re.sub(r"\D", "", written) == nik
    assert bare(written) == nik
    assert width is None or len(written) <= width


@given(numbers(), UNIT)
def test_a_number_of_former_days_keeps_only_the_birth_date(nik: str, u: float) -> None:
    written = slips.old(nik, u, (530101, 537101, int(nik[:6])))
    assert written[:6] in {"530101", "537101"} - {nik[:6]}
    assert written[6:12] == nik[6:12]
    assert is_number(written, PROVINCES)


@given(numbers(), UNIT)
def test_a_number_made_up_keeps_the_region_and_has_a_day_that_exists(nik: str, u: float) -> None:
    written = slips.invented(nik, u)
    assert written[:6] == nik[:6]
    assert is_number(written, PROVINCES)


def test_over_all_luck_every_way_to_invent_and_dress_is_taken() -> None:
    nik, luck = "5301040101900001", [step / 500 for step in range(500)]
    assert len({slips.dressed(nik, u) for u in luck}) == 8
    assert len({slips.unfilled(nik, u) for u in luck}) == 4
    assert len({slips.digit(nik, u) for u in luck}) == 16 * 9
    assert len({slips.invented(nik, u)[:12] for u in luck}) > 50
