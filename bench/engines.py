"""DuckDB against Spark on one population: the same tables, row by row, and what each engine takes for them.

    python -m bench.engines --people 100000 --master local[2]

Each engine extracts, standardises, matches and diagnoses in a process of its own. Bytes are counted by Spark's own
event log: what its tasks read, shuffled and wrote in each stage. The figures also go to bench-out/engines-….json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.measure import OUT, ROOT, circumstances
from bench.population import Population
from bench.tables import table

ENGINES = ("duckdb", "spark")
MIB = 2**20
COUNTED = {
    "read": ("Input Metrics", "Bytes Read"),
    "shuffled": ("Shuffle Write Metrics", "Shuffle Bytes Written"),
    "records": ("Shuffle Write Metrics", "Shuffle Records Written"),
    "written": ("Output Metrics", "Bytes Written"),
    "cpu_ns": ("Executor CPU Time",),
    "ran_ms": ("Executor Run Time",),
    "spilled": ("Disk Bytes Spilled",),
}
"""What is summed over the tasks of each stage, and where a task's metrics have it."""


def config(office: Path, engine: str, master: str) -> Path:
    """The office's configuration for this engine, its tables apart from the other's."""
    text = (office / "padan.toml").read_text(encoding="utf-8")
    own = text.replace("[padan]\n", f'[padan]\nengine = "{engine}"\n').replace('"data" ', f'"data-{engine}" ')
    log = office / f"events-{engine}"
    log.mkdir(exist_ok=True)
    spark = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": log.as_uri(),
        "spark.eventLog.compress": "false",
    }
    if master.startswith("spark://127."):
        spark |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    lines = "\n".join(f'"{key}" = "{value}"' for key, value in spark.items())
    path = office / f"padan-{engine}.toml"
    path.write_text(f'{own}\n[spark]\nmaster = "{master}"\n[spark.conf]\n{lines}\n', encoding="utf-8")
    return path


def run(path: Path) -> dict[str, Any]:
    """The four stages as this configuration has them: seconds and rows of each, in this process."""
    from bench.padan import DAY
    from pipelines.diagnose import diagnose
    from pipelines.extract import extract
    from pipelines.match import match
    from pipelines.settings import load_settings
    from pipelines.standardise import standardise

    settings = load_settings(path, DAY)
    seconds: dict[str, float] = defaultdict(float)
    if settings.engine == "spark":
        from pipelines.engine.spark import session

        started = time.monotonic()
        session(settings)
        seconds["start"] = time.monotonic() - started
    made, rows = {}, {}
    for source in settings.everyone:
        started = time.monotonic()
        raw = extract(source, settings)
        read = time.monotonic()
        made[source.name] = standardise(raw, source, settings)
        seconds["extract"] += read - started
        seconds["standardise"] += time.monotonic() - read
        rows[f"records/{source.name}"] = made[source.name].rows
    registry, agencies = made[settings.registry.name], [made[s.name] for s in settings.sources]
    started = time.monotonic()
    matches = match(registry, agencies, settings)
    matched = time.monotonic()
    findings = diagnose(matches, registry, agencies, [made[s.name] for s in settings.verdicts], settings)
    seconds["match"], seconds["diagnose"] = matched - started, time.monotonic() - matched
    rows |= {"matches": matches.rows, "findings": findings.rows}
    return {"seconds": {k: round(v, 1) for k, v in seconds.items()}, "rows": rows}


def counted(lines: Iterable[str]) -> dict[str, dict[str, int]]:
    """What an event log's tasks took, summed by what their jobs are called."""
    called: dict[int, str] = {}
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for line in lines:
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            name = event.get("Properties", {}).get("spark.job.description", "other")
            called |= dict.fromkeys(event["Stage IDs"], name)
        elif event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
            of = sums[called.get(event["Stage ID"], "other")]
            for key, path in COUNTED.items():
                value = event["Task Metrics"]
                for part in path:
                    value = value[part]
                of[key] += value
    return {name: dict(of) for name, of in sums.items()}


def by_stage(jobs: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """The same by stage: what stands before the colon."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for name, of in jobs.items():
        for key, value in of.items():
            sums[name.partition(":")[0]][key] += value
    return {name: dict(of) for name, of in sums.items()}


def _events(folder: Path) -> Iterator[str]:
    for path in sorted(path for path in folder.rglob("events_*") if path.is_file()):
        yield from path.read_text(encoding="utf-8").splitlines()


def differences(office: Path) -> list[str]:
    """The tables of which not every row is the same in the same place, of all that both engines wrote."""
    one, other = (office / f"data-{engine}" for engine in ENGINES)
    kinds = ("records/*", "verdicts/*", "quarantine/standardise/*", "matches", "findings")
    parts = [
        p.relative_to(one) for kind in kinds for p in sorted(one.glob(f"{kind}/run_date=*/part-0.parquet"))
    ]
    return [str(part.parent.parent) for part in parts if not same(one / part, other / part)]


def same(one: Path, other: Path) -> bool:
    """Whether two Parquet files hold the same rows in the same order, each value to its last bit.

    Which columns are marked as holding no null is no value: an engine marks those of which it happens to know it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [pq.read_table(path) for path in (one, other)]
    first, second = (pa.table({name: table[name] for name in table.column_names}) for table in tables)
    return bool(first.equals(second))


def main(arguments: list[str] | None = None) -> int:
    """Run both, compare, print; 1 where the tables differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument(
        "--run", type=Path, help="run one configuration in this process and print its figures"
    )
    given = parser.parse_args(arguments)
    if given.run:
        print(json.dumps(run(given.run)))
        return 0
    said = circumstances()
    population = Population(given.people, given.seed, "ordinary").drawn()
    office, figures = population.folder, {}
    for engine in ENGINES:
        command = [sys.executable, "-m", "bench.engines", "--run", str(config(office, engine, given.master))]
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr[-4000:], file=sys.stderr)
            return 1
        figures[engine] = json.loads(done.stdout.splitlines()[-1]) | {
            "wall": round(time.monotonic() - started, 1)
        }
    jobs = counted(_events(office / "events-spark"))
    differ = differences(office)
    print(f"{said}\n\n{_told(figures, by_stage(jobs))}\n")
    print(f"different: {', '.join(differ)}" if differ else "every table is the same, row by row")
    result = {"master": given.master, "engines": figures, "jobs": jobs, "differ": differ}
    (OUT / f"engines-{population.name}.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 1 if differ else 0


def _told(figures: Mapping[str, Any], stages: Mapping[str, Mapping[str, int]]) -> str:
    """Seconds by stage of both engines, and Spark's bytes."""
    rows = []
    for stage in ("start", "extract", "standardise", "match", "diagnose"):
        seconds = [str(figures[engine]["seconds"].get(stage, "")) for engine in ENGINES]
        of = stages.get(stage)
        moved = [f"{of[key] / MIB:.1f}" if of else "" for key in ("read", "shuffled", "written", "spilled")]
        rows.append([stage, *seconds, *moved])
    rows.append(["process", *(str(figures[engine]["wall"]) for engine in ENGINES), "", "", "", ""])
    header = ["stage", "DuckDB s", "Spark s", "read MiB", "shuffled MiB", "written MiB", "spilled MiB"]
    return table(header, rows)


if __name__ == "__main__":
    raise SystemExit(main())
