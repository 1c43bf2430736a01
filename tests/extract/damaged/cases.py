"""Small damaged files, each with what must come out: which records, which rows aside and why, or the refusal.

``kept`` are the keys of the records that come through, ``aside`` the rows that do not, with their reasons; a
file that cannot be read as a whole has ``refused`` instead, the words of the line that says so.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from tests.extract.service import bundle, patient

FILES = Path(__file__).parent.parent / "files"
NAMES = ("no_rkm_medis", "nm_pasien", "no_ktp", "jk", "tgl_lahir", "nm_ibu")
HEAD = ",".join(NAMES)
A, B, C = (f"R{i},NAMA {i},530106120379000{i},L,1979-03-12,IBU {i}" for i in (1, 2, 3))
ALL = ("R1", "R2", "R3")
BOM = "\ufeff"


@dataclass(frozen=True)
class Case:
    """One damaged file."""

    name: str
    file: str
    content: bytes
    kept: tuple[str, ...] = ()
    aside: tuple[tuple[int, str], ...] = ()
    refused: str = ""
    layout: str = "khanza"


def text(
    name: str, *lines: str, kept: Sequence[str] = (), aside: Sequence[tuple[int, str]] = (), **more: Any
) -> Case:
    """A text file of these lines, UTF-8 with line feeds unless said."""
    encoding, end, head = more.pop("encoding", "utf-8"), more.pop("end", "\n"), more.pop("head", HEAD)
    content = "".join(line + end for line in ([head] if head else []) + list(lines)).encode(encoding)
    content = more.pop("edit", bytes)(content)
    return Case(name, more.pop("file", "pasien.csv"), content, tuple(kept), tuple(aside), **more)


def _sheet(rows: Sequence[Sequence[Any]], merge: str = "", old: bytes = b"", new: bytes = b"") -> bytes:
    """A workbook of one sheet, its XML edited if asked."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    if merge:
        book.active.merge_cells(merge)
    book.save(out)
    if not old:
        return out.getvalue()
    edited = io.BytesIO()
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(edited, "w") as target:
        for part in source.namelist():
            target.writestr(
                part, source.read(part).replace(old, new) if "sheet1" in part else source.read(part)
            )
    return edited.getvalue()


def _without(content: bytes, part: str) -> bytes:
    """A workbook that has lost one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
    return out.getvalue()


ROWS = [line.split(",") for line in (A, B, C)]
GOOD = _sheet([NAMES, *ROWS])
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
PATIENTS = [patient(i, f"530104430290000{i}") for i in (1, 2)]
IDS = tuple(str(p["id"]) for p in PATIENTS)

QUOTES = [
    text(
        "a quote opens and never closes",
        A,
        'R2,"NAMA 2,530,L,1979-03-12,IBU',
        C,
        kept=("R1", "R3"),
        aside=[(3, "broken_quote")],
    ),
    text(
        "a quote closes in the middle",
        A,
        'R2,"NAMA" 2,530,L,1979-03-12,IBU',
        C,
        kept=("R1", "R3"),
        aside=[(3, "broken_quote")],
    ),
    text(
        "a quote inside a quoted cell",
        A,
        'R2,"NA"MA",530,L,1979-03-12,IBU',
        C,
        kept=("R1", "R3"),
        aside=[(3, "broken_quote")],
    ),
    text("a quote in a bare cell", A, 'R2,NAMA "DUA",530,L,1979-03-12,IBU', C, kept=ALL),
    text("doubled quotes", A, 'R2,"NAMA ""DUA""",530,L,1979-03-12,IBU', C, kept=ALL),
    text("a newline inside a cell", A, 'R2,"NAMA', 'DUA",530,L,1979-03-12,IBU', C, kept=ALL),
    text("a newline in the last cell", A, 'R2,NAMA,530,L,1979-03-12,"IBU', '"', C, kept=ALL),
    text("a delimiter inside a quoted cell", A, 'R2,"NAMA, S.Pd",530,L,1979-03-12,IBU', C, kept=ALL),
    text(
        "the last quote never closes",
        A,
        B,
        'R3,NAMA 3,530,L,1979-03-12,"IBU',
        kept=("R1", "R2"),
        aside=[(4, "broken_quote")],
    ),
    text(
        "two broken quotes and rows between them",
        'R1,"X,530,L,1979-03-12,I',
        B,
        'R3,X",530,L,1979-03-12,I',
        kept=("R2", "R3"),
        aside=[(2, "broken_quote")],
    ),
    text("every cell quoted", *(",".join(f'"{c}"' for c in row) for row in ROWS), kept=ALL),
    text("apostrophes before numbers", "R1,NAMA,'5301061203790001,L,1979-03-12,IBU", B, C, kept=ALL),
]

