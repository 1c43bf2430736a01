"""The stage itself: what is due, each once, each with its beginning and its end in the ledger."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.deliver.log import BEGUN, DONE, FAILED, Log
from pipelines.deliver.parcel import Parcel, parcels
from pipelines.deliver.ways import NotDelivered, way_of
from pipelines.engine import Artifact, alone, write_table
from pipelines.records import DELIVERIES
from pipelines.settings import Settings

LOG: Final = logging.getLogger("padan.deliver")

PAUSES = (1.0, 5.0, 20.0)
"""Seconds before each further attempt at what may pass."""

pause: Callable[[float], None] = time.sleep
"""What waits; a test puts something quicker here."""

State = Literal["delivered", "there", "failed"]


def deliver(outbox: Artifact, settings: Settings) -> Artifact:
    """Bring each recipient the file that is theirs, by the way under ``[[deliveries]]``; nobody gets one twice.

    ``outbox`` is the folder of ``settings.run_date``, published. What could not be delivered of earlier dates
    goes along, oldest first, as long as its folder is there. Every beginning, end and failure is an event of
    the ledger. What a run that died had begun is looked for at the other end before it is sent again; by mail
    and https, where nobody can look, it goes under the same Message-ID or ``Idempotency-Key``.

    Writes ``deliveries`` (schema ``DELIVERIES``), a row for each file that was due. A delivery that fails is a
    row and a warning, and never an error. Raises ``StoreError``, and ``PadanError`` for a folder that is not
    what its manifest says.
    """
    rows: list[dict[str, object]] = []
    if settings.deliveries:
        with alone(settings.folder("deliveries").parent):
            log = Log(settings)
            for parcel in _due(Path(outbox.path), log, settings):
                state, reason = _bring(parcel, log, settings)
                rows.append(_row(parcel, state, reason))
    return write_table(pa.Table.from_pylist(rows, DELIVERIES), settings.folder("deliveries"))


def undelivered(deliveries: Artifact) -> dict[str, str]:
    """Who has not got their file, with the reason: the failed ones of ``deliver``'s table."""
    rows = pq.read_table(deliveries.file).to_pylist()
    return {
        f"{row['recipient']} ({row['run_date']}, {row['place']})": str(row["reason"])
        for row in rows
        if row["state"] == "failed"
    }


def _due(outbox: Path, log: Log, settings: Settings) -> list[Parcel]:
    """The parcels of the run's date, after those of earlier dates that somebody still waits for."""
    today = settings.run_date
    due: list[Parcel] = []
    for day in (day for day in log.waiting if day < today):
        folder = settings.outbox / day.isoformat()
        if folder.is_dir():
            due += [parcel for parcel in parcels(folder, settings) if log.waits(parcel)]
    return due + parcels(outbox, settings)


def _bring(parcel: Parcel, log: Log, settings: Settings) -> tuple[State, str | None]:
    if log.done(parcel):
        return "there", None
    try:
        way = way_of(parcel.delivery, settings)
        if log.begun(parcel) and _patiently(lambda: way.there(parcel)):
            log.note(DONE, parcel, said="found there, the same")
            return "there", None
        log.note(BEGUN, parcel)
        log.note(DONE, parcel, said=str(_patiently(lambda: way.send(parcel))))
    except NotDelivered as error:
        log.note(FAILED, parcel, reason=str(error))
        LOG.warning("%s: not delivered to %s: %s", parcel.name, parcel.delivery.place, error)
        return "failed", str(error)
    return "delivered", None


def _patiently(attempt: Callable[[], object]) -> object:
    """Try, and again after growing pauses as long as it may pass. Raises ``NotDelivered``."""
    for seconds in PAUSES:
        try:
            return attempt()
        except NotDelivered as error:
            if not error.passing:
                raise
            pause(seconds)
    return attempt()


def _row(parcel: Parcel, state: State, reason: str | None) -> dict[str, object]:
    return {
        "run_date": parcel.run_date,
        "recipient": parcel.delivery.to,
        "place": parcel.delivery.place,
        "file": parcel.name,
        "sha256": parcel.sha256,
        "state": state,
        "reason": reason,
    }
