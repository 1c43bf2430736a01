"""Gates in a process of their own: results, failures, and an end without anything left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import TracebackType

import pyarrow.parquet as pq
import pytest

from pipelines.engine import Artifact
from pipelines.errors import GateFailed, StoreError
from pipelines.quality import GATES, Gates, collect, gate
from pipelines.quality import gates as room
from pipelines.settings import Settings
from tests.quality.office import CENTRE, HOSPITAL, REGISTRY, SCHOOL, change, keep, lay, office, settings_in
from tests.quality.past import rejected_before
from tests.quality.test_gate import EVERY_GATE

pytestmark = pytest.mark.slow  # each process imports Great Expectations anew

ROOT = Path(__file__).parent.parent.parent


def children() -> set[int]:
    """The processes that this one has started and that are still there."""
    me = str(os.getpid())
    stats = (path / "stat" for path in Path("/proc").iterdir() if path.name.isdigit())
    found = set()
    for stat in stats:
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended while we looked
        if fields[1] == me and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


@pytest.fixture(scope="module", autouse=True)
def _started_as_a_run_starts_it() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "process_context", multiprocessing.get_context("spawn"))
        yield


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Artifact, Artifact]:
    """A whole run's gates in the order of a run: the settings, what it settled first, and at last."""
    settings = settings_in(tmp_path_factory.mktemp("office"))
    rejected_before(settings)
    artifacts = lay(office(), settings)
    with Gates(settings) as gates:
        for stage, name, table in EVERY_GATE:
            if stage != "items":
                gates.start(stage, name, artifacts[table])
        first = gates.settle()
        gates.start("items", "items", artifacts["items"])
        last = gates.settle()
    return settings, first, last


def test_all_results_of_a_run_are_one_table(passed: tuple[Settings, Artifact, Artifact]) -> None:
    settings, first, last = passed
    rows = pq.read_table(last.file).to_pylist()
    assert pq.read_schema(last.file).equals(GATES)
    assert last.path == str(settings.folder("gates"))
    assert first.rows < last.rows == len(rows)
    assert {(row["gate"], row["table_name"]) for row in rows} == {
        *(
            (stage, f"{stage}/{name}")
            for stage in ("raw", "records")
            for name in (REGISTRY, HOSPITAL, SCHOOL)
        ),
        ("raw", f"raw/{CENTRE}"),
        ("records", f"verdicts/{CENTRE}"),
        ("findings", "findings"),
        ("items", "items"),
    }
    assert all(row["success"] for row in rows)


def test_results_are_ordered_by_gate_table_and_expectation(
    passed: tuple[Settings, Artifact, Artifact],
) -> None:
    rows = pq.read_table(passed[2].file).to_pylist()
    keys = [(row["gate"], row["table_name"], row["expectation"]) for row in rows]
    assert keys == sorted(set(keys))


def test_the_other_process_finds_what_this_one_finds(
    passed: tuple[Settings, Artifact, Artifact], tmp_path: Path
) -> None:
    _, _, last = passed
    here = settings_in(tmp_path)
    rejected_before(here)
    artifacts = lay(office(), here)
    results = [gate(stage, name, artifacts[table], here) for stage, name, table in reversed(EVERY_GATE)]
    assert collect(results, here).sha256 == last.sha256


def test_no_gate_is_no_result(settings: Settings) -> None:
    assert collect([], settings).rows == 0


@pytest.fixture(scope="module")
def spoiled(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Settings, dict[str, Artifact], Gates]]:
    """An office with faults, and a process that stands ready to be asked about it."""
    settings = settings_in(tmp_path_factory.mktemp("spoiled"))
    tables = office()
    keep(tables, f"records/{HOSPITAL}", 2)
    change(tables, f"records/{SCHOOL}", 0, sex="X")
    artifacts = lay(tables, settings)
    with Gates(settings) as gates:
        yield settings, artifacts, gates


Spoiled = tuple[Settings, dict[str, Artifact], Gates]


def test_the_first_failure_in_the_order_of_sources_is_told_and_all_are_written(spoiled: Spoiled) -> None:
    """They come side by side, so that today's first may be tomorrow's second."""
    settings, artifacts, gates = spoiled
    gates.start("raw", REGISTRY, artifacts[f"raw/{REGISTRY}"])
    gates.start("records", SCHOOL, artifacts[f"records/{SCHOOL}"])
    gates.start("records", HOSPITAL, artifacts[f"records/{HOSPITAL}"])
    with pytest.raises(GateFailed, match=r"^gate records: records/rsud-naibonat: rows_accounted: saw 2"):
        gates.settle()
    assert (settings.folder(f"gates/records/{SCHOOL}") / "part-0.parquet").is_file()


