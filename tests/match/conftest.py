from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import pytest

from pipelines.match import evidence
from pipelines.match.search import Pairs, candidates, seek, together
from pipelines.match.twice import Doubles, find_doubles
from pipelines.match.verify import Verified, find_holders, verify
from tests.match.people import HOSPITAL, SCHOOL, Loaded, Neighbourhood, Office
from tests.match.people import neighbourhood as drawn_once


@pytest.fixture(scope="session")
def neighbourhood(tmp_path_factory: pytest.TempPathFactory) -> Neighbourhood:
    """Some thousand people, drawn, extracted and standardised."""
    return drawn_once(tmp_path_factory)


@dataclass(frozen=True)
class Searched:
    """Linkage of the neighbourhood, stopped before it answers; ``truth`` is by source and key."""

    loaded: Loaded
    verified: dict[int, Verified]
    doubles: Doubles
    pairs: Pairs
    around: evidence.Strangers
    truth: dict[tuple[str, str], dict[str, str]]

    @cached_property
    def told(self) -> dict[int, dict[str, str]]:
        """What is true of the record in each row of ``ag``."""
        names = (HOSPITAL, SCHOOL)
        records = self.loaded.rows("select a, src, source_record_id from ag")
        return {a: self.truth[names[src], key] for a, src, key in records}


@pytest.fixture(scope="session")
def searched(neighbourhood: Neighbourhood, tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """The neighbourhood's records verified, and candidates found for those that are not plainly their holder's."""
    loaded = Loaded.from_tables(Office(tmp_path_factory.mktemp("searched")), neighbourhood.tables)
    find_holders(loaded.con)
    verified = {src: verify(loaded.con, src, loaded.everyone) for src in (0, 1)}
    doubles = find_doubles(loaded.con, loaded.everyone, [v.weights for v in verified.values()])
    seek(loaded.con, verified)
    with ThreadPoolExecutor(2) as pool:
        batches = list(candidates(loaded.con, loaded.everyone, pool))
    pairs = together(batches)
    around = evidence.strangers(loaded.con, loaded.people)
    with (neighbourhood.folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {(row["source"], row["source_record_id"]): row for row in csv.DictReader(file)}
    return Searched(loaded, verified, doubles, pairs, around, truth)
