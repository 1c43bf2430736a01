"""Ideas of what is compared: names and dates, people with two numbers, and which pairs are looked at."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from bench.switch import Idea, Patch, idea
from pipelines.match import blocking, comparisons, link, names, people, search, twice, verify, vocabulary
from pipelines.match.comparisons import Compared, Texts
from pipelines.match.people import People
from pipelines.match.twice import Doubles
from pipelines.match.weights import Array, Weights
from pipelines.settings import Settings

# --- names, dates and places


def _after_comparing(patch: Patch, change: Callable[[Compared], Compared]) -> None:
    compare = comparisons.compare

    def changed(pairs: pa.Table, texts: Texts) -> Compared:
        return change(compare(pairs, texts))

    for module in (search, verify, twice):
        patch(module, "compare", changed)


def _without_rarity(patch: Patch, columns: tuple[str, ...]) -> None:
    """Agreement in a common value counts as much as in a rare one, among candidates and among doubles."""

    def zero(compared: Compared) -> Compared:
        rarity = {k: np.zeros_like(v) if k in columns else v for k, v in compared.rarity.items()}
        return Compared(compared.levels, rarity)

    parts = twice.parts

    def as_usual(known: Weights, compared: Compared) -> dict[str, Array]:
        usual = {
            k: -np.log2(known.u[k])[compared.levels[k]].astype(np.float32)
            for k in compared.rarity
            if k in columns
        }
        found = parts(known, Compared(compared.levels, {**compared.rarity, **usual}))
        return {
            k: bits - known.rarity_factor(k) * usual[k] if k in usual else bits for k, bits in found.items()
        }

    _after_comparing(patch, zero)
    patch(twice, "parts", as_usual)


@idea("rare-names", "rarity of names")
def rare_names(patch: Patch) -> None:
    _without_rarity(patch, ("name", "mother_name", "father_name"))


@idea("rare-dates", "rarity of birth dates and places")
def rare_dates(patch: Patch) -> None:
    _without_rarity(patch, ("birth_date", "birth_place"))


def _fold_levels(patch: Patch, columns: tuple[str, ...], fold: dict[int, int]) -> None:
    def folded(compared: Compared) -> Compared:
        levels = dict(compared.levels)
        for column in columns:
            table = np.arange(128, dtype=np.int8)
            for level, into in fold.items():
                table[level] = into
            levels[column] = table[levels[column]]
        return Compared(levels, compared.rarity)

    _after_comparing(patch, folded)


@idea("name-levels", "orders, spellings, initials and words left off as levels of their own")
def name_levels(patch: Patch) -> None:
    fold = {2: 7, 3: 7, 4: 7, 5: 8, 6: 8}
    _fold_levels(patch, ("name", "mother_name", "father_name"), fold)


@idea("date-levels", "slips in a birth date as levels of their own")
def date_levels(patch: Patch) -> None:
    _fold_levels(patch, ("birth_date",), dict.fromkeys(range(2, 9), 9))


@idea("spelling", "spelling classes of words")
def spelling(patch: Patch) -> None:
    patch(vocabulary, "spelling_classes", lambda words: words)


@idea("together", "names written together and mistyped")
def together(patch: Patch) -> None:
    patch(names, "_written_together", lambda *_: None)


@idea("baby", "By. Ny. X read as the baby of X")
def baby(patch: Patch) -> None:
    patch(people, "BABY", "name as name")


# --- households, doubles


@idea("doubles", "a person under two numbers as one candidate")
def doubles(patch: Patch) -> None:
    find = twice.find_doubles

    def apart(con: Any, everyone: People, known: list[Weights]) -> Doubles:
        return dataclasses.replace(find(con, everyone, known), person=np.arange(everyone.registered))

    patch(link, "find_doubles", apart)


@idea("twins", "twins told from doubles by what the registry's pairs show")
def twins(patch: Patch) -> None:
    patch(twice, "twins", lambda compared, *_: np.zeros(len(compared)))


@idea("rarer-doubles", "doubles weighed by how rare their names and dates are")
def rarer_doubles(patch: Patch) -> None:
    patch(twice, "parts", lambda known, compared: known.parts(compared))


# --- which pairs are compared

RULES_OF = {
    "household-rules": (
        "family card",
        "household of the number's holder",
        "a family card in the number's place",
    ),
    "number-rules": (
        "one slip in the number",
        "the number's birth date and the given name",
        "the number's district and birth date",
    ),
    "mother-rules": (
        "birth date and mother",
        "given name and mother",
        "baby of its mother",
        "mother's number in the number's place",
    ),
    "date-rules": ("day and month swapped, and a word of the name",),
    "name-rules": ("name, day and month", "name and year", "name and sex"),
}
"""Blocking rules that rest on one idea."""


def blocking_by(name: str, what: str, rules: tuple[str, ...]) -> Idea:
    def off(patch: Patch, _: Settings) -> None:
        known = {rule.name for rule in blocking.RULES}
        if gone := [rule for rule in rules if rule not in known]:
            raise AttributeError(f"no such blocking rules: {', '.join(gone)}")
        patch(blocking, "RULES", tuple(rule for rule in blocking.RULES if rule.name not in rules))

    return Idea(name, what, off)


RULES = tuple(
    blocking_by(name, f"blocking by {name.partition('-')[0]}", rules) for name, rules in RULES_OF.items()
)
"""The rules of one idea, left out together."""


def each_rule() -> tuple[Idea, ...]:
    """Every blocking rule as an idea of its own: ``rule-0`` and so on, in their order."""
    return tuple(
        blocking_by(f"rule-{i}", f"blocking: {rule.name}", (rule.name,))
        for i, rule in enumerate(blocking.RULES)
    )