def test_a_gate_that_cannot_be_asked_is_not_passed_and_the_next_one_is_asked(spoiled: Spoiled) -> None:
    settings, artifacts, gates = spoiled
    (settings.folder(f"quarantine/standardise/{REGISTRY}") / "part-0.parquet").unlink()
    gates.start("records", REGISTRY, artifacts[f"records/{REGISTRY}"])
    gates.start("raw", SCHOOL, artifacts[f"raw/{SCHOOL}"])
    line = r"^gate records: dukcapil: not checked: FileNotFoundError: no quarantine table at "
    with pytest.raises(GateFailed, match=line) as failed:
        gates.settle()
    assert "Traceback" in failed.value.__notes__[0]  # for --debug
    assert (settings.folder(f"gates/raw/{SCHOOL}") / "part-0.parquet").is_file()


def test_a_number_in_a_failure_is_masked(spoiled: Spoiled, tmp_path: Path) -> None:
    _, artifacts, gates = spoiled
    gates.start("raw", HOSPITAL, Artifact(str(tmp_path / "5301049988776655"), 4, artifacts["items"].sha256))
    with pytest.raises(GateFailed) as failed:
        gates.settle()
    assert "5301********6655" in str(failed.value)
    assert "5301049988776655" not in str(failed.value)


def test_a_store_that_cannot_be_reached_is_told_as_such(settings: Settings) -> None:
    artifacts = lay(office(), settings)
    nowhere = settings.model_copy(update={"store": "postgresql+psycopg://padan@127.0.0.1:1/padan"})
    with Gates(nowhere) as gates:
        gates.start("raw", REGISTRY, artifacts[f"raw/{REGISTRY}"])
        with pytest.raises(StoreError, match="cannot be reached"):
            gates.settle()


def test_an_error_elsewhere_ends_the_process_too(settings: Settings) -> None:
    artifacts = lay(office(), settings)
    before = children()
    with pytest.raises(ZeroDivisionError), Gates(settings) as gates:  # noqa: PT012
        gates.start("raw", HOSPITAL, artifacts[f"raw/{HOSPITAL}"])
        assert len(children() - before) >= 1
        raise ZeroDivisionError
    assert children() <= before | resource_trackers()


def resource_trackers() -> set[int]:
    """Python's own helper, which it keeps for the next process."""
    from multiprocessing import resource_tracker

    pid = getattr(resource_tracker._resource_tracker, "_pid", None)
    return {pid} if pid else set()


def test_a_process_that_is_killed_is_a_gate_not_passed(settings: Settings) -> None:
    artifacts = lay(office(), settings)
    before = children()
    with Gates(settings) as gates:
        (process,) = children() - before - resource_trackers()
        os.kill(process, signal.SIGKILL)
        gates.start("raw", HOSPITAL, artifacts[f"raw/{HOSPITAL}"])
        line = r"^gate raw: rsud-naibonat: not checked, its process ended \(exit code -9\)$"
        with pytest.raises(GateFailed, match=line):
            gates.settle()


def test_the_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    """Even where that one is killed and can say nothing: the end of the pipe is enough."""
    code = textwrap.dedent(
        """
        import os, pathlib, sys, time
        from pipelines.quality import Gates
        from tests.quality.office import settings_in
        if __name__ == "__main__":
            with Gates(settings_in(pathlib.Path(sys.argv[1]))) as gates:
                print(gates._process.pid, flush=True)
                time.sleep(600)
        """
    )
    script = tmp_path / "run.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, script, tmp_path], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        parent.kill()
    wait_until_gone(process)


def wait_until_gone(process: int) -> None:
    """Return when a process has ended; the test's own limit ends a wait for nothing."""
    while (
        Path(f"/proc/{process}").exists() and "Z" not in Path(f"/proc/{process}/stat").read_text().split()[2]
    ):
        time.sleep(0.1)


def test_an_interrupt_leaves_nothing_half_written(settings: Settings) -> None:
    """What an interrupt at the keyboard does: both get it, this one leaves the block, the other is ended."""
    artifacts = lay(office(), settings)
    with pytest.raises(KeyboardInterrupt), Gates(settings) as gates:  # noqa: PT012
        for _ in range(20):
            gates.start("records", HOSPITAL, artifacts[f"records/{HOSPITAL}"])
        gates.start("raw", HOSPITAL, artifacts[f"raw/{HOSPITAL}"])
        gates._answer(("records", HOSPITAL, artifacts[f"records/{HOSPITAL}"]))  # now it is at work
        raise KeyboardInterrupt
    left = [path.name for path in settings.folder(f"gates/records/{HOSPITAL}").parent.iterdir()]
    assert left == [f"run_date={date(2026, 11, 24)}"]


def test_gates_are_ready_at_once() -> None:
    """Entering the block imports nothing here: other stages work while the other process does."""
    code = "import sys, pipelines.quality; print({'great_expectations', 'pandas'} & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "set()"


def test_leaving_before_anything_was_asked(settings: Settings) -> None:
    none: tuple[type[BaseException] | None, BaseException | None, TracebackType | None] = (None, None, None)
    gates = Gates(settings).__enter__()
    gates.__exit__(*none)
    assert not settings.folder("gates").exists()
