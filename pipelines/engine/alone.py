"""One run at a time: two at once would read each other's half-made tables and publish one over the other's store."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pipelines.engine.private import private_folder

LOG: Final = logging.getLogger("padan.run")

LOCK: Final = ".run.lock"
"""In the folder of the run's tables; it stays there, empty."""


@contextmanager
def alone(folder: Path, shared: bool = False) -> Iterator[None]:
    """Hold ``folder`` for this process; wait, and say so, while another one holds it.

    The system lets go of it when the process ends, however it ends. A scheduler's tasks are processes of one run and
    hold it ``shared`` among themselves: no whole run begins beside one of them. That none slips in between two of
    them is for ``taken_up`` to notice.
    """
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    private_folder(folder)
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            LOG.warning("another run is under way in %s; this one begins when it has ended", folder)
            fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)
