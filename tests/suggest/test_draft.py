"""What the draft says of itself: certainties, reasons, what is only a guess; and that it is always a layout."""

from __future__ import annotations

import csv
import io
import tempfile
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import cli
from pipelines.errors import SourceUnreadable
from pipelines.layouts import Layout
from pipelines.suggest import Suggestion, certainties, suggest_layout, toml
from pipelines.suggest.codes import by_numbers, by_words
from pipelines.suggest.hints import hint, synonyms

TODAY = date(2026, 11, 24)


def draft(folder: Path, text: str, name: str = "data.csv") -> Suggestion:
    (folder / name).write_text(text, encoding="utf-8")
    return suggest_layout(name, folder, TODAY)


# --- hints


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("nik", ["NIK", "no_ktp", "NIK Pasien", "nomor_induk_kependudukan", "No. KTP"]),
        ("kk", ["NO_KK", "nkk", "no kartu keluarga"]),
        ("name", ["nama", "Nama Pasien", "nm_siswa", "NAMA_LGKP"]),
        ("mother_name", ["nm_ibu", "Nama Ibu", "ibu_kandung", "nama gadis ibu"]),
        ("birth_date", ["tgl_lahir", "Tanggal Lahir", "TGL_LHR", "dob"]),
        ("birth_place", ["tmp_lahir", "Tempat Lahir", "TMPT_LHR"]),
        ("record_id", ["no_rkm_medis", "no_rm", "id_pasien", "nisn"]),
        ("sex", ["jk", "jenis kelamin", "gender"]),
    ],
)
def test_names_that_speak_for_one_field_and_no_other(field: str, names: list[str]) -> None:
    for name in names:
        spoken = {other: hint(other, name) for other in synonyms()}
        assert spoken[field] >= 0.7, name
        assert max(spoken, key=lambda f: spoken[f]) == field


@pytest.mark.parametrize(
    "name", ["nik_ibu", "NIK Ayah", "no_peserta", "nama_ayah", "nama_kecamatan", "alamat"]
)
def test_names_of_others_do_not_speak_for_the_person(name: str) -> None:
    assert hint("nik", name) == 0
    assert hint("name", name) == 0


# --- codes


def test_codes_are_learned_where_the_numbers_say_so() -> None:
    codes = by_numbers({"0": 60, "1": 40}, {"0": (1, 58), "1": (39, 0)})
    assert (codes.men, codes.women) == (("1",), ("0",))
    assert codes.fit > 0.97


def test_a_column_that_has_nothing_to_do_with_sex_is_not_taken_for_it() -> None:
    assert by_numbers({"WNI": 60, "WNA": 40}, {"WNI": (31, 28), "WNA": (19, 20)}).fit == 0


def test_usual_words_count_where_there_is_no_number() -> None:
    codes = by_words({"LAKI-LAKI": 5, "PEREMPUAN": 4, "?": 1})
    assert (codes.men, codes.women, codes.fit) == (("LAKI-LAKI",), ("PEREMPUAN",), 0.9)


# --- the text

WITHOUT_NUMBERS = "id;nama;tgl lahir;jk\n" + "".join(
    f"P{at};{name} TEFA;0{1 + at % 9}/0{1 + at % 7}/19{60 + at};{'LP'[at % 2]}\n"
    for at, name in enumerate(["YOHANES", "MARIA", "PETRUS", "ANA", "AGUS", "ELISABETH", "YUSUF", "RAHEL"])
)


def test_without_numbers_names_decide_and_the_draft_is_less_sure(tmp_path: Path) -> None:
    found = draft(tmp_path, WITHOUT_NUMBERS)
    assert found.columns["name"] == "nama"
    assert found.columns["birth_date"] == "tgl lahir"
    assert found.columns["sex"] == "jk"
    assert found.order.value == "dmy"
    assert found.order.certainty == 0.6
    assert "no date tells the day from the month" in found.order.reason
    assert '# nik = ["?"]  # 0.00' in toml(found)


def test_every_line_says_how_sure_it_is_and_why(tmp_path: Path) -> None:
    text = toml(draft(tmp_path, WITHOUT_NUMBERS))
    columns = text.partition("[columns]\n")[2].partition("\n\n")[0].splitlines()
    assert len(columns) >= 4
    for line in columns:
        _, _, told = line.rpartition("  # ")
        certainty, _, reason = told.partition(" ")
        assert 0 <= float(certainty) <= 1
        assert len(reason) > 10


def test_guesses_stand_as_comments(tmp_path: Path) -> None:
    found = draft(tmp_path, WITHOUT_NUMBERS.replace("tgl lahir", "x"))
    layout = Layout.model_validate(tomllib.loads(toml(found)))
    for pick in found.picks:
        needed = pick.field in found.required
        assert (pick.field in layout.columns) == (pick.certainty >= 0.5 or needed), pick


