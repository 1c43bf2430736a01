"""Identity numbers as they are met in hospitals' and schools' tables."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.standardise import nik
from pipelines.standardise.text import plain
from tests.standardise.reading import ANY_TEXT, MESSY, evaluate, read

RUN = date(2026, 11, 24)

MAN = "5301040101900001"  # Semau, Kupang; 1 January 1990; the first of that day
WOMAN = "5301044101900001"


def recorded(written: str | None, wanted: str, placeholders: tuple[str, ...] = ()) -> Any:
    """What a number as the source wrote it is classified as."""
    return read([{"plain_nik": plain("raw")}, *nik.classified(placeholders)], raw=written)[wanted]


def holder(number: str, wanted: str, born: date | None = None, run_date: date = RUN) -> Any:
    """What a number says of its holder, whose record gives ``born`` as birth date."""
    steps = [
        {"plain_nik": plain("raw"), "birth_date": "try_cast(born as date)"},
        *nik.classified(),
        *nik.evidence(run_date),
    ]
    return read(steps, raw=number, born=None if born is None else str(born))[wanted]


HARMLESS = [
    MAN,
    " 5301040101900001 ",
    "5301 0401 0190 0001",
    "5301\u00a00401\u00a00190\u00a00001",
    "\u200b5301040101900001",
    "53.01.04.010190.0001",
    "53-01-04-010190-0001",
    "530104-010190-0001",
    "'5301040101900001",
    "’5301040101900001",
    "`5301040101900001",
    '"5301040101900001"',
    '="5301040101900001"',
    "=5301040101900001",
    "NIK 5301040101900001",
    "NIK: 5301040101900001",
    "nik:5301040101900001",
    "No. KTP : 5301040101900001",
    "5301040101900001.0",
    "5301040101900001,0",
    "5301040101900001.00",
    "5.301.040.101.900.001",
    "5.301.040.101.900.001,00",
    "5,301,040,101,900,001.00",
    "５３０１０４０１０１９００００１",
    "5301040101900001\r\n",
    "5.301040101900001E15",  # a float that kept every digit
]


@pytest.mark.parametrize("written", HARMLESS)
def test_harmless_dressing_comes_off(written: str) -> None:
    assert recorded(written, "nik_text") == MAN
    assert recorded(written, "nik") == MAN
    assert recorded(written, "nik_class") == "valid"
    assert recorded(written, "nik_fault") is None


NONE_THERE = [
    *(None, "", " ", "\u00a0", "-", "--", ".", "0", "00", "0.0", "0000000000000000", "000000"),
    *("1111111111111111", "7777777777777777", "9999999999999999", "1234567890123456", "0123456789012345"),
    *("TIDAK ADA", "tidak ada", "TIDAK-ADA", "(tidak ada)", "TDK ADA", "BELUM ADA", "Belum Punya", "NIHIL"),
    *("NULL", "N/A", "n.a.", "#N/A", "NaN", "None", "X", "XXXX", "xxxxxxxxxxxxxxxx", "NIK", "NIK:", "KOSONG"),
    *("NIK: TIDAK ADA", "Tidak ada NIK", "belum punya KTP", "'-", '=""', "BELUM REKAM"),
]


@pytest.mark.parametrize("written", NONE_THERE)
def test_nothing_and_placeholders_are_missing(written: str | None) -> None:
    assert recorded(written, "nik_class") == "missing"
    assert recorded(written, "nik_text") is None
    assert recorded(written, "nik") is None
    assert recorded(written, "nik_fault") is None


def test_a_source_has_placeholders_of_its_own() -> None:
    assert recorded("5301999999999999", "nik_class") == "malformed"
    assert recorded("5301999999999999", "nik_class", ("5301-9999-9999-9999",)) == "missing"


@pytest.mark.parametrize("written", ["KTP HILANG", "ktp-hilang", "E-KTP: hilang", "NIK BLM CETAK"])
def test_a_placeholder_may_begin_with_the_fields_own_name(written: str) -> None:
    own = ("KTP HILANG", "NIK BLM CETAK", "KTP")
    assert recorded(written, "nik_class") == "malformed"
    assert recorded(written, "nik_class", own) == "missing"
    assert recorded("NIK: 5301040101900001", "nik_class", own) == "valid"


@pytest.mark.parametrize(
    ("written", "fault", "text"),
    [
        ("530104010190001", "length", "530104010190001"),
        ("53010401019000011", "length", "53010401019000011"),
        (
            "530104010190000.0",
            "length",
            "530104010190000",
        ),  # fifteen digits and a float's zero, never sixteen
        ("1", "length", "1"),
        ("5301040101900001/5301044101900001", "length", "53010401019000015301044101900001"),
        ("53010401O1900001", "letters", "53010401O1900001"),
        ("530104010190000l", "letters", "530104010190000L"),
        ("5301040101900001A", "letters", "5301040101900001A"),
        ("5301040101900001Ж", "letters", "5301040101900001Ж"),  # a letter of another script is no dressing
        ("LAHIR DI JALAN", "letters", "LAHIRDIJALAN"),
        ("5,30101E+15", "float", "530101"),
        ("5.301010101E15", "float", "5301010101"),
        ("5.301010101e+15", "float", "5301010101"),
        ('="5,30101E+15"', "float", "530101"),
        ("NIK: 5,30101E+15", "float", "530101"),
        ("5E+15", "float", "5"),
        ("9.101010101900002E15", "float", "9101010101900002"),  # above 2**53 odd numbers are lost
        ("5.30104010190000E15", "float", "530104010190000"),
        ("5301040001900001", "date", "5301040001900001"),  # day 0
        ("5301043201900001", "date", "5301043201900001"),  # day 32
        ("5301044001900001", "date", "5301044001900001"),  # day 40: a woman's days begin at 41
        ("5301047201900001", "date", "5301047201900001"),  # day 72, a woman's 32nd
        ("5301040100900001", "date", "5301040100900001"),  # month 0
        ("5301040113900001", "date", "5301040113900001"),  # month 13
        ("5301043104900001", "date", "5301043104900001"),  # 31 April
        ("5301043002900001", "date", "5301043002900001"),  # 30 February
        ("5301042902900001", "date", "5301042902900001"),  # 29 February 1990 and 2090
        ("5301046902900001", "date", "5301046902900001"),  # the same for a woman
        ("0001040101900001", "province", "0001040101900001"),
        ("9901040101900001", "province", "9901040101900001"),
        ("2001040101900001", "province", "2001040101900001"),
    ],
)
def test_what_cannot_be_a_number(written: str, fault: str, text: str) -> None:
    assert recorded(written, "nik_class") == "malformed"
    assert recorded(written, "nik_fault") == fault
    assert recorded(written, "nik_text") == text
    assert recorded(written, "nik") is None


@pytest.mark.parametrize(
    "number",
    [
        "5301040101900000",  # serials begin at 0001, but a spreadsheet zeroes the last digits: evidence
        "5301990101900001",  # a district that no edition has: earlier ones died before 2016
        "5399990101900001",  # a regency that no edition has
        "5301042902920001",  # 29 February 1992
        "5301042902000001",  # 29 February 2000; 1900 had none
        "5301046902920001",
        "9401010101900001",  # Papua Tengah's code of today, and another region's before
    ],
)
def test_what_is_unusual_and_still_a_number(number: str) -> None:
    assert recorded(number, "nik_class") == "valid"


@pytest.mark.parametrize(
    ("number", "born", "run_date", "embedded"),
    [
        (MAN, None, RUN, date(1990, 1, 1)),
        (WOMAN, None, RUN, date(1990, 1, 1)),
        ("5301042411260001", None, RUN, date(2026, 11, 24)),  # born on the day of the run
        ("5301042511260001", None, RUN, date(1926, 11, 25)),  # tomorrow is not yet: a century ago
        ("5301042411260001", date(1926, 11, 24), RUN, date(1926, 11, 24)),  # the record knows better
        ("5301042411260001", date(1930, 1, 1), RUN, date(1926, 11, 24)),
        ("5301042411260001", date(2025, 1, 1), RUN, date(2026, 11, 24)),
        ("5301040101900001", date(2025, 1, 1), RUN, date(1990, 1, 1)),  # 2090 is nearer and not yet
        ("5301042902000001", date(1901, 1, 1), RUN, date(2000, 2, 29)),  # 1900 had no such day
        ("5301042902240001", None, RUN, date(2024, 2, 29)),
        ("5301042902280001", None, RUN, date(1928, 2, 29)),
        (MAN, None, date(2091, 1, 1), date(2090, 1, 1)),  # the same number read in another time
    ],
)
def test_the_embedded_birth_date(number: str, born: date | None, run_date: date, embedded: date) -> None:
    assert holder(number, "nik_birth_date", born, run_date) == embedded


@pytest.mark.parametrize(
    ("number", "sex"),
    [
        (MAN, "L"),
        (WOMAN, "P"),
        ("5301043112900001", "L"),
        ("5301047112900001", "P"),
        ("5301047211900001", None),
        ("5301043113900001", None),  # no such day, so no such person
    ],
)
def test_the_embedded_sex(number: str, sex: str | None) -> None:
    assert holder(number, "nik_sex") == sex


@pytest.mark.parametrize(
    ("number", "region", "known"),
    [
        (MAN, "53.01.04", "district"),
        ("5301010101900001", "53.01.01", "regency"),  # Kupang's first districts went to Rote Ndao and Sabu
        ("5399010101900001", "53.99.01", "province"),
        ("9901010101900001", "99.01.01", "none"),
        ("5301043113900001", "53.01.04", "district"),  # malformed, and its region is evidence all the same
    ],
)
def test_the_region_where_it_was_issued(number: str, region: str, known: str) -> None:
    assert holder(number, "nik_region") == region
    assert holder(number, "nik_region_known") == known


@pytest.mark.parametrize("wanted", ["nik_birth_date", "nik_sex", "nik_region", "nik_region_known"])
@pytest.mark.parametrize("number", ["530104010190001", "5,30101E+15", "-", "53010401O1900001"])
def test_what_is_not_sixteen_digits_says_nothing(number: str, wanted: str) -> None:
    assert holder(number, wanted) is None


NUMBERS = st.text("0123456789", min_size=16, max_size=16)
DRESSING = st.text(" .-'\u00a0\u200b’", max_size=3)


@given(NUMBERS, st.lists(DRESSING, min_size=17, max_size=17))
def test_dressing_never_changes_a_digit(number: str, dressing: list[str]) -> None:
    """Spaces, dots, dashes and quotes anywhere: out come the same sixteen digits in the same order."""
    dressed = dressing[0] + "".join(
        digit + between for digit, between in zip(number, dressing[1:], strict=True)
    )
    if dressed.strip(" \u00a0\u200b'’-.").endswith((".0", ".00")):
        return  # a decimal's trailing zeros are no digits of the number: tested above
    assert evaluate(nik.bare(f"({plain('x')})"), dressed) == number


@given(NUMBERS)
def test_every_sixteen_digits_get_a_class_and_agree_with_the_calendar(number: str) -> None:
    kind, fault = recorded(number, "nik_class"), recorded(number, "nik_fault")
    assert (kind == "malformed") == (fault is not None)
    assert (kind == "valid") == (recorded(number, "nik") == number)
    day, month, year = int(number[6:8]), int(number[8:10]), int(number[10:12])
    exists = any(_is_day(century + year, month, day - 40 if day > 40 else day) for century in (1900, 2000))
    assert kind == "missing" or exists == (fault != "date")


@given(ANY_TEXT | MESSY | st.from_regex(r"[0-9]{1,2}[.,]?[0-9]*E?[+]?[0-9]{0,2}", fullmatch=True))
def test_any_text_gets_exactly_one_class(text: str) -> None:
    kind = recorded(text, "nik_class")
    number, bare, fault = (recorded(text, wanted) for wanted in ("nik", "nik_text", "nik_fault"))
    assert kind in {"valid", "missing", "malformed"}
    assert (number is not None) == (kind == "valid")
    assert (bare is None) == (kind == "missing")
    assert (fault is not None) == (kind == "malformed")


@given(ANY_TEXT | MESSY)
def test_undressing_twice_changes_nothing(text: str) -> None:
    once = recorded(text, "nik_text")
    if once is not None and recorded(text, "nik_fault") != "letters":
        assert recorded(once, "nik_text") == once


@given(st.dates(date(1900, 1, 1), RUN), st.booleans(), st.integers(0, 9999))
def test_a_persons_own_number_says_the_persons_own_birth_date(born: date, woman: bool, serial: int) -> None:
    number = f"530104{born.day + 40 * woman:02}{born:%m%y}{serial:04}"
    assert holder(number, "nik_birth_date", born) == born
    assert holder(number, "nik_sex") == ("P" if woman else "L")


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
