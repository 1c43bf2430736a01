"""The ledger: what is appended can be proved, and what was done to it afterwards is named."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from pipelines.store import Event, Head, append_events, read_head, read_session, verify_ledger, write_session
from pipelines.store.ledger import GENESIS, event_hash

DAY = date(2026, 11, 24)


def some(count: int, start: int = 1) -> list[Event]:
    return [
        Event("opened", {"status": "new", "n": n}, f"P-{n:012}", DAY) for n in range(start, start + count)
    ]


def ledger_of(url: str, events: list[Event]) -> Head:
    with write_session(url) as session:
        return append_events(session, events)


def tamper(url: str, *statements: str) -> None:
    with write_session(url) as session:
        for statement in statements:
            session.execute(text(statement))


def fault_of(url: str, anchor: Head | None = None) -> tuple[int, str] | None:
    with read_session(url) as session:
        fault = verify_ledger(session, anchor).fault
    return (fault.event_id, fault.kind) if fault else None


def test_an_event_is_hashed_over_the_one_before() -> None:
    first = event_hash(GENESIS, Event("opened", {"status": "new"}, "P-A", DAY))
    assert first != event_hash(first, Event("opened", {"status": "new"}, "P-A", DAY))
    assert len(first) == 64


def test_the_hash_is_what_the_documentation_says() -> None:
    """Anyone can recompute it with sha256sum."""
    import hashlib

    content = '{"item_id":"P-A","kind":"opened","payload":{"a":1,"status":"né"},"run_date":"2026-11-24"}'
    expected = hashlib.sha256(f"{'0' * 64}\n{content}".encode()).hexdigest()
    assert event_hash(GENESIS, Event("opened", {"status": "né", "a": 1}, "P-A", DAY)) == expected


def test_what_was_appended_is_sound(url: str) -> None:
    ledger_of(url, some(3))
    head = ledger_of(url, some(2, start=4))
    assert head.events == 5
    with read_session(url) as session:
        check = verify_ledger(session)
        assert read_head(session) == head
    assert check.sound
    assert check.head == head


def test_nothing_appended_changes_nothing(url: str) -> None:
    head = ledger_of(url, some(2))
    assert ledger_of(url, []) == head


def test_an_event_of_no_item_and_no_run(url: str) -> None:
    ledger_of(url, [Event("purged", {"removed": ["raw/x"]})])
    assert fault_of(url) is None


def test_a_changed_payload_is_named(url: str) -> None:
    ledger_of(url, some(5))
    tamper(url, """UPDATE item_event SET payload = '{"status": "rejected", "n": 3}' WHERE event_id = 3""")
    assert fault_of(url) == (3, "changed")


@pytest.mark.parametrize(
    "change",
    [
        "item_id = 'P-OTHER'",
        "kind = 'resolved'",
        "run_date = '2026-11-25'",
        f"hash = '{'f' * 64}'",
        f"previous_hash = '{'f' * 64}'",
    ],
)
def test_any_changed_column_is_named(url: str, change: str) -> None:
    ledger_of(url, some(5))
    tamper(url, f"UPDATE item_event SET {change} WHERE event_id = 4")
    assert fault_of(url) == (4, "changed")


def test_a_lost_event_is_named(url: str) -> None:
    ledger_of(url, some(5))
    tamper(url, "DELETE FROM item_event WHERE event_id = 2")
    assert fault_of(url) == (2, "lost")


def test_a_lost_event_is_named_though_the_rest_moved_up(url: str) -> None:
    ledger_of(url, some(5))
    tamper(
        url,
        "DELETE FROM item_event WHERE event_id = 2",
        *(f"UPDATE item_event SET event_id = {n - 1} WHERE event_id = {n}" for n in (3, 4, 5)),
    )
    assert fault_of(url) == (2, "lost")


def test_a_lost_first_event_is_named(url: str) -> None:
    ledger_of(url, some(3))
    tamper(url, "DELETE FROM item_event WHERE event_id = 1")
    assert fault_of(url) == (1, "lost")


def test_lost_last_events_are_named_by_the_ledgers_own_account(url: str) -> None:
    ledger_of(url, some(5))
    tamper(url, "DELETE FROM item_event WHERE event_id >= 4")
    assert fault_of(url) == (4, "lost")


def test_swapped_events_are_named(url: str) -> None:
    ledger_of(url, some(5))
    tamper(
        url,
        "UPDATE item_event SET event_id = 99 WHERE event_id = 2",
        "UPDATE item_event SET event_id = 2 WHERE event_id = 3",
        "UPDATE item_event SET event_id = 3 WHERE event_id = 99",
    )
    assert fault_of(url) == (2, "reordered")


def test_a_repeated_event_is_named(url: str) -> None:
    ledger_of(url, some(3))
    tamper(
        url,
        "INSERT INTO item_event SELECT 4, run_date, item_id, kind, payload, previous_hash, hash"
        " FROM item_event WHERE event_id = 2",
    )
    assert fault_of(url) == (4, "reordered")


def test_an_event_put_before_the_first_is_named(url: str) -> None:
    ledger_of(url, some(2))
    tamper(
        url,
        "INSERT INTO item_event SELECT 0, run_date, item_id, kind, payload, previous_hash, hash"
        " FROM item_event WHERE event_id = 1",
    )
    assert fault_of(url) == (0, "added")


def test_an_event_that_the_account_does_not_know_is_named(url: str) -> None:
    ledger_of(url, some(2))
    with read_session(url) as session:
        head = read_head(session)
    forged = Event("opened", {}, "P-FORGED", DAY)
    tamper(
        url,
        "INSERT INTO item_event VALUES (3, '2026-11-24', 'P-FORGED', 'opened', '{}',"
        f" '{head.hash}', '{event_hash(head.hash, forged)}')",
    )
    assert fault_of(url) == (3, "added")


def test_a_changed_account_is_named(url: str) -> None:
    ledger_of(url, some(2))
    tamper(url, f"UPDATE ledger_head SET hash = '{'a' * 64}'")
    assert fault_of(url) == (2, "changed")


def test_an_anchor_shows_a_ledger_cut_with_its_own_account(url: str) -> None:
    early = ledger_of(url, some(2))
    anchor = ledger_of(url, some(3, start=3))
    tamper(
        url,
        "DELETE FROM item_event WHERE event_id > 2",
        f"UPDATE ledger_head SET events = 2, hash = '{early.hash}'",
    )
    assert fault_of(url) is None, "the chain alone cannot see it"
    assert fault_of(url, anchor) == (3, "lost")


def test_an_anchor_shows_a_ledger_written_anew(url: str, tmp_path: Path) -> None:
    anchor = ledger_of(f"sqlite:///{tmp_path / 'true.sqlite'}", some(3))
    ledger_of(url, [*some(2), Event("opened", {"status": "new", "n": 99}, "P-OTHER", DAY)])
    assert fault_of(url) is None, "the chain alone cannot see it"
    assert fault_of(url, anchor) == (3, "changed")


def test_an_anchor_that_holds_is_sound(url: str) -> None:
    anchor = ledger_of(url, some(3))
    ledger_of(url, some(3, start=4))
    assert fault_of(url, anchor) is None


def test_what_the_block_did_not_finish_is_not_in_the_ledger(url: str) -> None:
    def append_and_fail() -> None:
        with write_session(url) as session:
            append_events(session, some(3))
            raise ArithmeticError

    head = ledger_of(url, some(1))
    with pytest.raises(ArithmeticError):
        append_and_fail()
    with read_session(url) as session:
        assert read_head(session) == head
    assert fault_of(url) is None


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcé'\"{}", max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
events = st.builds(
    Event,
    kind=st.sampled_from(["opened", "changed", "decided", "purged"]),
    payload=st.dictionaries(st.text("abc", min_size=1, max_size=3), json_values, max_size=3),
    item_id=st.none() | st.from_regex(r"P-[A-Z2-7]{12}", fullmatch=True),
    run_date=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)


@pytest.fixture
def emptied(url: str) -> Iterator[Callable[[], str]]:
    """A ledger that can be emptied, so that each example begins anew without a new database."""

    def empty() -> str:
        tamper(
            url,
            "DELETE FROM item_event",
            f"UPDATE ledger_head SET events = 0, hash = '{GENESIS}'",
        )
        return url

    return empty


several = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@several
@given(batches=st.lists(st.lists(events, max_size=4), max_size=4))
def test_whatever_is_appended_is_sound_and_read_back(
    emptied: Callable[[], str], batches: list[list[Event]]
) -> None:
    url = emptied()
    for batch in batches:
        ledger_of(url, batch)
    assert fault_of(url) is None
    with read_session(url) as session:
        assert read_head(session).events == sum(map(len, batches))


@dataclass(frozen=True)
class Tampering:
    """One thing done to one event."""

    name: str
    statements: Callable[[int], list[str]]


TAMPERINGS = [
    Tampering("deleted", lambda n: [f"DELETE FROM item_event WHERE event_id = {n}"]),
    Tampering("kind", lambda n: [f"UPDATE item_event SET kind = 'forged' WHERE event_id = {n}"]),
    Tampering(
        "payload",
        lambda n: [f"UPDATE item_event SET payload = '{{\"forged\": true}}' WHERE event_id = {n}"],
    ),
    Tampering("item", lambda n: [f"UPDATE item_event SET item_id = 'P-FORGED' WHERE event_id = {n}"]),
    Tampering("date", lambda n: [f"UPDATE item_event SET run_date = '1999-01-01' WHERE event_id = {n}"]),
    Tampering(
        "swapped with the next",
        lambda n: [
            f"UPDATE item_event SET event_id = 1000 WHERE event_id = {n}",
            f"UPDATE item_event SET event_id = {n} WHERE event_id = {n + 1}",
            f"UPDATE item_event SET event_id = {n + 1} WHERE event_id = 1000",
        ],
    ),
]


@several
@given(
    batch=st.lists(events, min_size=2, max_size=6),
    tampering=st.sampled_from(TAMPERINGS),
    data=st.data(),
)
def test_one_event_tampered_with_is_the_one_named(
    emptied: Callable[[], str], batch: list[Event], tampering: Tampering, data: st.DataObject
) -> None:
    url = emptied()
    ledger_of(url, batch)
    last = len(batch) - ("swapped" in tampering.name)
    number = data.draw(st.integers(1, last))
    tamper(url, *tampering.statements(number))
    fault = fault_of(url)
    assert fault is not None
    assert fault[0] == number


def payloads(session: Session) -> list[object]:
    rows = session.execute(text("SELECT payload FROM item_event ORDER BY event_id")).scalars()
    return [json.loads(row) if isinstance(row, str) else row for row in rows]


def test_a_ledger_longer_than_a_batch_is_streamed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.store.ledger.BATCH", 7)
    ledger_of(url, some(50))
    assert fault_of(url) is None
    with read_session(url) as session:
        assert payloads(session)[49] == {"status": "new", "n": 50}
    tamper(url, "UPDATE item_event SET kind = 'forged' WHERE event_id = 41")
    assert fault_of(url) == (41, "changed")


def test_ledgers_of_the_same_events_are_the_same_on_both_servers(url: str, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / uuid.uuid4().hex}.sqlite"
    assert ledger_of(url, some(10)) == ledger_of(other, some(10))
