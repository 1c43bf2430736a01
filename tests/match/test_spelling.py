"""Which words are spellings of one another: every row of the tables by a name that shows why it is there."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.match.spelling import spelling_class, spelling_classes

TABLES = tomllib.loads(files("pipelines.match").joinpath("variants.toml").read_text(encoding="utf-8"))

WORDS = [(word, variant) for word, variants in TABLES["words"].items() for variant in variants]

SOUNDS = {
    # The spelling of before 1972 lives on in the names of the old, and of their children.
    ("OE", "U"): [("SOEKARNO", "SUKARNO"), ("NOERDIN", "NURDIN"), ("BOEDI", "BUDI")],
    ("OO", "U"): [("ROOSLINA", "RUSLINA"), ("JOOSOEF", "JUSUF")],
    ("DJ", "J"): [("DJOKO", "JOKO"), ("DJONI", "JONI"), ("DJAMALUDIN", "JAMALUDIN")],
    ("TJ", "K"): [("TJAHJONO", "CAHYONO"), ("TJOKRO", "COKRO"), ("WELMINTJE", "WELMINCE")],
    ("NJ", "NY"): [("NJOMAN", "NYOMAN"), ("NJAK", "NYAK")],
    ("SJ", "S"): [("SJAMSUDIN", "SAMSUDIN"), ("SJARIF", "SARIF")],
    # Arabic and Church Latin letters, as Indonesian tongues say them.
    ("SY", "S"): [("SYARIFUDDIN", "SARIPUDIN"), ("SYAHRUL", "SAHRUL")],
    ("TS", "S"): [("TSANI", "SANI"), ("UTSMAN", "USMAN")],
    ("Z", "S"): [("ZAKARIAS", "SAKARIAS"), ("AZIS", "ASIS")],
    ("X", "S"): [("XAVERIUS", "SAVERIUS")],
    ("KH", "K"): [("KHADIJAH", "KADIJA"), ("KHAIRUL", "KAIRUL")],
    ("CH", "K"): [("CHAIRUL", "KHAIRUL"), ("CHRISTOFEL", "KRISTOFEL"), ("MICHAEL", "MIKAEL")],
    ("CK", "K"): [("FREDERICK", "FREDERIK"), ("RICKY", "RIKI")],
    ("Q", "K"): [("TAUFIQ", "TAUFIK"), ("QOMARIAH", "KOMARIA")],
    ("C", "K"): [("CORNELIS", "KORNELIS"), ("FRANSISCUS", "FRANSISKUS"), ("VERONICA", "VERONIKA")],
    ("PH", "P"): [("PHILIPUS", "FILIPUS"), ("STEPHANUS", "STEFANUS")],
    ("F", "P"): [("YUSUF", "YUSUP"), ("FERDINAN", "PERDINAN")],
    ("V", "P"): [("VERONIKA", "FERONIKA"), ("NOVITA", "NOFITA")],
    ("TH", "T"): [("MARTHA", "MARTA"), ("THERESIA", "TERESIA"), ("MARTHEN", "MARTEN")],
    ("DH", "D"): [("BUDHI", "BUDI"), ("RIDHO", "RIDO")],
    ("IE", "I"): [("JULIE", "YULI"), ("LIESBET", "LISBET")],
    ("EE", "I"): [("LEENA", "LINA")],
    ("Y", "I"): [("HENDRY", "HENDRI"), ("SUPRIYADI", "SUPRIADI"), ("RUDY", "RUDI")],
    ("J", "I"): [("JULIANA", "YULIANA"), ("JUNUS", "YUNUS"), ("JERMIAS", "YERMIAS")],
}
"""For each sound (as written, and its letter in the class): names that people write both ways."""


@pytest.mark.parametrize(("word", "variant"), WORDS)
def test_every_variant_stands_for_its_word(word: str, variant: str) -> None:
    assert spelling_class(variant) == spelling_class(word)


@pytest.mark.parametrize("sound", SOUNDS, ids="/".join)
def test_every_sound_is_heard_in_a_name(sound: tuple[str, str]) -> None:
    for one, other in SOUNDS[sound]:
        assert spelling_class(one) == spelling_class(other), f"{one} {other}"


def test_no_row_of_the_tables_is_without_an_example() -> None:
    assert {(like, row["write"]) for row in TABLES["sounds"] for like in row["like"]} == set(SOUNDS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ANNA", "ANA"),  # doubled letters come and go
        ("JOHANNIS", "YOHANIS"),
        ("SARAH", "SARA"),  # as does an h after a vowel, and at the end
        ("FATIMAH", "FATIMA"),
        ("MAHMUD", "MAMUD"),
        ("RUTH", "RUT"),
        ("MUHAMMAD", "MOCHAMAD"),  # a word of the table that is itself spelt in the old way
        ("ABDOEL", "ABDUL"),
        ("SOEPARTHA", "SUPARTA"),  # several at once
        ("DJAKARSIH", "JAKARSI"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert spelling_class(one) == spelling_class(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MARIA", "MARTHA"),
        ("MARIA", "MARIANA"),
        ("YOHANES", "YOHANA"),  # brother and sister
        ("YOSEF", "YOSEFINA"),
        ("AGUSTINUS", "AGUSTINA"),
        ("DANIEL", "DANIELA"),
        ("PETRUS", "PAULUS"),
        ("SITI", "SRI"),
        ("MUHAMMAD", "AHMAD"),
        ("YAKOBUS", "YUNUS"),
        ("RINA", "RINI"),  # twins are often called so
        ("ANA", "ANI"),
        ("ADI", "ADE"),
        ("BANI", "PANI"),  # clans that differ in one sound
        ("GORIS", "KORIS"),
        ("BENU", "BANU"),
        ("TEFA", "TEFU"),
        ("NENO", "NANO"),
        ("TAMONOB", "TANOB"),
        ("M", "N"),
    ],
)
def test_names_that_only_look_alike(one: str, other: str) -> None:
    assert spelling_class(one) != spelling_class(other)


LETTERS = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), min_size=1, max_size=14)


@given(st.lists(LETTERS, max_size=5))
def test_each_word_has_the_class_that_it_has_alone(words: list[str]) -> None:
    assert spelling_classes(pa.array(words, pa.string())).to_pylist() == [spelling_class(w) for w in words]


@given(LETTERS)
def test_no_word_is_without_a_class(word: str) -> None:
    assert spelling_class(word)


@given(st.text(st.sampled_from("ABGILMPRUW"), min_size=1, max_size=10), st.data())
def test_a_doubled_letter_changes_no_class(word: str, data: st.DataObject) -> None:
    """Of letters that are no sound of the tables together with a neighbour, as TH is and OO."""
    at = data.draw(st.integers(0, len(word) - 1))
    assert spelling_class(word[:at] + word[at] + word[at:]) == spelling_class(word)
