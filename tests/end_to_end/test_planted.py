"""What must not be let out: an office with attacks and secrets in it, run whole, and every output searched.

Whoever may write a source file may write anything into it; whoever reads an output may see only what is meant for
them. ``MAY_HOLD`` is the whole list of what may hold a person's number or name.
"""

from __future__ import annotations

import csv
import gzip
import html.parser
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.publish.cells import DANGEROUS, PLACEHOLDER

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
KUPANG = Path(__file__).parent / "data" / "kupang"
DAY = "2026-11-24"
PASSWORD = "kata-s4ndi-rahasia"
HOSTILE = (
    '=HYPERLINK("http://x","klik")',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'); drop table item_state; --",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}",
    "MARIA\u202eINAB\u2069",
    "ORANG\x1b]0;x\x07LAIN",
)
FILE = "<img src=x onerror=alert(2)>'; drop table run; --.csv"

MAY_HOLD = (
    "data/raw/*",
    "data/records/*",
    "data/verdicts/*",
    "data/matches/*",
    "data/findings/*",
    "data/items/*",
    "outbox/*/worklist.csv",
    "outbox/*/worklist.xlsx",
    "outbox/*/returns/*.xlsx",
    "padan.sqlite/item_state",
    "padan.sqlite/decision",
)
"""What a person's number or name may stand in, whole: the run's tables, what officers act on, what they answered."""

MINE = ("padan.toml", "*.csv", "*.xlsx", "*.pem")
"""At the top of the office's folder: its own configuration and sources, which the run only reads."""


@dataclass(frozen=True)
class Outcome:
    """The office's folder after everything, and what each command said."""

    folder: Path
    said: dict[str, str]
    codes: dict[str, int]


def office(folder: Path) -> Path:
    """The hand-written office, with attacks in its files and a source whose address has a password."""
    shutil.copytree(KUPANG, folder)
    patients = folder / "pasien.csv"
    text = patients.read_text(encoding="utf-8").rstrip("\n")
    header, *lines = text.split("\n")
    width, delimiter = len(next(csv.reader([header]))), ","
    columns = [name.strip().lower() for name in next(csv.reader([header]))]
    with patients.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, delimiter=delimiter)
        writer.writerow([*next(csv.reader([header])), "<script>alert(3)</script>"])
        for line in csv.reader(lines):
            writer.writerow([*line, ""])
        for number, said in enumerate(HOSTILE):
            row = dict.fromkeys(columns, said)
            row |= {"no_rkm_medis": f"{said} {number}", "tgl_lahir": "1979-03-12", "jk": "L"}
            writer.writerow([*(row[name] for name in columns), said])
    assert width == len(columns)
    config = (folder / "padan.toml").read_text(encoding="utf-8")
    schools = re.search(r'location = "(siswa[^"]*)"', config)
    assert schools
    pupils = folder / schools[1]
    if pupils.suffix == ".csv":
        (folder / "sekolah").mkdir()
        shutil.move(pupils, folder / "sekolah" / FILE)
        config = config.replace(schools[0], 'location = "sekolah/*.csv"')
    config += """
[[sources]]
name = "rsud-jauh"
sector = "'; drop table item_state; --<b>"
layout = "khanza"
location = "env:PADAN_FAR"
[signing]
private_key = "env:PADAN_KEY"
"""
    (folder / "padan.toml").write_text(config, encoding="utf-8")
    return folder / "padan.toml"


