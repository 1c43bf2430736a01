"""Names compared as people write them: every level by its own pairs, and what must hold for any names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match.names import NAME_LEVELS, NameComparison, compare_names
from pipelines.match.vocabulary import Vocabulary
from tests.match.people import numbers_of, vocabulary

Pair = tuple[str | None, str | None]

(
    MISSING,
    IDENTICAL,
    ORDER,
    SPELT,
    INITIALS,
    LEFT_OFF,
    LEFT_OFF_SPELT,
    MISTYPED,
    MISTYPED_LEFT_OFF,
    GIVEN,
    MISTYPED_GIVEN,
    OTHER_WORD,
    DIFFERENT,
) = NAME_LEVELS

EXAMPLES: dict[str, list[Pair]] = {
    MISSING: [
        (None, "MARIA BANI"),
        ("MARIA BANI", None),
        (None, None),
        ("", "MARIA BANI"),
        ("MARIA BANI", ""),
    ],
    IDENTICAL: [
        ("MARIA GORETI TEFA", "MARIA GORETI TEFA"),
        ("SUPARDJO", "SUPARDJO"),  # one name only is a whole name
        ("I KETUT ARYA", "I KETUT ARYA"),
    ],
    ORDER: [
        ("BANI MARIA", "MARIA BANI"),  # the family name first
        ("DA COSTA JOAO", "JOAO DA COSTA"),
        ("NUR HAYATI", "NURHAYATI"),
        ("MARIABANI", "MARIA BANI"),
        ("I MADE WIRA", "IMADE WIRA"),
    ],
    SPELT: [
        ("JOHANIS NENO", "YOHANES NENO"),
        ("DJOKO TJAHJONO", "JOKO CAHYONO"),
        ("SOEKARNO", "SUKARNO"),
        ("MUH YUSUP", "MUHAMMAD YUSUF"),
        ("ABD RAHMAN", "ABDUL RAHMAN"),
        ("ST AMINAH", "SITI AMINA"),
        ("FERONIKA TEVA", "VERONICA TEFA"),
        ("NENO JOHANIS", "YOHANES NENO"),  # spelling, and another order
    ],
    INITIALS: [
        ("M BANI", "MARIA BANI"),
        ("MARIA F SERAN", "MARIA FLORENTINA SERAN"),
        ("M F SERAN", "MARIA FLORENTINA SERAN"),
        ("BANI M", "MARIA BANI"),
        ("M RIDWAN", "MUHAMMAD RIDWAN"),
        ("YOHANES NENO", "Y NENO"),  # the registry has the initial
    ],
    LEFT_OFF: [
        ("MARIA", "MARIA BANI"),
        ("MARIA SERAN", "MARIA FLORENTINA SERAN"),
        ("MARIA YOSEFA BANI", "MARIA BANI"),
        ("NURHAYATI BINTI ALI", "NURHAYATI"),
    ],
    LEFT_OFF_SPELT: [
        ("Y NENO", "YOHANES PITER NENO"),
        ("JOHANIS NENO", "YOHANES PITER NENO"),
        ("MUH ALI", "MUHAMMAD ALI SYAHBANA"),
    ],
    MISTYPED: [
        ("MRAIA BANI", "MARIA BANI"),  # two letters changed places
        ("YULAINA TANEO", "YULIANA TANEO"),
        ("MARIA SRAN", "MARIA SERAN"),  # one is missing
        ("MARIAA BENO", "MARIA BENU"),
        ("ANGGELYNATANEO", "ANGGELINA TANEO"),  # mistyped and written together
        ("FRANS ASBANU", "FRANSISKUS ASBANU"),  # a short form: one word begins the other
    ],
    MISTYPED_LEFT_OFF: [
        ("MARIA SRAN", "MARIA FLORENTINA SERAN"),
        ("YULAINA", "YULIANA TANEO"),
        ("SITI NURHALIZA", "ST NUR HALIZA"),
    ],
    GIVEN: [
        ("MARGARITHA AMHEKA", "MARGARITHA KOLLO"),  # her husband's name
        ("MARGARITHA AMHEKA", "MARGARITA KOLLO"),
        ("PETRUS TEFA", "PETRUS BENU"),
        ("MARIA GORETI TEFA", "MARIA FATIMA TEFA"),  # twins, the given name of both is Maria
    ],
    MISTYPED_GIVEN: [
        ("MARGARETA AMHEKA", "MARGARITHA KOLLO"),
        ("YULAINA TEFA", "YULIANA TANEO"),
        ("DORKIS BENU", "DORKAS TEFA"),
    ],
    OTHER_WORD: [
        ("YOSEFA BANI", "MARIA BANI"),  # a sister
        ("PETRUS NAISUNAN", "PAULUS NAISUNAN"),
        ("DORTIA KASE", "YULIANA KASE"),  # a mother and her daughter
    ],
    DIFFERENT: [
        ("ANNA TABUN", "MARIA BANI"),
        ("SUPARDJO", "MARKUS LIUFETO"),
        ("RAMBU ANA HINA", "YULIANA TANEO"),
    ],
}

FORTY = "MARIA FLORENTINA MAGDALENA YUSTINA NAISUNAN"
"""A name of 43 letters, of which a field of 40 keeps all but the last three."""


LONG = {
    FORTY: FORTY[:40],
    "MARIA YOSEFINA MARGARITHA NENO BANI": "MARIA YOSEFINA MARGARITHA NENO BA",
}
"""Names as the registry has them, and as a field keeps them."""

OTHERS = [
    *LONG,
    *LONG.values(),
    "MARIA FLOREN MAGDALENA YUSTINA NAISUNAN",
    "MARIA IMACULADA DA CONCEICAO FREITAS DOS SANTOS",
    "YOHANA MARIA MAGDALENA FLORENTINA DA COSTA",
    "YOHANA MARIA MAGDALENA FLORENTINA DA COS",
]

SEEN = sorted({n for pairs in EXAMPLES.values() for pair in pairs for n in pair if n})
SLIPS = ["MARAI", "MARIAA", "TEVA", "BNAI", "YULIAN", "TAN", "MA", "B", "T", "NURHAYA", "PETRU", "SUPARJO"]
WORDS = st.sampled_from(sorted({word for name in SEEN for word in name.split()} | set(SLIPS)))
NAMES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
PAIRS = st.lists(st.tuples(st.none() | NAMES, st.none() | NAMES), min_size=1, max_size=12)
KNOWN = vocabulary(*SEEN, *SLIPS, *OTHERS)
"""All these words: names are put together from them anew, so that one vocabulary serves all examples."""


def compare(pairs: list[Pair], cut: bool = False, words: Vocabulary | None = None) -> NameComparison:
    names, (left, right) = numbers_of(words or KNOWN, *([p[i] for p in pairs] for i in (0, 1)))
    return compare_names(left, right, np.full(len(pairs), cut), names)


def level(written: str | None, registered: str | None, cut: bool = False) -> str:
    return NAME_LEVELS[compare([(written, registered)], cut, KNOWN).level[0]]


@pytest.mark.parametrize(
    ("written", "registered", "expected"),
    [(*pair, name) for name, pairs in EXAMPLES.items() for pair in pairs],
)
def test_every_level_as_people_write_it(written: str | None, registered: str | None, expected: str) -> None:
    assert level(written, registered) == expected


def test_every_level_has_three_examples_and_all_in_one_batch_are_as_each_alone() -> None:
    assert set(EXAMPLES) == set(NAME_LEVELS)
    assert all(len(pairs) >= 3 for pairs in EXAMPLES.values())
    pairs = [pair for name in NAME_LEVELS for pair in EXAMPLES[name]]
    expected = [name for name in NAME_LEVELS for _ in EXAMPLES[name]]
    assert [NAME_LEVELS[i] for i in compare(pairs).level] == expected


# --- names that fill their field


@pytest.mark.parametrize(("registered", "written"), LONG.items())
def test_a_name_cut_at_its_fields_width_agrees_as_far_as_it_goes(written: str, registered: str) -> None:
    assert level(written, registered, cut=True) == INITIALS
    assert level(written, registered, cut=False) == MISTYPED


def test_a_field_cut_between_two_words_has_a_word_less() -> None:
    assert level("MARIA FLORENTINA MAGDALENA YUSTINA", FORTY, cut=True) == LEFT_OFF


def test_only_the_last_word_of_what_was_written_can_be_cut() -> None:
    assert level("MARIA FLOREN MAGDALENA YUSTINA NAISUNAN", FORTY, cut=True) == MISTYPED


@pytest.mark.parametrize(
    ("written", "registered"),
    [
        ("MARIA IMACULADA DA CONCEICAO FREITAS DOS SANTOS", "MARIA IMACULADA DA CONCEICAO FREITAS"),
        ("YOHANA MARIA MAGDALENA FLORENTINA DA COS", "YOHANA MARIA MAGDALENA FLORENTINA DA COSTA"),
    ],
)
def test_what_stands_beyond_the_fifth_word_is_as_if_left_off(written: str, registered: str) -> None:
    assert level(written, registered, cut=True) == level(registered, written) == LEFT_OFF
    assert level(written, written) == IDENTICAL


# --- how rare what agrees is


def bits(written: str, registered: str, *registry: str) -> float:
    words = vocabulary(written, registered, *registry, people=1000)
    return float(compare([(written, registered)], words=words).rarity[0])


MANY = ["MARIA TEFA"] * 100 + ["YULIANA TEFA"] * 150


def test_a_rare_name_says_more_than_one_that_hundreds_have() -> None:
    assert bits("RAMBU HINA", "RAMBU HINA", *MANY) > bits("MARIA TEFA", "MARIA TEFA", *MANY) + 10


def test_a_common_clan_alone_says_little_and_nothing_where_nothing_agrees() -> None:
    assert bits("YOSEFA TEFA", "MARIA TEFA", *MANY) == pytest.approx(-np.log2(252.5 / 1001), abs=0.01)
    assert bits("YOSEFA BANI", "MARIA TEFA", *MANY) == 0


def test_an_initial_says_no_more_than_one_letter_does() -> None:
    whole, initial = bits("RAMBU HINA", "RAMBU HINA"), bits("R HINA", "RAMBU HINA")
    assert whole - initial > 5
    assert initial - bits("HINA", "RAMBU HINA") == pytest.approx(3.3, abs=0.01)


def test_a_spelling_is_as_rare_as_all_its_spellings_together() -> None:
    """Hundreds are called Yohanes, Johanis among them: the one who writes it so is not one of a kind."""
    many = ["YOHANES TEFA"] * 200
    assert bits("JOHANIS BANI", "YOHANES BANI", *many) < bits("JOHANIS BANI", "JOHANIS BANI", *many)


def test_a_mistyped_word_says_less_than_the_word_itself() -> None:
    assert 0 < bits("RAMBU HNIA", "RAMBU HINA") < bits("RAMBU HINA", "RAMBU HINA")


def test_a_joined_name_is_as_rare_as_its_words() -> None:
    words = vocabulary("NUR HAYATI", "NURHAYATI")
    joined, plain = compare([("NURHAYATI", "NUR HAYATI"), ("NUR HAYATI", "NUR HAYATI")], words=words).rarity
    assert joined == plain


def test_a_word_is_counted_once_however_often_it_is_written() -> None:
    once = bits("MARIA BANI", "MARIA TEFA")
    assert level("MARIA MARIA", "MARIA TEFA") == GIVEN
    assert bits("MARIA MARIA", "MARIA TEFA") == pytest.approx(
        once, abs=0.6
    )  # it occurs once more in this registry


# --- what holds for any names


@settings(max_examples=100, deadline=None)
@given(pairs=PAIRS)
def test_either_side_may_be_the_registrys(pairs: list[Pair]) -> None:
    """But for which word is the given name: the registry's first one, so the last levels are told by it."""
    there, back = (compare(batch, words=KNOWN).level for batch in (pairs, [(b, a) for a, b in pairs]))
    given_name = NAME_LEVELS.index(GIVEN)
    same = np.where(np.isin(there, range(given_name, NAME_LEVELS.index(DIFFERENT))), given_name, there)
    other = np.where(np.isin(back, range(given_name, NAME_LEVELS.index(DIFFERENT))), given_name, back)
    assert same.tolist() == other.tolist()


