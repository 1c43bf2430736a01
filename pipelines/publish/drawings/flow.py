"""The account as a flow: bands as thick as the rows in them, from the sources to the worklist.

The places are worked out here, the drawing is Vega-Lite's. Columns follow the way of a record; in each a node
is as high as its rows, never less than can be seen, with room for its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipelines.publish.drawings.canvas import BLUE, GREEN, GREY, INK, ORANGE, VERMILION, Spec, values
from pipelines.publish.figures import FlowLine

WIDTH, HEIGHT = 900, 460
NODE: Final = 14
"""Width of a node."""

LEAST: Final = 1.5
"""Height of the thinnest band that is there."""

ROOM: Final = 19
"""Between the middles of two names."""

HALO: Final = {"color": "white", "stroke": "white", "strokeWidth": 4, "strokeJoin": "round", "opacity": 0.8}
"""Behind a name, so that it can be read across a band."""

STEPS: Final = 16
"""Points along a band."""

COLUMN: Final = {"records": 1, "answers": 1, "quarantined_extract": 1, "quarantined_standardise": 1}
_LAST: Final = ("on_worklist", "rejected_before")


def column(node: str) -> int:
    """How far along the way a node stands: sources, what became of the rows, what is wrong, what is done."""
    if node.startswith("source:"):
        return 0
    return COLUMN.get(node, 3 if node in _LAST else 2)


def colour(node: str) -> str:
    """By what a node says of the rows: sound, set aside, wrong, to be acted on."""
    if node.startswith("quarantined"):
        return ORANGE
    if node.startswith("cause:"):
        return VERMILION
    return {"records_without_number_finding": GREEN, "on_worklist": BLUE}.get(node, GREY)


@dataclass
class Node:
    """A place in the drawing: its rows, where it begins and how high it is; ``out`` and ``into`` grow with bands."""

    name: str
    rows: int
    top: float = 0.0
    height: float = 0.0
    out: float = 0.0
    into: float = 0.0


def nodes(flow: Sequence[FlowLine]) -> dict[str, Node]:
    """Every node with rows: as many as leave it, or, at the end, as come into it."""
    out, into = defaultdict[str, int](int), defaultdict[str, int](int)
    for line in flow:
        out[line.origin] += line.rows
        into[line.goal] += line.rows
    names = dict.fromkeys(name for line in flow for name in (line.origin, line.goal))
    return {name: Node(name, max(out[name], into[name])) for name in names if max(out[name], into[name])}


def placed(flow: Sequence[FlowLine]) -> dict[str, Node]:
    """The nodes with their places: each column from the top, on one scale for all."""
    every = nodes(flow)
    columns = [[node for node in every.values() if column(node.name) == c] for c in range(4)]
    scale = min(
        (
            (HEIGHT - ROOM * len(members)) / total
            for members in columns
            if (total := sum(n.rows for n in members))
        ),
        default=1.0,
    )
    for members in columns:
        top = 0.0
        for node in members:
            node.top, node.height = top, max(node.rows * scale, LEAST)
            top += max(node.height + ROOM * 0.6, ROOM)
    _moved_down(columns[3], [node for node in columns[2] if node.name.startswith("cause:")])
    return every


def _moved_down(members: Sequence[Node], beside: Sequence[Node]) -> None:
    """Put a column's nodes about the middle of those that flow into them."""
    if members and beside:
        middle = (beside[0].top + beside[-1].top + beside[-1].height) / 2
        height = members[-1].top + members[-1].height
        for node in members:
            node.top += max(0.0, middle - height / 2)


def sankey(flow: Sequence[FlowLine], named: Callable[[str], str], number: Callable[[float], str]) -> Spec:
    """The drawing; ``named`` is what a node is called, ``number`` how a count is written."""
    every = placed(flow)
    bands = list(_bands([line for line in flow if line.rows], every))
    lowest = max((node.top + node.height for node in every.values()), default=HEIGHT)
    boxes = [
        {
            "x": _x(node.name),
            "x2": _x(node.name) + NODE,
            "y": node.top,
            "y2": node.top + node.height,
            "colour": colour(node.name),
            "text": f"{named(node.name)}  {number(node.rows)}",
            "middle": node.top + node.height / 2,
            "at": _x(node.name) + (NODE + 6),
        }
        for node in every.values()
    ]
    scale = {"x": {"domain": [0, WIDTH], "nice": False}, "y": {"domain": [lowest, -8], "nice": False}}

    def field(name: str, axis: str) -> dict[str, Any]:
        return {"field": name, "type": "quantitative", "scale": scale[axis], "axis": None}

    tint: Mapping[str, Any] = {"field": "colour", "type": "nominal", "scale": None}
    return {
        "width": WIDTH,
        "height": lowest + 8,
        "layer": [
            {
                "data": values(bands),
                "mark": {"type": "area", "opacity": 0.38, "interpolate": "linear"},
                "encoding": {
                    "x": field("x", "x"),
                    "y": field("y", "y"),
                    "y2": {"field": "y2"},
                    "color": tint,
                    "detail": {"field": "band"},
                },
            },
            {
                "data": values(boxes),
                "mark": {"type": "rect"},
                "encoding": {
                    "x": field("x", "x"),
                    "x2": {"field": "x2"},
                    "y": field("y", "y"),
                    "y2": {"field": "y2"},
                    "color": tint,
                },
            },
            *(
                {
                    "data": values(boxes),
                    "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": 13, **look},
                    "encoding": {"x": field("at", "x"), "y": field("middle", "y"), "text": {"field": "text"}},
                }
                for look in (HALO, {"color": INK})
            ),
        ],
    }


def _x(node: str) -> float:
    return (0.0, 0.26, 0.52, 0.8)[column(node)] * WIDTH


def _bands(flow: Iterable[FlowLine], every: Mapping[str, Node]) -> Iterable[dict[str, Any]]:
    """The points of every band, in the order in which they leave and reach their nodes."""
    for number, line in enumerate(flow):
        origin, goal = every[line.origin], every[line.goal]
        leaving = origin.height * line.rows / origin.rows
        coming = goal.height * line.rows / goal.rows
        start, end = origin.top + origin.out, goal.top + goal.into
        origin.out += leaving
        goal.into += coming
        left, right = _x(line.origin) + NODE, _x(line.goal)
        for step in range(STEPS + 1):
            share = step / STEPS
            bend = share * share * (3 - 2 * share)
            top = start + (end - start) * bend
            thick = max(leaving + (coming - leaving) * bend, LEAST)
            yield {
                "band": number,
                "x": round(left + (right - left) * share, 1),
                "y": round(top, 2),
                "y2": round(top + thick, 2),
                "colour": colour(line.goal),
            }
