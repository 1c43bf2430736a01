"""The daily job: the stages of ``pipelines/run.py``, in the same order, as Airflow tasks.

Every source comes by itself, some at a time: extracted, standardised, each table through its gate. One that can't be
read stops no other: the run goes on without it, publishes, and says so. Then who is who, what is wrong, today's
items, and the folder in the outbox. A gate that is not passed ends the run at once, with nothing published.

Started by hand it takes a date, a choice of sources, or a dry run, which does everything but record and publish.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import (
    Asset,
    CronTriggerTimetable,
    TaskGroup,
    TriggerRule,
    dag,
    get_current_context,
    task,
    task_group,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from padan_office import (
    BY_HAND,
    DAILY,
    PATIENT,
    SHOWN,
    SOURCES_POOL,
    START,
    TIMEZONE,
    Row,
    artifact,
    artifacts,
    by_hand,
    counted,
    earlier_run_under_way,
    in_time,
    label,
    office,
    outbox_folder,
    read_from,
    table,
    told,
    tries_left,
    unread,
)

log = logging.getLogger(__name__)

WORKLIST = Asset("padan_worklist")
REPORT = Asset("padan_report")
NOT_DELIVERED = told(
    "Padan: published, but not delivered to everybody",
    "{{ dag_run.run_id }}: {{ undelivered }}. It goes with the next run.",
)
PUBLISHED = told(
    "{{ ti.xcom_pull(task_ids=ti.task_id)['headline'] }}", "{{ ti.xcom_pull(task_ids=ti.task_id)['said'] }}"
)


@task.sensor(mode="reschedule", poke_interval=10, timeout=timedelta(hours=11), retries=0)
def turn() -> bool:
    """Wait for the day before: a backfill starts many days at once, and each builds on what was published earlier."""
    return not earlier_run_under_way()


@task
def sources() -> list[str]:
    """The registry, the agencies and the verdicts, by name."""
    from pipelines.schedule import unknown

    with office() as settings:
        if wrong := unknown(by_hand("sources"), settings):
            raise AirflowFailException(wrong)
        return [source.name for source in settings.everyone]


@task(map_index_template=SHOWN, pool=SOURCES_POOL)
def extract(name: str) -> Row:
    """One source's rows as they are; a source that can't be read is said, and stops no other."""
    from pipelines.extract import extract_if_readable
    from pipelines.schedule import left_out

    label(name)
    with office() as settings:
        source = settings.source(name)
        reason = left_out(source, settings, by_hand("sources"), by_hand("dry_run"))
        raw = reason or extract_if_readable(source, settings, patient=tries_left())
        read_from(source)
    if isinstance(raw, str):
        label(f"{name}: not read")
        log.warning("%s could not be read, its items will stand as they stood: %s", name, raw)
        return {"name": name, "unread": raw}
    return table(name, raw)


@task(map_index_template=SHOWN)
def standardise(raw: Row) -> Row:
    """One source's canonical records."""
    from pipelines.standardise import standardise as stage

    label(raw["name"])
    if "unread" in raw:
        return raw
    with office() as settings:
        return table(raw["name"], stage(artifact(raw), settings.source(raw["name"]), settings))


@task(map_index_template=SHOWN)
def gates(raw: Row, records: Row) -> list[Row]:
    """What must hold of a source's rows and of its records; where something critical does not, the run ends here.

    Both in one task: the library that asks takes seconds to start.
    """
    label(raw["name"])
    if "unread" in raw:
        raise AirflowSkipException(f"{raw['name']} could not be read")
    return [passed("raw", raw), passed("records", records)]


@task
def gate(stage: str, checked: Row) -> Row:
    """The same of a table that is not one source's."""
    return passed(stage, checked)


def passed(stage: str, checked: Row) -> Row:
    """What a gate saw of a table. Raises ``GateFailed``."""
    from pipelines.quality import gate as ask

    with office() as settings, counted(stage):
        return table(stage, ask(stage, checked["name"], artifact(checked), settings))


@task
def match(records: list[Row]) -> Row:
    """Who is who: each number against the registry, and the person where the number fails."""
    from pipelines.match import match as stage
    from pipelines.run import by_role

    with office() as settings:
        registry, agencies, _ = by_role(artifacts(records), settings)
        return table("matches", stage(registry, agencies, settings))


@task
def diagnose(matches: Row, records: list[Row]) -> Row:
    """What is wrong, why, what would put it right, and who has to act."""
    from pipelines.diagnose import diagnose as stage
    from pipelines.run import by_role

    with office() as settings:
        return table("findings", stage(artifact(matches), *by_role(artifacts(records), settings), settings))


