"""The civil registry: who is in it, under which number, and what the office wrote down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample import dates, numbers
from pipelines.sample.chance import Bools, Floats, Ints, choose, some
from pipelines.sample.data import Data
from pipelines.sample.families import YEAR, Couples, People, first_of_year, year_of
from pipelines.sample.homes import Homes
from pipelines.sample.naming import Names, strangers
from pipelines.sample.spelling import Speller, dropped

ACTIVE, DECEASED, INACTIVE = 0, 1, 2
STATUS = ("AKTIF", "MENINGGAL", "NONAKTIF")


@dataclass(frozen=True)
class Residents:
    """Who stands in the registry (indices into ``People``, with the status), and who lives there without."""

    person: Ints
    status: Ints
    outside: Ints


def choose_residents(
    people: People, homes: Homes, living: Bools, count: int, rng: np.random.Generator, data: Data, as_of: int
) -> Residents:
    """Fill the registry home by home up to ``count`` people, the dead and the inactive among them."""
    habits = data.registry
    dead_count = round(count * habits.deceased)
    home, rank = np.unique(homes.home, return_inverse=True)
    rank = rng.permutation(len(home))[rank]
    order = np.flatnonzero(living)[np.argsort(rank[living], kind="stable")]
    inside, outside = order[: count - dead_count], order[count - dead_count :]
    reached = rank[inside].max(initial=-1)
    gone = np.flatnonzero((people.died <= as_of) & (rank <= reached) & (people.born < as_of - YEAR))
    dead = gone[np.argsort(-people.died[gone], kind="stable")][:dead_count]
    fresh = inside[as_of - people.born[inside] < habits.newborn_days]
    late = fresh[rng.random(len(fresh)) < habits.newborn_unregistered]
    inside = np.setdiff1d(inside, late)
    grown = inside[as_of - people.born[inside] > 17 * YEAR]
    inactive = grown[some(rng, len(grown), min(1.0, habits.inactive * count / max(1, len(grown))))]
    person = np.concatenate([inside, dead])
    status = np.full(len(person), ACTIVE)
    status[len(inside) :] = DECEASED
    status[np.isin(person, inactive)] = INACTIVE
    return Residents(person, status, np.concatenate([outside, late]))


@dataclass(frozen=True)
class Registry:
    """The rows, sorted by number: whose, what they say, and for each person the numbers that lead to them.

    ``main`` and ``second`` are by person, -1 for none; ``card`` is the number on everyone's card, whether the
    registry knows it or not; ``family_card`` is by person too.
    """

    person: Ints
    nik: Ints
    born: Ints
    woman: Bools
    status: Ints
    family_card_row: Ints
    name: list[str]
    mother: list[str]
    mother_nik: Ints
    father: list[str]
    father_nik: Ints
    main: Ints
    second: Ints
    blocked: Bools
    card: Ints
    family_card: Ints
    mother_name: list[str]

    def __len__(self) -> int:
        return len(self.nik)


def register(
    people: People,
    couples: Couples,
    homes: Homes,
    names: Names,
    residents: Residents,
    rng: np.random.Generator,
    data: Data,
    speller: Speller,
    weights: list[Floats],
    as_of: int,
) -> Registry:
    """Issue every number and write every row."""
    active = residents.person[residents.status == ACTIVE]
    grown = active[as_of - people.born[active] > 5 * YEAR]
    n_second = round(len(residents.person) * data.registry.two_numbers)
    n_blocked = round(len(residents.person) * data.registry.blocked_second)
    twice = rng.permutation(grown)[: n_second + n_blocked]
    row_born = _written_dates(people, rng, data, residents.person, as_of)
    again_born = people.born[twice].copy()
    for i in np.flatnonzero(rng.random(len(twice)) < 0.25):
        slip = dates.day_month if rng.random() < 0.4 else dates.digit
        again_born[i] = _slipped(int(again_born[i]), float(rng.random()), slip, data)
    card, second_nik = _issue(people, homes, row_born, twice, again_born, rng, data)
    family_card, other_card = _family_cards(couples, homes, twice, rng, data, as_of)
    n = len(people)
    main, second, blocked = np.full(n, -1), np.full(n, -1), np.zeros(n, dtype=np.bool_)
    main[residents.person] = card[residents.person]
    second[twice] = second_nik
    blocked[twice[n_second:]] = True

    person = np.concatenate([residents.person, twice])
    own = len(residents.person)
    nik = np.concatenate([card[residents.person], second_nik])
    status = np.concatenate([residents.status, np.where(blocked[twice], INACTIVE, ACTIVE)])
    born = np.concatenate([row_born[residents.person], again_born])
    keeps_card = rng.random(len(twice)) < 0.4
    cards = np.concatenate(
        [family_card[residents.person], np.where(keeps_card, family_card[twice], other_card)]
    )
    full = names.full(person)
    _write_degrees(full, people, person, rng, data)
    mother_name, father_name = _parents(people, couples, names, rng, data, weights)
    mother = [mother_name[p] for p in person.tolist()]
    father = [father_name[p] for p in person.tolist()]
    for i in range(own, len(person)):
        way = rng.random()
        if way < 0.3:
            full[i] = speller.spelling(full[i], float(rng.random()))
        elif way < 0.4:
            full[i] = speller.typo(full[i], float(rng.random()))
        elif way < 0.48:
            full[i] = dropped(full[i], float(rng.random()))
        if rng.random() < 0.25:
            mother[i] = speller.spelling(mother[i], float(rng.random()))
    for i in np.flatnonzero(rng.random(len(person)) < data.registry.mother_spelling).tolist():
        mother[i] = speller.spelling(mother[i], float(rng.random()))
    for i in np.flatnonzero(rng.random(len(person)) < data.registry.mother_missing).tolist():
        mother[i] = ("-", "")[i % 2]
    mother_nik = _parent_number(people, couples.wife, main, person, rng, data)
    father_nik = _parent_number(people, couples.husband, main, person, rng, data)
    order = np.argsort(nik, kind="stable")
    pick = order.tolist()
    return Registry(
        person=person[order],
        nik=nik[order],
        born=born[order],
        woman=people.woman[person[order]],
        status=status[order],
        family_card_row=cards[order],
        name=[full[i] for i in pick],
        mother=[mother[i] for i in pick],
        mother_nik=mother_nik[order],
        father=[father[i] for i in pick],
        father_nik=father_nik[order],
        main=main,
        second=second,
        blocked=blocked,
        card=card,
        family_card=family_card,
        mother_name=mother_name,
    )


def _slipped(day: int, u: float, slip, data: Data) -> int:  # type: ignore[no-untyped-def]
    born = np.datetime64(day, "D").item()
    return int(np.datetime64(slip(born, u, data.as_of), "D").astype(np.int64))


def _written_dates(people: People, rng: np.random.Generator, data: Data, person: Ints, as_of: int) -> Ints:
    """The birth date in the registry: the true one but for a few."""
    born = people.born.copy()
    for p in person[some(rng, len(person), data.registry.own_date_wrong)].tolist():
        slip = (dates.digit, dates.day_month, dates.decade)[int(rng.integers(3))]
        born[p] = _slipped(int(born[p]), float(rng.random()), slip, data)
    return born


def _issue(
    people: People,
    homes: Homes,
    row_born: Ints,
    twice: Ints,
    again_born: Ints,
    rng: np.random.Generator,
    data: Data,
) -> tuple[Ints, Ints]:
    """Numbers for everyone and second numbers for some; a few with a date or sex that was corrected later."""
    n, habits = len(people), data.numbers
    born = np.where(rng.random(n) < 0.6, row_born, people.born)
    for p in some(rng, n, habits.wrong_date_at_issue).tolist():
        if people.twin[p] == 0:
            slip = (dates.digit, dates.day_month)[int(rng.integers(2))]
            born[p] = _slipped(int(born[p]), float(rng.random()), slip, data)
    woman = people.woman ^ ((rng.random(n) < habits.wrong_sex_at_issue) & (people.twin == 0))
    local = np.isin(homes.issued, [d.code for d in data.districts])
    steps = np.where(local, 1 + (rng.random(n) < habits.gap), 1 + rng.integers(0, 30, n))
    turn = rng.random(n)
    second = np.flatnonzero(people.twin == 2)
    born[second] = born[second - 1]
    turn[second], steps[second] = turn[second - 1], 1
    again_region = np.where(
        rng.random(len(twice)) < 0.5,
        homes.issued[twice],
        np.array([d.code for d in data.districts])[
            choose(rng, [d.weight for d in data.districts], len(twice))
        ],
    )
    every = numbers.issue(
        np.concatenate([homes.issued, again_region]),
        np.concatenate([numbers.date_part(born, woman), numbers.date_part(again_born, people.woman[twice])]),
        np.concatenate([turn, 1 + rng.random(len(twice))]),
        np.concatenate([steps, np.ones(len(twice), dtype=np.int64)]),
    )
    return every[:n], every[n:]


def _family_cards(
    couples: Couples, homes: Homes, twice: Ints, rng: np.random.Generator, data: Data, as_of: int
) -> tuple[Ints, Ints]:
    """The family card's number by person, and another card for those registered twice."""
    home, first, member = np.unique(homes.home, return_index=True, return_inverse=True)
    since = np.where(home < len(couples), couples.since[np.minimum(home, len(couples) - 1)], 0)
    begin = np.minimum(np.maximum(since, int(first_of_year(np.array([2006]))[0])), as_of - 1)
    codes = np.array([d.code for d in data.districts])
    region = np.concatenate([codes[homes.district[first]], codes[homes.district[twice]]])
    begin = np.concatenate([begin, begin[member[twice]]])
    day = begin + np.asarray(rng.random(len(begin)) * (as_of - begin), dtype=np.int64)
    one = np.ones(len(day), dtype=np.int64)
    cards = numbers.issue(region, numbers.date_part(day), rng.random(len(day)), one)
    return cards[: len(home)][member], cards[len(home) :]


