"""What tests of every room share: a small office to work in, and no settings of the tester's own."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pipelines.quality import gates

os.environ["GX_ANALYTICS_ENABLED"] = "False"

# Airflow writes a configuration into its home as soon as it is imported: not into the tester's.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="padan-airflow-")
atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)

KUPANG = Path(__file__).parent / "end_to_end" / "data" / "kupang"


# A run's gates are asked in a process of their own, which needs longer for its imports than a small office's run takes.
# Where a test is not about that process, it is a fork of one that has done them.
multiprocessing.set_forkserver_preload(["tests.at_hand"])
gates.process_context = multiprocessing.get_context("forkserver")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration named in the tester's shell must not be the one under test."""
    monkeypatch.delenv("PADAN_CONFIG", raising=False)


@pytest.fixture
def kupang(tmp_path: Path) -> Path:
    """The configuration of a small office: hand-written files in which every cause occurs once."""
    return Path(shutil.copytree(KUPANG, tmp_path / "kupang")) / "padan.toml"


def _nothing_is_skipped(report: Any) -> Any:
    """Where PADAN_REQUIRE_ALL is set (by `.ci/run`), what is skipped for want of something has failed."""
    if os.environ.get("PADAN_REQUIRE_ALL") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    return _nothing_is_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    return _nothing_is_skipped((yield))
