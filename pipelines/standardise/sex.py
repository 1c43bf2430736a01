"""Sex as ``L`` or ``P``, whatever words a source has for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pipelines.standardise import codes
from pipelines.standardise.steps import Concept

WORDS: Final = {
    "L": ("L", "LK", "LAKI", "LAKI-LAKI", "LELAKI", "1", "M", "MALE", "PRIA"),
    "P": ("P", "PR", "PEREMPUAN", "2", "F", "FEMALE", "WANITA", "W"),
}
"""``1``/``2`` are SIAK's codes, ``male``/``female`` FHIR's, ``L``/``P`` Khanza's and Dapodik's."""


def regular(x: str, own: Mapping[codes.Key, Iterable[str]]) -> str:
    """``L`` or ``P`` of a raw text that is one of the words; null for any other text."""
    return codes.regular(x, WORDS, own)


def concept(own: Mapping[codes.Key, Iterable[str]], layout: Iterable[str] = ()) -> Concept:
    """From ``plain_sex`` to ``sex`` (``L``, ``P`` or null) and ``sex_fault`` (``sex_unknown``).

    ``own`` are the layout's words, which come first; ``layout`` its placeholders.
    """
    return codes.concept("sex", WORDS, own, layout)
