"""What tests of every room share: a small office to work in, and no settings of the tester's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

os.environ["GX_ANALYTICS_ENABLED"] = "False"

KUPANG = Path(__file__).parent / "end_to_end" / "data" / "kupang"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration named in the tester's shell must not be the one under test."""
    monkeypatch.delenv("PADAN_CONFIG", raising=False)


@pytest.fixture
def kupang(tmp_path: Path) -> Path:
    """The configuration of a small office: hand-written files in which every cause occurs once."""
    return Path(shutil.copytree(KUPANG, tmp_path / "kupang")) / "padan.toml"
