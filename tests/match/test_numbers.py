"""What a recorded number is to a candidate's: each kind of slip by numbers as they stand in files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match import numbers
from pipelines.match.numbers import NUMBER_LEVELS, ONE_SLIP, compare_numbers, digits

OWN = 5301044101900012
"""Of a woman of Semau (53.01.04), born on 1 January 1990 (41 01 90), the twelfth of that day."""

CARD = 5301041101100003


@dataclass(frozen=True)
class Wrote:
    """A number as written, and what is known of it: whether its holder is of the household, whether it has one."""

    text: str | None
    household: bool = False
    held: bool = False


def levels(*wrote: Wrote, own: int = OWN, card: int = CARD) -> list[str]:
    texts = [w.text for w in wrote]
    whole = [int(t) if t and len(t) == 16 and t.isdigit() else -1 for t in texts]
    seen = compare_numbers(
        pa.array(texts, pa.string()),
        np.array(whole, np.int64),
        np.full(len(wrote), own),
        np.full(len(wrote), card),
        np.array([w.household for w in wrote], np.bool_),
        np.array([w.held for w in wrote], np.bool_),
    )
    return [NUMBER_LEVELS[i] for i in seen]


EXAMPLES = {
    "no number": [Wrote(None)],
    "the same number": [Wrote("5301044101900012", held=True)],
    "last digit zeroed": [Wrote("5301044101900010"), Wrote("5301044101900010", held=True)],
    "day of birth differs by 40": [Wrote("5301040101900012")],
    "one digit differs, in the date": [
        Wrote("5301044107900012"),  # July for January
        Wrote("5301044101990012"),  # 1999 for 1990
        Wrote("5301043101900012"),  # a woman's 41 written 31
    ],
    "one digit differs, in the district": [
        Wrote("5301094101900012"),
        Wrote("7301044101900012"),
        Wrote("5371044101900012"),
    ],
    "one digit differs, in the serial": [
        Wrote("5301044101900015"),
        Wrote("5301044101900912"),
        Wrote("5301044101901012"),
    ],
    "two neighbouring digits swapped": [
        Wrote("5301044101900021"),  # 12 → 21
        Wrote("5301044101090012"),  # 90 → 09
        Wrote("5310044101900012"),  # 01 → 10
        Wrote("5301041401900012"),  # 41 → 14
    ],
    "a digit missing or too many": [
        Wrote("530104410190012"),  # a 0 left out: fifteen
        Wrote("53010441019000112"),  # a 1 typed twice: seventeen
        Wrote("53O10441O190012"),  # fifteen, and letters at that
    ],
    "letters for digits": [
        Wrote("53O1O441O19OOO12"),
        Wrote("530I0441OI9000I2"),
        Wrote("53o1044lol900012"),
    ],
    "two digits differ": [Wrote("5371044101900015"), Wrote("5301044202900012"), Wrote("8301044101900013")],
    "the family card's number": [
        Wrote("5301041101100003"),
        Wrote("5301041101100003", held=True, household=True),
    ],
    "number of somebody of the household": [
        Wrote("5301040503600002", household=True, held=True),  # her father's
        Wrote("5301044101900011", household=True, held=True),  # her twin's, though it is one digit away
    ],
    "same district and date, another serial": [
        Wrote("5301044101900234"),
        Wrote("5301044101900234", held=True),
    ],
    "same date, another district": [Wrote("5371014101900001"), Wrote("3201014101900001", held=True)],
    "number of somebody else": [Wrote("7401010305550001", held=True)],
    "another number, in no registry": [Wrote("7401010305550001")],
    "unreadable number": [
        Wrote("530104"),
        Wrote("5,30104E+15"),
        Wrote("TIDAK TAHU"),
        Wrote("53010441019000125301044101900012"),
    ],
}


@pytest.mark.parametrize(("level", "wrote"), EXAMPLES.items())
def test_every_level_by_numbers_as_they_stand_in_files(level: str, wrote: list[Wrote]) -> None:
    assert levels(*wrote) == [level] * len(wrote)


def test_every_level_has_examples_and_all_in_one_batch_are_as_each_alone() -> None:
    assert tuple(EXAMPLES) == NUMBER_LEVELS
    everything = [w for wrote in EXAMPLES.values() for w in wrote]
    assert levels(*everything) == [level for level, wrote in EXAMPLES.items() for _ in wrote]
    assert levels(*reversed(everything)) == [
        level for level, wrote in reversed(EXAMPLES.items()) for _ in wrote
    ]


def test_what_counts_as_mistyped_is_one_slip_away() -> None:
    assert [NUMBER_LEVELS[i] for i in ONE_SLIP] == [
        "last digit zeroed",
        "day of birth differs by 40",
        "one digit differs, in the date",
        "one digit differs, in the district",
        "one digit differs, in the serial",
        "two neighbouring digits swapped",
        "a digit missing or too many",
        "letters for digits",
    ]


def test_a_zero_at_the_end_is_a_spreadsheets_only_where_the_number_has_none() -> None:
    ends_in_zero = 5301044101900010
    assert levels(Wrote("5301044101900012"), own=ends_in_zero) == ["one digit differs, in the serial"]


def test_swapping_two_equal_digits_is_no_slip_and_swapping_distant_ones_is_two() -> None:
    assert levels(Wrote("5301044101900012")) == ["the same number"]
    assert levels(Wrote("5301044101920010")) == ["two digits differ"]  # the 2 and a 0 two places further


def test_without_a_family_card_no_number_is_the_cards() -> None:
    assert levels(Wrote("7401010305550001"), card=-1) == ["another number, in no registry"]


def test_letters_that_could_be_no_digits_are_not_undone() -> None:
    assert levels(Wrote("S301044101900012"), Wrote("5301044101900O15")) == ["unreadable number"] * 2


def test_digits() -> None:
    assert digits(np.array([OWN, 7], np.int64)).tolist() == [
        [5, 3, 0, 1, 0, 4, 4, 1, 0, 1, 9, 0, 0, 0, 1, 2],
        [0] * 15 + [7],
    ]


# --- what holds for any number

NIK = st.builds(
    lambda region, day, month, year, serial: int(f"{region}{day:02d}{month:02d}{year:02d}{serial:04d}"),
    st.sampled_from([530104, 530109, 537101, 330402]),
    st.integers(1, 31) | st.integers(41, 71),
    st.integers(1, 12),
    st.integers(0, 99),
    st.integers(1, 9999),
)
NEAR = st.builds(lambda nik, step, place: nik + step * 10**place, NIK, st.integers(-2, 2), st.integers(0, 14))


@settings(max_examples=200, deadline=None)
@given(one=NIK, other=NIK | NEAR, held=st.booleans(), household=st.booleans())
def test_either_number_may_be_the_recorded_one(one: int, other: int, held: bool, household: bool) -> None:
    """But for the spreadsheet's zero: of 5301…0012 and 5301…0010 only the second can have lost its last digit."""
    there = levels(Wrote(f"{one:016d}", household, held), own=other, card=-1)
    back = levels(Wrote(f"{other:016d}", household, held), own=one, card=-1)
    serial = {"last digit zeroed": "one digit differs, in the serial"}
    assert [serial.get(x, x) for x in there] == [serial.get(x, x) for x in back]


