from __future__ import annotations

from pathlib import Path

import pytest

from tests.publish.office import Office, build_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A small office, ready to publish."""
    return build_office(tmp_path / "office")
