"""Runs of earlier days, as the store remembers them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pipelines.settings import Settings
from pipelines.store import write_session
from pipelines.store.models import ItemState, Run, RunCount


def remember(
    settings: Settings, day: date, counts: Mapping[str, Mapping[str, int]], state: str = "published"
) -> None:
    """Put a run into the store, with what it counted of each source."""
    with write_session(settings.store) as store:
        store.add(Run(run_date=day, state=state, code_version="1", config_sha256="0" * 64, sources={}))
        store.flush()
        for source, measures in counts.items():
            for measure, count in measures.items():
                store.add(RunCount(run_date=day, source=source, measure=measure, count=count))


def remember_item(settings: Settings, day: date, found: Mapping[str, Any], status: str) -> None:
    """Put how an item stood from a day on into the store; the day's run must be there."""
    with write_session(settings.store) as store:
        store.add(
            ItemState(
                item_id=f"{found['source_record_id']}-{found['cause']}",
                run_date=day,
                status=status,
                owner=found["owner"],
                priority=2,
                source=found["source"],
                source_record_id=found["source_record_id"],
                cause=found["cause"],
                related=found.get("related"),
                evidence=found["evidence"],
                first_seen=day,
                last_seen=day,
                details={},
            )
        )


def rejected_before(settings: Settings) -> None:
    """The office's one earlier answer: that the number of patient 000104 is no error."""
    from tests.quality.office import HOSPITAL, finding

    day = date(2026, 11, 20)
    remember(settings, day, {HOSPITAL: {"raw": 5, "records": 4}})
    remember_item(settings, day, finding("000104", "NIK_WRONG"), "rejected")
