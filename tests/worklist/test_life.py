"""The life of an item, day by day, as an office sees it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.worklist.office import (
    CENTRE,
    HOSPITAL,
    OTHER,
    OTHER_CENTRE,
    REGISTRY,
    RIGHT,
    SCHOOL,
    WRONG,
    Office,
    day,
    duplicate,
    finding,
    id_of,
    offline,
    pupil,
    twice,
)


def only(listed: dict[str, dict[str, object]]) -> dict[str, object]:
    (item,) = listed.values()
    return item


def test_a_finding_is_new_on_its_first_day_and_open_after(office: Office) -> None:
    first = only(office.run(1, finding()))
    assert (first["status"], first["first_seen"], first["last_seen"], first["age_days"]) == (
        "new",
        day(1),
        day(1),
        0,
    )
    third = only(office.run(3, finding()))
    assert (third["status"], third["first_seen"], third["last_seen"], third["age_days"]) == (
        "open",
        day(1),
        day(3),
        2,
    )
    assert first["item_id"] == third["item_id"] == id_of(finding())


def test_an_item_has_what_its_finding_has(office: Office) -> None:
    found = finding(elements="name;sex", confidence=0.87654321)
    item = only(office.run(1, found))
    assert {name: item[name] for name in found if name in item} == {
        name: value for name, value in found.items() if name in item
    }


def test_what_is_no_longer_found_is_resolved_that_day_and_then_silent(office: Office) -> None:
    office.run(1, finding())
    office.run(2, finding())
    gone = only(office.run(3))
    assert (gone["status"], gone["last_seen"], gone["age_days"]) == ("resolved", day(2), 2)
    assert gone["person_name"] == "MARIA NITBANI"
    assert office.run(4) == {}
    assert office.kinds(finding()) == [(1, "opened"), (3, "resolved")]


def test_what_comes_back_after_that_is_new_again(office: Office) -> None:
    office.run(1, finding())
    office.run(2)
    again = only(office.run(5, finding()))
    assert (again["status"], again["first_seen"], again["age_days"]) == ("new", day(5), 0)
    assert only(office.run(6, finding()))["status"] == "open"
    assert office.kinds(finding()) == [(1, "opened"), (2, "resolved"), (5, "reopened")]


def test_nothing_changed_writes_nothing(office: Office) -> None:
    for number in range(1, 6):
        office.run(number, finding(), pupil())
    assert [state.run_date for state in office.states(id_of(finding()))] == [day(1)]
    assert office.kinds(finding()) == [(1, "opened")]


def test_a_changed_finding_changes_its_item_and_is_told(office: Office) -> None:
    office.run(1, finding())
    changed = finding(proposed_nik=OTHER, confidence=0.6, evidence="Dua angka berbeda.")
    item = only(office.run(2, changed))
    assert (item["proposed_nik"], item["confidence"], item["status"]) == (OTHER, 0.6, "open")
    *_, (when, kind, payload) = office.events(id_of(finding()))
    assert (when, kind) == (day(2), "changed")
    assert payload["changed"] == ["confidence", "evidence", "priority", "proposed_nik"]
    assert payload["confidence"] == [0.99, 0.6]
    assert payload["proposed_nik"] == ["5301********0001", "5301********0003"]


def test_a_hair_of_confidence_is_no_change_but_is_shown(office: Office) -> None:
    office.run(1, finding(confidence=0.95))
    assert only(office.run(2, finding(confidence=0.954)))["confidence"] == 0.954
    assert office.kinds(finding()) == [(1, "opened")]
    office.run(3, finding(confidence=0.94))
    assert office.kinds(finding()) == [(1, "opened"), (3, "changed")]


def test_a_proposal_that_goes_is_a_change(office: Office) -> None:
    office.run(1, finding())
    item = only(office.run(2, finding(proposed_nik=None, confidence=None)))
    assert (item["proposed_nik"], item["confidence"]) == (None, None)
    assert office.kinds(finding()) == [(1, "opened"), (2, "changed")]


# An absent source


def test_items_of_an_absent_source_stand(office: Office) -> None:
    office.run(1, finding(), pupil())
    office.run(2, finding(), pupil())
    third = office.run(3, finding(), unread=[SCHOOL])
    item = third[id_of(pupil())]
    assert (item["status"], item["last_seen"], item["age_days"]) == ("open", day(2), 2)
    assert item["person_name"] == "MARIA NITBANI"
    assert item["birth_date"] == date(1990, 1, 1)
    assert item["district_name"] == "SEMAU"
    fourth = office.run(4, finding(), unread=[SCHOOL])
    assert fourth[id_of(pupil())]["person_name"] == "MARIA NITBANI", "handed on from day to day"
    assert fourth[id_of(pupil())]["last_seen"] == day(2)
    assert office.kinds(pupil()) == [(1, "opened")]


def test_a_new_item_of_an_absent_source_is_open_the_next_day(office: Office) -> None:
    office.run(1, finding())
    assert only(office.run(2, unread=[HOSPITAL]))["status"] == "open"


def test_after_the_absence_life_goes_on(office: Office) -> None:
    office.run(1, finding(), pupil())
    office.run(2, unread=[HOSPITAL, SCHOOL])
    third = office.run(3, finding())
    assert third[id_of(finding())]["status"] == "open"
    assert third[id_of(pupil())]["status"] == "resolved"
    assert third[id_of(pupil())]["last_seen"] == day(1)


def test_an_absent_source_resolves_nothing_of_its_own_and_hides_nothing_of_others(office: Office) -> None:
    office.run(1, finding("1"), finding("2"), pupil("3"), pupil("4"))
    second = office.run(2, finding("1"), unread=[SCHOOL])
    assert {item["source_record_id"]: item["status"] for item in second.values()} == {
        "1": "open",
        "2": "resolved",
        "3": "open",
        "4": "open",
    }


def test_without_the_run_before_the_names_are_empty(office: Office) -> None:
    """They never enter the store: past their retention they are gone."""
    office.run(1, finding())
    office.artifacts[day(1)].file.unlink()
    item = only(office.run(2, unread=[HOSPITAL]))
    assert (item["person_name"], item["birth_date"]) == (None, None)
    assert item["district_name"] == "SEMAU"


def test_the_confidence_that_stands_is_the_one_last_shown(office: Office) -> None:
    office.run(1, finding(confidence=0.95))
    office.run(2, finding(confidence=0.954))
    assert only(office.run(3, unread=[HOSPITAL]))["confidence"] == 0.954


@pytest.mark.parametrize("centre", [CENTRE, OTHER_CENTRE])
def test_an_unread_central_service_resolves_no_number_that_is_not_online(office: Office, centre: str) -> None:
    office.run(1, offline(), twice())
    second = office.run(2, unread=[centre])
    assert second[id_of(offline())]["status"] == "open"
    assert second[id_of(offline())]["last_seen"] == day(1)
    assert second[id_of(twice())]["status"] == "resolved"
    third = office.run(3)
    assert only(third)["status"] == "resolved"


def test_a_number_seen_though_one_central_service_was_not_read_was_seen(office: Office) -> None:
    office.run(1, offline())
    assert only(office.run(2, offline(), unread=[CENTRE]))["last_seen"] == day(2)
    assert only(office.run(3, unread=[CENTRE]))["last_seen"] == day(2)
    assert office.kinds(offline()) == [(1, "opened")]


def test_an_absent_agency_does_not_touch_registry_items(office: Office) -> None:
    office.run(1, offline(), twice())
    second = office.run(2, offline(), unread=[HOSPITAL, SCHOOL])
    assert second[id_of(offline())]["status"] == "open"
    assert second[id_of(twice())]["status"] == "resolved"


def test_without_the_registry_everything_stands(office: Office) -> None:
    office.run(1, finding(), pupil(), offline(), twice())
    second = office.run(2, unread=[REGISTRY])
    assert {item["status"] for item in second.values()} == {"open"}
    assert len(second) == 4


def test_what_two_agencies_agreed_on_holds_while_one_is_absent(office: Office) -> None:
    agreed = finding(
        cause="ELEMENT_MISMATCH", owner=REGISTRY, agencies_agree=True, evidence="Dua instansi sepakat."
    )
    alone = {**agreed, "owner": HOSPITAL, "agencies_agree": False, "evidence": "Tanggal lahir berbeda."}
    office.run(1, agreed)
    item = only(office.run(2, alone, unread=[SCHOOL]))
    assert (item["owner"], item["evidence"]) == (REGISTRY, "Dua instansi sepakat.")
    assert office.kinds(agreed) == [(1, "opened")]
    item = only(office.run(3, alone))
    assert (item["owner"], item["evidence"]) == (HOSPITAL, "Tanggal lahir berbeda.")


def test_a_source_that_is_configured_no_longer_leaves_its_items_standing(office: Office) -> None:
    office.run(1, finding("9", source="klinik-tarus", owner="klinik-tarus"))
    item = only(office.run(2))
    assert (item["status"], item["last_seen"]) == ("open", day(1))


# Pairs


@pytest.mark.parametrize(
    ("found", "swapped"),
    [
        (duplicate("000101", "000202"), duplicate("000202", "000101")),
        (twice(OTHER, RIGHT), twice(RIGHT, OTHER)),
    ],
)
def test_a_pair_is_one_item_whichever_is_named_first(
    office: Office, found: dict[str, object], swapped: dict[str, object]
) -> None:
    office.run(1, found)
    item = only(office.run(2, swapped))
    assert (item["item_id"], item["status"]) == (id_of(found), "open")
    assert item["source_record_id"] == swapped["source_record_id"]


def test_a_pair_found_twice_is_one_item(office: Office) -> None:
    assert len(office.run(1, duplicate("1", "2"), duplicate("2", "1"))) == 1


# A cause that changes


def test_a_changed_cause_keeps_the_waiting_time_and_the_history(office: Office) -> None:
    before, after = finding(), finding(cause="NIK_OF_ANOTHER_PERSON", recorded_nik=OTHER)
    office.run(1, before)
    office.run(2, before)
    third = office.run(3, after)
    old, new = third[id_of(before)], third[id_of(after)]
    assert old["status"] == "resolved"
    assert id_of(after) in str(old["note"])
    assert (new["status"], new["first_seen"], new["age_days"]) == ("open", day(1), 2)
    assert "NIK_MISTYPED" in str(new["note"])
    assert id_of(before) in str(new["note"])
    [(_, kind, payload)] = office.events(id_of(after))
    assert (kind, payload["from"]) == ("cause_changed", id_of(before))
    assert office.events(id_of(before))[-1][2]["to"] == id_of(after)
    fourth = only(office.run(4, after))
    assert (fourth["first_seen"], fourth["note"]) == (day(1), new["note"])
    assert len(office.states(id_of(after))) == 1


def test_a_cause_that_changes_back(office: Office) -> None:
    one, other = finding(), finding(cause="NIK_WRONG")
    office.run(1, one)
    office.run(2, other)
    third = office.run(3, one)
    assert third[id_of(one)]["first_seen"] == day(1)
    assert third[id_of(one)]["status"] == "open"
    assert third[id_of(other)]["status"] == "resolved"
    assert office.kinds(one) == [(1, "opened"), (2, "resolved"), (3, "cause_changed")]


def test_a_finding_beside_the_number_is_no_change_of_its_cause(office: Office) -> None:
    number, element = finding(), finding(cause="ELEMENT_MISMATCH", elements="sex")
    office.run(1, number)
    second = office.run(2, element)
    assert second[id_of(number)]["status"] == "resolved"
    assert (second[id_of(element)]["status"], second[id_of(element)]["first_seen"]) == ("new", day(2))


def test_another_records_cause_is_not_this_ones(office: Office) -> None:
    office.run(1, finding("1"))
    second = office.run(2, finding("2", "NIK_WRONG"), pupil("1", "NIK_WRONG"))
    assert {item["status"] for item in second.values() if item["cause"] == "NIK_WRONG"} == {"new"}


# A date again


def test_a_date_again_gives_the_same_bytes_and_no_second_event(office: Office) -> None:
    office.run(1, finding(), pupil())
    office.run(2, finding(recorded_nik=OTHER))
    first = office.artifacts[day(2)]
    changes = (first.file.parent / "changes.parquet").read_bytes()
    before = office.events()
    office.run(2, finding(recorded_nik=OTHER))
    again = office.artifacts[day(2)]
    assert again.sha256 == first.sha256
    assert (again.file.parent / "changes.parquet").read_bytes() == changes
    assert office.events() == before


def test_a_date_again_with_other_findings_replaces_it(office: Office) -> None:
    office.run(1, finding("1"))
    office.run(2, finding("1"), finding("2"))
    again = office.run(2, finding("1"), finding("3"))
    assert {item["source_record_id"]: item["status"] for item in again.values()} == {"1": "open", "3": "new"}
    assert office.states(id_of(finding("2"))) == []
    assert office.kinds(finding("2")) == [(2, "opened"), (2, "withdrawn")]
    third = office.run(3, finding("1"), finding("2"), finding("3"))
    assert {item["source_record_id"]: item["status"] for item in third.values()} == {
        "1": "open",
        "2": "new",
        "3": "open",
    }


def test_a_date_again_starts_from_what_was_before_it(office: Office) -> None:
    office.run(1, finding())
    office.run(2)
    item = only(office.run(2, finding()))
    assert (item["status"], item["first_seen"]) == ("open", day(1))
    assert only(office.run(3, finding()))["first_seen"] == day(1)


def test_an_earlier_date_again_leaves_later_dates_as_they_stood(office: Office) -> None:
    """On day 2 other things are found the second time; day 4 then goes on from what day 3 had."""
    office.run(1, finding("same"), finding("early"))
    office.run(2, finding("same"), finding("first time", confidence=0.7))
    office.run(3, finding("same"), finding("first time", confidence=0.7))
    again = office.run(2, finding("same", confidence=0.5), finding("second time"))
    assert {item["source_record_id"]: item["status"] for item in again.values()} == {
        "same": "open",
        "early": "resolved",
        "second time": "new",
    }
    fourth = office.run(4, finding("same"), finding("first time", confidence=0.7))
    assert {item["source_record_id"]: item["status"] for item in fourth.values()} == {
        "same": "open",
        "first time": "open",
    }
    assert fourth[id_of(finding("first time"))]["first_seen"] == day(2)
    assert office.kinds(finding("same")) == [(1, "opened"), (2, "changed")]


def test_a_date_before_all_others_leaves_them_as_they_stood(office: Office) -> None:
    office.run(5, finding("1"))
    early = office.run(2, finding("1"), finding("2"))
    assert {item["status"] for item in early.values()} == {"new"}
    sixth = office.run(6, finding("1"))
    assert {item["source_record_id"]: item["first_seen"] for item in sixth.values()} == {"1": day(5)}


def test_a_resolution_that_a_second_run_takes_back_leaves_the_later_one(office: Office) -> None:
    office.run(1, finding())
    office.run(2)
    office.run(3)
    office.run(2, finding())
    assert office.run(4) == {}
    assert only(office.run(5, finding()))["first_seen"] == day(5)


# A run that ends before its time


def test_what_was_not_published_does_not_count(office: Office) -> None:
    office.run(1, finding("1"))
    office.record(day(2), office.find(day(2), [finding("1"), finding("2")]))
    third = office.run(3, finding("1"), finding("2"))
    assert {item["source_record_id"]: item["first_seen"] for item in third.values()} == {
        "1": day(1),
        "2": day(3),
    }


def test_what_was_published_before_counts_until_it_is_replaced(office: Office) -> None:
    """A second run of a date died before its folder was in place: the first one's folder still lies there."""
    office.run(1, finding("1"))
    office.run(2, finding("1"), finding("2"))
    office.record(day(2), office.find(day(2), [finding("1"), finding("2")]))
    third = office.run(3, finding("1"), finding("2"))
    assert third[id_of(finding("2"))]["first_seen"] == day(2)


