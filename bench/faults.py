"""What may happen to a machine while a run goes on, done on purpose; after each, the next run must be right.

    python -m bench.faults --kills 100 --url postgresql+psycopg://postgres@127.0.0.1:5432/test

An office has published a day. Its next day's run is killed (-9) at a hundred points in time, finds its disk full at
many, has its disk refuse to sync, its clock jump, its memory or its file handles run out, its source's connection cut
in the middle. After each: the day before lies there whole; the day itself lies there whole or not at all; the ledger is
provable; and the next run for that day ends with 0 and publishes, byte for byte, what a run publishes to which
nothing happened.

Wants Debian's ``faketime`` and ``strace``, and root for a small disk; says what it left out for want of them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from bench.cable import Cable
from bench.measure import OUT, circumstances
from bench.population import Population
from bench.stores import new_database
from bench.tables import keep, table
from pipelines.publish import verify, verify_ledger_of
from pipelines.publish.ledger_check import INTERRUPTED
from pipelines.settings import load_settings

BEFORE, DAY = "2026-11-23", "2026-11-24"

ENVIRONMENT: Final = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

PADAN: Final = (sys.executable, "-c", "from pipelines.cli import main; raise SystemExit(main())")


@dataclass
class Tried:
    """One kind of fault: how often, how the runs ended, and what was wrong afterwards."""

    ends: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Office:
    """An office with one day published, put back to that before each fault."""

    def __init__(self, folder: Path, people: int, url: str) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        population = Population(people, 1, "ordinary").drawn()
        shutil.copytree(population.sources, folder / "office" / "sources")
        self.config = folder / "office" / "padan.toml"
        text = population.config.read_text(encoding="utf-8")
        patients = 'location = "env:CLINIC"\nquery = "select * from pasien order by no_rkm_medis"'
        self.config.write_text(text.replace('location = "sources/pasien.csv"', patients), encoding="utf-8")
        assert patients in self.config.read_text(encoding="utf-8")
        self.url = url
        _fill(url, folder / "office" / "sources" / "pasien.csv")
        self._expect(self.run(BEFORE), 0)
        shutil.copytree(folder / "office", folder / "kept")
        started = time.monotonic()
        self._expect(self.run(DAY), 0)
        self.seconds = time.monotonic() - started
        self.right = self.published()

    def put_back(self) -> None:
        """One day published, and nothing else."""
        shutil.rmtree(self.folder / "office")
        shutil.copytree(self.folder / "kept", self.folder / "office")

    def command(self, *words: str, clinic: str = "") -> dict[str, object]:
        """What starts a command of the office's."""
        return {
            "args": [*PADAN, *words, "--config", str(self.config)],
            "env": {**ENVIRONMENT, "CLINIC": clinic or self.url},
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
        }

    def run(self, day: str, clinic: str = "", **more: object) -> subprocess.CompletedProcess[str]:
        """One run to its end, with ``more`` for the process."""
        return subprocess.run(**self.command("run", "--date", day, clinic=clinic) | more)  # type: ignore[call-overload]

    def published(self) -> dict[str, str]:
        """Each file of the day with its sha256."""
        folder = self.folder / "office" / "outbox" / DAY
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def wrong_after(self, again: bool = True) -> Iterator[str]:
        """What a fault has left that must not be; a date that says it has to be run ``again`` may say so."""
        outbox = self.folder / "office" / "outbox"
        settings = load_settings(self.config, date.fromisoformat(DAY), {"CLINIC": self.url})
        for there in sorted(path for path in outbox.iterdir() if not path.name.startswith(".")):
            for line in [*verify(there), *(verify_ledger_of(there, settings) or [])]:
                if not (again and line.endswith(INTERRUPTED)):
                    yield f"{there.name}: {line}"
        if not (outbox / BEFORE).is_dir():
            yield "the day before is gone"

    def wrong_with_the_next(self) -> Iterator[str]:
        """What is wrong with a run afterwards, to which nothing happens."""
        done = self.run(DAY)
        if done.returncode:
            yield f"the next run ended with {done.returncode}: {done.stderr[-300:]}"
        elif (found := self.published()) != self.right:
            names = sorted(n for n in {*found, *self.right} if found.get(n) != self.right.get(n))
            yield f"the next run published something else: {', '.join(names)}"
        left = [p.name for p in (self.folder / "office" / "outbox").iterdir() if p.name.startswith(".")]
        if left:
            yield f"half a folder is left: {', '.join(left)}"
        yield from self.wrong_after(again=False)

    @staticmethod
    def _expect(done: subprocess.CompletedProcess[str], code: int) -> None:
        if done.returncode != code:
            raise RuntimeError(f"a run to which nothing happened ended with {done.returncode}: {done.stderr}")


def _fill(url: str, patients: Path) -> None:
    import pandas as pd
    import sqlalchemy as sa

    engine = sa.create_engine(url)
    pd.read_csv(patients, dtype=str).to_sql("pasien", engine, index=False, chunksize=5000)
    engine.dispose()


Fault = Callable[[Office], int]
"""Does a run with something happening to it; how it ended."""


def killed(seconds: float, publishing: bool = False) -> Fault:
    """The run and all its processes end without a word: so many seconds after it began, or began to publish."""

    def do(office: Office) -> int:
        process = subprocess.Popen(**office.command("run", "--date", DAY), start_new_session=True)  # type: ignore[call-overload]
        outbox = office.folder / "office" / "outbox"
        while publishing and process.poll() is None and not any(outbox.glob(f".{DAY}.*")):
            time.sleep(0.01)
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        return int(process.returncode)

    return do


