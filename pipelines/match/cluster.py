"""Linkage on Spark: the same steps in the same order as ``link``, the rows spread over a cluster.

The SQL is that of the other modules. What compares or answers runs on the executors (``batches``); what learns runs
here, on samples that are bounded whatever the population: at most ``HELD`` held pairs that differ somewhere and the
candidates of ``ASKED`` records for each source, beside the blind ones. Up to there, which is beyond a province, the
numbers learned are those that ``link`` learns, to the last bit, as the same functions see the same rows in the same
order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from pipelines.engine import Artifact, read_artifact, write_folder
from pipelines.engine.spark import SparkDatabase
from pipelines.match import batches, evidence, stage, twice
from pipelines.match.batches import (
    LEVELS,
    LINKED,
    MADE,
    PAIR,
    RARITIES,
    Shared,
    Taught,
    compared_of,
    pairs_of,
)
from pipelines.match.blocking import block
from pipelines.match.comparisons import numbered
from pipelines.match.people import BABY, FIELDS, LOT, NAMES, encoded
from pipelines.match.resolve import SourceModel, learn
from pipelines.match.search import CANDIDATES, SEEK, SURE
from pipelines.match.verify import Verified, chosen_pairs, find_holders, learned, random_pairs
from pipelines.match.vocabulary import Names, Vocabulary
from pipelines.match.weights import IntArray, Weights
from pipelines.records import MATCHES
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

HELD: Final = 1_000_000
"""Held pairs, of those that do not agree in every way, that the weights of one source are learned from."""

ASKED: Final = 300_000
"""Records looked for whose candidates teach what a slip in the number weighs, for each source."""


@dataclass(frozen=True)
class Everyone:
    """The tables ``reg``, ``ag`` and ``name_words`` are there; ``words`` has every executor."""

    words: Shared
    registered: int


def match(registry: Artifact, agencies: Sequence[Artifact], settings: Settings) -> Artifact:
    """``stage.match`` on Spark."""
    names = [stage.source_name(part) for part in agencies]
    sources = range(max(len(names), 1))
    target = settings.folder("matches")
    with threadpool_limits(1, "blas"), SparkDatabase(settings, "match") as db:  # as ``link`` learns
        everyone = load(db, registry, agencies)
        find_holders(db)
        verified = verify(db, everyone, sources)
        db.execute(SEEK)
        block(db)
        _compare_candidates(db, everyone)
        doubles = find_doubles(db, everyone, [v.weights for v in verified.values()])
        models = _learn(db, everyone, verified, doubles)
        _answer(db, models, doubles)
        _twice(db, everyone, verified, doubles)
        db.register(
            "sources",
            pa.table({"src": pa.array(range(len(names)), pa.int8()), "source": pa.array(names, pa.string())}),
        )
        with write_folder(target) as folder:
            db.copy_part(stage.assembled(settings.registry.name), MATCHES, folder)
            model = stage.model_text(db, dict(zip(names, models.values(), strict=False)))
            (folder / stage.MODEL).write_text(model, encoding="utf-8")
    return read_artifact(target)


def load(db: SparkDatabase, registry: Artifact, agencies: Sequence[Artifact]) -> Everyone:
    """Create ``reg``, ``ag`` and ``name_words``, rows numbered as ``people.load_people`` numbers them."""
    db.read("registry_records", [registry])
    fields = f"source_record_id, {LOT}, nik_text, nik_birth_date, {FIELDS}"
    parts = [f"select 0::tinyint as src, {fields} from registry_records where false"]
    for i, agency in enumerate(agencies):
        db.read(f"records_{i}", [agency])
        parts.append(
            f"select {i}::tinyint as src, {fields} from (select * replace ({BABY}) from records_{i})"
        )
    reg = db.frame(f"select {FIELDS} from registry_records where nik is not null")
    db.register("reg_texts", db.store_numbered("reg_rows", reg, ["number"], "r"))
    ag = db.frame(" union all ".join(parts))
    db.register("ag_texts", db.store_numbered("ag_rows", ag, ["src", "source_record_id"], "a"))
    ((registered,),) = db.sql("select count(*) from reg_texts").fetchall()
    words: Shared = db.spark.sparkContext.broadcast(_vocabulary(db, registered))
    for table in ("reg", "ag"):
        _describe(db, table, words, registered)
    names = db.frame(
        "select distinct name from (select name from reg union all select name from ag) where name <> ''"
    )
    of_words = pa.schema([("name", pa.string()), ("class", pa.int32())])
    db.store(
        "name_words", db.mapped(names, batches.batchwise(batches.words_of_names(words), of_words), of_words)
    )
    return Everyone(words, registered)


def _vocabulary(db: SparkDatabase, registered: int) -> Vocabulary:
    """The words of all names, counted in the registry's: as many rows as there are words."""
    every = " union all ".join(
        f"select unnest(string_split({column}, ' ')) as word, {counted}::bigint as counted from {table}_texts"
        for table, counted in (("reg", 1), ("ag", 0))
        for column in NAMES
    )
    words = db.sql(f"select word, sum(counted) as seen from ({every}) group by word").to_arrow_table()
    return Vocabulary.counted(words["word"].combine_chunks(), numbered(words["seen"]), registered)


