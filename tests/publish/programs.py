"""Programs outside Python that some tests open the published files with."""

from __future__ import annotations

import os
import shutil

import pytest


def soffice() -> str:
    """LibreOffice, or skip the test and say what to install; fail where every test has to run."""
    return _program(("soffice", "libreoffice"), "LibreOffice Calc (Debian: libreoffice-calc)")


def chromium() -> str:
    """A Chromium, or skip the test and say what to install; fail where every test has to run."""
    return _program(("chromium", "chromium-browser", "google-chrome"), "Chromium (Debian: chromium)")


def pdfinfo() -> str:
    """Poppler's, or skip the test and say what to install; fail where every test has to run."""
    return _program(("pdfinfo",), "pdfinfo (Debian: poppler-utils)")


def _program(names: tuple[str, ...], package: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        missing = f"needs {package}"
        if os.environ.get("PADAN_REQUIRE_ALL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found
