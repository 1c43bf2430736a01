"""Which files of a folder are worklists that came back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipelines.schedule import returned_files
from pipelines.settings import load_settings


def test_workbooks_and_csv_files_by_name_and_nothing_else(kupang: Path) -> None:
    settings = load_settings(kupang, date(2026, 11, 24))
    folder = kupang.parent / "decisions"
    folder.mkdir()
    for name in (
        "2 Semau.xlsx",
        "1 Takari.csv",
        "~$2 Semau.xlsx",
        ".~lock.2 Semau.xlsx#",
        "note.txt",
        ".x.csv",
    ):
        (folder / name).touch()
    (folder / "old.csv").mkdir()
    assert [path.name for path in returned_files(settings)] == ["1 Takari.csv", "2 Semau.xlsx"]


def test_no_folder_is_no_files(kupang: Path) -> None:
    assert returned_files(load_settings(kupang, date(2026, 11, 24))) == []


def test_another_folder_can_be_named(kupang: Path, tmp_path: Path) -> None:
    settings = load_settings(kupang, date(2026, 11, 24))
    share = tmp_path / "share"
    share.mkdir()
    (share / "kembali.xlsx").touch()
    assert returned_files(settings, str(share)) == [share / "kembali.xlsx"]
