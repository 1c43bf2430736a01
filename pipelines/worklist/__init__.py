"""Findings become items that live from day to day; decisions come back; the ledger keeps it all."""

from pipelines.worklist.decisions import approve, decide
from pipelines.worklist.erasure import Erased, erase
from pipelines.worklist.history import ItemHistory, Status, find_item, status
from pipelines.worklist.ids import item_id
from pipelines.worklist.recording import close, fail, record
from pipelines.worklist.retention import Removed, purge
from pipelines.worklist.stage import worklist
from pipelines.worklist.standing import standing
from pipelines.worklist.summary import DecisionSummary

__all__ = [
    "DecisionSummary",
    "Erased",
    "ItemHistory",
    "Removed",
    "Status",
    "approve",
    "close",
    "decide",
    "erase",
    "fail",
    "find_item",
    "item_id",
    "purge",
    "record",
    "standing",
    "status",
    "worklist",
]
