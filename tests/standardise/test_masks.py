"""The SQL masks are the Python masks, letter for letter."""

from __future__ import annotations

import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines import records
from pipelines.standardise.masks import mask_nik, mask_text
from tests.standardise.reading import ANY_TEXT, database, evaluate

DIGITS = st.text("0123456789²٣५ -.", max_size=30)


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("5301040101900001", "5301********0001"),
        ("530104", "******"),
        ("123456789", "1234*6789"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_number(written: str | None, masked: str) -> None:
    assert evaluate(mask_nik("x"), written) == masked == records.mask_nik(written)


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("MARIA", "M****"),
        (" Maria ", "M****"),
        ("31-02-1990", "3*********"),
        ("nik 5301040101900001", "nik ************0001"),
        ("JALAN TIMOR RAYA", "J************"),
        ("\u00a0", ""),
        (None, ""),
    ],
)
def test_a_text(written: str | None, masked: str) -> None:
    assert evaluate(mask_text("x"), written) == masked == records.mask_text(written)


@given(ANY_TEXT | DIGITS)
@example("\x1c\x85٣٣٣٣٣٣٣٣٣ ")
@example("²²²²²²²²²")
def test_both_masks_equal_pythons(text: str) -> None:
    assert evaluate(mask_nik("x"), text) == records.mask_nik(text)
    assert evaluate(mask_text("x"), text) == records.mask_text(text)


def test_every_letter_there_is() -> None:
    """Each letter nine times: whether it is a digit or a space decides what the mask looks like."""
    letters = [chr(p) for p in range(sys.maxunicode + 1) if not 0xD800 <= p < 0xE000]
    seen = database().execute(f"select {mask_text('repeat(x, 9)')} from (select unnest(?) as x)", [letters])
    wrong = [
        letter
        for letter, (masked,) in zip(letters, seen.fetchall(), strict=True)
        if masked != records.mask_text(letter * 9)
    ]
    assert wrong == []


@given(ANY_TEXT.filter(lambda text: len(text.strip()) > 1))
def test_a_masked_text_shows_one_letter_or_eight_digits_of_a_number(text: str) -> None:
    masked = evaluate(mask_text("x"), text)
    assert len(masked.replace("*", "")) <= 8 + text.count("*")
