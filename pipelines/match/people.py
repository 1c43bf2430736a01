"""The two tables that linkage works on: ``reg`` (the registry) and ``ag`` (every agency's records).

Both number their rows (``r`` and ``a``) in the order of source and key, so that nothing later depends on the
order in which files came. All that is compared or joined on is a number: text is looked at once, here, for each
distinct name, and a pair of records is a few integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.engine import Artifact, sql_text
from pipelines.match.comparisons import CUT_COLUMNS, PAIR_COLUMNS, Texts
from pipelines.match.vocabulary import Names, Vocabulary

IntArray = npt.NDArray[Any]

_IS_BABY: Final = "regexp_matches(upper(trim(name_recorded)), '^(BY|BAYI|BBY)[^A-Z]')"

BABY: Final = (
    f"case when {_IS_BABY} then null else name end as name, "
    f"case when {_IS_BABY} then false else name_cut end as name_cut, "
    f"case when {_IS_BABY} then coalesce(name, mother_name) else mother_name end as mother_name"
)
"""``By. Ny. X`` is the baby of X: the words are the mother's name, and the child's own is not known yet."""

NAMES: Final = ("name", "mother_name", "father_name")

FIELDS: Final = (  # of one record, as linkage wants them
    "nik, try_cast(nik as bigint) as number, name, case sex when 'L' then 1 when 'P' then 2 end::tinyint as sex, "
    "birth_date, birth_place, mother_name, father_name, try_cast(mother_nik as bigint) as mother_number, "
    "try_cast(kk as bigint) as kk, coalesce(name_cut, false) as name_cut, "
    "coalesce(birth_place_cut, false) as birth_place_cut, coalesce(mother_name_cut, false) as mother_name_cut"
)

LOT: Final = "('0x' || substr(md5(source_record_id), 1, 12))::bigint as lot"


@dataclass(frozen=True)
class People:
    """Everybody, in memory: row r of ``reg`` and row a of ``ag``, of which the database holds the same tables.

    Columns of both: ``nik``, ``number`` (it as a whole number), ``name``, ``mother_name`` and ``father_name``
    (numbers in ``texts.names``), ``sex`` (1 or 2), ``birth_date``, ``birth_place`` (in ``texts.places``),
    ``mother_number``, ``kk``; which of them fill their field (``…_cut``); ``given``, ``family``, ``mother_given``,
    ``mother_family`` (spelling classes of the first and the last word); ``initial`` and ``start`` (of the name:
    equal where the first letter and the first three are); ``birth_date_bits``, ``birth_place_bits`` (how rare in
    the registry). ``ag`` has also ``src``, ``source_record_id``, ``lot`` (drawn from the key, for samples),
    ``nik_text`` and ``nik_birth_date``.
    """

    reg: pa.Table
    ag: pa.Table
    texts: Texts

    @property
    def registered(self) -> int:
        """How many people the registry has."""
        return len(self.reg)

    def pairs(self, a: IntArray, r: IntArray) -> pa.Table:
        """The batch of pairs (agency's row, registry's row) that ``compare`` reads."""
        return sides(self.ag, a, self.reg, r)


def sides(left: pa.Table, l: IntArray, right: pa.Table, r: IntArray) -> pa.Table:  # noqa: E741
    """Row ``l[i]`` of one table beside row ``r[i]`` of another, as ``compare`` reads them."""
    rarity = ["birth_date_bits", "birth_place_bits"]
    one = left.select([*PAIR_COLUMNS, *CUT_COLUMNS]).take(pa.array(l))
    other = right.select([*PAIR_COLUMNS, *rarity]).take(pa.array(r))
    names = [f"{c}_l" for c in one.column_names] + [f"{c}_r" for c in PAIR_COLUMNS] + rarity
    return pa.table([*one.columns, *other.columns], names=names)


def load_people(
    con: duckdb.DuckDBPyConnection, registry: Artifact, agencies: Sequence[tuple[str, Artifact]]
) -> People:
    """Create ``reg``, ``ag`` and ``name_words`` (name, class: of each word but initials) in the database.

    ``agencies`` are (source name, records); ``ag.src`` is the agency's place among them.
    """
    everyone = _created(con, *_read(con, registry, agencies))
    pa.default_memory_pool().release_unused()  # all that was text
    return everyone


def _created(con: duckdb.DuckDBPyConnection, reg: pa.Table, ag: pa.Table) -> People:
    """The tables in the database; the two and the words are made side by side."""
    known, counts = encoded([(table, column) for table in (reg, ag) for column in NAMES], len(NAMES))
    places, at_place = encoded([(reg, "birth_place"), (ag, "birth_place")], 1)
    names = Names.of(known.text, Vocabulary.learn(known.text, counts, len(reg)))
    rare = _Rarity.of(reg["birth_date"], at_place, len(reg))

    def made(i: int, table: pa.Table, name: str, key: str) -> pa.Table:
        numbers = {c: known.numbers[len(NAMES) * i + k] for k, c in enumerate(NAMES)}
        people = _numbered(table, {**numbers, "birth_place": places.numbers[i]}, names, rare)
        row = pa.array(np.arange(len(table), dtype=np.int32))
        _create(con.cursor(), name, people.append_column(key, row))
        return (
            people.combine_chunks()
        )  # rows are taken out of it at random: of pieces each time all would be joined

    with ThreadPoolExecutor(3) as pool:
        registered, recorded = pool.submit(made, 0, reg, "reg", "r"), pool.submit(made, 1, ag, "ag", "a")
        pool.submit(lambda: _create(con.cursor(), "name_words", name_words(names))).result()
        return People(registered.result(), recorded.result(), Texts(names, places.text))


def _read(
    con: duckdb.DuckDBPyConnection, registry: Artifact, agencies: Sequence[tuple[str, Artifact]]
) -> tuple[pa.Table, pa.Table]:
    """What linkage needs of the records, in the order of their keys."""

    def read(part: Artifact) -> str:
        return f"read_parquet({sql_text(part.file)}, hive_partitioning = false)"

    fields = f"source_record_id, {LOT}, nik_text, nik_birth_date, {FIELDS}"
    reg = con.sql(f"select {FIELDS} from {read(registry)} where nik is not null").to_arrow_table()
    parts = [
        f"select {i}::tinyint as src, {fields} from (select * replace ({BABY}) from {read(part)})"
        for i, (_, part) in enumerate(agencies)
    ]
    nobody = f"select * from (select 0::tinyint as src, {fields} from {read(registry)}) where false"
    ag = con.sql(" union all ".join([*parts, nobody])).to_arrow_table()
    return _in_order(reg, "number"), _in_order(ag, "source_record_id", "src")


def _in_order(table: pa.Table, key: str, src: str | None = None) -> pa.Table:
    """The table in the order of its key (of each source); most come so, and are not moved."""
    column = table[key].combine_chunks()
    falls = pc.less_equal(column[1:], column[:-1]) if len(column) else pa.array([], pa.bool_())
    if src is not None and len(column):
        of = table[src].combine_chunks()
        falls = pc.and_(falls, pc.equal(of[1:], of[:-1]))
    if not pc.any(falls).as_py():
        return table
    return table.sort_by([(name, "ascending") for name in ((src, key) if src else (key,))])


@dataclass(frozen=True)
class Encoded:
    """Each distinct text of some columns, and each column as numbers of them; -1 is nothing."""

    text: pa.Array
    numbers: list[IntArray]


def encoded(columns: Sequence[tuple[pa.Table, str]], counted: int) -> tuple[Encoded, IntArray]:
    """Each distinct text of all columns, each column as numbers of them, and how often the first columns have each.

    Each column by itself first, side by side, then what is distinct in them.
    """
    with ThreadPoolExecutor() as pool:
        alone = list(pool.map(lambda c: c[0][c[1]].combine_chunks().dictionary_encode(), columns))
    together = pa.concat_arrays([part.dictionary for part in alone]).dictionary_encode()
    starts = np.cumsum([0, *(len(part.dictionary) for part in alone)])
    codes = np.append(np.asarray(together.indices, np.int32), np.int32(-1))
    numbers = []
    for part, start in zip(alone, starts, strict=False):
        own = np.asarray(pc.fill_null(part.indices, -1), np.int32)
        numbers.append(codes[np.where(own < 0, -1, own + start)])
    of = np.concatenate(numbers[:counted])
    return Encoded(together.dictionary, numbers), np.bincount(of[of >= 0], minlength=len(together.dictionary))


@dataclass(frozen=True)
class _Rarity:
    """How many bits it takes, in the registry, to be born on a day or at a place."""

    first: int
    days: npt.NDArray[np.float32]
    places: npt.NDArray[np.float32]

    @classmethod
    def of(cls, born: pa.ChunkedArray, at_place: IntArray, people: int) -> _Rarity:
        """``born``: the registry's birth dates; ``at_place``: how many of it were born at each place."""
        days = np.asarray(born.drop_null().cast(pa.int32()))
        first = int(days.min()) if len(days) else 0
        return cls(first, cls._bits(np.bincount(days - first), people), cls._bits(at_place, people))

    @staticmethod
    def _bits(counts: IntArray, people: int) -> npt.NDArray[np.float32]:
        """With one NaN more, for what is missing."""
        return np.append(rarity_bits(counts, people), np.float32(np.nan))

    def columns(self, table: pa.Table, place: IntArray) -> dict[str, pa.Array]:
        """The two columns of a table, null where the registry has nobody of that day or place."""
        days = np.asarray(pc.fill_null(table["birth_date"].cast(pa.int32()), self.first - 1)) - self.first
        days = np.where((days >= 0) & (days < len(self.days)), days, -1)
        return {
            "birth_date_bits": pa.array(self.days[days], from_pandas=True),
            "birth_place_bits": pa.array(self.places[place], from_pandas=True),
        }


