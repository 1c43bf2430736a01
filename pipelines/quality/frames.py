"""What Great Expectations looks at: pandas frames of a Parquet file, no wider than the suites need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import pandas as pd

_EARLIEST, _LATEST = date(1700, 1, 1), date(2200, 1, 1)
"""Nanoseconds reach from 1677 to 2262; a date beyond these two is impossible anyway and stays so."""


def columns_frame(file: Path) -> pd.DataFrame:
    """Every column of the table and no row: enough to see which columns are there."""
    return _pandas(pq.read_schema(file).empty_table())


def rows_frame(file: Path, columns: Iterable[str]) -> pd.DataFrame:
    """The named columns of every row. One that the file lacks is left out: its expectations then fail.

    Without any name one column stands for the rows, so that they can be counted.
    """
    schema = pq.read_schema(file)
    wanted = [name for name in schema.names if name in set(columns)]
    return _pandas(pq.read_table(file, columns=wanted or [_narrowest(schema)]))


def metrics_frame(metrics: Mapping[str, float]) -> pd.DataFrame:
    """One row of figures."""
    import pandas as pd

    return pd.DataFrame([dict(metrics)])


def _narrowest(schema: pa.Schema) -> str:
    names: list[str] = [field.name for field in schema if pa.types.is_integer(field.type)]
    return names[0] if names else str(schema.names[0])


def _pandas(table: pa.Table) -> pd.DataFrame:
    """Text stays in Arrow's memory; dates become NumPy's, which are compared all at once, not one by one."""
    import pandas as pd

    def kept(kind: pa.DataType) -> pd.ArrowDtype | None:
        return pd.ArrowDtype(kind) if pa.types.is_string(kind) or pa.types.is_boolean(kind) else None

    for index, field in enumerate(table.schema):
        if pa.types.is_date(field.type):
            within = pc.max_element_wise(table[field.name], pa.scalar(_EARLIEST), skip_nulls=False)
            within = pc.min_element_wise(within, pa.scalar(_LATEST), skip_nulls=False)
            table = table.set_column(index, field.name, within.cast(pa.timestamp("ns")))
    frame: pd.DataFrame = table.to_pandas(types_mapper=kept)
    return frame
