"""Clerks with one habit, always."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from pipelines.sample.agencies import Visits, patients
from pipelines.sample.chance import stream
from pipelines.sample.data import Data
from pipelines.sample.days import YEAR, iso
from pipelines.sample.pens import GROWN_UP, NO_DATE, Pen
from pipelines.sample.registry import Registry, register
from pipelines.sample.society import Society, build
from pipelines.sample.spelling import Speller
from tests.sample.societies import spotless


@pytest.fixture(scope="module")
def plain(data: Data) -> Data:
    """No degrees, no late mothers, no fathers' names: what every source has beside its own habits."""
    habits = {"degree_at_agency": 0.0, "late": 0.0, "son_of": 0.0, "address_behind": 0.0}
    return data.model_copy(update={"writing": data.writing.model_copy(update=habits)})


@pytest.fixture(scope="module")
def society(plain: Data) -> Society:
    return build(4_000, 31, plain, plain.dirt["ordinary"])


@pytest.fixture(scope="module")
def registry(society: Society) -> Registry:
    return register(society, Speller(society.data.writing), stream(31, "registry"))


@pytest.fixture(scope="module")
def visits(society: Society, registry: Registry) -> Visits:
    return patients(society, registry, spotless(society.data, newborns=0.02), 1500, stream(5, "visits"))


def pen(visits: Visits, society: Society, **habits: Any) -> Pen:
    dirt = spotless(society.data, **habits)
    return Pen(visits, society, Speller(society.data.writing), dirt, stream(6, "pen"))


def names_with(visits: Visits, society: Society, **habits: float) -> list[tuple[int, str, str]]:
    """Row, true name and written name of those not recorded at birth."""
    clerk = pen(visits, society, names=habits)
    written = clerk.names(clerk.mothers())
    true = society.names.full(visits.person)
    return [(row, true[row], written[row]) for row in np.flatnonzero(~visits.newborn).tolist()]


def test_a_careful_clerk_writes_what_is_true(visits: Visits, society: Society) -> None:
    clerk = pen(visits, society)
    born, text = clerk.births()
    true = society.people.born[visits.person]
    assert all(name == written for _, name, written in names_with(visits, society))
    assert clerk.mothers() == [society.mother_name[p] for p in visits.person.tolist()]
    assert np.array_equal(born, true)
    assert text == iso(true)
    assert np.array_equal(clerk.sexes(), society.people.woman[visits.person])
    assert set(clerk.places()) <= {place.upper() for place in society.homes.places}


def test_a_newborn_goes_by_its_mother(visits: Visits, society: Society) -> None:
    clerk = pen(visits, society)
    mothers = clerk.mothers()
    written = clerk.names(mothers)
    rows = np.flatnonzero(visits.newborn).tolist()
    assert len(rows) == 30
    assert [written[row] for row in rows] == [f"BY. NY. {mothers[row]}" for row in rows]


def test_forms_of_address(visits: Visits, society: Society) -> None:
    spouse = society.spouse(visits.person)
    for row, true, written in names_with(visits, society, prefix=1.0):
        grown = visits.day[row] - society.people.born[visits.person[row]] > GROWN_UP * YEAR
        woman, married = society.people.woman[visits.person[row]], spouse[row] >= 0
        word = ("NY" if married else "NN") if woman else "TN"
        assert written == f"{word if grown else 'AN'}. {true}"


def test_wives_take_their_husbands_clan(visits: Visits, society: Society) -> None:
    spouse = society.spouse(visits.person)
    changed = 0
    for row, true, written in names_with(visits, society, husband=1.0):
        person = visits.person[row]
        if written == true:
            continue
        changed += 1
        clan = society.names.clan[spouse[row]]
        assert society.people.woman[person]
        assert written.split()[: len(true.split()) - 1] == true.split()[:-1] or society.names.clan[person] < 0
        assert clan < 0 or written.endswith(society.names.words[clan])
    assert changed > 150


@pytest.mark.parametrize("habit", ["reordered", "dropped", "initials", "joined"])
def test_words_move_or_go(visits: Visits, society: Society, habit: str) -> None:
    for _, true, written in names_with(visits, society, **{habit: 1.0}):
        words = true.split()
        if len(words) == 1:
            assert written == true
        elif habit == "reordered":
            assert sorted(written.split()) == sorted(words)
            assert written != true
        elif habit == "dropped":
            assert len(written.split()) == len(words) - 1
            assert set(written.split()) <= set(words)
        elif habit == "initials":
            assert len(written.split()) == len(words)
            assert re.search(r"\b[A-Z]\.", written)
        else:
            assert written.replace(" ", "") == true.replace(" ", "")
            assert len(written.split()) == len(words) - 1


