"""``records.mask_nik`` and ``records.mask_text`` as SQL, so that no value leaves the database whole.

A test holds both to the Python functions, letter for letter, for any text.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby

from pipelines.engine import sql_text


def mask_nik(x: str) -> str:
    """A number as logs and reports may show it: ``5301********0001``; short text becomes stars."""
    n = f"length(coalesce({x}, ''))"
    long = f"substr({x}, 1, 4) || repeat('*', {n} - 8) || right({x}, 4)"
    return f"case when {n} > 8 then {long} else repeat('*', {n}) end"


def mask_text(x: str) -> str:
    """The first letter, then its length in stars, 12 at most; like a number where it has 9 digits or more."""
    text = f"trim(coalesce({x}, ''), {sql_text(_spaces())})"
    digits = f"length(regexp_replace({text}, '[^{_digits()}]', '', 'g'))"
    short = f"substr({text}, 1, 1) || repeat('*', greatest(least(length({text}) - 1, 12), 0))"
    return f"case when {digits} > 8 then {mask_nik(text)} else {short} end"


@cache
def _spaces() -> str:
    """What Python's ``strip`` takes off."""
    return "".join(c for c in map(chr, range(0x3001)) if c.isspace())


@cache
def _digits() -> str:
    """What Python's ``isdigit`` counts, as ranges of a character class."""
    points = [point for point in range(0x20000) if chr(point).isdigit()]
    runs = groupby(enumerate(points), key=lambda at: at[1] - at[0])
    ranges = ([point for _, point in run] for _, run in runs)
    return "".join(rf"\x{{{run[0]:x}}}-\x{{{run[-1]:x}}}" for run in ranges)
