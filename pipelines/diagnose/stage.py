"""The stage: one SQL view a step, from matches to findings; no Python touches a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb

from pipelines.diagnose import elements, number, registry, twice
from pipelines.engine import Artifact, connect, copy_table, sql_text
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
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    _views(con, matches, registry_records, agencies, verdicts, settings)
    name, language = settings.registry.name, settings.language
    con.execute(f"create temp table numbers as {number.causes(name, language)}").fetchall()
    con.execute(
        f"create temp table mismatches as {elements.mismatches(name, language, settings.run_date)}"
    ).fetchall()
    queries = [
        "from numbers",
        "from mismatches",
        *registry.findings(name, language),
        twice.findings(language),
    ]
    everything = " union all by name ".join(f"select * from ({query})" for query in queries)
    load_regions(con)
    today = sql_text(settings.run_date.isoformat())
    artifact = copy_table(
        con,
        f"""with found as materialized ({everything}),
            placed as ({_PLACED})
            select f.* replace (
                coalesce(f.district, p.district) as district,
                coalesce(f.district_name, p.district_name) as district_name
              ), s.sector,
              coalesce(f.infant_born > {today}::date - interval 1 year, false) as infant
            from found f left join sectors s using (source)
              left join placed p on p.source = f.source and p.source_record_id = f.source_record_id
            order by f.source, f.source_record_id, cause, related""",
        FINDINGS,
        settings.folder("findings"),
    )
    con.close()
    return artifact


_PLACED: Final = """
    select ag.source, ag.source_record_id,
      coalesce(reg.district, card.code, own.code) as district,
      case when reg.district is not null then reg.district_name
           else upper(coalesce(card.name, own.name)) end as district_name
    from ag
      semi join (select source, source_record_id from found where district is null and district_name is null)
        using (source, source_record_id)
      left join reg on reg.nik = ag.nik
      left join regions card on card.code = concat_ws('.', ag.kk[1:2], ag.kk[3:4], ag.kk[5:6])
      left join regions own on own.code = ag.nik_region"""
"""Where to look for the person of a finding without an address: where the number's holder lives, else where the
family card was issued, else the number itself. That may be long ago, but somebody can begin there."""


def _views(
    con: duckdb.DuckDBPyConnection,
    matches: Artifact,
    registry_records: Artifact,
    agencies: Sequence[Artifact],
    verdicts: Sequence[Artifact],
    settings: Settings,
) -> None:
    """``matches``, ``reg``, ``ag``, ``verdicts``, ``sectors`` as the steps read them."""

    def read(parts: Sequence[Artifact]) -> str:
        return f"read_parquet([{', '.join(sql_text(p.file) for p in parts)}])"

    con.execute(f"create view matches as from {read([matches])}").fetchall()
    con.execute(f"create view reg as from {read([registry_records])} where nik is not null").fetchall()
    nobody = f"select * from {read([registry_records])} where false"
    con.execute(f"create view ag as {f'from {read(agencies)}' if agencies else nobody}").fetchall()
    none = "null::varchar as source, null::varchar as nik, null::timestamp as checked_at, null::varchar as result"
    answers = f"select * from {read(verdicts)}" if verdicts else f"select {none} limit 0"
    con.execute(f"create view verdicts as {answers}").fetchall()
    rows = ", ".join(
        f"({sql_text(s.name)}, {sql_text(s.sector) if s.sector else 'null'})" for s in settings.sources
    )
    con.execute(f"create table sectors as select * from (values {rows}) t(source, sector)").fetchall()
