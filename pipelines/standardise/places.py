"""Places: birthplace and district as names and as Kemendagri's codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pipelines.standardise import placeholders
from pipelines.standardise.steps import Concept
from pipelines.standardise.text import is_ascii, one_of, trimmed, words

DISTRICT: Final = ("KECAMATAN", "KEC", "DISTRIK")
"""The word for a district before its name. KOTA is not among them: Kota Raja and Kota Lama are names."""

CODES: Final = ("province_code", "regency_code", "district_code")
"""The fields whose codes together are a district's."""

ANY: Final = (
    *("KABUPATEN", "KAB", "KOTAMADYA", "KOTAMADIA", "KODYA", "KOTA ADMINISTRASI", "KOTA ADM", "KOTA"),
    *("PROVINSI", "PROV", "KELURAHAN", "KEL", "DESA", "DS", "DUSUN"),
    *DISTRICT,
)
"""The kind of place, which one system writes before a birthplace and the next leaves off."""


def place(x: str, prefixes: Iterable[str] = ANY) -> str:
    """``Kab. Kupang`` as ``KUPANG``: accents, punctuation and prefix off; ``x`` as ``text.plain`` made it.

    Apostrophes go without a trace (``BA'A`` is ``BAA``). A prefix that is the whole name stays. Empty text
    where nothing remains.
    """
    prefix = _prefix(prefixes)
    unaccented = f"case when {is_ascii(x)} then {x} else upper(strip_accents({x})) end"
    joined = f"replace({unaccented}, '''', '')"
    full = f"regexp_replace({words(joined)}, '{prefix}', '')"
    return f"case when regexp_matches({x}, '[^A-Z0-9 ]|  |{prefix}') then {full} else {x} end"


def _prefix(prefixes: Iterable[str]) -> str:
    return f"^(?:(?:{'|'.join(prefixes)}) )+"


def regular(x: str, layout: Iterable[str] = (), prefixes: Iterable[str] = ANY) -> str:
    """What ``name_concept`` makes of a raw text of which it makes nothing but upper case; null for any other."""
    odd = f"[^A-Za-z ]|^ |  | $|(?i:{_prefix(prefixes)}|{placeholders.name_pattern(layout)})"
    return f"case when not regexp_matches({x}, '{odd}') then upper({x}) end"


def name_concept(field: str, layout: Iterable[str] = ()) -> Concept:
    """From ``plain_<field>`` to ``<field>``: a place's name, null where it is a placeholder."""
    written = f"{field}_written"
    return [
        {written: place(f"plain_{field}")},
        {field: placeholders.without(written, layout)},
    ]


def address(x: str, layout: Iterable[str] = ()) -> str:
    """A raw address with its ends trimmed, letters as they are; null where it says nothing (``-``, ``0``)."""
    listed = one_of(f"upper({x})", placeholders.names(layout))
    return rf"case when regexp_matches({x}, '[\pL1-9]') and not {listed} then {trimmed(x)} end"


def district(province: str, regency: str, district_: str) -> str:
    """``PP.KK.CC`` from three columns of codes, null where they do not make one.

    Codes come without leading zeros (``53``, ``1``, ``4``), whole (``53``, ``5301``, ``530104``), dotted
    (``53.01.04``) or through a spreadsheet (``4.0``). A part that is zero is none.
    """
    p, k, c = (_digits(x) for x in (province, regency, district_))
    six = (
        f"case when length({c}) = 6 then {c} "
        f"when length({c}) <= 2 and length({k}) = 4 then {k} || lpad({c}, 2, '0') "
        f"when length({c}) <= 2 and length({k}) <= 2 and length({p}) <= 2 "
        f"then lpad({p}, 2, '0') || lpad({k}, 2, '0') || lpad({c}, 2, '0') end"
    )
    whole = f"regexp_full_match({six}, '(?:0[1-9]|[1-9][0-9]){{3}}')"
    return rf"case when {whole} then regexp_replace({six}, '(..)(..)(..)', '\1.\2.\3') end"


def _digits(x: str) -> str:
    """The digits of a code of one part or dotted; null where there is none."""
    whole = rf"regexp_replace({x}, '^(\d+)[.,]0$', '\1')"
    return rf"nullif(regexp_replace({whole}, '[^0-9]', '', 'g'), '')"


PART: Final = "(?:0?[1-9]|[1-9][0-9])"
"""RE2 pattern of a code of one part that is some."""


def regular_district() -> Concept:
    """From the raw codes to ``district_regular``: the district of three codes of one part each, else null."""
    parts = [f"raw_{field}" for field in CODES]
    dotted = " || '.' || ".join(f"lpad({part}, 2, '0')" for part in parts)
    return [
        {"district_codes": " || '.' || ".join(parts)},
        {
            "district_regular": f"case when regexp_full_match(district_codes, '{PART}[.]{PART}[.]{PART}') "
            f"then {dotted} end"
        },
    ]


def district_concept() -> Concept:
    """From the plain codes to ``district``."""
    return [{"district": district(*(f"plain_{field}" for field in CODES))}]


def district_name_concept(layout: Iterable[str] = ()) -> Concept:
    """From ``plain_district_name`` to ``district_own``, the source's name of a district or null."""
    return [
        {"district_written": place("plain_district_name", DISTRICT)},
        {"district_own": placeholders.without("district_written", layout)},
    ]