def _write_degrees(
    full: list[str], people: People, person: Ints, rng: np.random.Generator, data: Data
) -> None:
    year = year_of(people.born[person])
    able = (year >= 1950) & (year <= data.as_of.year - 23)
    share = data.writing.with_degree * data.registry.degree
    for i in np.flatnonzero(able & (rng.random(len(person)) < share)).tolist():
        full[i] += f", {data.writing.degrees[int(rng.integers(len(data.writing.degrees)))].upper()}"


def _parents(
    people: People,
    couples: Couples,
    names: Names,
    rng: np.random.Generator,
    data: Data,
    weights: list[Floats],
) -> tuple[list[str], list[str]]:
    """Mother's and father's names by person; those not in the draw get one of the old days."""
    written = []
    for of_couple, woman in ((couples.wife, True), (couples.husband, False)):
        parent = np.where(people.couple >= 0, of_couple[people.couple], -1)
        name = names.full(np.maximum(parent, 0))
        unknown = np.flatnonzero(people.couple < 0)
        made = strangers(
            len(unknown), np.full(len(unknown), woman), people.nation[unknown], rng, data, weights
        )
        for i, text in zip(unknown.tolist(), made, strict=True):
            name[i] = text
        for i in np.flatnonzero((people.couple >= 0) & (parent < 0)).tolist():
            name[i] = "-"
        written.append(name)
    return written[0], written[1]


def _parent_number(
    people: People, of_couple: Ints, main: Ints, person: Ints, rng: np.random.Generator, data: Data
) -> Ints:
    """The parent's number where it stands in the child's row, else -1."""
    couple = people.couple[person]
    parent = np.where(couple >= 0, of_couple[couple], -1)
    known = (parent >= 0) & (rng.random(len(person)) < data.registry.mother_nik)
    return np.where(known, main[parent], -1)
