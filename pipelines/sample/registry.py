"""What the office wrote down: the registry's rows, and which numbers lead to whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample import dates
from pipelines.sample.chance import Bools, Ints, Rng, hit, one_of, some
from pipelines.sample.data import Data
from pipelines.sample.days import year_of
from pipelines.sample.numbers import Again, Issued, issue, registered_again, slipped
from pipelines.sample.society import ACTIVE, INACTIVE, Society
from pipelines.sample.spelling import Speller, dropped

GRADUATES_SINCE = 1950
YOUNGEST_GRADUATE = 23


@dataclass(frozen=True)
class Registry:
    """The rows in the order of their numbers, and by person the numbers that lead to one.

    By row: ``person`` and what stands there (``mother_nik`` and ``father_nik`` are -1 where nothing does).
    By person, -1 for none: ``main`` and ``second`` number (``blocked``: the second one was taken back),
    ``card``, the number on the card at home whether the registry knows it or not, and ``family_card``.
    """

    person: Ints
    nik: Ints
    family_card_row: Ints
    name: list[str]
    born: Ints
    woman: Bools
    mother: list[str]
    mother_nik: Ints
    father: list[str]
    father_nik: Ints
    status: Ints
    main: Ints
    second: Ints
    blocked: Bools
    card: Ints
    family_card: Ints

    def __len__(self) -> int:
        return len(self.nik)


def register(society: Society, speller: Speller, rng: Rng) -> Registry:
    """Issue every number and write every row."""
    data, people, residents = society.data, society.people, society.residents
    wrong = residents.person[some(rng, len(residents.person), data.registry.own_date_wrong)]
    born = slipped(people.born, wrong, (dates.digit, dates.day_month, dates.decade), rng, data)
    again = registered_again(society, rng)
    issued = issue(society, born, again, rng)
    main, second, blocked = _by_person(society, again, issued)
    person = np.concatenate([residents.person, again.person])
    nik = np.concatenate([issued.card[residents.person], issued.again])
    order = np.argsort(nik)
    name, mother = _names(society, person, speller, rng)
    father = [society.father_name[p] for p in person.tolist()]
    in_order = order.tolist()
    return Registry(
        person=person[order],
        nik=nik[order],
        family_card_row=np.concatenate([issued.family_card[residents.person], issued.again_family_card])[
            order
        ],
        name=[name[i] for i in in_order],
        born=np.concatenate([born[residents.person], again.born])[order],
        woman=people.woman[person[order]],
        mother=[mother[i] for i in in_order],
        mother_nik=_parent_nik(society.mother(person), main, data, rng)[order],
        father=[father[i] for i in in_order],
        father_nik=_parent_nik(society.father(person), main, data, rng)[order],
        status=np.concatenate([residents.status, np.where(again.blocked, INACTIVE, ACTIVE)])[order],
        main=main,
        second=second,
        blocked=blocked,
        card=issued.card,
        family_card=issued.family_card,
    )


def _by_person(society: Society, again: Again, issued: Issued) -> tuple[Ints, Ints, Bools]:
    n = len(society.people)
    main, second, blocked = np.full(n, -1), np.full(n, -1), np.zeros(n, dtype=np.bool_)
    main[society.residents.person] = issued.card[society.residents.person]
    second[again.person] = issued.again
    blocked[again.person] = again.blocked
    return main, second, blocked


def _names(society: Society, person: Ints, speller: Speller, rng: Rng) -> tuple[list[str], list[str]]:
    """Names and mothers' names by row; the rows behind the residents' are second registrations."""
    habits = society.data.registry
    name = society.names.full(person)
    mother = [society.mother_name[p] for p in person.tolist()]
    n, first_second = len(person), len(society.residents.person)
    is_second = np.arange(n) >= first_second
    u = rng.random((3, n))
    ways = (speller.spelling, speller.spelling, speller.spelling, speller.typo, dropped)
    for row in np.flatnonzero(is_second & hit(rng, n, habits.second_name_variant)).tolist():
        name[row] = ways[int(u[0, row] * len(ways))](name[row], float(u[1, row]))
    variant = np.where(is_second, habits.second_mother_variant, habits.mother_spelling)
    for row in np.flatnonzero(rng.random(n) < variant).tolist():
        mother[row] = speller.spelling(mother[row], float(u[2, row]))
    for row in np.flatnonzero(hit(rng, n, habits.mother_missing)).tolist():
        mother[row] = "-" if u[2, row] < 0.5 else ""
    year = year_of(society.people.born[person])
    able = (year >= GRADUATES_SINCE) & (year <= society.data.as_of.year - YOUNGEST_GRADUATE)
    share = society.data.writing.with_degree * habits.degree
    for row in np.flatnonzero(able & hit(rng, n, share)).tolist():
        name[row] += f", {one_of(float(u[0, row]), society.data.writing.degrees).upper()}"
    return name, mother


def _parent_nik(parent: Ints, main: Ints, data: Data, rng: Rng) -> Ints:
    """The parent's number where it stands in the child's row, else -1."""
    known = (parent >= 0) & hit(rng, len(parent), data.registry.mother_nik)
    return np.where(known, main[parent], -1)
