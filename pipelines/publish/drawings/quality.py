"""Pictures of the sources' quality over the runs, and of what the linkage makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pipelines.publish.drawings.canvas import BLUE, GREEN, GREY, PURPLE, UTC, VERMILION, Spec, days, values
from pipelines.publish.figures import LevelWeight, Machine, QualityPoint

DIMENSIONS: Final = ("completeness", "validity", "uniqueness", "agreement")

SHOWN: Final = 12
"""Sources of which a picture is drawn: those that agree least with the registry."""


def worst(history: Sequence[QualityPoint]) -> list[str]:
    """The sources to draw, by their agreement in their latest run; the registry has none and comes last."""
    latest = {point.source: point for point in history}
    order = sorted(latest.values(), key=lambda p: (p.agreement is None, p.agreement or 0.0, p.source))
    return [point.source for point in order[:SHOWN]]


def quality_trend(history: Sequence[QualityPoint], titles: Mapping[str, str]) -> Spec:
    """A small picture for each source: its four shares over the runs."""
    shown = worst(history)
    rows = [
        {"day": point.run_date, "source": point.source, "what": titles[what], "share": share}
        for point in history
        if point.source in shown
        for what in DIMENSIONS
        if (share := getattr(point, what)) is not None
    ]
    names = [titles[what] for what in DIMENSIONS]
    axis = {**days(sorted({point.run_date for point in history}), 5), "format": "%d-%m"}
    return {
        "data": values(rows),
        "columns": 2,
        "facet": {"field": "source", "type": "nominal", "sort": shown, "header": {"title": None}},
        "spec": {
            "width": 350,
            "height": 130,
            "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 18}},
            "encoding": {
                "x": {"field": "day", "type": "temporal", "scale": UTC, "axis": axis},
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "scale": {"zero": False, "nice": True},
                    "axis": {"title": None, "format": "~%", "tickCount": 4},
                },
                "color": {
                    "field": "what",
                    "type": "nominal",
                    "scale": {"domain": names, "range": [BLUE, GREEN, PURPLE, VERMILION]},
                    "legend": {"title": None, "orient": "bottom", "symbolType": "stroke"},
                },
                "strokeDash": {
                    "field": "what",
                    "type": "nominal",
                    "scale": {"domain": names, "range": [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3]]},
                    "legend": {"title": None, "orient": "bottom"},
                },
            },
        },
    }


def level_weights(weights: Sequence[LevelWeight], titles: Mapping[str, str]) -> Spec:
    """Every level of every comparison, as far left or right as it speaks against or for one person."""
    rows = [{"comparison": x.comparison, "level": x.level, "weight": x.weight} for x in weights]
    return {
        "data": values(rows),
        "facet": {
            "row": {
                "field": "comparison",
                "type": "nominal",
                "sort": None,
                "header": {
                    "title": None,
                    "labelAngle": 0,
                    "labelAlign": "left",
                    "labelOrient": "top",
                    "labelAnchor": "start",
                },
            }
        },
        "spacing": 10,
        "resolve": {"scale": {"y": "independent"}},
        "spec": {
            "width": 420,
            "height": {"step": 19},
            "mark": {"type": "bar", "height": 12},
            "encoding": {
                "y": {
                    "field": "level",
                    "type": "nominal",
                    "sort": None,
                    "axis": {"title": None, "ticks": False},
                },
                "x": {
                    "field": "weight",
                    "type": "quantitative",
                    "axis": {"title": titles["weight"], "tickCount": 7},
                },
                "color": {"condition": {"test": "datum.weight < 0", "value": VERMILION}, "value": BLUE},
            },
        },
    }


def weights_seen(machines: Sequence[Machine], titles: Mapping[str, str]) -> Spec:
    """How the best candidates' match weights spread, the believed apart from the doubted, a picture a source."""
    rows = [
        {"source": one.source, "least": b.least, "what": titles[what], "records": count}
        for one in machines
        for b in one.seen
        for what, count in (("doubted", b.doubted), ("believed", b.believed))
        if count
    ]
    return {
        "data": values(rows),
        "columns": 2,
        "facet": {"field": "source", "type": "nominal", "header": {"title": None}},
        "resolve": {"scale": {"y": "independent"}},
        "spec": {
            "width": 350,
            "height": 140,
            "mark": {"type": "bar"},
            "encoding": {
                "x": {
                    "field": "least",
                    "type": "quantitative",
                    "bin": {"binned": True, "step": 4},
                    "axis": {"title": titles["weight"], "tickCount": 6},
                },
                "x2": {"field": "until"},
                "y": {
                    "field": "records",
                    "type": "quantitative",
                    "axis": {"title": titles["records"], "format": ",~f", "tickCount": 4},
                },
                "color": {
                    "field": "what",
                    "type": "nominal",
                    "scale": {"domain": [titles["doubted"], titles["believed"]], "range": [GREY, BLUE]},
                    "legend": {"title": None, "orient": "bottom"},
                },
            },
        },
        "transform": [{"calculate": "datum.least + 4", "as": "until"}],
    }


def reliability(machines: Sequence[Machine], titles: Mapping[str, str]) -> Spec:
    """Confidence beside how often it proved right; on the slanted line it means just what it says."""
    rows = [
        {"source": one.source, "confidence": b.confidence, "right": b.right, "answers": b.answers}
        for one in machines
        for b in one.reliability
    ]
    share: Mapping[str, Any] = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    return {
        "width": 420,
        "height": 320,
        "layer": [
            {
                "data": values([{"x": 0, "y": 0}, {"x": 1, "y": 1}]),
                "mark": {"type": "line", "color": GREY, "strokeDash": [5, 4]},
                "encoding": {"x": {"field": "x", **share}, "y": {"field": "y", **share}},
            },
            {
                "data": values(rows),
                "mark": {"type": "point", "filled": True, "opacity": 0.85},
                "encoding": {
                    "x": {
                        "field": "confidence",
                        **share,
                        "axis": {"title": titles["confidence"], "format": "~%"},
                    },
                    "y": {"field": "right", **share, "axis": {"title": titles["right"], "format": "~%"}},
                    "size": {
                        "field": "answers",
                        "type": "quantitative",
                        "scale": {"type": "sqrt", "rangeMin": 25, "rangeMax": 500},
                        "legend": None,
                    },
                    "color": {
                        "field": "source",
                        "type": "nominal",
                        "legend": {"title": None, "orient": "bottom"},
                    },
                    "shape": {
                        "field": "source",
                        "type": "nominal",
                        "legend": {"title": None, "orient": "bottom"},
                    },
                },
            },
        ],
    }
