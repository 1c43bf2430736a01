"""People as an office and its agencies write them down, and a drawn neighbourhood for them to live in.

Rows are written as clerks write them and read by the real ``standardise``, so that what linkage sees here is what
it sees in an office. Weights are learned from records; a handful teaches nothing, so a test that asks about
weights or probabilities puts its households among some thousand drawn people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.engine import Artifact, connect, write_table
from pipelines.extract import extract
from pipelines.match import match
from pipelines.match.comparisons import COMPARISONS, Compared
from pipelines.match.people import People, load_people
from pipelines.match.vocabulary import Names, Vocabulary
from pipelines.records import RECORDS, VERDICTS, raw_schema
from pipelines.sample import demo_config, draw
from pipelines.settings import Resources, Settings, load_settings
from pipelines.standardise import standardise

REGISTRY, HOSPITAL, SCHOOL, CENTRE = "dukcapil", "rsud-naibonat", "dapodik-kupang", "bpjs"
PEOPLE = (REGISTRY, HOSPITAL, SCHOOL)
RUN_DATE = date(2026, 11, 25)

Row = dict[str, str | None]
Tables = dict[str, pa.Table]


def registered(nik: str, name: str, born: str, **more: str | None) -> Row:
    """A line of the registry's extract; ``born`` as SIAK writes it, 04-03-1968. The NIK tells the sex."""
    return {"nik": nik, "name": name, "birth_date": born, "sex": _sex(nik), "status": "AKTIF", **more}


def patient(key: str, nik: str | None, name: str, born: str | None, sex: str, **more: str | None) -> Row:
    """A patient of the hospital: ``born`` as MariaDB writes it, 1968-03-04; without a mother there is `-`."""
    return {
        "record_id": key,
        "nik": nik,
        "name": name,
        "birth_date": born,
        "sex": sex,
        "mother_name": "-",
        **more,
    }


def pupil(key: str, nik: str | None, name: str, born: str | None, sex: str, **more: str | None) -> Row:
    """A pupil as the school has it; ``born`` like the hospital's."""
    return {"record_id": key, "nik": nik, "name": name, "birth_date": born, "sex": sex, **more}


def _sex(nik: str) -> str:
    return "2" if int(nik[6:8]) > 40 else "1"


