"""A night as the data engineer has it: every component of Airflow, on PostgreSQL, with the schedule that fires.

What comes out is compared with what `padan run` publishes for the same dates in a twin of the office.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import create_engine, make_url

from pipelines.run import Outcome, run
from pipelines.schedule import scheduled_settings
from tests.conftest import KUPANG
from tests.dags.listeners import UNKNOWN, Heard, listening
from tests.dags.office import outbox
from tests.dags.server import COMPONENTS, SERVICES, Airflow, airflow, wait_for
from tests.store.backends import database

pytestmark = pytest.mark.slow

NIGHTLY = "padan_daily"
OFFICE_TIME = ZoneInfo("Asia/Makassar")
PEOPLE = ("5301061203790003", "YOHANES TEFA", "Welmince", "1979-03-12")
"""A number, names and a birth date of the office's files."""

CLINIC = 'location = "airflow:tarus"\nquery = "select * from pasien order by no_rkm_medis"'
"""The hospital's patients in a database, whose address is a connection of Airflow's."""

BY_MAIL = f"""
[mail]
server = "smtp://127.0.0.1:{{port}}"
sender = "padan@kupangkab.example"
[[deliveries]]
to = "rsud-naibonat"
by = "mailto:{UNKNOWN}"
unsealed = true
"""
"""A delivery to somebody whose mailbox is gone."""


@dataclass
class Night:
    """An Airflow and its office; the office's twin that knows only the command; who listens."""

    airflow: Airflow
    office: Path
    twin: Path
    clinic: str
    heard: Heard
    lineage: Path
    started: list[str] = field(default_factory=list)

    def by_command(self, day: str) -> Outcome:
        """What `padan run` does, with Airflow's connection known to the twin by other means."""
        settings = scheduled_settings(
            date.fromisoformat(day),
            {"airflow": lambda name, _: self.clinic if name == "tarus" else None},
            environ={
                "PADAN_CONFIG": str(self.twin / "padan.toml"),
                "PADAN_STORE": f"sqlite:///{self.twin}/a.sqlite",
            },
        )
        return run(settings)

    def same(self, day: str, *files: str) -> bool:
        """Whether both published the same for a date: ``files``, or all there is."""
        mine, theirs = (outbox(folder / "padan.toml", day) for folder in (self.office, self.twin))
        assert "worklist.csv" in mine
        return mine == theirs if not files else all(mine[name] == theirs[name] for name in files)

    def by_hand(self, dag: str = NIGHTLY, **said: Any) -> tuple[str, str]:
        """Start a run and wait for its end: its id and state."""
        self.airflow.api("PATCH", f"dags/{dag}", json={"is_paused": False})
        self.started.append(self.airflow.trigger(dag, **said))
        return self.started[-1], self.airflow.ended(dag, self.started[-1])

    def files(self, name: str, content: str | None) -> None:
        """The same file in both offices; None takes it away."""
        for folder in (self.office, self.twin):
            if content is None:
                (folder / name).unlink()
            else:
                (folder / name).write_text(content, encoding="utf-8")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("night")
    office, twin = (Path(shutil.copytree(KUPANG, folder / name)) for name in ("office", "twin"))
    for config in (office / "padan.toml", twin / "padan.toml"):
        said = re.sub(r"(?m)^store\s*=.*$", 'store = "env:PADAN_STORE"', config.read_text(encoding="utf-8"))
        config.write_text(said.replace('location = "pasien.csv"', CLINIC), encoding="utf-8")
    lineage = folder / "lineage.jsonl"
    transport = {"type": "file", "log_file_path": str(lineage), "append": True}
    with database() as metadata, database() as store, database() as clinic, listening() as (heard, told):
        engine = create_engine(clinic)
        patients = pd.read_csv(office / "pasien.csv", dtype=str)
        patients.to_sql("pasien", engine, index=False)
        engine.dispose()
        due = datetime.now(OFFICE_TIME) - timedelta(minutes=2)
        own = told | {
            "AIRFLOW_CONN_TARUS": clinic.replace("postgresql+psycopg", "postgres"),
            "AIRFLOW__PADAN__DAILY": f"{due.minute} {due.hour} * * *",  # not one in the morning
            "AIRFLOW__PADAN__DEADLINE_HOURS": "0.0015",  # 5 seconds: every run is late
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
        }
        with airflow(folder / "home", office, metadata, store, own) as running:
            yield Night(running, office, twin, clinic, heard, lineage)


