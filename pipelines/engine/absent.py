"""A package that is there and for once should not be: another one looks for it, and can do without."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec


class _Absent:
    """A finder that has no such package, and leaves all others to the finders after it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Raises ``ModuleNotFoundError`` for the package."""
        if name == self.name:
            raise ModuleNotFoundError(f"{name} is not looked for here", name=name)
        return None


@contextmanager
def absent(name: str) -> Iterator[None]:
    """Within the block, whatever imports the package ``name`` for the first time finds none.

    For packages that others use where they are there, at a price that nothing here is worth.
    """
    finder = _Absent(name)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
