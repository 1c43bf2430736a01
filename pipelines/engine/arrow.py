"""Arrow as this package wants it, set before the first array is made: when ``pipelines.engine`` is imported."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec

import pyarrow as pa

PANDAS = "pandas"


class _NotYet:
    """A finder that has no pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> ModuleSpec | None:
        """Raises ``ModuleNotFoundError`` for pandas, leaves all else to the finders after it."""
        if name == PANDAS:
            raise ModuleNotFoundError(f"{name} is not looked for yet", name=name)
        return None


def leave_pandas_out() -> None:
    """Let Arrow make its first array without pandas, which takes a second to import and is hardly ever used.

    Arrow asks once whether there is pandas, to tell its objects from others, and for ``to_pandas`` asks anew.
    """
    if PANDAS in sys.modules:
        return
    sys.meta_path.insert(0, _NotYet)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_NotYet)


def prepare() -> None:
    """No pandas for nothing; and memory straight from the system, as Arrow's own keeps a tenth of a run's for later."""
    leave_pandas_out()
    pa.set_memory_pool(pa.system_memory_pool())
