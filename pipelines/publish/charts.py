"""The little bars inside a table's row, beside the figures that they show: the table is their text."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup


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