def key() -> str:
    private = Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.PKCS8
    return private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture(scope="module", params=[0o000, 0o077], ids=["umask 000", "umask 077"])
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Every command over that office, under a umask that gives all away and under one that gives nothing."""
    folder = tmp_path_factory.mktemp("planted") / "office"
    config = office(folder)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PADAN_FAR": f"postgresql+psycopg://padan:{PASSWORD}@127.0.0.1:1/sik",
        "PADAN_KEY": key(),
    }
    said, codes = {}, {}

    def padan(name: str, *arguments: str) -> None:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; from pipelines.cli import main; sys.exit(main())",
                *arguments,
            ],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            umask=request.param,
        )
        said[name], codes[name] = done.stdout + done.stderr, done.returncode

    common = ["--config", str(config), "--debug"]
    padan("run", "run", "--date", DAY, *common)
    padan("check", "check", *common)
    padan("status", "status", *common)
    padan("report", "report", "--date", DAY, "--to", "report-again", *common)
    padan("month", "report", "--month", DAY[:7], "--to", "report-month", *common)
    answer(folder)
    padan("decide", "decide", "answers.csv", *common)
    padan("decide damaged", "decide", f"outbox/{DAY}/manifest.json", *common)
    padan("verify", "verify", f"outbox/{DAY}", *common)
    (folder / "padan.toml").write_text(
        config.read_text().replace("registry.csv", "nowhere.csv"), encoding="utf-8"
    )
    padan("failed run", "run", "--date", "2026-11-25", *common)
    padan("purge", "purge", *common)
    return Outcome(folder, said, codes)


def answer(folder: Path) -> None:
    """What an officer sends back: every item of the day, corrected."""
    with (folder / "outbox" / DAY / "worklist.csv").open(encoding="utf-8", newline="") as handle:
        items = [row["item_id"] for row in csv.DictReader(handle)]
    lines = ["item_id,decision,note", *(f"{item},corrected,sudah" for item in items)]
    (folder / "answers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def made(folder: Path) -> list[Path]:
    """Every file and folder that the commands made."""
    top = [
        p for p in folder.iterdir() if not any(fnmatch(p.name, name) for name in MINE) and p.name != "sekolah"
    ]
    return sorted({*top, *(path for p in top for path in p.rglob("*"))})


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every output by name, as the text that it is to whoever opens it; of a database each table."""
    for path in made(folder):
        name = str(path.relative_to(folder))
        if path.is_dir() or path.stat().st_size == 0 or name.endswith(("-wal", "-shm")):
            continue
        if path.suffix == ".parquet":
            file = pq.ParquetFile(path)
            yield name, json.dumps(file.read().to_pylist(), default=str, ensure_ascii=False)
            told = {str(k): str(v) for k, v in (file.schema_arrow.metadata or {}).items()}
            yield f"{name} (metadata)", json.dumps(told)
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield name, "\n".join(book.read(part).decode("utf-8", "replace") for part in book.namelist())
        elif path.suffix == ".sqlite":
            with sqlite3.connect(path) as con:
                tables = [
                    row[0] for row in con.execute("select name from sqlite_master where type = 'table'")
                ]
                for table in tables:
                    rows = con.execute(f"select * from {table}").fetchall()
                    yield f"{name}/{table}", "\n".join(str([_plain(cell) for cell in row]) for row in rows)
        else:
            yield name, path.read_bytes().decode("utf-8", "replace")


def _plain(cell: object) -> object:
    return gzip.decompress(cell).decode() if isinstance(cell, bytes) and cell[:2] == b"\x1f\x8b" else cell


def people(folder: Path) -> set[str]:
    """Numbers, names and birth dates of everybody in the office's records; the attacks are no names."""
    found: set[str] = set()
    columns = ["nik", "kk", "name", "mother_name", "name_recorded", "birth_date"]
    for part in (folder / "data" / "records").rglob("*.parquet"):
        for row in pq.read_table(part, columns=columns).to_pylist():
            found |= {str(value) for value in row.values() if value is not None}
    return {value for value in found if len(value) > 9 and value not in HOSTILE and value != "1979-03-12"}


def test_the_office_runs_as_ever(outcome: Outcome) -> None:
    expected = dict.fromkeys(outcome.codes, 0) | {"run": 4, "check": 4, "decide damaged": 1, "failed run": 1}
    assert outcome.codes == expected, outcome.said
    worklist = (outcome.folder / "outbox" / DAY / "worklist.csv").read_text(encoding="utf-8")
    assert worklist.count("\n") > 12 + len(HOSTILE)


