"""What the central service answered, against what is true."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

from pipelines.sample.data import Data
from tests.sample.population import Population

FOUND = {"DITEMUKAN", "SESUAI"}
NOT_FOUND = {"TIDAK DITEMUKAN", "DATA TIDAK DITEMUKAN", "NIK TIDAK TERDAPAT DI DATABASE KEMENDAGRI"}
MISMATCH = {"TIDAK SESUAI", "DATA TIDAK SESUAI"}


def latest(drawn: Population) -> dict[str, str]:
    """The last answer about each number, in capitals."""
    answers: dict[str, tuple[str, str]] = {}
    for row in drawn.verdicts:
        answers[row["nik"]] = max(
            answers.get(row["nik"], ("", "")), (row["checked_at"], row["result"].upper())
        )
    return {nik: result for nik, (_, result) in answers.items()}


def test_answers_are_in_the_services_words_and_in_the_order_of_asking(
    ordinary: Population, data: Data
) -> None:
    stamps = [row["checked_at"] for row in ordinary.verdicts]
    assert stamps == sorted(stamps)
    assert all(datetime.fromisoformat(stamp).date() <= data.as_of for stamp in stamps)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", stamp) for stamp in stamps)
    assert {row["result"].upper() for row in ordinary.verdicts} == FOUND | NOT_FOUND | MISMATCH
    assert all(re.fullmatch(r"\d{16}", row["nik"]) for row in ordinary.verdicts)


def test_what_is_not_online_is_what_the_registry_holds_as_active_and_the_service_does_not_find(
    ordinary: Population,
) -> None:
    expected = {
        nik
        for nik, result in latest(ordinary).items()
        if result in NOT_FOUND and nik in ordinary.registry and ordinary.registry[nik]["STATUS"] == "AKTIF"
    }
    assert expected == {row["nik"] for row in ordinary.pairs("offline")}
    assert len(expected) > 30


def test_nobody_unknown_or_dead_is_found_in_the_end(ordinary: Population) -> None:
    for nik, result in latest(ordinary).items():
        if nik not in ordinary.registry or ordinary.registry[nik]["STATUS"] != "AKTIF":
            assert result in NOT_FOUND


def test_some_numbers_were_asked_about_twice_and_some_of_the_answers_changed(ordinary: Population) -> None:
    answers: dict[str, list[bool]] = {}
    for row in ordinary.verdicts:
        answers.setdefault(row["nik"], []).append(row["result"].upper() in NOT_FOUND)
    assert Counter(map(len, answers.values())).keys() == {1, 2}
    twice = [tuple(found) for found in answers.values() if len(found) == 2]
    assert {(True, False), (False, True), (True, True), (False, False)} == set(twice)
    offline = {row["nik"] for row in ordinary.pairs("offline")}
    assert any(answers[nik] == [False, True] for nik in offline), "online once, and then no more"


def test_agencies_ask_about_what_they_hold_and_the_office_about_a_little_besides(
    ordinary: Population,
) -> None:
    held = {re.sub(r"\D", "", row["number"]) for row in ordinary.recorded.values()}
    asked = {row["nik"] for row in ordinary.verdicts}
    assert 0.7 < len(asked & held) / len(asked) < 1
    assert asked - held <= set(ordinary.registry)
