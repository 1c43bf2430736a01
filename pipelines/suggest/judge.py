"""Which column is which field: a score for each, the best pairs first, each column once.

Every score is a share measured on values, damped where the column's name does not speak for the field. What
values can prove (a number whose embedded date is the row's birth date) needs no name; what they cannot (a
father's name) gets by on the name alone only to the point where the draft says that it is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pipelines.layouts import DateOrder
from pipelines.suggest.codes import Codes, by_numbers, by_words
from pipelines.suggest.hints import WORDS, hint
from pipelines.suggest.measures import ORDERS, Measures, Table

WRITTEN: Final = 0.5
"""Certainty from which on a column is written into the draft; below it stands there as a comment."""

NOTED: Final = 0.25
"""Certainty below which a column is not even a guess."""

ENOUGH: Final = 5
"""Rows that must say both a number's date and a birth date before their agreement counts."""

TESTED: Final = 8
"""Rows whose number says a sex before the codes beside it are learned: by chance they agree once in 2**7."""


@dataclass(frozen=True)
class Pick:
    """One field's column, by its key, how sure that is (0 to 1) and why."""

    field: str
    key: str
    certainty: float
    reason: str


@dataclass(frozen=True)
class Anchor:
    """The number and the birth date, chosen together because each proves the other.

    ``agree`` is the share of rows in which both say one date; None where too few rows say both.
    """

    number: Pick | None
    born: Pick | None
    order: DateOrder
    agree: float | None


