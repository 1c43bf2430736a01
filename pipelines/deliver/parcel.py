"""One recipient's file of one published folder."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.engine import Artifact
from pipelines.errors import PadanError
from pipelines.records import MANIFEST
from pipelines.settings import Delivery, Settings


@dataclass(frozen=True)
class Parcel:
    """What goes to whom.

    ``edition`` tells one publication of a date from another. It is a digest of everything published but the sealed
    files: those differ each time they are sealed, and say the same.
    """

    run_date: date
    delivery: Delivery
    file: Path
    sha256: str
    edition: str

    @property
    def name(self) -> str:
        """What the file is called at the other end: ``padan-2026-11-24-rsud-naibonat.xlsx.age``."""
        suffix = ".xlsx.age" if self.file.name.endswith(".age") else ".xlsx"
        return f"padan-{self.run_date}-{self.delivery.to}{suffix}"

    @property
    def key(self) -> str:
        """The same for the same edition to the same place, however often it is sent."""
        said = json.dumps([str(self.run_date), self.delivery.to, self.delivery.by, self.edition])
        return hashlib.sha256(said.encode()).hexdigest()

    def content(self) -> bytes:
        """The file's bytes; raises ``PadanError`` if they are not the ones that were published."""
        content = self.file.read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise PadanError(f"{self.file}: not what the manifest says; see padan verify {self.file.parent}")
        return content


def published(settings: Settings) -> Artifact:
    """The folder of ``settings.run_date`` as it lies in the outbox; raises ``PadanError`` if there is none."""
    folder = settings.outbox / settings.run_date.isoformat()
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        raise PadanError(
            f"{settings.run_date}: nothing is published for this date in {settings.outbox}"
        ) from None
    return Artifact(str(folder), 0, hashlib.sha256(content).hexdigest())


def parcels(folder: Path, settings: Settings) -> list[Parcel]:
    """What a published folder holds for those whom the configuration delivers to.

    Raises ``PadanError`` for a folder without a manifest.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        raise PadanError(f"{folder}: no published folder; it has no {MANIFEST}") from None
    files: dict[str, dict[str, Any]] = manifest["files"]
    edition = _edition(files)
    workbooks = {whose.name: name for name, whose in settings.workbooks.items()}
    found = []
    for delivery in settings.deliveries:
        plain = workbooks[delivery.to]
        name = next((n for n in (f"{plain}.age", plain) if n in files), None)
        if name:
            day = date.fromisoformat(manifest["run_date"])
            found.append(Parcel(day, delivery, folder / name, files[name]["sha256"], edition))
    return found


def _edition(files: dict[str, dict[str, Any]]) -> str:
    lasting = sorted((name, entry["sha256"]) for name, entry in files.items() if not name.endswith(".age"))
    return hashlib.sha256(json.dumps(lasting).encode()).hexdigest()
