"""The daily job: the stages of ``pipelines/run.py``, in the same order, as Airflow tasks.

What a stage does is written in its room under ``pipelines/``; here stands only when it runs and after what.
"""

from __future__ import annotations

import logging

from airflow.sdk import Asset, CronTriggerTimetable, TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowSkipException
from padan_office import PATIENT, START, TIMEZONE, Row, artifact, artifacts, office, table, unread

log = logging.getLogger(__name__)

WORKLIST = Asset("padan_worklist")
REPORT = Asset("padan_report")


@task
def sources() -> list[str]:
    """The registry, the agencies and the verdicts, by name."""
    with office() as settings:
        return [source.name for source in settings.everyone]


@task
def extract(name: str) -> Row:
    """One source's rows as they are; a source that can't be read is said, and stops no other."""
    from pipelines.extract import extract_if_readable

    with office() as settings:
        raw = extract_if_readable(settings.source(name), settings)
    if isinstance(raw, str):
        log.warning("%s could not be read, its items will stand as they stood: %s", name, raw)
        return {"name": name, "unread": raw}
    return table(name, raw)


@task
def standardise(raw: Row) -> Row:
    """One source's canonical records."""
    from pipelines.standardise import standardise as stage

    if "unread" in raw:
        return raw
    with office() as settings:
        return table(raw["name"], stage(artifact(raw), settings.source(raw["name"]), settings))


@task(retries=0)
def gate(stage: str, checked: Row) -> Row:
    """What must hold of one table; where something critical does not, the run ends here."""
    from pipelines.quality import gate as ask

    if "unread" in checked:
        raise AirflowSkipException(f"{checked['name']} could not be read")
    with office() as settings:
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
    """Keep in the store what outlives the run."""
    from pipelines.worklist import record as stage

    with office() as settings:
        stage(artifact(items), artifact(counts), artifact(gates), settings)


@task(outlets=[WORKLIST, REPORT])
def publish(items: Row, counts: Row, gates: Row) -> Row:
    """The date's folder in the outbox: whole or not at all."""
    from pipelines.publish import publish as stage

    with office() as settings:
        return table("outbox", stage(artifact(items), artifact(counts), artifact(gates), settings))


@task
def close(outbox: Row, records: list[Row]) -> Row:
    """Mark the run as published, and say where it lies and what it had to do without."""
    from pipelines.worklist import close as stage

    with office() as settings:
        stage(artifact(outbox), settings)
    missing = unread(records)
    for name, reason in missing.items():
        log.warning("published without %s: %s", name, reason)
    return {"outbox": outbox["table"]["path"], "unread": missing}


@dag(
    schedule=CronTriggerTimetable("0 1 * * *", timezone=TIMEZONE),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=PATIENT,
    tags=["padan"],
    doc_md=__doc__,
)
def padan_daily() -> None:
    """Extraction and standardising once for each source; the rest once, each after what it reads."""
    raw = extract.expand(name=sources())
    raw_gates = gate.override(task_id="gate_raw").partial(stage="raw").expand(checked=raw)
    records = standardise.expand(raw=raw)
    record_gates = gate.override(task_id="gate_records").partial(stage="records").expand(checked=records)
    findings = diagnose(match(records), records)
    findings_gate = gate.override(task_id="gate_findings")("findings", findings)
    items = worklist(findings, records)
    [raw_gates, record_gates, findings_gate] >> items
    counts = account(items, records)
    items_gate = gate.override(task_id="gate_items")("items", items)
    gates = results([raw_gates, record_gates], [findings_gate, items_gate])
    outbox = publish(items, counts, gates)
    record(items, counts, gates) >> outbox
    close(outbox, records)


padan_daily()
