from __future__ import annotations

import pytest

from tests.match.village import Lived, live


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """The village's records among a drawn neighbourhood, linked and diagnosed for real."""
    return live(tmp_path_factory)
