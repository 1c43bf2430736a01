"""What the store tells of one item, and of all of them."""

from __future__ import annotations

import json

import pytest

from pipelines.errors import PadanError
from pipelines.worklist import Status, find_item, standing, status
from pipelines.worklist.history import Judged
from tests.worklist.office import (
    HOSPITAL,
    OTHER,
    REGISTRY,
    SCHOOL,
    Office,
    day,
    finding,
    id_of,
    offline,
    pupil,
)
from tests.worklist.test_decisions import answer, row


def kinds(office: Office, item: str, number: int) -> list[str]:
    return [event["kind"] for event in find_item(item, office.settings(day(number))).events]


def test_an_item_as_it_stands(office: Office) -> None:
    office.run(1, finding())
    office.run(3, finding())
    history = find_item(id_of(finding()), office.settings(day(3)))
    wanted = {"item_id": id_of(finding()), "status": "open", "first_seen": day(1), "last_seen": day(3)}
    assert {name: history.state[name] for name in wanted} == wanted
    assert history.state["details"]["district_name"] == "SEMAU"


def test_an_absent_source_does_not_move_when_it_was_last_seen(office: Office) -> None:
    office.run(1, finding(), offline())
    office.run(2, finding(), offline())
    office.run(3, offline(), unread=[HOSPITAL])
    settings = office.settings(day(3))
    assert find_item(id_of(finding()), settings).state["last_seen"] == day(2)
    assert find_item(id_of(offline()), settings).state["last_seen"] == day(3)


def test_an_item_on_its_first_day_is_new(office: Office) -> None:
    office.run(1, finding())
    assert find_item(id_of(finding()), office.settings(day(1))).state["status"] == "new"


def test_its_events_and_decisions_in_their_order(office: Office) -> None:
    office.run(1, finding(), pupil())
    answer(office, 1, row(finding(), "Diperbaiki", note="sudah"), row(pupil(), "Diteruskan"))
    office.run(2, finding())
    office.run(3)
    history = find_item(id_of(finding()), office.settings(day(3)))
    assert [event["kind"] for event in history.events] == ["opened", "decided", "changed", "resolved"]
    assert [(one["decision"], one["note"]) for one in history.decisions] == [("corrected", "sudah")]
    assert history.state["status"] == "resolved"


def test_a_changed_cause_carries_the_history_of_the_former(office: Office) -> None:
    first, second, third = finding(), finding(cause="NIK_WRONG"), finding(cause="NIK_MALFORMED")
    for number, found in enumerate((first, second, third), start=1):
        office.run(number, found)
    events = find_item(id_of(third), office.settings(day(3))).events
    assert [event["run_date"] for event in events] == [day(1), day(2), day(2), day(3), day(3)]
    assert sorted((event["run_date"], event["kind"]) for event in events) == [
        (day(1), "opened"),
        (day(2), "cause_changed"),
        (day(2), "resolved"),
        (day(3), "cause_changed"),
        (day(3), "resolved"),
    ]
    assert kinds(office, id_of(first), 3) == ["opened", "resolved"]


def test_a_cause_that_went_to_and_fro_ends(office: Office) -> None:
    one, other = finding(), finding(cause="NIK_WRONG")
    for number in range(1, 5):
        office.run(number, (other, one)[number % 2])
    assert kinds(office, id_of(one), 4).count("opened") == 1


def test_an_id_as_people_type_it(office: Office) -> None:
    office.run(1, finding())
    typed = f" {id_of(finding()).lower()}\n"
    assert find_item(typed, office.settings(day(1))).state["item_id"] == id_of(finding())


def test_an_item_that_there_is_not(office: Office) -> None:
    with pytest.raises(PadanError, match="P-NOSUCHITEM"):
        find_item("P-NOSUCHITEM", office.settings(day(1)))


def test_an_item_of_a_run_that_was_not_published_is_not_there(office: Office) -> None:
    office.record(day(1), office.find(day(1), [finding()]))
    with pytest.raises(PadanError, match="no published run"):
        find_item(id_of(finding()), office.settings(day(1)))


def test_status_before_any_run(office: Office) -> None:
    assert status(office.settings(day(1))) == Status()


