"""An auditor's other question: is the ledger whole, and does it tell of this folder?"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from pipelines.publish import verify_ledger_of
from pipelines.publish.provenance import file_sha256
from pipelines.records import MANIFEST
from pipelines.store import Event, append_events, write_session
from tests.publish.items import RUN_DATE
from tests.publish.office import Office


@pytest.fixture
def told(published: Office) -> Office:
    """An office whose folder was published and told of, between two other events."""
    digest = file_sha256(published.folder / MANIFEST)
    events = [
        Event("run_recorded", run_date=RUN_DATE),
        Event("opened", item_id="P-AAAAAAAAAAAA", run_date=RUN_DATE),
        Event("run_published", {"rows": 10, "sha256": digest}, run_date=RUN_DATE),
        Event("decided", item_id="P-AAAAAAAAAAAA"),
    ]
    with write_session(published.settings.store) as session:
        append_events(session, events)
    return published


def test_a_ledger_that_is_whole_and_tells_of_the_folder(told: Office) -> None:
    assert verify_ledger_of(told.folder, told.settings) == []


@pytest.mark.parametrize(
    ("meddling", "problem"),
    [
        ("update item_event set kind = 'resolved' where event_id = 2", "event 2 changed"),
        ("delete from item_event where event_id = 2", "event 2 lost"),
        ("delete from item_event where event_id = 4", "event 4 lost"),
        (
            "update item_event set event_id = case event_id when 1 then 90 when 2 then 1 end where event_id < 3;"
            "update item_event set event_id = 2 where event_id = 90",
            "event 1 reordered",
        ),
    ],
    ids=["changed", "lost", "lost-at-the-end", "reordered"],
)
def test_the_first_event_that_is_not_what_it_was_is_named(told: Office, meddling: str, problem: str) -> None:
    with write_session(told.settings.store) as session:
        for statement in meddling.split(";"):
            session.execute(text(statement))
    found = verify_ledger_of(told.folder, told.settings)
    assert [line.partition(": ")[2].partition(":")[0] for line in found or []] == [problem]


def test_a_folder_that_the_ledger_does_not_know(told: Office) -> None:
    told.publish(items=[])
    assert verify_ledger_of(told.folder, told.settings) == [
        "ledger: tells of no publication of this manifest.json"
    ]


def test_a_run_that_was_interrupted_between_folder_and_ledger_is_told_from_a_stranger(
    told: Office,
) -> None:
    told.publish(items=[])
    with write_session(told.settings.store) as session:
        append_events(session, [Event("run_recorded", run_date=RUN_DATE)])
    assert verify_ledger_of(told.folder, told.settings) == [
        "ledger: tells of no publication of this manifest.json; a run for this date was interrupted before it "
        "could say so: run the date again"
    ]


def test_where_there_is_no_store_none_is_made(office: Office, tmp_path: Path) -> None:
    office.publish()
    missing = tmp_path / "nowhere.sqlite"
    elsewhere = office.settings.model_copy(update={"store": f"sqlite:///{missing}"})
    assert verify_ledger_of(office.folder, elsewhere) is None
    assert not missing.exists()
