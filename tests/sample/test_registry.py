"""The office's own habits, one at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.sample.chance import stream
from pipelines.sample.data import Data
from pipelines.sample.naming import clan_weights, strangers
from pipelines.sample.registry import Registry, register
from pipelines.sample.society import ACTIVE, DECEASED, INACTIVE, Society, build
from pipelines.sample.spelling import Speller
from pipelines.sample.tables import addresses, numbers, registry_tables
from pipelines.sample.truth import rows_of
from tests.sample.societies import ints, with_registry

AT_REST = {
    "two_numbers": 0.0,
    "blocked_second": 0.0,
    "own_date_wrong": 0.0,
    "mother_spelling": 0.0,
    "mother_missing": 0.0,
    "degree": 0.0,
}


@pytest.fixture(scope="module")
def society(data: Data) -> Society:
    return build(5_000, 41, data, data.dirt["ordinary"])


def registered(society: Society, **habits: float) -> Registry:
    data = with_registry(society.data, **(AT_REST | habits))
    return register(replace(society, data=data), Speller(data.writing), stream(8, "registry"))


def test_a_careful_office_writes_what_is_true(society: Society) -> None:
    registry = registered(society)
    assert sorted(registry.person.tolist()) == sorted(society.residents.person.tolist())
    assert np.array_equal(registry.born, society.people.born[registry.person])
    assert registry.name == society.names.full(registry.person)
    assert registry.mother == [society.mother_name[p] for p in registry.person.tolist()]
    assert np.array_equal(registry.nik, registry.main[registry.person])
    assert not (registry.second >= 0).any()


def test_rows_lie_in_the_order_of_their_numbers_and_are_found_by_them(society: Society) -> None:
    registry = registered(society)
    assert np.all(np.diff(registry.nik) > 0)
    wanted = ints(int(registry.nik[17]), 1, int(registry.nik[-1]), 10**16 - 1, int(registry.nik[0]) + 1)
    found = rows_of(wanted, registry)
    assert found[[0, 1, 2, 3]].tolist() == [17, -1, len(registry) - 1, -1]


def test_everyone_has_a_card_though_not_all_are_in_the_registry(society: Society) -> None:
    registry = registered(society)
    assert len(set(registry.card.tolist())) == len(society.people)
    outside = society.residents.outside
    assert np.all(registry.main[outside] == -1)
    assert not np.isin(registry.card[outside], registry.nik).any()


def test_a_home_has_one_family_card_and_no_two_homes_share_one(society: Society) -> None:
    registry = registered(society)
    pairs = set(zip(society.homes.home.tolist(), registry.family_card.tolist(), strict=True))
    assert len(pairs) == len({home for home, _ in pairs}) == len({card for _, card in pairs})


def test_a_parents_number_is_theirs(society: Society) -> None:
    registry = registered(society, mother_nik=1.0)
    mother, father = society.mother(registry.person), society.father(registry.person)
    for parent, written in ((mother, registry.mother_nik), (father, registry.father_nik)):
        here = written >= 0
        assert np.array_equal(written[here], registry.main[parent[here]])
        assert here.mean() > 0.4
    assert (registered(society, mother_nik=0.0).mother_nik == -1).all()


def test_second_registrations(society: Society) -> None:
    registry = registered(society, two_numbers=0.02, second_date_wrong=0.5, second_name_variant=0.5)
    double = np.flatnonzero(registry.second >= 0)
    assert len(double) == 100
    assert len(registry) == len(society.residents.person) + 100
    one, other = rows_of(registry.main[double], registry), rows_of(registry.second[double], registry)
    assert np.array_equal(registry.person[one], registry.person[other])
    assert (registry.status[other] == ACTIVE).all()
    assert 0.3 < np.mean(registry.born[one] != registry.born[other]) < 0.7
    names = [registry.name[a] != registry.name[b] for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    assert 0.25 < np.mean(names) < 0.65
    same_card = registry.family_card_row[one] == registry.family_card_row[other]
    assert 0.2 < same_card.mean() < 0.6


def test_blocked_second_numbers_are_inactive(society: Society) -> None:
    registry = registered(society, blocked_second=0.01)
    blocked = np.flatnonzero(registry.blocked)
    assert len(blocked) == 50
    assert (registry.status[rows_of(registry.second[blocked], registry)] == INACTIVE).all()
    assert (registry.status[rows_of(registry.main[blocked], registry)] == ACTIVE).all()


def test_the_office_itself_may_have_the_date_wrong(society: Society) -> None:
    registry = registered(society, own_date_wrong=0.2)
    wrong = registry.born != society.people.born[registry.person]
    assert wrong.sum() == round(0.2 * len(society.residents.person))


def test_mothers_are_misspelt_or_left_out(society: Society) -> None:
    registry = registered(society, mother_spelling=1.0)
    true = [society.mother_name[p] for p in registry.person.tolist()]
    assert np.mean([a != b for a, b in zip(registry.mother, true, strict=True)]) > 0.9
    assert set(registered(society, mother_missing=1.0).mother) == {"-", ""}


def test_degrees_stand_behind_the_names_of_grown_ups(society: Society) -> None:
    writing = society.data.writing.model_copy(update={"with_degree": 1.0})
    learned = replace(society, data=society.data.model_copy(update={"writing": writing}))
    registry = registered(learned, degree=1.0)
    age = society.age(registry.person)
    titled = np.array([", " in name for name in registry.name])
    assert titled[(age > 25) & (age < 70)].all()
    assert not titled[age < 22].any()


def test_the_table_comes_in_parts_that_hold_every_row_once(
    society: Society, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = registered(society)
    (whole,) = registry_tables(society, registry)
    monkeypatch.setattr("pipelines.sample.tables.PART", 1000)
    parts = list(registry_tables(society, registry))
    assert len(parts) == 5
    for column, values in whole.items():
        assert [value for part in parts for value in part[column]] == list(values)
    assert set(whole["STATUS"]) == {"AKTIF", "MENINGGAL", "NONAKTIF"}
    assert whole["STATUS"].count("MENINGGAL") == len(society.residents.of(DECEASED))  # type: ignore[attr-defined]


def test_one_home_has_one_address(society: Society) -> None:
    person = society.residents.of(ACTIVE)
    written = set(zip(society.homes.home[person].tolist(), addresses(society, person), strict=True))
    assert len(written) == len({home for home, _ in written})


def test_no_number_is_written_as_nothing() -> None:
    assert numbers(ints(5301040101900001, -1)) == ["5301040101900001", ""]


def test_strangers_have_names_of_the_old_days_and_of_their_people(data: Data) -> None:
    weights = clan_weights(data, data.dirt["ordinary"])
    nation = np.zeros(400, dtype=np.int64)
    women = strangers(True, nation, stream(1, "s"), data, weights)
    clans = {clan.upper() for clan in data.peoples[0].clans}
    old = {name.upper() for name in data.given["kristen"].female}
    assert np.mean([name.split()[-1] in clans for name in women]) > 0.95
    assert np.mean([name.split()[0] in old for name in women]) > 0.97
