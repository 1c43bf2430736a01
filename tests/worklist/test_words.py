"""What officers write by hand, and what it is taken for."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipelines.worklist
from pipelines.vocabulary import DECISION_HEADINGS, DECISION_WORDS, DecisionKind
from pipelines.worklist.shown import shows_another_proposal
from pipelines.worklist.words import plain, read_decision, read_headings

CORRECTED, REJECTED, FORWARDED = DecisionKind


@pytest.mark.parametrize("kind", DecisionKind)
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_drop_down_is_read(kind: DecisionKind, language: str) -> None:
    assert read_decision(DECISION_WORDS[kind][language]) is kind  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("DIPERBAIKI", CORRECTED),
        ("  di perbaiki ", CORRECTED),
        ("sudah diperbaiki", CORRECTED),
        ("Ya, sudah diperbaiki.", CORRECTED),
        ("benar diperbaiki", CORRECTED),
        ("telah dibetulkan", CORRECTED),
        ("ya", CORRECTED),
        ("Sudah", CORRECTED),
        ("corrected", CORRECTED),
        ("bukan error", REJECTED),
        ("Bukan Kesalahan", REJECTED),
        ("bukan  kesalahan!", REJECTED),
        ("ya, bukan kesalahan", REJECTED),
        ("data sudah benar", REJECTED),
        ("not an error", REJECTED),
        ("salah alamat", FORWARDED),
        ("sudah diteruskan", FORWARDED),
        ("Bukan wewenang kami", FORWARDED),
        ("forwarded", FORWARDED),
    ],
)
def test_free_words_are_read(text: str, kind: DecisionKind) -> None:
    assert read_decision(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "belum diperbaiki",
        "tidak diperbaiki",
        "belum",
        "tidak",
        "benar",
        "?",
        "",
        "nanti saja",
        "diperbaiki atau bukan kesalahan",
        "tidak diteruskan",
    ],
)
def test_what_is_not_surely_a_decision_is_none(text: str) -> None:
    assert read_decision(text) is None


@given(st.sampled_from([w for words in DECISION_WORDS.values() for w in words.values()]), st.data())
def test_case_blanks_and_punctuation_do_not_matter(word: str, data: st.DataObject) -> None:
    blank = st.sampled_from([" ", "  ", "\t", "\u00a0", " . "])
    written = "".join(
        data.draw(blank) if letter == " " else data.draw(st.sampled_from([letter.upper(), letter.lower()]))
        for letter in word
    )
    assert read_decision(f" {written}. ") is read_decision(word)


@given(st.text())
def test_any_text_is_a_decision_or_none(text: str) -> None:
    assert read_decision(text) in (None, *DecisionKind)
    assert plain(plain(text)) == plain(text)


@given(st.text(min_size=1), st.sampled_from(["belum ", "tidak ", "jangan "]))
def test_a_denial_is_never_a_correction(rest: str, denial: str) -> None:
    assert read_decision(denial + rest) is not DecisionKind.CORRECTED


@pytest.mark.parametrize("language", ["id", "en"])
def test_headings_in_either_language(language: str) -> None:
    cells = [DECISION_HEADINGS[field][language] for field in DECISION_HEADINGS]  # type: ignore[index]
    assert read_headings(cells) == {field: index for index, field in enumerate(DECISION_HEADINGS)}


def test_headings_as_worklist_csv_has_them_among_others_in_any_order() -> None:
    assert read_headings(["owner", "NOTE", None, 7, "item_id", "proposed_nik"]) == {
        "note": 1,
        "item_id": 4,
        "proposed_nik": 5,
    }


def test_without_an_id_they_are_no_headings() -> None:
    assert read_headings(["Keputusan", "Catatan"]) is None
    assert read_headings([]) is None


def test_of_two_columns_of_one_heading_the_first_counts() -> None:
    assert read_headings(["ID Butir", "Keputusan", "Keputusan"]) == {"item_id": 0, "decision": 1}


NUMBER = "5301040101900003"


@pytest.mark.parametrize(
    "shown",
    [
        NUMBER,
        "'5301040101900003",
        "5301 0401 0190 0003",
        "NIK: 5301040101900003",
        "5301040101900000",  # a spreadsheet kept fifteen digits
        "5,30104E+15",
        "5.301040101900E+15",
    ],
)
def test_a_number_that_is_still_the_proposal(shown: str) -> None:
    assert not shows_another_proposal(shown, NUMBER, CORRECTED)


@pytest.mark.parametrize("shown", ["5301040101900001", "5301040101910000", "5,40104E+15", "lihat catatan"])
def test_a_number_that_is_another(shown: str) -> None:
    assert shows_another_proposal(shown, NUMBER, CORRECTED)


def test_a_number_where_there_is_no_proposal_any_more() -> None:
    assert shows_another_proposal(NUMBER, None, CORRECTED)


def test_a_blank_cell_silences_no_proposal_that_nobody_saw() -> None:
    assert shows_another_proposal("", NUMBER, REJECTED)
    assert not shows_another_proposal("", NUMBER, CORRECTED)
    assert not shows_another_proposal("", None, REJECTED)


@pytest.mark.parametrize("kind", DecisionKind)
def test_without_the_column_nothing_can_be_said(kind: DecisionKind) -> None:
    assert not shows_another_proposal(None, NUMBER, kind)


def test_the_examples_in_the_documentation_hold() -> None:
    modules = pkgutil.iter_modules(pipelines.worklist.__path__, "pipelines.worklist.")
    results = [doctest.testmod(importlib.import_module(module.name)) for module in modules]
    assert sum(result.attempted for result in results) >= 6
    assert sum(result.failed for result in results) == 0
