"""Drawings for the report as inline SVG: no library, no script, no address, legible in print.

Bars stand inside a table's row, beside the figures that they show, so the table is their text for readers by
ear. Colours are Okabe and Ito's, told apart by the colour-blind; parts also differ in lightness.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

WIDTH, HEIGHT = 720, 220
"""Of the line chart, in its own units."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 12, 84, 16, 30

STEPS: Final = (1, 2, 5, 10)
"""A scale ends at one of these times a power of ten."""


def bar(parts: Sequence[tuple[str, float]], of: float) -> Markup:
    """A stacked bar, as wide as its cell when the parts sum up to ``of``. A part is its CSS class and size.

    >>> bar([("clean", 3), ("wrong", 1)], 4)  # doctest: +ELLIPSIS
    Markup('<svg class="bar" ...><rect class="clean" x="0" width="75" .../><rect class="wrong" x="75" ...')
    """
    start, rects = 0.0, []
    for name, size in parts:
        width = 100 * size / of if of else 0.0
        if width:
            # A part that is there must be seen, however small it is.
            rects.append(
                Markup('<rect class="{}" x="{:.4g}" width="{:.4g}" height="10"/>').format(
                    name, start, max(width, 0.4)
                )
            )
        start += width
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        "{}</svg>"
    ).format(Markup("").join(rects))


def line(points: Sequence[tuple[str, int]], labels: tuple[str, str], description: str) -> Markup:
    """A line over the runs: ``points`` are a day's text and a figure, ``labels`` the first and last figure.

    ``description`` is what a reader by ear hears. The scale begins at nothing, so that heights compare.
    """
    top = _nice(max(value for _, value in points))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(points) - 1, 1)
    floor = HEIGHT - _BOTTOM
    places = [
        (_LEFT + index * step, floor - value / top * (floor - _TOP))
        for index, (_, value) in enumerate(points)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    (first_x, first_y), (last_x, last_y) = places[0], places[-1]
    return Markup(
        '<svg class="line" viewBox="0 0 {width} {height}" role="img" aria-label="{description}">'
        '<line class="axis" x1="{left}" y1="{floor}" x2="{right}" y2="{floor}"/>'
        '<polygon class="under" points="{left},{floor} {path} {last_x},{floor}"/>'
        '<polyline class="stroke" points="{path}"/>'
        '<circle cx="{first_x}" cy="{first_y}" r="4"/><circle cx="{last_x}" cy="{last_y}" r="4"/>'
        '<text x="{first_x}" y="{first_label}">{first}</text><text x="{last_label}" y="{last_y}">{last}</text>'
        '<text class="day" x="{left}" y="{foot}">{from_day}</text>'
        '<text class="day" x="{last_x}" y="{foot}" text-anchor="end">{to_day}</text></svg>'
    ).format(
        width=WIDTH,
        height=HEIGHT,
        description=description,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        floor=floor,
        path=path,
        first_x=f"{first_x:.1f}",
        first_y=f"{first_y:.1f}",
        first_label=f"{max(first_y - 10, 14):.1f}",
        last_x=f"{last_x:.1f}",
        last_y=f"{last_y:.1f}",
        last_label=f"{last_x + 10:.1f}",
        first=labels[0],
        last=labels[1],
        foot=HEIGHT - 8,
        from_day=points[0][0],
        to_day=points[-1][0],
    )


def _nice(largest: int) -> int:
    """The end of a scale that holds ``largest``: 1, 2 or 5 times a power of ten."""
    power = int("1" + "0" * (len(str(max(largest, 1))) - 1))
    return next(step * power for step in STEPS if step * power >= largest)
