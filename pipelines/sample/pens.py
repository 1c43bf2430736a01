"""What the clerks write beside the number: names, mothers, birth dates, sex and places."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.sample import dates, spelling
from pipelines.sample.agencies import Visits
from pipelines.sample.chance import Bools, Ints, Rng, choose, hit, one_of, pick
from pipelines.sample.days import YEAR, iso, to_date, to_day, year_of
from pipelines.sample.dirt import SourceDirt
from pipelines.sample.society import Society
from pipelines.sample.spelling import Speller

NO_DATE = 10**8
"""Stands for a birth date that was not written."""

GROWN_UP = 16
DATE_SLIPS = (dates.day_month, dates.decade, dates.digit, dates.default_day)
NOT_WRITTEN = len(DATE_SLIPS)


class Pen:
    """One agency's clerks at work on its records; each method writes one column, uncut."""

    def __init__(
        self, visits: Visits, society: Society, speller: Speller, dirt: SourceDirt, rng: Rng
    ) -> None:
        self.visits, self.society, self.speller, self.dirt, self.rng = visits, society, speller, dirt, rng
        self.n = len(visits)
        self.title_case = hit(rng, self.n, dirt.title_case)

    def mothers(self) -> list[str]:
        """The mothers' names; for the many who gave none, a sign that stands for none."""
        text = [self.society.mother_name[p] for p in self.visits.person.tolist()]
        variant = hit(self.rng, self.n, self.dirt.mother_variant)
        ways = (
            self.speller.spelling,
            self.speller.spelling,
            self.speller.spelling,
            self.speller.typo,
            spelling.dropped,
        )
        way = self.rng.integers(0, len(ways), self.n)
        for kind, change in enumerate(ways):
            self._change(text, variant & (way == kind), change)
        self._change(text, hit(self.rng, self.n, self.dirt.mother_nickname), self.speller.nickname)
        mother = self.society.mother(self.visits.person)
        late = (mother >= 0) & (self.society.people.died[mother] <= self.visits.day)
        late &= hit(self.rng, self.n, self.society.data.writing.late)
        self._change(
            text, late, lambda name, u: one_of(u, (f"{name} (ALM)", f"{name} (ALMH)", f"ALMH. {name}"))
        )
        return text

    def names(self, mothers: list[str]) -> list[str]:
        """The names; a newborn has the mother's, ``BY. NY. MARIA TEFA``."""
        person, habits, n = self.visits.person, self.dirt.names, self.n
        people, names = self.society.people, self.society.names
        spouse = self.society.spouse(person)
        text = names.full(person)
        grown = (self.visits.day - people.born[person] > GROWN_UP * YEAR) & ~self.visits.newborn
        wife = people.woman[person] & (spouse >= 0) & grown
        hers = np.flatnonzero(wife & hit(self.rng, n, habits.husband))
        for row, name in zip(hers.tolist(), names.full(person[hers], names.clan[spouse[hers]]), strict=True):
            text[row] = name
        for share, change in (
            (habits.spelling, self.speller.spelling),
            (habits.typo, self.speller.typo),
            (habits.reordered, spelling.reordered),
            (habits.dropped, spelling.dropped),
            (habits.initials, spelling.initials),
            (habits.joined, spelling.joined),
        ):
            self._change(text, hit(self.rng, n, share), change)
        for row in np.flatnonzero(self.visits.newborn).tolist():
            text[row] = f"BY. NY. {mothers[row]}"
        self._sons_of(text)
        self._titles(text, grown & hit(self.rng, n, habits.title))
        self._degrees(text, grown)
        self._forms_of_address(text, grown, spouse >= 0)
        return self._cased(text)

    def no_mothers(self, mothers: list[str]) -> list[str]:
        """The mothers' names as they stand: many were not asked for, a father's side has none."""
        text = self._cased(mothers)
        self._change(text, hit(self.rng, self.n, self.dirt.mother_missing), self._no_mother)
        return text

    def births(self) -> tuple[Ints, list[str]]:
        """The day meant by each written date (``NO_DATE`` for none), and the date as written: ISO mostly."""
        habits, latest = self.dirt.dates, self.society.data.as_of
        born = self.society.people.born[self.visits.person].copy()
        shares = [habits.day_month, habits.decade, habits.digit, habits.default_day, habits.missing]
        kind = choose(self.rng, [*shares, max(0.0, 1 - sum(shares))], self.n)
        kind[self.visits.newborn] = len(shares)
        u = self.rng.random(self.n)
        for row in np.flatnonzero(kind < NOT_WRITTEN).tolist():
            slip = DATE_SLIPS[kind[row]]
            born[row] = to_day(slip(to_date(int(born[row])), float(u[row]), latest))
        text = iso(born)
        for row in np.flatnonzero(hit(self.rng, self.n, habits.other_format)).tolist():
            text[row] = dates.other_format(to_date(int(born[row])), float(u[row]))
        for row in np.flatnonzero(kind == NOT_WRITTEN).tolist():
            text[row] = ""
        return np.where(kind == NOT_WRITTEN, NO_DATE, born), text

    def sexes(self) -> Bools:
        """Whether each is written down as a woman."""
        return self.society.people.woman[self.visits.person] ^ hit(self.rng, self.n, self.dirt.sex_slip)

    def places(self) -> list[str]:
        """The birthplaces: in another form, misspelt, or none."""
        homes = self.society.homes
        upper = [place.upper() for place in homes.places]
        text = [upper[i] for i in homes.birthplace[self.visits.person].tolist()]
        forms = spelling.variants(self.society.data.writing.places)

        def variant(place: str, u: float) -> str:
            way, u = pick(u, 3)
            if way and place in forms:
                return one_of(u, forms[place])
            return self.speller.spelling(place, u) if way == 1 else self.speller.typo(place, u)

        self._change(text, hit(self.rng, self.n, self.dirt.place_variant), variant)
        text = self._cased(text)
        self._change(
            text, hit(self.rng, self.n, self.dirt.place_missing), lambda _, u: one_of(u, ("-", "", "-"))
        )
        return text

    def _no_mother(self, _: str, u: float) -> str:
        return one_of(u, self.society.data.writing.no_mother)

    def _change(self, text: list[str], chosen: Bools, change: Callable[[str, float], str]) -> None:
        rows = np.flatnonzero(chosen)
        for row, u in zip(rows.tolist(), self.rng.random(len(rows)).tolist(), strict=True):
            text[row] = change(text[row], u)

    def _cased(self, text: list[str]) -> list[str]:
        return [
            spelling.title_case(t) if small else t
            for t, small in zip(text, self.title_case.tolist(), strict=True)
        ]

    def _sons_of(self, text: list[str]) -> None:
        """``BIN`` or ``BINTI`` and the first name of the father, among Muslims."""
        person, data = self.visits.person, self.society.data
        muslim = np.array([p.religion == "ISLAM" for p in data.peoples])[self.society.people.nation[person]]
        chosen = muslim & ~self.visits.newborn & hit(self.rng, self.n, data.writing.son_of)
        for row in np.flatnonzero(chosen & (self.society.father(person) >= 0)).tolist():
            word = "BINTI" if self.society.people.woman[person[row]] else "BIN"
            text[row] = f"{text[row]} {word} {self.society.father_name[person[row]].split(' ')[0]}"

    def _titles(self, text: list[str], chosen: Bools) -> None:
        people, data = self.society.people, self.society.data
        rows = np.flatnonzero(chosen)
        for row, u in zip(rows.tolist(), self.rng.random(len(rows)).tolist(), strict=True):
            person = self.visits.person[row]
            religion = data.peoples[people.nation[person]].religion
            words = [t.word for t in data.writing.titles if t.fits(bool(people.woman[person]), religion)]
            text[row] = f"{one_of(u, words).upper()} {text[row]}"

    def _degrees(self, text: list[str], grown: Bools) -> None:
        data = self.society.data
        able = grown & (year_of(self.society.people.born[self.visits.person]) < data.as_of.year - 22)
        chosen = able & hit(self.rng, self.n, data.writing.with_degree * data.writing.degree_at_agency)
        self._change(text, chosen, lambda name, u: f"{name}, {one_of(u, data.writing.degrees)}")

    def _forms_of_address(self, text: list[str], grown: Bools, married: Bools) -> None:
        """``TN.``, ``NY.``, ``NN.`` and ``AN.`` before the name, now and then behind it."""
        woman = self.society.people.woman[self.visits.person]
        chosen = ~self.visits.newborn & hit(self.rng, self.n, self.dirt.names.prefix)
        behind = hit(self.rng, self.n, self.society.data.writing.address_behind)
        for row in np.flatnonzero(chosen).tolist():
            word = "AN" if not grown[row] else "TN" if not woman[row] else "NY" if married[row] else "NN"
            text[row] = f"{text[row]}, {word}" if behind[row] else f"{word}. {text[row]}"
