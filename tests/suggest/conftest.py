from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.sample import draw


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Registry, patients and pupils of a small district."""
    folder = tmp_path_factory.mktemp("drawn")
    draw(folder, 1200, 11, "ordinary")
    return folder
