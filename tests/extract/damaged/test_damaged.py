"""What clerks, spreadsheets and servers do to files: each damaged file gives what its case says, to the row."""

from __future__ import annotations

import pytest

from pipelines.errors import SourceUnreadable
from tests.extract.damaged.cases import CASES, Case
from tests.extract.office import Office

READ = [case for case in CASES if not case.refused]
REFUSED = [case for case in CASES if case.refused]


def named(case: Case) -> str:
    return case.name


def test_there_are_many_of_them_and_each_is_another() -> None:
    assert len(CASES) >= 60
    assert len({(case.file, case.content) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", READ, ids=named)
def test_what_can_be_recovered_is_and_the_rest_is_counted(office: Office, case: Case) -> None:
    office.write(case.file, case.content)
    reading = office.read(case.file, case.layout)
    assert reading.column("record_id") == list(case.kept)
    assert [(row["row"], row["reason"]) for row in reading.aside] == list(case.aside)
    assert reading.inputs[0]["rows"] == len(reading.rows) + len(reading.aside)
    places = [*reading.column("row"), *(row["row"] for row in reading.aside)]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_what_cannot_be_read_as_a_whole_is_refused_in_one_line(office: Office, case: Case) -> None:
    office.write(case.file, case.content)
    with pytest.raises(SourceUnreadable, match=case.refused) as caught:
        office.read(case.file, case.layout)
    assert str(caught.value).startswith(f"rsud: {case.file}: ")
    assert "\n" not in str(caught.value)
    assert not list((office.folder / "data").rglob("*.parquet"))


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_look_never_fails(office: Office, case: Case) -> None:
    office.write(case.file, case.content)
    seen = office.probe(case.file, case.layout)
    assert seen.inputs == (case.file,) or seen.problem
