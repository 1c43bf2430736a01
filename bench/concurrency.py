"""Two runs and an office's answers started at the same moment on one store, again and again.

    python -m bench.concurrency --rounds 50 --url postgresql+psycopg://postgres@127.0.0.1:5432/test

Each round is a day: some patients and pupils are gone from the files, others are back, and two ``padan run`` and a
``padan decide`` of a few answers begin together, each a process of its own; every second time the answers come
some moments later, about when the first run makes and records its worklist. After each: all three ended with 0,
``padan verify`` finds folder and ledger whole, the ledger tells of each of the three once, and store, ledger and
worklist hold exactly what they do for a twin to which the same things happen one after the other, in one process and
in the order that the ledger tells.

Once on SQLite, and once on a database of its own beside the one that ``--url`` names, dropped in the end.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

import sqlalchemy as sa

from bench.measure import OUT, circumstances
from bench.population import Population
from bench.stores import new_database
from bench.tables import keep, table
from pipelines.engine import Artifact, read_artifact
from pipelines.publish.provenance import file_sha256
from pipelines.records import MANIFEST
from pipelines.settings import Settings, load_settings
from pipelines.store import read_session
from pipelines.store.models import Base
from pipelines.worklist import close, decide, record, worklist

WORDS: Final = ("Diperbaiki", "Bukan kesalahan", "Diteruskan")

PADAN: Final = str(Path(sys.executable).with_name("padan"))

ENVIRONMENT: Final = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@dataclass
class Round:
    """What a round took, when its answers came (before, within or after the day's first run), and its faults."""

    runs: float
    decide: float
    came: str
    faults: list[str] = field(default_factory=list)


class Office:
    """Files that change from day to day, the office under test, and its twin where nothing happens at once."""

    def __init__(self, folder: Path, store: str, people: int, seed: int = 1) -> None:
        self.folder, self._chance = folder, random.Random(seed)
        shutil.rmtree(folder, ignore_errors=True)
        population = Population(people, seed, "ordinary").drawn()
        shutil.copytree(population.sources, folder / "sources")
        text = population.config.read_text(encoding="utf-8")
        self.config = folder / "padan.toml"
        self.config.write_text(_with_store(text, store), encoding="utf-8")
        self._seen = 0
        self._files = {name: self._lines(name) for name in ("pasien.csv", "siswa.csv")}

    @property
    def _twin(self) -> Settings:
        """The office to which things happen one after the other."""
        store = f"sqlite:///{self.folder / 'twin.sqlite'}"
        return self.settings(date.today()).model_copy(update={"data": self.folder / "twin", "store": store})

    def _lines(self, name: str) -> list[str]:
        return (self.folder / "sources" / name).read_text(encoding="utf-8").splitlines(keepends=True)

    def change(self) -> None:
        """Today a twentieth of the agencies' records is missing, another one than yesterday."""
        for name, (head, *rows) in self._files.items():
            kept = [row for row in rows if self._chance.random() > 0.05]
            (self.folder / "sources" / name).write_text("".join([head, *kept]), encoding="utf-8")

    def settings(self, day: date) -> Settings:
        """The office's own, for a date."""
        return load_settings(self.config, day, {})

    def answers(self, yesterday: date, count: int = 5) -> Path:
        """A file of answers to yesterday's worklist, as an officer would send it."""
        with (self.folder / "outbox" / f"{yesterday}" / "worklist.csv").open(encoding="utf-8") as handle:
            rows = [row for row in csv.DictReader(handle) if row["status"] in ("new", "open", "returned")]
        file = self.folder / f"kembali-{yesterday}.csv"
        with file.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(["item_id", "proposed_nik", "decision", "note"])
            for row in self._chance.sample(rows, min(count, len(rows))):
                decision = self._chance.choice(WORDS)
                writer.writerow([row["item_id"], row["proposed_nik"], decision, f"{yesterday}"])
        return file

    def padan(self, *arguments: object) -> subprocess.Popen[str]:
        """A command of its own, started now."""
        command = [PADAN, *map(str, arguments), "--config", str(self.config)]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT
        )

    def first_day(self, day: date) -> None:
        """A day on which only one run takes place."""
        process = self.padan("run", "--date", day)
        said, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(said)
        self._relive(day)

    def round(self, day: date, late: float = 0) -> Round:
        """Two runs of ``day`` and the answers to the day before, at once; then the checks.

        The answers come about when the first of the runs, which together take ``late`` seconds, has its worklist.
        """
        delay = late * self._chance.uniform(0.2, 0.5)
        self.change()
        file = self.answers(day - timedelta(days=1))
        started = time.monotonic()
        runs = [self.padan("run", "--date", day) for _ in range(2)]
        time.sleep(delay)
        processes = [runs[0], self.padan("decide", file), runs[1]]
        said, took = [], []
        for process in (processes[1], processes[0], processes[2]):
            said.append(process.communicate()[0])
            took.append(time.monotonic() - started)
        faults = [
            f"{name} ended with {process.returncode}: {text}"
            for name, process, text in zip(
                ("decide", "run", "run"), (processes[1], *processes[::2]), said, strict=True
            )
            if process.returncode
        ]
        verify = self.padan("verify", self.folder / "outbox" / f"{day}")
        text = verify.communicate()[0]
        if verify.returncode:
            faults.append(f"verify: {text}")
        came = self._relive(day, file)
        return Round(max(took[1:]), took[0] - delay, came, faults + self.differences(day))

    def _told(self, day: date) -> list[str]:
        """The kinds of this round's events that are of no item, in the ledger's order."""
        events = Base.metadata.tables["item_event"]
        query = sa.select(events.c.event_id, events.c.kind).order_by(events.c.event_id)
        with read_session(self.settings(day).store) as session:
            rows = session.execute(
                query.where(events.c.item_id.is_(None), events.c.event_id > self._seen)
            ).all()
        self._seen = rows[-1].event_id
        return [row.kind for row in rows]

    def _relive(self, day: date, file: Path | None = None) -> str:
        """Let the twin have the day in the order of the office's ledger; say when the answers came.

        Answers that were put off came while a run was under way that had read the store before.
        """
        own, twin = self.settings(day), self._twin.model_copy(update={"run_date": day})
        findings, counts, gates = (
            read_artifact(own.folder(name)) for name in ("findings", "account", "gates")
        )
        folder = own.outbox / f"{day}"
        told = self._told(day)
        within = "decisions_put_off" in told
        if within:
            told = [kind for kind in told if kind not in ("decisions_put_off", "decisions_read")]
            told.insert(0, "decisions_read")
        once = ["run_recorded", "run_published"]
        if sorted(told) != sorted(once * (2 if file else 1) + ["decisions_read"] * bool(file)):
            raise RuntimeError(f"{day}: the ledger tells of {told}")
        came = "within" if within else "before" if told[0] == "decisions_read" else "after"
        items = worklist(findings, [], twin)
        for kind in told:
            if kind == "decisions_read" and file:
                decide(file, self._twin)
                items = items if within else worklist(findings, [], twin)
            elif kind == "run_recorded":
                record(items, counts, gates, twin)
                within = False
            else:
                close(Artifact(str(folder), items.rows, file_sha256(folder / MANIFEST)), twin)
                items = worklist(findings, [], twin)
        return came

    def differences(self, day: date) -> list[str]:
        """Where the office's store and worklist are not its twin's."""
        own, twin = self.settings(day), self._twin.model_copy(update={"run_date": day})
        faults = []
        both = zip(
            ("states", "decisions", "events"), _contents(own.store), _contents(twin.store), strict=True
        )
        for what, one, other in both:
            if one != other:
                more, less = one - other, other - one
                example = [*more, *less][0]
                faults.append(f"{what}: {len(more)} too many, {len(less)} missing, such as {example}")
        if read_artifact(own.folder("items")).sha256 != read_artifact(twin.folder("items")).sha256:
            faults.append("items: not as they are one after the other")
        return faults


