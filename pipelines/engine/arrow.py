"""Arrow as this package wants it, set before the first array is made: when ``pipelines.engine`` is imported."""

from __future__ import annotations

import sys

import pyarrow as pa

from pipelines.engine.absent import absent

PANDAS = "pandas"


def leave_pandas_out() -> None:
    """Let Arrow make its first array without pandas, which takes a second to import and is hardly ever used.

    Arrow asks once whether there is pandas, to tell its objects from others, and for ``to_pandas`` asks anew.
    """
    if PANDAS in sys.modules:
        return
    with absent(PANDAS):
        pa.array([0])


def prepare() -> None:
    """No pandas for nothing; and memory straight from the system, as Arrow's own keeps a tenth of a run's for later."""
    leave_pandas_out()
    pa.set_memory_pool(pa.system_memory_pool())
