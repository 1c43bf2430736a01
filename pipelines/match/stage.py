"""The stage: records in, ``matches`` out, with the day's model beside it as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine import Artifact, Database, budget, connect, copy_part, read_artifact, write_folder
from pipelines.match import link, twice
from pipelines.match.comparisons import COMPARISONS, Compared
from pipelines.match.explain import said
from pipelines.match.link import Linked
from pipelines.match.numbers import NUMBER_LEVELS
from pipelines.match.people import People, load_people
from pipelines.match.resolve import SourceModel
from pipelines.match.twice import Doubles
from pipelines.match.weights import Array, IntArray, Weights
from pipelines.records import COMPARED, MATCHES
from pipelines.settings import Settings

LANGUAGES = ("id", "en")

MODEL = "model.json"
"""Beside the table: every weight of the day, for the explanation and the report."""


def match(registry: Artifact, agencies: Sequence[Artifact], settings: Settings) -> Artifact:
    """Link every agency's ``records`` to the registry's and write ``matches`` (schema ``MATCHES``).

    Reads nothing but the given tables; the result depends on what they hold, not on its order or the date.
    """
    if settings.engine == "spark":
        from pipelines.match import cluster  # which takes Spark's packages, that not every office has

        return cluster.match(registry, agencies, settings)
    memory = settings.resources.memory or budget(registry.rows + sum(part.rows for part in agencies))
    con = connect(settings.temporary, memory, settings.resources.threads)
    names = [source_name(part) for part in agencies]
    everyone = load_people(con, registry, list(zip(names, agencies, strict=True)))
    # With every agency unread the registry is still looked at for second numbers: by a source without rows.
    linked, doubles = link.link(con, everyone, max(len(names), 1), settings.resources.threads)
    con.register(
        "sources",
        pa.table({"src": pa.array(range(len(names)), pa.int8()), "source": pa.array(names, pa.string())}),
    )
    con.register("linked", _concat([part for one in linked.values() for part in one.rows]))
    _twice(con, linked, doubles, everyone)
    target = settings.folder("matches")
    with write_folder(target) as folder:
        copy_part(con, assembled(settings.registry.name), MATCHES, folder)
        models = dict(zip(names, (one.model for one in linked.values()), strict=False))
        (folder / MODEL).write_text(model_text(con, models), encoding="utf-8")
    con.close()
    return read_artifact(target)


def source_name(part: Artifact) -> str:
    """An artifact's source, from its own table, so that a renamed folder cannot mislead."""
    first = pq.ParquetFile(part.file).iter_batches(batch_size=1, columns=["source"])
    batch = next(first, None)
    return str(batch["source"][0].as_py()) if batch is not None else part.file.parent.parent.name


