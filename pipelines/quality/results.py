"""From Great Expectations' results to one row each, and to the one line that stops a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pipelines.quality.check import Result
from pipelines.quality.schemas import GATES


def result_rows(stage: str, table: str, results: Sequence[Result], language: str) -> pa.Table:
    """Results of one gate on one table as ``GATES``."""
    rows = [_row(stage, table, result, language) for result in results]
    return pa.Table.from_pylist(rows, schema=GATES).sort_by([("expectation", "ascending")])


def failure(stage: str, table: str, results: Sequence[Result]) -> str | None:
    """One line about the first critical expectation that failed, in the suite's order; ``None`` if none did.

    Such as ``gate raw: raw/dukcapil: registry_not_shrunk: saw 195000, expected: The registry has …``.
    """
    failed = [r for r in results if not r["success"] and r["expectation_config"]["severity"] == "critical"]
    if not failed:
        return None
    meta = failed[0]["expectation_config"]["meta"]
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return (
        f"gate {stage}: {table}: {meta['name']}: {_seen(failed[0])}, expected: {meta['en']['expects']}{more}"
    )


def _row(stage: str, table: str, result: Result, language: str) -> dict[str, Any]:
    config = result["expectation_config"]
    observed, unexpected = _figures(result["result"])
    return {
        "gate": stage,
        "table_name": table,
        "expectation": config["meta"]["name"],
        "severity": config["severity"],
        "success": result["success"],
        "observed": observed,
        "unexpected": unexpected,
        "detail": config["meta"][language]["expects"],
    }


def _figures(seen: dict[str, Any]) -> tuple[float | None, int | None]:
    """What was observed and how much of it was unexpected, of any of the three kinds of result."""
    if "element_count" in seen:  # row by row
        return float(seen["element_count"] - seen.get("missing_count", 0)), seen["unexpected_count"]
    value = seen.get("observed_value")
    if isinstance(value, list):  # the table's columns
        return float(len(value)), sum(map(len, _columns(seen)))
    return (None if value is None else float(value)), None


def _columns(seen: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Which columns are missing, and which are there unasked."""
    mismatched = (seen.get("details") or {}).get("mismatched", {})
    return mismatched.get("missing", []), mismatched.get("unexpected", [])


def _seen(result: Result) -> str:
    exception = result["exception_info"]
    if exception["raised_exception"]:
        return f"could not be checked ({exception['exception_message']})"
    observed, unexpected = _figures(result["result"])
    missing, unknown = _columns(result["result"])
    if missing or unknown:
        return "; ".join(
            f"{word} {', '.join(names)}"
            for word, names in (("without", missing), ("with unknown", unknown))
            if names
        )
    if unexpected is not None:
        return f"{unexpected} of {observed:.0f} differ"
    if observed is None:
        return "saw nothing"
    return f"saw {observed:.0f}" if observed.is_integer() else f"saw {observed:g}"
