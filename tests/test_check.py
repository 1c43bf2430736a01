"""``padan check``: what a data engineer sees of each source before anything is run."""

from __future__ import annotations

import gzip
import re
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from pipelines import cli
from pipelines.check import check
from pipelines.extract.readers.database import LOOKED_AT
from pipelines.settings import load_settings

TODAY = date(2026, 11, 24)
HOSPITAL = "rsud-naibonat"


def said(kupang: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and for each source its lines."""
    code = cli.main(["check", "--config", str(kupang)], today=TODAY)
    told: dict[str, list[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        if not line.startswith(" "):
            name, _, rest = line.partition(" ")
            told[name] = lines = [rest.strip()]
        else:
            lines.append(line.strip())
    return code, told


def edited(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8-sig")), encoding="utf-8")


def test_each_source_with_its_size_its_columns_and_five_records(
    kupang: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = said(kupang, capsys)
    assert code == 0
    assert list(told) == ["dukcapil", HOSPITAL, "dapodik-kupang", "bpjs", "store"]
    headline, columns, *records = told[HOSPITAL]
    assert headline == "can be read: pasien.csv, 17 rows"
    assert columns.startswith("columns: record_id = no_rkm_medis, nik = no_ktp, name = nm_pasien, sex = jk")
    assert len(records) == 5
    assert records[0] == (
        "row 2 | nik 5301********0003 | name Y****** T*** | sex L | birth_date 1979-**-** "
        "| birth_place B**** | mother_name M**** B***"
    )
    assert "nik - " in records[2], "a placeholder is understood as none"
    assert "(malformed)" in records[4]
    assert told["dapodik-kupang"][2] == (
        "no column for: mother_nik, father_name, father_nik, address, district_name, changed_at"
    )
    assert "nik 5301********0002 | checked_at 2026-11-04 | result not_found" in told["bpjs"]


def test_nobody_can_be_told_from_what_is_shown(kupang: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["check", "--config", str(kupang)], today=TODAY)
    shown = capsys.readouterr().out
    assert not re.search(r"\d{9}", shown)
    assert not re.search(r"\b(19|20)\d\d-\d\d-\d\d\b", re.sub(r"checked_at \S+", "", shown))
    for name in ("Yohanes", "YOHANES", "Tefa", "TEFA", "Maria Bana"):
        assert name not in shown


def test_nothing_is_left_behind(kupang: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.name for path in kupang.parent.iterdir())
    said(kupang, capsys)
    assert {p.name for p in kupang.parent.iterdir()} - {*before} <= {"padan.sqlite"}


# --- how it ends


def test_an_agency_that_cannot_be_read_ends_with_4_and_the_others_are_shown(
    kupang: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited(kupang.parent / "pasien.csv", lambda text: text.replace("no_ktp", "ktp_suami", 1))
    code, told = said(kupang, capsys)
    assert code == 4
    (line,) = told[HOSPITAL]
    assert line.startswith("pasien.csv: no column for nik (no_ktp or ")
    assert "columns there: no_rkm_medis, nm_pasien, ktp_suami" in line
    assert told["dapodik-kupang"][0].startswith("can be read")


def test_without_the_registry_nothing_can_be_said_so_it_ends_with_1(
    kupang: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kupang.parent / "registry.csv").unlink()
    code, told = said(kupang, capsys)
    assert code == 1
    assert told["dukcapil"][0].startswith("no such file")


def test_a_faulty_layout_is_a_faulty_configuration(kupang: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kupang.parent / "own.toml").write_text(
        'name = "own"\ndate_order = "ddmm"\n[columns]\nnama = ["nm_pasien"]\n', encoding="utf-8"
    )
    edited(kupang, lambda text: text.replace('"khanza"', '"own.toml"'))
    assert cli.main(["check", "--config", str(kupang)], today=TODAY) == 2
    out, err = capsys.readouterr()
    assert not out
    (line,) = err.splitlines()
    assert "own.toml" in line
    assert "date_order" in line


# --- layouts that fit badly


def doubts(kupang: Path, layout: str, content: str | None = None) -> tuple[str, ...]:
    """What is doubted about the hospital under another layout."""
    (kupang.parent / "own.toml").write_text(layout, encoding="utf-8")
    edited(kupang, lambda text: text.replace('"khanza"', '"own.toml"'))
    if content is not None:
        (kupang.parent / "pasien.csv").write_text(content, encoding="utf-8")
    settings = load_settings(kupang, TODAY)
    return check(settings.source(HOSPITAL), settings).doubts


LAYOUT = """
name = "own"
date_order = "dmy"
[columns]
record_id = ["no"]
nik = ["ktp"]
name = ["nama"]
sex = ["jk"]
birth_date = ["lahir"]
"""


def patients(date_of: str, count: int = 24) -> str:
    """Patients born on different days, their numbers saying so."""
    rows = ["no,ktp,nama,jk,lahir"]
    for at in range(count):
        day, month = 1 + at % 28, 1 + at * 5 % 12
        born = date_of.format(d=day, m=month)
        rows.append(f"{at},530106{day:02}{month:02}79{at + 1:04},NAMA {chr(65 + at)},L,{born}")
    return "\n".join(rows) + "\n"


def test_a_layout_that_fits_is_not_doubted(kupang: Path) -> None:
    assert doubts(kupang, LAYOUT, patients("{d:02}/{m:02}/1979")) == ()


def test_a_wrong_date_order_shows_against_the_numbers(kupang: Path) -> None:
    (line,) = doubts(kupang, LAYOUT.replace('"dmy"', '"mdy"'), patients("{d:02}/{m:02}/1979"))
    assert line.startswith("birth_date (lahir): the number says another in ")
    assert "date_order" in line


def test_codes_of_the_sexes_the_other_way_round(kupang: Path) -> None:
    turned = LAYOUT + '[sex]\nL = ["P"]\nP = ["L"]\n'
    (line,) = doubts(kupang, turned, patients("{d:02}/{m:02}/1979"))
    assert line == "sex (jk): the number says another in 24 of 24 rows: codes the other way round?"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('birth_date = ["lahir"]', 'birth_date = ["nama"]'), "birth_date (nama): 24 of 24 values: no dates"),
        (
            ('sex = ["jk"]', 'sex = ["lahir"]'),
            "sex (lahir): 24 of 24 values: words for a sex that the layout",
        ),
        (
            ('nik = ["ktp"]', 'nik = ["lahir"]'),
            "nik (lahir): 24 of 24 values cannot be a NIK: another column?",
        ),
        (
            ('record_id = ["no"]', 'record_id = ["jk"]'),
            "record_id (jk): 23 of 24 values: a key that another row",
        ),
    ],
)
def test_a_field_with_the_wrong_column(kupang: Path, change: tuple[str, str], told: str) -> None:
    found = doubts(kupang, LAYOUT.replace(*change), patients("{d:02}/{m:02}/1979"))
    assert any(line.startswith(told) for line in found), found


def test_a_column_that_is_always_empty(kupang: Path) -> None:
    text = re.sub(r",L,", ",,", patients("{d:02}/{m:02}/1979"))
    assert doubts(kupang, LAYOUT, text) == ("sex (jk): empty in all 24 rows looked at",)


def test_a_table_without_rows(kupang: Path) -> None:
    assert doubts(kupang, LAYOUT, "no,ktp,nama,jk,lahir\n") == ("there is no row of data",)


# --- how many rows


def headline(kupang: Path, location: str, query: str = "") -> str:
    edited(kupang, lambda text: text.replace('"pasien.csv"', f'"{location}"' + query))
    settings = load_settings(kupang, TODAY)
    return check(settings.source(HOSPITAL), settings).headline


HEADER = "no_rkm_medis,nm_pasien,no_ktp,jk,tgl_lahir\n"
ROW = "{},NAMA ORANG,5301061203790003,L,1979-03-12\n"


def test_a_large_text_is_estimated_from_its_beginning(kupang: Path) -> None:
    text = HEADER + "".join(ROW.format(f"{at:06}") for at in range(90_000))
    (kupang.parent / "p.csv").write_text(text, encoding="utf-8")
    (rows,) = re.findall(r"can be read: p\.csv, about ([\d,]+) rows$", headline(kupang, "p.csv"))
    assert 88_000 < int(rows.replace(",", "")) < 92_000


def test_a_gzip_says_its_own_size(kupang: Path) -> None:
    text = HEADER + "".join(ROW.format(f"{at:06}") for at in range(90_000))
    (kupang.parent / "p.csv.gz").write_bytes(gzip.compress(text.encode()))
    (rows,) = re.findall(r"about ([\d,]+) rows$", headline(kupang, "p.csv.gz"))
    assert 88_000 < int(rows.replace(",", "")) < 92_000


def test_a_small_one_is_counted_and_rows_put_aside_count(kupang: Path) -> None:
    (kupang.parent / "p.csv").write_text(HEADER + ROW.format(1) + "torn\n", encoding="utf-8")
    assert headline(kupang, "p.csv") == "can be read: p.csv, 2 rows"


def test_a_workbook_is_counted(kupang: Path) -> None:
    book = openpyxl.Workbook()
    for line in (HEADER, *(ROW.format(at) for at in range(40))):
        book.active.append(line.strip().split(","))
    book.save(kupang.parent / "p.xlsx")
    assert headline(kupang, "p.xlsx") == "can be read: p.xlsx, 40 rows"


def test_a_database_counts_its_rows(kupang: Path) -> None:
    rows = LOOKED_AT + 500
    with sqlite3.connect(kupang.parent / "sik.sqlite") as connection:
        connection.execute(f"create table pasien ({HEADER.strip()})")
        cells = [tuple(ROW.format(at).strip().split(",")) for at in range(rows)]
        connection.executemany("insert into pasien values (?, ?, ?, ?, ?)", cells)
    query = '\nquery = "select * from pasien"'
    assert headline(kupang, "sqlite:///sik.sqlite", query) == f"can be read: pasien, {rows:,} rows"


def test_several_files_are_counted_together(kupang: Path) -> None:
    for name in ("p-1.csv", "p-2.csv"):
        (kupang.parent / name).write_text(HEADER + ROW.format(name), encoding="utf-8")
    assert headline(kupang, "p-*.csv") == "can be read: 2 files, 2 rows"
