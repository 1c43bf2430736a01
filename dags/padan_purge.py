"""Deletes what is past its retention period, after the night's run, and says what."""

from __future__ import annotations

import logging

from airflow.sdk import CronTriggerTimetable, dag, task
from padan_office import PATIENT, START, TIMEZONE, office

log = logging.getLogger(__name__)


@task
def purge() -> list[str]:
    """The folders that were deleted."""
    from pipelines.worklist import purge as stage

    with office() as settings:
        deleted = [str(gone) for gone in stage(settings)]
    for gone in deleted:
        log.info("deleted %s", gone)
    return deleted


@dag(
    schedule=CronTriggerTimetable("0 4 * * *", timezone=TIMEZONE),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=PATIENT,
    tags=["padan"],
    doc_md=__doc__,
)
def padan_purge() -> None:
    """One task."""
    purge()


padan_purge()
