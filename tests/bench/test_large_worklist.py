"""The measurement of a large worklist, on a small one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import large_worklist

pytestmark = pytest.mark.slow


def test_every_step_is_taken_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(large_worklist, "OUT", tmp_path)
    assert large_worklist.main(["--items", "300", "--rows", "30"]) == 0
    steps = [line.split("|")[1].strip() for line in capsys.readouterr().out.splitlines()[2:]]
    assert steps == [
        *(f"first day: {name}" for name in large_worklist.STAGES),
        "decide of 30 rows",
        *(f"second day: {name}" for name in large_worklist.STAGES),
        "status",
    ]
    # Of 300, six are gone on the second day and six new; of 30 answered a third was not an error.
    report = tmp_path / "large_worklist" / "sqlite" / "outbox" / f"{large_worklist.SECOND}" / "report.json"
    causes = json.loads(report.read_bytes())["causes"]
    counts = {status: sum(line[status] for line in causes) for status in ("new", "resolved", "rejected")}
    assert (counts["new"], counts["resolved"]) == (6, 6)
    assert 8 <= counts["rejected"] <= 10
