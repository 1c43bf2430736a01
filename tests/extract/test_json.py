"""JSON in the shapes that systems write: lines, lists, a list inside an object."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import SourceUnreadable
from tests.extract.office import HEADER, PATIENTS, Office, packed

RECORDS = [dict(zip(HEADER, patient, strict=True)) for patient in PATIENTS]
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pasien.ndjson", LINES),
        ("pasien.jsonl", LINES.replace("\n", "\r\n")),
        ("pasien.json", LINES),
        ("pasien.ndjson.gz", packed(LINES)),
        ("pasien.json", json.dumps(RECORDS)),
        ("pasien.json", "\ufeff" + json.dumps(RECORDS, indent=2, ensure_ascii=False)),
        ("pasien.json", json.dumps({"results": 3, "rows": RECORDS})),
        ("pasien.json", json.dumps({"data": RECORDS}, indent=1)),
        ("pasien.json.gz", packed(json.dumps(RECORDS))),
    ],
)
def test_every_shape_gives_the_same_records(office: Office, name: str, content: str | bytes) -> None:
    office.write(name, content)
    reading = office.read(name)
    assert reading.column("record_id") == ["000101", "000102", "000103"]
    assert reading.column("mother_name") == ["MARIA BANA", 'ESTER "ETI" LAIK', None]
    assert reading.inputs[0]["rows"] == 3


def test_rows_are_lines_in_lines_and_places_in_a_list(office: Office) -> None:
    office.write("a.ndjson", "\n" + LINES.replace("\n", "\n\n"))
    assert office.read("a.ndjson").column("row") == [2, 4, 6]
    office.write("a.json", json.dumps(RECORDS, indent=2))
    assert office.read("a.json").column("row") == [1, 2, 3]


def test_numbers_keep_their_digits_as_written(office: Office) -> None:
    line = '{"no_rkm_medis": 7, "nm_pasien": "A", "no_ktp": %s, "tgl_lahir": null, "jk": true}\n'
    numbers = ["9471061203790003", "123456789012345678901234567890", "5.30106120379E+15", "1.0", "-0"]
    office.write("a.ndjson", "".join(line % number for number in numbers))
    assert office.read("a.ndjson").column("nik") == numbers


def test_a_record_may_leave_out_what_it_does_not_have(office: Office) -> None:
    sparse = [*RECORDS, *[{k: r[k] for k in HEADER[:3]} for r in RECORDS], {**RECORDS[0], "alamat": "BABAU"}]
    office.write("a.ndjson", "".join(json.dumps(r) + "\n" for r in sparse))
    reading = office.read("a.ndjson")
    assert reading.column("birth_date")[3:6] == [None] * 3
    assert reading.column("address") == [None] * 6 + ["BABAU"]


def test_a_column_that_first_turns_up_far_down_is_not_lost(office: Office) -> None:
    late = [RECORDS[0]] * 6_000 + [{**RECORDS[0], "Alamat": "BABAU"}]
    office.write("a.ndjson", "".join(json.dumps(r) + "\n" for r in late))
    assert office.read("a.ndjson").column("address")[-1] == "BABAU"


def test_nested_values_become_compact_text(office: Office) -> None:
    office.write("a.json", json.dumps([{**RECORDS[0], "alamat": {"jalan": "Timor Raya", "no": [1, None]}}]))
    assert office.read("a.json").column("address") == ['{"jalan":"Timor Raya","no":["1",null]}']


def test_half_a_surrogate_does_not_stop_the_run(office: Office) -> None:
    office.write("a.ndjson", LINES.replace("YOHANES", "YO\\ud800HANES"))
    assert office.read("a.ndjson").column("name")[0] == "YO?HANES TEFA"


def test_a_damaged_line_costs_one_record(office: Office) -> None:
    first, second, third = LINES.splitlines()
    office.write("a.ndjson", f"{first}\n{second[:40]}\n[1, 2]\n{third}\n")
    reading = office.read("a.ndjson")
    assert reading.column("row") == [1, 4]
    assert [(r["row"], r["reason"], r["expected"]) for r in reading.aside] == [
        (2, "not_a_record", "one JSON object on the line"),
        (3, "not_a_record", "one JSON object on the line"),
    ]
    assert reading.inputs[0]["rows"] == 4


def test_an_element_that_is_no_record_is_put_aside(office: Office) -> None:
    office.write("a.json", json.dumps([RECORDS[0], "5301066509830002", None, RECORDS[1]]))
    reading = office.read("a.json")
    assert reading.column("row") == [1, 4]
    assert [(r["row"], r["value"]) for r in reading.aside] == [(2, "5301********0002"), (3, "N***")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (json.dumps(RECORDS)[:-20], "damaged JSON after 2 records"),
        (
            json.dumps(RECORDS).replace(', {"no_rkm_medis": "000103"', '; {"no_rkm_medis": "000103"'),
            "damaged JSON",
        ),
        (json.dumps(RECORDS[0])[:-5], "damaged JSON"),
        ("[]", "holds no record"),
        ("", "holds no record"),
        ("null", "holds no record"),
        ('{"rows": []}', "holds no record"),
        ('[{"resourceType": "Patient", "id": "1"}]', "FHIR resources, which layout 'khanza' does not read"),
        ('{"resourceType": "Bundle", "entry": []}', "FHIR resources, which layout 'khanza' does not read"),
        ('[{"nama": "A"}]', r"no column for record_id \(no_rkm_medis or .*\), nik .*; columns there: nama"),
    ],
)
def test_what_cannot_be_read_whole_is_refused(office: Office, content: str, reason: str) -> None:
    office.write("a.json", content)
    with pytest.raises(SourceUnreadable, match=rf"^rsud: a\.json: {reason}"):
        office.read("a.json")


def test_a_list_is_read_piece_by_piece(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.extract.stream.PIECE", 11)
    office.write(
        "a.json", json.dumps([{**r, "nm_pasien": 'JOSÉ, {["]}'} for r in RECORDS], ensure_ascii=False)
    )
    assert office.read("a.json").column("name") == ['JOSÉ, {["]}'] * 3


values = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.integers(), st.booleans()
)


@given(
    rows=st.lists(st.fixed_dictionaries(dict.fromkeys(HEADER, values)), min_size=1, max_size=6),
    indent=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_records_come_back_as_they_were_written(rows: list[dict[str, Any]], indent: bool) -> None:
    def text(value: object) -> str | None:
        shown = json.dumps(value) if isinstance(value, bool) else None if value is None else str(value)
        return shown if shown and shown.strip(" \t\r\n\v\f") else None

    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        office.write("a.json", json.dumps(rows, indent=2 if indent else None))
        names, ids = office.read("a.json").column("name"), office.read("a.json").column("record_id")
    assert names == [text(row["nm_pasien"]) for row in rows]
    assert ids == [text(row["no_rkm_medis"]) for row in rows]
