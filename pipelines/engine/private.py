"""Folders for their owner alone, whatever the umask: of a path that is not there, every part of it."""

from __future__ import annotations

from pathlib import Path


def private_folder(path: Path) -> None:
    """Make ``path`` and what is missing above it, each 0700; what is there already stays as it is.

    ``Path.mkdir`` with ``parents`` gives its mode to the last folder only. Raises ``OSError``.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
