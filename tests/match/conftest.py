from __future__ import annotations

import pytest

from tests.match.people import Neighbourhood
from tests.match.people import neighbourhood as drawn_once


@pytest.fixture(scope="session")
def neighbourhood(tmp_path_factory: pytest.TempPathFactory) -> Neighbourhood:
    """Some thousand people, drawn, extracted and standardised."""
    return drawn_once(tmp_path_factory)
