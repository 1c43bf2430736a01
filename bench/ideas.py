"""The ideas that linkage is made of, each with the way to switch it off; the product has no such switches.

    python -m bench.ideas OFFICE IDEA OUT.csv

matches and diagnoses the records that ``bench.padan.records`` left in the office's data folder, with one idea off
(``whole``: with none), and writes the findings as CSV. An idea is switched off by putting another constant or
function in its place, so this module knows ``pipelines.match`` from inside; a name that is gone there is an error
here. What an idea's absence leaves is the plain way of doing that step, not a broken one.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from bench import selection
from bench.padan import findings, made_before, settings_of, write
from pipelines.match import (
    blocking,
    calibrate,
    comparisons,
    evidence,
    link,
    names,
    numbers,
    people,
    resolve,
    search,
    twice,
    verify,
    vocabulary,
    weights,
)
from pipelines.match.comparisons import COMPARISONS, Compared
from pipelines.match.evidence import NumberWeights, Strangers
from pipelines.match.twice import Doubles
from pipelines.match.vocabulary import Vocabulary
from pipelines.match.weights import Array, BoolArray, IntArray, Weights
from pipelines.settings import Settings

Patch = Callable[[Any, str, Any], None]
"""Puts a value in the place of a module's or class's attribute, which has to be there."""


@dataclass(frozen=True)
class Idea:
    """One idea: its name on the command line, what it is, and what is done without it."""

    name: str
    what: str
    off: Callable[[Patch, Settings], None]


def _idea(name: str, what: str) -> Callable[[Callable[[Patch], None]], Idea]:
    """Makes an idea of the function that switches it off."""
    return lambda off: Idea(name, what, lambda patch, _: off(patch))


# --- what the data teaches


@_idea("rivals", "weights sharpened among rivals")
def rivals(patch: Patch) -> None:
    patch(resolve, "sharpen", lambda first, *_: first)


@_idea("counts", "m and u counted on the day's records")
def counts(patch: Patch) -> None:
    patch(weights, "probabilities", _believed)


def _believed(kind: str, _: Compared, __: Array | None = None) -> dict[str, Array]:
    shares = {}
    for comparison in COMPARISONS:
        prior = np.array([0.0, *weights.beliefs()[comparison.name][kind]])
        shares[comparison.name] = prior / prior.sum()
        shares[comparison.name][0] = 1.0
    return shares


@_idea("learning", "any learning of weights from the day's records")
def learning(patch: Patch) -> None:
    patch(weights, "probabilities", _believed)
    patch(resolve, "sharpen", lambda first, *_: first)


@_idea("mixture", "one person told from two under one number before learning")
def mixture(patch: Patch) -> None:
    def plain(
        compared: Compared, apart: Compared, stands_for: Array, registered: int
    ) -> tuple[Array, float, Weights]:
        everyone = np.ones(len(compared))
        return everyone, 1e-4, weights.fellegi_sunter(compared, stands_for, apart, registered)

    patch(verify, "_mixture", plain)


@_idea("second-cleaning", "labels cleaned a second time")
def second_cleaning(patch: Patch) -> None:
    def once(
        first: Weights, blind: search.Pairs, true_r: IntArray
    ) -> tuple[Weights, Array, IntArray, IntArray, Array]:
        record, group = np.unique(blind.a, return_inverse=True)
        chosen = blind.r == true_r
        known = np.zeros(len(record), np.bool_)
        known[group[chosen & blind.by_field]] = True
        fit_half = group % 2 == 0
        fitted = resolve._fit(first, blind, group, chosen, known[group] & fit_half)
        standing = resolve._holders_stand(fitted, blind, group, chosen, known)
        test = standing[group] & ~fit_half & blind.by_field
        return fitted, fitted.score(blind.compared), group, chosen.astype(np.int64), test.astype(float)

    patch(resolve, "teach", once)


@_idea("cleaning", "labels cleaned at all")
def cleaning(patch: Patch) -> None:
    def all_stand(
        _: Weights, __: search.Pairs, ___: IntArray, ____: BoolArray, known: BoolArray
    ) -> BoolArray:
        return known

    patch(resolve, "_holders_stand", all_stand)


@_idea("calibration", "confidence calibrated on held-back records")
def calibration(patch: Patch) -> None:
    patch(calibrate, "fit", lambda *_: calibrate.Calibration())


@_idea("unregistered", "the share of people in no registry learned")
def unregistered(patch: Patch) -> None:
    patch(NumberWeights, "null", lambda _, classes: np.full(len(classes), np.log2(0.1 / 0.9)))


# --- the number as evidence


@_idea("number", "the recorded number as evidence about every candidate")
def number(patch: Patch) -> None:
    full = NumberWeights.bits

    def exact_only(self: NumberWeights, classes: IntArray, state: Any, date: Any, level: Any) -> Array:
        return np.where(level == numbers.EXACT, full(self, classes, state, date, level), 0.0)

    patch(NumberWeights, "bits", exact_only)


def _folded(patch: Patch, from_levels: tuple[int, ...], into: int) -> None:
    """Let several kinds of number weigh as one: ``u`` is that of any of them, m is counted on all of them."""
    fold = np.arange(evidence.SIZE, dtype=np.int8)
    fold[list(from_levels)] = into
    learn, bits = evidence.learn, NumberWeights.bits

    def learned(
        around: Strangers, score: Array, level: Any, state: Any, date: Any, *rest: Any
    ) -> NumberWeights:
        u = around.u.copy()
        u[:, :, into] = np.minimum(u[:, :, [*{*from_levels, into}]].sum(axis=2), 1.0)
        return learn(dataclasses.replace(around, u=u), score, fold[level], state, date, *rest)

    patch(evidence, "learn", learned)
    patch(NumberWeights, "bits", lambda self, k, state, date, level: bits(self, k, state, date, fold[level]))


@_idea("slips", "each kind of slip weighed apart")
def slips(patch: Patch) -> None:
    sixteen = (
        numbers.ZEROED,
        numbers.DAY40,
        numbers.DATE,
        numbers.REGION,
        numbers.SERIAL,
        numbers.SWAP,
    )
    _folded(patch, sixteen, numbers.SERIAL)


@_idea("household-number", "a number of the household as a level of its own")
def household_number(patch: Patch) -> None:
    _folded(patch, (numbers.HOUSEHOLD,), numbers.HELD)


@_idea("strangers-by-date", "strangers' numbers measured by how the birth dates stand")
def strangers_by_date(patch: Patch) -> None:
    shares = evidence._shares

    def pooled(joint: Array, expected: Array, registered: int) -> Array:
        everywhere = np.broadcast_to(joint.sum(axis=(0, 1)), joint.shape)
        return shares(everywhere, np.full_like(expected, expected.sum()), registered)

    patch(evidence, "_shares", pooled)


@_idea("stolen-by-date", "strangers' equal numbers measured by how the birth dates stand")
def stolen_by_date(patch: Patch) -> None:
    def pooled(p: Array, _: Any, settled: float, around: Strangers) -> Array:
        records = max(len(p) + settled, 1.0)
        share = (float((1 - p).sum()) + 0.01) / (records * around.near.sum())
        return np.full(len(around.near), share)

    patch(evidence, "_stolen", pooled)


# --- names, dates and places


def _after_comparing(patch: Patch, change: Callable[[Compared], Compared]) -> None:
    compare = comparisons.compare

    def changed(pairs: pa.Table, words: Vocabulary) -> Compared:
        return change(compare(pairs, words))

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


@_idea("rare-names", "rarity of names")
def rare_names(patch: Patch) -> None:
    _without_rarity(patch, ("name", "mother_name", "father_name"))


@_idea("rare-dates", "rarity of birth dates and places")
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


@_idea("name-levels", "orders, spellings, initials and words left off as levels of their own")
def name_levels(patch: Patch) -> None:
    fold = {2: 7, 3: 7, 4: 7, 5: 8, 6: 8}
    _fold_levels(patch, ("name", "mother_name", "father_name"), fold)


@_idea("date-levels", "slips in a birth date as levels of their own")
def date_levels(patch: Patch) -> None:
    _fold_levels(patch, ("birth_date",), dict.fromkeys(range(2, 9), 9))


@_idea("spelling", "spelling classes of words")
def spelling(patch: Patch) -> None:
    patch(vocabulary, "spelling_classes", lambda words: words)


@_idea("together", "names written together and mistyped")
def together(patch: Patch) -> None:
    patch(names, "_written_together", lambda *_: None)


@_idea("baby", "By. Ny. X read as the baby of X")
def baby(patch: Patch) -> None:
    patch(people, "BABY", "name as name")


# --- households, doubles


@_idea("doubles", "a person under two numbers as one candidate")
def doubles(patch: Patch) -> None:
    find = twice.find_doubles

    def apart(con: Any, words: Vocabulary, known: list[Weights], registered: int) -> Doubles:
        return dataclasses.replace(find(con, words, known, registered), person=np.arange(registered))

    patch(link, "find_doubles", apart)


@_idea("twins", "twins told from doubles by their numbers")
def twins(patch: Patch) -> None:
    patch(twice, "_twins", lambda _, __, compared: np.zeros(len(compared), np.bool_))


@_idea("rarer-doubles", "doubles weighed by how rare their names and dates are")
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


def _blocking(name: str, what: str, rules: tuple[str, ...]) -> Idea:
    def off(patch: Patch, _: Settings) -> None:
        known = {rule.name for rule in blocking.RULES}
        if gone := [rule for rule in rules if rule not in known]:
            raise AttributeError(f"no such blocking rules: {', '.join(gone)}")
        patch(blocking, "RULES", tuple(rule for rule in blocking.RULES if rule.name not in rules))

    return Idea(name, what, off)


def each_rule() -> tuple[Idea, ...]:
    """Every blocking rule as an idea of its own: ``rule-0`` and so on, in their order."""
    return tuple(
        _blocking(f"rule-{i}", f"blocking: {rule.name}", (rule.name,))
        for i, rule in enumerate(blocking.RULES)
    )


# --- what is asked of the linkage beyond its ideas


def _selection(patch: Patch, settings: Settings) -> None:
    """Each weight shifted by what failing records' confident answers say otherwise than verified records do."""
    shifts = selection.read_shifts(settings)
    teach, one_source = resolve.teach, link._one_source
    now: list[int] = []

    def in_turn(con: duckdb.DuckDBPyConnection, src: int, *rest: Any) -> Any:
        now[:] = [src]
        return one_source(con, src, *rest)

    def shifted(first: Weights, *rest: Any) -> Any:
        learned, *others = teach(first, *rest)
        values = learned.values + shifts[now[0]]
        return dataclasses.replace(learned, values=values), *others

    patch(link, "_one_source", in_turn)
    patch(resolve, "teach", shifted)


