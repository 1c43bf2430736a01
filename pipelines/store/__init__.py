"""What outlives a run: runs and their accounts, items and their events, decisions, gate results."""

from pipelines.store.connection import open_store, read_session, write_session
from pipelines.store.migrate import upgrade

__all__ = ["open_store", "read_session", "upgrade", "write_session"]
