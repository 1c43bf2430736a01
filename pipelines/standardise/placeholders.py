"""What people write where they have nothing to write, each with the reason it is here.

Words are compared with punctuation and spacing made alike (``TIDAK-ADA``, ``(tidak ada)``). A list that is
too long hides real values as surely as one that is too short lets ``TIDAK ADA`` become a person's name;
so a word stands here only if it can be no value of its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pipelines.standardise.text import alike, one_of

NOTHING: Final = {
    "TIDAK ADA": "there is none",
    "TDK ADA": "abbreviated",
    "TAK ADA": "spoken form",
    "BELUM ADA": "none yet",
    "BLM ADA": "abbreviated",
    "BELUM PUNYA": "has none yet",
    "BELUM MEMILIKI": "has none yet",
    "BLM PUNYA": "abbreviated",
    "TIDAK PUNYA": "has none",
    "TDK PUNYA": "abbreviated",
    "TIDAK MEMILIKI": "has none",
    "TIDAK DIKETAHUI": "not known",
    "TDK DIKETAHUI": "abbreviated",
    "TIDAK TAHU": "does not know",
    "BELUM DIISI": "not filled in yet",
    "NIHIL": "nil, in forms",
    "KOSONG": "empty",
    "NULL": "a database's empty value exported as text",
    "NONE": "Python's",
    "UNDEFINED": "JavaScript's",
    "UNKNOWN": "FHIR's and English forms' word",
    "N A": "n/a, with any punctuation between the letters",
}
"""In any field."""

NOT_A_NUMBER: Final = {
    "NA": "n/a without its stroke; in a name it could be one",
    "NAN": "a float's empty value exported as text; in a name it could be one",
    "TIDAK ADA NIK": "said with the field's name",
    "BELUM ADA NIK": "said with the field's name",
    "BELUM PUNYA NIK": "said with the field's name",
    "TIDAK PUNYA NIK": "said with the field's name",
    "BELUM ADA KTP": "no card yet, so no number known",
    "BELUM PUNYA KTP": "no card yet, so no number known",
    "TIDAK PUNYA KTP": "no card, so no number known",
    "TIDAK ADA KTP": "no card, so no number known",
    "BELUM REKAM": "not recorded at the civil registry yet",
    "BELUM PEREKAMAN": "not recorded at the civil registry yet",
    "DALAM PROSES": "being made",
    "LUPA": "forgot it",
    "1234567890123456": "sixteen keys in a row, to get past a length check",
    "0123456789012345": "sixteen keys in a row, to get past a length check",
    **{digit * 16: "one key held down, to get past a length check" for digit in "123456789"},
}
"""In a field for a number, a date or a code, besides ``NOTHING`` and any run of zeros."""

NOT_A_NAME: Final = {
    "NN": "nomen nescio: name unknown",
    "N N": "the same with dots",
    "NO NAME": "hospital intake",
    "TANPA NAMA": "without a name",
    "BELUM ADA NAMA": "newborn not named yet",
    "BELUM BERNAMA": "newborn not named yet",
    "BELUM DIBERI NAMA": "newborn not named yet",
    "ANONIM": "anonymous",
    "MR X": "unknown person brought in",
    "MRS X": "unknown person brought in",
    "MISTER X": "unknown person brought in",
}
"""In a field for a name or a place, besides ``NOTHING`` and any run of the letter X."""

RUN_OF_ZEROS: Final = "0+"
"""``0``, ``00``, ``0000000000000000``, ``0000-00-00``: OpenSID lets 0 stand for "has none"."""

RUN_OF_X: Final = "X+"
"""``X``, ``XXX``, ``XXXX``."""


def numbers(layout: Iterable[str] = ()) -> frozenset[str]:
    """Placeholders of a number, date or code, written without any space; ``layout`` adds a source's own."""
    return alike((*NOTHING, *NOT_A_NUMBER, *layout), "")


def names(layout: Iterable[str] = ()) -> frozenset[str]:
    """Placeholders of a name or place, one space between words; ``layout`` adds a source's own."""
    return alike((*NOTHING, *NOT_A_NAME, *layout), " ")


def name_pattern(layout: Iterable[str] = ()) -> str:
    """RE2 pattern of an upper-case text of ASCII letters and spaces that ``without`` takes for nothing."""
    return f"^(?:X*|{'|'.join(sorted(word for word in names(layout) if re.fullmatch('[A-Z ]+', word)))})$"


def no_number(x: str, layout: Iterable[str] = ()) -> str:
    """SQL: true where a number or code, written without any space, is nothing, a run or a placeholder."""
    run = f"regexp_full_match({x}, '{RUN_OF_ZEROS}|{RUN_OF_X}')"
    return f"(coalesce({x}, '') = '' or {run} or {one_of(x, numbers(layout))})"


def without(x: str, layout: Iterable[str] = ()) -> str:
    """SQL: a standardised name or place, null where it is empty or stands for nothing."""
    run = f"regexp_full_match({x}, '{RUN_OF_ZEROS}|{RUN_OF_X}')"
    return f"case when {x} <> '' and not {run} and not {one_of(x, names(layout))} then {x} end"
