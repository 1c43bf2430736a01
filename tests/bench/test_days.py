"""A day after a day: what is changed between them, and that every day is run."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bench import days


def rows(file: Path) -> dict[str, list[str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return {row[0]: row for row in csv.reader(handle)}


def test_one_row_in_a_hundred_is_gone_respelt_or_twice_and_all_others_stay(tmp_path: Path) -> None:
    before, after = tmp_path / "registry.csv", tmp_path / "next" / "registry.csv"
    after.parent.mkdir()
    people = [[f"5301{i * 10:012d}", "MARIA BANI", "KUPANG"] for i in range(30_000)]
    with before.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([["NIK", "NAMA_LGKP", "TMPT_LHR"], *people])
    days.moved_on(before, after)
    old, new = rows(before), rows(after)
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    respelt = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    assert all(80 <= len(some) <= 120 for some in (gone, respelt)), "a hundred of each, as chance has it"

    assert 80 <= len(come) <= 120
    assert {new[key][1] for key in respelt} == {"MAIA BANI"}


def test_a_file_of_another_kind_stays_as_it_is(tmp_path: Path) -> None:
    verdicts = tmp_path / "verdicts.csv"
    verdicts.write_text("nik,checked_at,result\n5301012304900001,2026-01-01,DITEMUKAN\n", encoding="utf-8")
    days.moved_on(verdicts, tmp_path / "same.csv")
    assert (tmp_path / "same.csv").read_bytes() == verdicts.read_bytes()


@pytest.mark.slow
def test_three_days_and_the_peer_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(days, "OUT", tmp_path)
    assert days.main(["--people", "400", "--seed", "5"]) == 0
    told = [line.split("|")[1].strip() for line in capsys.readouterr().out.splitlines()[2:]]
    assert told == ["first day", "next day, 1% changed", "next day, unchanged", "peer, linkage alone"]
    assert sorted(path.name for path in (tmp_path / "days" / "outbox").iterdir()) == list(days.DAYS)
