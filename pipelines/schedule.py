"""What a scheduler's task needs to know and a person at a terminal says: which configuration, which date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.settings import Settings, config_path, load_settings

TIMEZONE: Final = "Asia/Makassar"
"""Of the nightly run: the office's own, where the day that has begun at 01:00 is the run's date."""

RETURNED: Final = ("*.xlsx", "*.csv")
"""What officers send back, by its name."""


def run_date(moment: datetime) -> date:
    """The date, at the office, of the moment for which a run was scheduled.

    >>> run_date(datetime.fromisoformat("2026-11-23T17:00:00+00:00"))
    datetime.date(2026, 11, 24)
    """
    return moment.astimezone(ZoneInfo(TIMEZONE)).date()


def scheduled_settings(moment: datetime, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the run that was scheduled for ``moment``. Raises ``ConfigError``."""
    return load_settings(config_path(environ), run_date(moment), environ)


def returned_files(settings: Settings, folder: str = "") -> list[Path]:
    """The worklists that lie in ``folder`` (by default ``decisions`` beside the configuration), by name.

    Each is offered every time: reading one again changes nothing, so none has to be moved or marked.
    """
    place = settings.base / (folder or "decisions")
    found = {path for pattern in RETURNED for path in place.glob(pattern) if path.is_file()}
    # A spreadsheet program's lock file has the name of the file that it has open.
    return sorted(path for path in found if not path.name.startswith((".", "~$")))
