"""What officers answer, and what becomes of it in the days after."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipelines.errors import PadanError
from pipelines.store import read_session
from pipelines.store.models import Decision, DecisionFile, ItemEvent
from pipelines.vocabulary import DecisionKind
from pipelines.worklist import DecisionSummary, decide
from pipelines.worklist.summary import Outcome
from tests.worklist.office import (
    HOSPITAL,
    OTHER,
    RIGHT,
    SCHOOL,
    Office,
    day,
    duplicate,
    finding,
    id_of,
    noon,
    pupil,
    twice,
)

CORRECTED, REJECTED, FORWARDED = DecisionKind


def answers(office: Office, *rows: dict[str, Any], name: str = "kembali.csv") -> Path:
    """A file as an office sends it back."""
    file = office.folder / name
    with file.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, ["item_id", "proposed_nik", "decision", "note"], restval="")
        writer.writeheader()
        writer.writerows(rows)
    return file


def row(found: dict[str, Any], decision: str, **special: str) -> dict[str, Any]:
    """The row of a finding's item, with the officer's answer."""
    return {
        "item_id": id_of(found),
        "proposed_nik": found["proposed_nik"] or "",
        "decision": decision,
        **special,
    }


def answer(office: Office, number: int, *rows: dict[str, Any], name: str = "") -> DecisionSummary:
    """An office's answer of a day, after that day's run."""
    file = answers(office, *rows, name=name or f"kembali-{number}.csv")
    return decide(file, office.settings(day(number)), noon(number))


def outcomes(summary: DecisionSummary) -> list[Outcome]:
    return [refused.outcome for refused in summary.refused]


def decisions(office: Office) -> list[Decision]:
    with read_session(office.store) as session:
        return list(session.scalars(select(Decision).order_by(Decision.decision_id)))


# Not an error


def test_rejected_is_shown_the_day_it_takes_effect_and_then_silent(office: Office) -> None:
    office.run(1, finding(), pupil())
    summary = answer(office, 1, row(finding(), "Bukan kesalahan"))
    assert (summary.taken, summary.effective_date) == ({REJECTED: 1}, day(2))
    second = office.run(2, finding(), pupil())
    assert second[id_of(finding())]["status"] == "rejected"
    assert second[id_of(finding())]["note"] == "Dinyatakan bukan kesalahan pada 2026-11-01"
    for number in (3, 4):
        assert id_of(finding()) not in office.run(number, finding(), pupil())
    assert office.kinds(finding()) == [(1, "opened"), (2, "rejected")]


@pytest.mark.parametrize(
    "changed",
    [{"recorded_nik": OTHER}, {"proposed_nik": OTHER}, {"proposed_nik": None}, {"elements": "name"}],
    ids=lambda change: next(iter(change)),
)
def test_rejected_is_open_again_when_the_record_or_its_match_changes(
    office: Office, changed: dict[str, Any]
) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    office.run(2, finding())
    office.run(3, finding())
    item = office.run(4, finding(**changed))[id_of(finding())]
    assert (item["status"], item["first_seen"]) == ("open", day(1))
    assert "bukan kesalahan" in str(item["note"])
    assert office.run(5, finding(**changed))[id_of(finding())]["status"] == "open"
    assert office.kinds(finding()) == [(1, "opened"), (2, "rejected"), (4, "reopened")]


def test_rejected_stays_silent_when_only_the_evidence_or_confidence_changes(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    office.run(2, finding())
    assert office.run(3, finding(evidence="Lain.", confidence=0.5)) == {}


@pytest.mark.parametrize(
    ("found", "swapped"),
    [
        (duplicate("1", "2"), duplicate("2", "1", recorded_nik=OTHER)),
        (twice(OTHER, RIGHT), twice(RIGHT, OTHER)),
    ],
)
def test_a_rejected_pair_stays_silent_when_its_two_change_places(
    office: Office, found: dict[str, Any], swapped: dict[str, Any]
) -> None:
    office.run(1, found)
    answer(office, 1, row(found, "Bukan kesalahan"))
    office.run(2, found)
    assert office.run(3, swapped) == {}


def test_a_rejected_item_whose_cause_changes_is_open_under_the_new_one(office: Office) -> None:
    after = finding(cause="NIK_WRONG")
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    office.run(2, finding())
    third = office.run(3, after)
    assert set(third) == {id_of(after)}, "the old one was silent and ends silently"
    assert third[id_of(after)]["first_seen"] == day(1)
    assert office.run(4, finding())[id_of(finding())]["status"] == "open", (
        "and is asked anew if it comes back"
    )


def test_a_rejected_item_that_goes_ends_silently_and_comes_back_as_new(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    office.run(2, finding())
    assert office.run(3) == {}
    assert office.run(4, finding())[id_of(finding())]["status"] == "new"
    assert office.run(5, finding())[id_of(finding())]["status"] == "open"


def test_a_rejected_item_of_an_absent_source_stays_silent(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    office.run(2, finding())
    assert office.run(3, unread=[HOSPITAL]) == {}
    assert office.run(4, finding()) == {}


def test_a_rejection_waits_while_the_source_is_absent(office: Office) -> None:
    """Whether the record changed meanwhile cannot be known, so the item stands as it stood."""
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    assert office.run(2, unread=[HOSPITAL])[id_of(finding())]["status"] == "open"
    assert office.run(3, finding())[id_of(finding())]["status"] == "rejected"


def test_a_rejection_of_what_has_changed_overnight_is_void(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    item = office.run(2, finding(recorded_nik=OTHER))[id_of(finding())]
    assert (item["status"], item["note"]) == ("open", None)
    assert office.run(3, finding(recorded_nik=OTHER))[id_of(finding())]["status"] == "open"
    (_, kind, payload) = office.events(id_of(finding()))[-1]
    assert (kind, payload["void"]) == ("changed", decisions(office)[0].decision_id)


def test_an_item_of_a_source_configured_no_longer_can_be_rejected(office: Office) -> None:
    gone = finding("9", source="klinik-tarus", owner="klinik-tarus")
    office.run(1, gone)
    answer(office, 1, row(gone, "Bukan kesalahan"))
    assert office.run(2)[id_of(gone)]["status"] == "rejected"
    assert office.run(3) == {}


# Corrected


def test_corrected_stays_open_with_a_note_until_the_data_shows_it(office: Office) -> None:
    office.run(1, finding())
    summary = answer(office, 1, row(finding(), "Diperbaiki"))
    assert summary.taken == {CORRECTED: 1}
    second = office.run(2, finding())[id_of(finding())]
    assert second["status"] == "open"
    assert second["note"] == (
        "Dinyatakan diperbaiki pada 2026-11-01; belum tampak dalam data, ditunggu sampai 2026-11-16"
    )
    third = office.run(3)[id_of(finding())]
    assert third["status"] == "resolved"
    assert office.kinds(finding()) == [(1, "opened"), (2, "changed"), (3, "resolved")]


def test_corrected_that_the_data_does_not_bear_out_comes_back(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diperbaiki"))  # in effect from day 2, so awaited until day 16
    assert office.run(15, finding())[id_of(finding())]["status"] == "open"
    back = office.run(16, finding())[id_of(finding())]
    assert back["status"] == "returned"
    assert "tidak menunjukkannya" in str(back["note"])
    assert (back["first_seen"], back["age_days"]) == (day(1), 15)
    assert office.run(17, finding())[id_of(finding())]["status"] == "returned"
    assert office.run(18, unread=[HOSPITAL])[id_of(finding())]["note"] == back["note"]
    assert office.run(19)[id_of(finding())]["status"] == "resolved"
    assert office.kinds(finding()) == [(1, "opened"), (15, "changed"), (16, "returned"), (19, "resolved")]


def test_the_time_for_a_correction_is_configured(office: Office) -> None:
    office.more = "[worklist]\ncorrection_days = 3"
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diperbaiki"))
    assert office.run(4, finding())[id_of(finding())]["status"] == "open"
    assert office.run(5, finding())[id_of(finding())]["status"] == "returned"


def test_an_absent_source_bears_nothing_out_and_returns_nothing(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diperbaiki"))
    office.run(2, finding())
    assert office.run(20, unread=[HOSPITAL])[id_of(finding())]["status"] == "open"
    assert office.run(21, finding())[id_of(finding())]["status"] == "returned"


def test_a_returned_item_answered_again_is_awaited_again(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diperbaiki"))
    office.run(16, finding())
    assert answer(office, 16, row(finding(), "Diperbaiki", note="sekali lagi")).taken == {CORRECTED: 1}
    assert answer(office, 16, row(finding(), "Diperbaiki", note="dan lagi")).already == 1
    assert office.run(17, finding())[id_of(finding())]["status"] == "open"
    assert office.run(31, finding())[id_of(finding())]["status"] == "returned"


def test_a_returned_item_can_be_rejected(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diperbaiki"))
    office.run(16, finding())
    answer(office, 16, row(finding(), "Bukan kesalahan"))
    assert office.run(17, finding())[id_of(finding())]["status"] == "rejected"


def test_a_corrected_item_that_is_solved_and_comes_back_is_new_without_the_old_answer(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diperbaiki"))
    office.run(2)
    again = office.run(20, finding())[id_of(finding())]
    assert (again["status"], again["note"]) == ("new", None)
    assert office.run(21, finding())[id_of(finding())]["status"] == "open"


# Forwarded


def test_forwarded_stays_open_and_says_so(office: Office) -> None:
    office.run(1, finding())
    assert answer(office, 1, row(finding(), "salah alamat")).taken == {FORWARDED: 1}
    for number in (2, 40):
        item = office.run(number, finding())[id_of(finding())]
        assert (item["status"], item["note"]) == ("open", "Diteruskan kepada pihak lain pada 2026-11-01")


def test_a_later_answer_takes_the_place_of_one_that_a_run_has_known(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diteruskan"))
    office.run(2, finding())
    assert answer(office, 2, row(finding(), "Bukan kesalahan")).taken == {REJECTED: 1}
    assert office.run(3, finding())[id_of(finding())]["status"] == "rejected"


# What is taken and what is not


def test_a_row_without_a_decision_is_left_alone(office: Office) -> None:
    office.run(1, finding(), pupil())
    summary = answer(office, 1, row(finding(), ""), row(pupil(), "  "))
    assert (summary.rows, summary.blank, summary.taken, summary.refused) == (2, 2, {}, ())
    assert decisions(office) == []


def test_an_unknown_item_is_not_taken(office: Office) -> None:
    office.run(1, finding())
    assert outcomes(answer(office, 1, row(pupil(), "Diperbaiki"))) == [Outcome.UNKNOWN]


def test_before_any_run_every_item_is_unknown(office: Office) -> None:
    office.settings(day(1))
    assert outcomes(answer(office, 1, row(finding(), "Diperbaiki"))) == [Outcome.UNKNOWN]


def test_words_that_are_no_decision_are_not_taken(office: Office) -> None:
    office.run(1, finding())
    assert outcomes(answer(office, 1, row(finding(), "nanti saja"))) == [Outcome.UNREADABLE]


def test_an_item_that_is_resolved_meanwhile_is_not_taken(office: Office) -> None:
    office.run(1, finding())
    office.run(2)
    assert outcomes(answer(office, 2, row(finding(), "Diperbaiki"))) == [Outcome.NOT_OPEN]


def test_an_item_that_is_rejected_already(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    office.run(2, finding())
    summary = answer(office, 2, row(finding(), "Bukan kesalahan", note="lagi"))
    assert (summary.already, summary.refused) == (1, ())
    assert outcomes(answer(office, 3, row(finding(), "Diperbaiki"))) == [Outcome.NOT_OPEN]
    assert len(decisions(office)) == 1


def test_a_proposal_that_changed_since_is_not_decided_on(office: Office) -> None:
    office.run(1, finding())
    office.run(2, finding(proposed_nik=OTHER))
    assert outcomes(answer(office, 2, row(finding(), "Diperbaiki"))) == [Outcome.PROPOSAL_CHANGED]


def test_two_rows_that_contradict_are_both_not_taken(office: Office) -> None:
    office.run(1, finding(), pupil())
    summary = answer(
        office, 1, row(finding(), "Diperbaiki"), row(pupil(), "Diperbaiki"), row(finding(), "Bukan kesalahan")
    )
    assert outcomes(summary) == [Outcome.CONTRADICTION] * 2
    assert {refused.place for refused in summary.refused} == {"2", "4"}
    assert summary.taken == {CORRECTED: 1}


def test_two_rows_that_agree_are_one_decision(office: Office) -> None:
    office.run(1, finding())
    summary = answer(office, 1, row(finding(), "Diperbaiki"), row(finding(), "ya"))
    assert (summary.taken, summary.already, len(decisions(office))) == ({CORRECTED: 1}, 1, 1)


def test_a_file_that_contradicts_one_that_waits_for_its_run_is_not_taken(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diperbaiki"), name="a.csv")
    summary = answer(office, 1, row(finding(), "Bukan kesalahan"), name="b.csv")
    assert outcomes(summary) == [Outcome.CONTRADICTION]
    assert office.run(2, finding())[id_of(finding())]["status"] == "open"


def test_the_same_decision_in_another_file_changes_nothing(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diperbaiki"), name="a.csv")
    office.run(2, finding())
    summary = answer(office, 5, row(finding(), "ya"), name="b.csv")
    assert (summary.already, summary.taken) == (1, {})
    assert office.run(16, finding())[id_of(finding())]["status"] == "returned", (
        "the first answer's time counts"
    )


def test_the_same_file_twice_changes_nothing(office: Office) -> None:
    office.run(1, finding())
    first = answer(office, 1, row(finding(), "Diperbaiki"), name="a.csv")
    events = office.events()
    again = answer(office, 9, row(finding(), "Diperbaiki"), name="other name.csv")
    assert (again.repeated, again.taken, again.effective_date) == (True, {}, first.effective_date)
    assert len(decisions(office)) == 1
    assert office.events() == events


def test_the_same_file_twice_changes_nothing_even_where_it_would_now_fit(office: Office) -> None:
    office.run(1)
    assert outcomes(answer(office, 1, row(finding(), "Diperbaiki"))) == [Outcome.UNKNOWN]
    office.run(2, finding())
    assert answer(office, 2, row(finding(), "Diperbaiki"), name="again.csv").repeated


def test_a_decision_counts_from_the_first_date_without_a_run(office: Office) -> None:
    office.run(1, finding())
    office.run(5, finding())
    assert answer(office, 3, row(finding(), "Bukan kesalahan")).effective_date == day(6)
    assert office.run(5, finding())[id_of(finding())]["status"] == "open", "a rerun gives what it gave"
    assert office.run(6, finding())[id_of(finding())]["status"] == "rejected"


def test_a_decision_that_comes_in_before_the_nights_run_counts_for_it(office: Office) -> None:
    office.run(1, finding())
    assert answer(office, 4, row(finding(), "Bukan kesalahan")).effective_date == day(4)
    assert office.run(3, finding())[id_of(finding())]["status"] == "open"
    assert office.run(4, finding())[id_of(finding())]["status"] == "rejected"


def test_a_decision_that_comes_in_while_the_run_is_under_way_counts_from_the_next(office: Office) -> None:
    office.run(1, finding(), pupil())
    items = office.find(day(2), [finding(), pupil()])
    file = answers(office, row(finding(), "Bukan kesalahan"))
    assert decide(file, office.settings(day(2))).effective_date == day(2)  # no run of that date is known yet
    office.record(day(2), items)
    office.close(day(2))
    assert [one.effective_date for one in decisions(office)] == [day(3)]
    assert office.run(2, finding(), pupil())[id_of(finding())]["status"] == "open"  # again, as it was
    assert office.run(3, finding(), pupil())[id_of(finding())]["status"] == "rejected"
    with read_session(office.store) as session:
        told = select(ItemEvent).where(ItemEvent.kind == "decisions_put_off")
        (event,) = session.scalars(told)
        (read,) = session.scalars(select(DecisionFile))
    assert event.payload == {"file_sha256": read.file_sha256, "effective_date": "2026-11-03"}
    assert read.effective_date == day(3)


def test_without_a_time_it_came_in_at_the_beginning_of_the_date(office: Office) -> None:
    office.run(1, finding())
    decide(answers(office, row(finding(), "Diperbaiki")), office.settings(day(3)))
    assert decisions(office)[0].received_at == datetime(2026, 11, 3)


def test_the_offices_clock_is_kept_as_it_is(office: Office) -> None:
    office.run(1, finding())
    decide(
        answers(office, row(finding(), "Diperbaiki")),
        office.settings(day(3)),
        datetime(2026, 11, 3, 7, tzinfo=UTC),
    )
    assert decisions(office)[0].received_at == datetime(2026, 11, 3, 7)


def test_what_the_store_and_the_ledger_keep(office: Office) -> None:
    office.run(1, finding(), pupil())
    summary = answer(office, 1, row(finding(), "Diperbaiki", note=" Bu Yuli, 0812 "), row(pupil(), "??"))
    (kept,) = decisions(office)
    assert (kept.item_id, kept.decision, kept.note, kept.proposed_nik) == (
        id_of(finding()),
        "corrected",
        "Bu Yuli, 0812",
        RIGHT,
    )
    with read_session(office.store) as session:
        (file,) = session.scalars(select(DecisionFile))
    assert (file.file_sha256, file.rows, file.taken, file.refused) == (summary.sha256, 2, 1, 1)
    _, kind, payload = office.events(id_of(finding()))[-1]
    assert (kind, payload["decision"], payload["proposed_nik"]) == (
        "decided",
        "corrected",
        "5301********0001",
    )
    assert "Yuli" not in str(office.events()), "the ledger cannot forget"


def test_many_items_at_once(office: Office) -> None:
    """More than one query's worth."""
    office.more = "[decisions]\nbulk_limit = 2000"
    found = [finding(f"{n:06}") for n in range(1_200)]
    office.run(1, *found)
    summary = answer(office, 1, *(row(one, "Bukan kesalahan") for one in found))
    assert summary.taken == {REJECTED: 1_200}
    assert {item["status"] for item in office.run(2, *found).values()} == {"rejected"}


