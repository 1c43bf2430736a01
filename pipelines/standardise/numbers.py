"""Numbers that only have to be sixteen digits: family card, mother's and father's NIK."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.standardise import nik, placeholders
from pipelines.standardise.steps import Concept


def concept(field: str, layout: Iterable[str] = ()) -> Concept:
    """From ``plain_<field>`` to ``<field>`` (sixteen digits or null) and ``<field>_fault``.

    The fault is ``number_malformed`` where something stands there that is neither sixteen digits nor a
    placeholder (``layout``: the source's own).
    """
    bare = f"{field}_bare"
    unreadable = f"{field} is null and not {placeholders.no_number(bare, layout)}"
    return [
        {bare: nik.bare(f"plain_{field}")},
        {field: f"case when not {placeholders.no_number(bare, layout)} then {nik.sixteen(bare)} end"},
        {f"{field}_fault": f"case when {unreadable} then 'number_malformed' end"},
    ]
