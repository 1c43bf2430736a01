from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from pipelines.sample import spelling
from pipelines.sample.data import load
from pipelines.sample.spelling import Speller

UNIT = st.floats(0, 1, exclude_max=True)
WORD = st.text("ABCDEFGHIJKLMNOPRSTUVWXYZ", min_size=2, max_size=12)
NAME = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
LUCK = [step / 400 for step in range(400)]


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(load().writing)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("SUMIATI TEFA", "SOEMIATI TEFA"),
        ("JULIANA", "DJULIANA"),
        ("VICTOR NENO", "FICTOR NENO"),
        ("ZAKARIAS", "SAKARIAS"),
        ("YOHANA", "JOHANA"),
        ("MUHAMMAD ALI", "M. ALI"),
        ("MUHAMMAD ALI", "MOH. ALI"),
        ("ABDUL RAHMAN", "ABD. RAHMAN"),
        ("SITI NUR", "ST. NUR"),
        ("ANNA", "ANA"),
        ("KRISTINA", "CHRISTINA"),
    ],
)
def test_the_spellings_of_the_country_are_among_those_drawn(speller: Speller, name: str, other: str) -> None:
    assert other in {speller.spelling(name, u) for u in LUCK}


@given(NAME, UNIT)
def test_a_spelling_keeps_the_words(name: str, u: float) -> None:
    speller = Speller(load().writing)
    written = speller.spelling(name, u)
    assert len(written.split()) == len(name.split())
    assert written == written.strip()


def test_a_name_with_no_sound_to_change_stays(speller: Speller) -> None:
    assert {speller.spelling("BOB", u) for u in LUCK} == {"BOB"}


def test_no_word_begins_with_a_doubled_letter_and_none_is_tripled(speller: Speller) -> None:
    written = {speller.spelling("NONA SELLA RASSA", u) for u in LUCK}
    assert not [name for name in written if any(word[0] == word[1] for word in name.split())]
    assert not [name for name in written if "LLL" in name or "SSS" in name]


@given(NAME, UNIT)
def test_a_typo_is_one_key_away_and_never_the_first_letter(name: str, u: float) -> None:
    written = Speller(load().writing).typo(name, u)
    assert OSA.distance(name, written) <= 2
    assert written[0] == name[0]


def test_typos_are_of_every_kind(speller: Speller) -> None:
    written = {speller.typo("MARIA", u) for u in LUCK}
    assert {"MRIA", "MARRIA", "MAIRA", "MATIA"} <= written
    assert speller.typo("AB", 0.4) == "AB"


def test_a_mother_is_called_as_the_family_calls_her(speller: Speller) -> None:
    assert {speller.nickname("YOSEFINA TEFA", u) for u in LUCK} == {"YOSEFINA", "YOSI", "MAMA YOSI"}
    assert {speller.nickname("ONA TEFA", u) for u in LUCK} == {"ONA", "MAMA ONA"}


@pytest.mark.parametrize(
    ("change", "name", "written"),
    [
        (spelling.initials, "MARIA GORETI TEFA", {"MARIA G. TEFA"}),
        (spelling.initials, "MARIA TEFA", {"M. TEFA", "MARIA T."}),
        (spelling.initials, "SUHARTO", {"SUHARTO"}),
        (spelling.reordered, "MARIA TEFA", {"TEFA MARIA"}),
        (spelling.reordered, "MARIA GORETI TEFA", {"TEFA MARIA GORETI", "GORETI MARIA TEFA"}),
        (spelling.reordered, "SUHARTO", {"SUHARTO"}),
        (spelling.dropped, "MARIA TEFA", {"MARIA"}),
        (spelling.dropped, "MARIA GORETI TEFA", {"MARIA GORETI", "MARIA TEFA"}),
        (spelling.dropped, "SUHARTO", {"SUHARTO"}),
        (spelling.joined, "ANA MARIA TEFA", {"ANAMARIA TEFA", "ANA MARIATEFA"}),
        (spelling.joined, "SUHARTO", {"SUHARTO"}),
    ],
)
def test_words_are_left_out_moved_joined_and_cut_to_initials(
    change: spelling.Change, name: str, written: set[str]
) -> None:
    assert {change(name, u) for u in LUCK} == written


def test_a_name_as_in_a_letter() -> None:
    assert spelling.title_case("BY. NY. MARIA DA COSTA") == "By. Ny. Maria Da Costa"
