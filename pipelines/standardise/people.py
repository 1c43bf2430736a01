"""Raw rows of people → ``records/<source>``, one canonical record a key.

Three queries: every row standardised (a temporary table, which spills to disk when memory is short), the
rows that give way to another row of the same key, and what is written.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import duckdb

from pipelines.engine import Artifact, connect, copy_table, sql_text
from pipelines.records import PERSON_FIELDS, QUARANTINE, RECORDS, Status
from pipelines.regions import load_regions
from pipelines.settings import Settings, Source
from pipelines.standardise import dates, names, nik, numbers, places, quarantine, sex, status
from pipelines.standardise.steps import Concept, nest, read_raw, side_by_side
from pipelines.standardise.text import fills_width, plain, trimmed

CHECKED: Final = ("birth_date", "sex", "kk", "mother_nik", "father_nik", "status", "changed_at")
"""Fields with a ``<field>_fault``: what stands there may be unreadable, and that is noted."""

PLAIN: Final = tuple(f for f in PERSON_FIELDS if f not in ("record_id", "address"))
"""Fields that are read in their plain form."""


def standardise_people(raw: Artifact, source: Source, settings: Settings) -> Artifact:
    """Write ``records/<source>`` and ``quarantine/standardise/<source>``; return the records."""
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    with con:
        load_regions(con)
        query = standardised(raw, source, settings)
        con.execute(f"create temp table standard as {query}").fetchall()
        is_registry = source.name == settings.registry.name
        con.execute(f"create temp table unkept as {unkept(is_registry)}").fetchall()
        _write_quarantine(con, source, settings)
        kept = "from standard anti join unkept using (position) order by source_record_id"
        return copy_table(con, f"select * {kept}", RECORDS, settings.folder(f"records/{source.name}"))


def standardised(raw: Artifact, source: Source, settings: Settings) -> str:
    """The query that turns every raw row into ``RECORDS``' columns.

    Beside them: ``position`` (the row's place in the raw table), ``changed`` (when it was last changed, if
    the source says so) and ``notes`` (``quarantine.notes``).
    """
    steps = [*_plain(source), *_fields(source, settings), *_number(source, settings)]
    record = ", ".join(f'"{column}"' for column in RECORDS.names)
    query = nest(read_raw(raw, PERSON_FIELDS), steps)
    return f"select {record}, position, changed, {quarantine.notes(CHECKED)} as notes from ({query})"


def unkept(is_registry: bool) -> str:
    """The query for ``position`` and ``reason`` of the rows of ``standard`` that do not become a record.

    Of rows with one key the newest stands: by the change date where it is filled, else the last row.
    """
    twice = (
        "case when nik is not null then 'superseded' else 'key_twice' end" if is_registry else "'key_twice'"
    )
    newest = 'changed desc nulls last, file desc, "row" desc, position desc'
    return (
        "select position, 'no_key' as reason from standard where source_record_id is null union all "
        f"select position, {twice} as reason from ("
        f"select position, nik, row_number() over (partition by source_record_id order by {newest}) as place "
        "from standard semi join (select source_record_id from standard where source_record_id is not null "
        "group by source_record_id having count(*) > 1) using (source_record_id)) where place > 1"
    )


def _plain(source: Source) -> Concept:
    """Every field in its plain form; a field that the layout does not map is null and costs nothing."""
    mapped = source.layout.columns
    empty = "cast(null as varchar)"
    return [{f"plain_{f}": plain(f"raw_{f}") if f in mapped else empty for f in PLAIN}]


def _fields(source: Source, settings: Settings) -> Concept:
    """All that can be read of a field alone."""
    layout, run_date = source.layout, settings.run_date
    own, order = layout.placeholders, layout.date_order
    is_registry = source.name == settings.registry.name
    tomorrow = run_date + timedelta(days=1)  # a server's clock may be ahead by its time zone
    return side_by_side(
        *(names.concept(field, own) for field in ("name", "mother_name", "father_name")),
        nik.classified(own),
        *(numbers.concept(field, own) for field in ("kk", "mother_nik", "father_nik")),
        dates.concept("birth_date", order, run_date, run_date, own),
        dates.concept("changed_at", order, run_date, tomorrow, own),
        sex.concept(layout.sex, own),
        places.name_concept("birth_place", own),
        places.district_concept(own),
        status.concept(layout.status, own) if is_registry else [_active()],
        [
            {
                "source": sql_text(source.name),
                "name_recorded": "raw_name",
                "nik_recorded": "raw_nik",
                "birth_date_recorded": "raw_birth_date",
                "address": places.address("raw_address", own),
                **{
                    f"{f}_cut": fills_width(f"raw_{f}", layout.widths.get(f)) for f in ("name", "mother_name")
                },
                "birth_place_cut": fills_width("raw_birth_place", layout.widths.get("birth_place")),
            }
        ],
    )


def _active() -> dict[str, str]:
    return {"status": sql_text(Status.ACTIVE), "status_fault": "cast(null as varchar)"}


def _number(source: Source, settings: Settings) -> Concept:
    """What the number says, which the birth date helps to read; and the key, which in the registry it is."""
    is_registry = source.name == settings.registry.name
    return [
        *nik.evidence(settings.run_date),
        {
            "source_record_id": "nik_text" if is_registry else trimmed("raw_record_id"),
            "changed": f"changed_at + {dates.time_of('plain_changed_at')}",
        },
    ]


def _write_quarantine(con: duckdb.DuckDBPyConnection, source: Source, settings: Settings) -> None:
    is_registry = source.name == settings.registry.name
    field, value = ("nik", "nik_recorded") if is_registry else ("record_id", "source_record_id")
    without = "(select * from standard join unkept using (position))"
    kept = "(select * from standard anti join unkept using (position))"
    queries = [
        quarantine.rows(source.name, without, field, value, "reason"),
        quarantine.values(source.name, kept),
    ]
    target = settings.folder(f"quarantine/standardise/{source.name}")
    copy_table(con, quarantine.together(queries), QUARANTINE, target)
