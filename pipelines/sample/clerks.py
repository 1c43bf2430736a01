"""What the clerks made of it: numbers, names, dates and places as they stand in an agency's records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipelines.sample import dates, slips, spelling
from pipelines.sample.agencies import Visits
from pipelines.sample.chance import Bools, Ints, choose, pick, some
from pipelines.sample.data import Data, SourceDirt
from pipelines.sample.families import YEAR, Couples, People
from pipelines.sample.homes import Homes
from pipelines.sample.naming import Names
from pipelines.sample.registry import Registry
from pipelines.sample.spelling import Speller

NO_DATE = 10**8
"""Stands for a birth date that was not written."""


@dataclass(frozen=True)
class World:
    """Everything true that a clerk could have seen."""

    people: People
    couples: Couples
    homes: Homes
    names: Names
    registry: Registry
    data: Data
    speller: Speller
    as_of: int

    def spouse(self, person: Ints) -> Ints:
        """The husband or wife of each, -1 for none."""
        of = np.full(len(self.people), -1)
        both = self.couples.husband >= 0
        of[self.couples.wife[both]] = self.couples.husband[both]
        of[self.couples.husband[both]] = self.couples.wife[both]
        return np.asarray(of[person], dtype=np.int64)

    def mother(self, person: Ints) -> Ints:
        """The mother of each, -1 where she is not in the draw."""
        couple = self.people.couple[person]
        return np.where(couple >= 0, self.couples.wife[couple], -1)

    def sibling(self, person: Ints) -> Ints:
        """A twin, else the next or the last child of the same parents, -1 for none: they lie side by side."""
        couple = self.people.couple
        last = len(self.people) - 1
        after, before = np.minimum(person + 1, last), np.maximum(person - 1, 0)
        has_after = (couple[after] == couple[person]) & (couple[person] >= 0) & (after != person)
        has_before = (couple[before] == couple[person]) & (couple[person] >= 0) & (before != person)
        prefer_before = has_before & ((self.people.twin[person] == 2) | ~has_after)
        return np.where(prefer_before, before, np.where(has_after, after, -1))


@dataclass
class Written:
    """An agency's records as written, a list a column; ``born`` is the day meant by the written date."""

    number: list[str]
    slip: list[str]
    name: list[str]
    woman: Bools
    born: Ints
    born_text: list[str]
    place: list[str]
    mother: list[str]


Slip = Callable[[str, float], str]
ONE_NUMBER: dict[str, Slip] = {
    "length": slips.length,
    "letters": slips.letters,
    "float": slips.as_float,
    "unfilled": slips.unfilled,
    "impossible": slips.impossible,
    "digit": slips.digit,
    "swapped": slips.swapped,
    "last_zero": slips.last_zero,
    "day_sex": slips.day_sex,
}


def write_numbers(
    visits: Visits, world: World, dirt: SourceDirt, rng: np.random.Generator, width: int | None
) -> tuple[list[str], list[str]]:
    """The number of each record as written, and what was done to it (empty: nothing)."""
    registry, person = world.registry, visits.person
    n = len(person)
    own = np.where(registry.main[person] >= 0, registry.main[person], registry.card[person])
    other = (registry.second[person] >= 0) & (rng.random(n) < 0.35)
    own = np.where(other, registry.second[person], own)
    number = [str(nik) for nik in own.tolist()]
    slip = [""] * n
    u = rng.random(n)
    taken = np.zeros(n, dtype=np.bool_)

    def mark(rows: Ints, kind: str, make: Callable[[int], str]) -> None:
        for row in rows.tolist():
            number[row], slip[row] = make(row), kind
        taken[rows] = True

    placeholders = world.data.writing

    def missing(row: int) -> str:
        common, rest = pick(float(u[row]), 2)
        words = placeholders.placeholders_common if common else placeholders.placeholders
        return words[pick(rest, len(words))[0]]

    born = np.flatnonzero(visits.newborn)
    luck = rng.random(len(born))
    mothers = registry.main[world.mother(person)]
    with_mother = born[(luck < dirt.newborn_mother) & (mothers[born] >= 0)]
    mark(with_mother, "newborn", lambda row: str(mothers[row]))
    without = born[(luck >= dirt.newborn_mother) & (luck < dirt.newborn_mother + dirt.newborn_missing)]
    mark(without, "missing", missing)
    taken[born] = True
    nobody = np.flatnonzero(visits.nobody & ~taken)
    mark(nobody[some(rng, len(nobody), dirt.unregistered_without_number)], "missing", missing)

    def draw(kind: str, able: Bools) -> Ints:
        free = np.flatnonzero(able & ~taken)
        share = min(1.0, getattr(dirt.numbers, kind) * n / max(1, len(free)))
        return free[some(rng, len(free), share)]

    everyone = np.ones(n, dtype=np.bool_)
    child = (world.as_of - world.people.born[person]) < 25 * YEAR
    relations = {
        "spouse": (world.spouse(person), everyone),
        "mother": (world.mother(person), child),
        "sibling": (world.sibling(person), everyone),
    }
    for kind, (relative, able) in relations.items():
        theirs = np.where(relative >= 0, registry.main[relative], -1)
        mark(draw(kind, able & (theirs >= 0)), kind, lambda row, theirs=theirs: str(theirs[row]))
    known = registry.main[registry.main >= 0]
    foreign = known[rng.integers(0, len(known), n)]
    above = np.roll(own, 1)
    copied = (
        (rng.random(n) < 0.4) & (above != own) & (np.roll(person, 1) != person) & ~np.roll(visits.nobody, 1)
    )
    foreign = np.where(copied, above, foreign)
    mark(draw("stranger", foreign != own), "stranger", lambda row: str(foreign[row]))
    cards = registry.family_card[person]
    mark(draw("family_card", everyone), "family_card", lambda row: str(cards[row]))
    mark(draw("old", everyone), "old", lambda row: _old(number[row], float(u[row]), world.data))
    mark(draw("invented", everyone), "invented", lambda row: _invented(number[row], float(u[row])))
    mark(draw("missing", everyone), "missing", missing)
    for kind, change in ONE_NUMBER.items():
        mark(draw(kind, everyone), kind, lambda row, change=change: change(number[row], float(u[row])))
    whole = np.array([len(text) == 16 and text.isdigit() for text in number])
    for row in some(rng, n, dirt.dressing).tolist():
        if whole[row] and slip[row] != "missing":
            number[row] = slips.dressed(number[row], float(u[row]), width)
    return number, slip


