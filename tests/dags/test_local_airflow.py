"""`make airflow`: a real Airflow that listens on loopback only and of which nothing is left afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.dags.server import ROOT, free_port, signed_in, started_with, wait_for
from tools import local_airflow

TOOL = Path(local_airflow.__file__)


def test_everything_is_on_loopback_and_in_its_own_home(tmp_path: Path) -> None:
    env = local_airflow.environment(tmp_path, 8123, {"PATH": "/usr/bin"})
    assert env["AIRFLOW_HOME"] == str(tmp_path)
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert env["AIRFLOW__CORE__DAGS_FOLDER"] == str(ROOT / "dags")
    assert env["PATH"].startswith(str(Path(sys.executable).parent))


def test_what_is_set_already_stands(tmp_path: Path) -> None:
    metadata = "postgresql+psycopg2://postgres@127.0.0.1/airflow"
    env = local_airflow.environment(tmp_path, 8123, {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata})
    assert env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == metadata


def test_secrets_are_new_each_time(tmp_path: Path) -> None:
    one, two = (local_airflow.environment(tmp_path, 1, {}) for _ in range(2))
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


@pytest.mark.slow
def test_it_runs_a_dag_on_loopback_only_and_ends_without_a_trace(tmp_path: Path, kupang: Path) -> None:
    port, home = free_port(), tmp_path / "home"
    env = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")} | {"PADAN_CONFIG": str(kupang)}
    running = subprocess.Popen(
        [sys.executable, TOOL, "--home", home, "--port", str(port)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(
            lambda: local_airflow.healthy(port) or running.poll() is not None, 180, "it does not come up"
        )
        listening = [
            connection.laddr
            for process in psutil.Process(running.pid).children(recursive=True)
            for connection in process.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert {address.ip for address in listening} == {"127.0.0.1"}
        assert port in {address.port for address in listening}
        assert started_with(home)

        with signed_in(port, home / "passwords.json") as api:
            purge = "/api/v2/dags/padan_purge"
            wait_for(lambda: api.patch(purge, json={"is_paused": False}).is_success, 120, "no such DAG")
            run = api.post(f"{purge}/dagRuns", json={"logical_date": None}).raise_for_status().json()
            state = f"{purge}/dagRuns/{run['dag_run_id']}"
            wait_for(lambda: api.get(state).json()["state"] in ("success", "failed"), 300, "it does not end")
            assert api.get(state).json()["state"] == "success"
    finally:
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert f"Airflow is up: http://127.0.0.1:{port}" in out
    assert started_with(home) == []


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
    assert started_with(tmp_path / "home") == []
