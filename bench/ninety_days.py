"""The report of an office with three months behind it: how large the page is, how long it takes to draw and to show.

    python -m bench.ninety_days [--people 20000] [--days 90] [--keep]

One day is run whole; the days before are copies of its account, its gates and its report, each a little other
than the next. Prints bytes and seconds; with ``--keep`` they go into ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import random
import shutil
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from bench.measure import machine
from bench.padan import settings_of
from bench.population import Population
from bench.tables import keep, table
from pipelines.engine import Artifact, read_artifact
from pipelines.publish import publish
from pipelines.run import run
from pipelines.settings import Settings
from pipelines.store import write_session
from pipelines.store.models import Base

COPIED = ("run", "run_count", "gate_result", "report")


def history(settings: Settings, days: int) -> None:
    """Leave ``days`` earlier published runs in the store, each with the last one's figures, a little changed."""
    luck = random.Random(1)
    tables = {name: Base.metadata.tables[name] for name in COPIED}
    with write_session(settings.store) as session:
        for name, of in tables.items():
            rows = [row._asdict() for row in session.execute(select(of))]
            for back in range(1, days):
                day = settings.run_date - timedelta(back)
                session.execute(insert(of), [_changed(name, row, day, back, luck) for row in rows])


def _changed(name: str, row: dict[str, Any], day: date, back: int, luck: random.Random) -> dict[str, Any]:
    """A row as it may have been so many days before."""
    row = {**row, "run_date": day}
    if name == "run_count" and row["measure"].startswith("items."):
        row["count"] = round(row["count"] * (1 + 0.01 * back + luck.uniform(-0.03, 0.03)))
    elif name == "gate_result" and isinstance(row["observed"], float):
        row["observed"] *= 1 + luck.uniform(-0.05, 0.05)
    elif name == "report":
        quality = [
            {**line, "agreement": line["agreement"] and max(0.0, line["agreement"] - 0.001 * back)}
            for line in row["trend"]["quality"]
        ]
        row["trend"] = {**row["trend"], "quality": quality}
    return row


def published_again(settings: Settings) -> tuple[float, Artifact]:
    """Publish the day once more, now with its history: the seconds it took."""
    parts = [read_artifact(settings.folder(name)) for name in ("items", "account", "gates")]
    started = time.monotonic()
    outbox = publish(*parts, settings)
    return time.monotonic() - started, outbox


def shown(page: Path) -> float | None:
    """Seconds until a browser has the page on its screen; None where there is no browser."""
    from playwright.sync_api import sync_playwright

    from pipelines.publish.pdf import browser

    program = browser()
    if program is None:
        return None
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        tab = opened.new_page(viewport={"width": 1280, "height": 900}, offline=True)
        started = time.monotonic()
        tab.goto(page.as_uri())
        tab.screenshot()
        seconds = time.monotonic() - started
        opened.close()
    return seconds


def main() -> None:
    """Draw, run, remember, publish, look."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    population = replace(Population(arguments.people, 1, "ordinary")).drawn()
    for store in population.folder.glob("padan.sqlite*"):
        store.unlink()
    for old in ("data", "outbox"):
        shutil.rmtree(population.folder / old, ignore_errors=True)
    settings = settings_of(population.folder)
    run(settings)
    first, _ = published_again(settings)
    history(settings, arguments.days)
    seconds, outbox = published_again(settings)
    page = Path(outbox.path) / "report.html"
    seen = shown(page)
    rows = [
        ["days of history", "1", str(arguments.days)],
        ["publish, seconds", f"{first:.1f}", f"{seconds:.1f}"],
        ["report.html, MB", "", f"{page.stat().st_size / 1e6:.2f}"],
        ["report.json, MB", "", f"{page.with_suffix('.json').stat().st_size / 1e6:.2f}"],
        ["shown by Chromium, seconds", "", "none" if seen is None else f"{seen:.2f}"],
    ]
    text = table(["", "first day", f"after {arguments.days} days"], rows)
    print(text)
    if arguments.keep:
        keep("history", f"{arguments.people:,} people. On {machine()}.\n\n{text}")


if __name__ == "__main__":
    main()
