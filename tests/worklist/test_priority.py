"""Which item comes first, and the line that says why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.records import Cause
from pipelines.settings import Settings
from pipelines.worklist.priority import priority_sql, reason_sql, rules
from tests.worklist.office import HOSPITAL, Office, day, duplicate, finding, id_of, offline, pupil, twice


def settings_of(folder: Path, more: str = "", language: str = "id") -> Settings:
    return Office(folder, "sqlite:///padan.sqlite", more, language).settings(date(2026, 11, 24))


USUAL: dict[str, Any] = {
    "sector": "health",
    "cause": "NIK_MISTYPED",
    "infant": False,
    "agencies_agree": False,
    "confidence": 0.99,
    "age_days": 0,
}


def ranked(chosen: Settings, **special: Any) -> tuple[int, str]:
    """Priority and reason of an item like any other but for what is said."""
    import duckdb

    item = {**USUAL, **special}
    kinds = {"infant": "boolean", "agencies_agree": "boolean", "confidence": "double", "age_days": "bigint"}
    columns = ", ".join(f"cast(? as {kinds.get(name, 'varchar')}) as {name}" for name in item)
    query = f"select {priority_sql(chosen)}, {reason_sql(chosen)} from (select {columns})"
    with duckdb.connect() as con:
        ((priority, reason),) = con.execute(query, list(item.values())).fetchall()
    return priority, reason


@pytest.mark.parametrize(
    ("special", "expected"),
    [
        ({}, (2, "kesehatan 2")),
        ({"sector": "education"}, (3, "pendidikan 3")),
        ({"sector": "social"}, (3, "social 3")),
        ({"sector": None, "cause": "DOUBLE_NIK"}, (3, "data kependudukan 3")),
        ({"confidence": 0.8}, (3, "kesehatan 2; usulan kurang pasti +1")),
        ({"confidence": None}, (2, "kesehatan 2")),
        ({"agencies_agree": True}, (1, "kesehatan 2; dua instansi sepakat -1")),
        ({"age_days": 29}, (2, "kesehatan 2")),
        ({"age_days": 30}, (1, "kesehatan 2; menunggu 30 hari -1")),
        ({"age_days": 45}, (1, "kesehatan 2; menunggu 45 hari -1")),
        ({"infant": True}, (1, "kesehatan 2; bayi -1")),
        (
            {"infant": True, "cause": "NIK_OF_ANOTHER_PERSON"},
            (4, "kesehatan 2; bayi dengan nomor orang lain, wajar dahulu +2"),
        ),
        (
            {"sector": None, "cause": "NIK_NOT_ONLINE"},
            (2, "data kependudukan 3; pemiliknya ditolak di loket -1"),
        ),
        ({"cause": "ELEMENT_MISMATCH"}, (3, "kesehatan 2; nomornya sendiri benar +1")),
        (
            {"sector": "education", "cause": "DUPLICATE_RECORD", "confidence": None},
            (4, "pendidikan 3; nomornya sendiri benar +1"),
        ),
        (
            {"infant": True, "agencies_agree": True, "age_days": 99},
            (1, "kesehatan 2; bayi -1; dua instansi sepakat -1; menunggu 99 hari -1"),
        ),
    ],
)
def test_the_policy(tmp_path: Path, special: dict[str, Any], expected: tuple[int, str]) -> None:
    assert ranked(settings_of(tmp_path), **special) == expected


def test_in_english(tmp_path: Path) -> None:
    chosen = settings_of(tmp_path, language="en")
    assert ranked(chosen, age_days=31, confidence=0.5) == (
        2,
        "health 2; waiting 31 days -1; unsure proposal +1",
    )


def test_the_policy_is_configured(tmp_path: Path) -> None:
    chosen = settings_of(
        tmp_path,
        "[worklist]\nwaiting_days = 5\nunsure_below = 0.5\nsector_priority = { social = 1, health = 4 }",
    )
    assert ranked(chosen, sector="social") == (1, "social 1")
    assert ranked(chosen, age_days=5) == (3, "kesehatan 4; menunggu 5 hari -1")
    assert ranked(chosen, confidence=0.6)[0] == 4
    assert ranked(chosen, sector="education")[0] == 3


def test_without_any_sector(tmp_path: Path) -> None:
    assert ranked(settings_of(tmp_path, "[worklist]\nsector_priority = {}")) == (3, "kesehatan 3")


def test_a_sector_with_an_apostrophe(tmp_path: Path) -> None:
    chosen = settings_of(tmp_path, '[worklist]\nsector_priority = { "jum\'at" = 1 }')
    assert ranked(chosen, sector="jum'at") == (1, "jum'at 1")


@settings(max_examples=40, deadline=None)
@given(
    sector=st.sampled_from(["health", "education", None, "x"]),
    cause=st.sampled_from([cause.value for cause in Cause]),
    infant=st.booleans(),
    agencies_agree=st.booleans(),
    confidence=st.none() | st.floats(0, 1),
    age_days=st.integers(0, 4000),
)
def test_priority_is_the_sum_that_its_reason_tells(
    tmp_path_factory: pytest.TempPathFactory, **item: Any
) -> None:
    priority, reason = ranked(settings_of(tmp_path_factory.getbasetemp() / "policy"), **item)
    total = sum(int(part.rsplit(" ", 1)[1]) for part in reason.split("; "))
    assert priority == max(1, min(5, total))
    assert "\n" not in reason


@settings(max_examples=40, deadline=None)
@given(age=st.integers(0, 100), more=st.integers(0, 100))
def test_waiting_never_makes_an_item_less_urgent(
    tmp_path_factory: pytest.TempPathFactory, age: int, more: int
) -> None:
    chosen = settings_of(tmp_path_factory.getbasetemp() / "policy")
    assert ranked(chosen, age_days=age + more)[0] <= ranked(chosen, age_days=age)[0]


def test_every_rule_has_a_reason_in_both_languages(tmp_path: Path) -> None:
    from pipelines.worklist.texts import REASONS

    for rule in rules(settings_of(tmp_path)):
        assert set(REASONS[rule.reason]) == {"id", "en"}
        assert rule.step


def test_the_worklist_is_in_that_order(office: Office) -> None:
    listed = office.run(
        1,
        duplicate("d", "e"),
        pupil("p"),
        finding("h"),
        offline(),
        twice(),
        finding("i", "NIK_OF_ANOTHER_PERSON", infant=True),
    )
    causes = [(row["priority"], row["cause"]) for row in listed.values()]
    assert [priority for priority, _ in causes] == [2, 2, 3, 3, 3, 4]
    assert {cause for priority, cause in causes if priority == 2} == {"NIK_MISTYPED", "NIK_NOT_ONLINE"}


def test_an_item_of_an_absent_source_is_ranked_as_ever(office: Office) -> None:
    """What ranking needs is in the store: sector, infant, agreement; and the waiting goes on."""
    found = finding(infant=True, sector="social")
    office.run(1, found)
    assert office.run(2, unread=[HOSPITAL])[id_of(found)]["priority_reason"] == "social 3; bayi -1"
    late = office.run(31, unread=[HOSPITAL])[id_of(found)]
    assert (late["priority"], late["priority_reason"]) == (1, "social 3; bayi -1; menunggu 30 hari -1")
    assert office.kinds(found) == [(1, "opened"), (31, "changed")]
    assert late["last_seen"] == day(1)
