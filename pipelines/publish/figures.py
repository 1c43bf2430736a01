"""The report's figures: built once, rendered twice, as ``report.html`` and as ``report.json``.

No figure is a person's: counts, shares, dates of runs, names of sources, digests of files. The form is
published as ``report.schema.json``; a change that removes or renames something raises ``SCHEMA_VERSION``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from pipelines.publish.provenance import Provenance
from pipelines.store.agreement import Agreement
from pipelines.vocabulary import Language

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
class FlowLine:
    """So many rows go from one node of the account's flow to another.

    Nodes are ``source:NAME``, the parts of the equations, ``cause:CAUSE``, and ``on_worklist`` and
    ``rejected_before``. What flows into a node flows out of it, but for the last ones.
    """

    origin: str
    goal: str
    rows: int


@dataclass(frozen=True)
class SourceQuality:
    """How good one source's records are; shares from 0 to 1, null where there is nothing to measure.

    ``completeness`` by field; ``validity`` of the numbers that are there; ``uniqueness``: records that are
    nobody's second; ``agreement``: records with no finding against the registry; ``unchanged_days``: timeliness,
    days since what the source sends last changed, as far back as reports are kept, null in its first. ``columns``:
    those that it sends, whether or not the layout maps them; ``codes``: those that occur, by field.
    """

    source: str
    records: int
    completeness: dict[str, float | None]
    validity: float | None
    uniqueness: float | None
    agreement: float | None
    unchanged_days: int | None
    columns: tuple[str, ...]
    codes: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class QualityPoint:
    """One source's quality in one published run; ``completeness`` is the mean over the fields."""

    run_date: str
    source: str
    records: int
    completeness: float | None
    validity: float | None
    uniqueness: float | None
    agreement: float | None


@dataclass(frozen=True)
class DriftLine:
    """Something of a source that is not as it was in the run before: ``what`` is a code, values are shares or counts.

    ``column_gone`` and ``column_new``, ``code_gone`` and ``code_new`` (``of`` is ``FIELD CODE``); ``field_gone`` and
    ``field_new`` (a field, filled before or now and not at all the other time); ``field_less`` and ``share_less`` (a
    field or dimension by more than ``trend.NOTABLE``); ``records_less`` and ``records_more`` (by more than
    ``trend.NOTABLE_RECORDS``); ``unread``; ``silent`` (days unchanged).
    """

    source: str
    what: str
    of: str | None
    before: float | None
    now: float | None


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
    """One expectation's outcome; beside it what it saw in earlier published runs: how many, failed, least, most."""

    gate: str
    table_name: str
    expectation: str
    severity: str
    success: bool
    observed: float | None
    unexpected: int | None
    detail: str | None
    runs: int
    runs_failed: int
    least: float | None
    most: float | None


@dataclass(frozen=True)
class DistrictLine:
    """What waits of the people of one kecamatan; ``people``: how many the registry has there.

    ``district`` and its name are null for items of which nobody knows where the person belongs.
    """

    district: str | None
    name: str | None
    people: int
    waiting: int
    most_urgent: int
    with_proposal: int


@dataclass(frozen=True)
class AgeLine:
    """How many items have waited on one owner for so long; ``band`` as ``0-6``, in days."""

    owner: str
    band: str
    waiting: int


@dataclass(frozen=True)
class LevelWeight:
    """What it says of two records that they agree so far: ``weight`` in bits, from the shares ``m`` and ``u``.

    ``m`` is how often records of one person show this level of the comparison, ``u`` how often strangers' do.
    """

    comparison: str
    level: str
    weight: float
    m: float
    u: float


@dataclass(frozen=True)
class WeightBin:
    """Best candidates by match weight, from ``least`` bits on: how many were believed and how many were not."""

    least: int
    believed: int
    doubted: int


@dataclass(frozen=True)
class ReliabilityBin:
    """Of so many test answers, whose right one was known and hidden, the mean confidence and the share right."""

    confidence: float
    right: float
    answers: float


@dataclass(frozen=True)
class Machine:
    """What the linkage learned of one source on this day, and how often it proves right.

    ``sought``: records whose person was looked for; ``unlinked``: those of them for whom nobody was found;
    ``blocking_found``: share of test records whose person was among the candidates; ``two_people``: share of
    numbers under which two people stand.
    """

    source: str
    sought: int
    unlinked: int
    blocking_found: float
    two_people: float
    weights: tuple[LevelWeight, ...]
    seen: tuple[WeightBin, ...]
    reliability: tuple[ReliabilityBin, ...]


@dataclass(frozen=True)
class RuleLine:
    """What one blocking rule gave: pairs, blocks that were too wide and split, parts too wide still and left out."""

    rule: str
    pairs: int
    split: int
    left_out: int


@dataclass(frozen=True)
class Blocking:
    """How candidates were found. ``crowded``: records of which some block was split; then those without candidate."""

    rules: tuple[RuleLine, ...]
    crowded: int
    crowded_without_candidate: int


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
    """One published run, this one last; ``came`` are items new that day, ``closed`` those resolved or rejected."""

    run_date: str
    received: int
    wrong_numbers: int
    waiting: int
    came: int
    closed: int


@dataclass(frozen=True)
class Figures:
    """The whole report."""

    schema_version: str
    run_date: str
    language: Language
    headline: Headline
    account: tuple[SourceAccount, ...]
    flow: tuple[FlowLine, ...]
    quality: tuple[SourceQuality, ...]
    quality_history: tuple[QualityPoint, ...]
    drift: tuple[DriftLine, ...]
    causes: tuple[CauseCount, ...]
    districts: tuple[DistrictLine, ...]
    ageing: tuple[AgeLine, ...]
    machine: tuple[Machine, ...]
    gates: tuple[GateLine, ...]
    quarantine: tuple[QuarantineLine, ...]
    history: tuple[HistoryLine, ...]
    agreement: tuple[Agreement, ...]
    provenance: Provenance
    blocking: Blocking | None = None
    """None where nothing was linked, and in reports of before it was told."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, text: bytes) -> Figures:
        """The figures of a ``report.json`` of this version."""
        return TypeAdapter(cls).validate_json(text)
