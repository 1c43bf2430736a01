"""Which column fills which field: spellings, synonyms, what is missing and how that is said."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import SourceUnreadable
from pipelines.extract.columns import emptied, found, key, missing, positions, shown_names, wanted
from pipelines.layouts import Layout
from tests.extract.office import HEADER, PATIENTS, Office, table

LAYOUT = Layout(
    name="own",
    columns={"record_id": ("id",), "nik": ("nik", "no_ktp"), "name": ("nama",), "birth_date": ("tgl_lahir",)},
    required=("record_id", "nik"),
)


@pytest.mark.parametrize(
    "written",
    [
        "TGL_LAHIR",
        "tgl lahir",
        "  Tgl  Lahir ",
        "Tgl. Lahir",
        "tgl__lahir",
        "\ufeffTGL\u00a0LAHIR",
        "_tgl_lahir_",
    ],
)
def test_one_column_in_many_spellings(written: str) -> None:
    assert key(written) == "tgl_lahir"


@given(st.text())
def test_a_key_is_its_own_key(name: str) -> None:
    assert key(key(name)) == key(name)


def test_a_header_is_noted_without_anything_that_could_be_a_person_s() -> None:
    names = [" nik ", "", "nama", "nik", "5301040101900001", "x" * 90]
    assert shown_names(names) == ["nik", "nama", "…", "x" * 40]
    assert len(shown_names([f"c{i}" for i in range(5000)])) == 200


def test_fields_and_the_columns_that_fill_them() -> None:
    assert found(LAYOUT, ["ID", "No KTP", "NIK", "telepon"]) == {
        "record_id": ("ID",),
        "nik": ("NIK", "No KTP"),
    }
    assert missing(LAYOUT, ["NIK"]) == ("record_id",)
    assert wanted(LAYOUT) == {"id", "nik", "no_ktp", "nama", "tgl_lahir"}
    assert positions(LAYOUT, ["NIK", "x", "nik", "ID"]) == {"nik": 0, "id": 3}


def test_of_several_synonyms_the_first_filled_one_counts_in_each_row(office: Office) -> None:
    office.write("a.csv", "id,no_ktp,nik\n1,111,222\n2,333,\n3,,444\n4,555,  \n5,,\n")
    assert office.read("a.csv", LAYOUT).column("nik") == ["222", "333", "444", "555", None]


def test_of_two_columns_with_one_name_the_first_counts(office: Office) -> None:
    """Dapodik's sheet has four columns called NIK: the pupil's comes first."""
    office.write("a.csv", "id,nik,nik\n1,111,222\n2,,333\n")
    assert office.read("a.csv", LAYOUT).column("nik") == ["111", None]


def test_one_column_may_fill_two_fields(office: Office) -> None:
    office.write("registry.csv", "NIK,NAMA_LGKP\n5301061203790003,YOHANES\n")
    (row,) = office.read("registry.csv", "siak").rows
    assert row["record_id"] == row["nik"] == "5301061203790003"


def test_columns_that_the_layout_does_not_map_are_never_kept(office: Office) -> None:
    office.write(
        "pasien.csv", table([(*p, "AGAMA X", "081200000001") for p in PATIENTS], [*HEADER, "agama", "tlp"])
    )
    reading = office.read("pasien.csv")
    assert "AGAMA X" not in str(reading)
    assert b"081200000001" not in reading.artifact.file.read_bytes()


def test_an_optional_column_that_is_missing_is_empty(office: Office) -> None:
    office.write("pasien.csv", table([p[:5] for p in PATIENTS], HEADER[:5]))
    assert office.read("pasien.csv").column("mother_name") == [None] * 3


def test_a_required_column_that_is_missing_is_named_with_all_its_names(office: Office) -> None:
    office.write("pasien.csv", table([("1", "A", "telp")], ["No.R.M.", "Nama Pasien", "Telepon"]))
    with pytest.raises(SourceUnreadable) as caught:
        office.read("pasien.csv")
    assert str(caught.value) == (
        "rsud: pasien.csv: no column for nik (no_ktp or No. SIM/KTP or No. KTP/SIM or nik), "
        "birth_date (tgl_lahir or tanggal_lahir); columns there: No.R.M., Nama Pasien, Telepon"
    )
    assert caught.value.source == "rsud"


def test_a_file_without_a_header_does_not_spill_its_first_person(office: Office) -> None:
    office.write("pasien.csv", table(PATIENTS[1:], PATIENTS[0]))
    with pytest.raises(
        SourceUnreadable, match="the first line looks like data, a header was expected"
    ) as caught:
        office.read("pasien.csv")
    assert "YOHANES" not in str(caught.value)
    assert "5301" not in str(caught.value)


def test_a_header_of_a_thousand_columns_makes_a_short_error(office: Office) -> None:
    office.write("pasien.csv", ",".join(f"kolom {chr(97 + i % 26)}" * 20 for i in range(1000)) + "\n")
    with pytest.raises(SourceUnreadable, match="and 960 more") as caught:
        office.read("pasien.csv")
    assert len(str(caught.value)) < 2500


def test_a_file_with_none_of_the_columns_is_refused_even_if_none_is_required(office: Office) -> None:
    layout = LAYOUT.model_copy(update={"required": ()})
    office.write("a.csv", "x,y\n1,2\n")
    with pytest.raises(SourceUnreadable, match=r"no column for record_id \(id\), nik .*columns there: x, y"):
        office.read("a.csv", layout)


@given(st.lists(st.none() | st.text(st.sampled_from(" \t\n\r\v\fa!\u00a0é"), max_size=4)))
def test_only_cells_of_blanks_are_emptied(cells: list[str | None]) -> None:
    expected = [cell if cell and cell.strip(" \t\n\r\v\f") else None for cell in cells]
    assert emptied(pa.array(cells, pa.string())).to_pylist() == expected
