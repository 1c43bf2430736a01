"""What two records are to one another: names, dates, places and numbers as people write them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.match import numbers
from pipelines.match.names import NAME_LEVELS, compare_names
from pipelines.match.numbers import NUMBER_LEVELS, compare_numbers
from pipelines.match.spelling import spelling_class
from pipelines.match.values import DATE_LEVELS, PLACE_LEVELS, compare_codes, compare_dates, compare_places
from tests.match.people import vocabulary


def name_level(left: str | None, right: str | None, cut: bool = False) -> str:
    words = vocabulary(left, right)
    one = [pa.array([x], pa.string()) for x in (left, right)]
    return NAME_LEVELS[compare_names(*one, np.array([cut]), words).level[0]]


@pytest.mark.parametrize(
    ("written", "registered", "level"),
    [
        (None, "MARIA BANI", "missing"),
        ("MARIA BANI", "MARIA BANI", "identical"),
        ("BANI MARIA", "MARIA BANI", "same words, other order or spacing"),
        ("MARIABANI", "MARIA BANI", "same words, other order or spacing"),
        ("JOHANIS NENO", "YOHANES NENO", "spellings of one another"),
        ("SOEKARNO TEFA", "SUKARNO TEFA", "spellings of one another"),
        ("MUH YUSUP", "MUHAMMAD YUSUF", "spellings of one another"),
        ("FRANSISCUS LOPO", "FRANSISKUS LOPO", "spellings of one another"),
        ("M BANI", "MARIA BANI", "initials or cut, the rest agrees"),
        ("MARIA", "MARIA BANI", "a word left off, the rest agrees"),
        ("MARIA YOSEFA BANI", "MARIA BANI", "a word left off, the rest agrees"),
        ("Y NENO", "YOHANES PITER NENO", "a word left off, spellings or initials"),
        ("MRAIA BANI", "MARIA BANI", "mistyped, every word has its counterpart"),
        ("ANGGELYNATANEO", "ANGGELINA TANEO", "mistyped, every word has its counterpart"),
        ("MARGARITHA TAEBENU", "MARGARITA NOMLENI", "given name agrees, another word differs"),
        ("YOSEFA BANI", "MARIA BANI", "another word agrees, not the given name"),
        ("ANNA TABUN", "MARIA BANI", "different"),
    ],
)
def test_names(written: str | None, registered: str, level: str) -> None:
    assert name_level(written, registered) == level


def test_a_name_that_fills_its_field_may_be_cut_in_its_last_word() -> None:
    assert name_level(
        "MARIA YOSEFINA MARGARITHA NENO BA", "MARIA YOSEFINA MARGARITHA NENO BANI", cut=True
    ) == ("initials or cut, the rest agrees")
    assert name_level("MARIA BA", "MARIA BANI") != "initials or cut, the rest agrees"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("JOHANES", "YOHANIS"),
        ("DJAMES", "JAMES"),
        ("TJOKRO", "COKRO"),
        ("PHILIPUS", "FILIPUS"),
        ("JULIANA", "YULIANA"),
        ("THERESIA", "TERESIA"),
        ("MOHD", "MOHD"),
        ("ZAKARIAS", "SAKARIAS"),
        ("SITTI", "ST"),
        ("YOESOEF", "YUSUF"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert spelling_class(one) == spelling_class(other)


@pytest.mark.parametrize(
    ("one", "other"), [("MARIA", "MARIANA"), ("BANI", "PANI"), ("DANIEL", "DANIELA"), ("GORIS", "KORIS")]
)
def test_names_that_only_look_alike(one: str, other: str) -> None:
    assert spelling_class(one) != spelling_class(other)


SOME = [
    "MARIA",
    "YOSEFA",
    "BANI",
    "NENO",
    "YOHANES",
    "JOHANIS",
    "M",
    "MRIA",
    "TEFA",
    "TEVA",
    "ANNA",
    "MUHAMMAD",
    "MUH",
]
WORDS = st.sampled_from(SOME)
NAMES = st.none() | st.lists(WORDS, min_size=1, max_size=5).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(pairs=st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=12), order=st.randoms())
def test_a_batch_in_another_order_gives_the_same(
    pairs: list[tuple[str | None, str | None]], order: object
) -> None:
    words = vocabulary(*(n for pair in pairs for n in pair))

    def levels(batch: list[tuple[str | None, str | None]]) -> list[tuple[int, float]]:
        left, right = (pa.array([p[i] for p in batch], pa.string()) for i in (0, 1))
        seen = compare_names(left, right, np.zeros(len(batch), bool), words)
        return list(zip(seen.level.tolist(), seen.rarity.tolist(), strict=True))

    shuffled = list(range(len(pairs)))
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    before = levels(pairs)
    assert levels([pairs[i] for i in shuffled]) == [before[i] for i in shuffled]


@settings(max_examples=150, deadline=None)
@given(name=st.lists(WORDS, min_size=1, max_size=5).map(" ".join))
def test_a_name_is_identical_to_itself(name: str) -> None:
    assert name_level(name, name) == "identical"


@pytest.mark.parametrize(
    ("written", "registered", "level"),
    [
        (None, date(1980, 5, 1), "missing"),
        (date(1980, 5, 1), date(1980, 5, 1), "the same day"),
        (date(1980, 2, 11), date(1980, 11, 2), "day and month swapped"),
        (date(1980, 1, 1), date(1980, 8, 17), "a default day of the same year"),
        (date(1990, 5, 12), date(1980, 5, 12), "one digit differs"),
        (date(1975, 8, 17), date(1980, 8, 17), "same day and month, another year"),
        (date(1980, 8, 17), date(1980, 8, 20), "same month and year"),
        (date(1980, 8, 17), date(1980, 3, 21), "same year"),
        (date(1967, 11, 3), date(1980, 8, 17), "another date"),
    ],
)
def test_dates(written: date | None, registered: date, level: str) -> None:
    seen = compare_dates(pa.array([written], pa.date32()), pa.array([registered], pa.date32()))
    assert DATE_LEVELS[seen[0]] == level


@settings(max_examples=200, deadline=None)
@given(a=st.dates(date(1900, 1, 1), date(2026, 11, 25)), b=st.dates(date(1900, 1, 1), date(2026, 11, 25)))
def test_dates_compare_alike_either_way(a: date, b: date) -> None:
    x, y = (pa.array([d], pa.date32()) for d in (a, b))
    assert compare_dates(x, y)[0] == compare_dates(y, x)[0]


def test_places_and_cards() -> None:
    left = pa.array([None, "KUPANG", "KABUPATEN KUPAN", "KUPNAG", "SOE"])
    right = pa.array(["KUPANG", "KUPANG", "KABUPATEN KUPANG", "KUPANG", "KUPANG"])
    cut = np.array([False, False, True, False, False])
    assert [PLACE_LEVELS[i] for i in compare_places(left, right, cut)] == [
        "missing",
        "the same",
        "cut at the field's width",
        "spelt alike",
        "different",
    ]
    card = 5301042208110001
    assert compare_codes(np.array([-1, card, card + 1, 1]), np.full(4, card)).tolist() == [0, 1, 2, 3]


OWN, CARD = 5301044101900012, 5301040101100003


@pytest.mark.parametrize(
    ("written", "level"),
    [
        (None, "no number"),
        ("5301044101900012", "the same number"),
        ("5301044101900010", "last digit zeroed"),
        ("5301040101900012", "day of birth differs by 40"),
        ("5301044107900012", "one digit differs, in the date"),
        ("5301094101900012", "one digit differs, in the district"),
        ("5301044101900015", "one digit differs, in the serial"),
        ("5301044101900021", "two neighbouring digits swapped"),
        ("530104410190012", "a digit missing or too many"),
        ("53010441019000112", "a digit missing or too many"),
        ("53O1O441O19OOO12", "letters for digits"),
        ("5301040101100003", "the family card's number"),
        ("5301044101900234", "same district and date, another serial"),
        ("5371014101900001", "same date, another district"),
        ("7401010305550001", "another number, in no registry"),
        ("530104", "unreadable number"),
    ],
)
def test_numbers(written: str | None, level: str) -> None:
    recorded = int(written) if written and written.isdigit() and len(written) == 16 else -1
    seen = compare_numbers(
        pa.array([written], pa.string()),
        np.array([recorded]),
        np.array([OWN]),
        np.array([CARD]),
        np.array([False]),
        np.array([False]),
    )
    assert NUMBER_LEVELS[seen[0]] == level


def test_a_relatives_number_is_told_from_a_strangers() -> None:
    written = "5301040503600002"
    both = pa.array([written] * 2)
    number = np.full(2, int(written))
    seen = compare_numbers(
        both, number, np.full(2, OWN), np.full(2, CARD), np.array([True, False]), np.array([True, True])
    )
    assert seen.tolist() == [numbers.HOUSEHOLD, numbers.HELD]
