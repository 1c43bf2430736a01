"""What comes with Padan and how it is built: licences, known weaknesses, and a wheel that anybody can build again."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import audit

ROOT = Path(__file__).parent.parent


def package(name: str, *ids: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1.0",
        "vulns": [{"id": i, "fix_versions": ["1.1"]} for i in ids],
        **more,
    }


def test_every_package_of_a_run_has_a_licence_that_was_said_yes_to() -> None:
    names = audit.needed("padan")
    assert {"duckdb", "psycopg-binary", "pyrage"} < names
    assert audit.unfree(audit.licences(sorted(names))) == []


def test_a_licence_that_nobody_knows_is_told() -> None:
    found = {"GNU General Public License v3": ["viral"], "?": ["silent"], "MIT": ["good"]}
    assert audit.unfree(found) == ["viral: GNU General Public License v3", "silent: ?"]


def test_a_known_weakness_is_told() -> None:
    report = {"dependencies": [package("good"), package("weak", "PYSEC-1", "PYSEC-2")]}
    assert audit.weaknesses(report) == ["weak 1.0: PYSEC-1, fixed in 1.1", "weak 1.0: PYSEC-2, fixed in 1.1"]


def test_a_service_that_knows_no_package_has_not_said_that_all_is_well() -> None:
    skipped = {"name": "duckdb", "skip_reason": "not found"}
    assert audit.weaknesses({"dependencies": [skipped, skipped, package("pip")]}) is None
    assert audit.weaknesses({"dependencies": [skipped, package("a"), package("b")]}) == []


@pytest.mark.slow
def test_a_wheel_is_the_same_bytes_whoever_builds_it_where_and_when(tmp_path: Path) -> None:
    digests = set()
    for number in range(2):
        place = tmp_path / f"builder-{number}" / "padan"
        tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
        for name in tracked.stdout.splitlines():
            if (ROOT / name).is_file():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, place / name)  # with the time of now
                os.utime(place / name, (1_600_000_000 + number * 86_400,) * 2)
        environment = {
            **os.environ,
            "SOURCE_DATE_EPOCH": "1764028800",
            "TZ": ("UTC", "Asia/Makassar")[number],
        }
        build = [Path(sys.executable).with_name("uv"), "build", "--wheel", "--quiet", "--no-build-isolation"]
        command = [*build, "--python", sys.executable, "--out-dir", tmp_path / f"out-{number}"]
        subprocess.run(command, cwd=place, check=True, env=environment, umask=(0o022, 0o077)[number])
        (wheel,) = (tmp_path / f"out-{number}").glob("*.whl")
        digests.add(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert len(digests) == 1
