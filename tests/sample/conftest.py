from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from pipelines.sample import draw
from pipelines.sample.data import Data, load
from tests.sample.population import Population

PEOPLE, SEED = 20_000, 5


@pytest.fixture(scope="session")
def population(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Population]:
    """A population of 20,000 under a preset, drawn once."""

    @cache
    def drawn(dirt: str) -> Population:
        folder = tmp_path_factory.mktemp(dirt)
        return Population(folder, draw(folder, PEOPLE, SEED, dirt))

    return drawn


@pytest.fixture(scope="session")
def filthy(population: Callable[[str], Population]) -> Population:
    return population("filthy")


@pytest.fixture(scope="session")
def ordinary(population: Callable[[str], Population]) -> Population:
    return population("ordinary")


@pytest.fixture(scope="session")
def data() -> Data:
    return load()
