"""Pictures of the worklist: which causes make up most of it, how long it waits on whom, what comes and goes, where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from math import ceil, sqrt
from typing import Any, Final

from pipelines.publish.drawings.canvas import BLUE, INK, ORANGE, SKY, SOFT, UTC, VERMILION, Spec, days, values
from pipelines.publish.figures import AgeLine, DistrictLine, HistoryLine

WIDTH: Final = 760
"""Of the picture over the runs."""

SHADES: Final = ("#eaf2f8", "#c0d9eb", "#8fbadb", "#3d85bd", "#08457e")
"""Of the tiles; the darkest two bear white text."""

TILES: Final = 8
"""Tiles side by side at most."""


def pareto(counts: Sequence[tuple[str, int]], titles: Mapping[str, str]) -> Spec:
    """Causes by how much waits, the most first, and beside each the share that it and those above make up."""
    total = sum(count for _, count in counts) or 1
    shares = accumulate(count for _, count in counts)
    rows = [
        {"cause": cause, "waiting": count, "share": so_far / total}
        for (cause, count), so_far in zip(counts, shares, strict=True)
    ]
    y: Mapping[str, Any] = {
        "field": "cause",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "ticks": False},
    }
    return {
        "data": values(rows),
        "width": 560,
        "height": {"step": 26},
        "layer": [
            {
                "mark": {"type": "bar", "color": BLUE, "height": 17},
                "encoding": {"y": y, "x": _amount("waiting", titles["waiting"])},
            },
            {
                "mark": {"type": "line", "color": VERMILION, "point": {"color": VERMILION, "size": 45}},
                "encoding": {
                    "y": y,
                    "x": {
                        "field": "share",
                        "type": "quantitative",
                        "scale": {"domain": [0, 1]},
                        "axis": {"title": titles["share"], "format": "~%", "orient": "top", "grid": False},
                    },
                },
            },
        ],
        "resolve": {"scale": {"x": "independent"}},
    }


def ageing(lines: Sequence[AgeLine], bands: Sequence[str], titles: Mapping[str, str]) -> Spec:
    """What waits on each owner, parted by how long; ``bands`` from the youngest."""
    rows = [
        {"owner": x.owner, "band": x.band, "waiting": x.waiting, "place": bands.index(x.band)} for x in lines
    ]
    shades = (SKY, BLUE, ORANGE, VERMILION)
    return {
        "data": values(rows),
        "width": 560,
        "height": {"step": 30},
        "mark": {"type": "bar", "height": 20},
        "encoding": {
            "y": {"field": "owner", "type": "nominal", "sort": "-x", "axis": {"title": None, "ticks": False}},
            "x": _amount("waiting", titles["waiting"]),
            "color": {
                "field": "band",
                "type": "nominal",
                "sort": list(bands),
                "scale": {"domain": list(bands), "range": list(shades[: len(bands)])},
                "legend": {"title": titles["band"], "orient": "bottom"},
            },
            "order": {"field": "place"},
        },
    }


def coming_and_going(history: Sequence[HistoryLine], titles: Mapping[str, str]) -> Spec:
    """Above, what waits after each run; below, what came and what was closed that day."""
    rows = [
        {"day": line.run_date, "what": titles[what], "items": sign * count, "waiting": line.waiting}
        for line in history
        for what, sign, count in (("came", 1, line.came), ("closed", -1, line.closed))
    ]
    dates = [line.run_date for line in history]
    day = {"field": "day", "type": "temporal", "scale": UTC, "axis": days(dates)}
    width = max(2, min(40, round(0.7 * WIDTH / span(dates))))
    return {
        "data": values(rows),
        "vconcat": [
            {
                "width": WIDTH,
                "height": 150,
                "mark": {
                    "type": "line",
                    "color": BLUE,
                    "strokeWidth": 2.5,
                    "point": {"color": BLUE, "size": 30},
                },
                "encoding": {"x": day, "y": _amount("waiting", titles["waiting"])},
            },
            {
                "width": WIDTH,
                "height": 110,
                "mark": {"type": "bar", "width": width},
                "encoding": {
                    "x": day,
                    "y": _amount("items", titles["items"]),
                    "color": {
                        "field": "what",
                        "type": "nominal",
                        "scale": {"domain": [titles["came"], titles["closed"]], "range": [ORANGE, BLUE]},
                        "legend": {"title": None, "orient": "bottom"},
                    },
                },
            },
        ],
    }


def span(dates: Sequence[str]) -> int:
    """The days from the first to the last, both counted."""
    ends = [date.fromisoformat(text) for text in (min(dates), max(dates))]
    return (ends[1] - ends[0]).days + 1


def tiles(districts: Sequence[DistrictLine], titles: Mapping[str, str]) -> Spec:
    """Every kecamatan where the registry's people live as a tile, darker where more waits for each thousand of them."""
    known = [line for line in districts if line.people]
    across = max(1, min(TILES, ceil(sqrt(len(known) * 1.6))))
    rows = [
        {
            "x": index % across,
            "y": index // across,
            "name": line.name or line.district,
            "count": line.waiting,
            "rate": 1000 * line.waiting / line.people,
        }
        for index, line in enumerate(known)
    ]
    top = max((1000 * line.waiting / line.people for line in known), default=1.0) or 1.0
    place: Mapping[str, Any] = {
        "x": {"field": "x", "type": "ordinal", "axis": None},
        "y": {"field": "y", "type": "ordinal", "axis": None},
    }
    dark = {"test": f"datum.rate >= {0.6 * top:.6g}", "value": "white"}
    return {
        "data": values(rows),
        "width": {"step": 128},
        "height": {"step": 62},
        "encoding": place,
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "white", "strokeWidth": 3, "cornerRadius": 4},
                "encoding": {
                    "color": {
                        "field": "rate",
                        "type": "quantitative",
                        "scale": {"type": "quantize", "domain": [0, top], "range": list(SHADES)},
                        "legend": {"title": titles["rate"], "orient": "bottom", "format": ",.0f"},
                    }
                },
            },
            {
                "mark": {"type": "text", "dy": -9, "fontSize": 12, "limit": 118},
                "encoding": {"text": {"field": "name"}, "color": {"condition": dark, "value": INK}},
            },
            {
                "mark": {"type": "text", "dy": 10, "fontSize": 15, "fontWeight": "bold"},
                "encoding": {
                    "text": {"field": "count", "format": ",d"},
                    "color": {"condition": dark, "value": SOFT},
                },
            },
        ],
    }


def _amount(field: str, title: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "axis": {"title": title, "format": ",~f", "tickCount": 5, "tickMinStep": 1},
    }
