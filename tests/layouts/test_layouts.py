"""The shipped layouts know the spellings and words of their systems; an own one is checked before use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.extract.columns import found, key, missing
from pipelines.layouts import Layout, LayoutError, load_layout, shipped
from pipelines.records import PERSON_FIELDS, VERDICT_FIELDS


def layout(name: str) -> Layout:
    return load_layout(name, Path())


def words(listed: tuple[str, ...]) -> set[str]:
    """Words as they are compared: case, spaces and punctuation do not count."""
    return {re.sub(r"[\W_]+", "", word.upper()) for word in listed}


def test_the_layouts_of_the_contract_are_shipped() -> None:
    assert set(shipped()) >= {"siak", "khanza", "dapodik", "verdicts", "canonical"}


@pytest.mark.parametrize("name", shipped())
def test_each_layout_is_called_by_its_file_and_says_what_it_is_for(name: str) -> None:
    found = layout(name)
    assert found.name == name
    assert found.description
    assert found.required


@pytest.mark.parametrize("name", shipped())
def test_no_column_fills_two_fields_by_accident(name: str) -> None:
    """Only the registry's NIK does: there the number is the key."""
    fields: dict[str, set[str]] = {}
    for field, names in layout(name).columns.items():
        for k in map(key, names):
            fields.setdefault(k, set()).add(field)
    shared = {k: f for k, f in fields.items() if len(f) > 1}
    assert shared == ({"nik": {"record_id", "nik"}} if name == "siak" else {})


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("table", ["sex", "status", "results"])
def test_no_word_means_two_things(name: str, table: str) -> None:
    seen: set[str] = set()
    for listed in getattr(layout(name), table).values():
        assert not seen & words(listed)
        seen |= words(listed)


@pytest.mark.parametrize(
    "header",
    [
        "NIK NO_KK NAMA_LGKP JENIS_KLMIN TMPT_LHR TGL_LHR NAMA_LGKP_IBU NIK_IBU NAMA_LGKP_AYAH NIK_AYAH "
        "ALAMAT NO_PROP NO_KAB NO_KEC KEC_NAME STATUS TGL_ENTRI",
        "nik nkk nama_lengkap jenis_kelamin tmpt_lahir tgl_lahir nama_ibu nik_ibu nama_ayah nik_ayah alamat "
        "no_prop no_kab no_kec nama_kec status last_updated",
        "Nik NoKK Nama JK Tempat_Lahir Tanggal_Lahir Nama_Lengkap_Ibu Nik_Ibu Nama_Lengkap_Ayah Nik_Ayah "
        "Alamat No_Prop No_Kab No_Kec Kecamatan Status_NIK Updated_At",
    ],
)
def test_siak_in_the_spellings_of_its_extracts(header: str) -> None:
    assert set(found(layout("siak"), header.split())) == set(PERSON_FIELDS)


@pytest.mark.parametrize(
    "header",
    [
        "no_rkm_medis,nm_pasien,no_ktp,jk,tmp_lahir,tgl_lahir,nm_ibu,alamat,gol_darah,pekerjaan,stts_nikah,"
        "agama,tgl_daftar,no_tlp,umur,pnd,keluarga,namakeluarga,kd_pj,no_peserta,kd_kel,kd_kec,kd_kab",
        "No.R.M,Nama Pasien,No.SIM/KTP,J.K.,Tmp.Lahir,Tgl.Lahir,Nama Ibu,Alamat,Tgl.Daftar,No.Telp/HP,Umur",
    ],
    ids=["table", "screen"],
)
def test_khanza_as_table_and_as_its_screen_exports_it(header: str) -> None:
    assert set(found(layout("khanza"), header.split(","))) == {
        *(
            "record_id",
            "nik",
            "name",
            "sex",
            "birth_place",
            "birth_date",
            "mother_name",
            "address",
            "changed_at",
        )
    }


def test_khanzas_query_asks_for_its_columns_and_no_more() -> None:
    khanza = layout("khanza")
    assert khanza.query is not None
    asked = re.split(r",\s*", khanza.query.split("SELECT")[1].split("FROM")[0].strip())
    assert set(asked) == {names[0] for names in khanza.columns.values()}
    assert khanza.query.split()[-5:] == f"FROM pasien ORDER BY {khanza.key}".split()


def test_khanzas_widths_are_those_of_its_table() -> None:
    assert layout("khanza").widths == {"name": 40, "birth_place": 15, "mother_name": 40, "address": 200}


@pytest.mark.parametrize(
    "header",
    [
        "nisn nik no_kk nama jenis_kelamin tempat_lahir tanggal_lahir nama_ibu_kandung npsn",
        "registrasi_id peserta_didik_id nipd nama nisn jenis_kelamin nik tempat_lahir tanggal_lahir "
        "nama_ayah nama_ibu nama_rombel",
    ],
    ids=["flat export", "web service"],
)
def test_dapodik_in_its_two_flat_forms(header: str) -> None:
    dapodik = layout("dapodik")
    assert missing(dapodik, header.split()) == ()
    assert set(found(dapodik, header.split())) >= {"sex", "birth_place", "mother_name"}


