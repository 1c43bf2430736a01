"""What the DAGs of this folder share: the settings of a task's run, and the words in which tasks talk.

Between tasks travel names, places, counts and digests, never a record. A table travels as
``{"name": …, "table": its Artifact}``, a source that could not be read as ``{"name": …, "unread": why}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from pipelines.engine import Artifact
    from pipelines.settings import Settings

Row = dict[str, Any]

TIMEZONE = "Asia/Makassar"  # as in pipelines.schedule, which is too much to import for every parse of a DAG
START = pendulum.datetime(2026, 1, 1, tz=TIMEZONE)

PATIENT = {
    "retries": 2,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": 2.0,
    "execution_timeout": timedelta(hours=4),
}
"""For what can pass: a database that is restarted, a network that is down for a while."""


@contextmanager
def office() -> Iterator[Settings]:
    """The settings for the date of this run.

    A failed gate or a wrong configuration fails the task at once: the same again would end the same.
    """
    from pipelines.errors import GateFailed
    from pipelines.run import failure_noted
    from pipelines.schedule import scheduled_settings
    from pipelines.settings import ConfigError

    context = get_current_context()
    try:
        # A run started by hand may have no date of its own: then it is for the day on which it starts.
        settings = scheduled_settings(context.get("logical_date") or context["dag_run"].run_after)
        with failure_noted(settings):
            yield settings
    except (ConfigError, GateFailed) as error:
        raise AirflowFailException(str(error)) from error


def table(name: str, artifact: Artifact) -> Row:
    """A table as it travels."""
    return {"name": name, "table": artifact.as_dict()}


def artifact(row: Row) -> Artifact:
    """The table of a row that has one."""
    from pipelines.engine import Artifact

    return Artifact(**row["table"])


def artifacts(rows: Iterable[Row]) -> dict[str, Artifact]:
    """The tables of those sources that were read, by their names."""
    return {row["name"]: artifact(row) for row in rows if "table" in row}


def unread(rows: Iterable[Row]) -> dict[str, str]:
    """Why the other sources were not."""
    return {row["name"]: row["unread"] for row in rows if "unread" in row}