def _old(nik: str, u: float, data: Data) -> str:
    """A number of former days: another region, the same birth date, another serial."""
    far = [e.regency * 100 + 1 for e in data.elsewhere if str(e.regency) != nik[:4]]
    regions = [*far, *data.dead.codes, *(d.code for d in data.districts)]
    regions = [region for region in regions if str(region) != nik[:6]]
    place, u = pick(u, len(regions))
    serial, _ = pick(u, 60)
    return f"{regions[place]}{nik[6:12]}{1 + serial:04d}"


def _invented(nik: str, u: float) -> str:
    """A number made up from the region: another day and serial, or a serial of no sense."""
    way, u = pick(u, 3)
    day, u = pick(u, 28)
    month, u = pick(u, 12)
    serial, _ = pick(u, 9000)
    if way == 0:
        return f"{nik[:12]}{(int(nik[12:]) + 1111 + serial) % 10000:04d}"
    return f"{nik[:6]}{1 + day:02d}{1 + month:02d}{nik[10:12]}{1 + serial % (90 if way == 1 else 9000):04d}"


def write_names(
    visits: Visits, world: World, dirt: SourceDirt, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """The names of the people and of their mothers as written, in capitals or not, uncut."""
    person, habits = visits.person, dirt.names
    n = len(person)
    people, names, speller = world.people, world.names, world.speller
    name = names.full(person)
    mother = [world.registry.mother_name[p] for p in person.tolist()]
    u = rng.random((9, n))

    def change(share: float, able: Bools, how: Slip, row_u: int, texts: list[str]) -> None:
        for row in np.flatnonzero(able & (rng.random(n) < share)).tolist():
            texts[row] = how(texts[row], float(u[row_u, row]))

    spouse = world.spouse(person)
    wife = people.woman[person] & (spouse >= 0)
    taken = np.flatnonzero(wife & (rng.random(n) < habits.husband))
    for row, text in zip(taken.tolist(), names.full(person[taken], names.clan[spouse[taken]]), strict=True):
        name[row] = text
    everyone = np.ones(n, dtype=np.bool_)
    plain = ~visits.newborn
    change(habits.spelling, plain, speller.spelling, 0, name)
    change(habits.typo, plain, speller.typo, 1, name)
    change(habits.reordered, plain, lambda text, v: spelling.reordered(text, v), 2, name)
    change(habits.dropped, plain, spelling.dropped, 3, name)
    change(habits.initials, plain, spelling.initials, 4, name)
    change(habits.joined, plain, spelling.joined, 5, name)
    change(dirt.mother_variant * 0.6, everyone, speller.spelling, 6, mother)
    change(dirt.mother_variant * 0.2, everyone, speller.typo, 6, mother)
    change(dirt.mother_variant * 0.2, everyone, spelling.dropped, 6, mother)
    change(dirt.mother_nickname, everyone, speller.nickname, 7, mother)
    for row in np.flatnonzero(visits.newborn).tolist():
        name[row] = f"BY. NY. {mother[row]}"
    grown = (visits.day - people.born[person]) > 16 * YEAR
    change(habits.title, plain & grown, speller.title, 8, name)
    _degrees(name, people, person, rng, world.data)
    _prefixes(name, people.woman[person], grown, spouse >= 0, plain & (rng.random(n) < habits.prefix), rng)
    for row in np.flatnonzero(rng.random(n) < dirt.mother_missing).tolist():
        words = world.data.writing.no_mother
        mother[row] = words[pick(float(u[7, row]), len(words))[0]]
    for row in np.flatnonzero(rng.random(n) < dirt.title_case).tolist():
        name[row], mother[row] = spelling.title_case(name[row]), spelling.title_case(mother[row])
    return name, mother


def _degrees(name: list[str], people: People, person: Ints, rng: np.random.Generator, data: Data) -> None:
    able = people.born[person] < np.datetime64(f"{data.as_of.year - 22}-01-01", "D").astype(np.int64)
    for row in np.flatnonzero(able & (rng.random(len(name)) < data.writing.with_degree * 0.3)).tolist():
        name[row] += f", {data.writing.degrees[int(rng.integers(len(data.writing.degrees)))]}"


def _prefixes(
    name: list[str], woman: Bools, grown: Bools, married: Bools, chosen: Bools, rng: np.random.Generator
) -> None:
    """``TN.``, ``NY.``, ``NN.``, ``AN.`` before the name, now and then behind it."""
    behind = rng.random(len(name)) < 0.12
    for row in np.flatnonzero(chosen).tolist():
        word = "AN" if not grown[row] else "TN" if not woman[row] else "NY" if married[row] else "NN"
        name[row] = f"{name[row]}, {word}" if behind[row] else f"{word}. {name[row]}"


def write_dates(
    visits: Visits, world: World, dirt: SourceDirt, rng: np.random.Generator
) -> tuple[Ints, list[str]]:
    """The day meant by each written date (``NO_DATE`` where none is), and the date as written (ISO mostly)."""
    habits, latest = dirt.dates, world.data.as_of
    born = world.people.born[visits.person].copy()
    kinds = choose(
        rng,
        [
            habits.day_month,
            habits.decade,
            habits.digit,
            habits.default_day,
            habits.missing,
            max(
                0.0, 1 - habits.day_month - habits.decade - habits.digit - habits.default_day - habits.missing
            ),
        ],
        len(born),
    )
    kinds[visits.newborn] = 5
    changes = (dates.day_month, dates.decade, dates.digit, dates.default_day)
    for row in np.flatnonzero(kinds < len(changes)).tolist():
        true = np.datetime64(int(born[row]), "D").item()
        written = changes[int(kinds[row])](true, float(rng.random()), latest)
        born[row] = np.datetime64(written, "D").astype(np.int64)
    text = [str(day) for day in np.datetime_as_string(born.astype("datetime64[D]"))]
    for row in np.flatnonzero(rng.random(len(born)) < habits.other_format).tolist():
        text[row] = dates.other_format(np.datetime64(int(born[row]), "D").item(), float(rng.random()))
    for row in np.flatnonzero(kinds == 4).tolist():
        text[row] = ""
    born[kinds == 4] = NO_DATE
    return born, text


def write_places(visits: Visits, world: World, dirt: SourceDirt, rng: np.random.Generator) -> list[str]:
    """The birthplaces as written, uncut."""
    n = len(visits.person)
    places = [world.homes.places[i].upper() for i in world.homes.birthplace[visits.person].tolist()]
    others = spelling.variants(world.data.writing.places)
    u = rng.random(n)
    for row in np.flatnonzero(rng.random(n) < dirt.place_variant).tolist():
        forms = others.get(places[row])
        way, rest = pick(float(u[row]), 3)
        if forms and way:
            places[row] = forms[pick(rest, len(forms))[0]]
        else:
            places[row] = (world.speller.spelling if way == 1 else world.speller.typo)(places[row], rest)
    for row in np.flatnonzero(rng.random(n) < dirt.title_case).tolist():
        places[row] = spelling.title_case(places[row])
    for row in np.flatnonzero(rng.random(n) < dirt.place_missing).tolist():
        places[row] = ("-", "", "-")[pick(float(u[row]), 3)[0]]
    return places


def write(
    visits: Visits, world: World, dirt: SourceDirt, rng: np.random.Generator, number_width: int | None
) -> Written:
    """Let the clerks of one agency write all its records."""
    number, slip = write_numbers(visits, world, dirt, rng, number_width)
    name, mother = write_names(visits, world, dirt, rng)
    born, born_text = write_dates(visits, world, dirt, rng)
    woman = world.people.woman[visits.person] ^ (rng.random(len(number)) < dirt.sex_slip)
    return Written(number, slip, name, woman, born, born_text, write_places(visits, world, dirt, rng), mother)
