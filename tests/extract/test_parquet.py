"""Parquet files with types of their own: every value as the text a person would see."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import SourceUnreadable
from tests.extract.office import HEADER, PATIENTS, Office, packed


def write(office: Office, table: pa.Table, name: str = "pasien.parquet", group: int = 2) -> None:
    pq.write_table(table, office.folder / name, row_group_size=group)


def with_nik(values: pa.Array) -> pa.Table:
    rest = {name: ["x"] * len(values) for name in HEADER if name != "no_ktp"}
    return pa.table({**rest, "no_ktp": values})


def test_texts_come_as_they_are(office: Office) -> None:
    write(office, pa.table({h: [p[i] or None for p in PATIENTS] for i, h in enumerate(HEADER)}))
    reading = office.read("pasien.parquet")
    assert reading.column("name") == [p[1] for p in PATIENTS]
    assert reading.column("mother_name") == ["MARIA BANA", 'ESTER "ETI" LAIK', None]
    assert reading.column("row") == [1, 2, 3]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([9471061203790003, None], pa.int64()), ["9471061203790003", None]),
        (pa.array([5301061203790003.0, None]), ["5301061203790003", None]),
        (pa.array([float("nan"), 1.5]), [None, "1.5"]),
        (
            pa.array([Decimal("5301061203790003"), Decimal(10)], pa.decimal128(20, 0)),
            ["5301061203790003", "10"],
        ),
        (pa.array([Decimal("5301061203790003.00"), Decimal("1.50")]), ["5301061203790003", "1.5"]),
        (pa.array([date(1979, 3, 12)]), ["1979-03-12"]),
        (pa.array([datetime(1979, 3, 12), None]), ["1979-03-12", None]),
        (
            pa.array([datetime(1979, 3, 12), datetime(1979, 3, 12, 5, 6)]),
            ["1979-03-12", "1979-03-12 05:06:00"],
        ),
        (pa.array([datetime(1979, 3, 12)], pa.timestamp("ns")), ["1979-03-12"]),
        (pa.array([datetime(1979, 3, 11, 16)], pa.timestamp("us", "Asia/Makassar")), ["1979-03-12"]),
        (pa.array([time(5, 6)]), ["05:06:00"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array(["A", "B", "A"]).dictionary_encode(), ["A", "B", "A"]),
        (pa.array([b"JOS\xc3\x89", b"JOS\xc9"]), ["JOSÉ", "JOSÉ"]),
        (pa.array(["A"], pa.large_string()), ["A"]),
        (pa.array([None, None], pa.null()), [None, None]),
        (pa.array([["A", "B"]]), ['["A","B"]']),
        (pa.array([{"a": 1}]), ['{"a":1}']),
    ],
    ids=lambda v: str(v.type) if isinstance(v, pa.Array) else "",
)
def test_typed_values_become_exact_text(office: Office, values: pa.Array, texts: list[str | None]) -> None:
    write(office, with_nik(values))
    assert office.read("pasien.parquet").column("nik") == texts


def test_a_gzipped_file_and_more_than_a_batch(office: Office) -> None:
    write(office, with_nik(pa.array(range(45_000))), "big.parquet", group=7_000)
    office.write("pasien.parquet.gz", packed((office.folder / "big.parquet").read_bytes()))
    reading = office.read("pasien.parquet.gz")
    assert reading.column("nik") == [str(i) for i in range(45_000)]
    assert reading.column("row") == list(range(1, 45_001))


def test_an_empty_table_is_a_table(office: Office) -> None:
    write(office, pa.table({h: pa.array([], pa.string()) for h in HEADER}))
    assert office.read("pasien.parquet").rows == []


def test_a_damaged_file_is_refused(office: Office) -> None:
    office.write("pasien.parquet", b"PAR1" + b"x" * 100)
    with pytest.raises(SourceUnreadable, match=r"pasien\.parquet: not a whole Parquet file"):
        office.read("pasien.parquet")


def test_damage_inside_the_data_is_refused(office: Office) -> None:
    write(office, with_nik(pa.array([str(i) for i in range(1000)])))
    path = office.folder / "pasien.parquet"
    content = bytearray(path.read_bytes())
    content[8:400] = b"\xff" * 392
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match="not a whole Parquet file"):
        office.read("pasien.parquet")


def test_missing_columns_are_named(office: Office) -> None:
    write(office, pa.table({"nama": ["A"], "nik": ["1"]}))
    with pytest.raises(SourceUnreadable, match=r"no column for record_id .*columns there: nama, nik"):
        office.read("pasien.parquet")