def _describe(db: SparkDatabase, table: str, words: Shared, registered: int) -> None:
    """``reg`` or ``ag`` with the columns that blocking and comparing want."""
    people = db.frame(
        f"""select t.*, substr(name, 1, 1) as initial, substr(name, 1, 3) as start, d.at_day, p.at_place
            from {table}_texts t
              left join (select birth_date, count(*) as at_day from reg_texts group by birth_date) d
                on d.birth_date = t.birth_date
              left join (select birth_place, count(*) as at_place from reg_texts group by birth_place) p
                on p.birth_place = t.birth_place"""
    )
    schema = pa.schema([*_schema(people), *MADE])
    work = batches.batchwise(batches.described(words, registered), schema)
    db.store(table, db.mapped(people, work, schema).drop("at_day", "at_place"))


def _schema(frame: DataFrame) -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(frame.schema)


def _compared(
    db: SparkDatabase,
    everyone: Everyone,
    query: str,
    tables: tuple[str, str],
    more: Sequence[str] = (),
    *,
    chosen: bool,
) -> DataFrame:
    """The pairs (l, r) of ``query`` compared; its other columns and ``more`` of the two tables go along.

    ``tables``: whose rows l and r are, ``reg`` or ``ag``; ``chosen``: only the pairs that are worth a look.
    """
    keys = ["a" if table == "ag" else "r" for table in tables]
    pairs = db.frame(
        f"""select {", ".join(["p.*", *more, *PAIR])} from ({query}) p
            join {tables[0]} l on l.{keys[0]} = p.l join {tables[1]} r on r.{keys[1]} = p.r"""
    )
    of_pair = {part.rpartition(" as ")[2].rpartition(".")[2] for part in PAIR}
    kept = [field for field in _schema(pairs) if field.name not in of_pair]
    schema = pa.schema([*kept, *LEVELS, *RARITIES])
    work = batches.compared_pairs(everyone.words, [field.name for field in kept], chosen)
    return db.mapped(pairs, batches.batchwise(work, schema), schema)


def verify(db: SparkDatabase, everyone: Everyone, sources: range) -> dict[int, Verified]:
    """``verify.verify`` for each source; creates ``judged`` (every compared held pair), ``doubts``, ``sure``."""
    every = " union all ".join(
        f"select a as l, r, plain, {src}::tinyint as src from ({chosen_pairs(src)})" for src in sources
    )
    db.store("compared_held", _compared(db, everyone, every, ("ag", "reg"), chosen=False))
    verified = {src: _verified(db, everyone, src) for src in sources}
    taught = {src: Taught(v.weights, v.supposed) for src, v in verified.items()}
    frame = db.table("compared_held").withColumnRenamed("l", "a")
    schema = pa.schema([*_schema(frame), ("one_person", pa.float64()), ("doubtful", pa.bool_())])
    db.store("judged", db.mapped(frame, batches.batchwise(batches.verified(taught), schema), schema))
    db.execute("create view doubts as select a from judged where doubtful")
    db.execute(f"create view sure as select a from judged where one_person > {SURE}")
    return verified