@task(trigger_rule=TriggerRule.NONE_FAILED)
def worklist(findings: Row, records: list[Row]) -> Row:
    """Today's items, from the findings and from how they stood the day before."""
    from pipelines.worklist import worklist as stage

    with office() as settings:
        return table("items", stage(artifact(findings), sorted(unread(records)), settings))


@task
def account(items: Row, records: list[Row]) -> Row:
    """Where every row went; a sum that does not come out ends the run."""
    from pipelines.quality import account as stage

    with office() as settings:
        return table("account", stage(artifact(items), sorted(unread(records)), settings))


@task(trigger_rule=TriggerRule.NONE_FAILED)
def results(per_source: list[list[Row]], whole: list[Row]) -> Row:
    """What every gate saw, as one table and as the pages of the Data Docs."""
    from pipelines.quality import collect, docs

    gates = [artifact(row) for rows in (*per_source, whole) for row in rows]
    with office() as settings:
        together = collect(gates, settings)
        docs(together, settings)
        return table("gates", together)


@task
def record(items: Row, counts: Row, gates: Row) -> None:
    """Keep in the store what outlives the run; a dry run ends here."""
    from pipelines.worklist import record as stage

    if by_hand("dry_run"):
        raise AirflowSkipException(f"dry run: {items['table']['rows']} items would be recorded and published")
    with office() as settings:
        stage(artifact(items), artifact(counts), artifact(gates), settings)


@task(outlets=[WORKLIST, REPORT])
def publish(items: Row, counts: Row, gates: Row) -> Row:
    """The date's folder in the outbox: whole or not at all."""
    from pipelines.publish import publish as stage

    with office() as settings:
        return table("outbox", stage(artifact(items), artifact(counts), artifact(gates), settings))


@task(on_success_callback=PUBLISHED)
def close(outbox: Row, records: list[Row]) -> dict[str, Any]:
    """Mark the run as published, and say what it found, where it lies and what it had to do without."""
    from pipelines.run import Outcome
    from pipelines.summary import headline, summary
    from pipelines.worklist import close as stage

    missing = unread(records)
    with office() as settings:
        outcome = Outcome(outbox_folder(outbox), missing)
        stage(outcome.outbox, settings)
        said = {"headline": headline(outcome, settings), "said": summary(outcome, settings)}
    for name, reason in missing.items():
        log.warning("published without %s: %s", name, reason)
    return {"outbox": outbox["table"]["path"], "unread": missing, **said}


@task(on_skipped_callback=NOT_DELIVERED)
def deliver(outbox: Row) -> None:
    """Each recipient's file, by the way configured; what does not arrive goes with the next run, and is said."""
    from pipelines.deliver import deliver as stage
    from pipelines.deliver import undelivered

    with office() as settings:
        missing = undelivered(stage(outbox_folder(outbox), settings))
    if missing:
        said = "; ".join(f"{who}: {why}" for who, why in missing.items())
        if tries_left():
            raise RuntimeError(f"not delivered, to be tried again: {said}")
        get_current_context()["undelivered"] = said
        raise AirflowSkipException(f"not delivered: {said}")


@task_group(group_id="source", tooltip="one source: its rows, its records, and what must hold of both")
def come(name: str) -> tuple[Any, Any]:
    """The records of one source, and what its gates saw."""
    raw = extract(name)
    records = standardise(raw)
    return records, gates(raw, records)


@dag(
    schedule=CronTriggerTimetable(DAILY, timezone=TIMEZONE),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),
    deadline=in_time(),
    default_args=PATIENT,
    params=BY_HAND,
    tags=["padan"],
    doc_md=__doc__,
)
def padan_daily() -> None:
    """One group of tasks for each source; the rest once, each after what it reads."""
    names = sources()
    turn() >> names
    records, seen = come.expand(name=names)
    with TaskGroup("linkage", tooltip="who is who, and what is wrong"):
        findings = diagnose(match(records), records)
        findings_seen = gate.override(task_id="gate_findings")("findings", findings)
    with TaskGroup("worklist", tooltip="today's items, and where every row went"):
        items = worklist(findings, records)
        counts = account(items, records)
        items_seen = gate.override(task_id="gate_items")("items", items)
    with TaskGroup("publish", tooltip="the store, the outbox, and who gets what"):
        together = results(seen, [findings_seen, items_seen])
        outbox = publish(items, counts, together)
        record(items, counts, together) >> outbox
        closed = close(outbox, records)
        closed >> deliver(outbox)
    [seen, findings_seen] >> items


padan_daily()
