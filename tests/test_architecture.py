"""The rules between the rooms, and what must not happen when something is only imported."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DAGS = sorted(p for p in (ROOT / "dags").glob("*.py") if p.stem != "padan_office")

HEAVY = ("airflow", "great_expectations", "pandas", "rapidfuzz", "xlsxwriter", "openpyxl", "rich", "alembic")


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_room_imports_another() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_a_broken_rule_would_be_noticed(tmp_path: Path) -> None:
    """The contracts hold because they bite: the same ones, on a copy in which one stage knows another."""
    for name in ("pyproject.toml",):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    for source in (ROOT / "pipelines").rglob("*.py"):
        target = tmp_path / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    with (tmp_path / "pipelines" / "diagnose" / "__init__.py").open("a") as handle:
        handle.write("\nfrom pipelines import match\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "pipelines.diagnose -> pipelines.match" in done.stdout


def test_the_command_starts_without_heavy_packages() -> None:
    loaded = json.loads(python("import pipelines.cli, sys, json; print(json.dumps(sorted(sys.modules)))"))
    assert not [name for name in HEAVY if name in loaded]


@pytest.mark.parametrize("file", DAGS, ids=lambda f: f.stem)
def test_a_dag_imports_airflow_and_the_package_and_nothing_else(file: Path) -> None:
    allowed = {*sys.stdlib_module_names, "airflow", "pendulum", "pipelines", "padan_office"}
    for node in ast.walk(ast.parse(file.read_text())):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        assert {name.partition(".")[0] for name in names} <= allowed


GUARD = """
import builtins, socket, sqlite3, subprocess, sys
import pendulum
from airflow.sdk import Asset, CronTriggerTimetable, Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

@task  # what Airflow does on its own when it is first used is not the DAG's
def warm(x): ...
@dag(schedule=CronTriggerTimetable("0 1 * * *", timezone="Asia/Makassar"), params={{"p": Param("x")}})
def other(): warm.partial().expand(x=[1])
other()
sys.path.insert(0, {folder!r})
def forbidden(*args, **kwargs):
    raise AssertionError("a DAG file did I/O while being imported")
def code_only(file, mode="r", *args, **kwargs):
    if "r" in mode and str(file).endswith((".py", ".pyc", ".toml", ".pth")) or isinstance(file, int):
        return opened(file, mode, *args, **kwargs)
    raise AssertionError(f"a DAG file opened {{file}} while being imported")
opened, builtins.open = builtins.open, code_only
socket.socket.connect = sqlite3.connect = subprocess.Popen = forbidden
before = set(sys.modules)
import {module}
print(*sorted(m for m in set(sys.modules) - before if "." not in m))
"""


@pytest.mark.parametrize("file", DAGS, ids=lambda f: f.stem)
def test_importing_a_dag_does_nothing(file: Path) -> None:
    """No file, socket, database or process, and none of the packages that a stage works with."""
    loaded = python(GUARD.format(folder=str(file.parent), module=file.stem)).split()
    assert not {"great_expectations", "pandas", "duckdb", "pyarrow", "rapidfuzz", "sqlalchemy"} & set(loaded)


def test_there_are_the_dags_of_the_contract() -> None:
    assert [file.stem for file in DAGS] == ["padan_daily", "padan_decisions", "padan_purge"]
