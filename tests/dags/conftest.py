"""A real Airflow for the tests of the DAGs: its own home, its own SQLite, no network."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent

Airflow = Callable[..., subprocess.CompletedProcess[str]]


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "PADAN"))}
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{kept.get('PATH', '')}",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Runs one `airflow` command to its end; `config=` is the office it is for."""
    home = tmp_path_factory.mktemp("airflow")
    subprocess.run([BIN / "airflow", "db", "migrate"], env=environment(home), check=True, capture_output=True)

    def run(*command: str, config: Path | None = None) -> subprocess.CompletedProcess[str]:
        env = environment(home) | ({"PADAN_CONFIG": str(config)} if config else {})
        return subprocess.run([BIN / "airflow", *command], env=env, capture_output=True, text=True)

    return run
