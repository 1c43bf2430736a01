"""Two runs and an office's answers at the same moment: a few rounds, and that a fault would be seen."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bench import concurrency, population
from pipelines.store import write_session
from tests.store.backends import BACKENDS, fresh_store

pytestmark = pytest.mark.slow

ROUNDS = 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_at_the_same_moment_it_ends_as_one_after_the_other(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "OUT", tmp_path)
    with fresh_store(backend, tmp_path) as url:
        office = concurrency.Office(tmp_path / "office", url, people=200)
        done = concurrency.rounds(office, ROUNDS)
        assert [one.faults for one in done] == [[]] * ROUNDS
        last = date.today() + timedelta(days=ROUNDS)
        assert office.differences(last) == []
        with write_session(url) as session:
            session.execute(
                text("delete from item_event where event_id = (select max(event_id) from item_event)")
            )
            session.execute(text("update decision set decision = 'lost'"))
        assert [fault.partition(":")[0] for fault in office.differences(last)] == ["decisions", "events"]