COLUMNS = [
    text(
        "a delimiter too many in the name",
        A,
        "R2,NAMA,S.Pd,530,L,1979-03-12,IBU",
        C,
        kept=("R1", "R3"),
        aside=[(3, "too_many_columns")],
    ),
    text(
        "a delimiter missing",
        A,
        "R2 NAMA 2,530,L,1979-03-12,IBU",
        C,
        kept=("R1", "R3"),
        aside=[(3, "too_few_columns")],
    ),
    text("delimiters too many at the end", A + ",,", B, C + ", ", kept=ALL),
    text("an unnamed last column, sometimes left out", A, B + ",", C, head=HEAD + ",", kept=ALL),
    text("a cell below an unnamed column", A, B + ",catatan", C, head=HEAD + ",", kept=ALL),
    text("a last line cut short", A, B, "R3,NAMA 3,5301", kept=("R1", "R2"), aside=[(4, "too_few_columns")]),
    text("no line feed at the end", A, B, C, kept=ALL, edit=lambda b: b.rstrip(b"\n")),
    text(
        "another delimiter in one row",
        A,
        B.replace(",", ";"),
        C,
        kept=("R1", "R3"),
        aside=[(3, "too_few_columns")],
    ),
    text("a header twice the same name", A + ",X", B + ",Y", C + ",Z", head=HEAD + ",nm_ibu", kept=ALL),
    text("a row of delimiters only", A, ",,,,,", B, C, kept=ALL),
    text("a row of blanks only", A, "   ", B, " , , , , , ", C, kept=ALL),
    text("empty lines between", A, "", "", B, "", C, kept=ALL),
]

LINES = [
    text("the header again, files glued together", A, HEAD, B, C, kept=ALL, aside=[(3, "header_again")]),
    text("the header again in capitals", A, HEAD.upper(), B, C, kept=ALL, aside=[(3, "header_again")]),
    text(
        "the header again with a byte order mark", A, BOM + HEAD, B, C, kept=ALL, aside=[(3, "header_again")]
    ),
    text("titles above the header", HEAD, A, B, C, head="RSUD NAIBONAT", kept=ALL),
    text("sep= above the header", HEAD, A, B, C, head="sep=,", kept=ALL),
    text("a summary line", A, B, C, "Jumlah: 3", kept=ALL, aside=[(5, "too_few_columns")]),
    text(
        "a query tool's closing words",
        A,
        B,
        C,
        "(3 rows)",
        "Time: 4 ms",
        kept=ALL,
        aside=[(5, "too_few_columns"), (6, "too_few_columns")],
    ),
    text("Windows line ends", A, B, C, end="\r\n", kept=ALL),
    text("old Macintosh line ends", A, B, C, end="\r", kept=ALL),
    text("line ends mixed", A + "\r", B, C + "\r", kept=ALL),
    text("a lone carriage return in a cell", A, "R2,NAMA\r2,530,L,1979-03-12,IBU", C, kept=ALL),
    text("a form feed between pages", A, "\f", B, C, kept=ALL),
]

