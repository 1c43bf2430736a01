"""What is past its time is deleted, told, and nothing else is touched."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from pipelines.store import read_session, verify_ledger
from pipelines.store.models import ItemEvent
from pipelines.worklist import purge
from tests.worklist.office import OTHER, REGISTRY, RIGHT, Office, day, finding, id_of

TODAY = date(2026, 11, 24)
OLD, KEPT = date(2026, 8, 25), date(2026, 8, 26)  # 91 and 90 days before


def lay(folder: Path, *names: str) -> list[Path]:
    """Folders with a file in each."""
    paths = [folder / name for name in names]
    for path in paths:
        path.mkdir(parents=True)
        (path / "part-0.parquet").write_bytes(b"12345")
    return paths


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "office", f"sqlite:///{tmp_path / 'padan.sqlite'}")
    office.settings(TODAY)
    return office


def told(office: Office) -> list[ItemEvent]:
    with read_session(office.store) as session:
        assert verify_ledger(session).sound
        return list(session.scalars(select(ItemEvent).where(ItemEvent.kind == "purged")))


def test_tables_past_their_time_go_and_younger_ones_stay(office: Office) -> None:
    data = office.folder / "data"
    gone = lay(data, f"items/run_date={OLD}", f"raw/rsud-naibonat/run_date={OLD}", f"a/b/c/run_date={OLD}")
    gone += lay(data, f".web/dapodik/run_date={OLD}", f"asked/pusat/run_date={OLD}")  # pages, answers
    stay = lay(data, f"items/run_date={KEPT}", "raw/rsud-naibonat/run_date=2026-11-24")
    removed = purge(office.settings(TODAY))
    assert {one.path for one in removed} == set(gone)
    assert {(one.run_date, one.bytes) for one in removed} == {(OLD, 5)}
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in stay)


def test_published_folders_have_a_time_of_their_own(office: Office) -> None:
    (gone,) = lay(office.folder / "outbox", "2025-11-23")
    stay = lay(office.folder / "outbox", "2025-11-24", str(OLD))
    assert [one.path for one in purge(office.settings(TODAY))] == [gone]
    assert all(path.exists() for path in stay)


def test_the_times_are_configured(office: Office) -> None:
    office.more = "[retention]\ntables_days = 1\noutbox_days = 2"
    lay(office.folder / "data", "items/run_date=2026-11-22", "items/run_date=2026-11-23")
    lay(office.folder / "outbox", "2026-11-21", "2026-11-22")
    assert [one.path.name for one in purge(office.settings(TODAY))] == ["run_date=2026-11-22", "2026-11-21"]


def test_what_a_run_that_died_left_goes_too(office: Office) -> None:
    lay(office.folder / "data", f"items/.run_date={OLD}.x7f_k2.tmp", f"items/.run_date={OLD}.abc.old")
    lay(office.folder / "outbox", ".2025-01-01.x7.tmp")
    assert len(purge(office.settings(TODAY))) == 3


def test_nothing_else_is_touched(office: Office) -> None:
    data, outbox = office.folder / "data", office.folder / "outbox"
    stay = [
        *lay(data, "items/run_date=today", "items/2020-01-01", ".tmp/x", "items/run_date=2020-13-45"),
        *lay(outbox, "archive/2020-01-01", "run_date=2020-01-01"),
    ]
    assert purge(office.settings(TODAY)) == ()
    assert all(path.exists() for path in stay)
    assert told(office) == []


def test_links_are_not_followed(office: Office, tmp_path: Path) -> None:
    (elsewhere,) = lay(tmp_path / "elsewhere", f"run_date={OLD}")
    (own,) = lay(office.folder / "data", f"items/run_date={OLD}")
    (own / "link").symlink_to(elsewhere)
    (office.folder / "data" / "linked").symlink_to(tmp_path / "elsewhere")
    (office.folder / "data" / "items" / "run_date=2020-01-01").symlink_to(elsewhere)
    assert [one.path for one in purge(office.settings(TODAY))] == [own]
    assert (elsewhere / "part-0.parquet").exists()


def test_nothing_there_yet(office: Office) -> None:
    assert purge(office.settings(TODAY)) == ()


def test_the_ledger_names_what_went(office: Office) -> None:
    lay(office.folder / "data", f"items/run_date={OLD}", f"matches/run_date={OLD}")
    purge(office.settings(TODAY))
    (event,) = told(office)
    assert event.payload == {
        "today": "2026-11-24",
        "removed": [f"data/items/run_date={OLD}", f"data/matches/run_date={OLD}"],
        "bytes": 10,
    }


def test_another_day_than_the_runs(office: Office) -> None:
    (old,) = lay(office.folder / "data", f"items/run_date={KEPT}")
    assert [one.path for one in purge(office.settings(TODAY), date(2026, 11, 25))] == [old]


def test_what_is_told_when_a_folder_cannot_be_deleted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    first, second = lay(office.folder / "data", f"a/run_date={OLD}", f"b/run_date={OLD}")
    delete = shutil.rmtree

    def stubborn(path: Path) -> None:
        if path == second:
            raise PermissionError(13, "Permission denied", str(path))
        delete(path)

    monkeypatch.setattr("pipelines.worklist.retention.shutil.rmtree", stubborn)
    with pytest.raises(PermissionError):
        purge(office.settings(TODAY))
    assert not first.exists()
    (event,) = told(office)
    assert event.payload["removed"] == [f"data/a/run_date={OLD}"]


def test_the_store_keeps_every_item_and_event(office: Office) -> None:
    office.run(1, finding())
    office.run(2, finding())
    before = office.events()
    purge(office.settings(date(2028, 1, 1)))
    assert not list((office.folder / "data" / "items").iterdir())
    assert office.events() == before
    assert len(office.states(id_of(finding()))) == 1
    assert office.run(800, finding())[id_of(finding())]["first_seen"] == day(1)


def test_what_went_in_words(office: Office) -> None:
    lay(office.folder / "data", f"items/run_date={OLD}")
    (one,) = purge(office.settings(TODAY))
    assert str(one) == f"{office.folder / 'data' / 'items' / f'run_date={OLD}'} (5 bytes)"


def test_numbers_of_items_that_ended_long_ago_are_taken(office: Office) -> None:
    gone, rejected, stays = finding("000101"), finding("000102"), finding("000103")
    office.run(1, gone, rejected, stays)
    office.run(2, rejected, stays)  # the first is resolved
    long_after = day(2).replace(year=day(2).year + 6)
    purge(office.settings(long_after))
    numbers = {item: {row.recorded_nik for row in office.states(item)} for item in map(id_of, (gone, stays))}
    assert numbers == {id_of(gone): {None}, id_of(stays): {stays["recorded_nik"]}}
    assert [state.status for state in office.states(id_of(gone))] == ["new", "resolved"]
    with read_session(office.store) as session:
        assert verify_ledger(session).sound
        (event,) = session.scalars(select(ItemEvent).where(ItemEvent.kind == "items_redacted"))
        assert event.payload == {"before": f"{long_after - timedelta(days=1825)}", "items": 1}
    purge(office.settings(long_after))  # once is enough
    with read_session(office.store) as session:
        assert len(list(session.scalars(select(ItemEvent).where(ItemEvent.kind == "items_redacted")))) == 1


def test_a_key_that_is_a_number_goes_too(office: Office) -> None:
    """The registry's records are known by their number, and one of two numbers is `related` to the other."""
    double = finding(RIGHT, source=REGISTRY, cause="DOUBLE_NIK", owner=REGISTRY, related=OTHER)
    record = finding("000102")
    office.run(1, double, record)
    office.run(2)
    purge(office.settings(day(2).replace(year=day(2).year + 6)))
    assert {(row.source_record_id, row.related) for row in office.states(id_of(double))} == {
        ("ERASED", "ERASED")
    }
    assert {row.source_record_id for row in office.states(id_of(record))} == {"000102"}
    with closing(sqlite3.connect(office.store.removeprefix("sqlite:///"))) as store:
        told = "\n".join(store.iterdump())
    assert RIGHT not in told
    assert OTHER not in told
    office.run(3000, double)
    assert {row.status for row in office.states(id_of(double))} == {"new", "resolved"}, (
        "it comes back as itself"
    )


def test_the_ledger_is_as_provable_after_a_purge_as_before(office: Office) -> None:
    office.run(1, finding())
    lay(office.folder / "data", f"raw/rsud-naibonat/run_date={OLD}")
    with read_session(office.store) as session:
        before = verify_ledger(session)
    purge(office.settings(TODAY))
    with read_session(office.store) as session:
        after = verify_ledger(session, anchor=before.head)
    assert after.sound
    assert after.head.events == before.head.events + 1
