"""What came of a returned worklist, row by row, and said to the person who gave it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from pipelines.vocabulary import DECISION_WORDS, DecisionKind, Language


class Outcome(StrEnum):
    """What became of one row."""

    TAKEN = "taken"
    BLANK = "blank"  # nothing decided
    ALREADY = "already"  # the same decision stands already
    UNREADABLE = "unreadable"  # words that are not surely a decision
    UNKNOWN = "unknown"  # no such item
    NOT_OPEN = "not_open"  # resolved or rejected meanwhile
    PROPOSAL_CHANGED = "proposal_changed"  # the row shows another proposal than the item now has
    CONTRADICTION = "contradiction"  # another row, or a file that waits for its run, says otherwise


REFUSED: Final[Mapping[Outcome, Mapping[Language, str]]] = {
    Outcome.UNREADABLE: {
        "id": "keputusan tidak terbaca; pilih dari daftar",
        "en": "the decision cannot be read; choose one of the list",
    },
    Outcome.UNKNOWN: {"id": "butir tidak dikenal", "en": "no such item"},
    Outcome.NOT_OPEN: {"id": "butir sudah tidak terbuka", "en": "the item is no longer open"},
    Outcome.PROPOSAL_CHANGED: {
        "id": "usulan NIK sudah berubah; lihat daftar kerja terbaru",
        "en": "the proposed NIK has changed; see the latest worklist",
    },
    Outcome.CONTRADICTION: {
        "id": "bertentangan dengan keputusan lain tentang butir ini",
        "en": "contradicts another decision about this item",
    },
}
"""The outcomes that somebody has to look at, and what they are told."""

SHOWN: Final = 50
"""Refused rows that the text of a summary names; the object has them all."""

_LINES: Final[Mapping[str, Mapping[Language, str]]] = {
    "repeated": {
        "id": "{file}: sudah dibaca sebelumnya; tidak ada yang berubah",
        "en": "{file}: was read before; nothing changed",
    },
    "taken": {
        "id": "{file}: {count} keputusan diterima, berlaku mulai {date}",
        "en": "{file}: {count} decisions taken, in effect from {date}",
    },
    "aside": {
        "id": "{file}: {count} perbaikan dan penolakan sekaligus, lebih dari {limit}; disisihkan, tidak ada yang "
        "berubah, sampai orang lain menyetujuinya: padan approve BERKAS --by NAMA",
        "en": "{file}: {count} corrections and rejections at once, more than {limit}; put aside, nothing changed, "
        "until somebody else approves it: padan approve FILE --by NAME",
    },
    "blank": {"id": "{count} baris tanpa keputusan", "en": "{count} rows without a decision"},
    "already": {"id": "{count} sudah tercatat", "en": "{count} were known already"},
    "refused": {"id": "{count} tidak diterima:", "en": "{count} not taken:"},
    "row": {"id": "baris {place}, {item}: {reason}", "en": "row {place}, {item}: {reason}"},
    "more": {"id": "… dan {count} lagi", "en": "… and {count} more"},
}


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken: its place in the file, the item it names, and why."""

    place: str
    item_id: str
    outcome: Outcome


@dataclass(frozen=True)
class DecisionSummary:
    """What ``decide`` did with a file; ``str()`` says it in the office's language.

    ``rows`` name an item; of them were ``taken`` (by decision), ``blank``, ``already`` known and
    ``refused``. ``repeated``: the very file was read before, and nothing was done now. ``aside``: so many weighty
    decisions, more than ``limit`` at once, that nothing was taken before somebody else approves.
    """

    file: str
    sha256: str
    effective_date: date
    language: Language
    rows: int
    taken: Mapping[DecisionKind, int]
    blank: int = 0
    already: int = 0
    refused: tuple[RefusedRow, ...] = ()
    repeated: bool = False
    aside: int = 0
    limit: int = 0

    def __str__(self) -> str:
        if self.repeated:
            return self._line("repeated", file=self.file)
        if self.aside:
            return self._line("aside", file=self.file, count=self.aside, limit=self.limit)
        lines = [
            self._line("taken", file=self.file, count=sum(self.taken.values()), date=self.effective_date)
        ]
        lines += [f"  {DECISION_WORDS[kind][self.language]}: {count}" for kind, count in self.taken.items()]
        lines += [self._line(name, count=n) for name in ("blank", "already") if (n := getattr(self, name))]
        if self.refused:
            lines.append(self._line("refused", count=len(self.refused)))
            lines += [f"  {self._row(row)}" for row in self.refused[:SHOWN]]
        if len(self.refused) > SHOWN:
            lines.append("  " + self._line("more", count=len(self.refused) - SHOWN))
        return "\n".join(lines)

    def _row(self, row: RefusedRow) -> str:
        reason = REFUSED[row.outcome][self.language]
        return self._line("row", place=row.place, item=row.item_id, reason=reason)

    def _line(self, name: str, **values: object) -> str:
        return _LINES[name][self.language].format(**values)