def test_a_pupil_is_known_by_the_id_before_the_number() -> None:
    assert layout("dapodik").columns["record_id"] == ("peserta_didik_id", "nisn")


def test_canonical_is_every_field_under_its_own_name() -> None:
    canonical = layout("canonical")
    assert set(found(canonical, PERSON_FIELDS)) == set(PERSON_FIELDS)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("active", ["AKTIF", "Hidup"]),
        ("deceased", ["MENINGGAL", "Meninggal Dunia", "mati", "WAFAT"]),
        ("inactive", ["NONAKTIF", "Non-Aktif", "TIDAK AKTIF", "blokir", "Diblokir", "PINDAH", "GANDA"]),
    ],
)
def test_what_siak_says_of_a_numbers_holder(status: str, said: list[str]) -> None:
    assert words(tuple(said)) <= words(dict(layout("siak").status)[status])  # type: ignore[index]


def test_no_bare_code_declares_anybody_dead() -> None:
    assert not [w for listed in layout("siak").status.values() for w in listed if w.isdigit()]


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("found", ["DITEMUKAN", "Sesuai", "Data Ditemukan, Meninggal Dunia"]),
        (
            "not_found",
            [
                "TIDAK DITEMUKAN",
                "Data Tidak Ditemukan",
                "NIK tidak terdapat di database Kemendagri",
                "Data Tidak Ditemukan, NIK tidak terdapat di database Kependudukan",
            ],
        ),
        ("mismatch", ["DATA TIDAK SESUAI", "Tidak Sesuai"]),
    ],
)
def test_how_the_central_service_words_its_answers(result: str, said: list[str]) -> None:
    assert words(tuple(said)) <= words(dict(layout("verdicts").results)[result])  # type: ignore[index]


def test_verdicts_have_their_own_fields() -> None:
    assert layout("verdicts").fields == VERDICT_FIELDS
    assert layout("siak").fields == PERSON_FIELDS


def test_an_offices_own_layout_lies_beside_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\ncolumns = { nik = "NO_ID", name = ["NAMA"] }\n')
    mine = load_layout("mine.toml", tmp_path)
    assert mine.columns == {"nik": ("NO_ID",), "name": ("NAMA",)}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name = ", "not TOML"),
        ('name = "x"\n', "columns: Field required"),
        ('name = "x"\ncolumns = { nick = "a" }\n', "unknown field nick; known: record_id, nik"),
        (
            'name = "x"\ncolumns = { nik = "a" }\nrequired = ["name"]\n',
            "required field without a column: name",
        ),
        ('name = "x"\ncolumns = { nik = "a" }\ncolour = "red"\n', "colour: Extra inputs"),
        ('name = "x"\ncolumns = { nik = "a" }\ndate_order = "my"\n', "date_order: Input should be"),
    ],
)
def test_a_faulty_layout_is_refused_with_its_fault(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(LayoutError, match=re.escape(fault)):
        load_layout("mine.toml", tmp_path)


@pytest.mark.parametrize(
    ("name", "said"), [("nowhere.toml", "no layout file at"), ("simrs", "shipped layouts are")]
)
def test_a_layout_that_is_not_there(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(LayoutError, match=said):
        load_layout(name, tmp_path)


# --- a layout as an attack


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = " + "[" * 100_000, "values inside values without end|not TOML"),
        ("x = " + "{a=" * 5_000, "values inside values without end|not TOML"),
        ("a" + ".a" * 100_000 + " = 1", "keys inside keys without end"),
        ("x = {a" + " . a" * 100_000 + " = 1}", "keys inside keys without end"),
        ("# " + "x" * (1 << 20), "larger than 1 MiB, which no layout is"),
        ('name = "x"\ncolumns = 7', "columns: "),
        ('name = ["x"]\n[columns]\nnik = [[["nik"]]]', r"name: .*columns\.nik"),
        ('name = "x"\ncolumns = {nik = "a"}\nwidths = {nik = "wide"}', r"widths\.nik"),
        ('name = "x"\ncolumns = {nik = "a"}\n[http]\nkind = "fhir"\npage_size = 1e99', "page_size"),
        ('name = "x"\ncolumns = {nik = "a"}\n"__class__" = "os.system"', "__class__: Extra inputs"),
        ('name = "x"\ncolumns = {nik = "a"}\nquery = 2026-11-24', "query: "),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_layout_made_to_harm_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(LayoutError, match=said) as caught:
        load_layout("mine.toml", tmp_path)
    assert len(str(caught.value)) < 3_000


def test_a_layout_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"name = '\xff\xfe'")
    with pytest.raises(LayoutError, match="not in UTF-8"):
        load_layout("mine.toml", tmp_path)


def test_a_layout_gets_nothing_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layout may come from elsewhere; what it calls ``env:…`` is a column's name like others."""
    monkeypatch.setenv("PADAN_SECRET", "s3cret")
    (tmp_path / "mine.toml").write_text(
        'name = "env:PADAN_SECRET"\nquery = "env:PADAN_SECRET"\ncolumns = {nik = "env:PADAN_SECRET"}'
    )
    assert "s3cret" not in repr(load_layout("mine.toml", tmp_path))
