"""Tables that read well in a terminal and on a page alike, and the page that keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.measure import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
"""Where results are kept: each in its section between two marks, all else on the page is left as it is."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with its columns aligned: the first to the left, the others to the right.

    Raises ``ValueError`` for a row of another length than the header's.
    """
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(map(line, (header, rule, *rows)))


def keep(section: str, text: str, page: Path = PAGE) -> None:
    """Put ``text`` between the marks of ``section`` on ``page``. Raises ``ValueError`` if it has no such marks."""
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    before, opened, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"{page.name} has no section {section}")
    page.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")