def test_no_dag_fails_to_import_and_each_is_read_within_a_second(night: Night) -> None:
    air = night.airflow
    assert "No data found" in air.command("airflow", "dags", "list-import-errors").stdout
    assert {dag["dag_id"] for dag in air.api("GET", "dags")["dags"]} == {
        "padan_daily",
        "padan_decisions",
        "padan_purge",
    }


def test_every_component_is_well_by_its_own_health_check(night: Night) -> None:
    for name in ("airflow-init", *COMPONENTS):
        (kind, *words) = SERVICES[name]["healthcheck"]["test"]
        assert kind == "CMD"
        done = night.airflow.command(*(word.replace("8080", str(night.airflow.port)) for word in words))
        assert done.returncode == 0, f"{name}: {done.stdout[-500:]} {done.stderr[-500:]}"


def test_the_schedule_fires_and_publishes_what_the_command_publishes(night: Night) -> None:
    air = night.airflow
    air.api("PATCH", f"dags/{NIGHTLY}", json={"is_paused": False})
    (scheduled, *_) = wait_for(
        lambda: air.api("GET", f"dags/{NIGHTLY}/dagRuns", params={"run_type": "scheduled"})["dag_runs"],
        200,
        "no run was scheduled",
    )
    name = scheduled["dag_run_id"]
    day = str(datetime.fromisoformat(scheduled["logical_date"]).astimezone(OFFICE_TIME).date())
    assert air.ended(NIGHTLY, name) == "success", air.tasks(NIGHTLY, name)
    assert air.tasks(NIGHTLY, name)["source.extract rsud-naibonat"] == "success", (
        "called by the source's name"
    )
    night.by_command(day)
    assert night.same(day)
    assert {asset["name"] for asset in air.api("GET", "assets")["assets"]} >= {
        "padan_worklist",
        "padan_report",
    }
    events = air.api("GET", "assets/events")["asset_events"]
    assert {event["name"] for event in events} == {"padan_worklist", "padan_report"}


@pytest.mark.night
def test_a_backfill_publishes_five_days_in_order(night: Night) -> None:
    """Two are started at once, and each waits for the day before."""
    air = night.airflow
    air.api("PATCH", f"dags/{NIGHTLY}", json={"is_paused": False})
    words = [
        "--dag-id",
        NIGHTLY,
        "--max-active-runs",
        "2",
        *("--from-date", "2026-10-12T00:00+08:00"),
        *("--to-date", "2026-10-16T23:59+08:00"),
    ]
    done = air.command("airflow", "backfill", "create", *words)
    assert done.returncode == 0, done.stderr
    asked = {"run_type": "backfill", "order_by": "logical_date"}

    def ended() -> list[dict[str, Any]]:
        runs = air.api("GET", f"dags/{NIGHTLY}/dagRuns", params=asked)["dag_runs"]
        return runs if len(runs) == 5 and all(r["state"] in ("success", "failed") for r in runs) else []

    runs = wait_for(ended, 900, "the backfill does not end")
    assert [r["state"] for r in runs] == ["success"] * 5
    assert [r["end_date"] for r in runs] == sorted(r["end_date"] for r in runs)
    for number in range(12, 17):
        night.by_command(f"2026-10-{number}")
    for number in range(12, 17):
        assert night.same(f"2026-10-{number}")


