"""What the worklist says to people, in Indonesian and English; SQL fills in what stands in braces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipelines.engine import sql_text
from pipelines.vocabulary import Language

NOTES: Final[Mapping[str, Mapping[Language, str]]] = {
    "waiting": {
        "id": "Dinyatakan diperbaiki pada {date}; belum tampak dalam data, ditunggu sampai {until}",
        "en": "Reported as corrected on {date}; not in the data yet, awaited until {until}",
    },
    "returned": {
        "id": "Dinyatakan diperbaiki pada {date}, tetapi sampai {until} data tidak menunjukkannya",
        "en": "Reported as corrected on {date}, but until {until} the data did not show it",
    },
    "forwarded": {
        "id": "Diteruskan kepada pihak lain pada {date}",
        "en": "Forwarded to somebody else on {date}",
    },
    "rejected": {
        "id": "Dinyatakan bukan kesalahan pada {date}",
        "en": "Declared not an error on {date}",
    },
    "reopened": {
        "id": "Pernah dinyatakan bukan kesalahan; sejak itu datanya berubah",
        "en": "Once declared not an error; the data has changed since",
    },
    "cause_was": {
        "id": "Sebelumnya {cause} (butir {item})",
        "en": "Was {cause} before (item {item})",
    },
    "cause_is": {
        "id": "Penyebab berubah menjadi {cause} (butir {item})",
        "en": "The cause has changed to {cause} (item {item})",
    },
}
"""The note of an item: what the office should know of its own decision, or of the item's past."""

SECTORS: Final[Mapping[str, Mapping[Language, str]]] = {
    "": {"id": "data kependudukan", "en": "civil registry"},
    "health": {"id": "kesehatan", "en": "health"},
    "education": {"id": "pendidikan", "en": "education"},
}
"""Sectors that have a word of their own; any other is called as the configuration calls it."""

REASONS: Final[Mapping[str, Mapping[Language, str]]] = {
    "expected": {"id": "bayi dengan nomor orang lain, wajar dahulu", "en": "infant under another's number"},
    "infant": {"id": "bayi", "en": "infant"},
    "agree": {"id": "dua instansi sepakat", "en": "two agencies agree"},
    "turned_away": {"id": "pemiliknya ditolak di loket", "en": "its holder is turned away"},
    "waiting": {"id": "menunggu {days} hari", "en": "waiting {days} days"},
    "unsure": {"id": "usulan kurang pasti", "en": "unsure proposal"},
    "mild": {"id": "nomornya sendiri benar", "en": "the number itself is right"},
}
"""Why an item stands higher or lower than others of its sector."""


def filled(template: str, **values: str) -> str:
    """``template`` as an SQL expression, each ``{name}`` replaced by that SQL expression as text.

    >>> filled("since {date}", date="day")
    "replace('since {date}', '{date}', cast(day as varchar))"
    """
    text = sql_text(template)
    for name, value in values.items():
        text = f"replace({text}, '{{{name}}}', cast({value} as varchar))"
    return text
