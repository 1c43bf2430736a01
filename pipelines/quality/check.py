"""The one place that runs Great Expectations: suites and frames in, plain results out.

Importing it takes seconds and hundreds of megabytes, so it happens inside the functions that need it.
"""

from __future__ import annotations

import importlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pipelines.engine import absent
from pipelines.records import mask_text

if TYPE_CHECKING:
    import pandas as pd

Result = dict[str, Any]
"""A validation result as JSON: no sample of a value, no clock, no path, so fit to be kept and published."""

_FORMAT: Final = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""Counts, and not one of the values that were not as expected: those are people's numbers and names."""

_COUNTED: Final = (
    "observed_value",
    "element_count",
    "missing_count",
    "unexpected_count",
    "unexpected_percent",
    "details",
)
"""What is kept of a single result; shares of what else GX adds follow from these."""


def great_expectations() -> Any:
    """Import it, quiet: no analytics, and no hash of every cell, which takes longer than the checks."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    # Its progress bars, though off, would take a lock between processes that Python misses at the end.
    importlib.import_module("tqdm").tqdm.set_lock(threading.RLock())
    # One of its charts' packages checks addresses by a grammar that takes a second to build, where it finds it.
    # And where it finds Spark, it looks for that one's client, which ends the process if a part of it is not installed.
    with absent("rfc3987_syntax"), absent("pyspark"), absent("pyspark.sql.connect"):
        gx = importlib.import_module("great_expectations")
    engine = importlib.import_module("great_expectations.execution_engine.pandas_execution_engine")
    setattr(engine, "HASH_THRESHOLD", 0)  # noqa: B010 - a constant of theirs, no setting
    return gx


def check(
    suite: str, expectations: Sequence[Mapping[str, Any]], frames: Mapping[str, pd.DataFrame]
) -> list[Result]:
    """Each expectation's result, in the suite's order, as Great Expectations wrote it less what identifies.

    ``frames`` has one frame for each word that an expectation's ``meta.reads`` may be.
    """
    results: dict[str, Result] = {}
    for reads, frame in frames.items():
        asked = [e for e in expectations if e["meta"]["reads"] == reads]
        if asked:
            results |= {r["expectation_config"]["meta"]["name"]: r for r in _run(suite, asked, frame)}
    return [results[e["meta"]["name"]] for e in expectations]


def _run(suite: str, expectations: Sequence[Mapping[str, Any]], frame: pd.DataFrame) -> list[Result]:
    batch = _tables().get_batch(
        {"dataframe": frame}
    )  # first: a suite can't be built before there is a context
    suite_object = great_expectations().ExpectationSuite(
        name=suite, expectations=[dict(e) for e in expectations]
    )
    outcome = batch.validate(suite_object, result_format=_FORMAT).to_json_dict()
    # Through text once: figures come back as NumPy's own, which neither JSON's readers nor the pages know.
    return [_kept(result) for result in json.loads(json.dumps(outcome["results"]))]


@cache
def _tables() -> Any:
    """What a frame becomes a batch by. One for the process: every context writes its configuration anew."""
    context = great_expectations().get_context(mode="ephemeral")
    bars = importlib.import_module("great_expectations.data_context.types.base").ProgressBarsConfig
    context.variables.progress_bars = bars(globally=False)
    asset = context.data_sources.add_pandas("padan").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("all")


def _kept(result: Result) -> Result:
    """A result without samples, tracebacks and what differs from run to run."""
    config = result["expectation_config"]
    kwargs = {key: value for key, value in config["kwargs"].items() if key != "batch_id"}
    counted = {key: result["result"][key] for key in _COUNTED if key in result["result"]}
    return {
        "success": bool(result["success"]),
        "expectation_config": {**config, "kwargs": kwargs},
        "result": counted,
        "meta": {},
        "exception_info": _exception(result["exception_info"]),
    }


def _exception(info: Mapping[str, Any]) -> Mapping[str, Any]:
    """What went wrong in words, masked: an exception's text may quote the value it failed on."""
    details = info if "raised_exception" in info else next(iter(info.values()))
    message = details["exception_message"]
    masked = " ".join(
        mask_text(word) if any(map(str.isdigit, word)) else word for word in str(message).split()
    )
    return {
        "raised_exception": bool(details["raised_exception"]),
        "exception_message": masked if message else None,
        "exception_traceback": masked if message else None,  # the pages want words, not a None
    }
