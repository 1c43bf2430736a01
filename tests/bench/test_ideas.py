"""Every idea can be switched off, and what is left does that step in the plain way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bench import ideas_compared
from bench.ideas import CORRECTED, IDEAS, WHOLE, apart, by_name
from bench.ideas_compared import RULES_OF, blocking_by, each_rule
from bench.padan import Coming, findings, made_before, settings_of
from bench.selection import write_shifts
from bench.switch import Idea, put
from pipelines.engine import Artifact, read_artifact
from pipelines.match import (
    blocking,
    calibrate,
    evidence,
    numbers,
    resolve,
    twice,
    vocabulary,
    weights,
)
from pipelines.match.comparisons import COMPARISONS, Compared
from pipelines.match.evidence import NumberWeights, Strangers
from pipelines.match.weights import Weights
from pipelines.settings import Settings

EVERY = (*IDEAS, *each_rule())
RARE = {"together", "twins", "date-rules", "number-rules", "rarer-doubles"}
"""What these are there for need not occur among a few thousand people."""


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Switches ideas off for the length of a test."""

    def off(*names: str) -> None:
        for name in names:
            by_name(name).off(monkeypatch.setattr, None)  # type: ignore[arg-type]

    yield off
    monkeypatch.undo()


def test_names_are_given_once() -> None:
    names = [idea.name for idea in (WHOLE, CORRECTED, *EVERY)]
    assert len(names) == len(set(names))
    assert len({idea.what for idea in EVERY}) == len(EVERY)
    with pytest.raises(KeyError):
        by_name("phlogiston")


@pytest.mark.parametrize("idea", EVERY, ids=lambda idea: idea.name)
def test_each_puts_something_else_where_something_is(idea: Idea) -> None:
    """A name that is gone from the linkage has to be noticed here, not silently set."""
    found = []

    def look(place: Any, name: str, value: Any) -> None:
        found.append(name)
        assert getattr(place, name) is not value

    idea.off(look, None)  # type: ignore[arg-type]
    assert found


def test_the_whole_switches_nothing_off() -> None:
    WHOLE.off(lambda *_: pytest.fail("something was replaced"), None)  # type: ignore[arg-type]


def test_what_is_not_there_cannot_be_replaced() -> None:
    with pytest.raises(AttributeError):
        put(resolve, "sharpened", None)
    assert not hasattr(resolve, "sharpened")


def compared(**levels: list[int]) -> Compared:
    """Pairs with these levels, all else missing, every agreement in them eight bits rare."""
    size = len(next(iter(levels.values())))
    full = {c.name: np.array(levels.get(c.name, [0] * size), np.int8) for c in COMPARISONS}
    rarity = {c.name: np.full(size, 8, np.float32) for c in COMPARISONS if c.rarity}
    return Compared(full, rarity)


def some_weights() -> Weights:
    shares = {c.name: np.full(len(c.levels), 0.1) for c in COMPARISONS}
    return Weights(np.arange(weights.WIDTH, dtype=np.float64), shares, shares)


def test_without_rivals_the_first_weights_stand(patched: Any) -> None:
    patched("rivals")
    first = some_weights()
    assert (
        resolve.sharpen(first, compared(name=[1, 2]), np.zeros(2, np.int64), np.array([True, False])) is first
    )


def test_without_counts_only_beliefs_are_left(patched: Any) -> None:
    seen = compared(sex=[1] * 1000)
    assert weights.probabilities("m", seen)["sex"][1] > 0.999
    patched("counts")
    believed = weights.probabilities("m", seen)
    assert believed["sex"][1] == pytest.approx(0.985)
    for c in COMPARISONS:
        assert believed[c.name][0] == 1
        assert believed[c.name][1:].sum() == pytest.approx(1)
        assert len(believed[c.name]) == len(c.levels)


def test_without_calibration_confidence_is_left_alone(patched: Any) -> None:
    patched("calibration")
    raw = np.array([0.2, 0.9])
    assert calibrate.fit(raw, np.zeros(2), np.ones(2)).apply(raw) == pytest.approx(raw)


def number_weights() -> NumberWeights:
    m = np.full((len(evidence.CLASSES), len(evidence.STATES), evidence.SIZE), 0.1)
    u = np.full((len(evidence.STATES), 10, evidence.SIZE), 0.001)
    return NumberWeights(m, u, np.array([0.5, 0.01, 0.2, 0.1]))


