"""Findings become items that live from day to day; decisions come back; the ledger keeps it all."""

from pipelines.worklist.ids import item_id
from pipelines.worklist.recording import close, fail, record
from pipelines.worklist.stage import worklist

__all__ = ["close", "fail", "item_id", "record", "worklist"]
