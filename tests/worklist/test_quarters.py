"""Many days of an office, drawn by chance, against the plain rules: every day's worklist must be what they say."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from pipelines.worklist import decide
from tests.store.backends import ready_store
from tests.worklist import plain
from tests.worklist.office import (
    CENTRE,
    HOSPITAL,
    OTHER,
    REGISTRY,
    RIGHT,
    SCHOOL,
    WRONG,
    Office,
    day,
    finding,
    id_of,
    noon,
    offline,
    pupil,
)
from tests.worklist.test_decisions import answers

pytestmark = pytest.mark.slow

WAIT = timedelta(days=14)

causes = st.sampled_from([None, "NIK_MISTYPED", "NIK_MISTYPED", "NIK_WRONG"])
found = st.builds(plain.Found, st.sampled_from([WRONG, WRONG, OTHER]), st.sampled_from([RIGHT, RIGHT, None]))
patients = st.fixed_dictionaries({record: st.tuples(causes, found) for record in ("1", "2", "3")})
pupils = st.fixed_dictionaries({record: st.tuples(causes, found) for record in ("1", "7")})
numbers = st.sets(st.sampled_from([RIGHT, OTHER]))
words = {"corrected": "Diperbaiki", "rejected": "Bukan kesalahan", "forwarded": "Diteruskan"}


class Quarter(RuleBasedStateMachine):
    """An office's days: findings that come, go and change, absent sources, answers, dates run again."""

    backend: ClassVar[str] = "sqlite"

    @initialize()
    def begin(self) -> None:
        self.ends = ExitStack()
        folder = Path(self.ends.enter_context(tempfile.TemporaryDirectory()))
        self.office = Office(folder / "office", self.ends.enter_context(ready_store(self.backend, folder)))
        self.office.settings(day(1))
        self.days: dict[int, plain.Day] = {}
        self.missing: dict[int, set[str]] = {}
        self.said: list[plain.Said] = []
        self.files = itertools.count()

    def teardown(self) -> None:
        if hasattr(self, "ends"):
            self.ends.close()

    @rule(
        gap=st.sampled_from([1, 1, 1, 2, 7, 15]),
        patients=patients,
        pupils=pupils,
        numbers=numbers,
        absent=st.sets(st.sampled_from([HOSPITAL, SCHOOL, CENTRE]), max_size=1),
    )
    def next_day(self, gap: int, **drawn: Any) -> None:
        self.run(max(self.days, default=0) + gap, **drawn)

    @rule(
        back=st.integers(0, 2),
        patients=patients,
        pupils=pupils,
        numbers=numbers,
        absent=st.sets(st.sampled_from([HOSPITAL, SCHOOL, CENTRE]), max_size=1),
    )
    def a_date_again(self, back: int, **drawn: Any) -> None:
        if len(self.days) > back:
            self.run(sorted(self.days)[-1 - back], **drawn)

    @rule(gap=st.sampled_from([1, 2, 15]))
    def a_day_on_which_nothing_changes(self, gap: int) -> None:
        if not self.days:
            return
        last = self.days[max(self.days)]
        findings = {
            key: item.found for key, item in last.items.items() if item.status in (*plain.OPEN, "rejected")
        }
        self.compare(max(self.days) + gap, findings, set())

    @rule(data=st.data(), kind=st.sampled_from(sorted(words)), many=st.integers(1, 3))
    def answer(self, data: st.DataObject, kind: str, many: int) -> None:
        if not self.days:
            return
        last = max(self.days)
        items = self.days[last].items
        if not items:
            return
        chosen = data.draw(st.lists(st.sampled_from(sorted(items)), min_size=1, max_size=many, unique=True))
        rows = [
            {
                "item_id": id_of(as_finding(key, items[key].found)),
                "proposed_nik": items[key].found.proposal or "",
                "decision": words[kind],
                "note": f"berkas {next(self.files)}",
            }
            for key in chosen
        ]
        expected = [key for key in chosen if plain.taken(items, self.said, key, kind, day(last))]
        file = answers(self.office, *rows)
        summary = decide(file, self.office.settings(day(last)), noon(last))
        assert sum(summary.taken.values()) == len(expected)
        for key in expected:
            number = len(self.said) + 1
            self.said.append(plain.Said(number, key, kind, day(last + 1), items[key].found))

    def run(
        self,
        number: int,
        patients: dict[str, tuple[str | None, plain.Found]],
        pupils: dict[str, tuple[str | None, plain.Found]],
        numbers: set[str],
        absent: set[str],
    ) -> None:
        findings = {}
        for source, people in ((HOSPITAL, patients), (SCHOOL, pupils)):
            if source not in absent:
                findings |= {
                    (source, record, cause): what for record, (cause, what) in people.items() if cause
                }
        if CENTRE not in absent:
            findings |= {(REGISTRY, nik, "NIK_NOT_ONLINE"): plain.Found(nik, None) for nik in numbers}
        self.compare(number, findings, absent)

    def compare(self, number: int, findings: dict[plain.Key, plain.Found], absent: set[str]) -> None:
        """Run the day both ways; the worklists must be one."""
        earlier = max((one for one in self.days if one < number), default=None)
        before = self.days[earlier].items if earlier else {}
        runs = [(day(one), missing) for one, missing in self.missing.items() if one < number]
        expected = plain.live(before, findings, absent, self.said, day(number), WAIT, runs)
        self.missing[number] = absent
        self.days[number] = expected
        rows = self.office.run(
            number, *(as_finding(key, what) for key, what in findings.items()), unread=sorted(absent)
        )
        seen = {
            (row["source"], row["source_record_id"], row["cause"]): (
                row["status"],
                row["first_seen"],
                row["last_seen"],
                row["recorded_nik"],
                row["proposed_nik"],
            )
            for row in rows.values()
        }
        assert seen == {
            key: (item.status, item.first, item.last, item.found.number, item.found.proposal)
            for key, item in expected.items.items()
            if key in expected.listed
        }
        self.office.events()  # proves the ledger