def bits(found: NumberWeights, *levels: int) -> list[float]:
    n = len(levels)
    ones = np.ones(n, np.int64)
    small = np.ones(n, np.int8)
    return found.bits(ones, small, small, np.array(levels, np.int8)).tolist()


def test_without_the_number_only_an_equal_one_weighs(patched: Any) -> None:
    every = bits(number_weights(), *range(evidence.SIZE))
    patched("number")
    left = bits(number_weights(), *range(evidence.SIZE))
    assert left[numbers.EXACT] == every[numbers.EXACT] != 0
    assert {weight for level, weight in enumerate(left) if level != numbers.EXACT} == {0.0}


def test_without_a_share_learned_for_each_class_one_in_ten_is_in_no_registry(patched: Any) -> None:
    classes = np.arange(4)
    assert len(set(number_weights().null(classes))) == 4
    patched("unregistered")
    assert number_weights().null(classes) == pytest.approx(np.log2(1 / 9))


def test_without_kinds_of_slip_all_weigh_alike(patched: Any) -> None:
    around = Strangers(number_weights().u, np.ones(10))
    rng = np.random.default_rng(5)
    n = 400
    level = rng.choice([numbers.DATE, numbers.SERIAL, numbers.SWAP, numbers.OTHER], n, p=[0.7, 0.1, 0.1, 0.1])
    arguments = (
        np.full(n, 8.0),
        level.astype(np.int8),
        np.ones(n, np.int8),
        np.ones(n, np.int8),
        np.arange(n),
        np.full(n, 2),
        0.0,
    )
    kinds = (numbers.DATE, numbers.SERIAL, numbers.SWAP)

    def learned() -> list[float]:
        found = evidence.learn(around, *arguments)
        ones = np.ones(len(kinds), np.int8)
        return found.bits(np.full(len(kinds), 2), ones, ones, np.array(kinds, np.int8)).tolist()

    assert len(set(learned())) > 1
    patched("slips")
    assert len(set(learned())) == 1


def test_without_dates_strangers_are_the_same_everywhere(patched: Any) -> None:
    shape = (len(evidence.STATES), 10, evidence.SIZE)
    joint, expected = np.zeros(shape), np.full(shape[:2], 1000.0)
    joint[1, 1, numbers.SERIAL] = 50
    apart_ = evidence._shares(joint, expected, 10_000)
    assert apart_[1, 1, numbers.SERIAL] > 10 * apart_[0, 9, numbers.SERIAL]
    patched("strangers-by-date")
    pooled = evidence._shares(joint, expected, 10_000)
    assert np.ptp(pooled[:, :, numbers.SERIAL]) == pytest.approx(0)
    assert pooled[0, 0, numbers.SERIAL] == pytest.approx(50 / 30_000, rel=0.05)


def test_without_dates_a_stolen_number_is_as_likely_everywhere(patched: Any) -> None:
    around = Strangers(np.ones((3, 10, evidence.SIZE)), np.linspace(1, 10, 10))
    p, date = np.array([0.0, 0.0, 1.0]), np.array([1, 1, 9])
    before = evidence._stolen(p, date, 7.0, around)
    assert before[1] > 10 * before[9]
    patched("stolen-by-date")
    assert evidence._stolen(p, date, 7.0, around) == pytest.approx(2.01 / (10 * around.near.sum()))


@pytest.fixture
def plain_comparison(monkeypatch: pytest.MonkeyPatch) -> Compared:
    """What the three that compare see, whatever they ask."""
    seen = compared(name=[1, 2, 3, 5, 8, 9], birth_date=[1, 2, 4, 8, 9, 0])
    monkeypatch.setattr("pipelines.match.comparisons.compare", lambda *_: seen)
    return seen


WHO_COMPARES = ("search", "verify", "twice")


@pytest.mark.parametrize(
    ("idea", "zero"),
    [
        ("rare-names", {"name", "mother_name", "father_name"}),
        ("rare-dates", {"birth_date", "birth_place"}),
    ],
)
def test_without_rarity_an_agreement_is_an_agreement(
    patched: Any, plain_comparison: Compared, idea: str, zero: set[str]
) -> None:
    patched(idea)
    for module in WHO_COMPARES:
        made = getattr(ideas_compared, module).compare(None, None)
        assert {name for name, rarity in made.rarity.items() if not rarity.any()} == zero
        assert made.levels is plain_comparison.levels


