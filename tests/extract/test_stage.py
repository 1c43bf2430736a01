"""The stage's promises: the account adds up, bytes repeat, nothing half-written, nobody else may look."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.engine import Artifact
from pipelines.errors import SourceUnreadable
from pipelines.extract import extract, sinks
from pipelines.records import PERSON_FIELDS, QUARANTINE, VERDICT_FIELDS, raw_schema
from tests.extract.office import HEADER, PATIENTS, Office, packed, table


def test_the_tables_have_the_schemas_of_the_contract(office: Office) -> None:
    office.write("pasien.csv", table() + "damaged\n")
    reading = office.read("pasien.csv")
    assert pq.read_schema(reading.artifact.file).equals(raw_schema(PERSON_FIELDS))
    assert pq.read_schema(_quarantine(office)).equals(QUARANTINE)
    office.write("v.csv", "nik,checked_at,result\n5301061203790003,2026-11-02,DITEMUKAN\n")
    assert pq.read_schema(office.read("v.csv", "verdicts").artifact.file).equals(raw_schema(VERDICT_FIELDS))


def test_the_artifact_describes_the_table(office: Office) -> None:
    office.write("pasien.csv", table())
    artifact = office.read("pasien.csv").artifact
    assert artifact == Artifact(
        str(office.folder / "data/raw/rsud/run_date=2026-11-24"),
        3,
        hashlib.sha256(artifact.file.read_bytes()).hexdigest(),
    )


def test_inputs_are_listed_with_what_proves_them(office: Office) -> None:
    plain, zipped = table().encode() + b"damaged\n", packed(table(PATIENTS[:1]))
    office.write("a.csv", plain)
    office.write("b.csv.gz", zipped)
    columns = ["no_rkm_medis", "nm_pasien", "no_ktp", "jk", "tgl_lahir", "nm_ibu"]
    assert [list(line.values()) for line in office.read("*").inputs] == [
        ["a.csv", hashlib.sha256(plain).hexdigest(), len(plain), 4, columns],
        ["b.csv.gz", hashlib.sha256(zipped).hexdigest(), len(zipped), 1, columns],
    ]


def test_rows_in_the_files_are_rows_kept_and_rows_put_aside(office: Office) -> None:
    good = [(str(i), "A", str(i), "L", "1990-01-01", "B") for i in range(900)]
    lines = table(good).splitlines(keepends=True)
    for at in range(100, 900, 100):
        lines[at] = lines[at].replace("L,", "L,,", 1)
    office.write("a.csv", "".join(lines))
    office.write("b.ndjson", json.dumps(dict(zip(HEADER, PATIENTS[0], strict=True))) + "\n{broken\n")
    reading = office.read("*")
    assert (len(reading.rows), len(reading.aside)) == (893, 9)
    assert sum(i["rows"] for i in reading.inputs) == 902
    assert {row["scope"] for row in reading.aside} == {"row"}


def test_the_same_inputs_give_the_same_bytes(office: Office) -> None:
    office.write("pasien.csv", table() + "damaged\n")
    first, second = (
        [f.read_bytes() for f in _written(office)] for _ in range(2) if office.read("pasien.csv")
    )
    assert first == second
    assert len(first) == 4


def test_a_second_run_of_a_date_replaces_it(office: Office) -> None:
    office.write("pasien.csv", table() + "damaged\n")
    office.read("pasien.csv")
    office.write("pasien.csv", table(PATIENTS[:1]))
    reading = office.read("pasien.csv")
    assert (len(reading.rows), reading.aside, len(reading.inputs)) == (1, [], 1)


def test_nothing_is_written_of_a_source_that_cannot_be_read(office: Office) -> None:
    office.write("a.csv", table())
    office.write("b.csv", "no,header\n")
    with pytest.raises(SourceUnreadable):
        office.read("*.csv")
    assert [p for p in (office.folder / "data").rglob("*") if p.is_file()] == []


def test_a_full_disk_is_not_blamed_on_the_source(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    office.write("pasien.csv", table())
    monkeypatch.setattr(sinks.Sink, "add", full)
    with pytest.raises(OSError, match="No space left") as caught:
        office.read("pasien.csv")
    assert not isinstance(caught.value, SourceUnreadable)
    assert not list((office.folder / "data").rglob("*.parquet"))


def test_only_the_owner_may_look(office: Office) -> None:
    office.write("pasien.csv", table())
    office.read("pasien.csv")
    for path in _written(office):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_large_sources_are_written_in_groups(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "ROW_GROUP", 1_000)
    for name in "abc":
        office.write(f"{name}.csv", table([(name + str(i), "A", "1", "L", "", "") for i in range(700)]))
    artifact = office.read("*.csv").artifact
    file = pq.ParquetFile(artifact.file)
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [1000, 1000, 100]
    assert pa.compute.count_distinct(file.read()["record_id"]).as_py() == 2100


def test_an_unreadable_source_says_so_across_processes(office: Office) -> None:
    """Airflow and pools pickle what a task raises."""
    import pickle

    source = office.source("nowhere.csv")
    with pytest.raises(SourceUnreadable) as caught:
        extract(source, office.settings(source))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.source, str(again)) == (caught.value.source, str(caught.value))


def _written(office: Office) -> list[Path]:
    return sorted(p for p in (office.folder / "data").rglob("*") if p.is_file())


def _quarantine(office: Office) -> Path:
    return office.folder / "data/quarantine/extract/rsud/run_date=2026-11-24/part-0.parquet"
