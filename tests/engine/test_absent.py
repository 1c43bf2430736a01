"""A package that is there and for once should not be."""

from __future__ import annotations

import importlib
import sys

import pytest

from pipelines.engine import absent


@pytest.fixture
def unseen(monkeypatch):
    """A module that nobody has imported yet in this process."""
    for name in [name for name in sys.modules if name.split(".")[0] == "wsgiref"]:
        monkeypatch.delitem(sys.modules, name)
    return "wsgiref"


def test_within_the_block_it_is_not_found_and_all_others_are(unseen):
    with absent(unseen):
        with pytest.raises(ModuleNotFoundError, match=unseen):
            importlib.import_module(unseen)
        assert importlib.import_module("json").loads("1") == 1
    assert importlib.import_module(unseen).__name__ == unseen


def test_it_is_found_again_after_an_error(unseen):
    with pytest.raises(ValueError, match="otherwise"), absent(unseen):
        raise ValueError("otherwise")
    assert importlib.import_module(unseen)
