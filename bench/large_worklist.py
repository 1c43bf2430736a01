"""A worklist of half a million open items: what a returned workbook and a day's run cost then.

    python -m bench.large_worklist --url postgresql+psycopg://postgres@127.0.0.1:5432/test

Findings are drawn in SQL; everything after them is the real code. A first day records and publishes them all. Then,
each in a process of its own: ``decide`` of a workbook of 10,000 rows, the stages ``worklist``, ``record``, ``publish``
and ``close`` of a second day on which every fiftieth item is gone and as many are new, and ``padan status``.

Once on SQLite, and once on a database of its own beside the one that ``--url`` names, dropped in the end.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.measure import OUT, Cost, circumstances, measured
from bench.stores import new_database
from bench.tables import keep, table

if TYPE_CHECKING:
    from pipelines.settings import Settings

FIRST: Final = date(2026, 11, 24)
SECOND: Final = FIRST + timedelta(days=1)

CONFIG: Final = """
[padan]
store = "{store}"
[registry]
name = "dukcapil"
layout = "siak"
location = "registry.csv"
[[sources]]
name = "rsud-naibonat"
sector = "health"
layout = "khanza"
location = "pasien.csv"
[[sources]]
name = "dapodik-kupang"
sector = "education"
layout = "dapodik"
location = "siswa.csv"
[[verdicts]]
name = "bpjs"
layout = "verdicts"
location = "verdicts.csv"
[decisions]
bulk_limit = 10000000
"""

STAGES: Final = ("worklist", "record", "publish", "close")


def findings_sql(items: int, first: int) -> str:
    """``items`` findings as ``FINDINGS`` has them, numbered from ``first``, over three owners and five causes."""
    nik = "'5301' || lpad((n % 24 + 1)::varchar, 2, '0') || lpad((n * 7 % 9999999999)::varchar, 10, '0')"
    return f"""
        select
            case n % 10 when 0 then 'dukcapil' when 1 then 'dukcapil' when 2 then 'dapodik-kupang'
                when 3 then 'dapodik-kupang' else 'rsud-naibonat' end as source,
            lpad(n::varchar, 9, '0') as source_record_id,
            case n % 10 when 0 then 'NIK_NOT_ONLINE' when 1 then 'NIK_NOT_ONLINE' when 2 then 'NIK_WRONG'
                when 4 then 'ELEMENT_MISMATCH' when 5 then 'NIK_MISSING' else 'NIK_MISTYPED' end as cause,
            source as owner,
            {nik} as recorded_nik,
            case when cause in ('NIK_NOT_ONLINE', 'ELEMENT_MISMATCH') then null
                else left({nik}, 15) || (n % 10) end as proposed_nik,
            case when proposed_nik is null then null else 0.5 + (n % 500) / 1000 end as confidence,
            case when cause = 'ELEMENT_MISMATCH' then 'birth_date' end as elements,
            null::varchar as related,
            'NIK ' || {nik} || ' tidak ada di registri; orang yang sama tercatat dengan nomor lain, satu angka'
                || ' berbeda, nama dan tanggal lahir cocok.' as evidence,
            'MARIA ' || (n % 9973) || ' NITBANI' as person_name,
            date '1940-01-01' + (n % 29000)::integer as birth_date,
            '53.01.' || lpad((n % 24 + 1)::varchar, 2, '0') as district,
            'KECAMATAN ' || (n % 24 + 1) as district_name,
            case source when 'dukcapil' then null when 'dapodik-kupang' then 'education' else 'health' end as sector,
            n % 50 = 0 as agencies_agree,
            n % 90 = 0 as infant
        from range({first}, {first + items}) as numbers(n)"""


def draw(office: str, day: str, items: str, first: str) -> None:
    """A day's findings, and counts and gates as the room of quality hands them over, nothing read of any source."""
    import pyarrow as pa

    from pipelines.engine import PART, connect, sql_text, write_folder, write_table
    from pipelines.quality.schemas import ACCOUNT, GATES
    from pipelines.records import FINDINGS

    settings = _settings(office, day)
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    columns = ", ".join(
        f"cast({field.name} as {_SQL[str(field.type)]}) as {field.name}" for field in FINDINGS
    )
    with write_folder(settings.folder("findings")) as folder:
        con.execute(
            f"copy (select {columns} from ({findings_sql(int(items), int(first))})) to {sql_text(folder / PART)}"
        ).fetchall()
    counts = [{"source": settings.registry.name, "measure": "records", "count": 0}]
    counts += [{"source": source.name, "measure": "unread", "count": 1} for source in settings.everyone[1:]]
    _nothing_read(settings.registry.name, settings)
    write_table(pa.Table.from_pylist(counts, schema=ACCOUNT), settings.folder("account"))
    write_table(pa.Table.from_pylist([], schema=GATES), settings.folder("gates"))


def _nothing_read(source: str, settings: Settings) -> None:
    """What publish looks for of a source that was read, with nothing in it."""
    from pipelines.engine import write_table
    from pipelines.records import QUARANTINE, RECORDS

    write_table(RECORDS.empty_table(), settings.folder(f"records/{source}"))
    for stage in ("extract", "standardise"):
        write_table(QUARANTINE.empty_table(), settings.folder(f"quarantine/{stage}/{source}"))
    raw = settings.folder(f"raw/{source}")
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "inputs.json").write_text("[]", encoding="utf-8")


