"""A folder of this machine, or a share that is mounted there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.deliver.parcel import Parcel
from pipelines.deliver.ways.way import NotDelivered
from pipelines.settings import Delivery


class Folder:
    """Files appear there whole, by rename, and can be read by the folder's group.

    A folder that is not there is not made: a share that is not mounted would be a folder of this machine's own.
    """

    def __init__(self, delivery: Delivery) -> None:
        self._folder = Path(delivery.by)

    def probe(self) -> None:
        """Whether the folder is there and takes files."""
        if not self._folder.is_dir():
            raise NotDelivered(f"no such folder: {self._folder}; is the share mounted?")
        with _explained(), tempfile.TemporaryFile(dir=self._folder):
            pass

    def there(self, parcel: Parcel) -> bool:
        """Whether a file of that name and content lies there."""
        path = self._folder / parcel.name
        with _explained():
            return path.is_file() and path.read_bytes() == parcel.content()

    def send(self, parcel: Parcel) -> str:
        """Write it beside its place, to the disk, and rename it."""
        self.probe()
        with _explained():
            handle, temporary = tempfile.mkstemp(prefix=f".{parcel.name}.", suffix=".part", dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(parcel.content())
                    file.flush()
                    os.fchmod(file.fileno(), 0o640)
                    os.fsync(file.fileno())
                Path(temporary).replace(self._folder / parcel.name)
            finally:
                Path(temporary).unlink(missing_ok=True)
        if not self.there(parcel):
            raise NotDelivered("what lies there is not what was written")
        return "read back, the same"


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        raise NotDelivered(f"{error.strerror or type(error).__name__}{where}") from None
