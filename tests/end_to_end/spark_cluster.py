"""A standalone Spark cluster of this machine alone: a master and two workers of one core, by Spark's own programs."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyspark

HOME = Path(pyspark.__file__).parent
WORKERS = 2
PATIENCE = 180.0


@dataclass(frozen=True)
class Cluster:
    """``address`` for a configuration; ``folder`` has a folder for each worker, with one for what it ran."""

    address: str
    folder: Path

    @property
    def executors(self) -> list[int]:
        """How many executors each worker has run."""
        return [len(list(self.folder.glob(f"worker-{n}/app-*/*"))) for n in range(WORKERS)]


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Started when the block begins, with all its workers; ended with it."""
    port, page = _free_port(), _free_port()
    with contextlib.ExitStack() as stack:
        host = ["--host", "127.0.0.1"]
        master = [*host, "--port", str(port), "--webui-port", str(page)]
        stack.enter_context(_running("org.apache.spark.deploy.master.Master", master, folder / "master"))
        address = f"spark://127.0.0.1:{port}"
        for n in range(WORKERS):
            own = folder / f"worker-{n}"
            share = ["--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(own)]
            worker = [*host, *share, address]
            stack.enter_context(_running("org.apache.spark.deploy.worker.Worker", worker, own))
        _wait(f"http://127.0.0.1:{page}/json/")
        yield Cluster(address, folder)


@contextlib.contextmanager
def _running(program: str, arguments: Sequence[str], folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    environment = os.environ | {"SPARK_HOME": str(HOME), "SPARK_LOCAL_DIRS": str(folder / "local")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(HOME / "bin" / "spark-class"), program, *arguments],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(page: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError, ValueError):
            if httpx.get(page, timeout=5).json()["aliveworkers"] == WORKERS:
                return
        time.sleep(0.5)
    raise TimeoutError(f"the workers did not come within {PATIENCE:.0f} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
