"""What the DAGs of this folder share: the settings of a task's run, the words in which tasks talk, who is told what.

Between tasks travel names, places, counts and digests, never a record. A table travels as
``{"name": …, "table": its Artifact}``, a source that could not be read as ``{"name": …, "unread": why}``.

Airflow's own configuration has a section for Padan, in the environment ``AIRFLOW__PADAN__…``:

- ``sources_pool``: the pool whose slots say how many sources are read at a time (default: ``default_pool``);
- ``notify_email``: who is told by mail, ``,`` between; ``notify_smtp_conn``: by which connection (``smtp_default``);
- ``notify_webhook_conn``: the http connection that is told, by POST of a small JSON object;
- ``deadline_hours``: how long after its start a night's run should have published (default: 5);
- ``daily``: when the daily job runs, as cron has it (default: ``0 1 * * *``), at the office's time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pendulum
from airflow.sdk import (
    AsyncCallback,
    Connection,
    DeadlineAlert,
    DeadlineReference,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    conf,
    get_current_context,
)
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.lineage import get_hook_lineage_collector
from airflow.sdk.observability import stats

if TYPE_CHECKING:
    from airflow.sdk import BaseNotifier

    from pipelines.engine import Artifact
    from pipelines.settings import Settings, Source

Row = dict[str, Any]

TIMEZONE = "Asia/Makassar"  # as in pipelines.schedule, which is too much to import for every parse of a DAG
START = pendulum.datetime(2026, 1, 1, tz=TIMEZONE)
DAILY = conf.get("padan", "daily", fallback="0 1 * * *")
SOURCES_POOL = conf.get("padan", "sources_pool", fallback="default_pool")

BY_HAND = {
    "date": Param(
        None, type=["null", "string"], format="date", title="Date", description="else the day of the schedule"
    ),
    "sources": Param(
        [],
        type="array",
        items={"type": "string"},
        title="Sources",
        description="read these alone; the items of the others stand as they stood. None: all of them",
    ),
    "dry_run": Param(False, type="boolean", title="Dry run", description="do all but record and publish"),
}
"""What may be said of a run that somebody starts."""

PASSES = ExceptionRetryPolicy(
    rules=[
        RetryRule(["pipelines.errors.SourceUnreachable", "pipelines.errors.StoreError"], RetryAction.RETRY),
        RetryRule(
            ["pipelines.errors.PadanError", "pipelines.errors.ConfigError"],
            RetryAction.FAIL,
            reason="it would end the same way again",
        ),
    ]
)
"""What may pass by itself is tried again; a failed gate, an account that does not add up, a mistake in the
configuration end the run at once."""


def _means(subject: str, text: str) -> list[tuple[type[BaseNotifier], dict[str, Any]]]:
    """Those notifiers that Airflow's configuration names, and what each is made with."""
    means: list[tuple[type[BaseNotifier], dict[str, Any]]] = []
    if addresses := conf.get("padan", "notify_email", fallback=""):
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        mail = {
            "to": [address.strip() for address in addresses.split(",")],
            "subject": subject,
            "html_content": f"<pre>{text}</pre>",
            "smtp_conn_id": conf.get("padan", "notify_smtp_conn", fallback="smtp_default"),
        }
        means.append((SmtpNotifier, mail))
    if connection := conf.get("padan", "notify_webhook_conn", fallback=""):
        from airflow.providers.http.notifications.http import HttpNotifier

        means.append((HttpNotifier, {"http_conn_id": connection, "json": {"subject": subject, "text": text}}))
    return means


def told(subject: str, text: str) -> list[BaseNotifier]:
    """Those who are told of something: nobody, unless Airflow's configuration names them."""
    return [kind(**values) for kind, values in _means(subject, text)]


def in_time() -> list[DeadlineAlert]:
    """Alerts for a run that has not ended when people come to work."""
    hours = conf.getfloat("padan", "deadline_hours", fallback=5)
    late = _means(
        "Padan: {{ dag_run.dag_id }} is late",
        f"{{{{ dag_run.dag_run_id }}}} has not ended {hours:g} hours after it was due to begin.",
    )
    after = timedelta(hours=hours)
    return [
        DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, after, AsyncCallback(kind, values))
        for kind, values in late
    ]


FAILED = told(
    "Padan: {{ dag_run.dag_id }} failed at {{ ti.task_id }}",
    "{{ dag_run.run_id }}: {{ ti.task_id }} failed. {{ exception }}",
)