def test_the_table_marks_what_to_look_at(tmp_path: Path) -> None:
    found = draft(tmp_path, WITHOUT_NUMBERS.replace("tgl lahir", "x"))
    marked = {line.split()[1] for line in certainties(found).splitlines() if line.startswith("?")}
    assert marked == {p.field for p in found.picks if p.certainty < 0.5}


def test_no_value_of_a_single_person_is_shown(tmp_path: Path) -> None:
    found = draft(tmp_path, WITHOUT_NUMBERS)
    for text in (toml(found), certainties(found)):
        assert "YOHANES" not in text
        assert "TEFA" not in text


@pytest.mark.parametrize("text", ["", "\n\n", "just a letter\n"])
def test_what_is_no_table_of_people_gives_no_column(tmp_path: Path, text: str) -> None:
    try:
        found = draft(tmp_path, text)
    except SourceUnreadable as error:
        assert str(error) == "data.csv: the file is empty; expected a header line"  # noqa: PT017
    else:
        assert not found.columns


def test_a_header_without_rows_goes_by_the_names(tmp_path: Path) -> None:
    found = draft(tmp_path, "no_rkm_medis,nm_pasien,no_ktp,jk,tgl_lahir,nm_ibu\n")
    assert found.rows == 0
    assert found.columns["nik"] == "no_ktp"
    assert found.columns["mother_name"] == "nm_ibu"
    assert found.required == ("record_id", "nik", "name", "birth_date")
    assert {p.certainty for p in found.picks} == {0.4}


def test_a_second_column_of_one_name_is_said_to_be_out_of_reach(tmp_path: Path) -> None:
    found = draft(tmp_path, "nik,nama,nik\n5301061203790003,ANA,5301065207500001\n")
    assert "# nik: a second column of this name cannot be told apart" in toml(found)


CELL = st.one_of(
    st.sampled_from(
        ["5301061203790003", "1990-01-02", "12/03/1979", "L", "P", "MARIA BANA", "KUPANG", "-", ""]
    ),
    st.text(max_size=8),
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6))
def test_whatever_a_file_holds_the_draft_is_a_layout_or_one_line_says_why(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_bytes(text.getvalue().encode("utf-8", "replace"))
        try:
            found = suggest_layout("data.csv", Path(folder), TODAY)
        except SourceUnreadable as error:
            assert "\n" not in str(error)  # noqa: PT017
            return
    layout = Layout.model_validate(tomllib.loads(toml(found)))
    assert set(layout.columns) <= set(found.columns)
    certainties(found)


# --- the command


def test_the_command_prints_toml_and_beside_it_the_certainties(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data.csv").write_text(WITHOUT_NUMBERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PADAN_TEST_FILE", "data.csv")
    assert cli.main(["layout", "suggest", "data.csv"], today=TODAY) == 0
    out, err = capsys.readouterr()
    assert tomllib.loads(out)["columns"]["name"] == ["nama"]
    assert err.startswith("data.csv: 8 rows looked at")
    assert cli.main(["layout", "suggest", "env:PADAN_TEST_FILE"], today=TODAY) == 0
    assert capsys.readouterr().out == out


def test_the_command_takes_a_source_of_the_configuration(
    kupang: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["layout", "suggest", "rsud-naibonat", "--config", str(kupang)], today=TODAY) == 0
    columns = tomllib.loads(capsys.readouterr().out)["columns"]
    assert columns["nik"] == ["no_ktp"]
    assert columns["record_id"] == ["no_rkm_medis"]


@pytest.mark.parametrize(
    ("location", "code", "told"),
    [("nowhere.csv", 1, "no such file"), ("env:PADAN_TEST_NOT_SET", 2, "PADAN_TEST_NOT_SET is not set")],
)
def test_what_cannot_be_looked_at_is_said_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    location: str,
    code: int,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["layout", "suggest", location], today=TODAY) == code
    out, err = capsys.readouterr()
    assert not out
    assert told in err
    assert err.count("\n") == 1


def test_a_database_without_people_names_its_tables(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        connection.execute("create table obat (kode, harga)")
    with pytest.raises(SourceUnreadable, match=r"no table looks like people; .*--query.* Tables there: obat"):
        suggest_layout("sqlite:///a.sqlite", tmp_path, TODAY)


def test_a_query_of_ones_own_stays_as_it_is(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        connection.execute("create table t (id, nik, nama, tgl_lahir)")
        connection.execute("insert into t values (7, 5301061203790003, 'YOHANES TEFA', '1979-03-12')")
    query = "SELECT id, nik, nama, tgl_lahir FROM t"
    assert suggest_layout("sqlite:///a.sqlite", tmp_path, TODAY, query).query == query
