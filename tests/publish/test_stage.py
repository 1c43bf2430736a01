"""The outbox folder of a date: everything in it, the same bytes every time, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path

import openpyxl
import pytest

import pipelines.publish.stage as stage
from pipelines import __version__
from pipelines.errors import PadanError
from pipelines.publish import verify
from pipelines.records import MANIFEST
from tests.publish.items import everyday, item
from tests.publish.office import COUNTS, Office, build_office


def digests(folder: Path) -> dict[str, str]:
    """Every file under ``folder`` with its digest."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_outbox_holds_what_each_reader_was_promised(office: Office) -> None:
    docs = office.settings.folder("quality_docs")
    (docs / "validations").mkdir(parents=True)
    (docs / "index.html").write_text("<p>mutu</p>")
    (docs / "validations" / "raw.html").write_text("<p>mentah</p>")
    published = office.publish()
    assert set(digests(office.folder)) == {
        "worklist.csv",
        "worklist.xlsx",
        "returns/rsud-naibonat.xlsx",
        "returns/dapodik-kupang.xlsx",
        "report.html",
        "report.json",
        "quality/index.html",
        "quality/validations/raw.html",
        "manifest.json",
    }
    assert published.path == str(office.folder)
    assert published.rows == len(everyday())
    assert published.sha256 == digests(office.folder)[MANIFEST]
    assert verify(office.folder) == []


def test_every_item_is_in_exactly_one_workbook(office: Office) -> None:
    office.publish()
    found = []
    for path in (office.folder / "worklist.xlsx", *(office.folder / "returns").iterdir()):
        for sheet in openpyxl.load_workbook(path).worksheets[:2]:
            headings, *rows = sheet.iter_rows(values_only=True)
            found += [row[headings.index("ID Butir")] for row in rows]
    assert sorted(filter(None, found)) == [row["item_id"] for row in everyday()]


def test_the_manifest_says_from_what_and_by_what_it_was_made(office: Office) -> None:
    office.publish()
    manifest = json.loads((office.folder / MANIFEST).read_text("utf-8"))
    assert manifest["run_date"] == "2026-11-24"
    assert manifest["code_version"] == __version__
    assert manifest["config_sha256"] == hashlib.sha256(office.settings.config_file.read_bytes()).hexdigest()
    assert manifest["inputs"]["rsud-naibonat"] == [
        {"name": "rsud-naibonat.csv", "sha256": f"{1:064x}", "bytes": 101, "rows": 3}
    ]
    assert manifest["signed_by"] is None
    files = manifest["files"]
    assert {name: file["rows"] for name, file in files.items() if file["rows"] is not None} == {
        "worklist.csv": 10,
        "worklist.xlsx": 4,
        "returns/rsud-naibonat.xlsx": 4,
        "returns/dapodik-kupang.xlsx": 2,
    }
    assert {name: file["sha256"] for name, file in files.items()} == {
        name: digest for name, digest in digests(office.folder).items() if name != MANIFEST
    }
    for name, file in files.items():
        assert file["bytes"] == (office.folder / name).stat().st_size


def test_published_json_is_sorted_indented_and_ends_with_a_newline(office: Office) -> None:
    office.publish()
    for name in (MANIFEST, "report.json"):
        text = (office.folder / name).read_text("utf-8")
        assert text == json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("threads", [1, 4])
def test_the_same_inputs_give_the_same_bytes_elsewhere_and_however_many_threads(
    office: Office, tmp_path: Path, threads: int
) -> None:
    office.publish()
    other = build_office(tmp_path / "elsewhere")
    resources = other.settings.resources.model_copy(update={"threads": threads})
    umask = os.umask(0o077)
    try:
        other.publish(resources=resources)
    finally:
        os.umask(umask)
    assert digests(other.folder) == digests(office.folder)


def test_the_same_date_again_replaces_it_and_leaves_nothing_behind(office: Office) -> None:
    office.publish(items=[])
    office.publish()
    first = digests(office.folder)
    office.publish()
    assert digests(office.folder) == first
    assert [path.name for path in office.settings.outbox.iterdir()] == ["2026-11-24"]


def test_what_is_published_is_for_its_owner_alone(office: Office) -> None:
    office.publish()
    for path in office.folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize("step", ["write_csv", "write_workbook", "gather", "render_html", "write_manifest"])
def test_a_crash_in_the_middle_leaves_no_folder(
    office: Office, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(stage, step, crash)
    with pytest.raises(OSError, match="no space left"):
        office.publish()
    assert list(office.settings.outbox.iterdir()) == []


def test_a_crash_leaves_what_that_date_had_published(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.publish()
    before = digests(office.folder)
    monkeypatch.setattr(stage, "write_manifest", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        office.publish(items=[])
    assert digests(office.folder) == before
    assert verify(office.folder) == []


def test_an_empty_day_is_published_too(office: Office) -> None:
    assert office.publish(items=[], counts={name: {"rows_read": 0} for name in COUNTS}).rows == 0
    assert verify(office.folder) == []
    assert (office.folder / "returns" / "dapodik-kupang.xlsx").is_file()


def test_a_source_that_could_not_be_read_has_no_inputs_even_if_an_earlier_run_left_them(
    office: Office,
) -> None:
    office.publish(counts={**COUNTS, "dapodik-kupang": {"unread": 1, "items.open": 2}})
    manifest = json.loads((office.folder / MANIFEST).read_text("utf-8"))
    assert set(manifest["inputs"]) == {"dukcapil", "rsud-naibonat", "bpjs"}
    assert manifest["unread"] == ["dapodik-kupang"]


def test_an_agency_that_is_no_longer_configured_still_gets_its_open_items(office: Office) -> None:
    office.publish(items=[item(1, owner="puskesmas-lama", source="puskesmas-lama")])
    sheet = openpyxl.load_workbook(office.folder / "returns" / "puskesmas-lama.xlsx").worksheets[0]
    assert sheet["B2"].value == "MARIA GORETI NITBANI"


@pytest.mark.parametrize("owner", ["dapodik-kupang", "../elsewhere"])
def test_an_item_of_one_agency_owned_by_another_is_published_to_nobody(office: Office, owner: str) -> None:
    with pytest.raises(
        PadanError, match=r"an item of rsud-naibonat has the owner .*; expected it or dukcapil"
    ):
        office.publish(items=[item(1, owner=owner)])
    assert not office.folder.exists()