def with_limit(which: int, value: int) -> Fault:
    """The run gets so much of something, and no more."""

    def limit() -> None:
        resource.setrlimit(which, (value, value))

    return lambda office: office.run(DAY, preexec_fn=limit).returncode


def full_disk(under: str, room: int) -> Fault:
    """The folder lies on a disk with so many KiB beside what was there before."""

    def do(office: Office) -> int:
        folder = office.folder / "office" / under
        aside = folder.with_name(f"{under}.aside")
        folder.rename(aside)
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=700", "tmpfs", folder], check=True)
        try:
            subprocess.run(["cp", "-a", f"{aside}/.", folder], check=True)
            size = shutil.disk_usage(folder).used // 1024 + room
            subprocess.run(["mount", "-o", f"remount,size={size}k", folder], check=True)
            code = office.run(DAY).returncode
            shutil.rmtree(aside)
            shutil.copytree(folder, aside)
        finally:
            subprocess.run(["umount", folder], check=True)
        folder.rmdir()
        aside.rename(folder)
        return code

    return do


def through(*program: str) -> Fault:
    """The run is started by a program that does something to it."""
    return lambda office: (
        office.run(
            DAY,
            args=[*program, *office.command("run", "--date", DAY)["args"]],  # type: ignore[misc]
        ).returncode
    )


def _unsynced(when: str) -> Fault:
    """The disk says that it could not keep what it was given."""
    calls = "fsync,fdatasync"
    inject = f"inject={calls}:error=EIO:when={when}"
    return through(
        "strace", "-f", "-qq", "--seccomp-bpf", "-o", os.devnull, "-e", f"trace={calls}", "-e", inject
    )


def cut_after(count: int) -> Fault:
    """The connection to the hospital's database breaks after so many bytes, for good."""
    return lambda office: office.run(DAY, Cable(office.url, left=count).url).returncode


def faults(seconds: float, kills: int) -> Mapping[str, Sequence[Fault]]:
    """Every kind, each several times."""
    kinds: dict[str, list[Fault]] = {
        "file handles": [with_limit(resource.RLIMIT_NOFILE, n) for n in (8, 16, 24, 32, 48, 64)],
        "memory": [with_limit(resource.RLIMIT_AS, n << 20) for n in (200, 600, 1300, 2000, 2600, 3200, 4000)],
        "size of a file": [with_limit(resource.RLIMIT_FSIZE, n << 10) for n in (4, 32, 128, 512, 2048)],
        "connection cut": [cut_after(n) for n in (0, 300, 5_000, 50_000, 200_000)],
    }
    if os.geteuid() == 0:
        kinds["disk full"] = [
            *(full_disk("data", room) for room in (0, 40, 100, 200, 400, 800, 1200, 1600)),
            *(full_disk("outbox", room) for room in (0, 200, 500, 800, 1000)),
        ]
    if shutil.which("strace"):
        # the n-th of each thread, all, or all from the n-th on; libfiu, which was made for it, comes to a stop in
        # programs that allocate while they load a library
        kinds["no sync"] = [
            _unsynced(when) for when in (*map(str, range(1, 49, 3)), "1+", "8+", "20+", "40+")
        ]
    if shutil.which("faketime"):
        # faster than time goes by, years away, and standing still
        kinds["clock"] = [
            through("faketime", "-f", how) for how in ("+0 x500", "-9y", "+30y", "2026-11-01 00:00:00")
        ]
    kinds["killed as it publishes"] = [killed(n / 20, publishing=True) for n in range(20)]
    return kinds | {"killed (-9)": [killed(seconds * 1.1 * (n + 0.5) / kills) for n in range(kills)]}


@contextmanager
def office(people: int, url: str) -> Iterator[Office]:
    with ExitStack() as stack:
        yield Office(OUT / "faults", people, stack.enter_context(new_database(url)))


def main(argv: Sequence[str] | None = None) -> int:
    """Do them all; 0 if nothing was wrong afterwards."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", help="one kind alone")
    parser.add_argument("--keep", action="store_true", help="keep the table in docs/benchmarks.md")
    parser.add_argument("--url", default="postgresql+psycopg://postgres@127.0.0.1:5432/test")
    asked = parser.parse_args(argv)
    results: dict[str, Tried] = {}
    said = circumstances()
    with office(asked.people, asked.url) as there:
        for kind, several in faults(there.seconds, asked.kills).items():
            if asked.only not in (None, kind):
                continue
            tried = results[kind] = Tried()
            for number, fault in enumerate(several):
                there.put_back()
                code = fault(there)
                tried.ends[code] += 1
                wrong = [*there.wrong_after(), *there.wrong_with_the_next()]
                tried.faults += wrong
                for line in (f"ended with {code}", *wrong):
                    print(f"{kind} {number}: {line}", flush=True)
            print(f"{kind}: {sum(tried.ends.values())} tried, {len(tried.faults)} wrong", flush=True)
            if asked.keep:  # after each: a night is short
                keep("faults", f"{said}\n\n{shown(results)}")
    print(f"{said}\n\n{shown(results)}")
    return 1 if any(tried.faults for tried in results.values()) else 0


def shown(results: Mapping[str, Tried]) -> str:
    """The table: each kind, how often, how the run ended, what was wrong afterwards."""
    names = {0: "published", 3: "stopped by its gate", 4: "published without a source", -9: "killed"}
    rows = [
        (
            kind,
            str(sum(tried.ends.values())),
            ", ".join(
                f"{n} {names.get(code, f'ended with {code}')}" for code, n in sorted(tried.ends.items())
            ),
            str(len(tried.faults)),
        )
        for kind, tried in results.items()
    ]
    return table(("fault", "times", "how the run ended", "wrong afterwards"), rows)


if __name__ == "__main__":
    sys.exit(main())
