"""Two runs and an office's answer at the same moment, on one store: nothing is lost and nothing is there twice."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from pipelines.store import read_session, verify_ledger
from tests.worklist.office import Office, day, finding, id_of, pupil
from tests.worklist.test_decisions import answers, decisions, row
from tests.worklist.together import Team, run, take

pytestmark = pytest.mark.slow

TIMES = int(os.environ.get("PADAN_TEST_TIMES", "4"))
"""How often; more than a build has time for is worth trying by hand."""


def test_two_runs_and_an_answer_at_once(office: Office) -> None:
    """Each day is run twice at once while an answer about the day before comes in."""
    office.run(1, finding("0"), pupil("always"))
    with Team(3) as team:
        for number in range(2, 2 + TIMES):
            yesterday, today = finding(f"{number - 2}"), finding(f"{number - 1}")
            findings = [yesterday, today, pupil("always")]
            file = answers(office, row(yesterday, "Bukan kesalahan"), name=f"{number}.csv")
            errors = team.together(
                (run, (office, number, findings)),
                (run, (office, number, findings)),
                (take, (office, number - 1, file)),
            )
            assert errors == []
            # Whether the answer came before the day's runs or after them, the next run of the day knows it.
            again = office.run(number, *findings)
            assert again[id_of(today)]["status"] == "new"
            check(office, number)


def check(office: Office, number: int) -> None:
    """Every event once, every decision kept, every day's run whole."""
    with read_session(office.store) as session:
        assert verify_ledger(session).sound
    events = Counter((item, when, kind) for item, when, kind in everything(office))
    assert max(events.values()) == 1
    opened = [item for item, _, kind in events if kind == "opened"]
    assert sorted(opened) == sorted(
        {id_of(pupil("always")), *(id_of(finding(str(n))) for n in range(number))}
    )
    assert len(decisions(office)) == number - 1
    assert {run.state for run in office.runs().values()} == {"published"}
    assert set(office.runs()) == {day(n) for n in range(1, number + 1)}


def everything(office: Office) -> list[tuple[str, object, str]]:
    """The item, date and kind of every event of an item but ``changed``, which two different runs may tell."""
    from sqlalchemy import select

    from pipelines.store.models import ItemEvent

    with read_session(office.store) as session:
        rows = session.execute(
            select(ItemEvent.item_id, ItemEvent.run_date, ItemEvent.kind).where(
                ItemEvent.item_id.is_not(None)
            )
        )
        return [(row.item_id, row.run_date, row.kind) for row in rows]
