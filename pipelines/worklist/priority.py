"""Which item comes first: the policy of the configuration as a short table, and its reason in one line.

An item begins at its sector's figure (``worklist.sector_priority``), each row of ``RULES`` that applies
moves it, and the result is kept within 1 (most urgent) and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipelines.engine import sql_text
from pipelines.records import Cause
from pipelines.settings import Settings
from pipelines.worklist.texts import REASONS, SECTORS, filled

DEFAULT: Final = 3
"""Where an item of a sector without a figure, or of no sector, begins."""


@dataclass(frozen=True)
class Rule:
    """Where ``when`` (SQL over an item) holds, it moves by ``step``; ``reason`` is a key of ``REASONS``."""

    reason: str
    step: int
    when: str


def _causes(*causes: Cause) -> str:
    return f"cause in ({', '.join(sql_text(cause) for cause in causes)})"


_EXPECTED = f"infant and {_causes(Cause.NIK_OF_ANOTHER_PERSON)}"


def rules(settings: Settings) -> tuple[Rule, ...]:
    """The policy, in the order in which its reasons are told."""
    policy = settings.worklist
    return (
        # A newborn is recorded under its mother's number until it has its own: the office expects that.
        Rule("expected", +2, _EXPECTED),
        Rule("infant", -1, f"infant and not ({_EXPECTED})"),
        Rule("agree", -1, "agencies_agree"),
        # The registry is in order, so nobody but its holder notices, and each time at a counter.
        Rule("turned_away", -1, _causes(Cause.NIK_NOT_ONLINE)),
        Rule("waiting", -1, f"age_days >= {policy.waiting_days}"),
        Rule("unsure", +1, f"confidence < {policy.unsure_below}"),
        # The person is found by their number; what differs does not turn them away.
        Rule("mild", +1, _causes(Cause.ELEMENT_MISMATCH, Cause.DUPLICATE_RECORD)),
    )


def priority_sql(settings: Settings) -> str:
    """The priority, 1 to 5, of a row with ``sector, cause, infant, agencies_agree, confidence, age_days``."""
    steps = " ".join(f"+ case when {rule.when} then {rule.step} else 0 end" for rule in rules(settings))
    return f"cast(greatest(1, least(5, {_base_sql(settings)} {steps})) as bigint)"


def reason_sql(settings: Settings) -> str:
    """One line that says how ``priority_sql`` came about, e.g. ``kesehatan 2; dua instansi sepakat -1``."""
    parts = [f"{_sector_sql(settings)} || ' ' || {_base_sql(settings)}"]
    for rule in rules(settings):
        text = filled(f"{REASONS[rule.reason][settings.language]} {rule.step:+d}", days="age_days")
        parts.append(f"case when {rule.when} then {text} end")
    return f"concat_ws('; ', {', '.join(parts)})"


def _base_sql(settings: Settings) -> str:
    cases = "".join(
        f" when {sql_text(sector)} then {figure}"
        for sector, figure in sorted(settings.worklist.sector_priority.items())
    )
    return f"(case sector{cases} else {DEFAULT} end)" if cases else str(DEFAULT)


def _sector_sql(settings: Settings) -> str:
    cases = "".join(
        f" when {sql_text(sector)} then {sql_text(words[settings.language])}"
        for sector, words in SECTORS.items()
    )
    return f"case coalesce(sector, ''){cases} else sector end"
