"""One family over four generations, by hand: who lives with whom, and as what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.sample.chance import stream
from pipelines.sample.data import Data, Homes
from pipelines.sample.days import to_day
from pipelines.sample.families import Couples, People
from pipelines.sample.homes import (
    CHILD,
    GRANDCHILD,
    HEAD,
    KIN,
    PARENT,
    PARENT_IN_LAW,
    WIFE,
    settle,
)
from pipelines.sample.homes import Homes as Settled
from tests.sample.societies import NOBODY, couples_of, people_of

(
    GRANDMOTHER,
    GRANDFATHER,
    SON,
    DAUGHTER,
    BRIDE,
    CHILD_OF_SON,
    CHILD_OF_DAUGHTER,
    UNCLE,
    HER_MOTHER,
    HER_FATHER,
) = range(10)

PEOPLE = people_of(
    ("P", 1945, 0, NOBODY),
    ("L", 1940, 2015, NOBODY),
    ("L", 1970, 0, 0),
    ("P", 1985, 0, 0),
    ("P", 1974, 0, 1),
    ("L", 2000, 0, 2),
    ("L", 2010, 0, 3),
    ("L", 1972, 0, 0),
    ("P", 1946, 2000, NOBODY),
    ("L", 1942, 0, NOBODY),
)
COUPLES = couples_of(
    (GRANDMOTHER, GRANDFATHER, 0), (HER_MOTHER, HER_FATHER, 0), (BRIDE, SON, 1), (DAUGHTER, NOBODY, 1)
)
CERTAIN = {
    "widowed_with_child": 1.0,
    "unwed_with_parents": 1.0,
    "own_home": 0.0,
    "moved": 0.0,
    "stay_in_district": 1.0,
}


def settled(data: Data, people: People = PEOPLE, couples: Couples = COUPLES, **habits: float) -> Settled:
    homes: Homes = data.homes.model_copy(update=CERTAIN | habits)
    certain = data.model_copy(update={"homes": homes})
    living = people.died > to_day(data.as_of)
    return settle(people, couples, living, stream(1, "homes"), certain)


def test_a_couple_lives_with_its_children_and_takes_in_its_widowed_parents(data: Data) -> None:
    homes = settled(data)
    together = [SON, BRIDE, CHILD_OF_SON, HER_FATHER]
    assert set(homes.home[together].tolist()) == {2}
    assert homes.role[together].tolist() == [HEAD, WIFE, CHILD, PARENT_IN_LAW]


def test_a_parent_is_one_of_the_head_of_the_home(data: Data) -> None:
    """His mother in his home, her father in hers once he has died."""
    people = people_of(
        ("P", 1945, 0, NOBODY), ("L", 1940, 2015, NOBODY), ("L", 1970, 0, 0),
        ("P", 1946, 2000, NOBODY), ("L", 1942, 0, NOBODY), ("P", 1974, 0, 1),
    )  # fmt: skip
    couples = couples_of((0, 1, 0), (3, 4, 0), (5, 2, 1))
    homes = settled(data, people, couples)
    assert homes.home[[0, 2, 4, 5]].tolist() == [2, 2, 2, 2]
    assert homes.role[[0, 2, 4, 5]].tolist() == [PARENT, HEAD, PARENT_IN_LAW, WIFE]
    people.died[2] = 10_000  # days after 1970: in 1997
    homes = settled(data, people, couples)
    assert homes.role[[4, 5]].tolist() == [PARENT, HEAD]


def test_a_mother_alone_and_her_child_stay_in_her_parents_home(data: Data) -> None:
    homes = settled(data)
    there = [GRANDMOTHER, DAUGHTER, CHILD_OF_DAUGHTER, UNCLE]
    assert homes.home[there].tolist() == [0, 0, 0, 0]
    assert homes.role[there].tolist() == [HEAD, CHILD, GRANDCHILD, CHILD], "she heads it, as he has died"


def test_where_both_parents_have_died_the_eldest_is_head(data: Data) -> None:
    people = replace(PEOPLE, died=np.where(np.arange(len(PEOPLE)) == GRANDMOTHER, 0, PEOPLE.died))
    homes = settled(data, people)
    assert homes.role[[UNCLE, DAUGHTER]].tolist() == [HEAD, CHILD]


def test_a_mother_alone_may_have_a_home_of_her_own_and_take_her_mother_in(data: Data) -> None:
    homes = settled(data, unwed_with_parents=0.0)
    there = [GRANDMOTHER, DAUGHTER, CHILD_OF_DAUGHTER]
    assert homes.home[there].tolist() == [3, 3, 3]
    assert homes.role[there].tolist() == [PARENT, HEAD, CHILD]


def test_the_widowed_may_stay_where_they_are(data: Data) -> None:
    homes = settled(data, widowed_with_child=0.0)
    assert homes.home[GRANDMOTHER] == 0
    assert homes.role[GRANDMOTHER] == HEAD, "the wife, as he has died"
    assert homes.role[UNCLE] == CHILD


def test_a_grown_up_may_have_a_card_of_his_own(data: Data) -> None:
    homes = settled(data, own_home=1.0)
    assert homes.home[UNCLE] == len(COUPLES) + UNCLE
    assert homes.role[UNCLE] == HEAD
    assert homes.home[CHILD_OF_DAUGHTER] == 0, "a child of sixteen has none"


def test_the_daughter_of_a_mother_alone_stays_in_one_home_with_both(data: Data) -> None:
    """Three generations of women: the youngest mother is at home where her mother is."""
    people = people_of(
        ("P", 1950, 0, NOBODY),
        ("L", 1948, 0, NOBODY),
        ("P", 1972, 0, 0),
        ("P", 1992, 0, 1),
        ("P", 2012, 0, 2),
    )
    couples = couples_of((0, 1, 0), (2, NOBODY, 1), (3, NOBODY, 2))
    homes = settled(data, people, couples)
    assert homes.home.tolist() == [0] * 5
    assert homes.role.tolist() == [WIFE, HEAD, CHILD, GRANDCHILD, KIN]


def test_who_stays_lives_in_the_district_of_his_parents(data: Data) -> None:
    homes = settled(data)
    assert len(set(homes.district[[GRANDMOTHER, SON, BRIDE, UNCLE, DAUGHTER]].tolist())) == 1


def test_numbers_come_from_where_the_parents_lived_and_incomers_from_elsewhere(data: Data) -> None:
    home_only = data.model_copy(
        update={
            "numbers": data.numbers.model_copy(update={"born_elsewhere": 0.0}),
            "dead": data.dead.model_copy(update={"share": 0.0}),
        }
    )
    here = {d.code for d in data.districts}
    assert set(settled(home_only).issued.tolist()) <= here
    incomer = replace(PEOPLE, incomer=np.arange(len(PEOPLE)) == HER_FATHER)
    homes = settled(home_only, incomer)
    assert homes.issued[HER_FATHER] // 100 in {e.regency for e in data.elsewhere}
    assert homes.places[homes.birthplace[HER_FATHER]] in {e.place for e in data.elsewhere}
    assert homes.issued[BRIDE] in here


@pytest.mark.parametrize("year", [1990, 2010])
def test_dead_districts_issued_numbers_to_the_older_alone(data: Data, year: int) -> None:
    old_edition = data.model_copy(
        update={
            "numbers": data.numbers.model_copy(update={"born_elsewhere": 0.0}),
            "dead": data.dead.model_copy(update={"share": 1.0}),
        }
    )
    people = people_of(("P", 1960, 0, NOBODY), ("L", 1960, 0, NOBODY), ("L", year, 0, 0))
    issued = int(settled(old_edition, people, couples_of((0, 1, 0))).issued[2])
    assert (issued in data.dead.codes) == (year < data.dead.before)
