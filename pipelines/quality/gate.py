"""One gate on one table: ask its suites, keep the results, and stop the run if something critical failed."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow.parquet as pq

from pipelines.engine import PART, Artifact, read_artifact, write_folder
from pipelines.errors import GateFailed
from pipelines.quality.bounds import bounds_of
from pipelines.quality.check import Result, check
from pipelines.quality.frames import columns_frame, metrics_frame, rows_frame
from pipelines.quality.metrics import metrics_of
from pipelines.quality.pages import write_pages
from pipelines.quality.results import failure, result_rows
from pipelines.quality.suites import Suite, suites_for, table_of
from pipelines.settings import Settings

VALIDATION = "validation.json"
"""Great Expectations' results beside a gate's table, for whoever wants to check the page against them."""

PAGES = "pages"
"""The folder beside it with the gate's own pages of the Data Docs."""


def gate(stage: str, name: str, artifact: Artifact, settings: Settings) -> Artifact:
    """Ask a table everything that must hold of it, and write ``gates/<stage>/<name>`` (``GATES``).

    ``stage`` is ``raw``, ``records``, ``findings`` or ``items``; ``name`` the source's, or for the last two
    the stage's own; ``artifact`` the table. Beside the results lie ``validation.json`` and the gate's pages.

    Raises ``GateFailed``, after writing, when a critical expectation was not met: one line says which, on
    what table, what was seen and what was expected. A warning is only written down.
    """
    table = table_of(stage, name, settings)
    checked = _examine(stage, name, artifact, settings)
    results = [result for _, some in checked for result in some]
    target = settings.folder(f"gates/{stage}/{name}")
    with write_folder(target) as folder:
        pq.write_table(
            result_rows(stage, table, results, settings.language), folder / PART, compression="zstd"
        )
        (folder / VALIDATION).write_text(_document(table, checked), encoding="utf-8")
        write_pages(folder / PAGES, stage, name, table, artifact, checked, settings)
    if line := failure(stage, table, results):
        raise GateFailed(line)
    return read_artifact(target)


def _examine(
    stage: str, name: str, artifact: Artifact, settings: Settings
) -> list[tuple[Suite, list[Result]]]:
    suites = suites_for(stage, name, settings)
    values = bounds_of(stage, name, artifact.rows, settings)
    frames = {
        "columns": columns_frame(artifact.file),
        "rows": rows_frame(artifact.file, set().union(*(suite.columns("rows") for suite in suites))),
        "metrics": metrics_frame(metrics_of(stage, name, artifact, settings)),
    }
    return [(suite, check(suite.name, suite.fill(values, settings.language), frames)) for suite in suites]


def _document(table: str, checked: Sequence[tuple[Suite, Sequence[Result]]]) -> str:
    validations = [
        {"suite": suite.name, "table": table, "results": list(results)} for suite, results in checked
    ]
    return json.dumps(validations, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
