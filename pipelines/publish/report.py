"""``report.html`` and ``report.json``: the same figures, for people and for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final

from markupsafe import Markup

from pipelines.publish.charts import bar, line
from pipelines.publish.figures import CauseCount, Equation, Figures, Part, SourceAccount
from pipelines.publish.manifest import as_json
from pipelines.publish.words import Words

SUMMED: Final = (
    "new",
    "open",
    "returned",
    "resolved",
    "rejected",
    "waiting",
    "with_proposal",
    "most_urgent",
)
"""What adds up when lines of the worklist are put together."""


def render_json(figures: Figures) -> bytes:
    """The figures as ``report.schema.json`` describes them."""
    return as_json(figures.as_dict())


def render_html(figures: Figures, registry: str, has_docs: bool, words: Words) -> bytes:
    """The figures as one page that needs nothing else: no address, no script.

    ``registry`` is the registry's name; ``has_docs`` says whether ``quality/index.html`` lies beside the page.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.publish"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": words.number,
        "share": words.share,
        "day": lambda text: words.day(date.fromisoformat(text)),
    }
    css = files("pipelines.publish").joinpath("templates/report.css").read_text(encoding="utf-8")
    page = environment.get_template("report.html.j2").render(
        f=figures,
        w=words,
        css=Markup(css),  # noqa: S704 - our own style sheet
        bar=bar,
        account=[_account_row(source) for source in figures.account if source.role != "former"],
        whole=_whole(figures.account),
        causes=_by(figures.causes, lambda c: c.cause),
        owners=_by(figures.causes, lambda c: c.owner),
        registry=registry,
        has_docs=has_docs,
        seen=lambda value: _seen(value, words),
        trend=_trend(figures, words),
    )
    return page.encode()


def _seen(value: float | None, words: Words) -> str:
    """What a gate observed: a count as such, a share or mean with its decimals."""
    if value is None:
        return ""
    return words.number(value) if value.is_integer() else words.number(value, 4)


@dataclass(frozen=True)
class AccountRow:
    """One source's way from rows read to records, and how its records divide."""

    source: str
    role: str
    unread: bool
    read: int
    kept: int
    extract: int
    standardise: int
    difference: int
    wrong: int


def _account_row(source: SourceAccount) -> AccountRow:
    parts = {
        part.what: part.count for equation in source.equations for part in (equation.whole, *equation.parts)
    }
    kept = parts.get("answers", parts.get("records", 0))
    extract, standardise = parts.get("quarantined_extract", 0), parts.get("quarantined_standardise", 0)
    read = parts.get("rows_read", 0)
    return AccountRow(
        source=source.source,
        role=source.role,
        unread=source.unread,
        read=read,
        kept=kept,
        extract=extract,
        standardise=standardise,
        difference=read - kept - extract - standardise,
        wrong=parts.get("records_with_number_finding", 0),
    )


def _whole(account: Iterable[SourceAccount]) -> Equation:
    """The one equation over all sources: every row read, and where it is now."""
    rows = [_account_row(source) for source in account if source.role != "former"]
    parts = (
        Part("records", sum(row.kept for row in rows if row.role != "verdicts")),
        Part("answers", sum(row.kept for row in rows if row.role == "verdicts")),
        Part("quarantined_extract", sum(row.extract for row in rows)),
        Part("quarantined_standardise", sum(row.standardise for row in rows)),
    )
    read = sum(row.read for row in rows)
    return Equation(Part("rows_read", read), parts, read - sum(part.count for part in parts))


@dataclass(frozen=True)
class CauseRow:
    """Lines of the worklist put together under one ``key``; ``waiting_by`` owner."""

    key: str
    counts: dict[str, int]
    oldest_days: int
    waiting_by: dict[str, int]


def _by(lines: Sequence[CauseCount], key: Callable[[CauseCount], str]) -> list[CauseRow]:
    """The lines put together by ``key``, the most frequent first; equals in the lines' own order."""
    groups: dict[str, list[CauseCount]] = defaultdict(list)
    for entry in lines:
        groups[key(entry)].append(entry)
    rows = [_row(name, group) for name, group in groups.items()]
    return sorted(rows, key=lambda row: -row.counts["waiting"])


def _row(name: str, group: Sequence[CauseCount]) -> CauseRow:
    waiting: dict[str, int] = defaultdict(int)
    for entry in group:
        waiting[entry.owner] += entry.waiting
    counts = {what: sum(getattr(entry, what) for entry in group) for what in SUMMED}
    return CauseRow(name, counts, max(entry.oldest_days for entry in group), dict(waiting))


def _trend(figures: Figures, words: Words) -> Any:
    """The line of what waits over the runs, or nothing where there is only this run."""
    if len(figures.history) < 2:
        return None
    first, last = figures.history[0], figures.history[-1]
    shown = words.number(first.waiting), words.number(last.waiting)
    days = [words.day(date.fromisoformat(run.run_date)) for run in (first, last)]
    description = words(
        "report.history.chart", **{"first": days[0], "last": days[1], "from": shown[0], "to": shown[1]}
    )
    points = [(words.day(date.fromisoformat(run.run_date)), run.waiting) for run in figures.history]
    return line(points, shown, description)
