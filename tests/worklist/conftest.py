"""What tests of this room share: an office on a fresh store, once on each server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.backends import BACKENDS, ready_store
from tests.worklist.office import Office


@pytest.fixture(params=BACKENDS)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An office that begins today."""
    with ready_store(request.param, tmp_path) as url:
        yield Office(tmp_path / "office", url)
