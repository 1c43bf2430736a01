"""Rows a second and peak memory of reading a hospital's patients, from a file and from its database.

    python -m bench.reading --rows 1000000 --url mysql+pymysql://root@127.0.0.1:3306/test

Reads a quarter of the rows and all of them, each in a process of its own: the peak must not grow with the rows.
The table ``padan_bench`` is made in the database that ``--url`` names, and dropped again; without it only the
file is read.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from bench.measure import OUT, measured
from bench.tables import table

COLUMNS = (
    "no_rkm_medis",
    "no_ktp",
    "nm_pasien",
    "jk",
    "tmp_lahir",
    "tgl_lahir",
    "nm_ibu",
    "alamat",
    "tgl_daftar",
)
CONFIG = """
[registry]
name = "dukcapil"
layout = "siak"
location = "registry.csv"

[[sources]]
name = "csv"
sector = "health"
layout = "khanza"
location = "pasien-{rows}.csv"

[[sources]]
name = "database"
sector = "health"
layout = "khanza"
location = "{url}"
query = "select * from padan_bench where no_rkm_medis <= '{rows:07}' order by no_rkm_medis"
"""


def patients() -> Iterator[tuple[str, ...]]:
    """Patients without end, in the columns that a layout reads of Khanza's table."""
    number = 0
    while True:
        number += 1
        day, month, year = number % 28 + 1, number % 12 + 1, 1940 + number % 80
        yield (
            f"{number:07}",
            f"5301{number % 24 + 1:02}{day:02}{month:02}{year % 100:02}{number % 9999 + 1:04}",
            f"NAMA {number % 9973} DARI BABAU",
            "LP"[number % 2],
            "KUPANG",
            f"{year}-{month:02}-{day:02}",
            f"IBU {number % 997}",
            f"OESAO RT {number % 30:03}/RW 001",
            "2020-01-01",
        )


def write_file(path: Path, rows: int) -> None:
    """The first ``rows`` patients as a csv file."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        writer.writerows(islice(patients(), rows))


def fill_table(url: str, rows: int) -> None:
    """The same as table ``padan_bench``."""
    import sqlalchemy as sa

    engine = sa.create_engine(url)
    names = ", ".join(COLUMNS)
    values = ", ".join(f":{name}" for name in COLUMNS)
    kinds = ", ".join(f"{name} varchar(200)" for name in COLUMNS[1:])
    with engine.begin() as connection:
        connection.execute(sa.text("drop table if exists padan_bench"))
        connection.execute(
            sa.text(f"create table padan_bench ({COLUMNS[0]} varchar(15) primary key, {kinds})")
        )
        people = islice(patients(), rows)
        while some := list(islice(people, 20_000)):
            connection.execute(
                sa.text(f"insert into padan_bench ({names}) values ({values})"),
                [dict(zip(COLUMNS, row, strict=True)) for row in some],
            )
    engine.dispose()


def drop_table(url: str) -> None:
    """Leave the database as it was."""
    import sqlalchemy as sa

    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("drop table if exists padan_bench"))


def read(office: str, name: str) -> None:
    """Extract one source; what ``measured`` runs."""
    from pipelines.extract import extract
    from pipelines.settings import load_settings

    settings = load_settings(Path(office) / "padan.toml", date(2026, 11, 24))
    print(extract(settings.source(name), settings).rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the sources, read each at two sizes, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--url", default="", help="a MariaDB, MySQL or PostgreSQL to read from as well")
    options = parser.parse_args(arguments)
    if options.url:
        fill_table(options.url, options.rows)
    names = ("csv", "database") if options.url else ("csv",)
    lines = []
    for rows in (options.rows // 4, options.rows):
        office = OUT / "reading" / str(rows)
        office.mkdir(parents=True, exist_ok=True)
        (office / "padan.toml").write_text(CONFIG.format(rows=rows, url=options.url or "nowhere"))
        write_file(office / f"pasien-{rows}.csv", rows)
        for name in names:
            cost = measured("bench.reading", "--read", office, name)
            lines.append([name, f"{rows:,}", f"{rows / cost.wall:,.0f}", f"{cost.peak_mib:.0f}"])
    if options.url:
        drop_table(options.url)
    print(table(["source", "rows", "rows a second", "peak memory, MiB"], sorted(lines)))
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(*sys.argv[2:])
    else:
        raise SystemExit(main())
