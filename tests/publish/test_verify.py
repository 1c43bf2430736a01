"""An auditor's question: is this folder still what was published? Each way in which it may not be."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from pipelines.publish import verify
from pipelines.publish.manifest import SIGNATURE
from pipelines.publish.provenance import file_sha256
from pipelines.publish.signing import private_key
from pipelines.publish.verification import count_rows
from pipelines.records import MANIFEST
from pipelines.settings import ConfigError, Signing
from tests.publish.office import Office, build_office

Key = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def private_pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: Key) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
RSA = rsa.generate_private_key(65537, 2048)
SIGNED = Signing(private_key=private_pem(KEY))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed publication, to be copied."""
    office = build_office(tmp_path_factory.mktemp("signed"))
    office.publish(signing=SIGNED)
    return office.folder


@pytest.fixture
def folder(signed: Path, tmp_path: Path) -> Path:
    """A signed publication."""
    return Path(shutil.copytree(signed, tmp_path / signed.name))


def edit_manifest(folder: Path, change: object) -> None:
    """Let ``change`` work on the manifest's document, and write it back."""
    document = json.loads((folder / MANIFEST).read_bytes())
    change(document)  # type: ignore[operator]
    (folder / MANIFEST).write_text(json.dumps(document), encoding="utf-8")


def test_what_was_published_has_no_problem(folder: Path) -> None:
    assert verify(folder) == []
    assert verify(folder, public_pem(KEY)) == []


def test_a_changed_file_is_named_with_both_digests(folder: Path) -> None:
    path = folder / "report.html"
    before = file_sha256(path)
    path.write_bytes(path.read_bytes().replace(b"2026", b"2025", 1))
    assert verify(folder) == [
        f"report.html: changed; its sha256 is {file_sha256(path)}, the manifest says {before}"
    ]


def test_a_row_taken_from_the_worklist_is_counted(folder: Path) -> None:
    path = folder / "worklist.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    size, changed, rows = verify(folder)
    assert re.fullmatch(r"worklist\.csv: \d+ bytes, the manifest says \d+", size)
    assert changed.startswith("worklist.csv: changed; its sha256 is ")
    assert rows == "worklist.csv: 9 rows, the manifest says 10"


def test_a_row_taken_from_a_workbook_is_counted(folder: Path, tmp_path: Path) -> None:
    path, shorter = folder / "returns" / "rsud-naibonat.xlsx", tmp_path / "shorter.xlsx"
    with ZipFile(path) as source, ZipFile(shorter, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                start, end = content.index(b'<row r="3"'), content.index(b'<row r="4"')
                content = content[:start] + content[end:]
            target.writestr(name, content)
    path.write_bytes(shorter.read_bytes())
    assert verify(folder)[-1] == "returns/rsud-naibonat.xlsx: 3 rows, the manifest says 4"


def test_a_workbook_that_is_none_any_more_is_a_problem_and_no_crash(folder: Path) -> None:
    (folder / "worklist.xlsx").write_bytes(b"PK not a workbook")
    assert verify(folder)[-1] == "worklist.xlsx: its rows cannot be counted any more, the manifest says 4"


def test_a_manifest_that_lies_about_rows_is_found_out(folder: Path) -> None:
    edit_manifest(folder, lambda document: document["files"]["worklist.csv"].update(rows=11))
    assert verify(folder) == ["worklist.csv: 10 rows, the manifest says 11"]


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "returns" / "dapodik-kupang.xlsx").unlink()
    assert verify(folder) == ["returns/dapodik-kupang.xlsx: missing"]


def test_an_extra_file_is_named_wherever_it_lies(folder: Path) -> None:
    (folder / "returns" / "salinan.xlsx").write_bytes(b"")
    (folder / ".hidden").write_bytes(b"")
    assert verify(folder) == [".hidden: not in the manifest", "returns/salinan.xlsx: not in the manifest"]


def test_a_link_in_the_place_of_a_file_is_not_followed(folder: Path, tmp_path: Path) -> None:
    moved = (folder / "report.json").rename(tmp_path / "report.json")
    (folder / "report.json").symlink_to(moved)
    assert verify(folder) == ["report.json: a link; expected a file"]