ENCODINGS = [
    text("Windows-1252", A, B.replace("NAMA", "JOSÉ"), C, encoding="cp1252", kept=ALL),
    text(
        "a byte that Windows-1252 does not know",
        A,
        B,
        C,
        kept=ALL,
        edit=lambda b: b.replace(b"NAMA 2", b"NAM\x81\xe9 2"),
    ),
    text(
        "two encodings in one file",
        A.replace("NAMA", "JOSÉ"),
        B.replace("NAMA", "ÉÉÉ"),
        C,
        kept=ALL,
        edit=lambda b: b.replace("É 1".encode(), b"\xc9 1"),
    ),
    text("a byte order mark", A, B, C, encoding="utf-8-sig", kept=ALL),
    text(
        "UTF-16 with its mark",
        A,
        B,
        C,
        encoding="utf-16",
        kept=ALL,
        edit=lambda _: "\n".join([HEAD, A, B, C]).encode("utf-16"),
    ),
    text("half a sign at the end", A, B, C, kept=ALL, edit=lambda b: b.rstrip(b"\n") + b"\xc3"),
    text("a NUL in a name", A, "R2,NA\0MA,530,L,1979-03-12,IBU", C, kept=ALL),
    text(
        "NULs padding the end",
        A,
        B,
        C,
        kept=ALL,
        aside=[(5, "too_few_columns")],
        edit=lambda b: b + b"\0" * 40,
    ),
    text("control signs", A, "R2,NA\x1bMA\x07,530,L,1979-03-12,IBU", C, kept=ALL),
    text(
        "signs that cannot be seen in the header",
        A,
        B,
        C,
        head="\u200b" + HEAD.replace("no_ktp", "no_ktp\u200e"),
        kept=ALL,
    ),
]

