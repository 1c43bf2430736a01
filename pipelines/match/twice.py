"""One person twice: two numbers in the registry, or two records in one source.

Registry pairs come from keys that a second registration keeps (birth date, names, mother); both sides are
registry rows, so they are weighed with weights of their own. Records of one source that resolve to one
registry person are duplicates; those that resolve to nobody are compared with one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.engine import Database
from pipelines.match.comparisons import Compared, Texts, compare, numbered
from pipelines.match.people import People, sides
from pipelines.match.twins import telling, twins
from pipelines.match.vocabulary import Names
from pipelines.match.weights import Array, BoolArray, IntArray, Weights

_MOTHER: Final = ("mother_given", "mother_family")
_DAY: Final = "month(birth_date) * 100 + day(birth_date)"

DOUBLE_KEYS: Final = (
    ("birth_date", "given", "mother_given"),
    ("birth_date", "given", "family"),
    ("birth_date", "name"),
    ("birth_date", "family", *_MOTHER),
    ("given", *_MOTHER, "year(birth_date)"),
    ("given", *_MOTHER, _DAY),
    ("family", *_MOTHER, "year(birth_date)"),
    ("family", *_MOTHER, _DAY),
)
"""What a second registration of one person keeps; each is one equi-join of the registry with itself.

Each keeps the year or the day and month of birth: of dates that agree in neither nobody is told to be one person.
"""

ONE_IN: Final = 300.0
"""The first guess: one registry person in so many holds a second number."""

CAP: Final = 60

LEAST: Final = 0.5
"""From this probability on two numbers are one person's."""


def _self_join(table: str, key: str, names: tuple[str, ...], where: str) -> str:
    """The pairs (l, r) of rows of one table that agree in all of ``names``; keys shared by too many are left out."""
    aliased = ", ".join(f"{n} as k{i}" for i, n in enumerate(names))
    using = ", ".join(f"k{i}" for i in range(len(names)))
    filled = " and ".join(f"k{i} is not null" for i in range(len(names)))
    return f"""
        with keyed as (select * from (select {key}, {aliased} from {table} where {where}) where {filled}),
          few as (select {using} from keyed group by {using} having count(*) between 2 and {CAP}),
          shared as (select * from keyed semi join few using ({using}))
        select x.{key} as l, y.{key} as r from shared x join shared y using ({using}) where x.{key} < y.{key}"""


def pairs_within(
    con: duckdb.DuckDBPyConnection, table: str, key: str, people: pa.Table, texts: Texts, where: str = "true"
) -> tuple[IntArray, IntArray, Compared]:
    """Candidate pairs (l, r) of one table with itself, compared; its ``key`` is the row in ``people``."""
    pair_up(con, table, key, where)
    found = con.sql("select distinct l, r from paired order by l, r").fetchnumpy()
    left, right = (np.asarray(found[c], np.int64) for c in ("l", "r"))
    con.execute("drop table paired").fetchall()
    return left, right, compare(sides(people, left, people, right), texts)


def pair_up(con: Database, table: str, key: str, where: str = "true") -> None:
    """Create ``paired`` (l, r), some of them more than once: the candidate pairs of one table with itself."""
    con.execute("create or replace temp table paired (l int, r int)").fetchall()
    for names in DOUBLE_KEYS:  # one after the other: all at once would need the memory of all
        con.execute(f"insert into paired {_self_join(table, key, names, where)}").fetchall()


@dataclass(frozen=True)
class Doubles:
    """Registry people under two numbers: pairs of rows (l, r), compared, with P(one person) and weight in bits.

    ``person[r]`` is the row that stands for the person of row r: the first of those that are one.
    """

    l: IntArray  # noqa: E741
    r: IntArray
    compared: Compared
    probability: Array
    bits: Array
    weights: Weights
    person: IntArray