@pytest.mark.parametrize(("habit", "least"), [("spelling", 0.95), ("typo", 0.98)])
def test_hardly_a_name_stays_right_under_a_bad_pen(
    visits: Visits, society: Society, habit: str, least: float
) -> None:
    written = names_with(visits, society, **{habit: 1.0})
    assert sum(name != true for _, true, name in written) / len(written) > least


def test_titles_are_for_grown_ups(visits: Visits, society: Society) -> None:
    words = {title.word.upper() for title in society.data.writing.titles}
    for row, true, written in names_with(visits, society, title=1.0):
        grown = visits.day[row] - society.people.born[visits.person[row]] > GROWN_UP * YEAR
        title, _, rest = written.partition(" ")
        assert (title in words and rest == true) if grown else written == true


def test_sons_daughters_and_late_mothers(visits: Visits, society: Society, data: Data) -> None:
    habits = {"degree_at_agency": 0.0, "late": 1.0, "son_of": 1.0}
    writing = data.writing.model_copy(update=habits)
    pious = Society(**(society.__dict__ | {"data": data.model_copy(update={"writing": writing})}))
    clerk = pen(visits, pious)
    mothers = clerk.mothers()
    late = [
        text
        for text in mothers
        if "ALM" in text.replace("(", " ").split() or "(ALM" in text or "ALMH." in text
    ]
    died = society.people.died[society.mother(visits.person)] <= visits.day
    assert len(late) == int((died & (society.mother(visits.person) >= 0)).sum()) > 50
    named = [name for name in clerk.names(mothers) if re.search(r" BIN(TI)? ", name)]
    assert len(named) > 20


def test_degrees_stand_behind_the_name(visits: Visits, society: Society, data: Data) -> None:
    writing = data.writing.model_copy(update={"degree_at_agency": 1.0, "with_degree": 1.0, "son_of": 0.0})
    learned = Society(**(society.__dict__ | {"data": data.model_copy(update={"writing": writing})}))
    clerk = pen(visits, learned)
    written = clerk.names(clerk.mothers())
    degrees = {name.split(", ")[1] for name in written if ", " in name}
    assert degrees == set(data.writing.degrees)
    assert sum(", " in name for name in written) < len(written), "no child has one"


@pytest.mark.parametrize(
    ("habits", "expected"),
    [
        ({"mother_missing": 1.0}, {"-", "", "TIDAK ADA", "0", "."}),
        ({"mother_missing": 1.0, "title_case": 1.0}, {"-", "", "TIDAK ADA", "0", "."}),
    ],
)
def test_no_mother(visits: Visits, society: Society, habits: dict[str, float], expected: set[str]) -> None:
    clerk = pen(visits, society, **habits)
    assert set(clerk.no_mothers(clerk.mothers())) == expected


def test_small_letters_go_through_a_record(visits: Visits, society: Society) -> None:
    clerk = pen(visits, society, title_case=0.5)
    mothers = clerk.mothers()
    columns = (clerk.names(mothers), clerk.no_mothers(mothers), clerk.places())
    for row, small in enumerate(clerk.title_case.tolist()):
        for column in columns:
            assert column[row].isupper() != small or not re.search("[A-Za-z]{2}", column[row])
    assert 600 < clerk.title_case.sum() < 900


def test_a_wrong_date_says_which_day_it_means(visits: Visits, society: Society) -> None:
    clerk = pen(visits, society, dates={"digit": 0.5, "decade": 0.3, "missing": 0.2})
    born, text = clerk.births()
    true = society.people.born[visits.person]
    missing = born == NO_DATE
    assert [not t for t in text] == missing.tolist()
    assert iso(born[~missing]) == [t for t in text if t]
    assert np.array_equal(born[visits.newborn], true[visits.newborn]), "a birth is written down on the day"
    others = ~visits.newborn & ~missing
    assert np.all(born[others] != true[others])
    assert 0.15 < missing[~visits.newborn].mean() < 0.25


def test_another_format_is_the_same_day(visits: Visits, society: Society) -> None:
    clerk = pen(visits, society, dates={"other_format": 1.0})
    born, text = clerk.births()
    assert np.array_equal(born, society.people.born[visits.person])
    assert not [t for t in text if re.fullmatch(r"\d{4}-\d\d-\d\d", t)]


def test_the_other_sex(visits: Visits, society: Society) -> None:
    assert np.array_equal(pen(visits, society, sex_slip=1.0).sexes(), ~society.people.woman[visits.person])


def test_places_are_missing_or_in_another_form(visits: Visits, society: Society) -> None:
    assert set(pen(visits, society, place_missing=1.0).places()) == {"", "-"}
    variants = set(pen(visits, society, place_variant=1.0).places())
    assert {"KPG", "KAB. KUPANG", "KOTA KUPANG", "KUPANG NTT", "KUPANG, NTT"} <= variants