def test_a_file_that_is_no_worklist_changes_nothing(office: Office) -> None:
    office.run(1, finding())
    letter = office.folder / "letter.txt"
    letter.write_text("Yth. Bapak/Ibu")
    with pytest.raises(PadanError, match=r"letter\.txt"):
        decide(letter, office.settings(day(1)), noon(1))


# What the person is told


def test_the_summary_in_words(office: Office) -> None:
    office.run(1, finding(), pupil())
    text = str(answer(office, 1, row(finding(), "ya"), row(pupil(), ""), row(finding("9"), "ya")))
    assert text.splitlines() == [
        "kembali-1.csv: 1 keputusan diterima, berlaku mulai 2026-11-02",
        "  Diperbaiki: 1",
        "1 baris tanpa keputusan",
        "1 tidak diterima:",
        f"  baris 4, {id_of(finding('9'))}: butir tidak dikenal",
    ]


def test_the_summary_in_english(office: Office) -> None:
    office.language = "en"
    office.run(1, finding())
    text = str(answer(office, 1, row(finding(), "corrected")))
    assert text == "kembali-1.csv: 1 decisions taken, in effect from 2026-11-02\n  Corrected: 1"


def test_a_long_summary_is_cut_and_says_so(office: Office) -> None:
    office.run(1, finding())
    text = str(answer(office, 1, *(row(finding(f"x{n}"), "ya") for n in range(60))))
    assert "… dan 10 lagi" in text
    assert len(text.splitlines()) == 53