@settings(max_examples=100, deadline=None)
@given(pairs=PAIRS, order=st.randoms(use_true_random=False))
def test_a_batch_in_another_order_gives_the_same(pairs: list[Pair], order: object) -> None:
    shuffled = list(range(len(pairs)))
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    before, after = compare(pairs, words=KNOWN), compare([pairs[i] for i in shuffled], words=KNOWN)
    assert after.level.tolist() == before.level[shuffled].tolist()
    assert after.rarity.tolist() == before.rarity[shuffled].tolist()


@settings(max_examples=100, deadline=None)
@given(pairs=PAIRS)
def test_a_pair_that_comes_twice_is_compared_alike_and_changes_no_other(pairs: list[Pair]) -> None:
    once, twice = compare(pairs, words=KNOWN), compare([*pairs, *pairs], words=KNOWN)
    assert twice.level.tolist() == once.level.tolist() * 2
    assert twice.rarity.tolist() == once.rarity.tolist() * 2


@settings(max_examples=100, deadline=None)
@given(name=NAMES, cut=st.booleans())
def test_a_name_is_identical_to_itself(name: str, cut: bool) -> None:
    assert level(name, name, cut) == IDENTICAL


@settings(max_examples=100, deadline=None)
@given(name=NAMES, order=st.permutations(range(5)))
def test_the_order_of_the_words_costs_one_level_at_most(name: str, order: list[int]) -> None:
    words = name.split()
    moved = " ".join(words[i] for i in order if i < len(words))
    assert level(moved, name) == (IDENTICAL if moved == name else ORDER)


@settings(max_examples=100, deadline=None)
@given(pairs=PAIRS)
def test_rarity_is_what_agrees_and_never_negative(pairs: list[Pair]) -> None:
    seen = compare(pairs, words=KNOWN)
    assert (seen.rarity >= 0).all()
    nothing = np.isin(seen.level, [NAME_LEVELS.index(MISSING), NAME_LEVELS.index(DIFFERENT)])
    assert not seen.rarity[nothing].any()


@settings(max_examples=100, deadline=None)
@given(name=st.lists(WORDS, min_size=2, max_size=5), left_off=st.integers(0, 4))
def test_a_word_left_off_is_a_word_left_off(name: list[str], left_off: int) -> None:
    """Unless what is left can be read as the whole in another way: Mar for Maria."""
    rest = [word for i, word in enumerate(name) if i != left_off % len(name)]
    assert level(" ".join(rest), " ".join(name)) in {ORDER, LEFT_OFF, MISTYPED}


def test_no_pairs_at_all() -> None:
    assert compare([], words=KNOWN).level.tolist() == []
