"""What the registry says of a number's holder: ``active``, ``deceased`` or ``inactive``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pipelines.records import Status
from pipelines.standardise import codes
from pipelines.standardise.steps import Concept

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    Status.ACTIVE: ("AKTIF", "ACTIVE", "HIDUP"),
    Status.DECEASED: (
        *("MENINGGAL", "MENINGGAL DUNIA", "MATI", "WAFAT", "MD", "ALM", "ALMARHUM", "ALMARHUMAH"),
        *("DECEASED", "DEAD"),
    ),
    Status.INACTIVE: (
        *("NONAKTIF", "TIDAK AKTIF", "TDK AKTIF", "INACTIVE", "BLOKIR", "DIBLOKIR", "TERBLOKIR"),
        *("DIHAPUS", "HAPUS", "GANDA", "DUPLIKAT"),
    ),
}
"""Besides the layout's words. A blocked number and one struck off as a double are both inactive."""


def regular(x: str, own: Mapping[codes.Key, Iterable[str]]) -> str:
    """The status of a raw text that is one of the words; null for any other text."""
    return codes.regular(x, WORDS, own)


def concept(own: Mapping[codes.Key, Iterable[str]], layout: Iterable[str] = ()) -> Concept:
    """From ``plain_status`` to the registry's ``status`` and ``status_fault`` (``status_unknown``).

    Empty is active. So is a word that nobody knows, but it is noted: to call a living person's number
    inactive for a slip of the pen would send the office after a healthy record.
    """
    return codes.concept("status", WORDS, own, layout, otherwise=Status.ACTIVE)
