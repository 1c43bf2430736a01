"""The one sentence that says why, in the office's language, composed in SQL from ``texts.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from pipelines.engine import sql_text

_PLACE = re.compile(r"\{(\w+)\}")


@cache
def texts(language: str) -> dict[str, Any]:
    """The templates of one language, with its ``words`` and ``slips``."""
    data: dict[str, Any] = tomllib.loads(
        files(__package__).joinpath("texts.toml").read_text(encoding="utf-8")
    )
    return dict(data[language])


def sentence(template: str, language: str, **values: str) -> str:
    """SQL text for a template with each ``{placeholder}`` replaced by the SQL given for it.

    >>> sentence("NIK_INACTIVE", "en")
    "concat('Number and person agree, but the registry has the number as inactive.')"
    """
    parts = _PLACE.split(texts(language)[template])
    sql = [sql_text(part) if i % 2 == 0 else values[part] for i, part in enumerate(parts) if part]
    return f"concat({', '.join(sql)})"


def word(key: str, language: str) -> str:
    """One word of a language, as a SQL literal."""
    return sql_text(texts(language)["words"][key])


def agreement(alias: str, language: str) -> str:
    """SQL text: how name, birth date, mother and family card of the pair ``alias`` (levels of ``matches``) agree.

    What is missing on a side is not mentioned.
    """
    words = texts(language)["words"]

    def said(element: str, same: str, alike: str) -> str:
        level = f"{alias}.level_{element}"
        how = [sql_text(f"{words[element]} {words[key]}") for key in ("same", "alike", "differs")]
        return (
            f"case when {level} is null or {level} = 0 then null when {level} in ({same}) then {how[0]} "
            f"when {level} in ({alike}) then {how[1]} else {how[2]} end"
        )

    return (
        f"concat_ws(', ', {said('name', '1, 2', '3, 4, 5, 6, 7, 8')}, {said('birth_date', '1', '2, 3, 4')}, "
        f"{said('mother_name', '1, 2', '3, 4, 5, 6, 7, 8')}, {said('kk', '1', '2')})"
    )


def slip(alias: str, language: str) -> str:
    """SQL text: what the recorded number is to the proposed one, in words."""
    names = texts(language)["slips"]["names"]
    cases = " ".join(f"when {i} then {sql_text(text)}" for i, text in enumerate(names))
    return f"case {alias}.level_number {cases} end"