@pytest.mark.night
def test_what_somebody_asks_for_by_hand(night: Night) -> None:
    """A date and some of the sources: the items of the others stand as they stood. Then a dry run."""
    name, state = night.by_hand(date="2026-12-20", sources=["dapodik-kupang"])
    tasks = night.airflow.tasks(NIGHTLY, name)
    assert state == "success", tasks
    assert tasks["source.extract rsud-naibonat: not read"] == "success"
    assert tasks["source.gates rsud-naibonat"] == "skipped"
    assert (night.office / "outbox" / "2026-12-20" / "worklist.csv").is_file()
    told = "without bpjs, rsud-naibonat"
    (text,) = [text for subject, text in night.heard.mails if told in subject]
    assert "left out of this run, which was started for others" in text

    before = night.airflow.api("GET", "assets/events")["total_entries"]
    name, state = night.by_hand(date="2026-12-21", dry_run=True)
    tasks = night.airflow.tasks(NIGHTLY, name)
    assert state == "success", tasks
    skipped = {task for task, how in tasks.items() if how == "skipped"}
    assert skipped == {f"publish.{task}" for task in ("record", "publish", "close", "deliver")}
    assert "items would be recorded and published" in night.airflow.log(NIGHTLY, name, "publish.record")
    assert not (night.office / "outbox" / "2026-12-21").exists()
    assert (night.office / "data" / "dry-run" / "items" / "run_date=2026-12-21").is_dir()
    assert night.airflow.api("GET", "assets/events")["total_entries"] == before


def test_what_is_asked_for_in_vain_is_said(night: Night) -> None:
    name, state = night.by_hand(date="2026-12-22", sources=["rsud-soe"])
    assert state == "failed"
    assert "no source called rsud-soe; expected of dukcapil" in night.airflow.log(NIGHTLY, name, "sources")


def test_a_source_and_a_recipient_that_are_gone_stop_no_other_and_everybody_hears_of_it(night: Night) -> None:
    """And what is heard, logged and passed on has nobody in it."""
    air = night.airflow
    pupils, config = (
        (night.office / name).read_text(encoding="utf-8") for name in ("siswa.csv", "padan.toml")
    )
    night.files("siswa.csv", None)
    night.files("padan.toml", f"{config}{BY_MAIL.format(port=night.heard.mail_port)}")
    try:
        name, state = night.by_hand(date="2026-10-23")
        outcome = night.by_command("2026-10-23")
    finally:
        night.files("siswa.csv", pupils)
        night.files("padan.toml", config)
    assert state == "success", air.tasks(NIGHTLY, name)
    assert outcome.exit_code == 4
    assert night.same("2026-10-23")
    told = "without dapodik-kupang"
    assert [subject for subject, _ in night.heard.mails if told in subject and "2026-10-23" in subject]
    assert [post for post in night.heard.posts if told in post["subject"] and "no such file" in post["text"]]
    assert air.tasks(NIGHTLY, name)["publish.deliver"] == "skipped"
    said = "published, but not delivered to everybody"
    mails = [text for subject, text in night.heard.mails if said in subject and name in text]
    posts = [post["text"] for post in night.heard.posts if said in post["subject"] and name in post["text"]]
    for (text,) in (mails, posts):
        assert (
            "rsud-naibonat (2026-10-23, mail to kupangkab.example): the mail server does not take mail"
            in text
        )
        assert "It goes with the next run." in text
    _metrics(night)
    _lineage(night, "2026-10-23")
    wait_for(lambda: any("is late" in subject for subject, _ in night.heard.mails), 60, "nobody was told")
    _nobody(night, name)


def _metrics(night: Night) -> None:
    patients = len((night.office / "pasien.csv").read_text(encoding="utf-8").splitlines()) - 1
    for metric in (
        rf"padan\.rows\.source\.extract\.rsud-naibonat:{patients}\|g",
        r"padan\.rows\.linkage\.diagnose\.findings:\d+\|g",
        r"padan\.seconds\.match:[\d.]+\|ms",
    ):
        assert re.search(metric, "\n".join(night.heard.metrics)), metric


