"""A drawn population, the ways an engineer may be given it, and how each is read with a layout."""

from __future__ import annotations

import csv
import json
import random
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.extract import extract
from pipelines.layouts import Layout, load_layout
from pipelines.settings import Settings, Source
from pipelines.standardise import standardise

TODAY = date(2026, 11, 24)
Table = list[dict[str, str]]

COMPARED = (
    "source_record_id",
    "nik_text",
    "nik",
    "name",
    "sex",
    "birth_date",
    "mother_name",
    "birth_place",
    "kk",
)


def rows_of(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def write(
    path: Path, table: Table, names: Mapping[str, str] | None = None, header: bool = True, **dialect: Any
) -> None:
    """The table as text, its columns called otherwise where ``names`` says so."""
    encoding = dialect.pop("encoding", "utf-8")
    with path.open("w", encoding=encoding, newline="", errors="replace") as handle:
        writer = csv.writer(handle, **dialect)
        if header:
            writer.writerow([(names or {}).get(name, name) for name in table[0]])
        writer.writerows(row.values() for row in table)


def workbook(path: Path, table: Table, titles: Sequence[str] = ()) -> None:
    book = openpyxl.Workbook()
    for title in titles:
        book.active.append([title])
    for row in [list(table[0]), *(list(r.values()) for r in table)]:
        book.active.append(row)
    book.save(path)


def lines(path: Path, table: Table) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in table), encoding="utf-8")


def parquet(path: Path, table: Table) -> None:
    pq.write_table(pa.Table.from_pylist(table), path)


def database(path: Path, table: Table, name: str) -> None:
    with sqlite3.connect(path) as connection:
        columns = ", ".join(f'"{c}"' for c in table[0])
        connection.execute(f'create table "{name}" ({columns})')
        connection.execute("create table agama (kd_agama, nama)")
        marks = ", ".join("?" * len(table[0]))
        connection.executemany(f'insert into "{name}" values ({marks})', [tuple(r.values()) for r in table])


def changed(table: Table, **columns: Callable[[str], str]) -> Table:
    """The table with some columns' values written otherwise."""
    return [{k: columns[k](v) if k in columns else v for k, v in row.items()} for row in table]


def shuffled(table: Table) -> Table:
    """The same columns in another order."""
    names = list(table[0])
    random.Random(5).shuffle(names)
    return [{name: row[name] for name in names} for row in table]


def dates(written: str) -> Callable[[str], str]:
    """Dates of any order in the one of ``written``; what is no date stays."""

    def convert(text: str) -> str:
        for read in ("%Y-%m-%d", "%d-%m-%Y"):
            try:
                from datetime import datetime

                return datetime.strptime(text, read).strftime(written)
            except ValueError:
                continue
        return text

    return convert


def read(folder: Path, location: str, layout: Layout | str, registry: bool = False) -> list[tuple[Any, ...]]:
    """The records that a run would make of a source, whatever the order of its rows; key, number, name, …"""
    found = load_layout(layout, folder) if isinstance(layout, str) else layout
    where = location if "://" in location else str(folder / location)
    source = Source(name="rsud", layout=found, location=where)
    other = Source(name="other", layout=load_layout("siak", folder), location="-")
    settings = Settings(
        run_date=TODAY,
        config_file=folder / "padan.toml",
        data=folder / "data",
        registry=source if registry else other,
        sources=(other if registry else source,),
    )
    records = standardise(extract(source, settings), source, settings)
    table = pq.read_table(records.file, columns=list(COMPARED))
    return sorted(zip(*(column.to_pylist() for column in table.columns), strict=True), key=repr)
