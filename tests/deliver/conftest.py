"""A published date of a small office, and certificates that this machine trusts for the length of a test."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import trustme
from sqlalchemy import select

from pipelines.deliver import deliver, published, stage
from pipelines.records import MANIFEST
from pipelines.settings import Settings, load_settings
from pipelines.store import read_session
from pipelines.store.ledger import EVENTS

DAY, NEXT = date(2026, 11, 24), date(2026, 11, 25)
SEALED = b"age-encryption.org/v1\n" + bytes(range(256)) * 300
PLAIN = b"PK\x03\x04 a workbook"
KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

CONFIG = f"""
[padan]
store = "sqlite:///padan.sqlite"

[registry]
name = "dukcapil"
layout = "siak"
location = "registry.csv"

[[sources]]
name = "rsud-naibonat"
layout = "khanza"
location = "pasien.csv"
seal_to = "{KEY}"

[[sources]]
name = "dapodik-kupang"
layout = "dapodik"
location = "siswa.csv"
"""


@dataclass
class Desk:
    """Where files are delivered from."""

    base: Path
    environ: Mapping[str, str]

    def settings(self, deliveries: str, day: date = DAY) -> Settings:
        config = self.base / "padan.toml"
        config.write_text(CONFIG + deliveries, encoding="utf-8")
        return load_settings(config, day, self.environ)

    def publish(self, day: date = DAY, sealed: bytes = SEALED, worklist: bytes = b"item_id\n") -> None:
        """A folder as the publish stage leaves it: the files, and what the manifest says of them."""
        folder = self.base / "outbox" / day.isoformat()
        (folder / "returns").mkdir(parents=True, exist_ok=True)
        files = {
            "worklist.csv": worklist,
            "worklist.xlsx": PLAIN,
            "returns/rsud-naibonat.xlsx.age": sealed,
            "returns/dapodik-kupang.xlsx": PLAIN,
        }
        for name, content in files.items():
            (folder / name).write_bytes(content)
        told = {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()}
        (folder / MANIFEST).write_text(json.dumps({"run_date": day.isoformat(), "files": told}))

    def deliver(self, deliveries: str, day: date = DAY) -> list[dict[str, Any]]:
        settings = self.settings(deliveries, day)
        return pq.read_table(deliver(published(settings), settings).file).to_pylist()

    def states(self, deliveries: str, day: date = DAY) -> list[str]:
        return [row["state"] for row in self.deliver(deliveries, day)]

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        with read_session(f"sqlite:///{self.base / 'padan.sqlite'}") as session:
            rows = session.execute(select(EVENTS.c.kind, EVENTS.c.payload).order_by(EVENTS.c.event_id)).all()
        return [(kind, payload) for kind, payload in rows]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of them waited for."""
    made: list[float] = []
    monkeypatch.setattr(stage, "pause", made.append)
    return made


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    secrets = {"WRONG": "not it", "SFTP": "hunter2-sftp", "MAIL": "hunter2-mail", "WEB": "hunter2-web"}
    found = Desk(tmp_path, secrets)
    found.publish()
    return found


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """The authority, known to this machine."""
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return authority
