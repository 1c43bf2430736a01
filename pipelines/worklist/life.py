"""The life of an item from one run to the next, as a row of SQL steps.

Each step reads the tables named before it and can be read and run by itself:

    today     findings with their item's id
    prior     items as they stood before this run (from the store; ``prior.py``)
    reach     per source and kind of item: was what it depends on read, when was it last read
    answer    each item's latest decision that this run may know
    met       today and prior side by side, with the answer that is in force
    fated     what becomes of each item: its status, and whether an officer's decision still fits
    kin       a record's number whose cause changed: the item that went and the one that came
    lived     every item that is on today's worklist or whose state has to be written

``docs/decisions/0005-item-state-per-change.md`` gives the rules and their reasons.
"""

from __future__ import annotations

from typing import Final

import duckdb

from pipelines.engine import sql_text
from pipelines.records import NUMBER_CAUSES
from pipelines.settings import Settings
from pipelines.worklist.ids import identified_sql
from pipelines.worklist.priority import priority_sql, reason_sql
from pipelines.worklist.texts import NOTES, filled

VISIBLE: Final = "('new', 'open', 'returned')"

CONFIDENCE_STEP: Final = 0.01
"""Weights are learned anew each day and confidence moves a hair with them: less than this is no change."""


def live(con: duckdb.DuckDBPyConnection, settings: Settings, agencies_missing: bool) -> None:
    """Make table ``lived`` out of ``findings``, ``prior``, ``reach`` and ``answer``.

    ``agencies_missing``: a source was not read, so that agencies may only seem to agree no longer.
    Tables go as soon as they are not needed, and no query joins two large ones but that of ``met``: half a
    million items shall live within a small memory limit.
    """
    steps = (
        ("table", "today", today_sql()),
        ("table", "met", met_sql(agencies_missing)),
        ("view", "fated", fated_sql(settings)),
        ("table", "kin", kin_sql()),
        ("view", "told", told_sql(settings)),
        ("table", "lived", lived_sql(settings)),
    )
    for kind, name, query in steps:
        con.execute(f"create {kind} {name} as {query}").fetchall()
        if name == "met":
            con.execute("drop table today").fetchall()
    con.execute("drop table met cascade").fetchall()


def today_sql() -> str:
    """Findings with their ``item_id``, one row an id; NUL is cut out, PostgreSQL would refuse it."""
    texts = ("source_record_id", "recorded_nik", "related", "elements", "evidence", "district_name")
    cleaned = ", ".join(f"replace({name}, chr(0), '') as {name}" for name in texts)
    return f"""
        with clean as materialized (select * replace ({cleaned}) from findings),
        named as materialized ({identified_sql("clean")})
        select * from named
        qualify row_number() over (
            partition by item_id
            order by source_record_id, related, recorded_nik, proposed_nik, confidence, evidence
        ) = 1"""


_SHARED: Final = (
    "source_record_id",
    "recorded_nik",
    "proposed_nik",
    "confidence",
    "elements",
    "related",
    "sector",
    "district",
    "district_name",
    "infant",
)
"""What an item takes from today's finding, or keeps where there is none."""

_SAID_BY_TWO: Final = ("owner", "evidence", "agencies_agree")
"""What may change only because the other agency that said the same was not read."""


_ANSWERED_BEFORE: Final = """(
    f.item_id is not null and a.decision_id is not null and (r.last_read is null or a.effective_date > r.last_read)
    and a.recorded_nik is not distinct from f.recorded_nik
    and a.proposed_nik is not distinct from f.proposed_nik
    and a.elements is not distinct from f.elements)"""
"""Of an item that begins: it was answered already, in a life that a rerun has erased since, and nothing read of
its source since then has been without it. Nobody is asked twice; what has changed is another question."""


def met_sql(agencies_missing: bool) -> str:
    """Today's findings beside the prior states, leaving out what is over or silent and stays so.

    ``altered``: the record's number, its elements or its match are no longer what they were. Where the two
    records of a pair merely changed places, they are the same.
    """
    held = f"""{str(agencies_missing).lower()} and f.item_id is not null and p.agencies_agree
        and not f.agencies_agree and p.status in {VISIBLE}
        and p.recorded_nik is not distinct from f.recorded_nik"""
    taken = [f"case when f.item_id is null then p.{c} else f.{c} end as {c}" for c in _SHARED]
    taken += [
        f"case when f.item_id is null or ({held}) then p.{c} else f.{c} end as {c}" for c in _SAID_BY_TWO
    ]
    return f"""
        select coalesce(f.item_id, p.item_id) as item_id,
               coalesce(f.source, p.source) as source,
               coalesce(f.cause, p.cause) as cause,
               {", ".join(taken)},
               f.person_name, f.birth_date,
               f.item_id is not null as found,
               p.item_id is null or p.status = 'resolved' as begins,
               p.status as was,
               coalesce(r.waits, false) as waits,
               coalesce(r.stands, false) as stands,
               greatest(p.last_seen, r.last_read) as last_seen_before,
               p.source_record_id = f.source_record_id and (
                   p.recorded_nik is distinct from f.recorded_nik
                   or p.proposed_nik is distinct from f.proposed_nik
                   or p.elements is distinct from f.elements
               ) as altered,
               a.decision_id, a.decision, a.received_at::date as received, a.effective_date,
               case when p.item_id is null or p.status = 'resolved' then {_ANSWERED_BEFORE}
                   else a.decision_id > p.spent and p.status <> 'rejected' end as answered,
               a.proposed_nik is distinct from coalesce(p.proposed_nik, f.proposed_nik) as proposal_moved,
               p as prior
        from today f
        full join prior p on p.item_id = f.item_id
        left join reach r on r.source = coalesce(f.source, p.source)
            and r.online = (coalesce(f.cause, p.cause) = 'NIK_NOT_ONLINE')
        left join answer a on a.item_id = coalesce(f.item_id, p.item_id)
        where f.item_id is not null
           or p.status in {VISIBLE}
           or p.status = 'rejected' and not coalesce(r.stands, false)"""