def _verified(db: SparkDatabase, everyone: Everyone, src: int) -> Verified:
    plain_total, differing = (
        count
        for (count,) in db.sql(
            f"""select count(*) from held where src = {src} and plain
                union all select count(*) from held where src = {src} and not plain"""
        ).fetchall()
    )
    sample = f"select * from compared_held where src = {src}"
    if differing > HELD:
        sample = f"""{sample} and plain union all select * from (
            select c.* from compared_held c join ag on ag.a = c.l where c.src = {src} and not c.plain
            order by ag.lot, c.l limit {HELD})"""
    rows = db.sql(f"select * from ({sample}) order by l").to_arrow_table()
    a, r, plain = (rows[name].combine_chunks().to_numpy(zero_copy_only=False) for name in ("l", "r", "plain"))
    stands_for = np.where(
        plain, plain_total / max(1, int(plain.sum())), max(1.0, differing / max(1, int((~plain).sum())))
    )
    drawn = f"select a as l, r from ({random_pairs(src, everyone.registered)})"
    apart = _compared(db, everyone, drawn, ("ag", "reg"), chosen=False).sort("l").toArrow()
    return learned(a, r, plain, compared_of(rows), stands_for, compared_of(apart), everyone.registered)


def _compare_candidates(db: SparkDatabase, everyone: Everyone) -> None:
    """Create ``candidates``: every pair that ``search.candidates`` gives, as ``Pairs`` has it."""
    frame = db.frame(
        f"""select c.a, c.r, c.by_field, l.src, coalesce(l.nik_birth_date = l.birth_date, false) as own_date,
              l.nik_text, l.number as recorded, r.number, r.kk as card, h.r is not null as held, o.kk as of_holder,
              {", ".join(PAIR)}
            from (select *, case when a < 0 then -1 - a else a end as own from ({CANDIDATES})) c
              join ag l on l.a = c.own join reg r on r.r = c.r
              left join held h on h.a = c.a left join reg o on o.r = h.r"""
    )
    kinds = {"a": pa.int32(), "r": pa.int32(), "src": pa.int8(), "blind": pa.bool_(), "by_field": pa.bool_()}
    schema = pa.schema([*kinds.items(), ("number", pa.int8()), ("state", pa.int8()), *LEVELS, *RARITIES])
    db.store(
        "candidates", db.mapped(frame, batches.batchwise(batches.candidates(everyone.words), schema), schema)
    )


@dataclass(frozen=True)
class Doubles:
    """The rows of ``doubles``, and which registry row stands for the person of another."""

    rows: pa.Table
    person: dict[int, int]

    def __getitem__(self, rows: IntArray) -> IntArray:
        """Of each row the one that stands for its person: itself, but for a second number."""
        second = np.array(sorted(self.person), np.int64)
        first = np.array([self.person[r] for r in second.tolist()], np.int64)
        place = np.searchsorted(second, rows).clip(max=max(len(second) - 1, 0))
        return (
            np.where(second[place] == rows, first[place], rows) if len(second) else np.asarray(rows, np.int64)
        )


def find_doubles(db: SparkDatabase, everyone: Everyone, known: list[Weights]) -> Doubles:
    """``twice.find_doubles``: what may be one person twice, or twins, comes here and no other pair."""
    twice.pair_up(db, "reg", "r")
    more = [f"{side}.{column} as {column}_of_{side}" for column in ("number", "name") for side in "lr"]
    query = "select distinct l, r from paired"
    found = _compared(db, everyone, query, ("reg", "reg"), more, chosen=True).sort("l", "r").toArrow()
    names, _ = encoded([(found, f"name_of_{side}") for side in "lr"], 1)
    compared = compared_of(found)
    weights, p, bits = twice.judged(
        compared,
        (numbered(found["number_of_l"]), numbered(found["number_of_r"])),
        (names.numbers[0], names.numbers[1]),
        Names.of(names.text, everyone.words.value),
        known,
        everyone.registered,
    )
    left, right = (numbered(found[side]) for side in "lr")
    rows = stage.pair_rows(left, right, compared, weights, p, bits, twice.LEAST)
    person: dict[int, int] = {}
    for a, b in zip(rows["l"].to_pylist(), rows["r"].to_pylist(), strict=True):
        person[b] = person.get(a, a)
    return Doubles(rows, person)


def _learn(
    db: SparkDatabase, everyone: Everyone, verified: Mapping[int, Verified], doubles: Doubles
) -> dict[int, SourceModel]:
    """Each source's model; creates ``asked`` (a, src, lot, class): the records looked for."""
    db.execute(
        """create table asked as
            select s.a, s.src, s.lot, case when s.nik_text is null then 0 when s.number is null then 3
              when h.number is not null then 1 else 2 end as class
            from seek s left join (select number from reg) h on h.number = s.number where not s.blind"""
    )
    around = _strangers(db, everyone)
    return {src: _one_model(db, src, v, doubles, around) for src, v in verified.items()}


