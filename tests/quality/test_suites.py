"""The reviewed suites as they lie on disk: complete, in both languages, and in step with the contracts."""

from __future__ import annotations

from string import Template
from typing import Any

import pytest

from pipelines.quality.bounds import bounds_of
from pipelines.quality.suites import STAGES, Filled, Suite, filled, load_suite, shipped, suites_for, table_of
from pipelines.records import (
    ELEMENTS,
    FINDINGS,
    ITEMS,
    PERSON_FIELDS,
    RECORDS,
    VERDICT_FIELDS,
    VERDICTS,
    Cause,
    ItemStatus,
    NikClass,
    Status,
    raw_schema,
)
from pipelines.settings import Settings
from tests.quality.office import CENTRE, HOSPITAL, REGISTRY, SCHOOL, lay, office

SUITES = [load_suite(name) for name in shipped()]
TABLES = {
    "raw_people": raw_schema(PERSON_FIELDS),
    "raw_verdicts": raw_schema(VERDICT_FIELDS),
    "records_people": RECORDS,
    "records_verdicts": VERDICTS,
    "findings": FINDINGS,
    "items": ITEMS,
}


def expectation(suite: str, name: str) -> Any:
    return next(e for e in load_suite(suite).expectations if e["meta"]["name"] == name)


def test_a_suite_is_a_file_of_its_name() -> None:
    assert [suite.name for suite in SUITES] == list(shipped())
    assert {"raw_people", "raw_verdicts", "records_people", "records_registry", "records_verdicts"} < set(
        shipped()
    )


@pytest.mark.parametrize("suite", SUITES, ids=lambda s: s.name)
def test_an_auditor_reads_what_is_expected_and_why(suite: Suite) -> None:
    assert all(suite.title[language] for language in ("id", "en"))
    for one in suite.expectations:
        assert one["severity"] in ("critical", "warning")
        assert one["meta"]["reads"] in ("columns", "rows", "metrics")
        for language in ("id", "en"):
            words = one["meta"][language]
            assert words["expects"].endswith("."), one["meta"]["name"]
            assert words["why"].endswith("."), one["meta"]["name"]
        assert one["meta"]["id"] != one["meta"]["en"]


@pytest.mark.parametrize("suite", SUITES, ids=lambda s: s.name)
def test_both_languages_name_the_same_bounds(suite: Suite) -> None:
    for one in suite.expectations:
        named = [
            set(Template(one["meta"][language]["expects"]).get_identifiers()) for language in ("id", "en")
        ]
        assert named[0] == named[1], one["meta"]["name"]


@pytest.mark.parametrize(
    ("stage", "name"),
    [
        ("raw", REGISTRY),
        ("raw", HOSPITAL),
        ("raw", CENTRE),
        ("records", REGISTRY),
        ("records", HOSPITAL),
        ("records", CENTRE),
        ("findings", "findings"),
        ("items", "items"),
    ],
)
def test_within_a_gate_a_name_occurs_once_and_every_bound_is_known(
    stage: str, name: str, settings: Settings
) -> None:
    lay(office(), settings)
    suites = suites_for(stage, name, settings)
    values = bounds_of(stage, name, 5, settings)
    expectations = [one for suite in suites for one in suite.fill(values, "id")]
    names = [one["meta"]["name"] for one in expectations]
    assert len(names) == len(set(names))
    assert "$" not in str(expectations)


@pytest.mark.parametrize(("suite", "schema"), TABLES.items(), ids=list(TABLES))
def test_columns_are_those_of_the_contract(suite: str, schema: Any) -> None:
    assert expectation(suite, "columns_there")["kwargs"]["column_set"] == schema.names


@pytest.mark.parametrize("suite", SUITES, ids=lambda s: s.name)
def test_a_suite_names_only_columns_that_the_table_has(suite: Suite) -> None:
    schema = TABLES.get(suite.name, RECORDS)
    assert suite.columns("rows") <= set(schema.names)


@pytest.mark.parametrize(
    ("suite", "name", "known"),
    [
        ("records_people", "nik_class_known", NikClass),
        ("records_people", "status_known", Status),
        ("findings", "cause_known", Cause),
        ("items", "cause_known", Cause),
        ("items", "status_known", ItemStatus),
    ],
)
def test_known_values_are_those_of_the_contract(suite: str, name: str, known: Any) -> None:
    assert expectation(suite, name)["kwargs"]["value_set"] == [value.value for value in known]


def test_causes_that_exclude_each_other_are_those_down_to_the_inactive_number() -> None:
    condition = expectation("findings", "one_cause_for_number")["kwargs"]["row_condition"]
    assert condition["parameter"] == [c.value for c in Cause][: [*Cause].index(Cause.NIK_INACTIVE) + 1]


def test_elements_are_those_of_the_contract_in_any_number() -> None:
    pattern = expectation("findings", "elements_known")["kwargs"]["regex"]
    assert pattern.count("|".join(ELEMENTS)) == 2


def test_a_bound_is_filled_in_as_a_value_and_in_words() -> None:
    values = {
        "registry_min_rows": filled(380),
        "registry_may_shrink": filled(0.02),
        "last_rows": Filled(None, {"id": "388 baris", "en": "388 rows"}),
    }
    (one,) = load_suite("raw_registry").fill(values, "id")
    assert one["kwargs"] == {"min_value": 380}
    assert "380 baris (388 baris;" in one["description"]
    assert "380 rows (388 rows;" in one["meta"]["en"]["expects"]


def test_a_bound_that_nobody_gives_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"last_rows|registry"):
        load_suite("raw_registry").fill({}, "id")


@pytest.mark.parametrize(
    ("stage", "name", "table"),
    [
        ("raw", REGISTRY, "raw/dukcapil"),
        ("records", SCHOOL, "records/dapodik-kupang"),
        ("records", CENTRE, "verdicts/bpjs"),
        ("findings", "findings", "findings"),
    ],
)
def test_a_table_is_called_as_it_lies_on_disk(stage: str, name: str, table: str, settings: Settings) -> None:
    assert table_of(stage, name, settings) == table


def test_an_unknown_gate_or_source_is_an_error(settings: Settings) -> None:
    with pytest.raises(KeyError, match="gates are raw, records, findings, items"):
        suites_for("matches", REGISTRY, settings)
    with pytest.raises(KeyError, match="no source called 'puskesmas'"):
        suites_for("raw", "puskesmas", settings)
    assert STAGES[0] == "raw"
