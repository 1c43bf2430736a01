"""Strange spaces, quotes and letters: what every field goes through first."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.standardise.text import (
    LIGATURES,
    UNFOLDED,
    alike,
    fills_width,
    folding,
    one_of,
    plain,
    trimmed,
    words,
)
from tests.standardise.reading import ANY_TEXT, MESSY, evaluate


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Maria Tefa", "MARIA TEFA"),
        ("  Maria Tefa\t", "MARIA TEFA"),
        ("Maria\u00a0Tefa\u00a0", "MARIA TEFA"),  # non-breaking spaces, from a web page
        ("\ufeffMaria\u200b Tefa", "MARIA TEFA"),  # byte order mark, zero-width space
        ("５３０１", "5301"),  # full-width digits, from an input method
        ("𝐌𝐚𝐫𝐢𝐚", "MARIA"),  # mathematical bold, from social media
        ("Ma’u", "MA'U"),
        ("Ma`u", "MA'U"),
        ("Ma｀u", "MA'U"),  # full-width backtick: folded twice
        ("12–05–1990", "12-05-1990"),
        ("“Maria”", '"MARIA"'),
        ("Raﬁ Taﬄes", "RAFI TAFFLES"),  # ligatures, from a PDF
        ("José", "JOSÉ"),  # an accent is not a likeness: names take it off, addresses keep it
        ("a\x00b", "AB"),
        (" josé ", "JOSÉ"),
        (" maria", "MARIA"),
        ("   ", None),
        ("", None),
        (" \u00a0\u200b ", None),
        (None, None),
    ],
)
def test_plain(written: str | None, expected: str | None) -> None:
    assert evaluate(plain("x"), written) == expected


@given(ANY_TEXT | MESSY)
def test_plain_has_no_space_at_its_ends_and_nothing_invisible(text: str) -> None:
    made = evaluate(plain("x"), text)
    assert made is None or (made != "" and made == made.strip(" "))
    assert not set(made or "") & set("\u200b\u00a0\ufeff\x00\t\n")


@given(MESSY)
def test_plain_agrees_with_python_on_letters_that_are_ascii_at_heart(text: str) -> None:
    """Unicode's own compatibility form is the measure for full-width and styled letters."""
    styled = "".join(c for c in text if unicodedata.normalize("NFKC", c).isalnum())
    known = "".join(c for c in styled if len(n := unicodedata.normalize("NFKC", c)) == 1 and n.isascii())
    assert (evaluate(plain("x"), known) or "") == unicodedata.normalize("NFKC", known).upper()


def test_folding_never_makes_what_it_would_fold_again() -> None:
    source, target = folding()
    assert not set(source) & set(target)
    assert len(set(source)) == len(source)


def test_no_letter_that_counts_as_unfolded_is_ever_folded() -> None:
    for letters in (folding()[0], "".join(LIGATURES)):
        assert evaluate(f"regexp_matches(x, '[{UNFOLDED}]')", letters) is False


@pytest.mark.parametrize(
    ("written", "expected"),
    [("000123", "000123"), (" rm-01\u00a0", "rm-01"), ("a b", "a b"), ("\t", None), ("", None), (None, None)],
)
def test_trimmed_keeps_letters_as_they_are(written: str | None, expected: str | None) -> None:
    assert evaluate(trimmed("x"), written) == expected


@pytest.mark.parametrize(
    ("written", "glue", "expected"),
    [("TIDAK-ADA.", "", "TIDAKADA"), ("(TIDAK  ADA)", " ", "TIDAK ADA"), ("--", " ", ""), ("Ж-1", "", "Ж1")],
)
def test_words(written: str, glue: str, expected: str) -> None:
    assert evaluate(words("x", glue), written) == expected


@given(st.text("AB01 -./()", max_size=20), st.sampled_from(["", " ", "-"]))
def test_python_and_sql_write_words_alike(text: str, glue: str) -> None:
    made = evaluate(words("x", glue), text)
    assert alike([text], glue) == ({made} if made else set())


@pytest.mark.parametrize(("value", "expected"), [("A", True), ("Ma'u", True), ("C", False), (None, False)])
def test_one_of_is_never_null(value: str | None, expected: bool) -> None:
    assert evaluate(one_of("x", frozenset({"A", "Ma'u"})), value) is expected


def test_one_of_nothing() -> None:
    assert evaluate(one_of("x", frozenset()), "A") is False


@pytest.mark.parametrize(
    ("written", "cut"),
    [
        ("KOTA KUPANG TENG", True),  # sixteen letters in a field of sixteen
        ("KOTA KUPANG  ", False),  # blanks that pad a fixed width are no name
        ("KUPANG", False),
        (None, False),
    ],
)
def test_fills_width(written: str | None, cut: bool) -> None:
    assert evaluate(fills_width("x", 16), written) is cut


def test_a_field_without_a_width_cuts_nothing() -> None:
    assert evaluate(fills_width("x", None), "A" * 300) is False
