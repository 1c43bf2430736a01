"""Whether a published folder still is what was published: an auditor's question, answered line by line."""

from __future__ import annotations

import csv
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pipelines.publish.manifest import SIGNATURE, VERSION
from pipelines.publish.provenance import file_sha256
from pipelines.publish.signing import is_signed, public_key
from pipelines.records import MANIFEST
from pipelines.vocabulary import DECISION_HEADINGS

CHUNK: Final = 1 << 20


def verify(folder: Path, public_key_pem: str | None = None) -> list[str]:
    """Check ``folder`` against its manifest and return every problem, a line each; none means it is whole.

    Every file's bytes, sha256 and rows; no file missing, none that the manifest does not name, no link. With
    ``public_key_pem`` (an Ed25519 public key in PEM) a signature must be there and be that key's; without
    one it is not looked at. Raises ``ConfigError`` if the key itself is none. Names no value of any record.
    """
    key = public_key(public_key_pem) if public_key_pem is not None else None
    present = dict(_walk(folder))
    if present.get(MANIFEST) != "file":
        return [f"{MANIFEST}: missing; without it nothing can be checked"]
    content = (folder / MANIFEST).read_bytes()
    problems = []
    if key is not None:
        if present.get(SIGNATURE) != "file":
            problems.append(f"{SIGNATURE}: missing, though a public key is configured")
        elif not is_signed(content, (folder / SIGNATURE).read_bytes(), key):
            problems.append(f"{SIGNATURE}: not the signature of this manifest by the given key")
    files = _files(content)
    if isinstance(files, str):
        return [*problems, f"{MANIFEST}: {files}"]
    for name in sorted(files.keys() | (present.keys() - {MANIFEST, SIGNATURE})):
        problems += _check(folder, name, files.get(name), present.get(name))
    return problems


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file and link below ``folder`` by its path there, and which of the two it is; follows no link."""
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place, name)
            relative = path.relative_to(folder).as_posix()
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                yield relative, "link"
            elif path.is_file():
                yield relative, "file"


def _files(content: bytes) -> dict[str, dict[str, Any]] | str:
    """The manifest's files, or what is wrong with it."""
    try:
        manifest = json.loads(content)
    except ValueError:
        return "not JSON"
    if not isinstance(manifest, dict) or manifest.get("manifest_version") != VERSION:
        return f"expected manifest_version {VERSION}"
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(map(_is_file_entry, files.values())):
        return "expected files with bytes, rows and sha256 each"
    outside = [
        name for name in files if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute()
    ]
    return f"names a file outside the folder: {outside[0]}" if outside else files


def _is_file_entry(entry: object) -> bool:
    return (
        isinstance(entry, Mapping)
        and isinstance(entry.get("sha256"), str)
        and type(entry.get("bytes")) is int
        and (entry.get("rows") is None or type(entry["rows"]) is int)
        and "rows" in entry
    )


def _check(folder: Path, name: str, entry: Mapping[str, Any] | None, kind: str | None) -> Iterator[str]:
    """What is wrong with one file that the manifest names, or that is there."""
    if entry is None:
        yield f"{name}: not in the manifest"
    elif kind is None:
        yield f"{name}: missing"
    elif kind == "link":
        yield f"{name}: a link; expected a file"
    else:
        yield from _compare(folder / name, name, entry)


def _compare(path: Path, name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    size = path.stat().st_size
    if size != entry["bytes"]:
        yield f"{name}: {size} bytes, the manifest says {entry['bytes']}"
    digest = file_sha256(path)
    if digest != entry["sha256"]:
        yield f"{name}: changed; its sha256 is {digest}, the manifest says {entry['sha256']}"
    if entry["rows"] is None:
        return
    try:
        rows = count_rows(path)
    except (ValueError, KeyError, csv.Error, zipfile.BadZipFile):
        yield f"{name}: its rows cannot be counted any more, the manifest says {entry['rows']}"
        return
    if rows != entry["rows"]:
        yield f"{name}: {rows} rows, the manifest says {entry['rows']}"


def count_rows(path: Path) -> int:
    """The items in a published csv file or workbook, counted from the file itself."""
    if path.suffix == ".xlsx":
        return _workbook_rows(path)
    with path.open(encoding="utf-8", newline="") as handle:
        return sum(1 for _ in csv.reader(handle)) - 1


def _workbook_rows(path: Path) -> int:
    """Rows on the sheets that have a column of item ids; counted as cells of it, without reading the rest."""
    import openpyxl

    headings = set(DECISION_HEADINGS["item_id"].values())
    book = openpyxl.load_workbook(path, read_only=True)
    columns: dict[int, str] = {}
    for number, sheet in enumerate(book.worksheets, start=1):
        for cell in next(sheet.iter_rows(max_row=1), ()):
            if cell.value in headings:
                columns[number] = cell.column_letter
    book.close()
    with zipfile.ZipFile(path) as archive:
        return sum(_cells(archive, f"xl/worksheets/sheet{n}.xml", c) - 1 for n, c in columns.items())


def _cells(archive: zipfile.ZipFile, part: str, column: str) -> int:
    """How many cells of a column a sheet's XML holds."""
    cell = re.compile(rb'<c r="%s\d+"' % column.encode())
    found, tail = 0, b""
    with archive.open(part) as handle:
        while chunk := handle.read(CHUNK):
            text = tail + chunk
            # What is left after the last '<' may be the beginning of a cell: it goes to the next chunk.
            cut = text.rfind(b"<")
            found += len(cell.findall(text[:cut]))
            tail = text[cut:]
    return found + len(cell.findall(tail))
