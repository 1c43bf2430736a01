"""What a stage may ask of the engine that its SQL runs on, whichever that is."""

from __future__ import annotations

from typing import Any, Protocol

import pyarrow as pa


class Done(Protocol):
    """What a statement leaves behind."""

    def fetchall(self) -> list[Any]:
        """Its rows; of a statement that is no query, none that matter."""


class Found(Done, Protocol):
    """What a query gives."""

    def fetchnumpy(self) -> dict[str, Any]:
        """An array a column."""

    def to_arrow_table(self) -> pa.Table:
        """An Arrow table."""


class Database(Protocol):
    """A DuckDB connection, or ``SparkDatabase``."""

    def execute(self, query: str, /) -> Done:
        """Run a statement."""

    def sql(self, query: str, /) -> Found:
        """Ask a query."""
