"""What tests of this room share: an office whose run went well."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.settings import Settings
from tests.quality.office import settings_in


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The office's configuration, with nothing on disk and no history."""
    return settings_in(tmp_path)