def _strangers(db: SparkDatabase, everyone: Everyone) -> evidence.Strangers:
    """``evidence.strangers``: who stands near is counted where the rows are, as a birthday has millions of people."""
    evidence.probe(db)
    schema = pa.schema([("cell", pa.int64())])
    work = batches.batchwise(lambda near: pa.table({"cell": evidence.cells(near)}), schema)
    found = db.mapped(db.frame(evidence.NEAR), work, schema).groupBy("cell").count().toArrow()
    counts = np.zeros(max(found["cell"].to_pylist(), default=-1) + 1, np.int64)
    counts[numbered(found["cell"])] = numbered(found["count"])
    return evidence.around(db, counts, everyone.registered)


def _one_model(
    db: SparkDatabase, src: int, verified: Verified, doubles: Doubles, around: evidence.Strangers
) -> SourceModel:
    truth = db.sql(f"select a, true_r from seek where blind and src = {src} order by a").fetchnumpy()
    ((total,),) = db.sql(f"select count(*) from asked where src = {src}").fetchall()
    ((settled,),) = db.sql(
        f"""select count(*) from held h left join (select a as sought from seek) s on s.sought = h.a
            where h.src = {src} and s.sought is null"""
    ).fetchall()
    sample = f"select a, class from asked where src = {src} order by lot, a limit {ASKED}"
    asked = db.sql(f"select * from ({sample}) order by a").fetchnumpy()
    blind = db.sql(f"select * from candidates where src = {src} and blind order by a, r").to_arrow_table()
    real = db.sql(
        f"select c.* from candidates c join ({sample}) s on s.a = c.a order by c.a, c.r"
    ).to_arrow_table()
    hidden = pairs_of(blind)
    true_r = np.asarray(truth["true_r"], np.int64)[np.searchsorted(truth["a"], hidden.a)]
    found = len(np.unique(hidden.a[(hidden.r == true_r) & hidden.by_field])) / max(1, len(truth["a"]))
    return learn(
        verified.weights,
        verified.strangers,
        hidden,
        true_r,
        pairs_of(real),
        np.asarray(asked["a"], np.int32),
        np.asarray(asked["class"], np.int64),
        float(settled) * (len(asked["a"]) / total if total else 1.0),
        around,
        doubles,
        found,
    )


def _answer(db: SparkDatabase, models: Mapping[int, SourceModel], doubles: Doubles) -> None:
    """Create ``linked``: the answers of the records looked for, and the held pairs that nothing speaks against."""
    db.register(
        "second",
        pa.table(
            {
                "r": pa.array(doubles.person, pa.int32()),
                "person": pa.array(list(doubles.person.values()), pa.int64()),
            }
        ),
    )
    found = db.frame(
        """select c.*, s.class, coalesce(p.person, c.r) as person
            from candidates c join asked s on s.a = c.a left join second p on p.r = c.r"""
    )
    together = found.repartition("a").sortWithinPartitions("a", "r")
    answered = db.mapped(together, batches.groupwise(batches.answers(models), LINKED, "a"), LINKED)
    held = db.frame(
        """select j.* from judged j left join (select a as sought from asked) s on s.sought = j.a
            where not j.plain and s.sought is null"""
    )
    settled = db.mapped(held, batches.batchwise(batches.settled(models), LINKED), LINKED)
    db.store("linked", answered.unionAll(settled))


def _twice(db: SparkDatabase, everyone: Everyone, verified: Mapping[int, Verified], doubles: Doubles) -> None:
    """``stage``'s ``doubles`` and ``duplicates``."""
    db.register("doubles", doubles.rows)
    db.execute(stage.RESOLVED)
    db.execute(stage.LOST)
    parts = []
    for src, one in verified.items():
        twice.pair_up(db, "lost", "a", f"src = {src}")
        query = "select distinct l, r from paired"
        found = _compared(db, everyone, query, ("ag", "ag"), chosen=True).sort("l", "r").toArrow()
        ((lost,),) = db.sql(f"select count(*) from lost where src = {src}").fetchall()
        compared = compared_of(found)
        p, bits = twice.probability(one.weights, compared, max(lost, 2))
        left, right = (numbered(found[side]) for side in "lr")
        parts.append(stage.pair_rows(left, right, compared, one.weights, p, bits, stage.DUPLICATE))
    db.register("duplicates", pa.concat_tables(parts))
