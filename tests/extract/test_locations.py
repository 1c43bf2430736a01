"""What a location may be: a path, a pattern, an address; and what is said where it leads nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import pytest

from pipelines.errors import SourceUnreadable
from pipelines.extract import inputs
from tests.extract.office import PATIENTS, Office, packed, table


def test_a_pattern_reads_every_file_in_the_order_of_names(office: Office) -> None:
    for name, patient in zip(["kec-b.csv", "kec-a.csv", "kec-c.csv.gz"], PATIENTS, strict=True):
        office.write(f"in/{name}", packed(table([patient])) if name.endswith("gz") else table([patient]))
    office.write("in/notes.txt", "not a source")
    reading = office.read("in/kec-*")
    assert reading.column("file") == ["kec-a.csv", "kec-b.csv", "kec-c.csv.gz"]
    assert reading.column("record_id") == ["000102", "000101", "000103"]
    assert reading.column("row") == [2, 2, 2]
    assert [i["name"] for i in reading.inputs] == ["kec-a.csv", "kec-b.csv", "kec-c.csv.gz"]


def test_files_of_one_pattern_may_differ_in_dialect_and_columns(office: Office) -> None:
    office.write("a.csv", table(PATIENTS[:1], delimiter=";"))
    office.write("b.csv", "NIK|nm pasien|No. R.M.|tgl lahir\n111|MARIA|7|1990-01-01\n".encode("utf-16"))
    assert office.read("*.csv").column("nik") == ["5301061203790003", "111"]


def test_a_pattern_may_go_down_into_folders(office: Office) -> None:
    for name, patient in zip(["2/a.csv", "1/deep/b.csv", "1/a.csv"], PATIENTS, strict=True):
        office.write(f"in/{name}", table([patient]))
    reading = office.read("in/**/*.csv")
    assert reading.column("record_id") == ["000103", "000101", "000102"]
    assert reading.column("file") == ["a.csv", "a.csv", "b.csv"]


def test_lock_files_and_hidden_files_are_no_sources(office: Office) -> None:
    office.write("a.csv", table())
    office.write("~$a.csv", "x")
    office.write(".a.csv", "x")
    assert len(office.read("*.csv").rows) == 3


def test_brackets_in_a_name_that_is_there_are_part_of_the_name(office: Office) -> None:
    office.write("pasien [1].csv", table())
    assert len(office.read("pasien [1].csv").rows) == 3


def test_one_bad_file_makes_the_source_unreadable(office: Office) -> None:
    """Its people would be absent, and their items would look resolved."""
    office.write("a.csv", table())
    office.write("b.csv", "")
    with pytest.raises(SourceUnreadable, match=r"^rsud: b\.csv: the file is empty"):
        office.read("*.csv")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("nowhere.csv", r"no such file: .*nowhere\.csv"),
        ("nowhere/*.csv", r"no file matches .*nowhere/\*\.csv"),
        (".", r"is a folder; expected a file, or a pattern such as .*\*\.csv"),
        ("http://127.0.0.1:1/pasien", r"layout 'khanza' does not say how a web service is asked"),
        ("https://127.0.0.1:1/fhir", r"layout 'khanza' does not say how a web service is asked"),
    ],
)
def test_a_location_that_leads_nowhere(office: Office, location: str, reason: str) -> None:
    with pytest.raises(SourceUnreadable, match=f"^rsud: .*{reason}"):
        office.read(location)


def test_a_file_that_may_not_be_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.write("a.csv", table())
    opening = Path.open

    def forbidden(
        which: Path, *args: Any, **kwargs: Any
    ) -> IO[Any]:  # root, who may run the tests, may read all
        if which == path:
            raise PermissionError(13, "Permission denied")
        return opening(which, *args, **kwargs)

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(SourceUnreadable, match="cannot be read: Permission denied"):
        office.read("a.csv")


def test_a_file_that_changes_while_it_is_read_is_no_source(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = office.write("a.csv", table())
    digest = inputs.digest

    def growing(read: Path) -> tuple[str, int]:
        path.write_text(table() + "000104,LATE,1,L,1990-01-01,X\n")
        return digest(read)

    monkeypatch.setattr(inputs, "digest", growing)
    with pytest.raises(SourceUnreadable, match=r"a\.csv: changed while it was read"):
        office.read("a.csv")


def test_a_file_that_vanishes_before_it_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.write("a.csv", table())
    reader_of = inputs.reader_of

    def gone(read: Path) -> object:
        path.unlink()
        return reader_of(read)

    monkeypatch.setattr(inputs, "reader_of", gone)
    with pytest.raises(SourceUnreadable, match=r"a\.csv: no such file"):
        office.read("a.csv")
