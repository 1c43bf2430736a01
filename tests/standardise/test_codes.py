"""Sex, status and numbers of sixteen digits: whatever words a source has for them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from pipelines.layouts import load_layout
from pipelines.standardise import numbers, sex, status
from pipelines.standardise.steps import Concept
from pipelines.standardise.text import plain
from tests.standardise.reading import ANY_TEXT, MESSY, read


def reading(concept: Concept, field: str, written: str | None) -> tuple[Any, Any]:
    """The value of a field and its fault."""
    steps = [{f"plain_{field}": plain("raw")}, *concept]
    made = read(steps, raw=written)
    return made[field], made[f"{field}_fault"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        *(
            (word, "L")
            for word in ("L", "l", "LK", "Laki-laki", "LAKI LAKI", "laki - laki", "Lakilaki", "1", "1.0")
        ),
        *((word, "L") for word in ("male", "M", "Pria", "LELAKI", "Laki")),
        *(
            (word, "P")
            for word in ("P", "p", "PR", "Pr.", "PEREMPUAN", "2", "2.0", "female", "F", "Wanita", "W")
        ),
    ],
)
def test_sex(written: str, expected: str) -> None:
    assert reading(sex.concept({}), "sex", written) == (expected, None)


@pytest.mark.parametrize("written", [None, "", "-", "0", "?", "TIDAK DIKETAHUI", "unknown", "NULL"])
def test_no_sex_is_no_complaint(written: str | None) -> None:
    assert reading(sex.concept({}), "sex", written) == (None, None)


@pytest.mark.parametrize("written", ["3", "other", "LP", "11", "MARIA"])
def test_a_word_that_nobody_knows(written: str) -> None:
    assert reading(sex.concept({}), "sex", written) == (None, "sex_unknown")


def test_a_layouts_own_words_come_first() -> None:
    own = sex.concept({"L": ("2", "putra"), "P": ("1", "putri")})
    assert reading(own, "sex", "1") == ("P", None)
    assert reading(own, "sex", "2") == ("L", None)
    assert reading(own, "sex", "Putri") == ("P", None)
    assert reading(own, "sex", "Laki-laki") == ("L", None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        *((word, "active") for word in ("AKTIF", "aktif", "Hidup", None, "", "-", "0")),
        *(
            (word, "deceased")
            for word in ("MENINGGAL", "Meninggal Dunia", "WAFAT", "Mati", "Alm.", "deceased")
        ),
        *(
            (word, "inactive")
            for word in ("NONAKTIF", "Non-Aktif", "NON AKTIF", "Tidak Aktif", "DIBLOKIR", "Ganda")
        ),
    ],
)
def test_status(written: str | None, expected: str) -> None:
    siak = load_layout("siak", base=None)  # type: ignore[arg-type]  # a shipped layout needs no folder
    assert reading(status.concept(siak.status), "status", written) == (expected, None)


def test_an_unknown_status_is_active_and_noted() -> None:
    assert reading(status.concept({}), "status", "PINDAH?") == ("active", "status_unknown")


@pytest.mark.parametrize(
    ("written", "expected", "fault"),
    [
        ("5301060502080011", "5301060502080011", None),
        ("5301 0605 0208 0011", "5301060502080011", None),
        ("'5301060502080011", "5301060502080011", None),
        ("KK: 5301060502080011", "5301060502080011", None),
        ("No. KK 5301060502080011", "5301060502080011", None),
        ("5301060502080011.0", "5301060502080011", None),
        ("5301069902080011", "5301069902080011", None),  # no birth date in it: a KK has the day of issue
        (None, None, None),
        ("-", None, None),
        ("0000000000000000", None, None),
        ("9999999999999999", None, None),
        ("TIDAK ADA", None, None),
        ("530106050208001", None, "number_malformed"),
        ("53010605020800111", None, "number_malformed"),
        ("5,30106E+15", None, "number_malformed"),
        ("53010605O2080011", None, "number_malformed"),
    ],
)
def test_numbers_that_only_have_to_be_sixteen_digits(
    written: str | None, expected: str | None, fault: str | None
) -> None:
    assert reading(numbers.concept("kk"), "kk", written) == (expected, fault)


@given(ANY_TEXT | MESSY)
def test_any_text_gives_a_value_or_nothing_and_a_fault_only_without_a_value(text: str) -> None:
    for concept, field, allowed in (
        (sex.concept({}), "sex", {"L", "P", None}),
        (numbers.concept("kk"), "kk", None),
    ):
        value, fault = reading(concept, field, text)
        assert value is None or fault is None
        assert allowed is None or value in allowed
    assert reading(status.concept({}), "status", text)[0] in {"active", "deceased", "inactive"}