def test_a_file_read_before_in_words(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "ya"))
    assert "sudah dibaca sebelumnya" in str(answer(office, 1, row(finding(), "ya"), name="x.csv"))


def test_absent_agencies_do_not_silence_decisions_of_others(office: Office) -> None:
    office.run(1, finding(), pupil())
    answer(office, 1, row(finding(), "Bukan kesalahan"), row(pupil(), "Bukan kesalahan"))
    second = office.run(2, finding(), unread=[SCHOOL])
    assert second[id_of(finding())]["status"] == "rejected"
    assert second[id_of(pupil())]["status"] == "open"


@pytest.mark.parametrize(
    ("word", "status"), [("Bukan kesalahan", "rejected"), ("Diperbaiki", "open"), ("Diteruskan", "open")]
)
def test_nobody_is_asked_twice_because_a_date_was_run_again(office: Office, word: str, status: str) -> None:
    office.run(1, finding(), pupil())
    answer(office, 1, row(finding(), word))
    assert id_of(finding()) not in office.run(1, pupil())  # by a file that was not whole
    item = office.run(2, finding(), pupil())[id_of(finding())]
    assert item["status"] == status
    assert "2026-11-01" in item["note"]
    assert office.run(3, finding(), pupil()).keys() == {id_of(pupil())} | (
        {id_of(finding())} if status == "open" else set()
    )


