"""Input as an attack: bombs, links, names and servers made to harm end in one line, and soon."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from pipelines.errors import SourceUnreadable
from pipelines.extract import extract, probe
from pipelines.extract.readers import old_workbook
from pipelines.extract.readers.old_workbook import cells_of_ods
from pipelines.extract.web import client
from pipelines.settings import Limits
from tests.extract.office import HEADER, PATIENTS, Office, packed, table
from tests.extract.service import Reply, Request, bundle, patient, serving

SHEET = "xl/worksheets/sheet1.xml"
END = b"</sheetData>"


def limited(office: Office, location: object, layout: str = "khanza", **limits: object) -> None:
    """Read a source within these limits."""
    source = office.source(location, layout)
    settings = office.settings(source)
    extract(source, settings.model_copy(update={"limits": Limits.model_validate(limits)}))


def sheet(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in (HEADER, *(rows or PATIENTS)):
        book.active.append(list(row))  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(data: bytes, change: Callable[[bytes], bytes], part: str = SHEET) -> bytes:
    """A workbook with one part of it changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def before_end(xml: bytes) -> bytes:
    return rewritten(sheet(), lambda content: content.replace(END, xml + END))


# --- what unpacks to more than it is


def zeros(count: int) -> Iterator[bytes]:
    for _ in range(count >> 20):
        yield bytes(1 << 20)


