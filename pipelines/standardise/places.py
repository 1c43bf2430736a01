"""Places: birthplace and district as names and as Kemendagri's codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pipelines.standardise import placeholders
from pipelines.standardise.steps import Concept
from pipelines.standardise.text import is_ascii, one_of, trimmed, words

DISTRICT: Final = ("KECAMATAN", "KEC", "DISTRIK")
"""The word for a district before its name. KOTA is not among them: Kota Raja and Kota Lama are names."""

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
    prefix = f"^(?:(?:{'|'.join(prefixes)}) )+"
    unaccented = f"case when {is_ascii(x)} then {x} else upper(strip_accents({x})) end"
    joined = f"replace({unaccented}, '''', '')"
    full = f"regexp_replace({words(joined)}, '{prefix}', '')"
    return f"case when regexp_matches({x}, '[^A-Z0-9 ]|  |{prefix}') then {full} else {x} end"


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


def district_concept(layout: Iterable[str] = (), regions: str = "regions") -> Concept:
    """From the plain codes and ``plain_district_name`` to ``district`` and ``district_name``.

    The name is the source's own, else Kemendagri's for the code, in the same form. ``regions`` is the table
    that ``pipelines.regions.load_regions`` made.
    """
    codes = ["plain_province_code", "plain_regency_code", "plain_district_code"]
    named = f"(select code, {place('upper(name)', DISTRICT)} as name from {regions})"
    return [
        {
            "district": district(*codes),
            "district_written": place("plain_district_name", DISTRICT),
        },
        {"district_own": placeholders.without("district_written", layout)},
        {"district_name": f"coalesce(district_own, (select name from {named} where code = district))"},
    ]
