"""What officers write, read as what they mean: headings and decisions, from the drop-down or by hand.

Only whole phrases count, never a word within one: "belum diperbaiki" is not "diperbaiki". What is not surely
one of the three is no decision, and the summary says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from pipelines.vocabulary import DECISION_HEADINGS, DECISION_WORDS, DecisionKind

_VARIANTS: Final[dict[DecisionKind, tuple[str, ...]]] = {
    DecisionKind.CORRECTED: (
        "di perbaiki",
        "dibetulkan",
        "dikoreksi",
        "diubah",
        "diganti",
        "dimutakhirkan",
        "perbaiki",
        "selesai",
        "selesai diperbaiki",
        "fixed",
        "done",
    ),
    DecisionKind.REJECTED: (
        "bukan error",
        "bukan salah",
        "bukan masalah",
        "tidak salah",
        "tidak error",
        "tidak ada kesalahan",
        "data benar",
        "data sudah benar",
        "ditolak",
        "no error",
        "not error",
        "no mistake",
        "rejected",
    ),
    DecisionKind.FORWARDED: (
        "teruskan",
        "dialihkan",
        "dilimpahkan",
        "salah alamat",
        "bukan wewenang kami",
        "bukan kewenangan kami",
        "forward",
        "wrong office",
        "not ours",
    ),
}

_BEFORE: Final = ("ya", "sudah", "telah", "benar", "betul", "yes", "already", "has been")
"""Words that people put before their answer and that do not change it."""

_ALONE: Final = {
    "ya": DecisionKind.CORRECTED,
    "sudah": DecisionKind.CORRECTED,
    "ya sudah": DecisionKind.CORRECTED,
    "yes": DecisionKind.CORRECTED,
}
"""Of those words, the ones that are an answer by themselves: asked is whether the record was corrected."""


def plain(text: str) -> str:
    """Small letters and digits, one space between words, nothing else: how words are compared.

    >>> plain("  Bukan  kesalahan!")
    'bukan kesalahan'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+", folded))


def _phrases() -> dict[str, DecisionKind]:
    found = {}
    for kind in DecisionKind:
        for phrase in (kind.value, *DECISION_WORDS[kind].values(), *_VARIANTS[kind]):
            found[plain(phrase)] = kind
    return found


_PHRASES: Final = _phrases()

_HEADINGS: Final = {
    plain(name): field for field, words in DECISION_HEADINGS.items() for name in (field, *words.values())
}


def read_decision(text: str) -> DecisionKind | None:
    """The decision that a cell's text is; ``None`` where it is not surely one.

    >>> read_decision("Sudah diperbaiki."), read_decision("nanti saja")
    (<DecisionKind.CORRECTED: 'corrected'>, None)
    """
    words = plain(text)
    if words in _ALONE:
        return _ALONE[words]
    while words not in _PHRASES:
        shorter = next((words.removeprefix(f"{w} ") for w in _BEFORE if words.startswith(f"{w} ")), None)
        if shorter is None:
            return None
        words = shorter
    return _PHRASES[words]


def read_headings(cells: Iterable[object]) -> dict[str, int] | None:
    """Which column is which, by a row's cells, if they are headings: ``None`` without one for the item's id.

    Fields as in ``vocabulary.DECISION_HEADINGS``; of two columns of one heading the first counts.
    """
    columns: dict[str, int] = {}
    for index, cell in enumerate(cells):
        field = _HEADINGS.get(plain(str(cell))) if cell is not None else None
        if field is not None:
            columns.setdefault(field, index)
    return columns if "item_id" in columns else None
