"""``padan explain``: why an item exists, for the person who has to believe it or not.

Both records side by side, each comparison's level in words with its weight, the prior, the rivals and the
sum: read from the run's own tables, so the weights shown are those that decided.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from pipelines.engine import PART, sql_text
from pipelines.errors import PadanError
from pipelines.records import Cause
from pipelines.settings import Settings

Row = dict[str, Any]

SHOWN = (
    "name",
    "sex",
    "birth_date",
    "birth_place",
    "mother_name",
    "father_name",
    "nik_recorded",
    "kk",
    "status",
)
"""The fields of a record that are set side by side."""

_TEXT = {
    "id": {
        "field": "kolom",
        "compared": "yang dibandingkan",
        "seen": "yang terlihat",
        "weight": "bobot (bit)",
        "prior": "bobot awal: satu orang dari seluruh daftar",
        "sum": "jumlah",
        "nothing": "lawannya: orang ini tidak ada di Dukcapil",
        "rival": "calon lain",
        "probability": "peluang",
        "plain": "Nama, tanggal lahir dan jenis kelamin sama persis; tidak ada yang perlu ditimbang.",
        "alone": "Tidak ada orang di Dukcapil yang cukup cocok untuk dibandingkan.",
        "common": "Kedua rekam menunjuk orang yang sama di Dukcapil.",
    },
    "en": {
        "field": "field",
        "compared": "compared",
        "seen": "seen",
        "weight": "weight (bits)",
        "prior": "prior: one person out of the whole registry",
        "sum": "sum",
        "nothing": "against it: this person is in no registry",
        "rival": "another candidate",
        "probability": "probability",
        "plain": "Name, birth date and sex agree to the letter; nothing had to be weighed.",
        "alone": "Nobody in the registry agrees well enough to be compared.",
        "common": "Both records point to one person in the registry.",
    },
}


def explain(item_id: str, settings: Settings) -> str:
    """The explanation as text. Raises ``PadanError`` where no run that is still kept has the item."""
    day, item = _newest(item_id, settings)
    con = duckdb.connect()
    matches = _rows(
        con,
        day("matches"),
        f"source = {sql_text(item['source'])} and {sql_text(item['source_record_id'])} in (source_record_id, "
        "case when relation in ('double', 'duplicate') then other_id end) order by rank, other_id",
    )
    match = _deciding(item, matches)
    own = _record(con, day, item["source"], item["source_record_id"])
    other = None
    if match is not None:
        ends = [(match["source"], match["source_record_id"]), (match["other_source"], match["other_id"])]
        end = ends[0] if ends[1] == (item["source"], item["source_record_id"]) else ends[1]
        other = _record(con, day, *end)
    return _drawn(item, own, other, match, matches, settings.language)


def _newest(item_id: str, settings: Settings) -> tuple[Callable[[str], Path], Row]:
    """The latest kept run that has the item: a function from a table's name to its file there, and the item."""
    con = duckdb.connect()
    runs = sorted((settings.data / "items").glob("run_date=*"), reverse=True)
    for run in runs:
        found = _rows(con, run / PART, f"item_id = {sql_text(item_id)}")
        if found:
            return partial(_file, settings.data, run.name), found[0]
    raise PadanError(f"no item {item_id} in any of the {len(runs)} runs kept under {settings.data}")


def _file(data: Path, run: str, table: str) -> Path:
    return data / table / run / PART


def _rows(con: duckdb.DuckDBPyConnection, file: Path, where: str) -> list[Row]:
    if not file.exists():
        return []
    query = f"select * from read_parquet({sql_text(file)}, hive_partitioning = false) where {where}"
    return [dict(row) for row in con.sql(query).to_arrow_table().to_pylist()]


def _record(con: duckdb.DuckDBPyConnection, day: Callable[[str], Path], source: str, key: str) -> Row | None:
    found = _rows(con, day(f"records/{source}"), f"source_record_id = {sql_text(key)}")
    return found[0] if found else None


def _deciding(item: Row, matches: list[Row]) -> Row | None:
    """The pair that the item rests on: the number's holder, the person proposed, or the other half of a pair."""
    pair = {Cause.DOUBLE_NIK: "double", Cause.DUPLICATE_RECORD: "duplicate"}.get(Cause(item["cause"]))
    if pair:
        ends = {item["source_record_id"], item["related"]}
        chosen = [
            m for m in matches if m["relation"] == pair and {m["source_record_id"], m["other_id"]} == ends
        ]
    else:
        people = [m for m in matches if m["relation"] in ("holder", "candidate")]
        proposed = [m for m in people if m["other_id"] == item["proposed_nik"]]
        chosen = proposed or [m for m in people if m["relation"] == "holder"] or people
    return chosen[0] if chosen else None


def _drawn(
    item: Row, own: Row | None, other: Row | None, match: Row | None, matches: list[Row], language: str
) -> str:
    from rich.console import Console
    from rich.table import Table

    text = _TEXT[language]
    out = Console(file=io.StringIO(), width=118, color_system=None, highlight=False)
    out.print(f"{item['item_id']}  {item['cause']}  ({item['status']}, {item['owner']})", markup=False)
    out.print(item["evidence"] + "\n", markup=False)
    sides = Table(text["field"], _title(own), _title(other), box=None, pad_edge=False)
    for field in SHOWN:
        values = [str((side or {}).get(field) or "") for side in (own, other)]
        if any(values):
            sides.add_row(field, *values)
    out.print(sides)
    if match is None:
        out.print("\n" + text["alone"])
    else:
        out.print()
        _weighed(out, match, [m for m in matches if m["relation"] in ("holder", "candidate")], language)
    return str(out.file.getvalue()).rstrip()  # type: ignore[attr-defined]


def _title(record: Row | None) -> str:
    return f"{record['source']} {record['source_record_id']}" if record else ""


def _weighed(out: Any, match: Mapping[str, Any], rivals: list[Row], language: str) -> None:
    from rich.table import Table

    from pipelines.match.explain import parts

    text = _TEXT[language]
    lines = parts(match, language)
    if not lines:
        out.print(text["common"] if match["relation"] == "duplicate" else text["plain"])
        return
    table = Table(text["compared"], text["seen"], box=None, pad_edge=False)
    table.add_column(text["weight"], justify="right")
    table.add_row(text["prior"], "", f"{match['w_prior']:+.2f}")
    for part in lines:
        table.add_row(part.comparison, part.seen, f"{part.weight:+.2f}")
    table.add_row(text["sum"], "", f"{match['weight']:+.2f}")
    if match["w_nothing"] is not None:
        table.add_row(text["nothing"], "", f"{match['w_nothing']:+.2f}")
        for rival in rivals:
            if rival["other_id"] != match["other_id"] and rival["weight"] is not None:
                table.add_row(text["rival"], rival["other_id"], f"{rival['weight']:+.2f}")
    table.add_row(text["probability"], "", f"{match['probability']:.4f}")
    out.print(table)
