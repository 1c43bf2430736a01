"""A file that decides much at once waits for a second pair of eyes: nobody sells corrections alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from pipelines.errors import PadanError
from pipelines.store import read_session, verify_ledger
from pipelines.store.models import ItemEvent
from pipelines.vocabulary import DecisionKind
from pipelines.worklist import approve, decide
from tests.worklist.office import Office, day, finding, id_of, noon
from tests.worklist.test_decisions import answers, decisions, row

SITI, YOHANES = "Siti Hajar", "Yohanes Tefa"
FOUND = [finding(f"{n:06}") for n in range(8)]


@pytest.fixture
def busy(office: Office) -> Office:
    """An office with eight items, where three decisions at once are many."""
    office.more = "[decisions]\nbulk_limit = 3"
    office.run(1, *FOUND)
    return office


def file_of(office: Office, count: int, decision: str = "corrected", start: int = 0) -> Path:
    rows = [row(found, decision) for found in FOUND[start : start + count]]
    return answers(office, *rows, name=f"{decision}-{start}-{count}.csv")


def told(office: Office, kind: str) -> list[dict[str, object]]:
    with read_session(office.store) as session:
        assert verify_ledger(session).sound
        query = select(ItemEvent.payload).where(ItemEvent.kind == kind).order_by(ItemEvent.event_id)
        return list(session.scalars(query))


def give(office: Office, file: Path, by: str = SITI, number: int = 1) -> int:
    """How many decisions of a file were put aside."""
    return decide(file, office.settings(day(number)), noon(number), by).aside


def test_as_many_as_usual_are_taken_at_once(busy: Office) -> None:
    assert give(busy, file_of(busy, 3)) == 0
    assert len(decisions(busy)) == 3
    assert told(busy, "decisions_read")[0]["by"] == SITI


def test_more_are_put_aside_until_somebody_else_approves(busy: Office) -> None:
    file = file_of(busy, 4)
    summary = decide(file, busy.settings(day(1)), noon(1), SITI)
    assert (summary.aside, summary.taken) == (4, {})
    assert "4 perbaikan dan penolakan sekaligus, lebih dari 3; disisihkan" in str(summary)
    assert decisions(busy) == []
    assert [event["by"] for event in told(busy, "decisions_put_aside")] == [SITI]

    approved = approve(file, busy.settings(day(1)), YOHANES, noon(1))
    assert approved.taken == {DecisionKind.CORRECTED: 4}
    assert len(decisions(busy)) == 4
    (event,) = told(busy, "decisions_approved")
    assert (event["by"], event["given_by"]) == (YOHANES, [SITI])
    assert event["login"]


@pytest.mark.parametrize("name", [SITI, "  siti   HAJAR "])
def test_nobody_approves_their_own(busy: Office, name: str) -> None:
    file = file_of(busy, 4)
    give(busy, file)
    with pytest.raises(PadanError, match="gave it in; somebody else has to approve it"):
        approve(file, busy.settings(day(1)), name, noon(1))
    assert decisions(busy) == []
    assert told(busy, "decisions_approved") == []


def test_what_was_changed_after_it_was_put_aside_is_another_file(busy: Office) -> None:
    file = file_of(busy, 4)
    give(busy, file)
    file.write_text(file.read_text().replace("corrected", "rejected"))
    with pytest.raises(PadanError, match="was not put aside as it stands"):
        approve(file, busy.settings(day(1)), YOHANES, noon(1))


def test_an_approval_needs_a_name(busy: Office) -> None:
    file = file_of(busy, 4)
    give(busy, file)
    with pytest.raises(PadanError, match="expected --by NAME"):
        approve(file, busy.settings(day(1)), "  ", noon(1))


def test_where_nobody_says_who_answered_it_is_whose_the_file_is(busy: Office) -> None:
    """So many small files without a name are no way around it."""
    first, second = file_of(busy, 2), file_of(busy, 2, start=2)
    assert give(busy, first, by="") == 0
    assert give(busy, second, by="") == 2
    (aside,) = told(busy, "decisions_put_aside")
    assert aside["by"] == first.owner()
    with pytest.raises(PadanError, match="somebody else has to approve it"):
        approve(second, busy.settings(day(1)), first.owner(), noon(1))
    assert approve(second, busy.settings(day(1)), YOHANES, noon(1)).taken


def test_an_account_without_a_name_is_known_by_its_number(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless(_: Path) -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(Path, "owner", nameless)
    file = file_of(busy, 4)
    give(busy, file, by="")
    assert told(busy, "decisions_put_aside")[0]["by"] == str(file.stat().st_uid)


def test_many_small_files_of_one_officer_in_a_day_are_a_large_one(busy: Office) -> None:
    assert give(busy, file_of(busy, 2)) == 0
    assert give(busy, file_of(busy, 2, start=2)) == 2
    assert give(busy, file_of(busy, 2, start=4), by=YOHANES) == 0
    assert len(decisions(busy)) == 4
    busy.run(2, *FOUND)
    assert give(busy, file_of(busy, 2, start=6), number=2) == 0  # another day


def test_forwarding_much_ends_nothing_and_needs_nobody(busy: Office) -> None:
    assert give(busy, file_of(busy, 8, "forwarded")) == 0
    assert len(decisions(busy)) == 8


def test_a_scheduler_that_offers_it_every_night_is_told_once(busy: Office) -> None:
    file = file_of(busy, 4)
    for _ in range(3):
        assert give(busy, file, by="") == 4
    assert len(told(busy, "decisions_put_aside")) == 1


def test_an_approved_file_is_not_read_twice(busy: Office) -> None:
    file = file_of(busy, 4)
    give(busy, file)
    approve(file, busy.settings(day(1)), YOHANES, noon(1))
    assert approve(file, busy.settings(day(1)), YOHANES, noon(1)).repeated
    assert decide(file, busy.settings(day(1)), noon(1), SITI).repeated
    assert len(decisions(busy)) == 4


def test_the_ledger_names_no_item_of_a_file_that_was_put_aside(busy: Office) -> None:
    give(busy, file_of(busy, 4))
    assert [kind for _, kind, _ in busy.events(id_of(FOUND[0]))] == ["opened"]


def test_usually_a_days_work_of_one_person_is_no_matter_of_approval(office: Office) -> None:
    assert office.settings(day(1)).decisions.bulk_limit == 500
