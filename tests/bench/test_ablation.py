"""What is said of an idea, from answers worked out by hand; then the whole, for once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import ablation
from bench.ablation import (
    SHOWN,
    Effect,
    Result,
    answered_rightly,
    by_chance,
    conclusions,
    correction_table,
    effect,
    effects_table,
    selection_table,
)
from bench.ideas import WHOLE, by_name
from bench.measure import Cost
from bench.score import Key, Scored

SLIPS = by_name("slips")


@pytest.mark.parametrize(
    ("lost", "gained", "chance"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 0, 2 / 32),
        (0, 6, 2 / 64),
        (3, 1, 10 / 16),
        (4, 4, 1.0),
        (9, 1, 2 * 11 / 1024),
    ],
)
def test_the_sign_test_is_that_of_the_textbooks(lost: int, gained: int, chance: float) -> None:
    assert by_chance(lost, gained) == pytest.approx(chance)


@given(st.integers(0, 300), st.integers(0, 300))
def test_chance_is_a_probability_and_has_no_side(lost: int, gained: int) -> None:
    assert 0 <= by_chance(lost, gained) == by_chance(gained, lost) <= 1


def scored() -> Scored:
    truth = {
        ("rs", "1"): {"cause": "NIK_MISTYPED", "true_nik": "N1", "other_nik": ""},
        ("rs", "2"): {"cause": "NIK_WRONG", "true_nik": "N2", "other_nik": "N9"},
        ("rs", "3"): {"cause": "NIK_MISSING", "true_nik": "N3", "other_nik": ""},
        ("rs", "4"): {"cause": "NOT_REGISTERED", "true_nik": "", "other_nik": ""},
        ("rs", "5"): {"cause": "HOLDER_DECEASED", "true_nik": "N5", "other_nik": ""},
        ("rs", "6"): {"cause": "NIK_WRONG", "true_nik": "N6", "other_nik": ""},
        ("rs", "7"): {"cause": "", "true_nik": "N7", "other_nik": ""},
    }

    def item(cause: str, nik: str = "") -> dict[str, str]:
        return {"cause": cause, "proposed_nik": nik, "confidence": "0.9" if nik else ""}

    items = {
        ("rs", "1"): [item("NIK_MISTYPED", "N1")],
        ("rs", "2"): [item("NIK_WRONG", "N9")],  # the second of the person's numbers
        ("rs", "3"): [item("NIK_MISSING", "N1")],  # the right cause, a wrong number
        ("rs", "4"): [item("NOT_REGISTERED")],
        ("rs", "5"): [item("HOLDER_DECEASED")],
        ("rs", "6"): [item("NIK_MISTYPED", "N6")],  # the right number, a wrong cause
        ("rs", "7"): [item("NIK_WRONG", "N7")],
    }
    faults = frozenset(key for key, row in truth.items() if row["cause"])
    return Scored(truth, items, faults)


def test_an_answer_is_right_in_its_cause_and_in_the_number_if_there_is_one() -> None:
    assert answered_rightly(scored()) == {("rs", "1"), ("rs", "2"), ("rs", "4"), ("rs", "5")}


def result(right: set[str], cpu: float = 2.0, name: str = "slips", **figures: float) -> Result:
    base = {
        "records": 10,
        "wrong": 4,
        **{name: 0.9 for name in SHOWN if name not in ("double_nik", "duplicate_record")},
        "double_nik_recall": 0.5,
        "double_nik_precision": 1.0,
    }
    keys: frozenset[Key] = frozenset(("rs", key) for key in right)
    return Result(by_name(name), {**base, **figures}, keys, Cost(9.0, cpu, 100.0))


def test_an_effect_is_counted_record_by_record() -> None:
    whole, off = (
        result({"1", "2", "3"}),
        result({"3", "4"}, cpu=3.0, cause_accuracy=0.85, double_nik_recall=1.0),
    )
    found = effect(off, whole)
    assert (found.lost, found.gained, found.cpu) == (2, 1, 1.5)
    assert found.moved["cause_accuracy"] == pytest.approx(-0.05)
    assert found.moved["proposal_recall"] == 0
    assert found.moved["double_nik"] == pytest.approx(1.0 - 2 / 3), "recall and precision as F1"
    assert not {"records", "wrong"} & found.moved.keys()


def said(lost: int = 0, gained: int = 0, what: str = "it", **moved: float) -> Effect:
    return Effect("it", what, lost, gained, moved, 1.0)


@pytest.mark.parametrize(
    ("found", "nothing", "unshown", "better"),
    [
        (said(), True, False, False),
        (said(cause_accuracy=0.0004), True, False, False),
        (said(elements_recall=-0.0006), False, True, False),
        (said(1, 0), False, True, False),
        (said(3, 5, cause_accuracy=0.0002), False, True, False),
        (said(3, 5, sure_share=-0.02), False, True, False),
        (said(9, 0), False, False, False),
        (said(0, 9), False, False, True),
        (said(2, 30, sure_share=0.02), False, False, True),
    ],
)
def test_what_is_chance_is_told_from_what_is_not(
    found: Effect, nothing: bool, unshown: bool, better: bool
) -> None:
    assert (found.is_nothing, found.is_unshown, found.is_better_without) == (nothing, unshown, better)


def test_the_conclusions_name_what_could_go() -> None:
    effects = [
        said(what="a"),
        said(1, 0, what="b", sure_share=-0.02, cause_accuracy=0.0009, records=5),
        said(20, 1, what="c"),
        said(0, 9, what="d"),
        said(what="e"),
    ]
    assert conclusions(effects) == (
        "Nothing comes of leaving out: a; e.\n\n"
        "As many answers are right without, chance apart: b (sure -2.00).\n\n"
        "More answers are right without: d."
    )
    assert conclusions(effects[2:3]) == "Every idea adds something."


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_the_table_has_the_whole_in_percent_and_the_others_in_points() -> None:
    whole = result({"1", "2", "3"})
    off = result({"3", "4"}, cpu=3.0, cause_accuracy=0.85, sure_share=0.90004)
    header, _, first, second = map(cells, effects_table(whole, [effect(off, whole)]).splitlines())
    place = {name: 3 + i for i, name in enumerate(SHOWN)}
    assert (header[0], first[0], second[0]) == ("without", "(the whole)", SLIPS.what)
    assert first[place["cause_accuracy"]] == "90.00"
    assert first[place["double_nik"]] == "66.67"
    assert second[1:3] == ["2", "1"]
    assert second[place["cause_accuracy"]] == "-5.00"
    assert second[place["sure_share"]] == "·", "too little to see"
    assert second[-1] == "1.50"


def test_the_selection_table_shows_both_sides() -> None:
    row = {
        "source": "rs",
        "comparison": "birth_date",
        "right": {"records": 900, "agree": 0.9},
        "wrong": {"records": 90, "agree": 0.8},
        "bits": 0.0123,
        "verified": 0.91,
        "answered": 0.805,
        "seen_bits": 0.5,
    }
    assert cells(selection_table([row]).splitlines()[2]) == [
        "rs: birth date",
        "90.0",
        "80.0",
        "91.0",
        "80.5",
        "0.012",
        "0.500",
    ]


def test_the_correction_stands_below_what_it_corrects() -> None:
    whole, corrected = (
        result({"1"}, name="whole"),
        result({"1", "2"}, name="selection-corrected", sure_share=0.95),
    )
    lines = [cells(line) for line in correction_table({"soiled": (whole, corrected)}).splitlines()]
    assert [line[0] for line in lines[2:]] == ["soiled: as it is", "soiled: corrected"]
    assert lines[3][1:3] == ["0", "1"]
    assert "+5.00" in lines[3]


@pytest.mark.slow
def test_the_whole_on_a_small_population(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: dict[str, str] = {}
    monkeypatch.setattr("bench.population.OUT", tmp_path)
    monkeypatch.setattr(ablation, "OUT", tmp_path)
    monkeypatch.setattr(ablation, "keep", kept.__setitem__)
    assert ablation.main(["--people", "4000", "--seed", "15", "--only", "baby", "twins", "--keep"]) == 0
    written = json.loads((tmp_path / "ablation.json").read_text())
    baby, twins = written["effects"]
    assert (baby["name"], twins["name"]) == ("baby", "twins")
    assert baby["lost"] > 5
    assert set(written["selection"]) == {"as drawn", "soiled", "corrected"}
    assert kept["ablation"] in capsys.readouterr().out
    assert f"| {by_name('baby').what} " in kept["ablation"]
    assert WHOLE.what not in kept["ablation"].split("### Selection")[0].split("| without")[0]