@pytest.mark.parametrize(
    "changed",
    [{"recorded_nik": OTHER}, {"proposed_nik": OTHER}, {"elements": "name"}],
    ids=lambda change: next(iter(change)),
)
def test_what_came_back_otherwise_is_another_question(office: Office, changed: dict[str, Any]) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    office.run(1)
    assert office.run(2, finding(**changed))[id_of(finding())]["status"] == "new"
    assert office.run(3, finding(**changed))[id_of(finding())]["status"] == "open"


def test_an_answer_ends_where_a_later_run_did_not_find_its_item(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    office.run(1)
    office.run(2)  # the record was read, and in order
    assert office.run(3, finding())[id_of(finding())]["status"] == "new"
    assert office.run(4, finding())[id_of(finding())]["status"] == "open"


def test_an_answer_waits_for_the_run_that_reads_its_source(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Bukan kesalahan"))
    office.run(1)
    office.run(2, unread=[HOSPITAL])
    assert office.run(3, finding())[id_of(finding())]["status"] == "rejected"


def test_corrected_and_erased_and_there_again_weeks_later_is_not_borne_out(office: Office) -> None:
    office.run(1, finding())
    answer(office, 1, row(finding(), "Diperbaiki"))
    office.run(1)
    assert office.run(20, finding())[id_of(finding())]["status"] == "returned"
