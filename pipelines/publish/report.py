"""``report.html`` and ``report.json``: the same figures, for people and for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from pipelines.publish.charts import bar
from pipelines.publish.drawings import Drawings, bands, named, over_the_runs
from pipelines.publish.figures import CauseCount, DriftLine, Equation, Figures, Part, SourceAccount
from pipelines.publish.manifest import as_json
from pipelines.publish.monthly import Month
from pipelines.publish.words import Words

if TYPE_CHECKING:
    import jinja2

FIELDS: Final = ("nik", "name", "birth_date", "sex", "birth_place", "mother_name")
"""Of completeness, in the order of the page."""

DIMENSIONS: Final = ("completeness", "validity", "uniqueness", "agreement")

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


def render_html(figures: Figures, drawings: Drawings, has_docs: bool, words: Words) -> bytes:
    """The figures as one page that needs nothing else: no address, no script.

    ``drawings`` are those of the figures; ``has_docs`` says whether ``quality/index.html`` lies beside the page.
    """
    page = (
        _environment(words)
        .get_template("report.html.j2")
        .render(
            f=figures,
            d=drawings,
            w=words,
            node=lambda name: named(name, words),
            drifted=lambda line: drifted(line, words),
            changes=list(_changes(figures)),
            dimensions=DIMENSIONS,
            fields=FIELDS,
            bands=bands(figures),
            ageing=_ageing(figures),
            css=_css(),
            bar=bar,
            account=[_account_row(source) for source in figures.account if source.role != "former"],
            whole=_whole(figures.account),
            causes=_by(figures.causes, lambda c: c.cause),
            owners=_by(figures.causes, lambda c: c.owner),
            registry=next((line.source for line in figures.account if line.role == "registry"), ""),
            has_docs=has_docs,
            seen=lambda value: _seen(value, words),
        )
    )
    return page.encode()


def render_month(found: Month, registry: str, words: Words) -> bytes:
    """A month's figures as one page; ``registry`` is the registry's name, as owner."""
    name = f"{words.lines('months')[found.last.month - 1]} {found.last.year}"
    page = _environment(words).get_template("month.html.j2")
    text = page.render(
        m=found,
        w=words,
        css=_css(),
        name=name,
        registry=registry,
        plain=str,
        cause=lambda key: words.either("cause", key),
        drawing=over_the_runs(found.runs, words),
    )
    return text.encode()


def _environment(words: Words) -> jinja2.Environment:
    """The templates, with the words' habits as filters."""
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
        "chance": lambda value: _chance(value, words),
        "signed": lambda value: _signed(value, words),
        "points": lambda value: "–" if value is None else _signed(value * 100, words, 2),
        "day": lambda day: words.day(date.fromisoformat(day) if isinstance(day, str) else day),
    }
    return environment


def _css() -> Markup:
    sheet = files("pipelines.publish").joinpath("templates/report.css").read_text(encoding="utf-8")
    return Markup(sheet)  # noqa: S704 - our own style sheet


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


@dataclass(frozen=True)
class Change:
    """One source's quality beside that of the last publication that read it: what is added since."""

    source: str
    since: str
    records: int
    shares: dict[str, float | None]


def _changes(figures: Figures) -> Iterator[Change]:
    """Of every source of today that an earlier publication read."""
    for today in (point for point in figures.quality_history if point.run_date == figures.run_date):
        earlier = [
            point
            for point in figures.quality_history
            if point.source == today.source and point.run_date < today.run_date
        ]
        if earlier:
            before = earlier[-1]
            pairs = {what: (getattr(before, what), getattr(today, what)) for what in DIMENSIONS}
            shares = {
                what: None if was is None or now is None else now - was for what, (was, now) in pairs.items()
            }
            yield Change(today.source, before.run_date, today.records - before.records, shares)


def _ageing(figures: Figures) -> dict[str, dict[str, int]]:
    """What waits by owner, and of it by band."""
    owners: dict[str, dict[str, int]] = defaultdict(dict)
    for line in figures.ageing:
        owners[line.owner][line.band] = line.waiting
    return owners


def drifted(line: DriftLine, words: Words) -> str:
    """What is not as it was, in words."""
    counts = line.what in ("silent", "records_less", "records_more")

    def shown(value: float | None) -> str:
        return words.share(value) if value is None or not counts else words.number(value)

    of = line.of or ""
    if line.what.startswith("field"):
        of = words(f"report.field.{of}")
    elif line.what == "share_less":
        of = words(f"report.quality.{of}")
    return words(f"report.drift.{line.what}", of=of, before=shown(line.before), now=shown(line.now))


def _chance(value: float, words: Words) -> str:
    """A share, or where it is less than a tenth of a hundredth: one in how many."""
    return words.share(value, 2) if value >= 0.001 or not value else f"1 : {words.number(1 / value)}"


def _signed(value: float, words: Words, decimals: int = 0) -> str:
    """A change with its sign; none as ±0."""
    text = words.number(abs(value), decimals)
    if round(value, decimals) == 0:
        return f"±{text}"
    return f"{'+' if value > 0 else '−'}{text}"
