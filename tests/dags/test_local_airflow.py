"""`make airflow`: a real Airflow that listens on loopback only and of which nothing is left afterwards."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import httpx
import psutil
import pytest

ROOT = Path(__file__).parent.parent.parent
TOOL = ROOT / "tools" / "local_airflow.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = spec_from_file_location("local_airflow", TOOL)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_everything_is_on_loopback_and_in_its_own_home(tool: ModuleType, tmp_path: Path) -> None:
    env = tool.environment(tmp_path, 8123, {"PATH": "/usr/bin"})
    assert env["AIRFLOW_HOME"] == str(tmp_path)
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert env["AIRFLOW__CORE__DAGS_FOLDER"] == str(ROOT / "dags")
    assert env["PATH"].startswith(str(Path(sys.executable).parent))


def test_what_is_set_already_stands(tool: ModuleType, tmp_path: Path) -> None:
    metadata = "postgresql+psycopg2://postgres@127.0.0.1/airflow"
    env = tool.environment(tmp_path, 8123, {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata})
    assert env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == metadata


def test_secrets_are_new_each_time(tool: ModuleType, tmp_path: Path) -> None:
    one, two = (tool.environment(tmp_path, 1, {}) for _ in range(2))
    for name in ("AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"):
        assert one[name] != two[name]


STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if sys.argv[1] == "parent":  # a grandchild in a session of its own, whose parent then goes away
    subprocess.Popen([sys.executable, __file__, "child"], start_new_session=True)
else:
    time.sleep(600)
"""


def test_orphans_and_the_deaf_are_ended_too(tmp_path: Path) -> None:
    stubborn = tmp_path / "stubborn.py"
    stubborn.write_text(STUBBORN, encoding="utf-8")
    code = f"""
import subprocess, sys, time
sys.path.insert(0, {str(TOOL.parent)!r})
import local_airflow, psutil
local_airflow.adopt_orphans()
subprocess.run([sys.executable, {str(stubborn)!r}, "parent"])
(orphan,) = psutil.Process().children()
time.sleep(0.5)  # until it no longer listens to SIGTERM
print(local_airflow.end_everything(grace=0.5), psutil.pid_exists(orphan.pid))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["1", "False"], done.stderr


def left_of(home: Path) -> list[str]:
    """Processes that were started with this home, by their command lines."""
    left = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("AIRFLOW_HOME") == str(home):
                left.append(" ".join(process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return left


def wait_for(what: Callable[[], object], seconds: float) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def signed_in(port: int, home: Path) -> httpx.Client:
    """A client of the API as the one user that there is."""
    password = json.loads((home / "passwords.json").read_text())["admin"]
    base = f"http://127.0.0.1:{port}"
    answer = httpx.post(f"{base}/auth/token", json={"username": "admin", "password": password}, timeout=60)
    token = answer.raise_for_status().json()["access_token"]
    return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60)


@pytest.mark.slow
def test_it_runs_a_dag_on_loopback_only_and_ends_without_a_trace(
    tool: ModuleType, tmp_path: Path, kupang: Path
) -> None:
    port, home = free_port(), tmp_path / "home"
    env = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")} | {"PADAN_CONFIG": str(kupang)}
    running = subprocess.Popen(
        [sys.executable, TOOL, "--home", home, "--port", str(port)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert wait_for(lambda: tool.healthy(port) or running.poll() is not None, 180)
        listening = [
            connection.laddr
            for process in psutil.Process(running.pid).children(recursive=True)
            for connection in process.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert {address.ip for address in listening} == {"127.0.0.1"}
        assert port in {address.port for address in listening}
        assert left_of(home)

        with signed_in(port, home) as api:
            purge = "/api/v2/dags/padan_purge"
            assert wait_for(lambda: api.patch(purge, json={"is_paused": False}).is_success, 120)
            run = api.post(f"{purge}/dagRuns", json={"logical_date": None}).raise_for_status().json()
            state = f"{purge}/dagRuns/{run['dag_run_id']}"
            assert wait_for(lambda: api.get(state).json()["state"] in ("success", "failed"), 300)
            assert api.get(state).json()["state"] == "success"
    finally:
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert f"Airflow is up: http://127.0.0.1:{port}" in out
    assert left_of(home) == []


@pytest.mark.slow
def test_a_component_that_cannot_start_ends_the_rest(tmp_path: Path) -> None:
    """The port is taken: the API server gives up, and so does everything else."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, TOOL, "--home", tmp_path / "home", "--port", str(taken.getsockname()[1])],
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 1
    assert "api-server ended by itself" in done.stderr
    assert left_of(tmp_path / "home") == []
