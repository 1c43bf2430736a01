"""What a scheduler's task needs to know and a person at a terminal says: which configuration, which date."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.errors import visible
from pipelines.settings import Settings, Source, Vault, config_path, load_settings

LOG: Final = logging.getLogger("padan.decisions")

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


DRY_RUN: Final = "dry-run"
"""Under the data folder: the tables of runs that only try."""


def scheduled_settings(
    day: date,
    vaults: Mapping[str, Vault] | None = None,
    dry_run: bool = False,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of a scheduler's run for ``day``. Raises ``ConfigError``.

    ``vaults`` as for ``load_settings``. The tables of a dry run lie apart from those of real ones.
    """
    settings = load_settings(config_path(environ), day, environ, vaults)
    return settings.model_copy(update={"data": settings.data / DRY_RUN}) if dry_run else settings


def left_out(source: Source, settings: Settings, wanted: Collection[str] = (), dry_run: bool = False) -> str:
    """Why a run that was started by hand does not read a source; empty if it does. The registry always is read.

    ``wanted`` are the sources that it was started for; none means all.
    """
    if source == settings.registry:
        return ""
    if wanted and source.name not in wanted:
        return "left out of this run, which was started for others"
    if dry_run and source.layout.ask:
        return "left out of this dry run, since each question counts against the quota"
    return ""


def unknown(wanted: Collection[str], settings: Settings) -> str:
    """What is wrong with a choice of sources, in one line; empty if nothing is."""
    known = [source.name for source in settings.everyone]
    strangers = sorted(set(wanted) - set(known))
    return f"no source called {', '.join(strangers)}; expected of {', '.join(known)}" if strangers else ""


def returned_files(settings: Settings, folder: str = "") -> list[Path]:
    """The worklists that lie in ``folder`` (by default ``decisions`` beside the configuration), by name.

    Each is offered every time: reading one again changes nothing, so none has to be moved or marked.
    """
    place = settings.base / (folder or "decisions")
    found = {path for pattern in RETURNED for path in place.glob(pattern) if path.is_file()}
    inside = place.resolve()
    links = {path for path in found if not path.resolve().is_relative_to(inside)}
    for path in sorted(links):
        LOG.warning("%s: a link that leads out of the folder is not read", visible(path.name))
    found -= links
    # A spreadsheet program's lock file has the name of the file that it has open.
    return sorted(path for path in found if not path.name.startswith((".", "~$")))