def test_publishing_late_leaves_later_dates_as_they_stood(office: Office) -> None:
    office.run(1, finding("1"))
    office.record(day(2), office.find(day(2), [finding("2")]))
    office.run(3, finding("1"))
    office.close(day(2))
    fourth = office.run(4, finding("1"))
    assert {item["source_record_id"]: item["status"] for item in fourth.values()} == {"1": "open"}


def test_the_stage_alone_writes_nothing_to_the_store(office: Office) -> None:
    office.find(day(1), [finding()])
    assert office.runs() == {}
    assert office.events() == []


def test_nothing_found_ever(office: Office) -> None:
    assert office.run(1) == {}
    assert office.run(2) == {}


def test_odd_letters_survive(office: Office) -> None:
    odd = finding('o"x\\y\t', evidence='Ma\'u\n"Né" 💧\0', recorded_nik="5301\0", related=None)
    item = only(office.run(1, odd))
    assert item["evidence"] == 'Ma\'u\n"Né" 💧'
    assert item["source_record_id"] == 'o"x\\y\t'
    stands = only(office.run(2, unread=[HOSPITAL]))
    assert stands["evidence"] == item["evidence"]
    assert stands["recorded_nik"] == "5301"


def test_no_name_and_no_birth_date_enters_the_store(office: Office) -> None:
    office.run(1, finding(person_name="ORANG TERTENTU", birth_date=date(1987, 6, 5)))
    state = office.states(id_of(finding()))[0]
    events = office.events()
    written = f"{vars(state)} {events}"
    assert "TERTENTU" not in written
    assert "1987" not in written
    assert WRONG not in str(events)
