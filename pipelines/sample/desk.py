"""The desk where numbers are taken down: each record gets its number as written, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from pipelines.sample import slips
from pipelines.sample.agencies import Visits
from pipelines.sample.chance import Bools, Ints, Rng, hit, one_of, pick, some
from pipelines.sample.data import Data
from pipelines.sample.dirt import SourceDirt
from pipelines.sample.registry import Registry
from pipelines.sample.society import Society

NIK_DIGITS = 16

ONE_NUMBER: dict[str, Callable[[str, float], str]] = {
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
"""What can happen to the right number, by its name in the data file."""


class Desk:
    """One agency's desk. ``number`` and ``slip`` (empty: nothing went wrong) are by record.

    Each record goes wrong in one way at most: ``taken`` marks those whose number is settled.
    """

    def __init__(
        self, visits: Visits, society: Society, registry: Registry, dirt: SourceDirt, rng: Rng
    ) -> None:
        self.visits, self.society, self.registry, self.dirt, self.rng = visits, society, registry, dirt, rng
        n, person = len(visits), visits.person
        second = (registry.second[person] >= 0) & hit(rng, n, society.data.desk.second_card_shown)
        self.own = np.where(second, registry.second[person], registry.card[person])
        self.number = [str(nik) for nik in self.own.tolist()]
        self.slip = [""] * n
        self.taken = np.zeros(n, dtype=np.bool_)
        self.u = rng.random(n)

    def write(self, width: int | None) -> None:
        """Write every number; none that is dressed is longer than ``width``."""
        self.newborns()
        self.nobodies()
        self.relatives()
        self.others()
        for kind, change in ONE_NUMBER.items():
            self._mark(kind, self._drawn(kind), change)
        self._dress(width)

    def newborns(self) -> None:
        """At birth the mother's number is taken down, or none."""
        rows = np.flatnonzero(self.visits.newborn)
        luck = self.rng.random(len(rows))
        mother = self._known(self.society.mother(self.visits.person))
        hers = (luck < self.dirt.newborn_mother) & (mother[rows] >= 0)
        # A child in no registry yet has no number of its own.
        without = luck < self.dirt.newborn_mother + self.dirt.newborn_missing
        without |= self.visits.nobody[rows]
        self._give("newborn", rows[hers], mother)
        self._miss(rows[~hers & without])
        self.taken[rows] = True

    def nobodies(self) -> None:
        """Of those in no registry some have no card."""
        rows = np.flatnonzero(self.visits.nobody & ~self.taken)
        age = self.visits.day[rows] - self.society.people.born[self.visits.person[rows]]
        fresh = rows[age < self.society.data.registry.newborn_days]
        others = np.setdiff1d(rows, fresh)
        self._miss(fresh)
        self._miss(others[some(self.rng, len(others), self.dirt.unregistered_without_number)])

    def relatives(self) -> None:
        """Another card of the family was shown."""
        person = self.visits.person
        child = self.society.age(person) < self.society.data.desk.child_until
        for kind, relative, able in (
            ("spouse", self.society.spouse(person), ~child),
            ("mother", self.society.mother(person), child),
            ("sibling", self.society.sibling(person), np.ones_like(child)),
        ):
            theirs = self._known(relative)
            self._give(kind, self._drawn(kind, able & (theirs >= 0)), theirs)

    def others(self) -> None:
        """A stranger's number, the family card's, a number of former days, one made up, or none."""
        n, person, registry = len(self.own), self.visits.person, self.registry
        foreign = registry.nik[self.rng.integers(0, len(registry), n)]
        above = np.roll(self.own, 1)
        copied = hit(self.rng, n, self.society.data.desk.copied_down) & ~np.roll(self.visits.nobody, 1)
        foreign = np.where(copied, above, foreign)
        somebody_else = (foreign != registry.main[person]) & (foreign != registry.second[person])
        self._give("stranger", self._drawn("stranger", somebody_else), foreign)
        self._give("family_card", self._drawn("family_card"), registry.family_card[person])
        regions = _regions(self.society.data)
        self._mark("old", self._drawn("old"), lambda nik, u: slips.old(nik, u, regions))
        self._mark("invented", self._drawn("invented"), slips.invented)
        self._miss(self._drawn("missing"))

    def _known(self, person: Ints) -> Ints:
        """The number in the registry of each person, -1 for nobody and those not in it."""
        return np.where(person >= 0, self.registry.main[person], -1)

    def _drawn(self, kind: str, able: Bools | None = None) -> Ints:
        """As many untaken records as the data file has for this kind, or as there are."""
        free = np.flatnonzero(~self.taken if able is None else able & ~self.taken)
        count = round(getattr(self.dirt.numbers, kind) * len(self.own))
        return np.sort(self.rng.permutation(free)[:count])

    def _mark(self, kind: str, rows: Ints, change: Callable[[str, float], str]) -> None:
        self._set(kind, rows, (change(self.number[row], float(self.u[row])) for row in rows.tolist()))

    def _give(self, kind: str, rows: Ints, niks: Ints) -> None:
        self._set(kind, rows, map(str, niks[rows].tolist()))

    def _miss(self, rows: Ints) -> None:
        writing = self.society.data.writing

        def placeholder(_: str, u: float) -> str:
            common, u = pick(u, 2)
            return one_of(u, writing.placeholders_common if common else writing.placeholders)

        self._mark("missing", rows, placeholder)

    def _set(self, kind: str, rows: Ints, written: Iterable[str]) -> None:
        for row, text in zip(rows.tolist(), written, strict=True):
            self.number[row], self.slip[row] = text, kind
        self.taken[rows] = True

    def _dress(self, width: int | None) -> None:
        chosen = np.flatnonzero(hit(self.rng, len(self.number), self.dirt.dressing))
        for row in chosen.tolist():
            text = self.number[row]
            if self.slip[row] != "missing" and len(text) == NIK_DIGITS and text.isdigit():
                self.number[row] = slips.dressed(text, float(self.u[row]), width)


def _regions(data: Data) -> tuple[int, ...]:
    """Regions whose offices issued numbers to people who live here now."""
    far = (e.regency * 100 + 1 for e in data.elsewhere)
    return (*far, *data.dead.codes, *(d.code for d in data.districts))
