"""The mathematics of the comparison, on outcomes small enough to check by eye; then the whole, for once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import compare
from bench.compare import LINES, Line, Outcome, introduction, standing, tables
from bench.population import Population
from bench.score import score
from bench.tables import keep

SHARE, ERROR, WALL = (
    next(line for line in LINES if line.figure == figure)
    for figure in ("cause_accuracy", "calibration_error", "wall")
)


@pytest.mark.parametrize(
    ("line", "padan", "peer", "verdict", "ratio"),
    [
        (SHARE, 0.99, 0.90, "ahead", "1.100"),
        (SHARE, 0.90, 0.99, "behind", "0.909"),
        (SHARE, 1.0, 1.0, "level", "1.000"),
        (ERROR, 0.002, 0.010, "ahead", "0.200"),
        (ERROR, 0.010, 0.002, "behind", "5.000"),
        (WALL, 5.0, 20.0, "ahead", "0.250"),
        (WALL, 20.0, 5.0, "behind", "4.000"),
        (ERROR, 0.01, 0.0, "behind", "–"),
    ],
)
def test_more_is_better_but_of_errors_and_costs(
    line: Line, padan: float, peer: float, verdict: str, ratio: str
) -> None:
    assert line.verdict(padan, peer) == verdict
    assert line.ratio(padan, peer) == ratio


def test_shares_are_shown_finer_than_seconds() -> None:
    assert SHARE.shown(0.98765) == "0.9877"
    assert WALL.shown(12.345) == "12.3"
    assert SHARE.shown(None) == "none"
    assert SHARE.ratio(0.5, None) == "–"


def cells(text: str, called: str) -> list[str]:
    """What a table says on one line."""
    line = next(line for line in text.splitlines() if f"| {called} " in line)
    return [cell.strip() for cell in line.split("|")[2:-1]]


def outcome(seed: int, dirt: str = "filthy", **padan: float) -> Outcome:
    """Padan is better by the half on every line but those given."""
    peer = {line.figure: 0.5 for line in LINES}
    better = {line.figure: 0.25 if line.less else 0.75 for line in LINES}
    figures = {"padan": {"records": 100.0, **better, **padan}, "peer": {"records": 100.0, **peer}}
    return Outcome(Population(1000, seed, dirt), figures)


def test_what_the_peer_does_not_look_for_is_no_victory() -> None:
    compared = [line.figure for line, _ in outcome(1).verdicts()]
    assert "cause_accuracy" in compared
    assert not [figure for figure in compared if figure.startswith(("double", "duplicate", "nik_not"))]
    assert len(compared) == len(LINES) - 6
    assert cells(tables([outcome(1)]), "two numbers: recall") == ["0.7500", "none", "–"]


def test_what_a_population_does_not_have_is_in_no_line() -> None:
    """A truth without second numbers gives no figure for them."""
    full = outcome(1)
    without = {k: v for k, v in full.figures["padan"].items() if not k.startswith("double_nik")}
    partial = Outcome(full.population, {**full.figures, "padan": without})
    assert cells(tables([partial]), "two numbers: recall") == ["none", "none", "–"]


def test_it_says_where_padan_is_not_ahead() -> None:
    lines = len(LINES) - 6
    assert standing([outcome(1), outcome(2)]) == f"Ahead of the peer on {2 * lines} of {2 * lines} lines."
    worse = [outcome(1, cause_accuracy=0.4, proposal_recall=0.5), outcome(2, wall=0.6)]
    assert standing(worse) == (
        f"Ahead of the peer on {2 * lines - 3} of {2 * lines} lines; level: proposal: recall (filthy-1-1000); "
        "behind: cause named right (filthy-1-1000), wall, seconds (filthy-2-1000)."
    )


def test_each_kind_of_dirt_has_a_table_with_its_seeds_side_by_side() -> None:
    text = tables([outcome(1), outcome(2, cause_accuracy=0.6), outcome(1, "clean")])
    filthy, clean = text.split("### ")[1:]
    assert filthy.startswith("Filthy\n")
    assert clean.startswith("Clean\n")
    seeds = ["seed 1: Padan", "peer", "ratio", "seed 2: Padan", "peer", "ratio"]
    assert [cell.strip() for cell in filthy.splitlines()[2].split("|")[2:-1]] == seeds
    assert cells(filthy, "cause named right") == ["0.7500", "0.5000", "1.500", "0.6000", "0.5000", "1.200"]
    assert cells(clean, "wall, seconds") == ["0.2", "0.5", "0.500"]


def test_the_introduction_says_how_much_was_measured_and_whether_to_trust_the_clock() -> None:
    said = introduction([outcome(1), outcome(2)], 3, busy=False)
    assert "1,000 people, 100 agency records; medians of 3 runs each, alternating" in said
    assert "busy" not in said
    assert "one run each" in introduction([outcome(1)], 1, busy=False)
    assert introduction([outcome(1)], 1, busy=True).endswith("the times say little.")


@pytest.mark.slow
def test_the_whole_on_a_small_population(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- compare: begin --><!-- compare: end -->\n")
    monkeypatch.setattr("bench.population.OUT", tmp_path)
    monkeypatch.setattr(compare, "OUT", tmp_path)
    monkeypatch.setattr(compare, "keep", lambda section, text: keep(section, text, page))

    assert (
        compare.main(["--people", "4000", "--dirt", "filthy", "--seeds", "11", "--repeat", "2", "--keep"])
        == 0
    )
    (kept,) = json.loads((tmp_path / "compare.json").read_text())["populations"]
    population = Population(4000, 11, "filthy")
    for program in ("padan", "peer"):
        figures = kept["figures"][program]
        assert figures.items() >= score(population.sources, population.folder / f"{program}.csv").items()
        assert figures["wall"] > 0
        assert figures["peak_mib"] > 50
        assert figures["detect_recall"] > 0.95
        assert figures["proposal_precision"] > 0.95
    shown = page.read_text()
    assert f"{kept['figures']['padan']['cause_accuracy']:.4f}" in shown
    assert shown.splitlines()[1] in capsys.readouterr().out
