"""What runs on Spark's executors: the functions of this room over Arrow batches, none of them with a loop over rows.

A batch carries names and places as text, and numbers them for itself; what has to be the same everywhere, the words
of all names and how common each is, comes once to every executor. Nothing here is decided anew: ``compare``, ``told``,
``answer`` and the rest are those that run beside DuckDB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.match.comparisons import (
    COMPARISONS,
    CUT_COLUMNS,
    PAIR_COLUMNS,
    Compared,
    Texts,
    compare,
    numbered,
)
from pipelines.match.link import answered, settled_at_once
from pipelines.match.people import NAMES, encoded, name_words, rarity_bits
from pipelines.match.resolve import SourceModel, answer
from pipelines.match.search import Pairs, doubts, told
from pipelines.match.twice import worth_a_look
from pipelines.match.verify import one_person
from pipelines.match.vocabulary import Names, Vocabulary
from pipelines.match.weights import Weights
from pipelines.records import COMPARED

Work = Callable[[pa.Table], pa.Table]
"""From a batch to a batch."""

LEVELS: Final = tuple(pa.field(f"level_{c.name}", pa.int8()) for c in COMPARISONS)
RARITIES: Final = tuple(pa.field(f"rarity_{c.name}", pa.float32()) for c in COMPARISONS if c.rarity)
"""The columns of ``Compared``."""

MADE: Final = (
    # Spellings as text: too wide a block is split by names, places and spellings in one column.
    *(pa.field(name, pa.string()) for name in ("given", "family", "mother_given", "mother_family")),
    pa.field("birth_date_bits", pa.float32()),
    pa.field("birth_place_bits", pa.float32()),
)
"""The columns of ``reg`` and ``ag`` that the words of all names and the counts of the registry make."""

LINKED: Final = pa.schema(
    [
        ("relation", pa.string()),
        ("a", pa.int32()),
        ("r", pa.int32()),
        ("rank", pa.int32()),
        *((name, pa.float64()) for name in ("probability", "nothing", "w_nothing", "weight", "w_prior")),
        *((f"w_{name}", pa.float64()) for name in COMPARED),
        *((f"level_{name}", pa.int8()) for name in COMPARED),
    ]
)
"""The rows of ``matches`` with ``a`` and ``r`` in place of keys."""

PAIR: Final = tuple(
    [f"l.{c} as {c}_l" for c in (*PAIR_COLUMNS, *CUT_COLUMNS)]
    + [f"r.{c} as {c}_r" for c in PAIR_COLUMNS]
    + ["r.birth_date_bits", "r.birth_place_bits"]
)
"""What ``compare`` reads of the tables ``l`` and ``r``, as a select list."""


class Shared(Protocol):
    """The words of all names, where a batch is."""

    @property
    def value(self) -> Vocabulary:
        """The words."""


def batchwise(
    work: Work, schema: pa.Schema
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """``work`` for each batch by itself."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in filter(len, batches):
            yield from _as(work(pa.Table.from_batches([batch])), schema)

    return run


