"""Numbers that only have to be sixteen digits: family card, mother's and father's NIK."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipelines.standardise import nik, placeholders
from pipelines.standardise.steps import Concept
from pipelines.standardise.text import one_of


def regular(x: str, layout: Iterable[str] = ()) -> str:
    """A raw text of sixteen digits that stand for nothing else, as it is; null for any other text."""
    listed = {"0" * 16, *(n for n in placeholders.numbers(layout) if re.fullmatch("[0-9]{16}", n))}
    return f"case when {nik.sixteen(x)} is not null and not {one_of(x, frozenset(listed))} then {x} end"


def concept(field: str, layout: Iterable[str] = ()) -> Concept:
    """From ``plain_<field>`` to ``<field>`` (sixteen digits or null) and ``<field>_fault``.

    The fault is ``number_malformed`` where something stands there that is neither sixteen digits nor a
    placeholder (``layout``: the source's own).
    """
    bare = f"{field}_bare"
    nothing = placeholders.no_number(bare, nik.without_label(layout))
    unreadable = f"{field} is null and not {nothing}"
    return [
        {bare: nik.bare(f"plain_{field}")},
        {field: f"case when not {nothing} then {nik.sixteen(bare)} end"},
        {f"{field}_fault": f"case when {unreadable} then 'number_malformed' end"},
    ]
