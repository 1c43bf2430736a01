"""A desk at which one thing goes wrong, always."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipelines.sample.agencies import Visits, patients, pupils
from pipelines.sample.chance import stream
from pipelines.sample.data import Data
from pipelines.sample.days import YEAR
from pipelines.sample.desk import Desk
from pipelines.sample.registry import Registry, register
from pipelines.sample.society import ACTIVE, DECEASED, INACTIVE, Society, build
from pipelines.sample.spelling import Speller
from tests.sample.societies import spotless

PEOPLE = 6_000


@pytest.fixture(scope="module")
def society(data: Data) -> Society:
    return build(PEOPLE, 21, data, data.dirt["ordinary"])


@pytest.fixture(scope="module")
def registry(society: Society) -> Registry:
    return register(society, Speller(society.data.writing), stream(21, "registry"))


def visited(society: Society, registry: Registry, count: int = 2000, **habits: Any) -> Visits:
    return patients(society, registry, spotless(society.data, **habits), count, stream(2, "visits"))


def at_desk(
    society: Society, registry: Registry, visits: Visits, width: int | None = 20, **habits: Any
) -> Desk:
    desk = Desk(visits, society, registry, spotless(society.data, **habits), stream(3, "desk"))
    desk.write(width)
    return desk


def own(registry: Registry, visits: Visits, row: int) -> set[str]:
    person = visits.person[row]
    return {str(registry.main[person]), str(registry.second[person]), str(registry.card[person])}


def test_at_a_spotless_desk_everyone_has_a_number_of_their_own(society: Society, registry: Registry) -> None:
    visits = visited(society, registry, unregistered=0.05)
    desk = at_desk(society, registry, visits)
    age = visits.day - society.people.born[visits.person]
    fresh = visits.nobody & (age < society.data.registry.newborn_days)  # they have no number yet
    assert visits.nobody.sum() == 100
    for row, number in enumerate(desk.number):
        assert desk.slip[row] == ("missing" if fresh[row] else "")
        assert fresh[row] or number in own(registry, visits, row)


@pytest.mark.parametrize(
    "kind", ["digit", "swapped", "day_sex", "length", "letters", "float", "unfilled", "impossible"]
)
def test_one_slip_at_every_record(society: Society, registry: Registry, kind: str) -> None:
    visits = visited(society, registry)
    desk = at_desk(society, registry, visits, numbers={kind: 1.0})
    assert set(desk.slip) == {kind}
    assert not any(number in own(registry, visits, row) for row, number in enumerate(desk.number))


def test_a_number_is_wrong_in_one_way_at_most(society: Society, registry: Registry) -> None:
    visits = visited(society, registry)
    desk = at_desk(society, registry, visits, numbers={"missing": 0.3, "digit": 0.5, "letters": 0.5})
    kinds = {kind: desk.slip.count(kind) for kind in set(desk.slip)}
    assert kinds == {"missing": 600, "letters": 1000, "digit": 400}, (
        "what comes later in the list gets the rest"
    )


def test_what_is_missing_is_written_in_many_ways(society: Society, registry: Registry) -> None:
    desk = at_desk(society, registry, visited(society, registry), numbers={"missing": 1.0})
    writing = society.data.writing
    assert set(desk.number) == {*writing.placeholders, *writing.placeholders_common}
    assert desk.number.count("-") > 2 * desk.number.count("NULL")


def test_dressing_is_harmless_and_fits_the_field(society: Society, registry: Registry) -> None:
    visits = visited(society, registry)
    desk = at_desk(society, registry, visits, dressing=1.0)
    assert max(map(len, desk.number)) <= 20
    assert all(len(number) > 16 for number in desk.number)
    assert set(desk.slip) == {""}
    wide = at_desk(society, registry, visits, width=None, dressing=1.0)
    assert max(map(len, wide.number)) > 20


def test_what_is_no_longer_a_number_is_not_dressed(society: Society, registry: Registry) -> None:
    desk = at_desk(society, registry, visited(society, registry), dressing=1.0, numbers={"float": 1.0})
    assert all("E+15" in number for number in desk.number)


@pytest.mark.parametrize("kind", ["spouse", "mother", "sibling"])
def test_the_card_of_a_relative(society: Society, registry: Registry, kind: str) -> None:
    visits = visited(society, registry)
    desk = at_desk(society, registry, visits, numbers={kind: 1.0})
    rows = [row for row, slip in enumerate(desk.slip) if slip == kind]
    relative = getattr(society, kind)(visits.person)
    assert len(rows) > 200
    assert [desk.number[row] for row in rows] == [str(registry.main[relative[row]]) for row in rows]
    age = society.age(visits.person)[rows]
    until = society.data.desk.child_until
    if kind == "mother":
        assert age.max() < until
    if kind == "spouse":
        assert age.min() >= until


def test_a_strangers_number_is_nobodys_own(society: Society, registry: Registry) -> None:
    visits = visited(society, registry)
    desk = at_desk(society, registry, visits, numbers={"stranger": 1.0})
    assert not any(number in own(registry, visits, row) for row, number in enumerate(desk.number))
    assert {int(number) for number in desk.number} <= set(registry.nik.tolist())
    above = [row for row in range(1, 2000) if desk.number[row] in own(registry, visits, row - 1)]
    assert 0.3 < len(above) / 2000 < 0.5, "copied down from the record above"


def test_the_family_card_and_a_number_of_former_days(society: Society, registry: Registry) -> None:
    visits = visited(society, registry)
    cards = at_desk(society, registry, visits, numbers={"family_card": 1.0}).number
    assert cards == [str(card) for card in registry.family_card[visits.person].tolist()]
    old = at_desk(society, registry, visits, numbers={"old": 1.0})
    assert all(number[:6] != str(nik)[:6] for number, nik in zip(old.number, old.own.tolist(), strict=True))
    assert all(
        number[6:12] == str(nik)[6:12] for number, nik in zip(old.number, old.own.tolist(), strict=True)
    )


def test_newborns_have_their_mothers_number_or_none(society: Society, registry: Registry) -> None:
    visits = visited(society, registry, newborns=0.04)
    desk = at_desk(society, registry, visits, newborn_mother=0.6, newborn_missing=0.4)
    newborn = np.flatnonzero(visits.newborn).tolist()
    mother = registry.main[society.mother(visits.person)]
    assert len(newborn) == 80
    assert {desk.slip[row] for row in newborn} == {"newborn", "missing"}
    assert all(desk.number[row] == str(mother[row]) for row in newborn if desk.slip[row] == "newborn")
    assert 30 < sum(desk.slip[row] == "newborn" for row in newborn) < 65
    days = visits.day[visits.newborn] - society.people.born[visits.person[visits.newborn]]
    assert days.max() <= 3
    assert society.age(visits.person[visits.newborn]).max() < society.data.agencies.newborn_years


def test_those_in_no_registry_have_a_card_or_none(society: Society, registry: Registry) -> None:
    visits = visited(society, registry, unregistered=0.1)
    desk = at_desk(society, registry, visits, unregistered_without_number=0.4)
    nobody = np.flatnonzero(visits.nobody).tolist()
    assert len(nobody) == 200
    assert 75 <= sum(desk.slip[row] == "missing" for row in nobody) <= 95
    assert all(desk.slip[row] == "" for row in range(2000) if not visits.nobody[row])


def test_of_two_numbers_either_is_shown(society: Society, registry: Registry) -> None:
    visits = visited(society, registry, count=PEOPLE)
    desk = at_desk(society, registry, visits)
    double = np.flatnonzero(registry.second[visits.person] >= 0).tolist()
    second = [desk.number[row] == str(registry.second[visits.person[row]]) for row in double]
    assert len(double) > 10
    assert 0 < sum(second) < len(second)


def test_patients_are_the_very_young_the_old_and_women_with_children_more_often(
    society: Society, registry: Registry
) -> None:
    visits = visited(society, registry)
    everyone, came = society.age(society.residents.of(ACTIVE)), society.age(visits.person)

    def likelier(low: float, high: float) -> float:
        return float(np.mean((came >= low) & (came < high)) / np.mean((everyone >= low) & (everyone < high)))

    assert likelier(0, 1) > 1.3
    assert likelier(60, 100) > 1.15
    assert likelier(8, 16) < 0.9


def test_the_dead_and_the_inactive_come_as_often_as_told(society: Society, registry: Registry) -> None:
    visits = visited(society, registry, deceased=0.02, inactive=0.01)
    assert np.isin(visits.person, society.residents.of(DECEASED)).sum() == 40
    assert np.isin(visits.person, society.residents.of(INACTIVE)).sum() == 20
    died = society.people.died[visits.person]
    assert np.all(visits.day <= np.minimum(died, society.as_of))
    assert np.all(visits.day >= society.people.born[visits.person])
    years = society.data.agencies.records_years
    assert np.all(visits.day >= np.minimum(died, society.as_of) - years * YEAR)


def test_the_second_record_of_a_person_comes_later(society: Society, registry: Registry) -> None:
    visits = visited(society, registry, twice=0.05)
    assert len(visits) == 2000
    assert len(visits.first) == len(visits.again) == 100
    assert np.array_equal(visits.person[visits.first], visits.person[visits.again])
    assert np.all(visits.first != visits.again)
    assert np.all(visits.day[visits.first] <= visits.day[visits.again])
    assert len(set(visits.person.tolist())) == 1900


def test_there_are_no_more_patients_than_people(society: Society, registry: Registry) -> None:
    assert len(visited(society, registry, count=10 * PEOPLE)) == len(society.residents.of(ACTIVE))


def test_pupils_in_no_registry_are_mostly_known_to_the_hospital(society: Society, registry: Registry) -> None:
    outside = society.residents.outside
    seen = outside[::4]
    dirt = spotless(society.data, unregistered=0.04)
    school = pupils(society, registry, dirt, 1500, seen, stream(4, "school"))
    nobody = school.person[school.nobody]
    youngest, oldest = society.data.sizes.school_age
    assert len(nobody) == round(0.04 * len(school))
    assert 0.35 < np.isin(nobody, seen).mean() < 0.85, "a quarter of them, but four times as likely"
    assert np.all((society.age(school.person) >= youngest) & (society.age(school.person) < oldest))
