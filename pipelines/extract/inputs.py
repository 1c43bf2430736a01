"""Which files, query or address a source's ``location`` stands for."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import visible
from pipelines.extract.readers import reader_of
from pipelines.extract.stream import digest
from pipelines.extract.table import Input, Table, Unreachable, Unreadable
from pipelines.layouts import Layout
from pipelines.settings import Settings, Source

_SKIPPED = (".", "~$")
"""Beginnings of names that are never data: hidden files, and the lock files that office programs leave."""


class FileInput:
    """One file of a source."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label = visible(path.name.encode("utf-8", "replace").decode()).replace("\n", "\ufffd")
        self._seen = _state(path)

    @contextmanager
    def open(self, layout: Layout, peek: bool) -> Iterator[Table]:
        """Open with the reader for what the file holds. Raises ``Unreadable``."""
        with reader_of(self.path)(self.path, layout, peek) as table:
            yield table

    def fingerprint(self) -> tuple[str, int | None]:
        """The file's sha256 and bytes. Raises ``Unreadable`` if it has changed since it was opened."""
        result = digest(self.path)
        if _state(self.path) != self._seen:
            raise Unreachable("changed while it was read; run again when it is complete")
        return result


def _state(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or type(error).__name__}") from error
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def inputs_of(source: Source, settings: Settings) -> list[Input]:
    """Every input of a source, files in the order of their names. Raises ``Unreadable`` if there is none."""
    if source.layout.ask:
        from pipelines.extract.asking import AskedInput

        return [AskedInput(source, settings)]
    if source.is_web:
        from pipelines.extract.web import WebInput  # httpx takes 0.2 s to import

        return [WebInput(source, settings)]
    if source.is_url:
        from pipelines.extract.readers.database import QueryInput  # SQLAlchemy takes 0.3 s to import

        return [QueryInput(source, settings.base)]
    return [FileInput(path) for path in _files(source.location)]


def _files(location: str) -> list[Path]:
    literal = Path(location)
    if literal.is_dir():
        raise Unreadable(f"{literal} is a folder; expected a file, or a pattern such as {literal / '*.csv'}")
    if literal.exists() or not glob.has_magic(location):
        if not os.access(literal, os.F_OK):
            raise Unreadable(f"no such file: {location}")
        if not literal.is_file():
            raise Unreadable(f"{location} is no file: a device or a pipe is not read")
        if literal.is_symlink() and literal.lstat().st_uid not in (0, os.geteuid()):
            raise Unreadable(f"{location} is a link that another user made; put the file itself there")
        return [literal]
    paths = [Path(p) for p in glob.glob(location, recursive=True)]  # noqa: PTH207  # Path.glob wants a root
    files = [p for p in paths if p.is_file() and not p.name.startswith(_SKIPPED)]
    if not files:
        raise Unreadable(f"no file matches {location}")
    root = _fixed(location).resolve()
    for path in files:
        # Whoever may put files there must not choose others of this machine to be read, the registry's for one.
        if not path.resolve().is_relative_to(root):
            raise Unreadable(f"{path.name}: is a link that leads out of {root}; put the file itself there")
    return sorted(files, key=lambda p: (p.name, str(p)))


def _fixed(pattern: str) -> Path:
    """The folder that a pattern names before its first part with a wildcard."""
    parts = Path(pattern).parts
    fixed = next(at for at, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:fixed])
