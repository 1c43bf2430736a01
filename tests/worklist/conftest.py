"""What tests of this room share: an office on a fresh store, once on each server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.backends import url
from tests.worklist.office import Office

__all__ = ["office", "url"]


@pytest.fixture
def office(url: str, tmp_path: Path) -> Office:
    """An office that begins today."""
    return Office(tmp_path / "office", url)