PATIENT = {
    "retries": 3,
    "retry_exponential_backoff": 2.0,  # from Airflow's own core.default_task_retry_delay on
    "max_retry_delay": timedelta(minutes=30),
    "retry_policy": PASSES,
    "execution_timeout": timedelta(hours=4),
    "owner": "dukcapil",
    "on_failure_callback": FAILED,
}
"""For what can pass: a database that is restarted, a network that is down for a while."""


def by_hand(name: str) -> Any:
    """What the person who started this run said of it; None of a run that has no such thing to be said."""
    return get_current_context()["params"].get(name)


@contextmanager
def office() -> Iterator[Settings]:
    """The settings for the date of this run, the data folder held, the time that the block takes measured."""
    from pipelines.engine import alone
    from pipelines.run import failure_noted
    from pipelines.schedule import run_date, scheduled_settings

    context = get_current_context()
    # A run started by hand may have no date of its own: then it is for the day on which it starts.
    moment = context.get("logical_date") or context["dag_run"].run_after
    day = date.fromisoformat(by_hand("date")) if by_hand("date") else run_date(moment)
    dry_run = bool(by_hand("dry_run"))
    settings = scheduled_settings(day, {"airflow": connection}, dry_run)
    name = context["ti"].task_id.rpartition(".")[2]
    with alone(settings.data, shared=True), stats.timer(f"padan.seconds.{name}"):
        if dry_run:
            yield settings
            return
        with failure_noted(settings):
            yield settings


@contextmanager
def counted(stage: str) -> Iterator[None]:
    """Tell Airflow's metrics of a gate that was not passed."""
    from pipelines.errors import GateFailed

    try:
        yield
    except GateFailed:
        stats.incr(f"padan.gate_failed.{stage}")
        raise


def connection(name: str, secret: bool) -> str | None:
    """Of one of Airflow's connections the password, or the address as SQLAlchemy and the web write it."""
    try:
        found = Connection.get(name)
    except AirflowNotFoundException:
        return None
    if secret:
        return found.password
    driver = {"mysql": "mysql+pymysql", "postgres": "postgresql+psycopg", "http": found.schema or "https"}
    user = f"{quote(found.login, safe='')}:{quote(found.password or '', safe='')}@" if found.login else ""
    if found.conn_type == "http":
        user, path = "", (found.extra_dejson.get("path") or "").lstrip("/")
        if "://" in (found.host or ""):
            return f"{found.host}/{path}".rstrip("/")
    else:
        path = found.schema or ""
    port = f":{found.port}" if found.port else ""
    return f"{driver.get(found.conn_type, found.conn_type)}://{user}{found.host or ''}{port}/{path}".rstrip(
        "/"
    )


SHOWN = "{{ shown }}"
"""What a mapped task is called on the page, once it has called ``label``."""


def label(text: str) -> None:
    """Show the source's name, and not a number, on the mapped task that is running."""
    get_current_context()["shown"] = text  # type: ignore[literal-required]


def earlier_run_under_way() -> bool:
    """Whether a run for an earlier date has not ended; a run by hand, which has no date of its own, asks nobody."""
    return get_current_context()["ti"].get_previous_dagrun(state="running") is not None


def tries_left() -> bool:
    """Whether the task that is running will be tried again if it fails."""
    ti = get_current_context()["ti"]
    return ti.try_number <= ti.max_tries


def table(name: str, artifact: Artifact) -> Row:
    """A table as it travels; its rows are told to Airflow's metrics, its place to its lineage."""
    stats.gauge(f"padan.rows.{get_current_context()['ti'].task_id}.{name}", artifact.rows)
    get_hook_lineage_collector().add_output_asset(context=None, uri=f"file://{artifact.path}")
    return {"name": name, "table": artifact.as_dict()}


def artifact(row: Row) -> Artifact:
    """The table of a row that has one, as it was handed over."""
    from pipelines.engine import taken_up

    found = taken_up(row["table"])
    get_hook_lineage_collector().add_input_asset(context=None, uri=f"file://{found.path}")
    return found


def outbox_folder(row: Row) -> Artifact:
    """The published folder as it was handed over; ``artifact`` is for tables."""
    from pipelines.engine import Artifact

    return Artifact(**row["table"])


def read_from(source: Source) -> None:
    """Tell Airflow's lineage where a source's rows came from, where that can be said in its way."""
    with suppress(ValueError):  # of a database it wants the table, and we have a query
        get_hook_lineage_collector().add_input_asset(context=None, uri=source.place)


def artifacts(rows: Iterable[Row]) -> dict[str, Artifact]:
    """The tables of those sources that were read, by their names."""
    return {row["name"]: artifact(row) for row in rows if "table" in row}


def unread(rows: Iterable[Row]) -> dict[str, str]:
    """Why the other sources were not."""
    return {row["name"]: row["unread"] for row in rows if "unread" in row}
