"""The sampler's own judgement of a number, by hand."""

from __future__ import annotations

import pytest

from pipelines.sample.truth import as_integer, bare, is_number, number_cause, one_slip

PROVINCES = frozenset({31, 53})
OWN = "5301044503900002"


@pytest.mark.parametrize(
    "text",
    ["5301 0445 0390 0002", "53.01.04.450390.0002", "'5301044503900002", "NIK:5301044503900002",
     " 5301044503900002", "5301044503900002 ", "530104-450390-0002", "NIK: 5301044503900002"],
)  # fmt: skip
def test_dressing_is_taken_off(text: str) -> None:
    assert bare(text) == OWN
    assert as_integer(text) == int(OWN)


@pytest.mark.parametrize("text", ["", "-", "53010445039000", "53O1044503900002", "5,30104E+15"])
def test_what_is_no_number_has_no_integer(text: str) -> None:
    assert as_integer(text) == -1


@pytest.mark.parametrize(
    ("nik", "why"),
    [
        ("530104450390002", "fifteen digits"),
        ("53010445039000022", "seventeen"),
        ("53O1044503900002", "a letter"),
        ("5301040003900002", "no day 0"),
        ("5301043203900002", "no day 32"),
        ("5301047203900002", "no day 32 of a woman"),
        ("5301043102900002", "no 31 February"),
        ("5301042902010002", "no 29 February in 1901 nor 2001"),
        ("5301041513900002", "no month 13"),
        ("9901044503900002", "no province 99"),
        ("٥٣٠١٠٤٤٥٠٣٩٠٠٠٠٢", "digits of another script"),
    ],
)
def test_what_could_not_be_a_number(nik: str, why: str) -> None:
    assert not is_number(nik, PROVINCES), why


@pytest.mark.parametrize("nik", [OWN, "5399992902000001", "5301042902040001", "3171011007260000"])
def test_odd_but_possible_numbers(nik: str) -> None:
    assert is_number(nik, PROVINCES)


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("5301044503900003", True),  # a digit
        ("5301044503900000", True),  # zeroed
        ("5301044530900002", True),  # 0 and 3 swapped
        ("5301040503900002", True),  # day - 40
        ("5301048503900002", True),  # one digit, though no such day
        ("5301044503900020", True),  # the last two swapped
        ("5301044503090002", True),  # 9 and 0 swapped
        ("5301045403900002", True),  # 4 and 5 swapped
        ("5301044503900013", False),  # two digits
        ("5301044003950002", False),  # two digits swapped from afar
        (OWN, False),
    ],
)
def test_one_slip_apart(written: str, one: bool) -> None:
    assert one_slip(written, OWN) is one


def test_the_day_of_the_other_sex_is_one_slip_where_both_its_digits_differ() -> None:
    assert one_slip("5301041003900002", "5301045003900002")
    assert not one_slip("5301041003900003", "5301045003900002")


@pytest.mark.parametrize(
    ("text", "own", "somebody_elses", "cause"),
    [
        (OWN, (OWN,), False, ""),
        ("5301 0445 0390 0002", (OWN,), False, ""),
        ("5301044503900009", (OWN,), False, "NIK_MISTYPED"),
        ("5301044503900009", (OWN,), True, "NIK_OF_ANOTHER_PERSON"),
        ("5301047503900002", (OWN,), False, "NIK_MALFORMED"),  # one slip, but the day is impossible
        ("5371014503900017", (OWN,), False, "NIK_WRONG"),
        ("5371014503900017", (OWN, "5371014503900018"), False, "NIK_MISTYPED"),  # of the second number
        ("5371014503900017", (), False, "NOT_REGISTERED"),
        ("5371014503900017", (), True, "NIK_OF_ANOTHER_PERSON"),
        ("53710145039000", (), False, "NIK_MALFORMED"),
    ],
)
def test_the_first_cause_that_applies(
    text: str, own: tuple[str, ...], somebody_elses: bool, cause: str
) -> None:
    assert number_cause(text, own, somebody_elses, PROVINCES) == cause
