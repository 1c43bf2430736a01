"""Whether a returned row still shows the proposal that its item has, whatever a spreadsheet made of the number."""

from __future__ import annotations

import re

from pipelines.vocabulary import DecisionKind

_FLOAT = re.compile(r"(\d)[.,]?(\d*)[eE]\+?\d+")
_DRESSING = re.compile(r"[\s.,'’‘`-]|^NIK:?", re.IGNORECASE)


def shows_another_proposal(shown: str | None, current: str | None, kind: DecisionKind) -> bool:
    """Whether the officer saw another number than the item has now, so that the answer is about something else.

    ``shown`` is the cell's text, ``None`` without such a column: then nothing can be said. A blank cell tells
    nothing either, but an item is not silenced while there is a proposal that nobody saw.

    >>> shows_another_proposal("5301040101900001", "5301040101900003", DecisionKind.CORRECTED)
    True
    >>> shows_another_proposal("5,30104E+15", "5301040101900003", DecisionKind.CORRECTED)
    False
    """
    if shown is None:
        return False
    number = _DRESSING.sub("", shown) if not _FLOAT.fullmatch(shown) else shown
    if not number:
        return kind is DecisionKind.REJECTED and current is not None
    return current is None or not _same(number, current)


def _same(number: str, current: str) -> bool:
    if cut := _FLOAT.fullmatch(number):
        # The last digit before the E is rounded: it proves nothing.
        return current.startswith((cut[1] + cut[2])[:-1])
    # Spreadsheets keep fifteen digits and write a zero for the sixteenth.
    return number in (current, current[:15] + "0")
