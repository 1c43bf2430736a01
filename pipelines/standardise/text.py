"""What every field goes through first: strange spaces and letters made plain, ends trimmed, upper case.

Each function takes the SQL of a text column and returns SQL text. A fast way for plain ASCII comes first
where it pays: nine cells in ten are that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

from pipelines.engine import sql_text

INVISIBLE: Final = "".join(
    map(
        chr,
        (
            *(c for c in range(0x20) if not chr(c).isspace()),  # control characters, NUL among them
            *(c for c in range(0x7F, 0xA0) if not chr(c).isspace()),
            *(0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF),  # soft hyphen, joiners, byte order mark
            *range(0x200B, 0x2010),  # zero-width space and joiners, direction marks
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2070),
        ),
    )
)
"""Control, zero-width and direction marks: pasted from web pages, phones and terminals, never meant."""

LIKENESSES: Final = {
    " ": "".join(chr(c) for c in range(1, 0x3001) if chr(c).isspace() and c != 0x20),
    "'": "`´‘’‛ʻʼʽˈ′",
    '"': "“”„‟″«»",
    "-": "‐‑‒–—―−",
}
"""Signs that people and word processors use for one another."""

OF_OTHER_SCRIPTS: Final = dict(
    zip("АВЕЅІЈКМНОРСТХУҺԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESIJKMHOPCTXYHQWABEZHIKMNOPTYX", strict=True)
)
"""Cyrillic and Greek letters that nobody can tell from the Latin ones: in a name here they are a mistake or a trick,
and a person must not become somebody else to the machine who is the same to every reader."""

LIGATURES: Final = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
"""Letters printed as one sign: text copied out of a PDF."""

CLEAN: Final = r"[\x21-\x5f\x61-\x7e](?:[\x20-\x5f\x61-\x7e]*[\x21-\x5f\x61-\x7e])?"
"""Printable ASCII without a backtick and without a space at its ends: nothing to fold, nothing to trim."""

UNFOLDED: Final = r"\x20-\x5f\x61-\x7e\x{c0}-\x{17e}"
"""Printable ASCII without a backtick, and Latin letters with accents: what ``folding`` leaves as it is."""


@cache
def folding() -> tuple[str, str]:
    """Two texts for SQL's ``translate``: each letter of the first becomes the one at its place in the second.

    Holds ``LIKENESSES``, what looks like ``OF_OTHER_SCRIPTS``, and every letter whose compatibility form (Unicode
    NFKC) is one ASCII letter, the full-width digits among them. What stands past the end of the second (``INVISIBLE``)
    is dropped.
    """
    table = {like: sign for sign, likes in LIKENESSES.items() for like in likes}
    for point in range(0x80, 0x20000):
        sign = unicodedata.normalize("NFKC", chr(point))
        if len(sign) == 1 and sign.isascii():
            table.setdefault(chr(point), table.get(sign, sign))
        elif latin := _likeness(chr(point)):
            table.setdefault(chr(point), latin)
    return "".join(table) + INVISIBLE, "".join(table.values())


def _likeness(sign: str) -> str | None:
    """The Latin letter that a letter of another script looks like as a capital, whatever accent it has."""
    decomposed = unicodedata.normalize("NFKD", sign)
    base, marks = decomposed[0], decomposed[1:]
    alone = all(unicodedata.combining(mark) for mark in marks)
    latin = OF_OTHER_SCRIPTS.get(base.upper()) if alone else None
    return latin.lower() if latin and sign != sign.upper() else latin


def is_ascii(x: str) -> str:
    """True when the text has only ASCII letters: as many bytes as letters."""
    return f"strlen({x}) = length({x})"


def folded(x: str) -> str:
    """Spaces, quotes, dashes and letters of other widths made plain ASCII; invisible marks dropped."""
    source, target = folding()
    text = x
    for ligature, letters in LIGATURES.items():
        text = f"replace({text}, '{ligature}', '{letters}')"
    return f"translate({text}, {sql_text(source)}, {sql_text(target)})"


def plain(x: str) -> str:
    """``folded``, ends trimmed, upper case; null when nothing is left.

    The form that every other expression of this room starts from. Only text with strange letters is folded:
    DuckDB reads the lists of ``translate`` anew for each text, which takes a thousand times as long as a look.
    """
    upper = f"when regexp_full_match({x}, '{CLEAN}') then upper({x})"
    spaced = f"when regexp_full_match({x}, '[{UNFOLDED}]*') then nullif(trim(upper({x})), '')"
    return f"case {upper} {spaced} else nullif(trim(upper({folded(x)})), '') end"


def trimmed(x: str) -> str:
    """Ends trimmed of every kind of space and mark, letters as they are; null when nothing is left."""
    marks = sql_text(" " + LIKENESSES[" "] + INVISIBLE)
    return f"case when regexp_full_match({x}, '{CLEAN}') then {x} else nullif(trim({x}, {marks}), '') end"


def words(x: str, glue: str = " ") -> str:
    """Runs of anything that is no letter or digit (of any script) become ``glue``; none at the ends."""
    joined = rf"regexp_replace({x}, '[^\pL\pN]+', {sql_text(glue)}, 'g')"
    return f"trim({joined}, {sql_text(glue)})" if glue else joined


def alike(listed: Iterable[str], glue: str = " ") -> frozenset[str]:
    """Python's side of ``plain`` and ``words``: each entry as those would write it; empty ones left out."""
    written = (re.sub(r"[\W_]+", glue, entry.upper()).strip(glue or None) for entry in listed)
    return frozenset(entry for entry in written if entry)


def one_of(x: str, listed: frozenset[str]) -> str:
    """True when the text is one of ``listed``; false, never null, when it is not or is null."""
    if not listed:
        return "false"
    return f"coalesce({x} in ({', '.join(map(sql_text, sorted(listed)))}), false)"


def fills_width(x: str, width: int | None) -> str:
    """True when the raw text is as long as its field (``width`` letters), so that it may have been cut."""
    if width is None:
        return "false"
    return f"case when length({x}) >= {width} then coalesce(length({trimmed(x)}) >= {width}, false) else false end"
