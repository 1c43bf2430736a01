"""Drafts a layout from what a source looks like: its column names are a hint, its values decide.

It stands above the stages, as ``explain`` does: a source is opened with extract's readers, and a value is
judged by the very SQL with which standardise will read it, so that a draft cannot promise what a run would
not do. Nothing is written and no value leaves the process.
"""

from pipelines.suggest.draft import certainties, toml
from pipelines.suggest.suggestion import Suggestion, suggest_layout

__all__ = ["Suggestion", "certainties", "suggest_layout", "toml"]
