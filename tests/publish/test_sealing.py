"""Files sealed to those who may read them: opened by their key alone, and whole by the manifest."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pyrage
import pytest
from pyrage import x25519

from pipelines.publish import verify
from pipelines.records import MANIFEST
from pipelines.settings import ConfigError, load_settings
from tests.publish.items import RUN_DATE
from tests.publish.office import CONFIG, Office

HOSPITAL, REGISTRY, STRANGER = (x25519.Identity.generate() for _ in range(3))
SEALED = CONFIG.replace(
    'location = "pasien.csv"', f'location = "pasien.csv"\nseal_to = "{HOSPITAL.to_public()}"'
).replace('location = "registry.csv"', f'location = "registry.csv"\nseal_to = "{REGISTRY.to_public()}"')


def published(office: Office, config: str) -> Path:
    """The outbox of an office with this configuration."""
    file = office.settings.config_file
    file.write_text(config.format(language="id"), encoding="utf-8")
    office.settings = load_settings(file, RUN_DATE, {})
    office.publish()
    return office.folder


def test_each_recipient_opens_its_own_file_and_nobody_elses(office: Office) -> None:
    folder = published(office, SEALED)
    assert not (folder / "worklist.xlsx").exists()
    assert not (folder / "returns" / "rsud-naibonat.xlsx").exists()
    assert (folder / "returns" / "dapodik-kupang.xlsx").exists(), "no key is configured for it"
    content = (folder / "returns" / "rsud-naibonat.xlsx.age").read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(pyrage.decrypt(content, [HOSPITAL])))
    assert book.sheetnames
    for other in (REGISTRY, STRANGER):
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(content, [other])
    assert pyrage.decrypt((folder / "worklist.xlsx.age").read_bytes(), [REGISTRY])[:2] == b"PK"


def test_a_sealed_file_is_in_the_manifest_and_a_changed_one_is_found_out(office: Office) -> None:
    folder = published(office, SEALED)
    files = json.loads((folder / MANIFEST).read_bytes())["files"]
    assert files["returns/rsud-naibonat.xlsx.age"]["rows"] is None
    assert "returns/rsud-naibonat.xlsx" not in files
    assert verify(folder) == []
    sealed = folder / "worklist.xlsx.age"
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    assert any(line.startswith("worklist.xlsx.age: changed") for line in verify(folder))


@pytest.mark.parametrize(
    "key",
    ["age1nonsense", "", "ssh-ed25519 AAAA", str(HOSPITAL)],
    ids=["nonsense", "nothing", "ssh", "secret"],
)
def test_a_key_that_is_none_is_a_mistake_of_the_configuration_and_not_shown(tmp_path: Path, key: str) -> None:
    text = CONFIG.replace('location = "pasien.csv"', f'location = "pasien.csv"\nseal_to = "{key}"')
    (tmp_path / "padan.toml").write_text(text.format(language="id"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "padan.toml", RUN_DATE, {})
    assert caught.value.mistakes == ["rsud-naibonat.seal_to: expected a public key of age, age1…"]


def test_a_bad_signing_key_shows_before_anything_is_run(tmp_path: Path) -> None:
    text = CONFIG.format(language="id") + '\n[signing]\nprivate_key = "env:KEY"\n'
    (tmp_path / "padan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "padan.toml", RUN_DATE, {"KEY": "geheim"})
    assert caught.value.mistakes == [
        "signing.private_key: expected an Ed25519 private key in PEM, without a password"
    ]
