"""Birthplaces, districts and their codes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.standardise import places
from pipelines.standardise.known import district_name
from pipelines.standardise.text import plain
from tests.standardise.reading import ANY_TEXT, MESSY, evaluate, read


def birth_place(written: str | None) -> str | None:
    """The standardised birthplace."""
    steps = [{"plain_birth_place": plain("raw")}, *places.name_concept("birth_place")]
    made: str | None = read(steps, raw=written)["birth_place"]
    return made


def district(
    province: str | None = None,
    regency: str | None = None,
    code: str | None = None,
    name: str | None = None,
    wanted: str = "district",
) -> Any:
    """What the address columns of one record say."""
    given_ = {
        "province_code": province,
        "regency_code": regency,
        "district_code": code,
        "district_name": name,
    }
    steps = [
        {f"plain_{field}": plain(f"raw_{field}") for field in given_},
        *places.district_concept(),
        *places.district_name_concept(),
        {"district_name": f"coalesce(district_own, {district_name('district')})"},
    ]
    return read(steps, **{f"raw_{field}": value for field, value in given_.items()})[wanted]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("KUPANG", "KUPANG"),
        ("Kupang ", "KUPANG"),
        ("KAB. KUPANG", "KUPANG"),
        ("KAB.KUPANG", "KUPANG"),
        ("Kab Kupang", "KUPANG"),
        ("KABUPATEN KUPANG", "KUPANG"),
        ("Kota Kupang", "KUPANG"),
        ("Kodya Kupang", "KUPANG"),
        ("KEC. SEMAU", "SEMAU"),
        ("Kecamatan Semau", "SEMAU"),
        ("Desa Uitao, Kec. Semau", "UITAO KEC SEMAU"),
        ("Kel. Oesapa", "OESAPA"),
        ("KAB. KOTA KUPANG", "KUPANG"),
        ("SO'E", "SOE"),
        ("Ba’a", "BAA"),
        ("Timor-Leste", "TIMOR LESTE"),
        ("Kefamenanu (TTU)", "KEFAMENANU TTU"),
        ("KOTABARU", "KOTABARU"),
        ("KABIR", "KABIR"),  # the capital of Pantar begins with a prefix's letters
        ("DESA", "DESA"),
        ("São Tomé", "SAO TOME"),
        *((word, None) for word in (None, "", "-", "0", ".", "XXX", "TIDAK ADA", "tidak diketahui", "NULL")),
    ],
)
def test_birthplaces(written: str | None, expected: str | None) -> None:
    assert birth_place(written) == expected


@given(ANY_TEXT | MESSY)
def test_any_text_gives_null_or_a_clean_place_and_twice_is_once(text: str) -> None:
    made = birth_place(text)
    if made is not None:
        assert made == " ".join(made.split())
        assert birth_place(made) == made


@pytest.mark.parametrize(
    ("province", "regency", "code", "expected"),
    [
        ("53", "1", "4", "53.01.04"),
        ("53", "01", "04", "53.01.04"),
        ("53.0", "1.0", "4.0", "53.01.04"),  # through a spreadsheet
        ("53", "5301", "4", "53.01.04"),
        ("53", "53.01", "4", "53.01.04"),
        ("53", "5301", "530104", "53.01.04"),
        (None, None, "530104", "53.01.04"),
        (None, None, "53.01.04", "53.01.04"),
        (None, "53.01", "04", "53.01.04"),
        ("53", "71", "6", "53.71.06"),
        ("53", "99", "4", "53.99.04"),  # not in any edition: taken as it is
        ("53", "1", None, None),
        ("53", None, "4", None),
        (None, "1", "4", None),
        ("53", "1", "0", None),
        ("53", "0", "4", None),
        ("53", "1", "-", None),
        ("53", "1", "Semau", None),
        (None, None, "5301040", None),  # the statistics office's seven digits are other codes
        (None, None, None, None),
    ],
)
def test_codes_of_a_district(
    province: str | None, regency: str | None, code: str | None, expected: str | None
) -> None:
    assert district(province, regency, code) == expected


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("530104", None, "SEMAU"),  # Kemendagri's name where the source has none
        ("530104", "-", "SEMAU"),
        ("530104", "SEMAU", "SEMAU"),
        ("530104", "Kec. Semau Selatan", "SEMAU SELATAN"),  # the source's own goes first
        (None, "Kecamatan Amarasi", "AMARASI"),
        ("537105", None, "KOTA RAJA"),  # a name that begins like a prefix
        (None, "KOTA LAMA", "KOTA LAMA"),
        ("539999", None, None),
        (None, None, None),
        (None, "TIDAK ADA", None),
    ],
)
def test_names_of_a_district(code: str | None, name: str | None, expected: str | None) -> None:
    assert district(code=code, name=name, wanted="district_name") == expected


@given(*(st.none() | st.text("0123456789. -AB", max_size=9) | ANY_TEXT for _ in range(3)))
def test_any_codes_give_a_district_or_nothing(
    province: str | None, regency: str | None, code: str | None
) -> None:
    made = district(province, regency, code)
    if made is not None:
        parts = made.split(".")
        assert [len(part) for part in parts] == [2, 2, 2]
        assert all(part.isdigit() and int(part) > 0 for part in parts)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("  Jl. Timor Raya No. 5, RT 004/RW 002 ", "Jl. Timor Raya No. 5, RT 004/RW 002"),
        ("5", "5"),
        *((word, None) for word in (None, "", " ", "-", "--", "0", "000", "Tidak ada", "NULL")),
    ],
)
def test_an_address_is_kept_as_it_is(written: str | None, expected: str | None) -> None:
    assert evaluate(places.address("x"), written) == expected
