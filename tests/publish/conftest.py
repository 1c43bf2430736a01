from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.settings import load_settings
from tests.publish.items import RUN_DATE
from tests.publish.office import Office, build_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A small office, ready to publish."""
    return build_office(tmp_path / "office")


@pytest.fixture(scope="session")
def _published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("published") / "office"
    build_office(base).publish()
    return base


@pytest.fixture
def published(_published_once: Path, tmp_path: Path) -> Office:
    """A small office that has published its everyday items, for what is done with a publication."""
    base = Path(shutil.copytree(_published_once, tmp_path / "office"))
    return Office(load_settings(base / "padan.toml", RUN_DATE))
