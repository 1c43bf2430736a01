"""FHIR Patients from files: Bundles, bulk exports, single resources, and the ways they say who someone is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import SourceUnreadable
from pipelines.extract.fhir import flat, patients
from pipelines.extract.table import Reject
from tests.extract.office import Office, packed
from tests.extract.service import bundle, patient

KEMKES = "https://fhir.kemkes.go.id/id/"
BIRTHPLACE = "https://fhir.kemkes.go.id/r4/StructureDefinition/birthPlace"
NIK = "5301044302900001"


def identifier(kind: str, value: str, use: str = "official") -> dict[str, str]:
    return {"use": use, "system": KEMKES + kind, "value": value}


FULL = patient(
    1,
    identifier=[identifier("nik", NIK), identifier("kk", "5301040101100009"), identifier("ihs-number", "P1")],
    extension=[{"url": BIRTHPLACE, "valueAddress": {"city": "Naibonat", "country": "ID"}}],
    address=[{"use": "home", "line": ["Jl. Timor Raya", "RT 1"], "city": "Kupang"}],
    contact=[{"relationship": [{"coding": [{"code": "MTH"}]}], "name": {"text": "ANA TEFA"}}],
    meta={"lastUpdated": "2026-11-01T00:00:00+08:00"},
)


def test_all_that_a_patient_says(office: Office) -> None:
    office.write("p.json", json.dumps(bundle([FULL])))
    (row,) = office.read("p.json", "fhir-patient").rows
    assert row == {
        "file": "p.json",
        "row": 1,
        "record_id": "P00000000001",
        "nik": NIK,
        "kk": "5301040101100009",
        "name": "PASIEN 1",
        "sex": "female",
        "birth_place": "Naibonat",
        "birth_date": "1990-02-03",
        "mother_name": "ANA TEFA",
        "address": "Jl. Timor Raya RT 1",
        "changed_at": "2026-11-01T00:00:00+08:00",
    }


def test_a_newborn_under_its_mothers_number(office: Office) -> None:
    """Its mother's number is its mother's, not its own: no number of its own, and hers where it belongs."""
    office.write("p.json", json.dumps(bundle([patient(1, identifier=[identifier("nik-ibu", NIK)])])))
    (row,) = office.read("p.json", "fhir-patient").rows
    assert row["mother_nik"] == NIK
    assert "nik" not in row


ONE, TWO = patient(1, NIK), patient(2, "5301044302900002")


@pytest.mark.parametrize(
    ("name", "content", "places"),
    [
        ("p.json", json.dumps(bundle([ONE, TWO])), [1, 2]),
        ("p.json", json.dumps(bundle([ONE, TWO]), indent=2), [1, 2]),
        ("p.json", json.dumps([ONE, TWO]), [1, 2]),
        ("p.json", json.dumps([bundle([ONE]), bundle([TWO])]), [1, 2]),
        ("p.ndjson", "\n".join(map(json.dumps, [ONE, TWO])), [1, 2]),
        ("p.ndjson", "\n\n".join(map(json.dumps, [ONE, TWO])) + "\n", [1, 3]),
        ("p.ndjson", "\n".join(map(json.dumps, [bundle([ONE]), bundle([TWO])])), [1, 2]),
        ("p.ndjson.gz", packed("\n".join(map(json.dumps, [ONE, TWO]))), [1, 2]),
    ],
)
def test_the_forms_in_which_patients_are_handed_over(
    office: Office, name: str, content: str | bytes, places: list[int]
) -> None:
    office.write(name, content)
    reading = office.read(name, "fhir-patient")
    assert reading.column("nik") == [NIK, "5301044302900002"]
    assert reading.column("row") == places


def test_a_single_patient(office: Office) -> None:
    office.write("p.json", json.dumps(ONE, indent=1))
    assert office.read("p.json", "fhir-patient").column("nik") == [NIK]


def test_other_resources_are_no_people_and_broken_entries_are_set_aside(office: Office) -> None:
    organisation = {"resourceType": "Organization", "id": "O1"}
    office.write("p.json", json.dumps(bundle([organisation, ONE, None, "x", {"id": "without a type"}])))
    reading = office.read("p.json", "fhir-patient")
    assert reading.column("nik") == [NIK]
    assert [(r["row"], r["reason"]) for r in reading.aside] == [(3, "not_a_record")] + [
        (n, "not_a_record") for n in (4, 5)
    ]
    assert reading.inputs[0]["rows"] == 4


def test_lines_that_are_no_json_cost_themselves(office: Office) -> None:
    office.write("p.ndjson", f'{json.dumps(ONE)}\n{{"resourceType": "Pat\n{json.dumps(TWO)}\n')
    reading = office.read("p.ndjson", "fhir-patient")
    assert len(reading.rows) == 2
    assert [r["row"] for r in reading.aside] == [2]


def test_a_server_with_systems_of_its_own_is_told_of_them(office: Office) -> None:
    other = patient(1, identifier=[{"system": "http://sys-ids.kemkes.go.id/patient", "value": NIK}])
    office.write("p.json", json.dumps(bundle([other])))
    with pytest.raises(SourceUnreadable, match=r"no column for nik .*identifier:http://sys-ids"):
        office.read("p.json", "fhir-patient")


def test_another_layout_says_which_one_reads_fhir(office: Office) -> None:
    office.write("p.json", json.dumps([ONE]))
    with pytest.raises(SourceUnreadable, match=r"FHIR resources.*use 'fhir-patient'"):
        office.read("p.json", "dapodik")


@pytest.mark.parametrize("content", ["[]", json.dumps(bundle([])), "{}", "null"])
def test_nobody_in_it(office: Office, content: str) -> None:
    office.write("p.json", content)
    with pytest.raises(SourceUnreadable, match=r"p\.json: "):
        office.read("p.json", "fhir-patient")


def test_the_number_and_the_name_in_use_count() -> None:
    record = flat(
        {
            "identifier": [identifier("nik", "old", "old"), identifier("nik", "new", "usual")],
            "name": [
                {"use": "old", "text": "LAMA"},
                {"use": "official", "given": ["MARIA", "ANA"], "family": "B"},
            ],
        }
    )
    assert record[f"identifier:{KEMKES}nik"] == "new"
    assert record["name"] == "MARIA ANA B"


_JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["use", "url", "name", "coding", "code", "text", "value"]), inner)
    ),
    max_leaves=12,
)
_PATIENT = st.fixed_dictionaries(
    {"resourceType": st.just("Patient")},
    optional=dict.fromkeys(("id", "identifier", "name", "extension", "contact", "address", "meta"), _JSON),
)


@given(_PATIENT)
def test_whatever_stands_in_a_patient_is_one_record(resource: dict[str, object]) -> None:
    (record,) = patients(resource, 1)
    assert isinstance(record, dict)


@given(_JSON)
def test_whatever_is_no_resource_is_one_reject(resource: object) -> None:
    (record,) = patients(resource, 7)
    assert isinstance(record, Reject)
    assert record.row == 7


def test_resources_of_other_kinds_are_nobody() -> None:
    assert list(patients({"resourceType": "Observation"}, 1)) == []
