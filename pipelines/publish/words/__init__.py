"""What officers and auditors read, in Indonesian or English: a TOML file a language, with the same keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from pipelines.vocabulary import DECISION_HEADINGS, DECISION_WORDS, DecisionKind, Language


class Words:
    """The words and the number habits of one language.

    A word is named by its path in the file, e.g. ``words("sheet.closed")``; unknown raises ``KeyError``.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        text = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
        self._tree: dict[str, Any] = tomllib.loads(text)

    def __call__(self, path: str, **values: object) -> str:
        """The text at ``path``, with ``{name}`` replaced by ``values``."""
        text = self._at(path)
        if not isinstance(text, str):
            raise KeyError(path)
        return text.format(**values) if values else text

    def table(self, path: str) -> Mapping[str, str]:
        """Every text directly under ``path``, in the file's order."""
        return {key: text for key, text in self._at(path).items() if isinstance(text, str)}

    def lines(self, path: str) -> list[str]:
        """The list of texts at ``path``."""
        return list(self._at(path))

    def either(self, path: str, key: str) -> str:
        """The text for ``key`` under ``path``, or the key itself where no word is known for it."""
        return self.table(path).get(key, key)

    def heading(self, column: str) -> str:
        """A column's heading; those that are read back come from the shared vocabulary."""
        shared = DECISION_HEADINGS.get(column)
        return shared[self.language] if shared else self(f"column.{column}")

    def decisions(self) -> dict[DecisionKind, str]:
        """The words of the drop-down, in its order."""
        return {kind: words[self.language] for kind, words in DECISION_WORDS.items()}

    def number(self, value: float, decimals: int = 0) -> str:
        """A number as people of this language write it.

        >>> Words("id").number(12345.678, 1)
        '12.345,7'
        """
        plain = f"{value:,.{decimals}f}"
        return plain.translate({ord(","): self("locale_thousands"), ord("."): self("locale_decimal")})

    def share(self, value: float | None, decimals: int = 1) -> str:
        """A share (0 to 1) as a percentage, or a dash where there is none.

        >>> Words("id").share(0.9876)
        '98,8%'
        """
        return "–" if value is None else f"{self.number(value * 100, decimals)}%"

    def day(self, value: date) -> str:
        """A date with the month in words.

        >>> Words("id").day(date(2026, 11, 24))
        '24 November 2026'
        """
        return f"{value.day} {self.lines('months')[value.month - 1]} {value.year}"

    def _at(self, path: str) -> Any:
        node: Any = self._tree
        for key in path.split("."):
            node = node[key]
        return node


@cache
def load_words(language: Language) -> Words:
    """The words of a language, read once."""
    return Words(language)
