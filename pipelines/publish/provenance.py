"""What a publication was made from: inputs, code, configuration, and whose key signs it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypedDict

from pipelines import __version__
from pipelines.publish.signing import fingerprint, private_key
from pipelines.settings import Settings


class Input(TypedDict):
    """One file (or query) that a source was read from, as the extract stage noted it."""

    name: str
    sha256: str
    bytes: int | None
    rows: int | None


@dataclass(frozen=True)
class Provenance:
    """Digests are SHA-256 in hexadecimal.

    ``inputs`` by source; ``unread`` names the sources that could not be read, so have none; ``signed_by`` is
    the fingerprint of the key that signs the manifest, ``None`` where none is configured.
    """

    code_version: str
    config_sha256: str
    inputs: dict[str, list[Input]]
    unread: tuple[str, ...]
    signed_by: str | None


def provenance(unread: Sequence[str], settings: Settings) -> Provenance:
    """Read the digests that the extract stage left, and the configuration's own.

    Raises ``ConfigError`` for an unusable signing key.
    """
    key = private_key(settings.signing)
    return Provenance(
        code_version=__version__,
        config_sha256=file_sha256(settings.config_file),
        inputs={s.name: _inputs(s.name, settings) for s in settings.everyone if s.name not in unread},
        unread=tuple(sorted(unread)),
        signed_by=fingerprint(key.public_key()) if key else None,
    )


def _inputs(source: str, settings: Settings) -> list[Input]:
    text = (settings.folder(f"raw/{source}") / "inputs.json").read_text(encoding="utf-8")
    return [Input(**{field: entry[field] for field in Input.__annotations__}) for entry in json.loads(text)]  # type: ignore[typeddict-item]


def file_sha256(path: Path) -> str:
    """The digest of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