def groupwise(
    work: Work, schema: pa.Schema, key: str
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """``work`` for batches that hold all rows of each ``key`` in them; the partition is sorted by it."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for table in whole_groups(batches, key):
            yield from _as(work(table), schema)

    return run


def whole_groups(batches: Iterable[pa.RecordBatch], key: str) -> Iterator[pa.Table]:
    """The same rows in other batches, none of which ends within the rows of one ``key``."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        if not len(batch):
            continue
        values = batch[key].to_numpy()
        ends = np.flatnonzero(values[1:] != values[:-1])
        if held and values[0] != held[-1][key][-1].as_py():
            yield pa.Table.from_batches(held)
            held = []
        if len(ends):
            cut = int(ends[-1]) + 1
            yield pa.Table.from_batches([*held, batch.slice(0, cut)])
            held, batch = [], batch.slice(cut)
        held.append(batch)
    if held:
        yield pa.Table.from_batches(held)


def _as(table: pa.Table, schema: pa.Schema) -> list[pa.RecordBatch]:
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    made: list[pa.RecordBatch] = pa.table(columns, schema=schema).to_batches()
    return made


def flat(compared: Compared) -> dict[str, npt.NDArray[Any]]:
    """``Compared`` as columns."""
    return {
        **{f"level_{name}": column for name, column in compared.levels.items()},
        **{f"rarity_{name}": column for name, column in compared.rarity.items()},
    }


def compared_of(table: pa.Table) -> Compared:
    """The columns as ``Compared`` again."""
    return Compared(
        {field.name.removeprefix("level_"): _column(table, field.name) for field in LEVELS},
        {field.name.removeprefix("rarity_"): _column(table, field.name) for field in RARITIES},
    )


def pairs_of(table: pa.Table) -> Pairs:
    """Candidates as they were written, as arrays again."""
    names = ("a", "r", "src", "blind", "by_field")
    columns = {name: _column(table, name) for name in (*names, "number", "state")}
    return Pairs(compared=compared_of(table), **columns)


def _column(table: pa.Table, name: str) -> npt.NDArray[Any]:
    column: npt.NDArray[Any] = table[name].combine_chunks().to_numpy(zero_copy_only=False)
    return column


def described(words: Shared, people: int) -> Work:
    """People with ``MADE`` of their names and of ``at_day`` and ``at_place``: how many of the registry share them."""

    def work(table: pa.Table) -> pa.Table:
        known, _ = encoded([(table, "name"), (table, "mother_name")], 1)
        names = Names.of(known.text, words.value)
        made = {
            column: names.spelling(part)
            for of, number in zip(("", "mother_"), known.numbers, strict=True)
            for column, part in ((f"{of}given", names.rows[number, 0]), (f"{of}family", names.last[number]))
        }
        for column, code in made.items():
            table = table.append_column(column, pa.array(code, mask=code < 0))
        for column, counts in (("birth_date_bits", "at_day"), ("birth_place_bits", "at_place")):
            bits = rarity_bits(numbered(table[counts]).clip(0), people)
            table = table.append_column(column, pa.array(bits, from_pandas=True))
        return table

    return work


def words_of_names(words: Shared) -> Work:
    """``name``, ``class`` of each word of distinct names."""

    def work(table: pa.Table) -> pa.Table:
        known, _ = encoded([(table, "name")], 1)
        found = name_words(Names.of(known.text, words.value))
        return pa.table({"name": known.text.take(found["name"]), "class": found["class"]})

    return work


def compare_texts(pairs: pa.Table, words: Vocabulary) -> Compared:
    """``compare`` for pairs whose names and places are text."""
    sides = [f"{column}_{side}" for column in NAMES for side in "lr"]
    places = [f"birth_place_{side}" for side in "lr"]
    by_name, _ = encoded([(pairs, side) for side in sides], 1)
    by_place, _ = encoded([(pairs, side) for side in places], 1)
    numbers = dict(zip([*sides, *places], [*by_name.numbers, *by_place.numbers], strict=True))
    columns = {name: pairs[name] for name in pairs.column_names if name not in numbers}
    columns |= {name: pa.chunked_array([pa.array(codes, mask=codes < 0)]) for name, codes in numbers.items()}
    return compare(pa.table(columns), Texts(Names.of(by_name.text, words), by_place.text))


def compared_pairs(words: Shared, keep: Sequence[str], chosen: bool = False) -> Work:
    """Pairs of text, compared: the columns ``keep``, ``LEVELS``, ``RARITIES``; ``chosen``: those worth a look."""

    def work(table: pa.Table) -> pa.Table:
        compared = compare_texts(table, words.value)
        result = pa.table({**{name: table[name] for name in keep}, **flat(compared)})
        return result.filter(pa.array(worth_a_look(compared))) if chosen else result

    return work


@dataclass(frozen=True)
class Taught:
    """What one source's held pairs taught, as ``one_person`` wants it."""

    weights: Weights
    supposed: float


def verified(taught: Mapping[int, Taught]) -> Work:
    """Held pairs, compared, of any sources: with ``one_person`` and ``doubtful``."""

    def of_one(table: pa.Table, src: int) -> pa.Table:
        compared = compared_of(table)
        p = one_person(taught[src].weights, compared, taught[src].supposed)
        doubtful = doubts(compared, _column(table, "plain"), p)
        return table.append_column("one_person", pa.array(p)).append_column("doubtful", pa.array(doubtful))

    return _by_source(of_one)


def candidates(words: Shared) -> Work:
    """Candidate pairs of text, as ``Pairs`` has them."""

    def work(table: pa.Table) -> pa.Table:
        a, r, src, by_field, own_date, held = (
            _column(table, name) for name in ("a", "r", "src", "by_field", "own_date", "held")
        )
        recorded, number, card, of_holder = (
            numbered(table[name].combine_chunks()) for name in ("recorded", "number", "card", "of_holder")
        )
        text = pc.if_else(pc.is_null(table["recorded"]), table["nik_text"], None).combine_chunks()
        pairs = told(
            a,
            r,
            src,
            by_field,
            compare_texts(table, words.value),
            own_date,
            (text, recorded, number, card),
            of_holder,
            held,
        )
        columns = {name: getattr(pairs, name) for name in ("blind", "number", "state")}
        return pa.table({"a": a, "r": r, "src": src, "by_field": by_field, **columns, **flat(pairs.compared)})

    return work


def answers(models: Mapping[int, SourceModel]) -> Work:
    """Whole records' candidates (with ``class`` and ``person``) as rows of ``LINKED``."""

    def of_one(table: pa.Table, src: int) -> pa.Table:
        pairs = pairs_of(table)
        record, first = np.unique(pairs.a, return_index=True)
        classes = _column(table, "class").astype(np.int64)[first]
        return answered(models[src], answer(models[src], pairs, record, classes, _column(table, "person")))

    return _by_source(of_one)


def settled(models: Mapping[int, SourceModel]) -> Work:
    """Held pairs that nothing speaks against as rows of ``LINKED``."""

    def of_one(table: pa.Table, src: int) -> pa.Table:
        a, r, p = (_column(table, name) for name in ("a", "r", "one_person"))
        return settled_at_once(models[src], a, r, p, compared_of(table))

    return _by_source(of_one)


def _by_source(work: Callable[[pa.Table, int], pa.Table]) -> Work:
    """``work`` for the rows of each source by themselves, each with its own model."""

    def run(table: pa.Table) -> pa.Table:
        parts = [
            work(table.filter(pc.equal(table["src"], src)), int(src))
            for src in np.unique(_column(table, "src"))
        ]
        return pa.concat_tables(parts)

    return run