def rarity_bits(counts: IntArray, people: int) -> npt.NDArray[np.float32]:
    """The bits of what so many of all people have; NaN where nobody has it."""
    with np.errstate(divide="ignore"):
        bits = -np.log2(counts / max(people, 1))
    return np.where(counts > 0, bits, np.nan).astype(np.float32)


def _numbered(table: pa.Table, numbers: Mapping[str, IntArray], names: Names, rare: _Rarity) -> pa.Table:
    """The table with numbers in place of text, and the columns made of them."""
    name, mother = numbers["name"], numbers["mother_name"]
    made: dict[str, Any] = {
        **numbers,
        "given": names.spelling(names.rows[name, 0]),
        "family": names.spelling(names.last[name]),
        "mother_given": names.spelling(names.rows[mother, 0]),
        "mother_family": names.spelling(names.last[mother]),
        **{column: codes[name] for column, codes in _starts(names).items()},
    }
    columns = {c: table[c] for c in table.column_names if c not in numbers}
    columns |= {column: pa.array(codes, mask=codes < 0) for column, codes in made.items()}
    columns |= rare.columns(table, numbers["birth_place"])
    return pa.table(columns)


def _starts(names: Names) -> dict[str, IntArray]:
    """A number for each name's first letter, and for its first three."""
    result = {}
    for column, length in (("initial", 1), ("start", 3)):
        codes = pc.utf8_slice_codeunits(names.text, 0, length).dictionary_encode().indices
        result[column] = np.append(np.asarray(codes, np.int32), np.int32(-1))
    return result


def name_words(names: Names) -> pa.Table:
    """``name``, ``class``: each spelling class of a name's words, once; an initial is no word."""
    long = np.append(names.words.length > 1, False)
    rows = names.rows[:-1]
    name, column = np.nonzero((rows >= 0) & long[rows])
    key = np.sort(name * len(names.words.text) + names.spelling(rows[name, column]))
    key = key[np.diff(key, prepend=-1) != 0]
    name, spelt = np.divmod(key, max(1, len(names.words.text)))
    return pa.table({"name": pa.array(name, pa.int32()), "class": pa.array(spelt, pa.int32())})


def _create(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    con.register("made", table)
    con.execute(f"create table {name} as select * from made").fetchall()
    con.unregister("made")