def test_status_counts_what_waits_and_what_the_last_run_changed(office: Office) -> None:
    office.run(1, finding("1"), finding("2"), pupil("3"), offline())
    answer(office, 1, row(pupil("3"), "Bukan kesalahan"))
    office.run(9, finding("1"), pupil("3"), offline(), finding("4", "NIK_WRONG", recorded_nik=OTHER))
    figures = status(office.settings(day(20)))
    assert figures == Status(
        run_date=day(9),
        open=3,
        by_owner={HOSPITAL: 2, REGISTRY: 1},
        by_cause={"NIK_MISTYPED": 1, "NIK_NOT_ONLINE": 1, "NIK_WRONG": 1},
        by_age={"0-6": 1, "7-29": 2},
        changed={"new": 1, "rejected": 1, "resolved": 1},
        answers={"0.99+": Judged(refused=1), "NIK_MISTYPED": Judged(refused=1)},
    )
    assert SCHOOL not in figures.by_owner


def test_how_officers_judge_what_is_proposed_to_them(office: Office) -> None:
    surely, less = finding("1", confidence=0.995), finding("2", confidence=0.93)
    nobody = finding("3", "NIK_WRONG", proposed_nik=None, confidence=None)
    office.run(1, surely, less, nobody)
    answer(office, 1, row(surely, "Diperbaiki"), row(less, "Bukan kesalahan"), row(nobody, "Bukan kesalahan"))
    figures = status(office.settings(day(1)))
    assert figures.answers == {
        "0.9-0.99": Judged(refused=1),
        "0.99+": Judged(confirmed=1),
        "NIK_MISTYPED": Judged(confirmed=1, refused=1),
    }
    assert json.loads(json.dumps(figures.as_dict()))["answers"]["0.99+"] == {"confirmed": 1, "refused": 0}
    assert standing(figures, "en").splitlines()[-3:] == [
        "  0.9-0.99             0 / 1             0%",
        "  0.99+                1 / 0           100%",
        "  NIK_MISTYPED         1 / 1            50%",
    ]


def test_the_latest_answer_about_an_item_counts(office: Office) -> None:
    found = finding(confidence=0.995)
    office.run(1, found)
    answer(office, 1, row(found, "Diperbaiki"))
    office.run(16, found)  # the data does not bear it out
    answer(office, 16, row(found, "Bukan kesalahan"))
    assert status(office.settings(day(16))).answers["0.99+"] == Judged(refused=1)


def test_status_said_at_the_terminal(office: Office) -> None:
    office.run(1, finding("1"), finding("2"), pupil("3"), offline())
    office.run(9, finding("1"), pupil("3"), offline())
    figures = status(office.settings(day(9)))
    assert standing(figures, "en").splitlines() == [
        "2026-11-09: 3 items wait to be acted on",
        "",
        "On whom",
        f"  {SCHOOL}         1  {'█' * 30}",
        f"  {REGISTRY}               1  {'█' * 30}",
        f"  {HOSPITAL}          1  {'█' * 30}",
        "",
        "Cause",
        f"  NIK_MISTYPED           2  {'█' * 30}",
        f"  NIK_NOT_ONLINE         1  {'█' * 15}",
        "",
        "Age (days)",
        f"  7-29         3  {'█' * 30}",
        "",
        "What that day changed",
        f"  resolved         1  {'█' * 30}",
    ]
    assert standing(figures, "id").splitlines()[0] == "2026-11-09: 3 butir menunggu tindakan"
    assert standing(Status(), "en") == "no worklist is published yet; padan run makes one"


def test_status_as_json(office: Office) -> None:
    office.run(1, finding())
    read = json.loads(json.dumps(status(office.settings(day(1))).as_dict()))
    assert (read["run_date"], read["open"], read["by_age"]) == ("2026-11-01", 1, {"0-6": 1})


@pytest.mark.parametrize(
    ("age", "band"),
    [(0, "0-6"), (6, "0-6"), (7, "7-29"), (30, "30-89"), (89, "30-89"), (90, "90+"), (900, "90+")],
)
def test_bands_of_age(office: Office, age: int, band: str) -> None:
    office.run(1, finding())
    office.run(1 + age, finding())
    assert status(office.settings(day(1))).by_age == {band: 1}