def find_doubles(con: duckdb.DuckDBPyConnection, everyone: People, known: list[Weights]) -> Doubles:
    """Compare the registry with itself."""
    left, right, compared = pairs_within(con, "reg", "r", everyone.reg, everyone.texts)
    number, name = (numbered(everyone.reg[column]) for column in ("number", "name"))
    weights, p, bits = judged(
        compared,
        (number[left], number[right]),
        (name[left], name[right]),
        everyone.texts.names,
        known,
        everyone.registered,
    )
    keep = p >= LEAST
    left, right = left[keep], right[keep]
    person = np.arange(everyone.registered)
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        person[b] = person[a]
    return Doubles(left, right, compared.take(keep), p[keep], bits[keep], weights, person)


def judged(
    compared: Compared,
    numbers: tuple[IntArray, IntArray],
    names: tuple[IntArray, IntArray],
    texts: Names,
    known: list[Weights],
    people: int,
) -> tuple[Weights, Array, Array]:
    """P(one person) of pairs of the registry, and their weight in bits; ``numbers``, ``names`` of both sides.

    The registry is as clean as its cleanest reader: of the sources' ``known`` weights those serve that expect least
    disagreement. Nothing depends on pairs that ``worth_a_look`` leaves out.
    """
    weights = max(known, key=lambda w: w.m["birth_date"][1] + w.m["name"][1])
    p, bits = probability(weights, compared, people)
    return weights, p * (1 - twins(compared, numbers, names, texts, weights.m["name"], people)), bits


def worth_a_look(compared: Compared) -> BoolArray:
    """The pairs that may be one person, and those that teach to tell twins from one person twice."""
    return np.asarray(~_not_one_person(compared) | telling(compared))


def probability(
    weights: Weights, compared: Compared, people: int, one_in: float = ONE_IN, rounds: int = 8
) -> tuple[Array, Array]:
    """P(one person) and the weight in bits of each pair; the share of doubles is learned from the pairs."""
    bits = weights.prior + np.sum(list(parts(weights, compared).values()), axis=0)
    likely = np.flatnonzero(~_not_one_person(compared))
    share, p = 1 / one_in, np.zeros(len(compared))
    for _ in range(rounds):
        p[likely] = 1 / (1 + 2 ** -np.clip(bits[likely] + np.log2(share), -60, 60))
        share = float(np.clip(p[likely].sum() / max(people, 1), 1e-5, 0.05))
    return p, bits


def parts(weights: Weights, compared: Compared) -> dict[str, Array]:
    """Each comparison's weight in bits for two rows of one table; with the prior they add up to the pair's weight.

    An agreement in a name or a date counts by how much rarer it is than such an agreement is on the whole.

    Thousands were born on 1 January by the clerk's pen, and dozens of those are called Yohanes: an agreement
    in both is no second registration. What is rarer than usual adds little, since words are not independent.
    """
    result = weights.parts(compared)
    for name, last in (("name", 4), ("birth_date", 1), ("mother_name", 4)):
        level = compared.levels[name]
        usual = -np.log2(weights.u[name])[level]
        agrees = (level >= 1) & (level <= last)
        result[name] = result[name] + np.where(agrees, (compared.rarity[name] - usual).clip(-12.0, 2.0), 0.0)
    return result


def _not_one_person(compared: Compared) -> BoolArray:
    """What no weight may outvote: brothers, sisters and twins agree in all but the given name.

    So a pair must agree in the name itself (every word has its counterpart or is left off) and all but agree in
    the date; a date that differs at all needs the mother's name. Yosef and Yosefina are not one name mistyped.
    """
    name, date = compared.levels["name"], compared.levels["birth_date"]
    mother = compared.levels["mother_name"]
    unlike_mother = (mother == 0) | (mother >= 9)
    brother_and_sister = (compared.levels["sex"] == 2) & (name >= 5)
    unlike = (name == 0) | (name >= 9) | (date == 0) | (date > 5) | brother_and_sister
    return np.asarray(unlike | ((date != 1) & unlike_mother))
