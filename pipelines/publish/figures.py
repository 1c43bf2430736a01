"""The report's figures: built once, rendered twice, as ``report.html`` and as ``report.json``.

No figure is a person's: counts, shares, dates of runs, names of sources, digests of files. The form is
published as ``report.schema.json``; a change that removes or renames something raises ``SCHEMA_VERSION``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from pipelines.publish.provenance import Provenance
from pipelines.store.agreement import Agreement

SCHEMA_VERSION: Final = "1.0"


@dataclass(frozen=True)
class Part:
    """A named part of an equation; ``what`` is a code that both languages have a word for."""

    what: str
    count: int


@dataclass(frozen=True)
class Equation:
    """A whole and its parts, each counted on its own. ``difference`` is what the parts leave unexplained."""

    whole: Part
    parts: tuple[Part, ...]
    difference: int


@dataclass(frozen=True)
class SourceAccount:
    """Where the rows of one source went.

    ``role``: registry, agency, verdicts, or former (not configured now, but items of it are left). A source
    that could not be read (``unread``) has only the equation of its open items.
    """

    source: str
    role: str
    unread: bool
    equations: tuple[Equation, ...]


@dataclass(frozen=True)
class Headline:
    """The figures the report opens with.

    ``accounted`` are the rows received that became records or were quarantined; ``checked_records`` those of
    the agencies, whose numbers were checked, ``wrong_numbers`` those of them with a finding about the number.
    """

    received: int
    accounted: int
    wrong_numbers: int
    checked_records: int
    waiting: int
    with_proposal: int
    most_urgent: int
    oldest_days: int


@dataclass(frozen=True)
class SourceQuality:
    """How good one source's records are; shares from 0 to 1, null where there is nothing to measure.

    ``completeness`` by field; ``validity`` of the numbers that are there; ``uniqueness``: records that are
    nobody's second; ``agreement``: records with no finding against the registry.
    """

    source: str
    records: int
    completeness: dict[str, float | None]
    validity: float | None
    uniqueness: float | None
    agreement: float | None


@dataclass(frozen=True)
class CauseCount:
    """The worklist's items of one cause, source and owner, by status.

    ``waiting`` are those new, open and returned; what follows it is of these.
    """

    cause: str
    source: str
    owner: str
    new: int
    open: int
    returned: int
    resolved: int
    rejected: int
    waiting: int
    with_proposal: int
    most_urgent: int
    oldest_days: int


@dataclass(frozen=True)
class GateLine:
    """One expectation's outcome."""

    gate: str
    table_name: str
    expectation: str
    severity: str
    success: bool
    observed: float | None
    unexpected: int | None
    detail: str | None


@dataclass(frozen=True)
class QuarantineLine:
    """How many rows (or single values) of a source could not be read, and why."""

    source: str
    stage: str
    scope: str
    column: str | None
    reason: str
    expected: str | None
    rows: int


@dataclass(frozen=True)
class HistoryLine:
    """One published run, this one last."""

    run_date: str
    received: int
    wrong_numbers: int
    waiting: int
    closed: int


@dataclass(frozen=True)
class Figures:
    """The whole report."""

    schema_version: str
    run_date: str
    language: str
    headline: Headline
    account: tuple[SourceAccount, ...]
    quality: tuple[SourceQuality, ...]
    causes: tuple[CauseCount, ...]
    gates: tuple[GateLine, ...]
    quarantine: tuple[QuarantineLine, ...]
    history: tuple[HistoryLine, ...]
    agreement: tuple[Agreement, ...]
    provenance: Provenance

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)
