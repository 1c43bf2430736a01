"""Gates in a process of their own: Great Expectations is imported and asked while other stages work.

Why a process and not a thread: the import alone holds the interpreter for seconds, and its memory is given
back when the process ends (``docs/decisions/0006-gates-in-their-own-process.md``).
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine import Artifact, write_table
from pipelines.errors import GateFailed, PadanError
from pipelines.quality.check import great_expectations
from pipelines.quality.gate import gate
from pipelines.quality.schemas import GATES
from pipelines.records import mask_nik
from pipelines.settings import Settings

Task = tuple[str, str, Artifact]

_STAGES = ("raw", "records", "findings", "items")

_PATIENCE = 5.0
"""Seconds that an ended process is given to be gone before it is killed."""

process_context = multiprocessing.get_context("spawn")
"""How the process is started. Not forked: DuckDB's and Arrow's threads do not survive that. A test puts a quicker
one here."""


class Gates:
    """Queue gates with ``start``, wait for them with ``settle``; leaving the block ends the process.

    >>> with Gates(settings) as gates:  # doctest: +SKIP
    ...     gates.start("raw", "dukcapil", raw)
    ...     results = gates.settle()
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queue = threading.Lock()
        self._waiting: list[Task] = []
        self._done: list[Artifact] = []

    def __enter__(self) -> Gates:
        self._pipe, theirs = process_context.Pipe()
        self._process = process_context.Process(
            target=_serve, args=(theirs, self._settings), name="padan-gates", daemon=True
        )
        self._process.start()
        theirs.close()  # else the end of the process would not be seen as the end of the pipe
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    def start(self, stage: str, name: str, artifact: Artifact) -> None:
        """Queue one gate, from any thread; returns at once. What it finds is told by ``settle``."""
        with self._queue:
            self._waiting.append((stage, name, artifact))
            with contextlib.suppress(OSError):  # its process has ended: settle says so, and for which gate
                self._pipe.send((stage, name, artifact))

    def settle(self) -> Artifact:
        """Wait for every queued gate and return all results so far as one table (``gates``, ``GATES``).

        Raises the first ``GateFailed`` in the order of stages and sources, once all have been written; also where
        a gate could not be checked at all. Where that has a name of its own (``StoreError``), raises that.
        """
        sources = [source.name for source in self._settings.everyone]
        failed: dict[tuple[int, int], PadanError] = {}
        for task in self._waiting:
            answer = self._answer(task)
            if isinstance(answer, Artifact):
                self._done.append(answer)
            else:
                place = sources.index(task[1]) if task[1] in sources else 0
                failed.setdefault((_STAGES.index(task[0]), place), answer)
        self._waiting = []
        if failed:
            raise failed[min(failed)]
        return collect(self._done, self._settings)

    def _answer(self, task: Task) -> Artifact | PadanError:
        try:
            answer: Artifact | PadanError = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(_PATIENCE)
            code = self._process.exitcode
            return GateFailed(f"gate {task[0]}: {task[1]}: not checked, its process ended (exit code {code})")
        return answer


def collect(results: Sequence[Artifact], settings: Settings) -> Artifact:
    """Put results of several gates together as table ``gates``, ordered by gate, table and expectation."""
    tables = [pq.read_table(result.file, schema=GATES) for result in results]
    order = [(name, "ascending") for name in ("gate", "table_name", "expectation")]
    together = pa.concat_tables([GATES.empty_table(), *tables]).sort_by(order).combine_chunks()
    return write_table(together, settings.folder("gates"))


def _serve(pipe: Connection, settings: Settings) -> None:
    """The other process: import at once, then one gate after the other until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's, which then ends this process
    # Ended by an exception and not on the spot: half-written folders and semaphores are cleared away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with contextlib.suppress(Exception):  # what goes wrong here goes wrong in the first gate, and is told
            great_expectations()
        while True:
            stage, name, artifact = pipe.recv()
            pipe.send(_attempt(stage, name, artifact, settings))
    except (EOFError, OSError):
        pass  # the pipe is closed: nobody asks any more
    finally:
        os._exit(0)  # taking half a gigabyte of modules apart would cost a second


def _attempt(stage: str, name: str, artifact: Artifact, settings: Settings) -> Artifact | PadanError:
    try:
        return gate(stage, name, artifact, settings)
    except PadanError as told:
        return told
    except Exception as error:
        # A gate that can't be asked is a gate not passed. Long numbers in a message may be somebody's.
        said = re.sub(r"\d{9,}", lambda number: mask_nik(number.group()), str(error).partition("\n")[0])
        failed = GateFailed(f"gate {stage}: {name}: not checked: {type(error).__name__}: {said}")
        failed.add_note(traceback.format_exc())
        return failed
