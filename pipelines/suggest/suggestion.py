"""The whole draft: from a location to fields, date order, codes and placeholders, each with its certainty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipelines.settings import Settings, Source
from pipelines.suggest.judge import WRITTEN, Anchor, Judge, Pick
from pipelines.suggest.measures import Table
from pipelines.suggest.query import people_of
from pipelines.suggest.sample import sample, scout

NEEDED = ("record_id", "nik", "name", "birth_date")
"""Written into a draft however unsure: without a key no row becomes a record, and these are what is compared."""


@dataclass(frozen=True)
class Guess:
    """Something that is no column: its value, how sure it is and why."""

    value: str
    certainty: float
    reason: str


@dataclass(frozen=True)
class Suggestion:
    """A layout as it is suggested. ``columns`` are the names as the source writes them, by field."""

    label: str
    name: str
    rows: int
    picks: tuple[Pick, ...]
    columns: Mapping[str, str]
    order: Guess
    sex: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    placeholders: tuple[Guess, ...] = ()
    header: tuple[str, ...] = ()
    query: str | None = None
    key: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Fields that have a column and without which a record is of no use."""
        return tuple(field for field in NEEDED if field in self.columns)


def suggest_layout(location: str, base: Path, run_date: date, query: str | None = None) -> Suggestion:
    """Look at a source and draft its layout.

    ``location`` is what ``padan.toml`` would say: a path or pattern relative to ``base``, or a database's
    address, whose ``query`` is made up where it is not given. ``run_date`` is the day after which nobody was
    born. Raises ``SourceUnreadable``.
    """
    is_url = "://" in location
    place = location if is_url else str(base / location)
    source = Source.model_validate({"name": "layout", "layout": scout(), "location": place, "query": query})
    people = people_of(source, base) if is_url and not location.startswith("http") and query is None else None
    if people:
        source = source.model_copy(update={"query": people.query(people.columns)})
    settings = Settings(
        run_date=run_date, config_file=base / "padan.toml", registry=source, sources=(source,)
    )
    seen = sample(source, settings)
    table = Table(seen, run_date)
    judge = Judge(table)
    picks, anchor = judge.picks()
    columns = {p.field: judge.names[p.key] for p in picks}
    key = next((columns[p.field] for p in picks if p.field == "record_id" and p.certainty >= WRITTEN), None)
    return Suggestion(
        label=seen.label,
        name=_called(seen.label),
        rows=seen.rows,
        picks=tuple(picks),
        columns=columns,
        order=_order(table, anchor),
        sex=_sex(judge, anchor, picks),
        placeholders=_placeholders(table, anchor),
        header=seen.names if seen.headerless else (),
        query=people.query(columns.values(), key) if people else query,
        key=key if source.is_url else None,
        notes=tuple(f"{name}: a second column of this name cannot be told apart" for name in seen.twice),
    )


def _called(label: str) -> str:
    """A layout's name from a file's or table's: small letters and dashes."""
    stem = label.lower().removesuffix(".gz").rpartition(".")[0] or label.lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-") or "draft"


def _order(table: Table, anchor: Anchor) -> Guess:
    """The date order, and how many rows decide it."""
    if anchor.born is None:
        return Guess("ymd", 0.3, "no dates seen")
    if anchor.order == "ymd":
        return Guess("ymd", 0.98, "the year stands first")
    day, month, both = table.undecided(anchor.born.key)
    against, total = (month, day + month) if anchor.order == "dmy" else (day, day + month)
    if anchor.agree is not None and both:
        return Guess(
            anchor.order, min(0.98, anchor.agree + 0.1), f"the numbers' own dates agree in {anchor.agree:.0%}"
        )
    if total:
        return Guess(
            anchor.order,
            min(0.98, 1 - against / total),
            f"{total - against} of {total} dates read in no other order",
        )
    return Guess(anchor.order, 0.6, "no date tells the day from the month; the day first is usual")


def _sex(judge: Judge, anchor: Anchor, picks: list[Pick]) -> dict[str, tuple[str, ...]]:
    """The codes of the column of the sex."""
    column = next((p.key for p in picks if p.field == "sex" and p.certainty >= WRITTEN), None)
    if column is None:
        return {}
    codes = judge.codes(judge.all[column], anchor)
    return {sex: words for sex, words in (("L", codes.men), ("P", codes.women)) if words}


def _placeholders(table: Table, anchor: Anchor) -> tuple[Guess, ...]:
    """What the columns of number and birth date repeat though it can be nobody's, beyond the usual words."""
    found: dict[str, Guess] = {}
    rows = max(1, table.sample.rows)
    for pick in (anchor.number, anchor.born):
        if pick is None:
            continue
        repeated = table.repeated(pick.key) if pick.field == "nik" else [
            (word, times, False) for word, times in table.unread_days(pick.key, anchor.order)
        ]  # fmt: skip
        for word, times, known in repeated:
            if not known and not re.search(r"\d[.,]\d+E", word):  # what is left of a number is evidence
                sure = min(0.95, 0.5 + 5 * times / rows)
                found.setdefault(word, Guess(word, sure, f"{times} times for {pick.field}, and nobody's"))
    return tuple(found.values())