def test_without_a_manifest_nothing_can_be_checked(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    assert verify(folder) == ["manifest.json: missing; without it nothing can be checked"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe{}", "not JSON"),
        (b"[]", "expected manifest_version 1"),
        (b'{"manifest_version": 2, "files": {}}', "expected manifest_version 1"),
        (b'{"manifest_version": 1, "files": []}', "expected files with bytes, rows and sha256 each"),
        (
            b'{"manifest_version": 1, "files": {"a": {"sha256": "", "rows": null}}}',
            "expected files with bytes, rows and sha256 each",
        ),
        (
            b'{"manifest_version": 1, "files": {"../a": {"sha256": "", "rows": null, "bytes": 0}}}',
            "names a file outside the folder: ../a",
        ),
        (
            b'{"manifest_version": 1, "files": {"/etc/hostname": {"sha256": "", "rows": null, "bytes": 0}}}',
            "names a file outside the folder: /etc/hostname",
        ),
    ],
)
def test_a_manifest_that_is_none_is_a_problem_and_no_crash(
    folder: Path, content: bytes, problem: str
) -> None:
    (folder / MANIFEST).write_bytes(content)
    assert verify(folder) == [f"manifest.json: {problem}"]


def test_a_manifest_changed_after_signing_is_found_out(folder: Path) -> None:
    edit_manifest(folder, lambda document: document.update(run_date="2026-11-23"))
    assert verify(folder, public_pem(KEY)) == [
        "manifest.json.sig: not the signature of this manifest by the given key"
    ]


def test_another_key_s_signature_is_none(folder: Path) -> None:
    assert verify(folder, public_pem(OTHER)) == [
        "manifest.json.sig: not the signature of this manifest by the given key"
    ]


@pytest.mark.parametrize("signature", [b"", b"not base64!", b"AAAA\n"])
def test_a_damaged_signature_is_a_problem_and_no_crash(folder: Path, signature: bytes) -> None:
    (folder / SIGNATURE).write_bytes(signature)
    assert verify(folder, public_pem(KEY)) == [
        "manifest.json.sig: not the signature of this manifest by the given key"
    ]


def test_a_signature_taken_away_is_missed_where_a_key_is_known(folder: Path) -> None:
    (folder / SIGNATURE).unlink()
    assert verify(folder, public_pem(KEY)) == [
        "manifest.json.sig: missing, though a public key is configured"
    ]
    assert verify(folder) == []


def test_the_same_manifest_has_the_same_signature(office: Office) -> None:
    office.publish(signing=SIGNED)
    first = (office.folder / SIGNATURE).read_bytes()
    office.publish(signing=SIGNED)
    assert (office.folder / SIGNATURE).read_bytes() == first


def test_the_manifest_and_the_report_name_the_key_that_signs(office: Office) -> None:
    office.publish(signing=SIGNED)
    manifest = json.loads((office.folder / MANIFEST).read_bytes())
    assert len(manifest["signed_by"]) == 64
    assert office.figures()["provenance"]["signed_by"] == manifest["signed_by"]
    assert manifest["signed_by"] in (office.folder / "report.html").read_text("utf-8")


@pytest.mark.parametrize("pem", ["", "geheim", private_pem(RSA), public_pem(KEY)])
def test_a_signing_key_that_is_none_is_a_mistake_of_the_configuration_and_never_shown(pem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        private_key(Signing(private_key=pem))
    assert caught.value.mistakes == [
        "signing.private_key: expected an Ed25519 private key in PEM, without a password"
    ]


@pytest.mark.parametrize("pem", ["", "geheim", public_pem(RSA), private_pem(KEY)])
def test_a_public_key_that_is_none_is_a_mistake_of_the_configuration(folder: Path, pem: str) -> None:
    with pytest.raises(ConfigError, match=r"signing\.public_key: expected an Ed25519 public key in PEM"):
        verify(folder, pem)


def test_two_keys_that_do_not_belong_together_are_a_mistake(office: Office) -> None:
    signing = Signing(private_key=private_pem(KEY), public_key=public_pem(OTHER))
    with pytest.raises(ConfigError, match=r"signing\.public_key: does not belong to signing\.private_key"):
        office.publish(signing=signing)
    assert not office.folder.exists()


def test_a_workbook_s_rows_are_counted_across_the_reader_s_chunks(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.publish()
    for size in (1, 2, 7, 64, 1000):
        monkeypatch.setattr("pipelines.publish.verification.CHUNK", size)
        assert count_rows(office.folder / "worklist.xlsx") == 4
