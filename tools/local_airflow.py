"""A real Airflow with the project's DAGs on 127.0.0.1, until Ctrl-C; afterwards no process of it is left.

The four components of ``airflow standalone``, started here one by one for two reasons: its log servers
listen on every address of the machine and only the components' own ``--skip-serve-logs`` keeps them shut,
and its children outlive it when the shell that started it ends.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
COMPONENTS: dict[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
AIRFLOW = str(Path(sys.executable).with_name("airflow"))
GRACE_SECONDS = 20.0
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def environment(home: Path, port: int, base: Mapping[str, str]) -> dict[str, str]:
    """What the components are started with: everything on loopback, metadata in ``home``.

    A variable that is set already stands, so that another metadata database or executor can be named.
    """
    defaults = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{base.get('PATH', '')}",
    }
    return {**defaults, **{k: v for k, v in base.items() if k != "PATH"}, "PATH": defaults["PATH"]}


def adopt_orphans() -> None:
    """Have every process that loses its parent become our child, so that none can get away (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_everything(grace: float = GRACE_SECONDS) -> int:
    """Ask every descendant to end, wait ``grace`` seconds, kill the rest; returns how many those were."""
    me = psutil.Process()
    for process in me.children(recursive=True):
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while (left := me.children(recursive=True)) and time.monotonic() < deadline:
        psutil.wait_procs(left, timeout=0.2)
    killed = 0
    while left := me.children(recursive=True):
        for process in left:
            killed += _signal(process, signal.SIGKILL)
        psutil.wait_procs(left, timeout=1)
    return killed


def _signal(process: psutil.Process, number: int) -> bool:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True


def healthy(port: int) -> bool:
    """Whether the API server answers that it, the scheduler and the DAG processor are well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=2) as answer:
            text = answer.read().decode()
    except (urllib.error.URLError, OSError):
        return False
    return text.count('"healthy"') >= 3  # metadatabase, scheduler, dag_processor; the triggerer may follow


def start(environ: Mapping[str, str], home: Path) -> dict[str, subprocess.Popen[bytes]]:
    """Prepare the metadata and start the four components, each with its log in ``home``."""
    subprocess.run([AIRFLOW, "db", "migrate"], env=environ, check=True, stdout=subprocess.DEVNULL)
    started = {}
    for name, command in COMPONENTS.items():
        with (home / f"{name}.log").open("ab") as log:
            # A session of its own: a Ctrl-C at the terminal is ours to pass on, in order.
            started[name] = subprocess.Popen(
                [AIRFLOW, *command],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    return started


def watch(started: Mapping[str, subprocess.Popen[bytes]], port: int, home: Path) -> str:
    """Say once when Airflow is up, then wait. Returns the name of a component that ended by itself."""
    said = False
    while True:
        for name, process in started.items():
            if process.poll() is not None:
                return name
        if not said and healthy(port):
            print(f"Airflow is up: http://127.0.0.1:{port} (Ctrl-C ends it)")
            print(f"user admin, password in {home / 'passwords.json'}", flush=True)
            said = True
        time.sleep(0.5)


def main(argv: Sequence[str] | None = None) -> int:
    """Run until a signal or until a component ends; 0 after a signal, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("airflow-home"), help="metadata, logs, password")
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args(argv)
    home = arguments.home.absolute()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    adopt_orphans()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        print(f"starting Airflow, logs in {home}", flush=True)
        ended = watch(start(environment(home, arguments.port, os.environ), home), arguments.port, home)
        print(f"{ended} ended by itself; see {home / f'{ended}.log'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("ending Airflow", flush=True)
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave children behind
        end_everything()


if __name__ == "__main__":
    sys.exit(main())
