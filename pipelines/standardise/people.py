"""Raw rows of people → ``records/<source>``, one canonical record a key.

The rows are read twice. First what decides about a row and little more: its key, when it was changed, what
of it cannot be read (table ``noted``); from that follow the rows that give way to another one of the same key,
and the quarantine. Then all of it, straight into the file: no more than some row groups are ever held in
memory, unless the source's rows do not come in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final

import duckdb

from pipelines.engine import Artifact, connect, copy_table
from pipelines.records import PERSON_FIELDS, QUARANTINE, RECORDS
from pipelines.settings import Settings, Source
from pipelines.standardise import quarantine
from pipelines.standardise.fields import fields
from pipelines.standardise.known import load_known
from pipelines.standardise.steps import filled, nest, read_raw

CHECKED: Final = ("birth_date", "sex", "kk", "mother_nik", "father_nik", "status", "changed_at")
"""Fields with a ``<field>_fault``: what stands there may be unreadable, and that is noted."""


NOTED: Final = ("file", '"row"', "position", "source_record_id", "nik_recorded", "changed", "notes")
"""Of the columns of ``standardised``: what decides about a row, and what its quarantine says."""


def standardise_people(raw: Artifact, source: Source, settings: Settings) -> Artifact:
    """Write ``records/<source>`` and ``quarantine/standardise/<source>``; return the records."""
    is_registry = source.name == settings.registry.name
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    with con:
        load_known(con)
        standard = f"({standardised(read_raw(raw, PERSON_FIELDS), source, settings, filled(raw))})"
        con.execute(f"create temp table noted as select {', '.join(NOTED)} from {standard}").fetchall()
        con.execute(f"create temp table unkept as {UNKEPT}").fetchall()
        if is_registry:
            _tell_superseded(con, standard)
        _write_quarantine(con, source, settings, is_registry)
        query = f"select * from {standard} {_kept(con)} {_in_order(con)}"
        return copy_table(con, query, RECORDS, settings.folder(f"records/{source.name}"))


def standardised(raw: str, source: Source, settings: Settings, filled: Set[str]) -> str:
    """The query that turns every row of the query ``raw`` (``read_raw``) into ``RECORDS``' columns, in its order.

    No row has anything in a field that is not in ``filled``.
    Beside them: ``position`` (the row's place in the raw table), ``changed`` (when it was last changed, if
    the source says so) and ``notes`` (``quarantine.notes``).
    """
    record = ", ".join(f'"{column}"' for column in RECORDS.names)
    query = nest(raw, fields(source, settings, filled))
    return f"select {record}, position, changed, {quarantine.notes(CHECKED)} as notes from ({query})"


UNKEPT: Final = """
select position, 'no_key' as reason from noted where source_record_id is null
union all
select position, 'key_twice' as reason from (
  select position, row_number() over (
    partition by source_record_id order by changed desc nulls last, file desc, "row" desc, position desc
  ) as place from noted semi join (
    select source_record_id from noted where source_record_id is not null group by 1 having count(*) > 1
  ) using (source_record_id)
) where place > 1
"""
"""The rows of ``noted`` that do not become a record.

Of rows with one key the newest stands: by the change date where it is filled, else the last row.
"""


def _tell_superseded(con: duckdb.DuckDBPyConnection, standard: str) -> None:
    """In the registry a valid number that stands several times is no wrong key, but older news of a person."""
    twice = "select position from unkept where reason = 'key_twice'"
    if con.execute(f"{twice} limit 1").fetchall():
        valid = f"select position from {standard} where nik is not null and position in ({twice})"
        con.execute(f"update unkept set reason = 'superseded' where position in ({valid})").fetchall()


def _kept(con: duckdb.DuckDBPyConnection) -> str:
    """The clause that leaves out the rows of ``unkept``, if there are any; by a bit a row, as joins lose order."""
    ((some, last),) = con.execute("select count(*), max(position) from unkept").fetchall()
    if not some:
        return ""
    con.execute(f"set variable unkept = (select bitstring_agg(position, 0, {last}) from unkept)").fetchall()
    return f"where position > {last} or get_bit(getvariable('unkept'), cast(position as integer)) = 0"


def _in_order(con: duckdb.DuckDBPyConnection) -> str:
    """The clause that puts records in the order of their keys; none where they come so, as from most systems."""
    ((turns,),) = con.execute(
        "select count(*) from (select source_record_id as key, lag(source_record_id) over (order by position) "
        "as before from noted where source_record_id is not null) where key < before"
    ).fetchall()
    return "order by source_record_id" if turns else ""


def _write_quarantine(
    con: duckdb.DuckDBPyConnection, source: Source, settings: Settings, is_registry: bool
) -> None:
    field, value = ("nik", "nik_recorded") if is_registry else ("record_id", "source_record_id")
    without = "(select * from noted join unkept using (position))"
    kept = "(select * from noted anti join unkept using (position))"
    queries = [
        quarantine.rows(source.name, without, field, value, "reason"),
        quarantine.values(source.name, kept),
    ]
    target = settings.folder(f"quarantine/standardise/{source.name}")
    copy_table(con, quarantine.together(queries), QUARANTINE, target)