def fated_sql(settings: Settings) -> str:
    """``status`` and ``spent``: what becomes of each item, and which decisions no longer speak of it."""
    day = f"date '{settings.run_date}'"
    until = f"effective_date + {settings.worklist.correction_days}"
    return f"""
        with judged as (
            select *,
                coalesce(answered, false) and not begins and decision = 'rejected'
                    and (proposal_moved or coalesce(altered, false)) as void
            from met
        ),
        heard as (
            select *, coalesce(answered, false) and not void as heard from judged
        )
        select *,
            cast({until} as date) as until,
            case
                when not found and stands then
                    case when heard and decision = 'rejected' and not waits then 'rejected' else was end
                when not found then 'resolved'
                when was = 'rejected' then case when altered then 'open' else 'rejected' end
                when heard and decision = 'rejected' then 'rejected'
                when heard and decision = 'corrected' and {day} >= {until} then 'returned'
                when begins and not heard then 'new'
                else 'open'
            end as status,
            coalesce(
                case when void or (begins and not heard) or (was = 'rejected' and altered) then decision_id end,
                prior.spent,
                0
            ) as spent
        from heard
        where not found or was is distinct from 'rejected' or altered"""


def kin_sql() -> str:
    """Records whose number has another cause than before: ``gone`` is the old item, ``come`` the new one."""
    causes = ", ".join(sql_text(cause) for cause in NUMBER_CAUSES)
    return f"""
        with number as (select * from fated where cause in ({causes})),
        gone as (
            select source, prior.source_record_id as source_record_id, min(item_id) as item_id,
                   arg_min(cause, item_id) as cause, arg_min(prior.first_seen, item_id) as first_seen
            from number where not found and status = 'resolved' group by all
        ),
        come as (
            select source, source_record_id, min(item_id) as item_id, arg_min(cause, item_id) as cause
            from number where found and begins group by all
        )
        select gone.item_id as gone, gone.cause as gone_cause, gone.first_seen,
               come.item_id as come, come.cause as come_cause
        from gone join come using (source, source_record_id)"""


def told_sql(settings: Settings) -> str:
    """Dates, past and note of each item; a changed cause keeps the waiting time and is not new."""
    day = f"date '{settings.run_date}'"
    return f"""
        with dated as (
            select f.* exclude (status),
                case when f.status = 'new' and c.come is not null then 'open' else f.status end as status,
                case when f.begins then coalesce(c.first_seen, {day})
                    else f.prior.first_seen end as first_seen,
                case when f.found then {day} else f.last_seen_before end as last_seen,
                case when f.begins then c.gone else f.prior.came_from end as came_from,
                case when f.begins then c.gone_cause else f.prior.came_from_cause end as came_from_cause,
                coalesce((f.was = 'rejected' and f.status = 'open')
                    or (not f.begins and f.prior.reopened), false) as reopened,
                g.come as went_to,
                g.come_cause as went_to_cause
            from fated f
            left join kin c on c.come = f.item_id
            left join kin g on g.gone = f.item_id
        )
        select *, {_note_sql(settings)} as note,
            status in {VISIBLE} or begins or was in {VISIBLE} as listed
        from dated"""


def _note_sql(settings: Settings) -> str:
    notes = {key: words[settings.language] for key, words in NOTES.items()}
    answer = {"date": "received", "until": "until"}
    came = {"cause": "came_from_cause", "item": "came_from"}
    went = {"cause": "went_to_cause", "item": "went_to"}
    return f"""case
        when not found and stands and status = was then prior.note
        when status = 'rejected' then {filled(notes["rejected"], **answer)}
        when status = 'resolved' then {filled(notes["cause_is"], **went)}
        when status = 'returned' then {filled(notes["returned"], **answer)}
        when heard and decision = 'corrected' then {filled(notes["waiting"], **answer)}
        when heard and decision = 'forwarded' then {filled(notes["forwarded"], **answer)}
        when came_from is not null then {filled(notes["cause_was"], **came)}
        when reopened then {filled(notes["reopened"])}
        end"""


_COMPARED: Final = (
    "owner",
    "priority",
    "source_record_id",
    "recorded_nik",
    "proposed_nik",
    "elements",
    "related",
    "evidence",
    "first_seen",
    "note",
    "sector",
    "district",
    "district_name",
    "infant",
    "agencies_agree",
    "came_from",
    "reopened",
    "spent",
)
"""A change of any of these is a change of the item; of confidence too, see ``CONFIDENCE_STEP``."""


def lived_sql(settings: Settings) -> str:
    """Rank the items and find ``changes``: the fields that are not as the store has them, ``[]`` if none."""
    confidence = f"""(confidence is null) <> (prior.confidence is null)
        or round(abs(confidence - prior.confidence), 6) >= {CONFIDENCE_STEP}"""
    tests = {name: f"{name} is distinct from prior.{name}" for name in _COMPARED}
    tests |= {"status": "status <> was", "confidence": confidence}
    listed = ", ".join(f"case when {test} then '{name}' end" for name, test in sorted(tests.items()))
    return f"""
        with aged as (select *, date '{settings.run_date}' - first_seen as age_days from told),
        ranked as (
            select *, {priority_sql(settings)} as priority, {reason_sql(settings)} as priority_reason
            from aged
        )
        select * exclude (prior), list_filter([{listed}], lambda name: name is not null) as changes from ranked"""
