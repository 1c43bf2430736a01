"""The components of `docker-compose.yml`, started without Docker: its commands, its environment, on loopback.

Where the file names a container, a volume or a secret, there stands here this machine, a folder of the test's
and a file in it. Nothing else of it is changed, so that what is tested is what is deployed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml
from sqlalchemy import make_url

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")

HERE = {
    # For this machine and for a test's patience; what each does is Airflow's own affair.
    "AIRFLOW__API__HOST": "127.0.0.1",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),  # as the Dockerfile says, in the image
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__PARALLELISM": "3",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "3",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
}


def wait_for(what: Callable[[], Any], seconds: float, why: str) -> Any:
    """What it gives once that is true; fails with ``why`` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, why
        time.sleep(0.5)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def signed_in(port: int, passwords: Path) -> httpx.Client:
    """A client of the API as the one user that there is."""
    login = {"username": "admin", "password": json.loads(passwords.read_text())["admin"]}
    base = f"http://127.0.0.1:{port}"
    token = httpx.post(f"{base}/auth/token", json=login, timeout=60).raise_for_status().json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    return httpx.Client(base_url=base, headers=headers, timeout=60)


def started_with(home: Path) -> list[psutil.Process]:
    """Every process that was started with this home."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("AIRFLOW_HOME") == str(home):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


@dataclass
class Airflow:
    """A running Airflow, asked by its API."""

    home: Path
    environment: dict[str, str]
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One `airflow` command in the components' environment."""
        return subprocess.run(words, env=self.environment, capture_output=True, text=True)

    def start(self, name: str) -> None:
        """One component, by its command in the compose file."""
        words = shlex.split(SERVICES[name]["command"])
        if name in ("scheduler", "triggerer"):
            words.append("--skip-serve-logs")  # it would listen on every address of the machine
        if name == "api-server":
            words += ["--port", str(self.port)]
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                words, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """A component and all that it started, at once and without a word (-9)."""
        parent = psutil.Process(self.processes[name].pid)
        for process in [parent, *parent.children(recursive=True)]:
            process.kill()
        self.processes.pop(name).wait()

    def of_ours(self) -> list[psutil.Process]:
        """Every process that is a component or came of one, or was started with this home.

        Neither is enough: a component that gives itself a title writes over its environment, and what it started
        may have lost its parent.
        """
        found = []
        for popen in self.processes.values():
            try:
                parent = psutil.Process(popen.pid)
                found += [parent, *parent.children(recursive=True)]
            except psutil.NoSuchProcess:
                continue
        return found + started_with(self.home)

    def stop(self) -> None:
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            ours = self.of_ours()
            for process in ours:
                try:
                    process.send_signal(number)
                except psutil.NoSuchProcess:
                    continue
            psutil.wait_procs(ours, timeout=patience)
        for popen in self.processes.values():
            popen.wait()

    def api(self, method: str, path: str, **values: Any) -> Any:
        """One request; the answer's JSON."""
        answer = self._client.request(method, f"/api/v2/{path}", **values)
        assert answer.is_success, f"{path}: {answer.text[:500]}"
        return answer.json() if answer.content else None

    @property
    def _client(self) -> httpx.Client:
        if "client" not in self.__dict__:
            self.__dict__["client"] = signed_in(self.port, self.home / "auth" / "passwords.json")
        return self.__dict__["client"]

    def healthy(self) -> bool:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/api/v2/monitor/health", timeout=2).json()
        except (httpx.HTTPError, ValueError):
            return False
        return all(part["status"] == "healthy" for part in answer.values())

    def trigger(self, dag: str, **conf: Any) -> str:
        """Start a run by hand; its id."""
        body = {"logical_date": None, "conf": conf}
        return str(self.api("POST", f"dags/{dag}/dagRuns", json=body)["dag_run_id"])

    def ended(self, dag: str, run: str, seconds: float = 300) -> str:
        """Wait for a run's end; its state."""

        def state() -> str | None:
            found = self.api("GET", f"dags/{dag}/dagRuns/{run}")["state"]
            return found if found in ("success", "failed") else None

        return str(wait_for(state, seconds, f"{run} does not end: {self.tasks(dag, run)}"))

    def tasks(self, dag: str, run: str) -> dict[str, str]:
        """The state of each task of a run; a mapped one with what it is called on the page."""
        found = self.api("GET", f"dags/{dag}/dagRuns/{run}/taskInstances", params={"limit": 200})
        return {
            f"{ti['task_id']} {ti.get('rendered_map_index') or ''}".strip(): ti["state"]
            for ti in found["task_instances"]
        }

    def log(self, dag: str, run: str, task: str) -> str:
        """What the tries of a task that is not mapped said."""
        parts = self.home.glob(f"logs/dag_id={dag}/run_id={run}/task_id={task}/**/*.log")
        return "".join(part.read_text() for part in sorted(parts))


def environment(home: Path, office: Path, metadata: str, store: str, port: int) -> dict[str, str]:
    """That of the compose file's `scheduler`, led to this machine."""
    (home / "deploy").mkdir()
    subprocess.run(["sh", shutil.copy(ROOT / "deploy" / "secrets.sh", home / "deploy")], check=True)
    secrets = home / "secrets"
    url = make_url(metadata).set(drivername="postgresql+psycopg2")
    (secrets / "airflow_db_address").write_text(url.render_as_string(hide_password=False))
    (secrets / "padan_db_address").write_text(store)
    here = {
        "/run/secrets": str(secrets),
        "/opt/airflow": str(home),
        "/srv/padan/padan.toml": str(office / "padan.toml"),
        "api-server:8080": f"127.0.0.1:{port}",
        "localhost:8080": f"127.0.0.1:{port}",
    }
    found = {}
    for key, value in SERVICES["scheduler"]["environment"].items():
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value))
        for theirs, ours in here.items():
            text = text.replace(theirs, ours)
        found[key] = text
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "PADAN", "PYTHONDONT"))}
    path = f"{BIN}{os.pathsep}{kept.get('PATH', '')}"
    own = {"PATH": path, "AIRFLOW_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return {**kept, **HERE, **found, **own}


@contextmanager
def airflow(
    home: Path, office: Path, metadata: str, store: str, more: dict[str, str] | None = None
) -> Iterator[Airflow]:
    """All components, well; at the end none of their processes is left."""
    port = free_port()
    home.mkdir(parents=True, exist_ok=True)
    (home / "auth").mkdir(mode=0o700)
    running = Airflow(home, environment(home, office, metadata, store, port) | (more or {}), port)
    try:
        prepared = running.command(*shlex.split(SERVICES["airflow-init"]["command"]))
        assert prepared.returncode == 0, prepared.stderr[-3000:]
        for name in COMPONENTS:
            running.start(name)
        wait_for(running.healthy, 180, f"Airflow does not come up; logs in {home}")
        yield running
    finally:
        running.stop()
