"""What an office has published, to be compared with another's."""

from __future__ import annotations

import hashlib
from pathlib import Path


def outbox(config: Path, day: str) -> dict[str, str]:
    """Each file of a date's folder with its sha256; nothing where nothing is published."""
    folder = config.parent / "outbox" / day
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