WHOLE = [
    text("nothing at all", head="", refused="the file is empty"),
    text("only blank lines", "", "  ", head="", refused="the file is empty"),
    text("only a header", kept=()),
    text("no header", A, B, head="", refused="the first line looks like data"),
    text("a required column missing", "R1,NAMA", head="no_rkm_medis,nm_pasien", refused="no column for nik"),
    Case("a PDF", "pasien.csv", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", refused="no column for"),
    Case("bytes that are no text", "pasien.csv", b"\x00\x01\x02\x03" * 99, refused="not text"),
    Case("a picture", "pasien.csv", b"\x89PNG\r\n\x1a\n" + bytes(60), refused="not text|no column for"),
    Case(
        "a web page", "pasien.csv", b"<!DOCTYPE html><html>masuk dahulu</html>", refused="a web page or XML"
    ),
    Case(
        "a gzip cut short",
        "pasien.csv.gz",
        gzip.compress("\n".join([HEAD, A, B, C]).encode())[:-9],
        refused="gzip is damaged",
    ),
    Case(
        "a gzip with a flipped bit",
        "pasien.csv.gz",
        gzip.compress(HEAD.encode(), mtime=0)[:-6] + b"123456",
        refused="gzip is damaged",
    ),
    Case("a gzip under another name", "pasien.csv", gzip.compress("\n".join([HEAD, A, B, C]).encode()), ALL),
]

SHEETS = [
    Case("a workbook called csv", "pasien.csv", GOOD, ALL),
    Case(
        "an old workbook called xlsx",
        "pasien.xlsx",
        (FILES / "old.xls").read_bytes(),
        ("000101", "000102", "000103"),
    ),
    Case(
        "an old workbook cut short",
        "pasien.xls",
        (FILES / "old.xls").read_bytes()[:1500],
        refused="not a whole workbook",
    ),
    Case(
        "a workbook with a password",
        "pasien.xlsx",
        (FILES / "password.xlsx").read_bytes(),
        refused="protected by a password",
    ),
    Case("a workbook cut short", "pasien.xlsx", GOOD[: len(GOOD) // 2], refused="not a whole workbook"),
    Case(
        "a workbook without its sheet",
        "pasien.xlsx",
        _without(GOOD, "xl/worksheets/sheet1.xml"),
        refused="not a whole workbook|is empty",
    ),
    Case(
        "a workbook without its list of sheets",
        "pasien.xlsx",
        _without(GOOD, "xl/workbook.xml"),
        refused="not a whole workbook",
    ),
    Case(
        "a zip that is no workbook", "pasien.xlsx", b"PK\x03\x04" + bytes(99), refused="not a whole workbook"
    ),
    Case(
        "broken XML in a sheet",
        "pasien.xlsx",
        _sheet([NAMES, *ROWS], old=b'<row r="3"', new=b'<row r="3" <'),
        refused="not a whole workbook",
    ),
    Case(
        "a sheet's wrong word of its own size",
        "pasien.xlsx",
        _sheet([NAMES, *ROWS], old=b'ref="A1:F4"', new=b'ref="A1"'),
        ALL,
    ),
    Case("an empty workbook", "pasien.xlsx", _sheet([]), refused="the workbook is empty"),
    Case("merged cells", "pasien.xlsx", _sheet([["DAFTAR"], NAMES, *ROWS], merge="F3:F5"), ALL),
    Case(
        "empty rows and far cells",
        "pasien.xlsx",
        _sheet([NAMES, ROWS[0], [], [], [*ROWS[1], *[None] * 40, " "], ROWS[2]]),
        ALL,
    ),
    Case(
        "the header again in a sheet",
        "pasien.xlsx",
        _sheet([NAMES, ROWS[0], NAMES, *ROWS[1:]]),
        ALL,
        ((3, "header_again"),),
    ),
    Case(
        "numbers and dates where texts were",
        "pasien.xlsx",
        _sheet([NAMES, [1, 2, 5301061203790001.0, True, 28926, 5.5]]),
        ("1",),
    ),
]

RESOURCES = [
    Case(
        "a line that is no JSON",
        "p.ndjson",
        "\n".join([json.dumps(RECORDS[0]), "{oops", json.dumps(RECORDS[1])]).encode(),
        ("R1", "R2"),
        ((2, "not_a_record"),),
    ),
    Case(
        "a line that is no record",
        "p.ndjson",
        "\n".join([json.dumps(RECORDS[0]), "[1]", "null", '"x"']).encode(),
        ("R1",),
        ((2, "not_a_record"), (3, "not_a_record"), (4, "not_a_record")),
    ),
    Case(
        "a last line cut short",
        "p.ndjson",
        (json.dumps(RECORDS[0]) + "\n" + json.dumps(RECORDS[1])[:40]).encode(),
        ("R1",),
        ((2, "not_a_record"),),
    ),
    Case(
        "a list with what is no record",
        "p.json",
        json.dumps([RECORDS[0], None, 7, RECORDS[1]]).encode(),
        ("R1", "R2"),
        ((2, "not_a_record"), (3, "not_a_record")),
    ),
    Case(
        "a list cut short",
        "p.json",
        json.dumps(RECORDS).encode()[:-30],
        refused="damaged JSON after 2 records",
    ),
    Case(
        "an object cut short",
        "p.json",
        json.dumps({"rows": RECORDS}).encode()[:-30],
        refused="damaged JSON|no record",
    ),
    Case("nested a thousand deep", "p.json", b"[" * 9000, refused="damaged JSON"),
    Case(
        "half of a surrogate pair", "p.json", json.dumps(RECORDS).replace("NAMA 2", "\\ud83d").encode(), ALL
    ),
    Case(
        "a Bundle with entries that are none",
        "p.json",
        json.dumps(bundle([PATIENTS[0], None, {}, PATIENTS[1]])).encode(),
        IDS,
        ((2, "not_a_record"), (3, "not_a_record")),
        layout="fhir-patient",
    ),
    Case(
        "a Bundle cut short",
        "p.json",
        json.dumps(bundle(PATIENTS)).encode()[:-200],
        refused="damaged JSON|no record",
        layout="fhir-patient",
    ),
    Case("Parquet cut short", "p.parquet", b"PAR1" + bytes(40), refused="Parquet|parquet"),
]

CASES = [*QUOTES, *COLUMNS, *LINES, *ENCODINGS, *WHOLE, *SHEETS, *RESOURCES]
