"""The people before any clerk: what must hold of every family, home and name."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from pipelines.sample.chance import stream
from pipelines.sample.data import Data
from pipelines.sample.days import YEAR, year_of
from pipelines.sample.homes import CHILD, HEAD, WIFE
from pipelines.sample.registry import register
from pipelines.sample.society import ACTIVE, DECEASED, INACTIVE, Society, build
from pipelines.sample.spelling import Speller

PEOPLE = 15_000


@pytest.fixture(scope="module")
def society(data: Data) -> Society:
    return build(PEOPLE, 11, data, data.dirt["ordinary"])


def test_the_registry_has_as_many_people_as_were_asked_for(society: Society) -> None:
    residents = society.residents
    unregistered = np.count_nonzero(
        society.age(residents.outside) * YEAR < society.data.registry.newborn_days
    )
    assert PEOPLE - unregistered <= len(residents.person) <= PEOPLE
    assert len(set(residents.person.tolist())) == len(residents.person)
    assert not set(residents.person.tolist()) & set(residents.outside.tolist())


def test_the_dead_have_died_and_the_others_live(society: Society) -> None:
    died = society.people.died
    assert np.all(died[society.residents.of(DECEASED)] <= society.as_of)
    assert np.all(died[society.residents.of(ACTIVE)] > society.as_of)
    assert len(society.residents.of(DECEASED)) == round(PEOPLE * society.data.registry.deceased)
    assert len(society.residents.of(INACTIVE)) == round(PEOPLE * society.data.registry.inactive)
    assert society.age(society.residents.of(INACTIVE)).min() > 17


def test_nobody_is_born_after_the_day_of_the_draw_nor_after_death(society: Society) -> None:
    assert society.people.born.max() <= society.as_of
    # A default day stands for any day of its year.
    assert np.all(year_of(society.people.born) <= year_of(society.people.died))


def test_mothers_are_of_an_age_to_be_mothers(society: Society) -> None:
    person = np.flatnonzero(society.people.couple >= 0)
    mother = society.mother(person)
    age = (society.people.born[person] - society.people.born[mother]) / YEAR
    assert np.all(society.people.woman[mother])
    assert age.min() > 14.9
    assert age.max() < 47.1


def test_fathers_are_men_and_some_children_have_none(society: Society) -> None:
    person = np.flatnonzero(society.people.couple >= 0)
    father = society.father(person)
    assert not society.people.woman[father[father >= 0]].any()
    assert 0.005 < np.mean(father < 0) < 0.06


def test_brother_and_sister_never_marry(society: Society) -> None:
    couples, people = society.couples, society.people
    both = (couples.husband >= 0) & (people.couple[couples.wife] >= 0)
    assert np.all(people.couple[couples.wife[both]] != people.couple[couples.husband[both]])


def test_nobody_marries_twice(society: Society) -> None:
    married = [
        *society.couples.wife.tolist(),
        *society.couples.husband[society.couples.husband >= 0].tolist(),
    ]
    assert len(set(married)) == len(married)


def test_husband_and_wife_are_each_others(society: Society) -> None:
    everyone = np.arange(len(society.people))
    spouse = society.spouse(everyone)
    married = everyone[spouse >= 0]
    assert np.array_equal(spouse[spouse[married]], married)
    assert np.all(society.people.woman[married] != society.people.woman[spouse[married]])


def test_twins_share_their_day_their_parents_and_lie_side_by_side(society: Society) -> None:
    people = society.people
    second = np.flatnonzero(people.twin == 2)
    assert len(second) > 100
    assert np.all(people.twin[second - 1] == 1)
    assert np.array_equal(people.born[second], people.born[second - 1])
    assert np.array_equal(people.couple[second], people.couple[second - 1])
    assert np.array_equal(society.sibling(second), second - 1)
    assert np.array_equal(society.sibling(second - 1), second)
    assert 0 < np.mean(people.woman[second] == people.woman[second - 1]) < 1


def test_a_sibling_has_the_same_parents(society: Society) -> None:
    everyone = np.arange(len(society.people))
    sibling = society.sibling(everyone)
    has = sibling >= 0
    assert np.array_equal(society.people.couple[sibling[has]], society.people.couple[has])
    assert np.all(sibling[has] != everyone[has])
    assert has.mean() > 0.8


def test_the_ages_are_those_of_a_young_regency(society: Society) -> None:
    age = society.age(society.residents.of(ACTIVE))
    share, _ = np.histogram(age, [0, 15, 65, 120])
    children, grown, old = share / share.sum()
    assert 0.25 < children < 0.38
    assert 0.55 < grown < 0.70
    assert 0.03 < old < 0.09
    assert year_of(society.people.born[society.residents.of(ACTIVE)]).min() < 1945


def test_the_old_know_only_their_year_more_often(society: Society) -> None:
    born = society.people.born.astype("datetime64[D]")
    day = born - born.astype("datetime64[Y]").astype("datetime64[D]")
    default = (day.astype(int) == 0) & (society.people.twin == 0)
    old = year_of(society.people.born) < society.data.registry.default_day_before
    assert 0.14 < default[old].mean() < 0.24
    assert default[~old].mean() < 0.01


def test_every_home_has_one_head_who_lives(society: Society) -> None:
    living = society.residents.of(ACTIVE)
    homes = society.homes
    heads = Counter(homes.home[living][homes.role[living] == HEAD].tolist())
    assert set(heads.values()) == {1}
    sizes = np.array(list(Counter(homes.home[living].tolist()).values()))
    assert 2.5 < sizes.mean() < 4.5
    assert sizes.max() < 25


def test_children_live_with_their_parents_until_they_are_grown(society: Society) -> None:
    people, homes = society.people, society.homes
    young = society.residents.of(ACTIVE)
    young = young[(society.age(young) < 15) & (people.couple[young] >= 0)]
    mother = society.mother(young)
    assert np.array_equal(homes.home[young], homes.home[mother])
    assert np.mean(homes.role[young] == CHILD) > 0.9


def test_wives_are_women(society: Society) -> None:
    assert society.people.woman[society.homes.role == WIFE].all()


def test_one_home_has_one_district(society: Society) -> None:
    owned = society.homes.home < len(society.couples)
    pairs = set(zip(society.homes.home[owned].tolist(), society.homes.district[owned].tolist(), strict=True))
    assert len(pairs) == len({home for home, _ in pairs})


def test_numbers_come_from_here_from_elsewhere_and_from_dead_districts(society: Society, data: Data) -> None:
    issued = society.homes.issued[society.residents.of(ACTIVE)]
    here = np.isin(issued, [d.code for d in data.districts])
    dead = np.isin(issued, data.dead.codes)
    assert 0.85 < here.mean() < 0.97
    assert 0.003 < dead.mean() < 0.03
    assert set((issued[~here & ~dead] // 100).tolist()) == {e.regency for e in data.elsewhere}


def test_some_live_elsewhere_than_where_their_number_was_issued(society: Society, data: Data) -> None:
    living = society.residents.of(ACTIVE)
    codes = np.array([d.code for d in data.districts])
    moved = codes[society.homes.district[living]] != society.homes.issued[living]
    assert 0.1 < moved.mean() < 0.5


def test_children_carry_the_clan_of_their_father(society: Society) -> None:
    father = society.father(np.arange(len(society.people)))
    clan = society.names.clan
    both = (father >= 0) & (clan >= 0)
    both[both] &= clan[father[both]] >= 0
    assert np.array_equal(clan[both], clan[father[both]])
    assert both.mean() > 0.7


def test_names_recur_as_they_do(society: Society) -> None:
    living = society.residents.of(ACTIVE)
    names = society.names.full(living)
    words = Counter(word for name in names for word in set(name.split()))
    assert 0.005 < words["MARIA"] / len(living) < 0.06
    clans = Counter(name.split()[-1] for name in names)
    top = [n for _, n in clans.most_common(10)]
    assert sum(top) / len(living) > 0.2
    assert len(clans) > 300
    one = sum(" " not in name for name in names) / len(names)
    assert 0.01 < one < 0.1
    assert max(len(name.split()) for name in names) >= 5
    assert len(set(names)) < 0.95 * len(names)


def test_a_child_has_the_name_of_its_mother(society: Society) -> None:
    person = np.flatnonzero(society.people.couple >= 0)[:500]
    assert [society.mother_name[p] for p in person.tolist()] == society.names.full(society.mother(person))
    founders = np.flatnonzero(society.people.couple < 0)[:500].tolist()
    assert len({society.mother_name[p] for p in founders}) > 200
    assert all(society.mother_name[p] and society.father_name[p] not in ("", "-") for p in founders)


def test_twins_of_one_sex_have_neighbouring_numbers(society: Society) -> None:
    card = register(society, Speller(society.data.writing), stream(1, "registry")).card
    people = society.people
    second = np.flatnonzero((people.twin == 2) & (people.woman == np.roll(people.woman, 1)))
    step = card[second] - card[second - 1]
    assert len(second) > 50
    assert np.mean(step == 1) > 0.9  # but for those whom another regency counts as its own


def test_another_seed_is_another_society(society: Society, data: Data) -> None:
    other = build(PEOPLE, 12, data, data.dirt["ordinary"])
    assert other.names.full(np.arange(50)) != society.names.full(np.arange(50))


def test_few_clans_make_names_recur_more(society: Society, data: Data) -> None:
    few = build(PEOPLE, 11, data, data.dirt["filthy"])
    many = {name.split()[-1] for name in society.names.full(society.residents.person)}
    assert len({name.split()[-1] for name in few.names.full(few.residents.person)}) < 0.7 * len(many)


def test_brothers_and_sisters_have_names_of_their_own(society: Society) -> None:
    people, given = society.people, society.names.given
    siblings = np.flatnonzero((people.couple[1:] == people.couple[:-1]) & (people.couple[1:] >= 0)) + 1
    assert np.mean(given[siblings, 0] == given[siblings - 1, 0]) < 0.0005
    for twin in np.flatnonzero(people.twin == 2).tolist():
        assert given[twin, 0] != given[twin - 1, 0]


def test_some_twins_have_names_that_are_a_pair(society: Society, data: Data) -> None:
    second = np.flatnonzero(society.people.twin == 2)
    one, other = society.names.full(second - 1), society.names.full(second)
    pairs = {(a.upper(), b.upper()) for a, b in (*data.naming.twin_women, *data.naming.twin_men)}
    alike = [(a, b) for a, b in zip(one, other, strict=True) if (a.split()[0], b.split()[0]) in pairs]
    assert 0.08 < len(alike) / len(second) < 0.30
