"""What the linkage says of itself: its weights, what it saw, how often it proved right, whom it did not find."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import duckdb

from pipelines.engine import PART, sql_text
from pipelines.publish.figures import Blocking, LevelWeight, Machine, ReliabilityBin, RuleLine, WeightBin
from pipelines.settings import Settings

MODEL: Final = "model.json"
"""Beside the table ``matches``: all that was learned on the day."""

WIDTH: Final = 4
"""Bits of match weight in one bin."""

BELIEVED: Final = 0.5
"""From this probability on a person counts as found."""


def machine(con: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[Machine, ...]:
    """Each source's model and answers of this run, in the order of the configuration; none without ``matches``."""
    folder = settings.folder("matches")
    if not (folder / MODEL).is_file():
        return ()
    models = json.loads((folder / MODEL).read_text(encoding="utf-8"))["sources"]
    con.execute(
        f"create or replace temp view answer as {_ANSWERS.format(file=sql_text(folder / PART))}"
    ).fetchall()
    return tuple(
        _of(con, source.name, models[source.name], settings)
        for source in settings.sources
        if source.name in models
    )


_ANSWERS: Final = """
    select source, weight, probability from read_parquet({file})
    where relation in ('holder', 'candidate') and rank = 1 and nothing is not null"""


def blocking(settings: Settings) -> Blocking | None:
    """How this run's candidates were found; none without ``matches``."""
    model = settings.folder("matches") / MODEL
    if not model.is_file():
        return None
    told = json.loads(model.read_text(encoding="utf-8"))["blocking"]
    rules = tuple(
        RuleLine(line["said"][settings.language], line["pairs"], line["split"], line["left_out"])
        for line in told["rules"]
    )
    return Blocking(rules, told["crowded"], told["crowded_without_candidate"])


def _of(con: duckdb.DuckDBPyConnection, source: str, model: Mapping[str, Any], settings: Settings) -> Machine:
    bins = con.execute(
        f"""select cast(floor(weight / {WIDTH}) * {WIDTH} as integer) as least,
              count(*) filter (probability >= {BELIEVED}), count(*) filter (probability < {BELIEVED})
            from answer where source = ? group by least order by least""",
        [source],
    ).fetchall()
    seen = tuple(WeightBin(*line) for line in bins)
    nobody = _without_candidate(con, source, settings)
    return Machine(
        source=source,
        sought=sum(line.believed + line.doubted for line in seen) + nobody,
        unlinked=sum(line.doubted for line in seen) + nobody,
        blocking_found=round(model["blocking_found"], 6),
        two_people=round(model["two_people_under_one_number"], 6),
        weights=tuple(_weights(model["comparisons"], settings.language)),
        seen=seen,
        reliability=tuple(
            ReliabilityBin(round(mean, 6), round(right, 6), round(answers, 1))
            for mean, right, answers in model["reliability"]
        ),
    )


def _without_candidate(con: duckdb.DuckDBPyConnection, source: str, settings: Settings) -> int:
    """Records of which no number is held and no candidate was found: ``matches`` has no row of them."""
    records, matches = (
        sql_text(Path(settings.folder(table)) / PART) for table in (f"records/{source}", "matches")
    )
    ((count,),) = con.execute(
        f"""select count(*) from read_parquet({records}) record
            where source_record_id not in (
              select source_record_id from read_parquet({matches})
              where source = {sql_text(source)} and relation in ('holder', 'candidate'))"""
    ).fetchall()
    return int(count)


def _weights(comparisons: Mapping[str, Any], language: str) -> Iterator[LevelWeight]:
    """Every level that says something: what is missing says nothing."""
    for comparison in comparisons.values():
        for level in comparison["levels"]:
            if level["level"] != "missing":
                name, said = level["said"][language]
                yield LevelWeight(name, said, *(float(f"{level[k]:.6g}") for k in ("weight", "m", "u")))
