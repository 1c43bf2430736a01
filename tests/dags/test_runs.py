"""The DAGs by `airflow dags test`, which runs every task as the scheduler would, one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.dags.conftest import Airflow

pytestmark = pytest.mark.slow

DAY = "2026-11-24"


def test_a_missing_configuration_is_one_clear_failure(tmp_path: Path, airflow: Airflow) -> None:
    done = airflow("dags", "test", "padan_daily", DAY, config=tmp_path / "padan.toml")
    assert done.returncode != 0
    assert "no such file; name one with --config or PADAN_CONFIG" in done.stdout + done.stderr


def test_no_returned_worklist_is_no_failure(kupang: Path, airflow: Airflow) -> None:
    done = airflow("dags", "test", "padan_decisions", DAY, config=kupang)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
