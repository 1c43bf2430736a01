"""Findings become items that live from day to day; decisions come back; the ledger keeps it all."""

from pipelines.worklist.decisions import decide
from pipelines.worklist.ids import item_id
from pipelines.worklist.recording import close, fail, record
from pipelines.worklist.stage import worklist
from pipelines.worklist.summary import DecisionSummary

__all__ = ["DecisionSummary", "close", "decide", "fail", "item_id", "record", "worklist"]
