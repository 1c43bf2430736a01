"""The scorer on a truth small enough to work every figure out by hand."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.score import Proposal, calibration_error, confusions, expected_calibration_error, load, score

SCRIPT = Path(__file__).parent.parent.parent / "bench" / "score.py"

TRUTH = [
    # source, record, cause, true_nik, other_nik
    ("rs", "1", "NIK_MISTYPED", "N1", ""),
    ("rs", "2", "NIK_WRONG", "N2", "N9"),  # a person with two numbers
    ("rs", "3", "NIK_MISSING", "N3", ""),
    ("rs", "4", "NIK_MISSING", "", ""),  # in no registry
    ("rs", "5", "HOLDER_DECEASED", "N5", ""),
    ("sd", "1", "", "N7", ""),
    ("sd", "2", "ELEMENT_MISMATCH", "N10", ""),
    ("sd", "3", "ELEMENT_MISMATCH", "N11", ""),
    ("sd", "4", "NOT_REGISTERED", "", ""),
    ("sd", "5", "NIK_OF_ANOTHER_PERSON", "N8", ""),
]

ITEMS = [
    # source, record, cause, recorded, proposed, confidence, related
    ("rs", "1", "NIK_MISTYPED", "M1", "N1", "0.995", ""),  # right and sure
    ("rs", "2", "NIK_MISTYPED", "M2", "N9", "0.95", ""),  # the wrong cause, a right number
    ("rs", "4", "NIK_MISSING", "-", "", "", ""),
    ("rs", "5", "HOLDER_DECEASED", "N5", "", "", ""),
    ("sd", "1", "NIK_WRONG", "N7", "N6", "1.0", ""),  # nothing is wrong with it
    ("sd", "2", "ELEMENT_MISMATCH", "N10", "", "", ""),
    ("sd", "4", "NOT_REGISTERED", "M4", "", "", ""),
    ("sd", "5", "NIK_OF_ANOTHER_PERSON", "M5", "N4", "0.4", ""),  # the wrong number
    ("sd", "5", "ELEMENT_MISMATCH", "M5", "N8", "0.9", ""),  # no fault: its proposal does not count
    ("sd", "99", "NIK_WRONG", "M6", "N8", "0.999", ""),  # a record that the truth does not know
    ("dukcapil", "B1", "DOUBLE_NIK", "B1", "A1", "0.97", ""),
    ("dukcapil", "X1", "DOUBLE_NIK", "X1", "Y1", "0.97", ""),
    ("rs", "2", "DUPLICATE_RECORD", "M2", "", "", "1"),
    ("rs", "1", "DUPLICATE_RECORD", "M1", "", "", "2"),  # the same pair from the other side
    ("dukcapil", "O1", "NIK_NOT_ONLINE", "O1", "", "", ""),
]


def write(path: Path, header: str, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])


@pytest.fixture
def truth_dir(tmp_path: Path) -> Path:
    write(tmp_path / "truth.csv", "source,source_record_id,cause,true_nik,other_nik", TRUTH)
    write(tmp_path / "truth_two_niks.csv", "nik_a,nik_b", [("A1", "B1"), ("C1", "D1")])
    write(tmp_path / "truth_twice.csv", "source,rid_a,rid_b", [("rs", "1", "2")])
    write(tmp_path / "truth_offline.csv", "nik", [("O1",), ("O2",), ("O3",)])
    return tmp_path


@pytest.fixture
def worklist(tmp_path: Path) -> Path:
    header = "source,source_record_id,cause,recorded_nik,proposed_nik,confidence,related"
    write(tmp_path / "worklist.csv", header, ITEMS)
    return tmp_path / "worklist.csv"


def test_every_figure_is_the_one_worked_out_by_hand(truth_dir: Path, worklist: Path) -> None:
    assert score(truth_dir, worklist) == pytest.approx(
        {
            "records": 10,
            "wrong": 7,  # all but sd/1 and the two whose elements differ
            "detect_recall": 6 / 7,  # rs/3 has no item
            "detect_precision": 6 / 7,  # sd/1 is right
            "cause_accuracy": 5 / 7,  # neither rs/2 nor rs/3
            "proposal_recall": 2 / 4,  # rs/1 and rs/2 of those two, rs/3 and sd/5: the dead keep their number
            "proposal_precision": 2 / 4,  # rs/1 and rs/2 of those two, sd/1 and sd/5
            "sure_share": 1 / 4,  # rs/1: sd/1 has nothing to find
            "sure_precision": 1 / 2,  # rs/1, not sd/1
            "elements_recall": 1 / 2,
            # 0.9 to 1: two of three right, against 0.98; 0.4 to 0.5: none of one, against 0.45
            "calibration_error": (3 * (0.98 - 2 / 3) + 1 * 0.45) / 4,
            # against what was claimed: 0.995, 0.95 and 1.0 for two right ones; 0.4 for none
            "expected_calibration_error": ((0.995 + 0.95 + 1.0 - 2) + 0.4) / 4,
            "double_nik_recall": 1 / 2,
            "double_nik_precision": 1 / 2,
            "duplicate_record_recall": 1.0,
            "duplicate_record_precision": 1.0,
            "nik_not_online_recall": 1 / 3,
            "nik_not_online_precision": 1.0,
        }
    )


def test_a_truth_without_pairs_has_no_figures_for_them(truth_dir: Path, worklist: Path) -> None:
    (truth_dir / "truth_two_niks.csv").unlink()
    write(truth_dir / "truth_offline.csv", "nik", [])
    assert not [name for name in score(truth_dir, worklist) if name.startswith(("double", "nik_not_online"))]


def test_an_empty_worklist_finds_nothing_and_claims_nothing(truth_dir: Path, worklist: Path) -> None:
    worklist.write_text(worklist.read_text().partition("\n")[0] + "\n")
    figures = score(truth_dir, worklist)
    assert (figures["records"], figures["wrong"]) == (10, 7)
    assert {value for name, value in figures.items() if name not in ("records", "wrong")} == {0.0}


def test_where_nothing_is_wrong_nothing_is_missed(tmp_path: Path, worklist: Path) -> None:
    write(
        tmp_path / "truth.csv",
        "source,source_record_id,cause,true_nik,other_nik",
        [("rs", "8", "", "N1", "")],
    )
    figures = score(tmp_path, worklist)
    assert (figures["wrong"], figures["detect_recall"], figures["proposal_recall"]) == (0, 1.0, 1.0)


def test_the_confusions_come_most_frequent_first(truth_dir: Path, worklist: Path) -> None:
    assert confusions(load(truth_dir, worklist)) == [
        ("NIK_MISSING", "-", 1),
        ("NIK_WRONG", "NIK_MISTYPED", 1),
    ]
    write(
        truth_dir / "truth.csv",
        "source,source_record_id,cause,true_nik,other_nik",
        [*TRUTH, ("rs", "6", "NIK_WRONG", "", ""), ("rs", "7", "NIK_WRONG", "", "")],
    )
    assert confusions(load(truth_dir, worklist))[0] == ("NIK_WRONG", "-", 2)


def proposals(*made: tuple[float, bool]) -> list[Proposal]:
    return [
        Proposal(("rs", str(number)), confidence, right) for number, (confidence, right) in enumerate(made)
    ]


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ([], 0.0),
        ([(0.05, False)], 0.05),
        ([(0.75, True)], 0.25),
        ([(0.72, True), (0.74, True), (0.76, True), (0.79, False)], 0.0),
        ([(1.0, True)], 0.02),
        ([(0.9, False)], 0.98),
        ([(0.1, True), (0.85, True)], (0.85 + 0.15) / 2),
    ],
)
def test_calibration_is_the_distance_from_what_was_claimed(
    made: list[tuple[float, bool]], error: float
) -> None:
    assert calibration_error(proposals(*made)) == pytest.approx(error)


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ([], 0.0),
        ([(1.0, True)], 0.0),
        ([(0.75, True)], 0.25),
        ([(0.72, True), (0.74, True), (0.76, True), (0.79, False)], 0.01 / 4),
        (
            [(0.9, True), (0.99, False)],
            0.89 / 2,
        ),  # in one bin, the one's lack covers a part of the other's excess
        ([(0.1, True), (0.85, True)], (0.9 + 0.15) / 2),
    ],
)
def test_the_expected_calibration_error_takes_each_bin_at_its_mean(
    made: list[tuple[float, bool]], error: float
) -> None:
    assert expected_calibration_error(proposals(*made)) == pytest.approx(error)


def test_a_confidence_that_means_what_it_says_has_no_expected_error() -> None:
    """And the error by the bins' middles has a floor of its own there."""
    honest = proposals(*((0.999, True) for _ in range(999)), (0.999, False))
    assert expected_calibration_error(honest) == pytest.approx(0.0)
    assert calibration_error(honest) == pytest.approx(0.019)


