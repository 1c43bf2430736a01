"""The stage ``worklist``: today's findings meet the items of the days before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import duckdb

from pipelines.engine import PART, Artifact, connect, read_artifact, sql_text, write_folder
from pipelines.records import ITEMS
from pipelines.settings import Settings
from pipelines.store import read_session
from pipelines.worklist.changes import changes_sql
from pipelines.worklist.life import live
from pipelines.worklist.prior import parquet_sql, read_answers, read_earlier, read_prior, read_reach

CHANGES: Final = "changes.parquet"
"""Beside the items: every state that ``record`` has to write, with the event that tells of it."""

RUN: Final = "run.json"
"""Beside the items: ``sources``, each configured source with whether it was read; ``answers``, the last
decision that the run could know."""


def worklist(findings: Artifact, unread: Sequence[str], settings: Settings) -> Artifact:
    """Make the day's items (schema ``ITEMS``, by priority, then ``item_id``) out of findings and the store.

    Read are ``findings`` (schema ``FINDINGS``) and, from the store, the items as they stood before
    ``settings.run_date`` and the decisions that this date may know; ``unread`` names the sources that
    could not be read, whose items stand. Nothing is written to the store: the changes lie beside the
    items until ``record`` takes them. Raises ``StoreError``.
    """
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    try:
        con.execute(f"create view findings as from {parquet_sql(findings.file)}").fetchall()
        with read_session(settings.store) as session:
            read_prior(con, session, settings)
            read_answers(con, session, settings)
            last_run = read_reach(con, session, unread, settings)
        live(con, settings, any(source.name in unread for source in settings.sources))
        read_earlier(con, last_run, settings)
        return _write(con, unread, settings)
    finally:
        con.close()


def _write(con: duckdb.DuckDBPyConnection, unread: Sequence[str], settings: Settings) -> Artifact:
    """Items and changes in one folder, so that no rerun can leave the ones of one run beside the other's."""
    target = settings.folder("items")
    with write_folder(target) as folder:
        for query, name in ((items_sql(), PART), (changes_sql(settings), CHANGES)):
            place = sql_text(folder / name)
            con.execute(f"copy ({query}) to {place} (format parquet, compression zstd)").fetchall()
        sources = {source.name: source.name not in unread for source in settings.everyone}
        ((known,),) = con.execute("select coalesce(max(decision_id), 0) from answer").fetchall()
        (folder / RUN).write_text(json.dumps({"sources": sources, "answers": known}, indent=1))
    return read_artifact(target)


def items_sql() -> str:
    """What is on today's worklist, as ``ITEMS`` has it.

    Of items that were not found today, what the store does not have is what was last shown: names, birth
    dates, and confidence, which the store follows only in steps.
    """
    computed = {
        "person_name": "coalesce(l.person_name, e.person_name)",
        "birth_date": "coalesce(l.birth_date, e.birth_date)",
        "confidence": """case when e.proposed_nik is not distinct from l.proposed_nik
            then coalesce(e.confidence, l.confidence) else l.confidence end""",
    }
    columns = ", ".join(f"{computed.get(name, f'l.{name}')} as {name}" for name in ITEMS.names)
    return f"""
        select {columns}
        from lived l
        left join earlier e on e.item_id = l.item_id
        where l.listed
        order by l.priority, l.item_id"""
