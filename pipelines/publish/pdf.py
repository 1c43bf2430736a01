"""The page on paper: a browser that is there prints it, the same bytes each time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from pipelines.errors import PadanError

BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)

PATIENCE: Final = 120
"""Seconds after which a browser that prints nothing is given up."""

_WHEN: Final = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}[^)]*\)")


def browser() -> str | None:
    """A browser of the Chromium family: the one that ``PADAN_BROWSER`` names, else one on the path."""
    named = os.environ.get("PADAN_BROWSER")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


def print_pdf(page: Path, target: Path, day: date) -> None:
    """Print an HTML file to ``target``, which bears ``day`` and not the hour.

    Raises ``PadanError`` where there is no browser, or it prints nothing.
    """
    program = browser()
    if program is None:
        raise PadanError(
            "no browser to print with; install Chromium (Debian: chromium) or name one in PADAN_BROWSER"
        )
    with tempfile.TemporaryDirectory(prefix="padan-print-") as profile:
        command = [
            program,
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={target}",
            page.absolute().as_uri(),
        ]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium's own cannot be had as root
        try:
            done = subprocess.run(  # noqa: S603 - the office's own browser
                command, capture_output=True, timeout=PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PadanError(f"{program}: could not print the report: {type(error).__name__}") from error
    if done.returncode or not target.is_file():
        raise PadanError(f"{program}: could not print the report (exit code {done.returncode})")
    target.write_bytes(_WHEN.sub(lambda found: _dated(found, day), target.read_bytes()))


def _dated(found: re.Match[bytes], day: date) -> bytes:
    """The date in place of a moment, as long as it was: a PDF finds its parts by where they stand."""
    bare = b"/%s (D:%s000000" % (found[1], day.strftime("%Y%m%d").encode())
    return bare + found[0][len(bare) :]
