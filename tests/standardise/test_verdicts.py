"""Answers of the central service: one a number, the latest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.records import VERDICTS
from tests.standardise.office import Office, Row

NIK = "5301061203790003"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A fresh office."""
    return Office(tmp_path)


def answer(result: str | None, checked_at: str | None = None, nik: str | None = NIK, **place: object) -> Row:
    """One row as the service's answers were exported."""
    return {"nik": nik, "checked_at": checked_at, "result": result, **place}


def test_one_answer(office: Office) -> None:
    made = office.standardise("bpjs", [answer("DITEMUKAN", "2026-11-02 09:15:00")])
    assert made.path == str(office.settings.folder("verdicts/bpjs"))
    table = pq.read_table(made.file)
    assert (table.schema.names, table.schema.types) == (VERDICTS.names, VERDICTS.types)
    assert table.to_pylist() == [
        {"source": "bpjs", "nik": NIK, "checked_at": datetime(2026, 11, 2, 9, 15), "result": "found"}
    ]
    assert office.quarantine("bpjs") == []


@pytest.mark.parametrize(
    ("word", "result"),
    [
        *((word, "found") for word in ("DITEMUKAN", "Ditemukan", "Sesuai", "sesuai.", "FOUND", "found")),
        *(
            (word, "not_found")
            for word in ("TIDAK DITEMUKAN", "Data Tidak Ditemukan", "not_found", "NOT FOUND")
        ),
        ("NIK tidak terdapat di database Kemendagri", "not_found"),
        *((word, "mismatch") for word in ("DATA TIDAK SESUAI", "Tidak Sesuai", "mismatch")),
    ],
)
def test_the_services_words(office: Office, word: str, result: str) -> None:
    (verdict,) = office.records("bpjs", [answer(word)])
    assert verdict["result"] == result


@pytest.mark.parametrize(
    ("answers", "stands"),
    [
        ([("DITEMUKAN", "2026-11-02"), ("TIDAK DITEMUKAN", "2026-11-03")], "not_found"),
        ([("TIDAK DITEMUKAN", "2026-11-03"), ("DITEMUKAN", "2026-11-02")], "not_found"),
        ([("TIDAK DITEMUKAN", "2026-11-03 08:00"), ("DITEMUKAN", "2026-11-03 07:59")], "not_found"),
        ([("DITEMUKAN", "2026-11-02"), ("TIDAK DITEMUKAN", None)], "found"),  # undated is the oldest
        ([("DITEMUKAN", None), ("TIDAK DITEMUKAN", "2001-01-01")], "not_found"),
        ([("DITEMUKAN", "2026-11-02"), ("TIDAK DITEMUKAN", "2026-11-02")], "not_found"),  # the later row
        ([("TIDAK DITEMUKAN", None), ("DITEMUKAN", None)], "found"),
        ([("DITEMUKAN", "2026-11-02"), ("entah", "2026-11-09")], "found"),  # no answer replaces none
        ([("DITEMUKAN", "2026-11-02"), ("TIDAK DITEMUKAN", "2099-01-01")], "found"),  # no such day yet
    ],
)
def test_the_latest_answer_counts(office: Office, answers: list[tuple[str, str | None]], stands: str) -> None:
    rows = [answer(result, checked_at) for result, checked_at in answers]
    (verdict,) = office.records("bpjs", rows)
    assert verdict["result"] == stands
    assert len([q for q in office.quarantine("bpjs") if q["scope"] == "row"]) == len(rows) - 1


def test_older_answers_are_noted(office: Office) -> None:
    office.records("bpjs", [answer("DITEMUKAN", "2026-11-02"), answer("TIDAK DITEMUKAN", "2026-11-03")])
    (noted,) = office.quarantine("bpjs")
    assert (noted["row"], noted["column"], noted["reason"]) == (2, "nik", "superseded")
    assert noted["value"] == "5301********0003"


def test_the_later_file_and_row_decide_between_answers_of_one_moment(office: Office) -> None:
    rows = [
        answer("DITEMUKAN", file="b.csv", row=2),
        answer("TIDAK DITEMUKAN", file="a.csv", row=9),
        answer("TIDAK SESUAI", file="b.csv", row=1),
    ]
    for order in (rows, rows[::-1]):
        (verdict,) = office.records("bpjs", order)
        assert verdict["result"] == "found"


@pytest.mark.parametrize(
    ("nik", "reason"),
    [
        (None, "nik_missing"),
        ("-", "nik_missing"),
        ("0000000000000000", "nik_missing"),
        ("530106120379000", "nik_malformed"),
        ("5,30106E+15", "nik_malformed"),
        ("5301063203790003", "nik_malformed"),
    ],
)
def test_an_answer_about_no_number(office: Office, nik: str | None, reason: str) -> None:
    assert office.records("bpjs", [answer("DITEMUKAN", "2026-11-02", nik)]) == []
    (noted,) = office.quarantine("bpjs")
    assert (noted["scope"], noted["column"], noted["reason"]) == ("row", "nik", reason)


@pytest.mark.parametrize("word", ["entah", "", None, "-", "DITEMUKAN SEBAGIAN"])
def test_an_answer_that_says_nothing(office: Office, word: str | None) -> None:
    assert office.records("bpjs", [answer(word, "2026-11-02")]) == []
    (noted,) = office.quarantine("bpjs")
    assert (noted["scope"], noted["column"], noted["reason"]) == ("row", "result", "result_unknown")


def test_an_unreadable_date_makes_an_undated_answer(office: Office) -> None:
    (verdict,) = office.records("bpjs", [answer("DITEMUKAN", "kemarin")])
    assert (verdict["checked_at"], verdict["result"]) == (None, "found")
    (noted,) = office.quarantine("bpjs")
    assert (noted["scope"], noted["column"], noted["reason"]) == ("value", "checked_at", "date_unreadable")
    assert noted["value"] == "k******"


def test_a_number_in_any_dressing_is_one_number(office: Office) -> None:
    rows = [
        answer("DITEMUKAN", "2026-11-02", "5301 0612 0379 0003"),
        answer("SESUAI", "2026-11-03", f"'{NIK}"),
    ]
    (verdict,) = office.records("bpjs", rows)
    assert (verdict["nik"], verdict["checked_at"]) == (NIK, datetime(2026, 11, 3))


ANSWERS = st.lists(
    st.fixed_dictionaries(
        {
            "nik": st.sampled_from([None, "-", NIK, f" {NIK}", "5301066509830002", "53010665098300"]),
            "checked_at": st.sampled_from([None, "2026-11-02", "2026-11-02 10:00", "02-11-2026", "x"]),
            "result": st.sampled_from([None, "DITEMUKAN", "TIDAK DITEMUKAN", "Tidak Sesuai", "entah"]),
        }
    ),
    max_size=15,
)


@given(ANSWERS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_answer_is_a_verdict_or_in_the_quarantine(rows: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        office = Office(Path(folder))
        verdicts = office.records("bpjs", rows)
        noted = office.quarantine("bpjs")
    gone = [q for q in noted if q["scope"] == "row"]
    assert len(rows) == len(verdicts) + len(gone)
    numbers = [verdict["nik"] for verdict in verdicts]
    assert numbers == sorted(set(numbers))
    usable = [r for r in rows if str(r["nik"]).strip() in numbers and r["result"] not in (None, "entah")]
    assert len(usable) == len(verdicts) + sum(q["reason"] == "superseded" for q in gone)
