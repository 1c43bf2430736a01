"""The stage as a whole: what it writes depends on the records alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipelines.match.stage import MODEL
from tests.match.people import RUN_DATE, Neighbourhood, Office, Tables


def shuffled(tables: Tables) -> Tables:
    """The same rows in another order."""
    random = np.random.default_rng(1)
    return {name: table.take(pa.array(random.permutation(len(table)))) for name, table in tables.items()}


def written(office: Office, tables: Tables) -> tuple[str, str]:
    """The hash of the matches, and the day's model."""
    matches = office.match(tables)
    return matches.sha256, (matches.file.parent / MODEL).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def usual(neighbourhood: Neighbourhood, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return written(Office(tmp_path_factory.mktemp("usual"), threads=2), neighbourhood.tables)


def test_the_order_of_the_records_does_not_matter(
    neighbourhood: Neighbourhood, usual: tuple[str, str], tmp_path: Path
) -> None:
    assert written(Office(tmp_path, threads=2), shuffled(neighbourhood.tables)) == usual


@pytest.mark.parametrize("threads", [1, 5])
def test_the_number_of_threads_does_not_matter(
    neighbourhood: Neighbourhood, usual: tuple[str, str], tmp_path: Path, threads: int
) -> None:
    assert written(Office(tmp_path, threads=threads), neighbourhood.tables) == usual


@pytest.mark.parametrize("day", [date(2027, 2, 28), date(2019, 7, 1)])
def test_the_days_date_does_not_matter(
    neighbourhood: Neighbourhood, usual: tuple[str, str], tmp_path: Path, day: date
) -> None:
    assert day != RUN_DATE
    assert written(Office(tmp_path, day=day, threads=2), neighbourhood.tables) == usual