def _lineage(night: Night, day: str) -> None:
    events = [json.loads(line) for line in night.lineage.read_text(encoding="utf-8").splitlines()]
    flows = {
        (event["job"]["name"], way, dataset["namespace"], dataset["name"])
        for event in events
        for way in ("inputs", "outputs")
        for dataset in event.get(way, [])
    }
    raw = str(night.office / "data" / "raw" / "dukcapil" / f"run_date={day}")
    assert ("padan_daily.source.extract", "outputs", "file", raw) in flows
    assert ("padan_daily.source.extract", "inputs", "file", str(night.office / "registry.csv")) in flows
    assert ("padan_daily.source.standardise", "inputs", "file", raw) in flows


def _nobody(night: Night, name: str) -> None:
    """No person and no secret in logs, messages, lineage, metrics, XComs and rendered fields."""
    air = night.airflow
    said = [path.read_text(encoding="utf-8", errors="replace") for path in air.home.rglob("*.log")]
    said += [night.lineage.read_text(encoding="utf-8"), str(night.heard)]
    listed = air.api("GET", f"dags/{NIGHTLY}/dagRuns/{name}/taskInstances", params={"limit": 200})
    for ti in listed["task_instances"]:
        said.append(json.dumps(ti))
        place = f"dags/{NIGHTLY}/dagRuns/{name}/taskInstances/{ti['task_id']}/xcomEntries"
        mapped = {"map_index": ti["map_index"]}
        for entry in air.api("GET", place, params=mapped)["xcom_entries"]:
            said.append(json.dumps(air.api("GET", f"{place}/{entry['key']}", params=mapped)))
    everything = "\n".join(said)
    assert "matches" in everything, "the tables' names do travel"
    keys = [
        (air.home / "secrets" / f"airflow_{k}").read_text()
        for k in ("jwt_secret", "fernet_key", "secret_key")
    ]
    for secret in (*PEOPLE, *keys, *filter(None, [make_url(night.clinic).password])):
        assert secret not in everything


def test_a_registry_cut_in_half_ends_the_run_at_once_and_people_are_told(night: Night) -> None:
    whole = (night.office / "registry.csv").read_text(encoding="utf-8")
    if not (
        night.office / "outbox" / "2026-10-23"
    ).exists():  # what is half is known by what was there before
        night.by_hand(date="2026-10-23")
    half = "".join(whole.splitlines(keepends=True)[:13])
    (night.office / "registry.csv").write_text(half, encoding="utf-8")
    try:
        name, state = night.by_hand(date="2026-10-26")
    finally:
        (night.office / "registry.csv").write_text(whole, encoding="utf-8")
    assert state == "failed"
    tasks = night.airflow.tasks(NIGHTLY, name)
    assert tasks["source.gates dukcapil"] == "failed"
    assert tasks["worklist.worklist"] == "upstream_failed"
    assert not (night.office / "outbox" / "2026-10-26").exists()
    failures = [text for subject, text in night.heard.mails if "failed at source.gates" in subject]
    assert len(failures) == 1, "tried once, told once"
    assert "gate raw: " in failures[0]
    wait_for(lambda: any("padan.gate_failed.raw:1|c" in m for m in night.heard.metrics), 10, "no metric")


def test_decisions_are_taken_in_twice_without_harm_and_purge_runs(night: Night) -> None:
    if not (night.office / "outbox" / "2026-10-23").exists():
        night.by_hand(date="2026-10-23")
    returned = night.office / "decisions"
    returned.mkdir(exist_ok=True)
    shutil.copy(night.office / "outbox" / "2026-10-23" / "worklist.xlsx", returned / "kembali.xlsx")
    for _ in range(2):
        name, state = night.by_hand("padan_decisions")
        assert state == "success"
        assert night.airflow.tasks("padan_decisions", name)["decide kembali.xlsx"] == "success"
    assert night.by_hand("padan_purge")[1] == "success"
