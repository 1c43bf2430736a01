"""Which table of a database holds the people, where nobody says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import SourceUnreadable
from pipelines.extract.columns import found
from pipelines.extract.table import Unreadable
from pipelines.settings import Source
from pipelines.suggest.hints import hint
from pipelines.suggest.sample import scout

TELLING = ("nik", "name", "birth_date", "sex", "mother_name", "birth_place")
"""Fields whose columns make a table one of people."""


@dataclass(frozen=True)
class People:
    """A table that looks like people, and how its server quotes names."""

    table: str
    columns: tuple[str, ...]
    quote: Callable[[str], str]

    def query(self, columns: Iterable[str], key: str | None = None) -> str:
        """``SELECT`` of these columns, in the order of the key."""
        named = ", ".join(dict.fromkeys(map(self.quote, columns)))
        return f"SELECT {named} FROM {self.quote(self.table)}" + (
            f" ORDER BY {self.quote(key)}" if key else ""
        )


def people_of(source: Source, base: Path) -> People:
    """The table whose columns are called most like a person's.

    Raises ``SourceUnreadable`` if the database cannot be reached or no table looks like people.
    """
    import sqlalchemy as sa

    from pipelines.extract.readers.database import described

    try:
        tables = described(source.location, base)
    except Unreadable as error:
        raise SourceUnreadable(source.name, str(error)) from error
    scored = {name: len(_telling(columns)) for name, columns in sorted(tables.items())}
    best = max(scored, key=lambda name: scored[name], default=None)
    if best is None or scored[best] < 2:
        there = ", ".join(sorted(tables)[:40]) or "none"
        reason = f"no table looks like people; give the query with --query. Tables there: {there}"
        raise SourceUnreadable(source.name, reason)
    quote = sa.make_url(source.location).get_dialect()().identifier_preparer.quote
    return People(best, tables[best], quote)


def _telling(columns: tuple[str, ...]) -> set[str]:
    known = set(found(scout(), columns)) & set(TELLING)
    return known | {field for field in TELLING for name in columns if hint(field, name)}