def run(*arguments: object) -> str:
    command = [sys.executable, SCRIPT, *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout


def test_the_command_prints_a_figure_a_line(truth_dir: Path, worklist: Path) -> None:
    lines = run(truth_dir, worklist).splitlines()
    figures = {line.split()[0]: line.split()[1] for line in lines if ":" not in line}
    assert figures.keys() == score(truth_dir, worklist).keys()
    assert figures["wrong"] == "7"
    assert figures["detect_recall"] == "0.8571"
    assert lines[-2:] == ["NIK_MISSING called -: 1", "NIK_WRONG called NIK_MISTYPED: 1"]


def test_the_command_prints_json(truth_dir: Path, worklist: Path) -> None:
    assert json.loads(run(truth_dir, worklist, "--json")) == score(truth_dir, worklist)


def test_a_perfect_worklist_made_from_a_drawn_truth_scores_full_marks(tmp_path: Path) -> None:
    """The columns are those that the sampler writes."""
    from pipelines.sample import draw

    draw(tmp_path, 4000, 9, "filthy")
    rows = list(csv.DictReader((tmp_path / "truth.csv").open()))
    items = [
        (row["source"], row["source_record_id"], row["cause"], "", row["true_nik"], "1.0", "")
        for row in rows
        if row["cause"]
    ]
    for name, cause in (
        ("two_niks", "DOUBLE_NIK"),
        ("twice", "DUPLICATE_RECORD"),
        ("offline", "NIK_NOT_ONLINE"),
    ):
        for number, row in enumerate(csv.DictReader((tmp_path / f"truth_{name}.csv").open())):
            *_, first, second = "", *row.values()
            if cause == "DUPLICATE_RECORD":
                items.append((row["source"], first, cause, "", "", "", second))
            elif cause == "DOUBLE_NIK":
                items.append(("dukcapil", f"{name}-{number}", cause, first, second, "1.0", ""))
            else:
                items.append(("dukcapil", f"{name}-{number}", cause, second, "", "", ""))
    header = "source,source_record_id,cause,recorded_nik,proposed_nik,confidence,related"
    write(tmp_path / "worklist.csv", header, items)
    figures = score(tmp_path, tmp_path / "worklist.csv")
    assert figures.pop("records") == len(rows)
    assert figures.pop("wrong") > 300
    assert figures.pop("calibration_error") == pytest.approx(0.02)
    assert figures.pop("expected_calibration_error") == 0
    assert set(figures.values()) == {1.0}
    assert len(figures) == 14
