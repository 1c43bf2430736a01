"""Names as they are compared: upper case, no titles, no punctuation, one space between words.

What varies innocently beyond that (``Muh.`` for Muhammad, ``Yoh…`` for ``Joh…``) is for the comparison to
weigh, not for this room to take away: initials keep their letter, digits typed for letters stay.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.standardise import placeholders
from pipelines.standardise.steps import Concept
from pipelines.standardise.text import is_ascii, words
from pipelines.standardise.titles import (
    LATE,
    after_pattern,
    bare_pattern,
    before_pattern,
    connector_pattern,
)


def without_accents(x: str) -> str:
    """``JOSÉ`` as ``JOSE``; ``x`` as ``text.plain`` made it."""
    return f"case when {is_ascii(x)} then {x} else upper(strip_accents({x})) end"


def name(x: str) -> str:
    """The name without titles, connectors and punctuation; ``x`` a column that ``without_accents`` made.

    Empty text where nothing remains.
    """
    bare, connector = bare_pattern(), connector_pattern()
    irregular = f"[^A-Z0-9 ]|  |(?:^| )(?:{bare}|{connector})(?: |$)"
    whole = f"regexp_replace({x}, '''+', '', 'g')"  # within a clan's name: MA'U is MAU
    whole = f"regexp_replace({whole}, '{LATE}', ' ', 'g')"
    whole = f"regexp_replace({whole}, '{before_pattern()}', '')"
    whole = f"regexp_replace({whole}, '{after_pattern()}', '')"
    whole = words(whole)
    whole = f"regexp_replace({whole}, '(?: {connector})+ ', ' ', 'g')"
    whole = f"regexp_replace({whole}, '^(?:{bare}(?: |$))+', '')"
    whole = f"regexp_replace({whole}, '(?:(?:^| ){bare})+$', '')"
    return f"case when regexp_matches({x}, '{irregular}') then {whole} else {x} end"


def regular(x: str, layout: Iterable[str] = ()) -> str:
    """What ``concept`` makes of a raw text of which it makes nothing but upper case; null for any other text.

    So is a name of ASCII letters with one space between words, none of them a title or connector.
    """
    taken_off = f"(?:^| )(?:{bare_pattern()}|{connector_pattern()})(?: |$)"
    odd = f"[^A-Za-z ]|^ |  | $|(?i:{taken_off}|{placeholders.name_pattern(layout)})"
    return f"case when not regexp_matches({x}, '{odd}') then upper({x}) end"


def concept(field: str, layout: Iterable[str] = ()) -> Concept:
    """From ``plain_<field>`` to ``<field>``: a person's name, null where nothing or a placeholder is left."""
    ascii_, written = f"{field}_ascii", f"{field}_written"
    return [
        {ascii_: without_accents(f"plain_{field}")},
        {written: name(ascii_)},
        {field: placeholders.without(written, layout)},
    ]
