"""The data file: what it promises about itself, and that presets differ in kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from pipelines.sample import presets
from pipelines.sample.data import BASE, Data, load
from tests.sample.population import Population


def test_there_are_presets_from_clean_to_filthy() -> None:
    assert {"clean", "ordinary", "filthy", "spreadsheet", "counter"} <= set(presets())
    assert presets()[0] == BASE


def test_a_preset_says_only_what_differs(data: Data) -> None:
    ordinary, spreadsheet = data.dirt["ordinary"], data.dirt["spreadsheet"]
    assert spreadsheet.health.numbers.last_zero > 10 * ordinary.health.numbers.last_zero
    assert spreadsheet.health.names == ordinary.health.names
    assert spreadsheet.verdicts == ordinary.verdicts


def test_a_fault_in_the_data_file_is_named(data: Data) -> None:
    document = data.model_dump()
    document["dirt"]["filthy"]["health"]["numbers"]["digit"] = 1.5
    document["life"]["lottery"] = 3
    with pytest.raises(ValidationError, match="digit") as caught:
        Data.model_validate(document)
    assert {".".join(map(str, error["loc"])) for error in caught.value.errors()} == {
        "dirt.filthy.health.numbers.digit",
        "life.lottery",
    }


@pytest.mark.parametrize("source", ["health", "education"])
@pytest.mark.parametrize("dirt", presets())
def test_the_slips_of_a_number_leave_most_records_right(data: Data, dirt: str, source: str) -> None:
    habits = getattr(data.dirt[dirt], source)
    assert 0.005 < sum(habits.numbers.model_dump().values()) < 0.35
    assert sum(habits.dates.model_dump().values()) < 0.3
    assert habits.newborn_mother + habits.newborn_missing <= 1


def test_names_are_many_and_none_stands_twice(data: Data) -> None:
    for names in data.given.values():
        for words in (names.female, names.male, names.female_new, names.male_new):
            assert len(set(words)) == len(words)
    christian = data.given["kristen"]
    assert min(len(christian.female), len(christian.male)) > 150
    assert sum(len(people.clans) for people in data.peoples) > 400
    assert len({(p.name, clan) for p in data.peoples for clan in p.clans}) == sum(
        len(p.clans) for p in data.peoples
    )


def test_weights_that_are_shares_add_up(data: Data) -> None:
    for names in data.given.values():
        assert sum(names.count) == pytest.approx(1)
        assert sum(names.count_old) == pytest.approx(1)
    assert {people.given for people in data.peoples} <= set(data.given)


def test_districts_are_the_regencys(data: Data) -> None:
    codes = [d.code for d in data.districts]
    assert len(set(codes)) == len(codes) == 24
    assert {code // 100 for code in codes} == {5301}
    assert not set(codes) & set(data.dead.codes)
    assert {code // 10**4 for code in data.dead.codes} <= data.numbers.provinces
    assert {e.regency // 100 for e in data.elsewhere} <= data.numbers.provinces


def test_it_is_read_once() -> None:
    assert load() is load()


def share(drawn: Population, source: str, *causes: str) -> float:
    rows = drawn.of(source)
    return sum(row["cause"] in causes for row in rows) / len(rows)


def test_filthy_is_dirtier_than_ordinary_and_that_than_clean(population: Callable[[str], Population]) -> None:
    wrong = [population(dirt).counts["wrong_numbers"] for dirt in ("clean", "ordinary", "filthy")]
    assert wrong[0] * 3 < wrong[1]
    assert wrong[1] * 1.5 < wrong[2]


def test_filthy_is_as_dirty_as_it_promises(filthy: Population, data: Data) -> None:
    health = data.dirt["filthy"].health
    assert sum(health.numbers.model_dump().values()) >= 0.15
    nobody = sum(not row["true_nik"] for row in filthy.of("rsud-naibonat")) / len(filthy.patients)
    twice = sum(pair["source"] == "rsud-naibonat" for pair in filthy.pairs("twice")) / len(filthy.patients)
    no_place = sum(row["tmp_lahir"] in ("", "-") for row in filthy.patients) / len(filthy.patients)
    assert nobody == pytest.approx(0.04, abs=0.006)
    assert twice == pytest.approx(0.02, abs=0.001)
    assert no_place == pytest.approx(0.40, abs=0.02)


@pytest.mark.parametrize("dirt", presets())
def test_each_way_goes_wrong_as_often_as_the_data_file_says(
    population: Callable[[str], Population], data: Data, dirt: str
) -> None:
    drawn = population(dirt)
    for source, habits in (
        ("rsud-naibonat", data.dirt[dirt].health),
        ("dapodik-kupang", data.dirt[dirt].education),
    ):
        rows = drawn.of(source)
        done = Counter(row["slip"] for row in rows)
        for kind, rate in habits.numbers.model_dump().items():
            if kind == "missing":  # newborns and those in no registry come on top
                assert done[kind] >= round(rate * len(rows))
            else:
                assert done[kind] == round(rate * len(rows)), (source, kind)


def test_in_a_spreadsheet_the_last_digit_goes_and_at_a_counter_the_family_shares_a_card(
    population: Callable[[str], Population],
) -> None:
    ordinary, spreadsheet, counter = (population(dirt) for dirt in ("ordinary", "spreadsheet", "counter"))
    for source in ("rsud-naibonat", "dapodik-kupang"):
        assert share(spreadsheet, source, "NIK_MISTYPED") > 3 * share(ordinary, source, "NIK_MISTYPED")
        others = share(counter, source, "NIK_OF_ANOTHER_PERSON")
        assert others > 3 * share(ordinary, source, "NIK_OF_ANOTHER_PERSON")
        assert others > share(counter, source, "NIK_MISTYPED") + share(counter, source, "NIK_MALFORMED")
