"""A stage's result on disk: a folder that appears whole, by rename, or not at all."""

from __future__ import annotations

import errno
import fcntl
import glob
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine.exchange import exchange
from pipelines.engine.private import private_folder
from pipelines.errors import TableReplaced

PART = "part-0.parquet"
"""The one Parquet file of a table's folder."""


@dataclass(frozen=True)
class Artifact:
    """What a stage hands to the next one, small enough for a scheduler's message: never the data itself.

    ``path`` is the folder, ``rows`` the rows in its table, ``sha256`` the digest of its table file.
    """

    path: str
    rows: int
    sha256: str

    @property
    def file(self) -> Path:
        """The table's Parquet file."""
        return Path(self.path) / PART

    def as_dict(self) -> dict[str, Any]:
        """For JSON; ``Artifact(**d)`` reads it back."""
        return asdict(self)


def table_folder(data: Path, table: str, run_date: date) -> Path:
    """Where a table of a run lies: ``data/<table>/run_date=YYYY-MM-DD``."""
    return data / table / f"run_date={run_date.isoformat()}"


@contextmanager
def write_folder(target: Path, lasting: bool = False) -> Iterator[Path]:
    """Yield a private temporary folder beside ``target`` that takes its place when the block ends well.

    Folders are 0700 and files 0600 whatever the umask. If the block raises, ``target`` stays as it was. What a
    process that died has left of an earlier attempt is removed. ``lasting``: everything is on the disk before it
    takes its place, and the place itself when this ends, so that a machine without power keeps what was promised.
    """
    private_folder(target.parent)
    temporary, held = _temporary(target)
    try:
        yield temporary
        for path in temporary.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        if lasting:
            for path in (*temporary.rglob("*"), temporary):
                _put_on_disk(path)
        _replace(temporary, target)
        if lasting:
            _put_on_disk(target.parent)
    finally:
        os.close(held)
        shutil.rmtree(temporary, ignore_errors=True)


def _put_on_disk(path: Path) -> None:
    """Wait until a file, or which names a folder has, lies on the disk. Raises ``OSError`` where that fails."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems keep folders by themselves and cannot be asked.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP) or not path.is_dir():
            raise
    finally:
        os.close(handle)


def _temporary(target: Path) -> tuple[Path, int]:
    """A new folder beside ``target`` and the handle by which we hold it, after the remains of the dead are removed.

    The system lets go of a dead process's hold: what can be held is nobody's.
    """
    prefix, suffix = f".{target.name}.", ".tmp"
    for left in target.parent.glob(f"{glob.escape(prefix)}*{suffix}"):
        with suppress(OSError):
            held = _hold(left)
            shutil.rmtree(left, ignore_errors=True)
            os.close(held)  # not before: whoever made it this moment must find it held, or gone
    while True:
        temporary = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=target.parent))
        with suppress(OSError):  # it was taken for a dead one's before we held it
            held = _hold(temporary)
            if temporary.exists():
                return temporary, held
            os.close(held)


def _hold(folder: Path) -> int:
    """Raises ``OSError`` where another process holds it, or it is not there."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _replace(temporary: Path, target: Path) -> None:
    """Put ``temporary`` in the place of ``target``; an older folder is then where ``temporary`` was.

    Two runs may write the same folder at once: there is one at every moment, and the last one stays.
    """
    while True:
        try:
            temporary.rename(target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return
        with suppress(FileNotFoundError):  # the older folder went meanwhile: try anew
            _change_places(temporary, target)
            return


def _change_places(temporary: Path, target: Path) -> None:
    try:
        exchange(temporary, target)
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
            raise
        # Some network file systems cannot: there, for a moment, neither is in its place.
        aside = temporary.with_suffix(".old")
        target.rename(aside)
        try:
            temporary.rename(target)
        except OSError:
            aside.rename(target)
            raise
        shutil.rmtree(aside, ignore_errors=True)


def read_artifact(folder: Path) -> Artifact:
    """Describe a folder that already lies there; raises ``FileNotFoundError`` if it holds no table."""
    with (folder / PART).open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        handle.seek(0)
        return Artifact(str(folder), pq.read_metadata(handle).num_rows, digest)


def taken_up(handed_over: Mapping[str, Any]) -> Artifact:
    """The artifact of which ``handed_over`` is the ``as_dict``, by another process and some time later.

    Raises ``TableReplaced`` where its table is not the same any more, ``FileNotFoundError`` where it is gone.
    """
    artifact = Artifact(**handed_over)
    if read_artifact(Path(artifact.path)).sha256 != artifact.sha256:
        raise TableReplaced(
            f"{artifact.path}: another run wrote it meanwhile; run this date again when that one has ended"
        )
    return artifact


def write_table(table: pa.Table, target: Path) -> Artifact:
    """Write a small in-memory table as ``target``'s only table."""
    with write_folder(target) as folder:
        pq.write_table(table, folder / PART, compression="zstd")
    return read_artifact(target)