_SQL: Final = {"string": "varchar", "double": "double", "date32[day]": "date", "bool": "boolean"}


def _settings(office: str, day: str) -> Settings:
    from pipelines.settings import load_settings

    return load_settings(Path(office) / "padan.toml", date.fromisoformat(day), {})


def stage(office: str, day: str, name: str) -> None:
    """One stage of a day on what lies there; what ``measured`` runs."""
    from pipelines.engine import Artifact, read_artifact
    from pipelines.publish import publish
    from pipelines.publish.provenance import file_sha256
    from pipelines.records import MANIFEST
    from pipelines.worklist import close, record, worklist

    settings = _settings(office, day)

    def read(table: str) -> Artifact:
        return read_artifact(settings.folder(table))

    if name == "worklist":
        worklist(read("findings"), [], settings)
    elif name == "record":
        record(read("items"), read("account"), read("gates"), settings)
    elif name == "publish":
        publish(read("items"), read("account"), read("gates"), settings)
    else:
        folder = settings.outbox / day
        close(Artifact(str(folder), read("items").rows, file_sha256(folder / MANIFEST)), settings)


def workbook(office: str, day: str, rows: str) -> None:
    """A workbook as officers send it back: the published headings, ``rows`` answered items with their notes."""
    import duckdb
    from xlsxwriter import Workbook

    from pipelines.engine import sql_text
    from pipelines.vocabulary import DECISION_HEADINGS, DECISION_WORDS

    settings = _settings(office, day)
    found = duckdb.execute(
        "select item_id, proposed_nik, person_name, cause, evidence, priority_reason"
        f" from read_parquet({sql_text(settings.folder('items') / 'part-0.parquet')})"
        f" order by hash(item_id) limit {int(rows)}"
    ).fetchall()
    words = [word[settings.language] for word in DECISION_WORDS.values()]
    headings = [DECISION_HEADINGS[name][settings.language] for name in ("item_id", "proposed_nik")]
    headings += [DECISION_HEADINGS[name][settings.language] for name in ("decision", "note")]
    with Workbook(str(Path(office) / "kembali.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*headings, "Nama", "Sebab", "Bukti", "Alasan"])
        for number, (item, proposed, *others) in enumerate(found, start=1):
            sheet.write_row(number, 0, [item, proposed or "", words[number % 3], f"berkas {number}", *others])


def decide(office: str) -> None:
    """The returned workbook into the store."""
    from pipelines.worklist import decide as take

    summary = take(Path(office) / "kembali.xlsx", _settings(office, f"{FIRST}"))
    print(sum(summary.taken.values()))


def status(office: str) -> None:
    """What ``padan status`` says."""
    from pipelines.worklist import standing
    from pipelines.worklist import status as figures

    settings = _settings(office, f"{SECOND}")
    print(standing(figures(settings), settings.language))


COMMANDS: Final = {"draw": draw, "stage": stage, "workbook": workbook, "decide": decide, "status": status}


def measure(office: Path, store: str, items: int, rows: int) -> dict[str, Cost]:
    """Both days on one store: what each step took."""
    office.mkdir(parents=True, exist_ok=True)
    (office / "padan.toml").write_text(CONFIG.format(store=store), encoding="utf-8")

    def do(command: str, *arguments: object) -> Cost:
        return measured("bench.large_worklist", "--do", command, office, *arguments)

    costs = {}
    do("draw", FIRST, items, 0)
    for name in STAGES:
        costs[f"first day: {name}"] = do("stage", FIRST, name)
    do("workbook", FIRST, rows)
    costs[f"decide of {rows:,} rows"] = do("decide")
    do("draw", SECOND, items, items // 50)
    for name in STAGES:
        costs[f"second day: {name}"] = do("stage", SECOND, name)
    costs["status"] = do("status")
    return costs


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure on each store and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=500_000)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--url", default="", help="a PostgreSQL where a database can be made")
    parser.add_argument("--keep", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    place, where = OUT / "large_worklist", circumstances()
    with ExitStack() as ends:
        stores = {"SQLite": "sqlite:///padan.sqlite"}
        if options.url:
            stores["PostgreSQL"] = ends.enter_context(new_database(options.url))
        for old in place.rglob("padan.sqlite*"):
            old.unlink()
        costs = {
            name: measure(place / name.lower(), store, options.items, options.rows)
            for name, store in stores.items()
        }
    header = ["", *(f"{name}: {what}" for name in stores for what in ("seconds", "MiB"))]
    lines = [
        [
            step,
            *(
                cell
                for each in costs.values()
                for cell in (f"{each[step].wall:.1f}", f"{each[step].peak_mib:.0f}")
            ),
        ]
        for step in next(iter(costs.values()))
    ]
    shown = table(header, lines)
    print(shown)
    if options.keep:
        keep("large worklist", f"{options.items:,} items. {where}\n\n{shown}")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--do"]:
        COMMANDS[sys.argv[2]](*sys.argv[3:])
    else:
        raise SystemExit(main())
