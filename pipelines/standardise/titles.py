"""Titles, degrees and forms of address that are no part of a name, each with what it stands for.

``alone`` says whether the bare word may go as well: ``DRS`` is no name, while ``AN``, ``SE`` or ``H`` may be
one, so those go only with the dot or comma that shows what they are (``An. MARIA``, ``MARIA, SE``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import Final


@dataclass(frozen=True)
class Title:
    """A form as it is written with all its dots, its meaning, and whether the bare word can be no name."""

    form: str
    meaning: str
    alone: bool = False

    @property
    def bare(self) -> str:
        """The form without dots: ``SPD`` of ``S.PD``."""
        return self.form.replace(".", "")


BEFORE: Final = (
    Title("DRS", "doctorandus", alone=True),
    Title("DRA", "doctoranda", alone=True),
    Title("DR", "doctor, physician", alone=True),
    Title("DRG", "dentist", alone=True),
    Title("IR", "engineer", alone=True),
    Title("PROF", "professor", alone=True),
    Title("H", "haji"),
    Title("HJ", "hajah", alone=True),
    Title("KH", "kiai haji"),
    Title("PDT", "pendeta, minister", alone=True),
    Title("PDM", "pendeta muda", alone=True),
    Title("EV", "evangelist"),
    Title("RM", "romo, priest; raden mas"),
    Title("RD", "reverendus dominus, diocesan priest"),
    Title("SR", "suster, sister of an order"),
    Title("BR", "bruder, brother of an order"),
    Title("NS", "ners"),
    Title("APT", "apoteker", alone=True),
    Title("TN", "tuan, hospital intake", alone=True),
    Title("NY", "nyonya, hospital intake", alone=True),
    Title("NN", "nona, hospital intake", alone=True),
    Title("AN", "anak, hospital intake"),
    Title("A.N", "atas nama, in the name of"),
    Title("BY", "bayi, hospital intake: the name that follows is the mother's"),
    Title("BY NY", "the same without dots", alone=True),
    Title("BAYI", "the same in full", alone=True),
    Title("SDR", "saudara", alone=True),
    Title("SDRI", "saudari", alone=True),
    Title("SDRA", "saudara", alone=True),
    Title("ALM", "almarhum, the late", alone=True),
    Title("ALMH", "almarhumah, the late", alone=True),
    Title("ALMARHUM", "the late", alone=True),
    Title("ALMARHUMAH", "the late", alone=True),
)
"""Written before a name; hospital systems put some behind a comma instead (``MARIA, NY``)."""

AFTER: Final = (
    *(Title(form, "bachelor", alone=True) for form in ("S.PD", "S.PD.SD", "S.PD.I", "S.PD.K", "S.SOS")),
    *(Title(form, "bachelor", alone=True) for form in ("S.KOM", "S.KEP", "S.TH", "S.KM", "S.FARM", "S.GZ")),
    *(Title(form, "bachelor", alone=True) for form in ("S.PSI", "S.HUT", "S.TP", "S.ST", "S.TR", "S.TR.KEB")),
    *(
        Title(form, "bachelor")
        for form in ("S.E", "S.H", "S.T", "S.AG", "S.SI", "S.IP", "S.AP", "S.P", "S.PT")
    ),
    *(
        Title(form, "bachelor")
        for form in ("S.AK", "S.KED", "S.SN", "S.H.I", "S.E.I", "S.FIL", "B.A", "B.SC")
    ),
    *(
        Title(form, "master", alone=True)
        for form in ("M.PD", "M.PD.K", "M.KES", "M.KOM", "M.HUM", "M.TH", "M.KEP")
    ),
    *(Title(form, "master") for form in ("M.SI", "M.M", "M.H", "M.T", "M.AP", "M.AG", "M.SC", "MBA")),
    *(Title(form, "diploma", alone=True) for form in ("A.MD", "A.MD.KEP", "A.MD.KEB", "A.MD.KOM", "A.MD.AK")),
    *(Title(form, "diploma", alone=True) for form in ("A.MD.FARM", "A.MD.GZ", "A.MA.PD", "A.MD.KES")),
    *(Title(form, "diploma") for form in ("A.MA", "A.P")),
    *(
        Title(form, "specialist")
        for form in ("SP.A", "SP.B", "SP.OG", "SP.PD", "SP.JP", "SP.M", "SP.KJ", "SP.KK")
    ),
    Title("PH.D", "doctor", alone=True),
)
"""Written behind a name, with dots, behind a comma, or both."""

BARE: Final = frozenset(title.bare for title in (*BEFORE, *AFTER) if title.alone)
"""Words that go from both ends even without dot or comma."""

CONNECTORS: Final = frozenset({"BIN", "BINTI", "BINTE"})
"""``son of``, ``daughter of``: written by some clerks and left off by others."""

LATE: Final = r"\(\s*(?:ALM|ALMH|ALMARHUM|ALMARHUMAH)\s*\.?\s*\)"
"""``(Alm)`` wherever it stands."""


def _dotted(title: Title) -> list[str]:
    """Patterns of the form with at least one of its dots: ``S.PD``, ``S. PD``, ``S.PD.``, ``SPD.``."""
    first, *rest = title.form.split(".")
    variants = []
    for shown in range(1, len(rest) + 1):  # the first dot that is written; those after it are optional
        head = "".join((first, *rest[: shown - 1]))
        tail = "".join(_joint(part, optional=i > 0) + part for i, part in enumerate(rest[shown - 1 :]))
        variants.append(head + tail + r"\.?")
    return [*variants, title.bare + r"\s?\."]


def _joint(part: str, *, optional: bool) -> str:
    """A dot before the next part, and a space where that is no second initial (``S. PD``, not ``S. E``)."""
    space = r"\s?" if len(part) > 1 else ""
    return rf"\.?{space}" if optional else rf"\.{space}"


def _either(patterns: list[str]) -> str:
    """One group, longer patterns first so that ``S.PD.SD`` is not read as ``S.PD``."""
    return f"(?:{'|'.join(sorted(set(patterns), key=lambda p: (-len(p), p)))})"


def before_pattern() -> str:
    """RE2 pattern of every title at the start of an upper-case text."""
    dotted = _either([form for title in BEFORE for form in _dotted(title)])
    bare = _either([re.escape(title.bare) for title in BEFORE if title.alone])
    comma = _either([re.escape(title.bare) for title in BEFORE])
    return rf"^[\s,.]*(?:{dotted}[\s,.]*|{bare}(?:[\s,.]+|$)|{comma}\s*,[\s,.]*)+"


def after_pattern() -> str:
    """RE2 pattern of every title at the end of an upper-case text, behind a comma or with its dots."""
    dotted = _either([form for title in AFTER for form in _dotted(title)])
    every = _either(list(chain.from_iterable([*_dotted(t), t.bare] for t in (*BEFORE, *AFTER))))
    return rf"(?:[\s,.]+{dotted})*(?:\s*,[\s,.]*{every}(?:[\s,.]+{every})*)?[\s,.]*$"


def bare_pattern() -> str:
    """RE2 pattern of the titles that go without dot or comma, as whole words."""
    return _either(sorted(BARE))


def connector_pattern() -> str:
    """RE2 pattern of the connectors, as whole words."""
    return _either(sorted(CONNECTORS))
