"""One run at a time: two at once would read each other's half-made tables and publish one over the other's store."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOG: Final = logging.getLogger("padan.run")

LOCK: Final = ".run.lock"
"""In the folder of the run's tables; it stays there, empty."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for this process; wait, and say so, while another one holds it.

    The system lets go of it when the process ends, however it ends. Schedulers whose tasks are processes of
    their own have to see to it themselves, as the DAGs do with ``max_active_runs``.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            LOG.warning("another run is under way in %s; this one begins when it has ended", folder)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
