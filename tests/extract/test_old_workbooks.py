"""Spreadsheets that call themselves .xlsx and are not: Excel's old format, OpenDocument, passwords, web pages."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipelines.errors import SourceUnreadable
from tests.extract.office import HEADER, Office, packed

FILES = Path(__file__).parent / "files"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def ods(path: Path, rows: list[list[str]], visible: bool = True) -> None:
    """An OpenDocument spreadsheet with one sheet of text."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{v}</text:p></table:table-cell>'
            for v in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "".join(
        f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="pasien">{cells}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:media-type="{ODS}" manifest:full-path="/"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(zipfile.ZipInfo("mimetype"), ODS)
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", manifest)


@pytest.mark.parametrize("name", ["pasien.xls", "pasien.xlsx", "pasien.csv"])
def test_an_old_workbook_is_read_whatever_it_is_called(office: Office, name: str) -> None:
    office.write(name, (FILES / "old.xls").read_bytes())
    reading = office.read(name)
    assert reading.column("row") == [3, 4, 5]
    assert reading.column("record_id") == ["000101", "000102", "000103"]
    assert reading.column("nik") == ["5301061203790003", "5301066509830002", None]
    assert reading.column("birth_date") == [
        "1979-03-12",
        "25-09-1983",
        "42185",
    ]  # a date, a text and a serial


def test_an_old_workbook_gzipped(office: Office) -> None:
    office.write("pasien.xls.gz", packed((FILES / "old.xls").read_bytes()))
    assert len(office.read("pasien.xls.gz").rows) == 3


def test_an_old_workbook_cut_short(office: Office) -> None:
    office.write("pasien.xls", (FILES / "old.xls").read_bytes()[:2000])
    with pytest.raises(SourceUnreadable, match=r"pasien\.xls: not a whole workbook"):
        office.read("pasien.xls")


def test_a_password_is_said_to_be_the_reason(office: Office) -> None:
    office.write("pasien.xlsx", (FILES / "password.xlsx").read_bytes())
    with pytest.raises(
        SourceUnreadable, match=r"pasien\.xlsx: .*protected by a password; save it without one"
    ):
        office.read("pasien.xlsx")


@pytest.mark.parametrize("name", ["pasien.ods", "pasien.xlsx"])
def test_an_opendocument_spreadsheet(office: Office, name: str) -> None:
    ods(
        office.folder / name, [["RSUD"], list(HEADER), ["1", "A", "5301061203790003", "L", "1979-03-12", "B"]]
    )
    reading = office.read(name)
    assert reading.column("nik") == ["5301061203790003"]
    assert reading.column("row") == [3]


@pytest.mark.parametrize(
    "content",
    [
        "<html><body><table><tr><td>NIK</td></tr></table></body></html>",
        "\ufeff  <!DOCTYPE html>\n<html>",
        "<table border=1><tr><td>no_ktp",
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
    ],
)
def test_a_web_page_that_calls_itself_a_workbook(office: Office, content: str) -> None:
    office.write("pasien.xls", content)
    with pytest.raises(SourceUnreadable, match=r"a web page or XML, not a table; open it in a spreadsheet"):
        office.read("pasien.xls")
