"""Great Expectations' Data Docs of one run, put together from the pages that its gates have left.

Nothing of Great Expectations is needed here, so this costs no time in the process that runs the stages.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.engine import Artifact, write_folder
from pipelines.quality.gate import PAGES
from pipelines.quality.pages import frame_words, style, suite_path, validation_path
from pipelines.quality.schemas import GATES
from pipelines.quality.suites import STAGES, Suite, suites_for
from pipelines.settings import Settings

Row = Mapping[str, Any]


def docs(results: Artifact, settings: Settings) -> Path:
    """Write the folder ``quality_docs`` of the run: ``index.html``, ``validations/``, ``expectations/``.

    ``results`` is the run's table ``gates``; only the gates named in it are shown, so one that an earlier run
    of the date left behind is not. Self-contained, without scripts or personal data, and the same bytes for
    the same results. Raises ``FileNotFoundError`` where a gate's pages are not there.
    """
    rows = pq.read_table(results.file, schema=GATES).to_pylist()
    asked = sorted(
        {(row["gate"], row["table_name"]) for row in rows}, key=lambda gate: (STAGES.index(gate[0]), gate[1])
    )
    target = settings.folder("quality_docs")
    with write_folder(target) as folder:
        for stage, table in asked:
            shutil.copytree(
                settings.folder(f"gates/{stage}/{_name(table)}") / PAGES, folder, dirs_exist_ok=True
            )
        (folder / "index.html").write_text(_index(asked, rows, settings), encoding="utf-8")
    return target


def _name(table: str) -> str:
    return table.rpartition("/")[2]


def _index(asked: Sequence[tuple[str, str]], rows: Sequence[Row], settings: Settings) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.quality", "site"), autoescape=True, trim_blocks=True
    )
    suites = {s.name: s for stage, table in asked for s in suites_for(stage, _name(table), settings)}
    return environment.get_template("index.j2").render(
        language=settings.language,
        words=frame_words(settings),
        css=style(),
        run_date=settings.run_date.isoformat(),
        rows=[_line(stage, table, rows, settings) for stage, table in asked],
        suites=[_suite(suites[name], settings) for name in sorted(suites)],
    )


def _line(stage: str, table: str, rows: Sequence[Row], settings: Settings) -> Row:
    mine = [row for row in rows if (row["gate"], row["table_name"]) == (stage, table)]
    failed = [row for row in mine if not row["success"]]
    pages = [
        {"suite": suite.name, "href": validation_path(suite.name, stage, _name(table), settings)}
        for suite in suites_for(stage, _name(table), settings)
    ]
    return {
        "gate": stage,
        "table_name": table,
        "checks": len(mine),
        "warnings": sum(row["severity"] != "critical" for row in failed),
        "failed": any(row["severity"] == "critical" for row in failed),
        "pages": pages,
    }


def _suite(suite: Suite, settings: Settings) -> Row:
    return {"name": suite.name, "href": suite_path(suite.name), "title": suite.title[settings.language]}
