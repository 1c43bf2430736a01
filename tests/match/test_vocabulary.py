"""The words of all names: how common each is, and names as rows of numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match.vocabulary import MAX_WORDS, Names, Vocabulary
from tests.match.people import vocabulary


def learned(*names: tuple[str | None, bool], people: int = 1000) -> Vocabulary:
    """Names, and whether each is the registry's."""
    return Vocabulary.learn(
        pa.array([n for n, _ in names], pa.string()), np.array([c for _, c in names], np.int64), people
    )


def word(words: Vocabulary, text: str) -> int:
    return words.text.to_pylist().index(text)


def test_a_word_that_many_have_surprises_little() -> None:
    words = vocabulary(*["MARIA TEFA"] * 250, *["YULIANA TEFA"] * 249, "RAMBU HINA", people=1000)
    tefa, maria, rambu = (words.surprise[word(words, w)] for w in ("TEFA", "MARIA", "RAMBU"))
    assert tefa == pytest.approx(1.0, abs=0.01)  # every second of a thousand
    assert maria == pytest.approx(2.0, abs=0.01)  # every fourth
    assert rambu > 9


def test_only_the_registrys_names_make_a_word_common() -> None:
    words = learned(("MARIA TEFA", True), *[("RAMBU HINA", False)] * 500)
    assert words.surprise[word(words, "RAMBU")] > words.surprise[word(words, "MARIA")]
    assert words.surprise[word(words, "RAMBU")] == pytest.approx(np.log2(1001 / 0.5))


def test_a_word_that_everybody_has_is_no_surprise_at_all() -> None:
    words = vocabulary(*["MARIA"] * 1005, people=1000)
    assert words.surprise.tolist() == [0]


def test_a_spelling_class_is_as_common_as_its_words_together() -> None:
    words = vocabulary(*["YOHANES"] * 300, *["JOHANIS"] * 100, "YOHANNES", people=1000)
    assert words.class_surprise == pytest.approx(np.log2(1001 / 401.5), abs=1e-4)
    assert len(set(words.spelling.tolist())) == 1
    assert len(set(words.surprise.tolist())) == 3


def test_names_become_rows_of_their_words_numbers() -> None:
    words = vocabulary("MARIA GORETI TEFA", "ANNA")
    names = Names.of(pa.array(["TEFA MARIA", "", "ANNA", "MARIA GORETI"]), words)
    anna, maria, tefa, goreti = (word(words, w) for w in ("ANNA", "MARIA", "TEFA", "GORETI"))
    assert names.rows[:, :2].tolist() == [[tefa, maria], [-1, -1], [anna, -1], [maria, goreti], [-1, -1]]
    assert (names.rows[:, 2:] == -1).all()
    assert names.rows.shape == (4 + 1, MAX_WORDS)  # the last row is no name at all
    assert names.last.tolist() == [maria, -1, anna, goreti, -1]


def test_the_letters_of_a_name_without_its_spaces() -> None:
    texts = ["NUR HAYATI", "NURHAYATI", "NURH AYATI", "HAYATI NUR", "ABA"]
    names = Names.of(pa.array(texts), vocabulary(*texts))
    assert len(set(names.joined[:3].tolist())) == 1
    assert len(set(names.joined.tolist())) == 4  # that of no name is another one
    assert names.letters[[0, 1, 4]].tolist() == [names.letters[3], names.letters[3], 0b11]


def test_of_a_long_name_the_first_words_count() -> None:
    words = vocabulary("MARIA IMACULADA DA CONCEICAO FREITAS DOS SANTOS")
    text = [
        words.text[i].as_py()
        for i in Names.of(pa.array(["MARIA IMACULADA DA CONCEICAO FREITAS DOS SANTOS"]), words).rows[0]
    ]
    assert text == ["MARIA", "IMACULADA", "DA", "CONCEICAO", "FREITAS"]


def test_what_tells_at_a_glance_that_two_words_are_not_alike() -> None:
    words = vocabulary("ANNA BABA Z")
    a, b, z = (word(words, w) for w in ("ANNA", "BABA", "Z"))
    assert words.length[[a, b, z]].tolist() == [4, 4, 1]
    assert words.letters[[a, b, z]].tolist() == [1 | 1 << 13, 1 | 1 << 1, 1 << 25]
    assert len({*words.first[[a, b, z]].tolist()}) == 3


def test_an_empty_name_holds_no_word() -> None:
    assert vocabulary("", None, "MARIA").text.to_pylist() == ["MARIA"]


WORD = st.text("AEIMNRST", min_size=1, max_size=4)
NAMES = st.lists(st.lists(WORD, min_size=1, max_size=MAX_WORDS).map(" ".join), min_size=1, max_size=20)


@settings(max_examples=50, deadline=None)
@given(names=NAMES, order=st.randoms(use_true_random=False))
def test_the_same_words_whatever_the_order_of_the_names(names: list[str], order: object) -> None:
    shuffled = list(names)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = vocabulary(*names), vocabulary(*shuffled)
    assert one.text.to_pylist() == other.text.to_pylist() == sorted({w for n in names for w in n.split()})
    assert one.surprise.tolist() == other.surprise.tolist()
    assert one.class_surprise.tolist() == other.class_surprise.tolist()
    assert (one.class_surprise <= one.surprise).all()


@settings(max_examples=50, deadline=None)
@given(names=NAMES)
def test_a_name_can_be_read_back_from_its_row(names: list[str]) -> None:
    words = vocabulary(*names)
    rows = Names.of(pa.array(names), words).rows[:-1]
    assert [" ".join(words.text[i].as_py() for i in row if i >= 0) for row in rows] == names