def test_without_rarity_doubles_are_weighed_by_levels_alone(patched: Any) -> None:
    """As a pair is whose rarity is what such an agreement has on the whole: no more, no less."""
    patched("rare-names")
    known, pair = some_weights(), compared(name=[1], birth_date=[1])
    zero = Compared(pair.levels, {k: v * (k == "birth_date") for k, v in pair.rarity.items()})
    found = twice.parts(known, zero)
    assert found["name"] == pytest.approx(known.level_weight("name", 1))
    assert found["birth_date"] != pytest.approx(known.parts(pair)["birth_date"])


@pytest.mark.parametrize(
    ("idea", "column", "levels"),
    [
        ("name-levels", "name", [1, 7, 7, 8, 8, 9]),
        ("date-levels", "birth_date", [1, 9, 9, 9, 9, 0]),
    ],
)
def test_levels_are_folded_into_a_plain_one(
    patched: Any, plain_comparison: Compared, idea: str, column: str, levels: list[int]
) -> None:
    patched(idea)
    for module in WHO_COMPARES:
        made = getattr(ideas_compared, module).compare(None, None)
        assert made.levels[column].tolist() == levels
        others = [c.name for c in COMPARISONS if c.name != column]
        assert all((made.levels[other] == plain_comparison.levels[other]).all() for other in others)


def test_without_spelling_classes_a_word_is_only_itself(patched: Any) -> None:
    two = pa.array(["YOHANES", "JOHANIS"])
    assert len(set(vocabulary.spelling_classes(two).to_pylist())) == 1
    patched("spelling")
    assert vocabulary.spelling_classes(two).to_pylist() == ["YOHANES", "JOHANIS"]


def test_blocking_goes_without_the_rules_named_and_no_other(patched: Any) -> None:
    before = blocking.RULES
    patched("mother-rules")
    gone = [rule for rule in before if rule not in blocking.RULES]
    assert [rule.name for rule in gone] == [r.name for r in before if r.name in RULES_OF["mother-rules"]]
    assert len(gone) == len(RULES_OF["mother-rules"])


def test_a_rule_that_was_renamed_is_noticed() -> None:
    idea = blocking_by("x", "x", ("birth date and horoscope",))
    with pytest.raises(AttributeError, match="horoscope"):
        idea.off(put, None)  # type: ignore[arg-type]


def test_every_rule_stands_for_itself_too(patched: Any) -> None:
    rules = blocking.RULES
    assert [idea.what for idea in each_rule()] == [f"blocking: {rule.name}" for rule in rules]
    patched("rule-3")
    assert [*rules[:3], *rules[4:]] == list(blocking.RULES)


# --- on people


@dataclass(frozen=True)
class Linked:
    """A small drawn office with its records made, and what the whole makes of them."""

    settings: Settings
    records: dict[str, Artifact]
    found: Artifact

    def matches(self, name: str) -> Artifact:
        return read_artifact(apart(self.settings, name).folder("matches"))


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Linked:
    from pipelines.sample import demo

    folder = tmp_path_factory.mktemp("office")
    demo(folder, 4000, 13, "filthy")
    settings = settings_of(folder)
    made = Coming(settings)
    return Linked(settings, made, findings(made, apart(settings, "whole")))


@pytest.mark.slow
def test_records_made_before_are_found_again(linked: Linked) -> None:
    assert made_before(linked.settings) == linked.records


@pytest.mark.slow
@pytest.mark.parametrize("idea", EVERY, ids=lambda idea: idea.name)
def test_without_it_the_linkage_still_ends_and_is_another(
    linked: Linked, idea: Idea, monkeypatch: pytest.MonkeyPatch
) -> None:
    idea.off(monkeypatch.setattr, linked.settings)
    found = findings(linked.records, apart(linked.settings, idea.name))
    assert found.rows > 0.9 * linked.found.rows
    if idea.name not in RARE and not idea.name.startswith("rule-"):
        assert linked.matches(idea.name).sha256 != linked.matches("whole").sha256


@pytest.mark.slow
def test_switched_back_on_it_is_the_whole_again(linked: Linked) -> None:
    """Nothing of an earlier test is left behind: patches are undone."""
    again = findings(linked.records, apart(linked.settings, "again"))
    assert again.sha256 == linked.found.sha256


@pytest.mark.slow
def test_the_correction_shifts_the_weights_of_the_source_it_was_seen_in(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shifts(linked.settings, apart(linked.settings, "whole"))
    CORRECTED.off(monkeypatch.setattr, linked.settings)
    findings(linked.records, apart(linked.settings, CORRECTED.name))
    assert linked.matches(CORRECTED.name).sha256 != linked.matches("whole").sha256