class Judge:
    """The names and the measures of a sample, asked field by field."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.names = dict(zip(table.sample.cells, table.sample.names, strict=True))
        self.all = table.measures()
        self.proven: frozenset[str] = frozenset()

    def hint(self, field: str, k: str) -> float:
        """What the name of a column says for a field."""
        return hint(field, self.names[k])

    def picks(self) -> tuple[list[Pick], Anchor]:
        """The best column for each field that has one."""
        if not self.table.sample.rows:
            named = [p for p in map(self._by_name, WORDS) if p]
            return self._best(named, ()), Anchor(None, None, "ymd", None)
        anchor = self.anchor()
        if anchor.agree is not None and anchor.agree > 0.5:
            self.proven = frozenset(("nik", "birth_date"))  # elsewhere such a name is known to mislead
        chosen = [p for p in (anchor.number, anchor.born) if p]
        chosen += self._best(self._sexes(anchor), chosen)
        chosen += self._best([*self._people(anchor), *self._others(anchor)], chosen)
        chosen += self._key(anchor, chosen)
        return chosen, anchor

    def _best(self, scored: Iterable[Pick], taken: Iterable[Pick]) -> list[Pick]:
        """The highest scores first; a column and a field only once."""
        used, done, best = {p.key for p in taken}, set[str](), list[Pick]()
        place = {k: at for at, k in enumerate(self.names)}
        for pick in sorted(scored, key=lambda p: (-p.certainty, place[p.key])):
            if pick.certainty >= NOTED and pick.key not in used and pick.field not in done:
                used.add(pick.key)
                done.add(pick.field)
                best.append(pick)
        return best

    # --- the number and the birth date

    def anchor(self) -> Anchor:
        """The pair of columns that agree best."""
        numbers: list[Measures | None] = [m for m in self.all.values() if m.numbers.valid >= 0.3]
        days: list[tuple[Measures, DateOrder] | None] = [
            (m, o) for m in self.all.values() for o in ORDERS if m.dates.get(o, 0) >= 0.5
        ]
        pairs = (self._pair(n, d) for n in numbers or [None] for d in days or [None])
        return max(pairs, key=self._worth)

    def _worth(self, anchor: Anchor) -> tuple[float, float, bool]:
        certain = sum(p.certainty for p in (anchor.number, anchor.born) if p)
        year_first = anchor.born is not None and self.all[anchor.born.key].year_first > 0.5
        # Where nothing tells the orders apart: the year first if it stands first, else the country's custom.
        return round(certain, 6), anchor.agree or 0.0, anchor.order == ("ymd" if year_first else "dmy")

    def _pair(self, n: Measures | None, d: tuple[Measures, DateOrder] | None) -> Anchor:
        order = d[1] if d else "ymd"
        agree = None
        if n and d and n.key != d[0].key:
            both, same = self.table.agreement(n.key, d[0].key, order)
            agree = same / both if both >= ENOUGH else None
        return Anchor(self._number(n, agree), self._born(d, agree), order, agree)

    def _number(self, n: Measures | None, agree: float | None) -> Pick | None:
        if n is None:
            return self._by_name("nik")
        named = self.hint("nik", n.key)
        sure = agree if agree is not None else 0.4 + 0.5 * named
        said = f"a real date in {n.numbers.valid:.0%} of its numbers"
        said += "" if agree is None else f", the row's birth date in {agree:.0%}"
        return Pick("nik", n.key, n.numbers.valid * (0.1 + 0.8 * sure) + 0.1 * named, said)

    def _born(self, d: tuple[Measures, DateOrder] | None, agree: float | None) -> Pick | None:
        if d is None:
            return self._by_name("birth_date")
        m, order = d
        named = self.hint("birth_date", m.key)
        sure = agree if agree is not None else 0.3 + 0.6 * named
        said = f"{m.dates[order]:.0%} are days of the calendar"
        said += "" if agree is None else f", {agree:.0%} that of the number"
        return Pick("birth_date", m.key, m.dates[order] * (0.1 + 0.8 * sure) + 0.1 * named, said)

    def _by_name(self, field: str) -> Pick | None:
        """Where no column reads as the field: one that is only called so."""
        k = max(self.names, key=lambda k: self.hint(field, k), default=None)
        named = self.hint(field, k) if k is not None else 0.0
        return (
            Pick(field, k, 0.4 * named, "only its name says so: no value reads so") if k and named else None
        )

    # --- what the number and the birth date help to tell

    def _sexes(self, anchor: Anchor) -> Iterable[Pick]:
        for m in self.all.values():
            if not m.words or sum(sorted(m.words.values())[-2:]) < 0.9 * sum(m.words.values()):
                continue
            told = self.codes(m, anchor)
            named, fit = self.hint("sex", m.key), told.fit
            score = fit * (0.8 + 0.2 * named) if told.seen else fit * (0.5 + 0.4 * named)
            yield Pick("sex", m.key, score * min(1.0, len(m.words) / 2 + 0.1 * named), told.reason)

    def codes(self, m: Measures, anchor: Anchor) -> Codes:
        """Which words of a column mean which sex."""
        seen = self.table.sexes(m.key, anchor.number.key) if anchor.number else {}
        if self.proven and sum(map(sum, seen.values())) >= TESTED:
            return by_numbers(m.words, seen)
        return by_words(m.words)

    def _people(self, anchor: Anchor) -> Iterable[Pick]:
        """Names of the person, the mother and the father."""
        number = anchor.number.key if anchor.number and self.proven else None
        purity = self.table.purity(number) if number else {}
        if max(purity.values(), default=0.0) > 0.5:
            self.proven |= {"name"}
        named = [m for m in self.all.values() if m.letters > 0.8 and m.distinct > FEW and m.place < 0.5]
        own: str | None = None
        scored = []
        for m in named:
            pure, h = purity.get(m.key), self.hint("name", m.key)
            sure = 0.35 + 0.55 * h if pure is None else 0.1 + 0.2 * h + 0.7 * pure
            looks = (
                m.letters
                * min(1.0, 0.5 + m.spaced)
                * (1 - self._rivalry("name", m.key) * (1 - (pure or 0.0)))
            )
            scored.append(Pick("name", m.key, looks * sure, _told(m, pure)))
        yield from scored
        if scored:
            own = max(scored, key=lambda p: p.certainty).key
        for m in named:
            if m.key == own:
                continue
            women = self.table.female(m.key, own, number) if own and number else None
            for field, share in (
                ("mother_name", women),
                ("father_name", None if women is None else 1 - women),
            ):
                h = self.hint(field, m.key)
                skew = 0.5 + 0.4 * h if share is None else share
                said = f"words in {m.letters:.0%}" + (
                    "" if women is None else f", {women:.0%} of them women's names"
                )
                score = m.letters * skew * (0.55 + 0.4 * h) + 0.05 * h
                yield Pick(field, m.key, score * (1 - self._rivalry(field, m.key)), said)

    def _others(self, anchor: Anchor) -> Iterable[Pick]:
        born = anchor.born.key if anchor.born else None
        place = {k: at for at, k in enumerate(self.names)}
        number = anchor.number.key if anchor.number and self.proven else None
        codes = self.table.codes(number) if number else {}
        for m in self.all.values():
            n = m.numbers
            lead = self.table.leading(m.key, born, anchor.order) if born and n.valid > 0.5 else 0.0
            said = f"16 digits in {n.sixteen:.0%}, a date 12 to 60 years before the birth in {lead:.0%}"
            yield self._pick("kk", m, n.sixteen * (1 - 0.7 * lead * n.female), 0.55, said)
            yield self._pick(
                "mother_nik", m, n.valid * lead * n.female, 0.7, said + f", women's in {n.female:.0%}"
            )
            yield self._pick("father_nik", m, n.valid * lead * (1 - n.female), 0.6, said)
            before = born is not None and place[m.key] == place[born] - 1
            places = f"{m.place:.0%} are names of regencies or districts"
            looks = min(1.0, 1.4 * max(m.place, 0.3 * m.letters))
            told = places + (", just before the birth date" if before else "")
            likely = min(
                1.0, looks + 0.4 * before * m.letters + 0.5 * self.hint("birth_place", m.key) * m.letters
            )
            yield self._pick("birth_place", m, likely, 0.6, told)
            yield self._pick("district_name", m, looks, 0.3, places)
            mixed = min(1.0, m.spaced * m.length / 12) * (1 - m.place) * (1 - m.digits)
            yield self._pick(
                "address", m, mixed, 0.15, f"{m.length:.0f} letters long, {m.spaced:.0%} of several words"
            )
            for field, share in zip(REGIONS, codes.get(m.key, (0.5, 0.5, 0.5)), strict=True):
                short = m.digits * (m.length <= 6) * min(1.0, 1.3 * share)
                said = f"{m.digits:.0%} are short codes" + (
                    f", the number's own in {share:.0%}" if number else ""
                )
                yield self._pick(field, m, short, 0.55 if number else 0.0, said)
            yield self._pick(
                "status",
                m,
                m.status_known * bool(m.words),
                0.4,
                f"{m.status_known:.0%} are words for a state",
            )
            day = m.dates.get(anchor.order, 0.0)
            yield self._pick(
                "changed_at", m, day * (m.digits < 0.5), 0.1, f"{day:.0%} are days of the calendar"
            )

    def _pick(self, field: str, m: Measures, values: float, alone: float, reason: str) -> Pick:
        """``alone`` is how much the values count where the name says nothing."""
        h = self.hint(field, m.key)
        return Pick(
            field, m.key, values * (alone + (0.98 - alone) * h) * (1 - self._rivalry(field, m.key)), reason
        )

    def _rivalry(self, field: str, k: str) -> float:
        """How much a column's name takes away from a field, because it speaks for another one."""
        rival = max((self.hint(f, k) for f in RIVALS if f != field and f not in self.proven), default=0.0)
        return 0.5 * rival * (1 - self.hint(field, k))

    def _key(self, anchor: Anchor, chosen: list[Pick]) -> list[Pick]:
        """The column that tells each record from every other, the number where there is no better."""
        used = {p.key for p in chosen}
        scored = [self._key_by(m) for k, m in self.all.items() if k not in used and self._may_be_key(m)]
        if anchor.number:
            once = self.all[anchor.number.key].distinct / max(1, self.table.sample.rows)
            said = f"the number itself, {once:.0%} of the rows have one of their own"
            families = any(p.field == "kk" and p.certainty >= WRITTEN for p in chosen)
            weight = 0.95 if families and once > 0.99 else 0.5  # in a registry everybody has a number
            scored.append(Pick("record_id", anchor.number.key, once * anchor.number.certainty * weight, said))
        return self._best(scored, ())

    def _may_be_key(self, m: Measures) -> bool:
        dates = max(m.dates.values(), default=0.0) > 0.9 and not self.hint("record_id", m.key)
        return m.unique and m.spaced <= 0.5 and m.length <= LONGEST_KEY and not dates

    def _key_by(self, m: Measures) -> Pick:
        h = self.hint("record_id", m.key)
        counts = m.counting and not h
        said = "filled in every row and never twice" + (", but it only counts the rows" if counts else "")
        return Pick("record_id", m.key, (0.3 if counts else 1.0) * (0.55 + 0.43 * h), said)


LONGEST_KEY: Final = 64
"""Letters of a key; what is longer is a text."""

REGIONS: Final = ("province_code", "regency_code", "district_code")

FEW: Final = 5
"""Different values that a column of names has at least."""

RIVALS: Final = (
    "record_id", "nik", "kk", "name", "sex", "birth_place", "birth_date", "mother_name", "mother_nik",
    "father_name", "father_nik", "address", "district_name", "status", "changed_at",
)  # fmt: skip
"""A name that speaks for one of these speaks against all others."""


def _told(m: Measures, pure: float | None) -> str:
    said = f"words in {m.letters:.0%}, {m.distinct} different"
    return (
        said if pure is None else f"{said}; the first word tells the row's sex in {pure:.0%} beyond a guess"
    )
