"""The peer has to be a good one: its files are read without loss, and on a drawn population it does its job."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import duckdb
import pytest

from bench import peer
from bench.score import score

REGISTRY = "NIK,NO_KK,NAMA_LGKP,JENIS_KLMIN,TMPT_LHR,TGL_LHR,NAMA_LGKP_IBU,STATUS"
PATIENTS = "no_rkm_medis,nm_pasien,no_ktp,jk,tmp_lahir,tgl_lahir,nm_ibu"
PUPILS = "nisn,nik,no_kk,nama,jenis_kelamin,tempat_lahir,tanggal_lahir,nama_ibu_kandung"


@pytest.fixture(scope="module")
def macros() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(peer.MACROS).fetchall()
    return con


def said(con: duckdb.DuckDBPyConnection, macro: str, text: str | None) -> object:
    return con.execute(f"select {macro}(?::varchar)", [text]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("1990-05-07", date(1990, 5, 7)),
        ("07-05-1990", date(1990, 5, 7)),
        ("07/05/1990", date(1990, 5, 7)),
        ("7 Mei 1990", date(1990, 5, 7)),
        ("31 Desember 2001", date(2001, 12, 31)),
        ("2 Agustus 1964", date(1964, 8, 2)),
        ("13-13-1990", None),
        ("0000-00-00", None),
        ("7 Foo 1990", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_as_people_write_them(
    macros: duckdb.DuckDBPyConnection, written: str | None, born: date | None
) -> None:
    assert said(macros, "read_day", written) == born


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Maria Goreti  Tefa", "MARIA GORETI TEFA"),
        ("Yohanes Ma'u", "YOHANES MA U"),
        ("YOHANES TEFA (ALM)", "YOHANES TEFA"),
        ("MARIA TEFA, S.PD", "MARIA TEFA"),
        ("Maria Tefa, SE", "MARIA TEFA"),
        ("NY. MARIA TEFA", "MARIA TEFA"),
        ("Drs. Yohanes Tefa", "YOHANES TEFA"),
        ("-", None),
        ("TIDAK ADA", None),
        ("0", None),
        (None, None),
    ],
)
def test_names_are_cleaned(macros: duckdb.DuckDBPyConnection, written: str | None, name: str | None) -> None:
    assert said(macros, "words", written) == name


@pytest.mark.parametrize(
    ("written", "nik"),
    [
        ("5301064508900001", "5301064508900001"),
        ("'5301.0645-0890 0001", "5301064508900001"),
        ("530106450890000", None),
        ("5301O64508900001", None),
        ("0000000000000000", None),
        ("TIDAK ADA", None),
    ],
)
def test_numbers_are_undressed(macros: duckdb.DuckDBPyConnection, written: str, nik: str | None) -> None:
    assert said(macros, "number", written) == nik


def population(folder: Path, born: str) -> Path:
    """One man in all three files, his birth date written in each as given by ``born``."""
    rows = {
        "registry.csv": (
            REGISTRY,
            f"5301060705900001,5301060101200001,YOSEF TEFA,1,KUPANG,{born},ANA TEFA,AKTIF",
        ),
        "pasien.csv": (PATIENTS, f"000001,YOSEF TEFA,5301060705900001,L,-,{born},-"),
        "siswa.csv": (PUPILS, f"0012345678,5301060705900001,,Yosef Tefa,L,Kupang,{born},Ana Tefa"),
    }
    folder.mkdir()
    for name, lines in rows.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize("born", ["1990-05-07", "07-05-1990", "07/05/1990"])
def test_the_three_files_become_two_tables(tmp_path: Path, born: str) -> None:
    con = duckdb.connect()
    peer.prepare(con, population(tmp_path / "it's here", born))
    columns = "source, record, nik, name, mother, sex, place, born_text, birthday, status"
    rows = con.execute(
        f"select {columns} from {peer.REGISTRY} union all select {columns} from {peer.AGENCIES} order by all"
    ).fetchall()
    nik, day = "5301060705900001", ("1990-05-07", "0507")
    assert rows == [
        ("dapodik-kupang", "0012345678", nik, "YOSEF TEFA", "ANA TEFA", "L", "KUPANG", *day, None),
        ("dukcapil", nik, nik, "YOSEF TEFA", "ANA TEFA", "L", "KUPANG", *day, "AKTIF"),
        ("rsud-naibonat", "000001", nik, "YOSEF TEFA", None, "L", None, *day, None),
    ]


JUDGED = [
    # number as written, registry's number found, its probability, status there, born and sex as the record's?, cause
    ("5301060705900001", "5301060705900001", 0.99, "AKTIF", True, None),
    ("5301060705900001", "5301060705900001", 0.99, "MENINGGAL", True, "HOLDER_DECEASED"),
    ("5301060705900001", "5301060705900001", 0.99, "NONAKTIF", True, "NIK_INACTIVE"),
    ("5301060705900001", "5301060705900001", 0.99, "AKTIF", False, "ELEMENT_MISMATCH"),
    ("5301060705900001", "5301060705900001", 0.40, "AKTIF", True, "NIK_OF_ANOTHER_PERSON"),
    ("5301060705900001", "5301060705900002", 0.99, "AKTIF", True, "NIK_OF_ANOTHER_PERSON"),
    ("-", "5301060705900001", 0.99, "AKTIF", True, "NIK_MISSING"),
    ("TIDAK ADA", None, 0.0, None, True, "NIK_MISSING"),
    ("53010607", "5301060705900001", 0.99, "AKTIF", True, "NIK_MALFORMED"),
    ("5301060705900009", "5301060705900001", 0.99, "AKTIF", True, "NIK_MISTYPED"),
    ("5371011212800009", "5301060705900001", 0.99, "AKTIF", True, "NIK_WRONG"),
    ("5371011212800009", "5301060705900001", 0.30, "AKTIF", True, "NOT_REGISTERED"),
    ("5371011212800009", None, 0.0, None, True, "NOT_REGISTERED"),
]


@pytest.mark.parametrize(("written", "found", "p", "status", "alike", "cause"), JUDGED)
@pytest.mark.parametrize("registry_first", [False, True])
def test_the_best_link_says_what_is_wrong(
    tmp_path: Path,
    written: str,
    found: str | None,
    p: float,
    status: str | None,
    alike: bool,
    cause: str | None,
    registry_first: bool,
) -> None:
    con = duckdb.connect()
    con.execute(peer.MACROS).fetchall()
    con.execute(
        f"""create table {peer.AGENCIES} as select 1 as unique_id, 'rs' as source, '7' as record,
              '{written}' as written, number('{written}') as nik, date '1990-05-07' as born, 'L' as sex"""
    ).fetchall()
    con.execute(
        f"create table {peer.REGISTRY} as select unnest(['5301060705900001', '5301060705900002']) as nik"
    ).fetchall()
    agency, registry = ("r", "l") if registry_first else ("l", "r")
    known = "null::varchar" if found is None else f"'{found}'"
    con.execute(
        f"""create table links as select '{peer.AGENCIES}' as source_dataset_{agency},
              '{peer.REGISTRY}' as source_dataset_{registry}, 1 as unique_id_{agency}, 9 as unique_id_{registry},
              number('{written}') as nik_{agency}, {known} as nik_{registry}, '{status}' as status_{registry},
              date '1990-05-07' as born_{agency}, 'L' as sex_{agency}, null as status_{agency},
              date '{"1990-05-07" if alike else "1990-05-08"}' as born_{registry}, 'L' as sex_{registry},
              1.0 as match_weight, {p} as match_probability where {found is not None}"""
    ).fetchall()
    peer.judge(con, "links", tmp_path / "out.csv")
    items = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert [item["cause"] for item in items] == ([cause] if cause else [])
    proposes = p >= 0.5 and found != written
    assert [item["proposed_nik"] for item in items] == ([found if proposes else ""] if cause else [])


@pytest.mark.slow
def test_on_a_drawn_population_it_is_a_peer_to_take_seriously(tmp_path: Path) -> None:
    from pipelines.sample import draw

    draw(tmp_path, 6000, 12, "filthy")
    peer.worklist(tmp_path, tmp_path / "peer.csv")
    figures = score(tmp_path, tmp_path / "peer.csv")
    assert figures["detect_recall"] > 0.97
    assert figures["detect_precision"] > 0.9
    assert figures["cause_accuracy"] > 0.85
    assert figures["proposal_recall"] > 0.8
    assert figures["proposal_precision"] > 0.97
    assert figures["sure_precision"] > 0.98
    assert figures["elements_recall"] > 0.9