@settings(max_examples=100, deadline=None)
@given(nik=NIK, held=st.booleans(), household=st.booleans())
def test_a_number_is_the_same_as_itself(nik: int, held: bool, household: bool) -> None:
    assert levels(Wrote(f"{nik:016d}", household, held), own=nik) == ["the same number"]


@settings(max_examples=200, deadline=None)
@given(nik=NIK, place=st.integers(0, 15), digit=st.integers(1, 9))
def test_one_other_digit_is_one_slip_and_says_where(nik: int, place: int, digit: int) -> None:
    text = f"{nik:016d}"
    wrong = text[:place] + str((int(text[place]) + digit) % 10) + text[place + 1 :]
    part = "district" if place < 6 else "date" if place < 12 else "serial"
    allowed = {f"one digit differs, in the {part}"}
    if place == 15 and wrong.endswith("0"):
        allowed = {"last digit zeroed"}
    if place == 6 and abs(int(wrong[6]) - int(text[6])) == 4:
        allowed = {"day of birth differs by 40"}
    assert set(levels(Wrote(wrong), own=nik)) == allowed


@settings(max_examples=200, deadline=None)
@given(nik=NIK, place=st.integers(0, 15), more=st.sampled_from("0123456789"))
def test_a_digit_missing_or_too_many_anywhere(nik: int, place: int, more: str) -> None:
    text = f"{nik:016d}"
    short, long = text[:place] + text[place + 1 :], text[:place] + more + text[place:]
    assert levels(Wrote(short), Wrote(long), own=nik) == ["a digit missing or too many"] * 2


@settings(max_examples=100, deadline=None)
@given(nik=NIK, data=st.data())
def test_letters_in_the_place_of_zero_and_one(nik: int, data: st.DataObject) -> None:
    text = f"{nik:016d}"
    read = {"0": "0OoQ", "1": "1IilL"}
    wrote = "".join(data.draw(st.sampled_from(read.get(c, c))) for c in text)
    assert levels(Wrote(wrote), own=nik) == ["the same number" if wrote == text else "letters for digits"]


@settings(max_examples=100, deadline=None)
@given(
    text=st.none() | st.text("0123456789OIl ,E+", max_size=20), held=st.booleans(), household=st.booleans()
)
def test_whatever_was_written_has_a_level(text: str | None, held: bool, household: bool) -> None:
    (level,) = levels(Wrote(text, household, held))
    assert (level == "no number") == (text is None)


def test_the_levels_are_numbered_in_their_order() -> None:
    names = [
        "NOTHING",
        "EXACT",
        "ZEROED",
        "DAY40",
        "DATE",
        "REGION",
        "SERIAL",
        "SWAP",
        "LENGTH",
        "LETTERS",
        "TWO",
    ]
    names += ["CARD", "HOUSEHOLD", "SIBLING", "SAME_DATE", "HELD", "OTHER", "UNREADABLE"]
    assert [getattr(numbers, name) for name in names] == list(range(len(NUMBER_LEVELS)))
