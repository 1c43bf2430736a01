"""What the ledger knows of deliveries: begun, done, failed. Nothing is delivered whose end stands there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import select

from pipelines.deliver.parcel import Parcel
from pipelines.settings import Settings
from pipelines.store import Event, append_events, read_session, write_session
from pipelines.store.ledger import EVENTS

BEGUN: Final = "delivery_begun"
DONE: Final = "delivered"
FAILED: Final = "delivery_failed"


class Log:
    """The deliveries of an office, as its ledger has them."""

    def __init__(self, settings: Settings) -> None:
        self._store = settings.store
        self._states: dict[str, set[str]] = {}
        self._open: dict[tuple[date, str, str], bool] = {}
        columns = (EVENTS.c.kind, EVENTS.c.run_date, EVENTS.c.payload)
        asked = select(*columns).where(EVENTS.c.kind.in_((BEGUN, DONE, FAILED))).order_by(EVENTS.c.event_id)
        with read_session(self._store) as session:
            rows: Sequence[Any] = session.execute(asked).all()
        for kind, day, payload in rows:
            self._states.setdefault(payload["key"], set()).add(kind)
            self._open[day, payload["to"], payload["place"]] = kind != DONE

    @property
    def waiting(self) -> list[date]:
        """The dates, oldest first, of which somebody has not got their file."""
        return sorted({day for (day, _, _), waits in self._open.items() if waits})

    def waits(self, parcel: Parcel) -> bool:
        """Whether this recipient has not got the file of this date, in whichever edition, and was to get it."""
        return self._open.get((parcel.run_date, parcel.delivery.to, parcel.delivery.place), False)

    def done(self, parcel: Parcel) -> bool:
        """Whether it has been delivered."""
        return DONE in self._states.get(parcel.key, ())

    def begun(self, parcel: Parcel) -> bool:
        """Whether it may be at the other end already: a run that died had begun to send it."""
        return BEGUN in self._states.get(parcel.key, ())

    def note(self, kind: str, parcel: Parcel, **more: str) -> None:
        """Write one event, at once and for good. Raises ``StoreError``."""
        payload = {
            "key": parcel.key,
            "to": parcel.delivery.to,
            "place": parcel.delivery.place,
            "file": parcel.name,
            "sha256": parcel.sha256,
            **more,
        }
        with write_session(self._store) as session:
            append_events(session, [Event(kind, payload, run_date=parcel.run_date)])
        self._states.setdefault(parcel.key, set()).add(kind)
