"""About which numbers to ask, the neediest first, and what to send along.

Known from the latest run before this one, since asking begins while this run's sources are still read:
its ``findings`` and ``records``. In this order:

1. numbers that failed at an agency and were never asked about,
2. numbers the registry holds as active and the service last answered ``not_found`` about: is it mended?
3. other numbers in use at an agency, never asked about,
4. other numbers of the registry, never asked about,
5. numbers last asked about ``again_days`` ago or longer, the oldest answers first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.engine import PART, connect, sql_text, table_folder
from pipelines.extract.asking.journal import Line
from pipelines.records import Status
from pipelines.settings import Settings

FIELDS = ("name", "birth_date", "sex", "birth_place", "mother_name", "kk")


@dataclass(frozen=True)
class Person:
    """A number to ask about, and what is known of its holder: the registry's word, else an agency's."""

    nik: str
    values: Mapping[str, str | date | None]


def needy(settings: Settings, known: Mapping[str, Line], today: date, again_days: int) -> Sequence[Person]:
    """Every number that is due for a question, the neediest first; none before a first run is done."""
    day = _last_run(settings)
    if day is None:
        return ()
    with connect(settings.temporary, settings.resources.memory, settings.resources.threads) as con:
        con.register("asked", _asked(known, settings.run_date))
        found = con.execute(_query(settings, day, today, again_days)).fetchall()
    return [Person(row[0], dict(zip(FIELDS, row[1:], strict=True))) for row in found]


def _asked(known: Mapping[str, Line], run_date: date) -> pa.Table:
    lines = known.values()
    return pa.table(
        {
            "nik": pa.array([line.nik for line in lines], pa.string()),
            "day": pa.array([line.day for line in lines], pa.date32()),
            "result": pa.array([line.result for line in lines], pa.string()),
            "this_run": pa.array([line.run == run_date.isoformat() for line in lines], pa.bool_()),
        }
    )


def _last_run(settings: Settings) -> date | None:
    """The latest date before this run's of which there are findings and the registry's records."""
    findings = settings.folder("findings").parent
    days = sorted(
        (path.parent.name.removeprefix("run_date=") for path in findings.glob(f"run_date=*/{PART}")),
        reverse=True,
    )
    earlier = (date.fromisoformat(day) for day in days if day < settings.run_date.isoformat())
    return next((day for day in earlier if _records(settings, settings.registry.name, day)), None)


def _records(settings: Settings, source: str, day: date) -> Path | None:
    path = table_folder(settings.data, f"records/{source}", day) / PART
    return path if path.is_file() else None


def _people(settings: Settings, day: date) -> str:
    """Whoever has a number: the registry's word first, agencies after it in the configuration's order."""
    queries = []
    for place, source in enumerate((settings.registry, *settings.sources)):
        path = _records(settings, source.name, day)
        if path is None:
            continue
        # The registry's name goes out as it stands there; an agency's without titles and the like.
        name = "name" if place else "coalesce(name_recorded, name)"
        rest = ", ".join(FIELDS[1:])
        queries.append(
            f"select nik, {place} as place, source_record_id, status, {name} as name, {rest} "
            f"from read_parquet({sql_text(path)}) where nik is not null"
        )
    return " union all ".join(queries)


def _query(settings: Settings, day: date, today: date, again_days: int) -> str:
    findings = table_folder(settings.data, "findings", day) / PART
    failed = f"source <> {sql_text(settings.registry.name)} or cause = 'NIK_NOT_ONLINE'"
    again = sql_text(str(today - timedelta(days=again_days)))
    return f"""
      with people as ({_people(settings, day)}),
      one as (select distinct on (nik) * from people order by nik, place, source_record_id),
      used as (select nik, max(place) > 0 as at_agency from people group by nik),
      failing as (
        select distinct regexp_replace(recorded_nik, '[^0-9]', '', 'g') as nik
        from read_parquet({sql_text(findings)}) where {failed}),
      due as (
        select one.*, asked.day, case
            when asked.nik is null and failing.nik is not null then 1
            when asked.this_run then null
            when asked.result = 'not_found' and place = 0 and status = {sql_text(Status.ACTIVE.value)}
              and asked.day < {sql_text(str(today))}::date then 2
            when asked.nik is null and at_agency then 3
            when asked.nik is null then 4
            when asked.day <= {again}::date then 5
          end as need
        from one join used using (nik) left join failing using (nik) left join asked using (nik))
      select nik, {", ".join(FIELDS)} from due where need is not null
      order by need, day nulls first, nik
    """


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are there."""
    return {name: value for name, value in values.items() if value is not None}