def test_files_are_for_their_owner_alone(outcome: Outcome) -> None:
    modes = {str(p.relative_to(outcome.folder)): stat.S_IMODE(p.stat().st_mode) for p in made(outcome.folder)}
    assert len(modes) > 100
    folders = {name for name in modes if (outcome.folder / name).is_dir()}
    assert {
        name: oct(mode) for name, mode in modes.items() if mode != (0o700 if name in folders else 0o600)
    } == {}


def test_nobody_is_named_where_nobody_should_be(outcome: Outcome) -> None:
    secret = people(outcome.folder)
    assert len(secret) > 100
    for name, text in (*texts(outcome.folder), *((f"said by {k}", v) for k, v in outcome.said.items())):
        if not any(fnmatch(name, allowed) for allowed in MAY_HOLD) or name.endswith("(metadata)"):
            assert not {value for value in secret if value in text}, name


def test_what_may_hold_somebody_does(outcome: Outcome) -> None:
    """Else the list above would be longer than it need be, and the search might look past everything."""
    secret = people(outcome.folder)
    seen = {name for name, text in texts(outcome.folder) if any(value in text for value in secret)}
    for allowed in MAY_HOLD:
        assert any(fnmatch(name, allowed) for name in seen), allowed


def test_no_secret_is_anywhere(outcome: Outcome) -> None:
    for name, text in (*texts(outcome.folder), *outcome.said.items()):
        assert PASSWORD not in text, name
        assert "PRIVATE KEY" not in text, name


class _Page(html.parser.HTMLParser):
    """Collects what in a page could do something."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = tag == "script"
        for name, value in attrs:
            if name.startswith("on") or "javascript:" in (value or ""):
                self.active.append(f"{tag} {name}={value}")
        if tag == "img" and dict(attrs).get("src") == "x":
            self.active.append("img")

    def handle_data(self, data: str) -> None:
        if self._script and "alert(" in data:
            self.active.append(data)


def test_nothing_that_a_source_wrote_runs_in_a_page(outcome: Outcome) -> None:
    pages = [p for p in made(outcome.folder) if p.suffix == ".html"]
    assert len(pages) > 5
    for path in pages:
        page = _Page()
        page.feed(path.read_text(encoding="utf-8"))
        assert not page.active, path
    report = (outcome.folder / "outbox" / DAY / "report.html").read_text(encoding="utf-8")
    assert "alert(3)" in report or "&lt;img" in report  # the names were shown, as text


def test_nothing_that_a_source_wrote_runs_in_a_spreadsheet(outcome: Outcome) -> None:
    tables = [p for p in made(outcome.folder) if p.suffix in (".csv", ".xlsx")]
    assert {p.name for p in tables} >= {"worklist.csv", "worklist.xlsx", "rsud-naibonat.xlsx"}
    for path in tables:
        for cell in _cells(path):
            harmless = path.suffix == ".csv" and re.fullmatch(PLACEHOLDER, cell)
            assert harmless or not re.match(DANGEROUS, cell), (path, cell)


def _cells(path: Path) -> Iterator[str]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as handle:
            yield from (cell for row in csv.reader(handle) for cell in row)
        return
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (path, cell.coordinate)
                yield from [cell.value] if isinstance(cell.value, str) else []


def test_sql_that_a_source_wrote_did_nothing(outcome: Outcome) -> None:
    with sqlite3.connect(outcome.folder / "padan.sqlite") as con:
        assert con.execute("select count(*) from item_state").fetchone()[0] > len(HOSTILE)
        evidence = [row[0] for row in con.execute("select evidence from item_state")]
    assert not any("49" in text and "{{" in text for text in evidence)


def test_a_terminal_is_not_written_upon(outcome: Outcome) -> None:
    for name, text in outcome.said.items():
        assert "\x1b]0;x" not in text, name
        assert "\u202e" not in text, name
