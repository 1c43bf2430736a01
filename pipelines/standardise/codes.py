"""Fields of a few words (sex, status, a verdict's result): one way to read them all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TypeVar

from pipelines.engine import sql_text
from pipelines.standardise import placeholders
from pipelines.standardise.steps import Concept
from pipelines.standardise.text import alike, one_of, words

Key = TypeVar("Key", bound=str)


def regular(x: str, general: Mapping[str, Iterable[str]], own: Mapping[Key, Iterable[str]]) -> str:
    """What ``concept`` makes of a raw text that is one of the words as listed, in upper case; else null."""
    meaning: dict[str, str] = {}
    for key, synonyms in chain(own.items(), general.items()):
        meaning = dict.fromkeys(alike(synonyms, ""), str(key)) | meaning
    forms = dict(meaning)
    for synonym in chain(*own.values(), *general.values()):
        if re.fullmatch("[A-Z]+(?:[ -][A-Z]+)*", synonym.upper()):
            forms[synonym.upper()] = meaning[re.sub("[ -]", "", synonym.upper())]
    branches = [
        f"when {one_of(x, frozenset(form for form in forms if forms[form] == key))} then {sql_text(key)}"
        for key in dict.fromkeys(forms.values())
    ]
    return f"case {' '.join(branches)} end"


def concept(
    field: str,
    general: Mapping[str, Iterable[str]],
    own: Mapping[Key, Iterable[str]],
    layout: Iterable[str] = (),
    otherwise: str | None = None,
) -> Concept:
    """From ``plain_<field>`` to ``<field>`` (a key of ``general``, else ``otherwise``) and ``<field>_fault``.

    ``own`` maps the same keys to the source's words and is asked first; case, spaces and punctuation do
    not count (``Laki-laki``, ``LAKI LAKI``), nor does a spreadsheet's ``.0``. The fault is
    ``<field>_unknown``: a word that nobody knows and that is no placeholder (``layout``: the source's own).
    """
    word, known = f"{field}_word", f"{field}_known"
    branches = [
        f"when {one_of(word, alike(synonyms, ''))} then {sql_text(key)}"
        for table in (own, general)
        for key, synonyms in table.items()
    ]
    unknown = f"{known} is null and not {placeholders.no_number(word, layout)}"
    default = "null" if otherwise is None else sql_text(otherwise)
    return [
        {word: words(rf"regexp_replace(plain_{field}, '^([0-9]+)[.,]0$', '\1')", glue="")},
        {known: f"case {' '.join(branches)} end"},
        {
            field: f"coalesce({known}, {default})",
            f"{field}_fault": f"case when {unknown} then '{field}_unknown' end",
        },
    ]