@pytest.fixture(scope="module")
def swollen() -> bytes:
    """A quarter of a gigabyte of empty rows, in a quarter of a megabyte."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, compresslevel=9) as handle:
        handle.write(table().encode())
        for piece in zeros(256 << 20):
            handle.write(piece.replace(b"\0", b"\n"))
    return out.getvalue()


def test_a_gzip_bomb_is_not_unpacked_to_its_end(office: Office, swollen: bytes) -> None:
    assert len(swollen) < 1 << 19
    office.write("pasien.csv.gz", swollen)
    with pytest.raises(SourceUnreadable, match=r"unpacks to more than 250 times its size \(limits.ratio\)"):
        office.read("pasien.csv.gz")
    assert not list((office.folder / "data").rglob("*.parquet"))


def test_a_workbook_in_a_gzip_bomb(office: Office) -> None:
    office.write("pasien.xlsx.gz", gzip.compress(sheet() + bytes(128 << 20), mtime=0))
    with pytest.raises(SourceUnreadable, match=r"limits.ratio"):
        office.read("pasien.xlsx.gz")


def test_a_zip_bomb_is_told_by_its_directory(office: Office) -> None:
    office.write("pasien.xlsx", before_end(b" " * (128 << 20)))
    with pytest.raises(SourceUnreadable, match=r"limits.ratio"):
        office.read("pasien.xlsx")
    source = office.source("pasien.xlsx")
    assert "limits.ratio" in (probe(source, office.settings(source)).problem or "")


def test_an_archive_of_countless_parts(office: Office) -> None:
    out = io.BytesIO(sheet())
    with zipfile.ZipFile(out, "a") as book:
        for number in range(10_001):
            book.writestr(f"xl/media/{number}.txt", "")
    office.write("pasien.xlsx", out.getvalue())
    with pytest.raises(SourceUnreadable, match="parts; a workbook has at most 10,000"):
        office.read("pasien.xlsx")


def test_a_part_that_lies_about_its_size_is_read_no_further(office: Office) -> None:
    """Its directory says a kilobyte; Python stops there and finds that the sum is wrong."""
    honest = before_end(b" " * (8 << 20))
    with zipfile.ZipFile(io.BytesIO(honest)) as book:
        size = book.getinfo(SHEET).file_size
    office.write("pasien.xlsx", honest.replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little")))
    with pytest.raises(SourceUnreadable, match="not a whole workbook"):
        office.read("pasien.xlsx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY a0 "x"><!ENTITY a1 "&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;">',
        '<!ENTITY a1 SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p; <!ENTITY a1 "x">',
    ],
    ids=["swells", "reads a file", "asks a server"],
)
def test_entities_are_never_looked_at(office: Office, entity: str, encoding: str) -> None:
    def hostile(xml: bytes) -> bytes:
        text = xml.decode()
        root = text.index("<worksheet")
        cell = '<row r="9"><c r="A9" t="inlineStr"><is><t>&a1;</t></is></c></row>'
        text = f"<!-- harmless --><!DOCTYPE worksheet [{entity}]>{text[root:].replace('</sheetData>', cell)}"
        return f'<?xml version="1.0" encoding="{encoding}"?>{text}</sheetData>'.encode(encoding)

    office.write("pasien.xlsx", rewritten(sheet(), hostile))
    with pytest.raises(SourceUnreadable, match="a document type inside, as no workbook has"):
        office.read("pasien.xlsx")


def test_a_document_type_behind_a_long_comment(office: Office) -> None:
    hidden = b"<!--" + os.urandom(100_000).hex().encode() + b"--><!DOCTYPE worksheet>"
    office.write("pasien.xlsx", rewritten(sheet(), lambda xml: hidden + xml[xml.index(b"<worksheet") :]))
    with pytest.raises(SourceUnreadable, match="a document type inside"):
        office.read("pasien.xlsx")


def test_a_text_of_a_document_type_is_a_text(office: Office) -> None:
    office.write("pasien.xlsx", sheet(("1", "<!DOCTYPE x>", "-", "L", "1979-03-12", "IBU")))
    assert office.read("pasien.xlsx").column("name") == ["<!DOCTYPE x>"]


# --- sheets that are small and stand for much


def test_a_row_said_to_lie_beyond_every_sheet(office: Office) -> None:
    """openpyxl gives an empty row for each that is left out: a million million of them here."""
    office.write("pasien.xlsx", before_end(b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>'))
    with pytest.raises(SourceUnreadable, match="at most 1,048,576 rows"):
        office.read("pasien.xlsx")


def test_a_cell_said_to_lie_beyond_every_sheet(office: Office) -> None:
    office.write("pasien.xlsx", before_end(b'<row r="9"><c r="ZZZZZZ9"><v>1</v></c></row>'))
    with pytest.raises(SourceUnreadable, match="not a whole workbook"):
        office.read("pasien.xlsx")


def test_cells_merged_over_one_another_a_thousandfold(office: Office) -> None:
    """In rows that count, each merge used to be looked at for each row."""
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(5, 3_000))
    merges = b"".join(b'<mergeCell ref="H2:H%d"/>' % (1_048_576 - n) for n in range(2_000))
    office.write(
        "pasien.xlsx",
        rewritten(
            sheet(), lambda x: x.replace(END, rows + END + b"<mergeCells>" + merges + b"</mergeCells>")
        ),
    )
    assert len(office.read("pasien.xlsx").rows) == len(PATIENTS) + 2_995


def test_a_stray_cell_far_to_the_right_costs_no_row(office: Office) -> None:
    office.write("pasien.xlsx", before_end(b'<row r="5"><c r="XFD5"><v>1</v></c></row>'))
    assert len(office.read("pasien.xlsx").rows) == len(PATIENTS) + 1


def ods(rows: int, columns: int) -> bytes:
    """A spreadsheet of one row and one cell, each repeated."""
    names = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>'
        for name in HEADER
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S"><table:table-row>{names}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="{rows}">'
        f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell></table:table-row>"
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return out.getvalue()


def test_a_kilobyte_that_stands_for_a_thousand_million_cells(office: Office) -> None:
    office.write("pasien.ods", ods(100_000, 16_384))
    with pytest.raises(SourceUnreadable, match="more than 40,000,000 cells, by cells that are repeated"):
        office.read("pasien.ods")


def test_empty_cells_that_are_repeated_are_none(office: Office) -> None:
    """As LibreOffice ends every sheet: a million rows of nothing."""
    assert cells_of_ods(io.BytesIO(ods(3, 6))) == 4 * 6
    office.write("pasien.ods", ods(3, 6))
    assert len(office.read("pasien.ods").rows) == 3


def test_an_old_workbook_that_is_too_large_for_the_memory(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_workbook, "LARGEST", 1_000)
    office.write("pasien.ods", ods(3, 6))
    with pytest.raises(SourceUnreadable, match="an old workbook of more than 0 MiB"):
        office.read("pasien.ods")


def test_one_long_text_in_very_many_rows_of_parquet(office: Office) -> None:
    """Half a megabyte on disk, a terabyte written out."""
    indices = pa.array([0] * 50_000, pa.int32())
    long = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * 20_000_000]))
    columns = dict.fromkeys(HEADER, long)
    pq.write_table(pa.table(columns), office.folder / "pasien.parquet", compression="zstd")
    with pytest.raises(SourceUnreadable, match=r"cells of .* GiB together"):
        office.read("pasien.parquet")


# --- limits


def test_a_million_columns(office: Office) -> None:
    header = ",".join((*HEADER, *(f"c{n}" for n in range(1_000_000))))
    office.write("pasien.csv", f"{header}\n{','.join(PATIENTS[0])}\n")
    with pytest.raises(SourceUnreadable, match=r"columns; at most 2,000 are read \(limits.columns\)"):
        office.read("pasien.csv")


def test_columns_are_counted_whatever_the_format(office: Office) -> None:
    office.write("a.csv", table())
    office.write("a.xlsx", sheet())
    office.write("a.json", "[" + '{"no_rkm_medis": "1", "b": 1, "c": 1, "d": 1}' + "]")
    for name in ("a.csv", "a.xlsx", "a.json"):
        with pytest.raises(SourceUnreadable, match=r"at most 3 are read"):
            limited(office, name, columns=3)


def test_rows_are_counted_over_all_files_of_a_source(office: Office) -> None:
    office.write("a.csv", table())
    office.write("b.csv", table())
    limited(office, "*.csv", rows=6)
    with pytest.raises(SourceUnreadable, match=r"b.csv: more than 5 rows \(limits.rows\)"):
        limited(office, "*.csv", rows=5)


def test_bytes_are_those_unpacked(office: Office) -> None:
    text = table([PATIENTS[0]] * 100)
    office.write("a.csv.gz", packed(text))
    limited(office, "a.csv.gz", bytes="7 KiB")
    with pytest.raises(SourceUnreadable, match=r"larger than 5 KiB \(limits.bytes\)"):
        limited(office, "a.csv.gz", bytes="5 KiB")


def test_a_source_has_its_time_and_no_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = iter(range(0, 10_000_000, 3_600))
    monkeypatch.setattr("pipelines.extract.limits.time.monotonic", lambda: float(next(hours)))
    office.write("a.csv", table())
    with pytest.raises(SourceUnreadable, match=r"not read within 7,200 s \(limits.seconds\)"):
        limited(office, "a.csv", seconds=7_200)


def test_usual_limits_are_far_from_what_a_province_needs() -> None:
    usual = Limits.model_validate({})
    assert usual.most_bytes == 16 << 30
    assert usual.rows >= 8 * 5_500_000
    assert usual.columns > 256


# --- files that are others


@pytest.fixture
def inbox(office: Office) -> Path:
    """Where an agency may put its files; beside it lies what is none of its business."""
    office.write("registry.csv", table())
    return office.write("inbox/a.csv", table()).parent


def test_a_link_out_of_the_folder_of_a_pattern_is_not_followed(office: Office, inbox: Path) -> None:
    """Else an agency could have the registry read as its own, and sent back to it."""
    (inbox / "b.csv").symlink_to("../registry.csv")
    with pytest.raises(SourceUnreadable, match=r"b.csv: is a link that leads out of"):
        office.read("inbox/*.csv")


def test_a_folder_that_is_a_link_out_of_it(office: Office, inbox: Path) -> None:
    (inbox / "deep").symlink_to(office.folder)
    with pytest.raises(SourceUnreadable, match="leads out of"):
        office.read("inbox/**/*.csv")


def test_a_link_within_the_folder_is_a_file_like_others(office: Office, inbox: Path) -> None:
    (inbox / "latest.csv").symlink_to("a.csv")
    assert len(office.read("inbox/*.csv").rows) == 2 * len(PATIENTS)


def test_a_link_that_another_user_put_in_the_place_of_the_file(
    office: Office, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = inbox / "pasien.csv"
    link.symlink_to("../registry.csv")
    assert office.read("inbox/pasien.csv").rows  # our own link, or root's, is what was meant
    mine = link.lstat()
    theirs = os.stat_result((*mine[:4], 4_711, *mine[5:]))
    monkeypatch.setattr(Path, "lstat", lambda _: theirs)
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)
    with pytest.raises(SourceUnreadable, match="a link that another user made"):
        office.read("inbox/pasien.csv")


@pytest.mark.parametrize("kind", ["device", "pipe"])
def test_what_never_ends_is_no_file(office: Office, kind: str) -> None:
    place = Path("/dev/zero")
    if kind == "pipe":
        place = office.folder / "pasien.csv"
        os.mkfifo(place)
    with pytest.raises(SourceUnreadable, match="is no file: a device or a pipe is not read"):
        office.read(place)


def test_a_path_that_climbs_is_a_path_like_others_and_leaves_nothing_elsewhere(
    office: Office, inbox: Path
) -> None:
    before = {p for p in office.folder.rglob("*") if "data" not in p.parts}
    reading = office.read("inbox/../inbox/a.csv")
    assert {row["file"] for row in reading.rows} == {"a.csv"}
    assert {p for p in office.folder.rglob("*") if "data" not in p.parts} == before


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\x1b]0;owned\x07.csv", "a�]0;owned�.csv"),
        ("slip\u202evsc.csv", "slip�vsc.csv"),
        ("a\nrun_failed.csv", "a�run_failed.csv"),
        (os.fsdecode(b"pasien\xff.csv"), "pasien?.csv"),
    ],
    ids=["terminal", "direction", "line", "bytes"],
)
def test_a_files_name_cannot_write_on_the_terminal_or_the_report(
    office: Office, name: str, shown: str
) -> None:
    office.write(name, table())
    reading = office.read("*.csv")
    assert {row["file"] for row in reading.rows} == {shown}
    assert reading.inputs[0]["name"] == shown
    office.write(name, "no header\n1\n")
    with pytest.raises(SourceUnreadable) as caught:
        office.read("*.csv")
    assert caught.value.reason.startswith(f"{shown}: ")


def test_a_header_cannot_write_on_the_terminal(office: Office) -> None:
    office.write("pasien.csv", "nama\x1b[2J,\u202exyz\n1,2\n")
    with pytest.raises(SourceUnreadable) as caught:
        office.read("pasien.csv")
    assert "nama�[2J, �xyz" in str(caught.value)


def test_sql_in_a_cell_and_in_a_files_name_is_text(office: Office) -> None:
    said = "'); drop table raw; copy (select 1) to 'x'; --"
    office.write(f"{said[:20].replace('/', '')}'.csv", table([("1", said, "-", "L", "1979-03-12", said)]))
    reading = office.read("*.csv")
    assert reading.column("name") == [said]


# --- servers


@pytest.fixture
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "pause", lambda _: None)


@pytest.mark.usefixtures("_no_pauses")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_credentials_do_not_follow_a_redirect(office: Office, status: int) -> None:
    with serving(lambda _: Reply(bundle([]))) as thief:
        there = {"Location": f"{thief.base}/fhir-r4/v1/Patient"}
        with serving(lambda _: Reply({}, status, there)) as service:
            source = office.source(f"{service.base}/fhir-r4/v1", "fhir-patient")
            with pytest.raises(SourceUnreadable, match=rf"sends us to 127.0.0.1 \({status}\)"):
                office.read_source(source.model_copy(update={"token": "s3cret"}))
            assert service.requests[0].headers["Authorization"] == "Bearer s3cret"
        assert thief.requests == []


@pytest.mark.usefixtures("_no_pauses")
def test_a_secret_does_not_follow_a_redirect_of_the_token_service(office: Office) -> None:
    with serving(lambda _: Reply({"access_token": "x"})) as thief:
        with serving(lambda _: Reply({}, 307, {"Location": f"{thief.base}/token"})) as service:
            source = office.source(f"{service.base}/fhir-r4/v1", "fhir-patient")
            login = {"token_url": f"{service.base}/token", "client_id": "me", "client_secret": "s3cret"}
            with pytest.raises(SourceUnreadable, match="sends us to"):
                office.read_source(source.model_copy(update=login))
        assert thief.requests == []


@pytest.mark.usefixtures("_no_pauses")
def test_a_server_that_never_stops_sending_pages(office: Office) -> None:
    """Ever new people under ever new addresses: the source's own limit of rows ends it."""

    def answer(request: Request) -> Reply:
        at = int(request.query.get("page", 0))
        people = [patient(at * 10 + n, f"53010443029{at * 10 + n:05}") for n in range(10)]
        return Reply(bundle(people, f"?page={at + 1}"))

    with serving(answer) as service:
        with pytest.raises(SourceUnreadable, match="the pages do not end"):
            limited(office, f"{service.base}/fhir-r4/v1", "fhir-patient", rows=100)
        assert len(service.requests) == 11
    assert not [p for p in (office.folder / "data").rglob("*") if p.is_file()]
