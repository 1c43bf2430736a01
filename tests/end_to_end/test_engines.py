"""DuckDB and Spark read the same files and come to the same tables, row by row, to the last bit of a probability.

The same for 100,000 people is `python -m bench.engines`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.engines import same
from pipelines.engine import PART
from pipelines.sample import demo_config, draw

pytestmark = pytest.mark.slow

pytest.importorskip("pyspark", reason="the extra of Spark is not installed")

DAY = "2026-11-24"
PEOPLE = 1_500
EVERYWHERE = {
    *(f"records/{name}" for name in ("dukcapil", "rsud-naibonat", "dapodik-kupang")),
    *(f"quarantine/standardise/{name}" for name in ("dukcapil", "rsud-naibonat", "dapodik-kupang", "bpjs")),
    "verdicts/bpjs",
    "matches",
    "findings",
    "items",
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    draw(folder, PEOPLE, 7, "ordinary")
    return folder


def office(folder: Path, sources: Path, *settings: str, spark: str = "") -> Path:
    """An office of its own with the same sources, run once by the command; its folder."""
    text = demo_config(str(sources)).replace('language = "id"', "\n".join(['language = "id"', *settings]))
    (folder / "padan.toml").write_text(f"{text}\n{spark}", encoding="utf-8")
    program = Path(sys.executable).with_name("padan")
    command = [program, "run", "--config", folder / "padan.toml", "--date", DAY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Path:
    """The run on DuckDB that the others are held to."""
    return office(tmp_path_factory.mktemp("duckdb"), sources)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Path:
    """The run on Spark, within one process."""
    spark = '[spark]\nmaster = "local[2]"'
    return office(tmp_path_factory.mktemp("spark"), sources, 'engine = "spark"', spark=spark)


def part(office: Path, table: str) -> Path:
    return office / "data" / table / f"run_date={DAY}" / PART


def strange(one: Path, other: Path) -> list[str]:
    """The tables of which not every row is the same in the same place."""
    return [t for t in sorted(EVERYWHERE) if not same(part(one, t), part(other, t))]


def test_every_table_is_the_same_row_by_row(beside: Path, local: Path) -> None:
    assert pq.read_metadata(part(beside, "findings")).num_rows > 100
    assert strange(beside, local) == []


def test_what_was_learned_is_the_same(beside: Path, local: Path) -> None:
    model, other = (part(o, "matches").with_name("model.json").read_text() for o in (beside, local))
    assert model == other


def test_what_is_published_is_the_same(beside: Path, local: Path) -> None:
    worklist, other = (o / "outbox" / DAY / "worklist.csv" for o in (beside, local))
    assert worklist.read_bytes() == other.read_bytes()


def test_nothing_is_left_behind_and_nobody_else_can_look(local: Path) -> None:
    """Scratch tables hold the whole population."""
    spark = local / "data" / ".tmp" / "spark"
    assert not list(spark.rglob("*.parquet"))
    assert spark.stat().st_mode & 0o777 == 0o700
    assert not {oct(p.stat().st_mode) for p in (local / "data").rglob(PART) if p.stat().st_mode & 0o077}


def test_two_executors_of_a_cluster_come_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, sources: Path, beside: Path
) -> None:
    from tests.end_to_end.spark_cluster import cluster

    with cluster(tmp_path_factory.mktemp("cluster")) as found:
        spark = f"""
            [spark]
            master = "{found.address}"
            [spark.conf]
            "spark.driver.host" = "127.0.0.1"
            "spark.driver.bindAddress" = "127.0.0.1"
            "spark.executor.memory" = "700m"
            "spark.executor.cores" = "1"
            "spark.sql.shuffle.partitions" = "4"
        """
        there = office(tmp_path_factory.mktemp("on-cluster"), sources, 'engine = "spark"', spark=spark)
        assert found.executors == [1, 1]
    assert strange(beside, there) == []