def as_finding(key: plain.Key, what: plain.Found) -> dict[str, Any]:
    source, record, cause = key
    if cause == "NIK_NOT_ONLINE":
        return offline(record)
    make = finding if source == HOSPITAL else pupil
    confidence = 0.99 if what.proposal else None
    return make(record, cause, recorded_nik=what.number, proposed_nik=what.proposal, confidence=confidence)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_every_days_worklist_is_what_the_plain_rules_say(backend: str) -> None:
    machine = type("OneQuarter", (Quarter,), {"backend": backend})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=7 if backend == "sqlite" else 3,
            stateful_step_count=30,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_the_plain_rules_by_hand() -> None:
    """They are worth something only if they are right themselves."""
    key = (HOSPITAL, "1", "NIK_MISTYPED")
    what = plain.Found(WRONG, RIGHT)

    def next_day(
        before: plain.Day | None,
        number: int,
        found: bool,
        absent: set[str] | None = None,
        said: tuple[plain.Said, ...] = (),
    ) -> plain.Day:
        return plain.live(
            before.items if before else {},
            {key: what} if found else {},
            absent or set(),
            said,
            day(number),
            WAIT,
        )

    first = next_day(None, 1, True)
    assert (first.items[key].status, first.listed) == ("new", {key})
    stands = next_day(first, 2, False, {HOSPITAL})
    assert (stands.items[key].status, stands.items[key].last) == ("open", date(2026, 11, 1))
    gone = next_day(stands, 3, False)
    assert (gone.items[key].status, gone.listed) == ("resolved", {key})
    assert next_day(gone, 4, False).listed == frozenset()
    assert next_day(gone, 4, True).items[key].first == day(4)
    rejected = plain.Said(1, key, "rejected", day(2), what)
    assert next_day(first, 2, True, None, (rejected,)).items[key].status == "rejected"
    # The same where a rerun has erased the first day; not where a day in between had nothing.
    assert next_day(None, 2, True, None, (rejected,)).items[key].status == "rejected"
    without = plain.live({}, {key: what}, set(), [rejected], day(3), WAIT, [(day(2), set())])
    assert without.items[key].status == "new"
    corrected = plain.Said(1, key, "corrected", day(2), what)
    assert next_day(first, 15, True, None, (corrected,)).items[key].status == "open"
    assert next_day(first, 16, True, None, (corrected,)).items[key].status == "returned"
