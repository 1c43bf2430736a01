"""What a run leaves in the store, before and after it is published, and when it is not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from pipelines import __version__
from pipelines.engine import Artifact, write_table
from pipelines.errors import PadanError
from pipelines.records import mask_nik
from pipelines.store import read_session, verify_ledger
from pipelines.store.models import GateResult, ItemEvent, ItemState, RunCount
from pipelines.worklist import fail, record
from pipelines.worklist.changes import EVENT_COLUMNS
from pipelines.worklist.prior import STORED
from tests.worklist.office import (
    HOSPITAL,
    OTHER,
    REGISTRY,
    RIGHT,
    SCHOOL,
    WRONG,
    Office,
    accounts,
    day,
    finding,
    id_of,
    offline,
    pupil,
)


def rows(office: Office, model: type[Any]) -> list[Any]:
    with read_session(office.store) as session:
        return list(session.scalars(select(model)))


def run_events(office: Office) -> list[tuple[Any, str, dict[str, Any]]]:
    with read_session(office.store) as session:
        assert verify_ledger(session).sound
        query = select(ItemEvent).where(ItemEvent.item_id.is_(None)).order_by(ItemEvent.event_id)
        return [(event.run_date, event.kind, event.payload) for event in session.scalars(query)]


def test_a_run_is_recorded_and_then_published(office: Office) -> None:
    items = office.find(day(1), [finding()])
    office.record(day(1), items)
    run = office.runs()[day(1)]
    assert (run.state, run.code_version, run.reason) == ("recorded", __version__, None)
    assert run.config_sha256 == hashlib.sha256((office.folder / "padan.toml").read_bytes()).hexdigest()
    office.close(day(1))
    run = office.runs()[day(1)]
    assert (run.state, run.outbox_sha256) == ("published", "20261101".ljust(64, "0"))
    assert [kind for _, kind, _ in run_events(office)] == ["run_recorded", "run_published"]


def test_which_sources_were_read(office: Office) -> None:
    office.run(1, finding(), unread=[SCHOOL])
    assert office.runs()[day(1)].sources == {
        REGISTRY: True,
        HOSPITAL: True,
        SCHOOL: False,
        "bpjs": True,
        "satusehat": True,
    }


def test_counts_and_gates(office: Office) -> None:
    office.run(1, finding())
    (count,) = rows(office, RunCount)
    assert (count.run_date, count.source, count.measure, count.count) == (day(1), HOSPITAL, "records", 4)
    (gate,) = rows(office, GateResult)
    assert (gate.run_date, gate.gate, gate.success, gate.observed, gate.unexpected) == (
        day(1),
        "raw",
        True,
        4.0,
        None,
    )


def test_a_second_run_of_a_date_replaces_its_counts_and_gates(office: Office) -> None:
    office.run(1, finding())
    settings = office.settings(day(1))
    _, gates = accounts(settings)
    fewer = write_table(
        pa.table({"source": [SCHOOL], "measure": ["records"], "count": [7]}), settings.folder("counts")
    )
    record(office.find(day(1), [finding()]), fewer, gates, settings)
    assert [(count.source, count.count) for count in rows(office, RunCount)] == [(SCHOOL, 7)]


def test_no_counts_and_no_gates(office: Office) -> None:
    settings = office.settings(day(1))
    counts, gates = (
        write_table(pq.ParquetFile(artifact.file).schema_arrow.empty_table(), Path(artifact.path))
        for artifact in accounts(settings)
    )
    record(office.find(day(1), []), counts, gates, settings)
    assert office.runs()[day(1)].state == "recorded"
    assert rows(office, RunCount) == []


def test_all_or_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the last step fails, the first run of the date is still there, whole."""
    office.run(1, finding("1"))

    def no_ledger(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.worklist.recording.append_events", no_ledger)
    with pytest.raises(OSError, match="No space"):
        office.record(day(1), office.find(day(1), [finding("2")]))
    assert office.runs()[day(1)].state == "published"
    assert [state.source_record_id for state in rows(office, ItemState)] == ["1"]
    assert len(rows(office, RunCount)) == 1


def test_closing_twice_is_told_once(office: Office) -> None:
    office.run(1, finding())
    office.close(day(1))
    assert [kind for _, kind, _ in run_events(office)] == ["run_recorded", "run_published"]


def test_nothing_to_close(office: Office) -> None:
    with pytest.raises(PadanError, match="2026-11-01"):
        office.close(day(1))


def test_a_failed_run_is_noted(office: Office) -> None:
    fail("dukcapil: the registry has shrunk by half", office.settings(day(1)))
    run = office.runs()[day(1)]
    assert (run.state, run.reason) == ("failed", "dukcapil: the registry has shrunk by half")
    assert [(kind, payload["reason"]) for _, kind, payload in run_events(office)] == [
        ("run_failed", "dukcapil: the registry has shrunk by half")
    ]
    with pytest.raises(PadanError):
        office.close(day(1))
    assert office.run(1, finding())[id_of(finding())]["status"] == "new"
    assert office.runs()[day(1)].state == "published"


def test_a_failed_run_leaves_what_was_published_of_its_date(office: Office) -> None:
    office.run(1, finding())
    fail("a gate", office.settings(day(1)))
    assert office.runs()[day(1)].state == "published"
    assert office.run(2, finding())[id_of(finding())]["first_seen"] == day(1)


def test_items_keep_their_state_over_a_failed_run(office: Office) -> None:
    office.run(1, finding())
    fail("a gate", office.settings(day(2)))
    item = office.run(3, finding())[id_of(finding())]
    assert (item["status"], item["first_seen"]) == ("open", day(1))


def test_a_failed_run_counts_for_nobodys_last_sight(office: Office) -> None:
    office.run(1, finding())
    fail("a gate", office.settings(day(2)))
    assert office.run(3, unread=[HOSPITAL])[id_of(finding())]["last_seen"] == day(1)


def test_the_event_of_a_run_says_what_it_was(office: Office) -> None:
    office.run(1, finding())
    office.run(1, finding())
    first, published, again, published_again = run_events(office)
    assert (first[1], first[2]["again"], first[2]["items"]) == ("run_recorded", False, 1)
    assert first[2]["sha256"] == office.artifacts[day(1)].sha256
    assert published[1] == published_again[1] == "run_published"
    assert (again[1], again[2]["again"]) == ("run_recorded", True)


def test_the_event_of_a_new_item(office: Office) -> None:
    office.run(1, finding())
    ((when, kind, payload),) = office.events(id_of(finding()))
    assert (when, kind) == (day(1), "opened")
    assert payload == {
        "status": "new",
        "source": HOSPITAL,
        "cause": "NIK_MISTYPED",
        "first_seen": "2026-11-01",
        "owner": HOSPITAL,
        "priority": 2,
        "confidence": 0.99,
        "recorded_nik": "5301********0002",
        "proposed_nik": "5301********0001",
    }


@pytest.mark.parametrize("number", [None, "", "5", "12345678", "123456789", "Né 5301040101900002 !", WRONG])
def test_numbers_in_the_ledger_are_masked_as_everywhere(office: Office, number: str | None) -> None:
    office.run(1, finding(recorded_nik=number))
    ((_, _, payload),) = office.events(id_of(finding()))
    assert payload.get("recorded_nik") == (None if number is None else mask_nik(number))


def test_the_changes_beside_the_items(office: Office) -> None:
    artifact = office.find(day(1), [finding(), pupil(), offline()])
    changes = pq.ParquetFile(artifact.file.parent / "changes.parquet").read()
    assert changes.column_names == [*STORED.names, *EVENT_COLUMNS]
    ids = changes["item_id"].to_pylist()
    assert ids == sorted(ids)
    assert len(ids) == 3
    details = json.loads(changes["details"].to_pylist()[ids.index(id_of(finding()))])
    assert details["sector"] == "health"
    assert "MARIA" not in str(changes.to_pylist())


def test_a_state_has_what_its_item_has(office: Office) -> None:
    found = finding(elements="name", related="x", confidence=0.5)
    office.run(1, found)
    (state,) = office.states(id_of(found))
    wanted = {name: found[name] for name in ("source", "cause", "owner", "recorded_nik", "proposed_nik")}
    wanted |= {"elements": "name", "related": "x", "confidence": 0.5, "status": "new", "listed": True}
    assert {name: getattr(state, name) for name in wanted} == wanted
    assert state.details["agencies_agree"] is False


def test_a_record_id_longer_than_any_column_would_be(office: Office) -> None:
    found = finding("9" * 500, recorded_nik="8" * 500)
    office.run(1, found)
    assert office.run(2, unread=[HOSPITAL])[id_of(found)]["source_record_id"] == "9" * 500


def test_more_items_than_one_batch(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.worklist.prior.BATCH", 7)
    monkeypatch.setattr("pipelines.worklist.recording.BATCH", 7)
    found = [finding(f"{n:03}") for n in range(50)]
    assert len(office.run(1, *found)) == 50
    second = office.run(2, *found[:40], finding("049", recorded_nik=OTHER, proposed_nik=RIGHT))
    statuses = [row["status"] for row in second.values()]
    assert (statuses.count("open"), statuses.count("resolved")) == (41, 9)


def test_thread_count_and_order_of_findings_change_no_byte(tmp_path: Path) -> None:
    found = [finding(f"{n:04}", confidence=0.5 + n / 1000) for n in range(300)]
    found += [pupil(f"{n:04}") for n in range(300)]

    def bytes_of(name: str, threads: int, step: int) -> tuple[bytes, bytes]:
        office = Office(tmp_path / name, f"sqlite:///{tmp_path / name}.sqlite", threads=threads)
        office.run(1, *found[:200][::step])
        office.run(2, *found[::step])
        file = office.artifacts[day(2)].file
        return file.read_bytes(), (file.parent / "changes.parquet").read_bytes()

    first = bytes_of("one", 1, 1)
    assert bytes_of("two", 4, 1) == first
    assert bytes_of("three", 2, -1) == first


def test_an_artifact_describes_the_items(office: Office) -> None:
    artifact = office.find(day(1), [finding(), pupil()])
    assert artifact == Artifact(
        str(office.settings(day(1)).folder("items")),
        2,
        hashlib.sha256(artifact.file.read_bytes()).hexdigest(),
    )
