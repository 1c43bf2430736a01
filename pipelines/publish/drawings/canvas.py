"""From a Vega-Lite description to a picture in a page, in one style."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from markupsafe import Markup

from pipelines.publish.words import Words

Spec = dict[str, Any]

VERSION: Final = "6.4"
"""Of Vega-Lite, so that a newer library draws the same."""

INK, SOFT, LINE = "#1b2733", "#4d5b68", "#d8dfe5"
BLUE, VERMILION, ORANGE, GREEN, GREY, SKY, PURPLE = (
    "#0072b2",
    "#d55e00",
    "#e69f00",
    "#009e73",
    "#8a949d",
    "#56b4e9",
    "#cc79a7",
)
PALETTE: Final = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY)

_FONT: Final = "Liberation Sans, Arial, sans-serif"

_CONFIG: Final[Mapping[str, Any]] = {
    "aria": False,  # the page says in words what is drawn
    "background": None,
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": SOFT,
        "gridColor": LINE,
        "domainColor": GREY,
        "tickColor": GREY,
        "labelLimit": 330,
    },
    "legend": {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "labelColor": INK,
        "symbolType": "square",
        "labelLimit": 300,
    },
    "header": {"labelFontSize": 14, "labelColor": INK, "labelFontWeight": "bold", "title": None},
    "range": {"category": list(PALETTE)},
    "text": {"fontSize": 13, "color": INK},
}

_TAG: Final = re.compile(r"<[^>]+>")

_DECIMALS: Final = re.compile(r"(\d\.\d\d)\d+")
"""A hundredth of a point is more than anybody sees."""

_ROLES: Final = re.compile(r' (?:role|aria-[a-z]+|pointer-events)="[^"]*"')
"""What the library says of a picture's parts to readers by ear: the whole says it better."""

_HEAD: Final = re.compile(r"<svg .*?(viewBox=\"[^\"]*\")[^>]*>")


def drawn(spec: Spec, description: str, words: Words) -> Markup:
    """The picture of ``spec``; ``description`` is what a reader by ear hears of it. Nothing is loaded from anywhere."""
    whole = {**spec, "config": {**_CONFIG, **spec.get("config", {})}}
    svg = _svg(json.dumps(whole), words("locale_decimal"), words("locale_thousands"))
    head = _HEAD.match(svg)
    if head is None:
        raise ValueError("the drawing does not begin as an SVG")
    width = head[1].split()[2]
    label = Markup('<svg class="chart" {} style="max-width:{}px" role="img" aria-label="{}">').format(
        Markup(head[1]),  # noqa: S704
        width,
        description,
    )
    return label + Markup(svg[head.end() :])  # noqa: S704 - drawn here; texts in it are escaped by the library


@lru_cache(maxsize=32)
def _svg(spec: str, decimal: str, thousands: str) -> str:
    """The library's drawing; a picture that was drawn just now, as a rerun's are, is not drawn again."""
    import vl_convert

    habits = {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""]}
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VERSION, format_locale=habits, allowed_base_urls=[])
    return _TAG.sub(lambda tag: _ROLES.sub("", _DECIMALS.sub(r"\1", tag[0])), svg)


def days(dates: Sequence[str], most: int = 8) -> dict[str, Any]:
    """The axis of days: at most so many of ``dates`` are written, evenly spread, the last among them."""
    step = max(1, -(-len(dates) // most))
    chosen = [date.fromisoformat(text) for text in sorted(dates, reverse=True)[::step]]
    return {
        "title": None,
        "format": "%d-%m-%y",
        "values": [{"year": d.year, "month": d.month, "date": d.day, "utc": True} for d in chosen],
    }


UTC: Final = {"type": "utc", "padding": 22}
"""The scale of days: whose day it is must not depend on where the machine stands."""


def values(rows: Sequence[Mapping[str, Any]]) -> Spec:
    """Rows as Vega-Lite's inline data."""
    return {"values": [dict(row) for row in rows]}
