"""How the worklist stands, said to a person at the terminal: what waits on whom, why, how long; what is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipelines.records import ItemStatus
from pipelines.vocabulary import Language
from pipelines.worklist.history import Status

BAR: Final = 30
"""Columns of the longest bar."""

_WORDS: Final[Mapping[str, Mapping[Language, str]]] = {
    "never": {
        "id": "belum ada daftar kerja yang terbit; jalankan padan run",
        "en": "no worklist is published yet; padan run makes one",
    },
    "headline": {
        "id": "{date}: {count} butir menunggu tindakan",
        "en": "{date}: {count} items wait to be acted on",
    },
    "by_owner": {"id": "Oleh siapa", "en": "On whom"},
    "by_cause": {"id": "Sebab", "en": "Cause"},
    "by_age": {"id": "Umur (hari)", "en": "Age (days)"},
    "changed": {"id": "Perubahan hari itu", "en": "What that day changed"},
    "answers": {
        "id": "Usulan NIK menurut petugas (diterima / ditolak)",
        "en": "Proposed numbers, by officers' answers (taken over / refused)",
    },
    "nothing": {"id": "tidak ada", "en": "nothing"},
    ItemStatus.NEW: {"id": "baru", "en": "new"},
    ItemStatus.OPEN: {"id": "terbuka, berubah", "en": "open, altered"},
    ItemStatus.RETURNED: {"id": "dikembalikan", "en": "returned"},
    ItemStatus.RESOLVED: {"id": "selesai", "en": "resolved"},
    ItemStatus.REJECTED: {"id": "bukan kesalahan", "en": "not an error"},
}


def standing(status: Status, language: Language) -> str:
    """The figures of ``history.status`` as lines of text, each count with its bar; nobody's data is in them."""
    if status.run_date is None:
        return _WORDS["never"][language]
    changed = {_WORDS[ItemStatus(name)][language]: count for name, count in status.changed.items()}
    parts = {
        "by_owner": status.by_owner,
        "by_cause": status.by_cause,
        "by_age": status.by_age,
        "changed": changed,
    }
    lines = [_WORDS["headline"][language].format(date=status.run_date, count=f"{status.open:,}")]
    for what, counts in parts.items():
        lines += ["", _WORDS[what][language], *(_bars(counts) or [f"  {_WORDS['nothing'][language]}"])]
    if status.answers:
        lines += ["", _WORDS["answers"][language]]
        width = max(map(len, status.answers))
        for name, found in status.answers.items():
            share = found.confirmed / max(1, found.confirmed + found.refused)
            lines.append(f"  {name:<{width}}{found.confirmed:>10,} / {found.refused:<10,}{share:>6.0%}")
    return "\n".join(lines)


def _bars(counts: Mapping[str, int]) -> list[str]:
    most = max(counts.values(), default=1)
    width = max((len(name) for name in counts), default=0)
    return [
        f"  {name:<{width}}{count:>10,}  {'█' * max(1, round(BAR * count / most))}"
        for name, count in counts.items()
    ]
