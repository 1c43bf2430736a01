"""The stage: one SQL view a step, from matches to findings; no Python touches a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb

from pipelines.diagnose import elements, number, registry, twice
from pipelines.engine import Artifact, Database, connect, copy_table, sql_text
from pipelines.records import FINDINGS
from pipelines.regions import load_regions
from pipelines.settings import Settings


def diagnose(
    matches: Artifact,
    registry_records: Artifact,
    agencies: Sequence[Artifact],
    verdicts: Sequence[Artifact],
    settings: Settings,
) -> Artifact:
    """Write ``findings`` (schema ``FINDINGS``): the cause, owner, proposal and evidence of all that is wrong.

    Reads ``matches``, every ``records`` and ``verdicts`` table; ordered by source, record, cause, related.
    """
    if settings.engine == "spark":
        from pipelines.diagnose import cluster  # which takes Spark's packages, that not every office has

        return cluster.diagnose(matches, registry_records, agencies, verdicts, settings)
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    _views(con, matches, registry_records, agencies, verdicts)
    load_regions(con)
    artifact = copy_table(con, findings(con, settings), FINDINGS, settings.folder("findings"))
    con.close()
    return artifact


def findings(con: Database, settings: Settings) -> str:
    """The query for ``findings``, over tables that are created for it.

    Reads ``matches``, ``reg`` and ``ag`` (the records of the registry that have a number, and of all agencies),
    ``verdicts`` and ``regions``.
    """
    name, language = settings.registry.name, settings.language
    rows = ", ".join(
        f"({sql_text(s.name)}, {sql_text(s.sector) if s.sector else 'null'})" for s in settings.sources
    )
    con.execute(f"create table sectors as select * from (values {rows}) t(source, sector)").fetchall()
    con.execute(f"create temp table numbers as {number.causes(name, language)}").fetchall()
    con.execute(
        f"create temp table mismatches as {elements.mismatches(name, language, settings.run_date)}"
    ).fetchall()
    queries = [
        "select * from numbers",
        "select * from mismatches",
        *registry.findings(name, language),
        twice.findings(language),
    ]
    columns = ", ".join([*_MADE, "district", "district_name", "infant_born"])
    together = " union all ".join(f"select {columns} from ({query})" for query in queries)
    con.execute(f"create table found as {together}").fetchall()
    today = sql_text(settings.run_date.isoformat())
    return f"""
        select {", ".join(f"f.{column}" for column in _MADE)},
          coalesce(f.district, p.district) as district,
          coalesce(f.district_name, p.district_name) as district_name, s.sector,
          coalesce(f.infant_born > {today}::date - interval 1 year, false) as infant
        from found f left join sectors s on s.source = f.source
          left join ({_PLACED}) p on p.source = f.source and p.source_record_id = f.source_record_id
        order by f.source, f.source_record_id, cause, related"""


_MADE: Final = tuple(
    name for name in FINDINGS.names if name not in ("district", "district_name", "sector", "infant")
)
"""The columns that each cause's own query makes for good."""

_PLACED: Final = """
    select ag.source, ag.source_record_id,
      coalesce(reg.district, card.code, own.code) as district,
      case when reg.district is not null then reg.district_name
           else upper(coalesce(card.name, own.name)) end as district_name
    from ag
      semi join (select source, source_record_id from found where district is null and district_name is null)
        using (source, source_record_id)
      left join reg on reg.nik = ag.nik
      left join regions card
        on card.code = concat_ws('.', substr(ag.kk, 1, 2), substr(ag.kk, 3, 2), substr(ag.kk, 5, 2))
      left join regions own on own.code = ag.nik_region"""
"""Where to look for the person of a finding without an address: where the number's holder lives, else where the
family card was issued, else the number itself. That may be long ago, but somebody can begin there."""


def _views(
    con: duckdb.DuckDBPyConnection,
    matches: Artifact,
    registry_records: Artifact,
    agencies: Sequence[Artifact],
    verdicts: Sequence[Artifact],
) -> None:
    """``matches``, ``reg``, ``ag``, ``verdicts`` as the steps read them."""

    def read(parts: Sequence[Artifact]) -> str:
        return f"read_parquet([{', '.join(sql_text(p.file) for p in parts)}])"

    con.execute(f"create view matches as from {read([matches])}").fetchall()
    con.execute(f"create view reg as from {read([registry_records])} where nik is not null").fetchall()
    nobody = f"select * from {read([registry_records])} where false"
    con.execute(f"create view ag as {f'from {read(agencies)}' if agencies else nobody}").fetchall()
    none = "null::varchar as source, null::varchar as nik, null::timestamp as checked_at, null::varchar as result"
    answers = f"select * from {read(verdicts)}" if verdicts else f"select {none} limit 0"
    con.execute(f"create view verdicts as {answers}").fetchall()
