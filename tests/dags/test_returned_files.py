"""Which files of a folder are worklists that came back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

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


def test_a_link_that_leads_out_of_the_folder_is_not_read_and_said(
    kupang: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings(kupang, date(2026, 11, 24))
    folder = kupang.parent / "decisions"
    folder.mkdir()
    (folder / "1.csv").touch()
    (folder / "2.csv").symlink_to(kupang.parent / "registry.csv")
    (folder / "3.csv").symlink_to("1.csv")
    (kupang.parent / "registry.csv").touch()
    assert [path.name for path in returned_files(settings)] == ["1.csv", "3.csv"]
    assert "2.csv: a link that leads out of the folder is not read" in caplog.text
