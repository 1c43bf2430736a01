"""One day after another, beside the peer: the whole `padan run` as a command, in one go on one machine.

    python -m bench.days --people 60000
    python -m bench.days --people 391000 --repeat 3 --keep

The first day starts from nothing. Before the next, one row in a hundred of every source is changed: a third of those
rows are gone, a third have another spelling of the name, a third stand twice under two keys. The third day's sources
are the second's. The peer (`bench/peer.py`) does its linkage alone, on the first day's files. Costs are medians of
``--repeat`` rounds; within a round all run one after the other.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.measure import OUT, Cost, circumstances, measured, measured_command, middle
from bench.population import Population
from bench.tables import keep, table

PADAN = Path(sys.executable).with_name("padan")

DAYS = ("2026-11-24", "2026-11-25", "2026-11-26")

NAMES = {"registry.csv": "NAMA_LGKP", "pasien.csv": "nm_pasien", "siswa.csv": "nama"}
KEYS = {"registry.csv": "NIK", "pasien.csv": "no_rkm_medis", "siswa.csv": "nisn"}

ONE_IN = 100


def moved_on(source: Path, target: Path) -> None:
    """Write ``source`` to ``target`` with one row in ``ONE_IN`` changed; a file of another kind as it is."""
    if source.name not in NAMES:
        shutil.copyfile(source, target)
        return
    with (
        source.open(encoding="utf-8", newline="") as old,
        target.open("w", encoding="utf-8", newline="") as new,
    ):
        reader, writer = csv.reader(old), csv.writer(new)
        header = next(reader)
        writer.writerow(header)
        name, key = header.index(NAMES[source.name]), header.index(KEYS[source.name])
        for row in reader:
            writer.writerows(_next_day(row, name, key))


def _next_day(row: list[str], name: int, key: int) -> Iterator[list[str]]:
    lot = int.from_bytes(hashlib.sha256(row[key].encode()).digest()[:8]) % (3 * ONE_IN)
    if lot == 0:
        return
    if lot == 1:
        row[name] = row[name][:2] + row[name][3:]
    yield row
    if lot == 2:
        yield [cell[:-1] + "9" if i == key else cell for i, cell in enumerate(row)]


def measure(population: Population) -> dict[str, Cost]:
    """One round: three days and the peer."""
    office = OUT / "days"
    shutil.rmtree(office, ignore_errors=True)
    sources = office / "sources"
    shutil.copytree(population.sources, sources)
    shutil.copyfile(population.config, office / "padan.toml")
    costs = {}
    for called, day in zip(("first day", "next day, 1% changed", "next day, unchanged"), DAYS, strict=True):
        if called == "next day, 1% changed":
            for file in sorted(population.sources.glob("*.csv")):
                moved_on(file, sources / file.name)
        costs[called] = measured_command(PADAN, "run", "--config", office / "padan.toml", "--date", day)
    costs["peer, linkage alone"] = measured("bench.peer", population.sources, office / "peer.csv")
    return costs


def shown(costs: dict[str, Cost]) -> str:
    """The table; ratios of seconds to the first day's and to the peer's."""
    first, peer = costs["first day"], costs["peer, linkage alone"]
    return table(
        [
            "",
            "seconds",
            "to the first day",
            "to the peer",
            "processor, s",
            "process, MiB",
            "all processes, MiB",
        ],
        [
            [
                name,
                f"{cost.wall:.1f}",
                f"{cost.wall / first.wall:.2f}",
                f"{cost.wall / peer.wall:.2f}",
                f"{cost.cpu:.1f}",
                f"{cost.peak_mib:.0f}",
                f"{cost.family_mib:.0f}",
            ]
            for name, cost in costs.items()
        ],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dirt", default="ordinary")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    where = circumstances()
    population = Population(options.people, options.seed, options.dirt).drawn()
    rounds = [measure(population) for _ in range(options.repeat)]
    said = shown({name: middle([costs[name] for costs in rounds]) for name in rounds[0]})
    print(said)
    if options.keep:
        keep("days", f"{options.people:,} people. {where}\n\n{said}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
