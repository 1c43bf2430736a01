"""``manifest.json``: what was published, from which inputs, by which code and configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypedDict

from pipelines.publish.provenance import Provenance, file_sha256
from pipelines.publish.signing import private_key, sign
from pipelines.records import MANIFEST
from pipelines.settings import Settings

SIGNATURE: Final = f"{MANIFEST}.sig"

VERSION: Final = 1
"""Of the manifest's own form."""


class File(TypedDict):
    """One published file; ``rows`` is null where counting rows makes no sense."""

    rows: int | None
    sha256: str
    bytes: int


def write_manifest(folder: Path, rows: Mapping[str, int], origin: Provenance, settings: Settings) -> str:
    """Describe every file under ``folder``, sign the description if a key is configured, return its sha256.

    ``rows`` gives the rows of the files that have any, by their path in the folder.
    """
    files = {
        name: File(
            rows=rows.get(name), sha256=file_sha256(folder / name), bytes=(folder / name).stat().st_size
        )
        for name in sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    }
    manifest = {
        "manifest_version": VERSION,
        "run_date": settings.run_date.isoformat(),
        "files": files,
        **asdict(origin),
    }
    content = as_json(manifest)
    (folder / MANIFEST).write_bytes(content)
    key = private_key(settings.signing)
    if key is not None:
        (folder / SIGNATURE).write_bytes(sign(content, key))
    return hashlib.sha256(content).hexdigest()


def as_json(document: Mapping[str, Any]) -> bytes:
    """JSON as every published file has it: sorted keys, two spaces, a newline at the end."""
    return (json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()
