"""The guide for a new source is followed: its files are written, its commands run, what it shows comes out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.layouts import Layout

GUIDE = Path(__file__).parent.parent / "docs" / "connect-a-source.md"
BLOCK = re.compile(r"^```(?P<kind>\w+) ?(?P<file>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A file to be written (``command`` is empty), or a command and what it shows."""

    file: str
    command: str
    text: str


def steps() -> list[Step]:
    found = []
    for block in BLOCK.finditer(GUIDE.read_text(encoding="utf-8")):
        if block["kind"] != "console":
            found.append(Step(block["file"], "", block["text"]))
            continue
        for part in block["text"].removeprefix("$ ").split("\n$ "):
            command, _, shown = part.partition("\n")
            found.append(Step("", command, shown))
    return found


def alike(line: str) -> str:
    """A line with every number as one sign and every gap as one space."""
    return re.sub(r"\s+", " ", re.sub(r"[\d,.]*\d", "#", line)).strip()


def unseen(shown: str, printed: str) -> list[str]:
    """Lines of the guide that do not come out, in their order; ``…`` stands for anything that follows."""
    actual = iter(map(alike, printed.splitlines()))
    missing = []
    for line in filter(str.strip, shown.splitlines()):
        if line.strip() == "…":
            continue
        start = alike(line.removesuffix("…"))
        whole = not line.endswith("…")
        if not any(said == start if whole else said.startswith(start) for said in actual):
            missing.append(line)
            actual = iter(map(alike, printed.splitlines()))
    return missing


def test_the_guide_is_short_and_has_something_to_do() -> None:
    assert GUIDE.read_text(encoding="utf-8").count("\n") < 150
    assert [step.file or step.command.split()[1] for step in steps()] == [
        "registry.csv",
        "pasien.txt",
        "layout",
        "padan.toml",
        "check",
        "run",
        "explain",
    ]


def test_a_line_that_does_not_come_out_is_noticed() -> None:
    printed = "rsud  can be read: a.csv, 12 rows\nstore can be read\n"
    assert unseen("rsud can be read: a.csv, 17 rows\n…\nstore can…\n", printed) == []
    assert unseen("rsud cannot be read\n", printed) == ["rsud cannot be read"]
    assert unseen("store can be read\nrsud can…\n", printed) == ["rsud can…"]


@pytest.mark.slow
def test_the_guide_can_be_followed(tmp_path: Path) -> None:
    programs = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    for step in steps():
        if step.file:
            (tmp_path / step.file).write_text(step.text, encoding="utf-8")
            continue
        done = subprocess.run(
            ["bash", "-c", step.command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{step.command}: {done.stderr}"
        assert not unseen(step.text, done.stderr + done.stdout), step.command
    layout = Layout.model_validate(tomllib.loads((tmp_path / "rsud.toml").read_text(encoding="utf-8")))
    assert layout.sex == {"L": ("1",), "P": ("0",)}
    assert layout.placeholders == ("BLM BAWA",)
    for named in re.findall(r"^\| `([^`]+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE):
        assert (tmp_path / named).exists(), named
