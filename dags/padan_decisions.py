"""Takes in what officers sent back, before the night's run, which then knows what they decided."""

from __future__ import annotations

import logging

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from padan_office import PATIENT, SHOWN, START, TIMEZONE, label, office

log = logging.getLogger(__name__)


@task
def returned() -> list[str]:
    """The files in the folder; none is fine."""
    from pipelines.schedule import returned_files

    with office() as settings:
        return [str(path) for path in returned_files(settings, get_current_context()["params"]["folder"])]


@task(max_active_tis_per_dag=1, map_index_template=SHOWN)
def decide(file: str) -> str:
    """One file into the store; the same file again changes nothing."""
    from pathlib import Path

    from pipelines.worklist import decide as read

    label(Path(file).name)
    with office() as settings:
        summary = read(Path(file), settings)
    # What was put aside waits for a person, who has to learn of it.
    (log.warning if summary.aside else log.info)("%s: %s", file, summary)
    return str(summary)


@dag(
    schedule=CronTriggerTimetable("30 0 * * *", timezone=TIMEZONE),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=PATIENT,
    params={"folder": Param("decisions", type="string", description="beside padan.toml, or a whole path")},
    tags=["padan"],
    doc_md=__doc__,
)
def padan_decisions() -> None:
    """One task a file, one after the other."""
    decide.expand(file=returned())


padan_decisions()