def _with_store(text: str, store: str) -> str:
    """The configuration with another store."""
    lines = [f'store = "{store}"' if line.startswith("store") else line for line in text.splitlines()]
    if not any(line.startswith("store") for line in lines):
        raise ValueError("the drawn configuration names no store")
    return "\n".join(lines) + "\n"


def _contents(url: str) -> Iterator[Counter[Any]]:
    """What a store holds, whatever the order in which it came: states, decisions, events."""
    tables = Base.metadata.tables
    with read_session(url) as session:
        for name, left_out in (
            ("item_state", {"spent"}),
            ("decision", {"decision_id"}),
            ("item_event", {"event_id", "previous_hash", "hash"}),
        ):
            columns = [column for column in tables[name].columns if column.name not in left_out]
            rows = session.execute(sa.select(*columns)).mappings()
            yield Counter(seen for row in rows if (seen := _seen(dict(row))) is not None)


def _seen(row: dict[str, Any]) -> str | None:
    """A row as it is compared: putting answers off is of the moment, and so is from when they were to count."""
    if row.get("kind") == "decisions_put_off":
        return None
    if row.get("kind") in ("decided", "decisions_read"):
        row["payload"] = {k: v for k, v in row["payload"].items() if k != "effective_date"}
    if "payload" in row:
        row["payload"] = {k: v for k, v in sorted(row["payload"].items()) if k not in ("decision", "void")}
    return repr(sorted(row.items()))


def rounds(office: Office, count: int) -> list[Round]:
    """As many rounds on an office's store; faults are also printed as they come."""
    day = date.today()
    office.first_day(day)
    done: list[Round] = []
    for number in range(1, count + 1):
        late = median(one.runs for one in done) if done and number % 2 == 0 else 0
        done.append(office.round(day + timedelta(days=number), late))
        print(f"{office.folder.name} {number}: {done[-1]}", flush=True)
    return done


def line(name: str, done: Sequence[Round]) -> list[str]:
    """The rounds of one store in figures."""
    return [
        name,
        f"{len(done)}",
        f"{sum(bool(one.faults) for one in done)}",
        *(f"{sum(one.came == when for one in done)}" for when in ("before", "within", "after")),
        f"{median(one.runs for one in done):.1f}",
        f"{median(one.decide for one in done):.1f}",
        f"{max(one.decide for one in done):.1f}",
    ]


HEADER: Final = (
    "store",
    "rounds",
    "with a fault",
    "answers before",
    "within",
    "after",
    "both runs, s",
    "decide, s",
    "longest",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the rounds on each store and print a table; 1 if anything was not as it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--url", default="", help="a PostgreSQL where a database can be made")
    parser.add_argument("--without-sqlite", action="store_true", help="on PostgreSQL alone")
    parser.add_argument("--keep", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    place, where = OUT / "concurrency", circumstances()
    results = {}
    if not options.without_sqlite:
        office = Office(place / "sqlite", "sqlite:///padan.sqlite", options.people)
        results["SQLite"] = rounds(office, options.rounds)
    if options.url:
        with new_database(options.url) as store:
            office = Office(place / "postgresql", store, options.people)
            results["PostgreSQL"] = rounds(office, options.rounds)
    shown = table(HEADER, [line(name, done) for name, done in results.items()])
    print(shown)
    if options.keep:
        keep("concurrency", f"{options.people} people. {where}\n\n{shown}")
    return int(any(one.faults for done in results.values() for one in done))


if __name__ == "__main__":
    raise SystemExit(main())
