"""What outlives a run: runs and their accounts, items and their events, decisions, gate results."""

from pipelines.store.connection import compact, is_there, open_store, read_session, write_session
from pipelines.store.ledger import Event, Head, LedgerCheck, append_events, read_head, verify_ledger
from pipelines.store.migrate import upgrade

__all__ = [
    "Event",
    "Head",
    "LedgerCheck",
    "append_events",
    "compact",
    "is_there",
    "open_store",
    "read_head",
    "read_session",
    "upgrade",
    "verify_ledger",
    "write_session",
]