class Office:
    """A folder with the configuration of the demo: a registry, a hospital, schools and the central service."""

    def __init__(
        self,
        folder: Path,
        language: str = "id",
        day: date = RUN_DATE,
        threads: int | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "padan.toml"
        config.write_text(demo_config().replace('"id"', f'"{language}"'), encoding="utf-8")
        settings = load_settings(config, day, {})
        self.settings: Settings = settings.model_copy(
            update={"resources": Resources(memory=None, threads=threads)}
        )

    def records(self, source: str, rows: Sequence[Mapping[str, str | None]]) -> pa.Table:
        """What the real ``standardise`` makes of these rows."""
        fields = self.settings.source(source).layout.fields
        full = [
            {**dict.fromkeys(fields), "file": f"{source}.csv", "row": at, **row}
            for at, row in enumerate(rows, 2)
        ]
        raw = write_table(
            pa.Table.from_pylist(full, schema=raw_schema(fields)), self.settings.folder(f"raw/{source}")
        )
        made = standardise(raw, self.settings.source(source), self.settings)
        assert made.rows == len(rows), f"{source}: a row was lost on the way to its record"
        return pq.ParquetFile(made.file).read().cast(RECORDS)

    def write(self, name: str, table: pa.Table) -> Artifact:
        """A table in its place."""
        return write_table(table, self.settings.folder(name))

    def read(self, name: str) -> list[dict[str, Any]]:
        """A written table's rows."""
        rows: list[dict[str, Any]] = (
            pq.ParquetFile(self.settings.folder(name) / "part-0.parquet").read().to_pylist()
        )
        return rows

    def people(self, tables: Tables) -> tuple[Artifact, list[Artifact]]:
        """The records of the registry and of the agencies, written; an agency without rows has an empty table."""
        tables = {name: tables.get(name, RECORDS.empty_table()) for name in PEOPLE}
        registry, *agencies = (self.write(f"records/{name}", table) for name, table in tables.items())
        return registry, agencies

    def match(self, tables: Tables) -> Artifact:
        """The stage over these records."""
        return match(*self.people(tables), self.settings)

    def verdicts(self, answers: Sequence[tuple[str, str | None, str]], source: str = CENTRE) -> Artifact:
        """The central service's answers: number, when (2026-11-01 08:00:00), and found or not_found."""
        rows = [{"source": source, "nik": n, "checked_at": at, "result": r} for n, at, r in answers]
        schema = pa.schema([(f.name, pa.string()) for f in VERDICTS])
        table = pa.Table.from_pylist(rows, schema=schema).cast(VERDICTS)
        return self.write(f"verdicts/{source}", table)


@dataclass(frozen=True)
class Neighbourhood:
    """Drawn records of the registry, the hospital and the schools, and the truth about them."""

    folder: Path
    tables: Tables

    @classmethod
    def drawn(cls, folder: Path, people: int, seed: int, dirt: str = "ordinary") -> Neighbourhood:
        """Draw, extract and standardise, each for real."""
        draw(folder, people, seed, dirt)
        settings = Office(folder).settings
        sources = [settings.source(name) for name in PEOPLE]
        made = {s.name: standardise(extract(s, settings), s, settings) for s in sources}
        return cls(folder, {name: pq.ParquetFile(a.file).read().cast(RECORDS) for name, a in made.items()})

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Every number of the registry."""
        return frozenset(self.tables[REGISTRY]["nik"].to_pylist())

    def joined_by(self, others: Tables) -> Tables:
        """These records with the others' among them; no key may occur on both sides."""
        result = {}
        for name, table in self.tables.items():
            more = others.get(name, RECORDS.empty_table())
            both = set(table["source_record_id"].to_pylist()) & set(more["source_record_id"].to_pylist())
            assert not both, f"{name}: these keys are taken: {sorted(both)}"
            result[name] = pa.concat_tables([table, more]).sort_by("source_record_id")
        return result


_NEIGHBOURHOOD: list[Neighbourhood] = []


def neighbourhood(folders: pytest.TempPathFactory) -> Neighbourhood:
    """Some thousand people, drawn once for all tests that need weights to be learned."""
    if not _NEIGHBOURHOOD:
        _NEIGHBOURHOOD.append(Neighbourhood.drawn(folders.mktemp("drawn"), people=6_000, seed=530104))
    return _NEIGHBOURHOOD[0]


@dataclass(frozen=True)
class Loaded:
    """The tables that linkage works on, in a database of their own: ``reg`` and ``ag``."""

    con: duckdb.DuckDBPyConnection
    everyone: People

    @property
    def people(self) -> int:
        """How many people the registry has."""
        return self.everyone.registered

    @classmethod
    def from_tables(cls, office: Office, tables: Tables) -> Loaded:
        """Load the records as the stage does; a table ``texts`` (names, n, text) says what the numbers stand for."""
        registry, agencies = office.people(tables)
        con = connect(office.settings.temporary, threads=office.settings.resources.threads)
        everyone = load_people(con, registry, list(zip((HOSPITAL, SCHOOL), agencies, strict=True)))
        con.execute("create table texts (names bool, n int, text varchar)").fetchall()
        for names, texts in ((True, everyone.texts.names.text), (False, everyone.texts.places)):
            con.register("spelt", pa.table({"n": np.arange(len(texts)), "text": texts}))
            con.execute(f"insert into texts select {names}, n, text from spelt").fetchall()
        return cls(con, everyone)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return self.con.execute(query).fetchall()

    def one(self, query: str) -> Any:
        """The single value that a query gives."""
        ((value,),) = self.rows(query)
        return value

    def row_of(self, nik: str) -> int:
        """The row of a registered number."""
        return int(self.one(f"select r from reg where nik = '{nik}'"))

    def record_of(self, key: str) -> int:
        """The row of an agency's record."""
        return int(self.one(f"select a from ag where source_record_id = '{key}'"))


def vocabulary(*names: str | None, people: int = 1000) -> Vocabulary:
    """The words of these names; each name counts as one person of a registry of ``people``."""
    return Vocabulary.learn(pa.array(names, pa.string()), np.ones(len(names)), people)


def numbers_of(words: Vocabulary, *columns: Sequence[str | None]) -> tuple[Names, list[npt.NDArray[Any]]]:
    """Columns of names as linkage has them: the names that occur, and each column as numbers of these."""
    text = pa.array(sorted({name for column in columns for name in column if name is not None}), pa.string())
    place = {name: n for n, name in enumerate(text.to_pylist())}
    return Names.of(text, words), [
        np.array([place.get(n, -1) for n in column], np.int32) for column in columns
    ]


def compared(**levels: Sequence[int]) -> Compared:
    """A batch of pairs by its levels; what is not said is missing on every pair, and nothing is rare."""
    size = len(next(iter(levels.values())))
    full = {c.name: np.asarray(levels.get(c.name, [0] * size), np.int8) for c in COMPARISONS}
    return Compared(full, {c.name: np.zeros(size, np.float32) for c in COMPARISONS if c.rarity})


def drawn(size: int, seed: int, alike: bool = False) -> Compared:
    """A batch of pairs with levels drawn at random, mostly the best ones if ``alike``; rarity is drawn too."""
    random = np.random.default_rng(seed)
    levels, rarity = {}, {}
    for c in COMPARISONS:
        wild = random.integers(0, len(c.levels), size)
        levels[c.name] = np.where(alike & (random.random(size) < 0.8), 1, wild).astype(np.int8)
        if c.rarity:
            agrees = (levels[c.name] > 0) & (levels[c.name] < 4)
            rarity[c.name] = np.where(agrees, random.uniform(0, 14, size), 0).astype(np.float32)
    return Compared(levels, rarity)


def yes(*flags: bool) -> npt.NDArray[np.bool_]:
    """An array of flags."""
    return np.array(flags, dtype=np.bool_)
