"""The words that leave in a workbook and come back in it: headings and decisions, in Indonesian and English.

The publish room writes them, the worklist room reads them again, so both take them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal

Language = Literal["id", "en"]


class DecisionKind(StrEnum):
    """What an officer can answer about an item."""

    CORRECTED = "corrected"  # the record has been put right in its system
    REJECTED = "rejected"  # there is nothing to correct
    FORWARDED = "forwarded"  # somebody else has to act


DECISION_HEADINGS: Final[Mapping[str, Mapping[Language, str]]] = {
    "item_id": {"id": "ID Butir", "en": "Item ID"},
    "decision": {"id": "Keputusan", "en": "Decision"},
    "note": {"id": "Catatan", "en": "Note"},
    "proposed_nik": {"id": "Usulan NIK", "en": "Proposed NIK"},
}
"""The headings of the columns that are read back; ``worklist.csv`` has the keys themselves."""

DECISION_WORDS: Final[Mapping[DecisionKind, Mapping[Language, str]]] = {
    DecisionKind.CORRECTED: {"id": "Diperbaiki", "en": "Corrected"},
    DecisionKind.REJECTED: {"id": "Bukan kesalahan", "en": "Not an error"},
    DecisionKind.FORWARDED: {"id": "Diteruskan", "en": "Forwarded"},
}
"""What the drop-down offers, in this order."""
