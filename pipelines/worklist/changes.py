"""What a run changes in the store: the states to write, and for each the event that tells of it."""

from __future__ import annotations

from typing import Final

from pipelines.engine import sql_text
from pipelines.settings import Settings
from pipelines.worklist.prior import DETAILS, STORED

EVENT_COLUMNS: Final = ("kind", "payload")
"""After the columns of ``STORED``: the event's kind, null where only ``last_seen`` moved, and its JSON."""

TOLD: Final = ("owner", "priority", "confidence", "recorded_nik", "proposed_nik")
"""Fields whose values an event tells, numbers masked; of the others it tells only that they changed."""


def changes_sql(settings: Settings) -> str:
    """The changes as a query over ``lived`` and ``prior``, by ``item_id``: ``STORED``, then ``EVENT_COLUMNS``."""
    details = ", ".join(f"{sql_text(name)}, {name}" for name in DETAILS)
    computed = {
        "run_date": f"date '{settings.run_date}'",
        "details": f"cast(json_object({details}) as varchar)",
    }
    columns = ", ".join(f"{computed.get(name, name)} as {name}" for name in STORED.names)
    return f"""
        select {columns},
               {_kind_sql()} as kind,
               cast({_payload_sql()} as varchar) as payload
        from (
            select l.*, p as prior
            from lived l
            left join prior p on p.item_id = l.item_id
            where len(l.changes) > 0 or l.was is null or (l.found and l.waits)
        )
        order by item_id"""


def _kind_sql() -> str:
    return """case
        when begins and came_from is not null then 'cause_changed'
        when begins and was is null and status <> 'rejected' then 'opened'
        when begins and status <> 'rejected' or was = 'rejected' and status = 'open' then 'reopened'
        when status <> was and status in ('returned', 'rejected', 'resolved') or begins then status
        when len(changes) > 0 then 'changed'
        end"""


def _payload_sql() -> str:
    """Nulls are left out when the event is written."""
    told = ", ".join(f"{sql_text(name)}, {_told_sql(name)}" for name in TOLD)
    return f"""json_object(
        'status', status, 'was', was, 'source', source, 'cause', cause, 'first_seen', first_seen,
        'changed', case when not begins and len(changes) > 0 then changes end,
        'from', case when begins then came_from end, 'to', went_to,
        'decision', case when heard then decision_id end, 'void', case when void then decision_id end,
        {told})"""


def _told_sql(name: str) -> str:
    """The value that a new item has, or the pair of the old and the new one where it changed."""
    new, old = name, f"prior.{name}"
    if name.endswith("_nik"):
        new, old = _masked(new), _masked(old)
    return f"""case when begins then to_json({new})
        when list_contains(changes, '{name}') then to_json([{old}, {new}]) end"""


def _masked(column: str) -> str:
    """``records.mask_nik`` in SQL, as tests make sure."""
    return f"""case when length({column}) > 8
        then left({column}, 4) || repeat('*', length({column}) - 8) || right({column}, 4)
        else repeat('*', length({column})) end"""
