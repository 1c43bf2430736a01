"""Two runs and an office's answer at the same moment, on one store: nothing is lost and nothing is there twice."""

from __future__ import annotations

import os
from datetime import date

import pytest
from sqlalchemy import select

from pipelines.store import read_session, verify_ledger
from pipelines.store.models import ItemEvent
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
            assert not errors, errors[0]
            # Whether the answer came before the day's runs or after them, the next run of the day knows it.
            again = office.run(number, *findings)
            assert again[id_of(today)]["status"] == "new"
            check(office, number)


def check(office: Office, number: int) -> None:
    """Every event once, every decision kept, every day's run whole."""
    with read_session(office.store) as session:
        assert verify_ledger(session).sound
        rows = session.execute(
            select(ItemEvent.item_id, ItemEvent.run_date, ItemEvent.kind)
            .where(ItemEvent.item_id.is_not(None), ItemEvent.run_date.is_not(None))
            .order_by(ItemEvent.event_id)
        ).all()
    stands: set[tuple[str, date, str]] = set()
    for item, when, kind in rows:
        if kind == "withdrawn":  # by a run that had begun before the answer came, and ended after the other
            stands = {event for event in stands if event[:2] != (item, when)}
        else:
            assert (item, when, kind) not in stands, "an event that stands already"
            stands.add((item, when, kind))
    opened = {item for item, _, kind in stands if kind == "opened"}
    assert opened == {id_of(pupil("always")), *(id_of(finding(str(n))) for n in range(number))}
    assert len(decisions(office)) == number - 1
    assert {when: run.state for when, run in office.runs().items()} == dict.fromkeys(
        map(day, range(1, number + 1)), "published"
    )