WHOLE = Idea("whole", "everything", lambda *_: None)
CORRECTED = Idea("selection-corrected", "weights corrected for selection", _selection)

IDEAS: tuple[Idea, ...] = (
    rivals,
    counts,
    learning,
    mixture,
    second_cleaning,
    cleaning,
    calibration,
    unregistered,
    number,
    slips,
    household_number,
    strangers_by_date,
    stolen_by_date,
    rare_names,
    rare_dates,
    name_levels,
    date_levels,
    spelling,
    together,
    baby,
    doubles,
    twins,
    rarer_doubles,
    *(_blocking(name, f"blocking by {name.partition('-')[0]}", rules) for name, rules in RULES_OF.items()),
)
"""Those of the table."""


def by_name(name: str) -> Idea:
    """The idea of that name. Raises ``KeyError``."""
    return {idea.name: idea for idea in (WHOLE, CORRECTED, *IDEAS, *each_rule())}[name]


def put(place: Any, name: str, value: Any) -> None:
    """Replace an attribute that is there. Raises ``AttributeError``."""
    getattr(place, name)
    setattr(place, name, value)


def apart(base: Settings, name: str) -> Settings:
    """Settings whose tables lie beside those of the other ideas."""
    return base.model_copy(update={"data": base.data / "without" / name})


def main(office: str, name: str, output: str) -> None:
    base = settings_of(Path(office))
    settings = apart(base, name)
    by_name(name).off(put, base)
    write(findings(made_before(base), settings), Path(output))


if __name__ == "__main__":
    main(*sys.argv[1:])
