"""Which pictures a report has: each where there is something to see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from pipelines.publish.drawings import flow, quality, worklist
from pipelines.publish.drawings.canvas import drawn
from pipelines.publish.figures import Figures, HistoryLine
from pipelines.publish.words import Words


@dataclass(frozen=True)
class Drawings:
    """The pictures by what they show; None where there is nothing to draw. ``weights`` by source."""

    flow: Markup | None
    quality: Markup | None
    pareto: Markup | None
    ageing: Markup | None
    coming: Markup | None
    districts: Markup | None
    weights: dict[str, Markup]
    seen: Markup | None
    reliability: Markup | None


MODELS = 3
"""Sources whose weights are drawn: those of which most records were looked for. The tables have all."""


def draw(f: Figures, w: Words) -> Drawings:
    """Every picture of a report."""
    counts = Counter[str]()
    for line in f.causes:
        counts[line.cause] += line.waiting
    waiting = [(w.either("cause", cause), count) for cause, count in counts.most_common() if count]
    titles = w.table("report.drawing")
    machines = [one for one in f.machine if one.seen]

    def picture(there: object, spec: object, what: str, **values: object) -> Markup | None:
        return drawn(spec(), w(f"report.drawing_said.{what}", **values), w) if there else None  # type: ignore[operator]

    largest = sorted(f.machine, key=lambda one: (-one.sought, one.source))[:MODELS]
    return Drawings(
        flow=picture(
            f.headline.received,
            lambda: flow.sankey(f.flow, lambda node: named(node, w), w.number),
            "flow",
            received=w.number(f.headline.received),
        ),
        quality=picture(
            len({point.run_date for point in f.quality_history}) > 1,
            lambda: quality.quality_trend(f.quality_history, titles),
            "quality",
        ),
        pareto=picture(waiting, lambda: worklist.pareto(waiting, titles), "pareto"),
        ageing=picture(f.ageing, lambda: worklist.ageing(f.ageing, bands(f), titles), "ageing"),
        coming=over_the_runs(f.history, w),
        districts=picture(
            any(line.district and line.people for line in f.districts),
            lambda: worklist.tiles(f.districts, titles),
            "districts",
        ),
        weights={
            one.source: drawn(
                quality.level_weights(one.weights, titles),
                w("report.drawing_said.weights", source=one.source),
                w,
            )
            for one in largest
        },
        seen=picture(machines, lambda: quality.weights_seen(machines[: quality.SHOWN], titles), "seen"),
        reliability=picture(
            any(one.reliability for one in machines),
            lambda: quality.reliability(machines[: quality.SHOWN], titles),
            "reliability",
        ),
    )


def over_the_runs(history: Sequence[HistoryLine], w: Words) -> Markup | None:
    """What waited, came and was closed over the runs of a month; None of a single run."""
    if len(history) < 2:
        return None
    first, last = history[0], history[-1]
    said = {"from": w.number(first.waiting), "to": w.number(last.waiting)}
    described = w(
        "report.drawing_said.coming", first=_day(first.run_date, w), last=_day(last.run_date, w), **said
    )
    return drawn(worklist.coming_and_going(history, w.table("report.drawing")), described, w)


def bands(f: Figures) -> list[str]:
    """The bands of age that occur, the youngest first."""
    return sorted({line.band for line in f.ageing}, key=lambda band: int(band.rstrip("+").split("-")[0]))


def named(node: str, w: Words) -> str:
    """What a node of the account's flow is called."""
    kind, _, of = node.partition(":")
    if kind == "source":
        return of
    return w.either("cause", of) if kind == "cause" else w(f"report.part.{node}")


def _day(text: str, w: Words) -> str:
    return w.day(date.fromisoformat(text))