def _concat(parts: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(parts, promote_options="permissive")


def _twice(
    con: duckdb.DuckDBPyConnection, linked: dict[int, Linked], doubles: Doubles, everyone: People
) -> None:
    """Register ``doubles`` (registry rows l, r) and ``duplicates`` (agency rows l, r found by comparing them)."""
    con.execute(RESOLVED).fetchall()
    con.register(
        "doubles",
        pair_rows(
            doubles.l, doubles.r, doubles.compared, doubles.weights, doubles.probability, doubles.bits, 0
        ),
    )
    con.execute(LOST).fetchall()
    parts = []
    for src, one in linked.items():
        left, right, compared = twice.pairs_within(
            con, "lost", "a", everyone.ag, everyone.texts, f"src = {src}"
        )
        lost = con.execute(f"select count(*) from lost where src = {src}").fetchall()[0][0]
        p, bits = twice.probability(one.verified.weights, compared, max(lost, 2))
        parts.append(pair_rows(left, right, compared, one.verified.weights, p, bits, DUPLICATE))
    con.register("duplicates", _concat(parts))


RESOLVED: Final = """
    create table resolved as
    select a.a, a.src, r, p from ag a join (
      select a, r, probability as p from linked where rank = 1 and probability >= 0.5
      union all select a, r, 1.0::double from held
        where plain and not exists (select 1 from linked k where k.a = held.a)) using (a)"""
"""Of each record whose person is found: the person, and how sure it is."""

LOST: Final = """
    create table lost as select ag.* from ag where not exists (select 1 from resolved k where k.a = ag.a)"""
"""All other records."""


DUPLICATE: Final = 0.9
"""From this probability on two records of one source are one person's, where neither's person is found."""


def pair_rows(
    left: IntArray, right: IntArray, compared: Compared, weights: Weights, p: Array, bits: Array, least: float
) -> pa.Table:
    """Compared pairs (l, r) of one table whose P(one person) is at least ``least``, as ``assembled`` reads them."""
    keep: npt.NDArray[np.bool_] = p >= least
    compared = compared.take(keep)
    parts = twice.parts(weights, compared)
    columns: dict[str, Any] = {
        "l": left[keep],
        "r": right[keep],
        "probability": p[keep],
        "weight": bits[keep],
        "w_prior": np.full(len(compared), weights.prior),
        **{f"w_{k}": v for k, v in parts.items()},
        **{f"level_{c.name}": compared.levels[c.name] for c in COMPARISONS},
    }
    return pa.table(columns)


_LEVELS = [f"level_{name}" for name in COMPARED]
_WEIGHTS = ["weight", "w_prior", *(f"w_{name}" for name in COMPARED)]


def assembled(registry: str) -> str:
    """The one select that turns row numbers back into keys, in a fixed order."""
    weights = ", ".join(_WEIGHTS)
    levels = ", ".join(_LEVELS)
    pair = ", ".join(
        [
            *(f"p.{w}" for w in _WEIGHTS[:-1]),
            "null as w_number",
            *(f"p.{x}" for x in _LEVELS[:-1]),
            "null as level_number",
        ]
    )
    empty = ", ".join(f"null as {c}" for c in [*_WEIGHTS, *_LEVELS])
    unasked = "null as nothing, null as w_nothing"
    name = registry.replace("'", "''")
    every = (
        f"""select relation, s.source, ag.source_record_id, '{name}' as other_source, reg.nik as other_id, rank,
              probability, nothing, w_nothing, {weights}, {levels}
            from linked join ag using (a) join reg using (r) join sources s on s.src = ag.src""",
        f"""select 'holder' as relation, s.source, ag.source_record_id, '{name}' as other_source, reg.nik as other_id,
              1 as rank, 1.0::double as probability, {unasked}, {empty}
            from held join ag using (a) join reg using (r) join sources s on s.src = ag.src
            where plain and not exists (select 1 from linked k where k.a = held.a)""",
        f"""select 'double' as relation, '{name}' as source, x.nik as source_record_id, '{name}' as other_source,
              y.nik as other_id, 1 as rank, p.probability, {unasked}, {pair}
            from doubles p join reg x on x.r = p.l join reg y on y.r = p.r""",
        f"""select 'duplicate' as relation, s.source, x.source_record_id, s.source as other_source,
              y.source_record_id as other_id, 1 as rank, p.probability, {unasked}, {pair}
            from duplicates p join ag x on x.a = p.l join ag y on y.a = p.r join sources s on s.src = x.src""",
        f"""select 'duplicate' as relation, s.source, x.source_record_id, s.source as other_source,
              y.source_record_id as other_id, 1 as rank, xr.p * yr.p as probability, {unasked}, {empty}
            from resolved xr join resolved yr on xr.r = yr.r and xr.src = yr.src and xr.a < yr.a
              join ag x on x.a = xr.a join ag y on y.a = yr.a join sources s on s.src = x.src
            where xr.p * yr.p >= 0.85""",
    )
    columns = ", ".join(MATCHES.names)
    together = " union all ".join(f"select {columns} from ({query})" for query in every)
    return f"""
        select {columns} from ({together})
        order by source, source_record_id, relation, rank, other_id"""


def _said(comparison: str, level: str, language: str) -> list[str]:
    """A comparison and one of its levels, as people read them."""
    return [said("comparisons", comparison, language), said("levels", level, language)]


def model_text(con: Database, models: Mapping[str, SourceModel]) -> str:
    """The day's models by source, and what blocking gave, as ``MODEL`` has them."""
    report = {name: _model(model) for name, model in models.items()}
    return json.dumps({"sources": report, "blocking": _blocking(con)}, indent=1)


def _blocking(con: Database) -> dict[str, Any]:
    """What each rule gave, and of the records of which some block was split how many have no candidate at all."""
    rules = con.execute("select rule, pairs, split, capped from block_report order by place").fetchall()
    ((crowded, alone),) = con.execute(
        """select count(*), count(*) - count(p.a) from (select distinct a from crowded where a >= 0) c
             left join (select distinct a from pairs) p on p.a = c.a"""
    ).fetchall()
    return {
        "rules": [
            {
                "said": {language: said("rules", rule, language) for language in LANGUAGES},
                "pairs": pairs,
                "split": split,
                "left_out": capped,
            }
            for rule, pairs, split, capped in rules
        ],
        "crowded": crowded,
        "crowded_without_candidate": alone,
    }


def _model(model: SourceModel) -> dict[str, Any]:
    """What was learned of a source, as plain numbers with the levels in words."""
    weights = model.weights
    return {
        "prior": weights.prior,
        "comparisons": {
            c.name: {
                "rarity": weights.rarity_factor(c.name),
                "levels": [
                    {
                        "level": text,
                        "said": {language: _said(c.name, text, language) for language in LANGUAGES},
                        "weight": weights.level_weight(c.name, i),
                        "m": float(weights.m[c.name][i]),
                        "u": float(weights.u[c.name][i]),
                    }
                    for i, text in enumerate(c.levels)
                ],
            }
            for c in COMPARISONS
        },
        "numbers": {text: model.numbers.m[:, 1, i].tolist() for i, text in enumerate(NUMBER_LEVELS)},
        "unregistered": model.numbers.unregistered.tolist(),
        "two_people_under_one_number": model.strangers,
        "blocking_found": model.blind_found,
        "calibration": {"slope": model.calibration.slope, "shift": model.calibration.shift},
        "reliability": model.reliability,
    }
