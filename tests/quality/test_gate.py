"""Each gate under real Great Expectations: what is in order passes, and every single fault is seen."""

from __future__ import annotations

import contextlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipelines.engine import Artifact
from pipelines.errors import GateFailed
from pipelines.quality import GATES, gate
from pipelines.quality.suites import load_suite, suites_for
from pipelines.settings import Settings
from tests.quality.office import (
    CENTRE,
    HOSPITAL,
    REGISTRY,
    SCHOOL,
    Tables,
    add,
    change,
    keep,
    lay,
    nik,
    office,
    raw_rows,
    settings_in,
)
from tests.quality.past import rejected_before, remember
from tests.quality.spoiled import (
    FOUND,
    PATIENTS,
    RAW_CENTRE,
    RAW_HOSPITAL,
    RAW_REGISTRY,
    REGISTERED,
    SPOILED,
    WORKLIST,
    Gate,
    Spoil,
)

pytestmark = pytest.mark.slow  # the import of Great Expectations alone takes seconds

EVERY_GATE: list[Gate] = [
    *SPOILED,
    ("raw", SCHOOL, f"raw/{SCHOOL}"),
    ("records", SCHOOL, f"records/{SCHOOL}"),
]


def results(where: Gate, settings: Settings) -> dict[str, dict[str, Any]]:
    """What a gate wrote, by expectation."""
    file = settings.folder(f"gates/{where[0]}/{where[1]}") / "part-0.parquet"
    return {row["expectation"]: row for row in pq.read_table(file, schema=GATES).to_pylist()}


def ask(where: Gate, tables: Tables, settings: Settings) -> dict[str, dict[str, Any]]:
    """Run a gate whatever it says, and read what it wrote."""
    artifacts = lay(tables, settings)
    with contextlib.suppress(GateFailed):
        gate(where[0], where[1], artifacts[where[2]], settings)
    return results(where, settings)


def refused(where: Gate, tables: Tables, settings: Settings) -> str:
    """The line with which a gate stops the run."""
    artifacts = lay(tables, settings)
    with pytest.raises(GateFailed) as failed:
        gate(where[0], where[1], artifacts[where[2]], settings)
    return str(failed.value)


@pytest.mark.parametrize("where", EVERY_GATE, ids=lambda g: g[2])
def test_what_is_in_order_passes(where: Gate, settings: Settings) -> None:
    rejected_before(settings)
    written = gate(where[0], where[1], lay(office(), settings)[where[2]], settings)
    seen = results(where, settings)
    asked = [
        e["meta"]["name"] for suite in suites_for(where[0], where[1], settings) for e in suite.expectations
    ]
    assert sorted(seen) == sorted(asked)
    assert [name for name, row in seen.items() if not row["success"]] == []
    assert written == Artifact(
        str(settings.folder(f"gates/{where[0]}/{where[1]}")), len(asked), written.sha256
    )


CASES = [(where, name, spoil) for where, ways in SPOILED.items() for name, spoil in ways.items()]


@pytest.mark.parametrize(("where", "name", "spoil"), CASES, ids=[f"{w[2]}-{n}" for w, n, _ in CASES])
def test_every_fault_is_seen(where: Gate, name: str, spoil: Spoil, settings: Settings) -> None:
    rejected_before(settings)
    tables = office()
    spoil(tables, settings)
    artifacts = lay(tables, settings)
    severity = next(
        e["severity"]
        for suite in suites_for(where[0], where[1], settings)
        for e in suite.expectations
        if e["meta"]["name"] == name
    )
    if severity == "critical":
        with pytest.raises(GateFailed, match=f"^gate {where[0]}: {where[2]}: "):
            gate(where[0], where[1], artifacts[where[2]], settings)
    else:
        gate(where[0], where[1], artifacts[where[2]], settings)
    row = results(where, settings)[name]
    assert not row["success"]
    assert row["severity"] == severity


def test_there_is_a_fault_for_every_expectation(settings: Settings) -> None:
    tried = {(where[0], where[1]): set(ways) for where, ways in SPOILED.items()}
    shared = {e["meta"]["name"] for e in load_suite("records_people").expectations}
    for stage, name, _ in SPOILED:
        asked = {e["meta"]["name"] for suite in suites_for(stage, name, settings) for e in suite.expectations}
        if (stage, name) == ("records", REGISTRY):
            asked -= shared  # tried on the patients
        assert tried[stage, name] == asked


def test_a_registry_cut_to_half_stops_the_run_with_one_line(settings: Settings) -> None:
    remember(settings, date(2026, 11, 23), {REGISTRY: {"raw": 400, "records": 400}})
    tables = office()
    add(tables, RAW_REGISTRY[2], *raw_rows(193, record_id="1", nik=nik(1), name="X"))
    assert refused(RAW_REGISTRY, tables, settings) == (
        "gate raw: raw/dukcapil: registry_not_shrunk: saw 200, expected: The registry has at least 392 rows "
        "(last published run, 2026-11-23: 400; quality.registry_may_shrink = 0.02)."
    )


def test_a_registry_that_lost_one_in_a_hundred_passes(settings: Settings) -> None:
    remember(settings, date(2026, 11, 23), {REGISTRY: {"raw": 100, "records": 100}})
    tables = office()
    add(tables, RAW_REGISTRY[2], *raw_rows(92, record_id="1", nik=nik(1), name="X"))
    seen = ask(RAW_REGISTRY, tables, settings)["registry_not_shrunk"]
    assert (seen["success"], seen["observed"]) == (True, 99)


def test_a_lost_record_stops_the_run_and_says_how_many(settings: Settings) -> None:
    tables = office()
    keep(tables, PATIENTS[2], 3)
    assert refused(PATIENTS, tables, settings) == (
        "gate records: records/rsud-naibonat: rows_accounted: saw 3, expected: "
        "Exactly 4 rows: 5 received less 1 in quarantine."
    )


def test_a_column_that_is_gone_is_named_before_all_that_follows_from_it(settings: Settings) -> None:
    tables = office()
    tables[PATIENTS[2]] = tables[PATIENTS[2]].rename_columns(
        ["jenis_kelamin" if name == "sex" else name for name in tables[PATIENTS[2]].column_names]
    )
    line = refused(PATIENTS, tables, settings)
    assert "columns_there: without sex; with unknown jenis_kelamin, expected:" in line
    assert line.endswith("more)")


def test_rows_that_differ_are_counted_and_never_shown(settings: Settings) -> None:
    tables = office()
    for index in (0, 1):
        change(tables, PATIENTS[2], index, sex="FRANSISKA", nik_recorded="5301049988776655")
    line = refused(PATIENTS, tables, settings)
    assert (
        line
        == "gate records: records/rsud-naibonat: sex_known: 2 of 4 differ, expected: Sex is L or P, or empty."
    )
    row = results(PATIENTS, settings)["sex_known"]
    assert (row["observed"], row["unexpected"]) == (4, 2)
    written = settings.folder(f"gates/records/{HOSPITAL}")
    everything = "".join(path.read_text(errors="ignore") for path in written.rglob("*") if path.is_file())
    assert "FRANSISKA" not in everything
    assert "5301049988776655" not in everything


def test_the_number_of_failures_is_told_when_there_are_several(settings: Settings) -> None:
    tables = office()
    change(tables, FOUND[2], 0, owner="puskesmas", evidence=None)
    assert refused(FOUND, tables, settings).startswith("gate findings: findings: owner_known: 1 of 5 differ")
    assert refused(FOUND, tables, settings).endswith("(and 1 more)")


def test_a_warning_does_not_stop_the_run(settings: Settings) -> None:
    tables = office()
    SPOILED[REGISTERED]["registry_nik_once"](tables, settings)
    row = ask(REGISTERED, tables, settings)["registry_nik_once"]
    assert (row["success"], row["severity"], row["observed"]) == (False, "warning", 1)


def test_no_verdicts_are_only_a_warning(settings: Settings) -> None:
    tables = office()
    keep(tables, RAW_CENTRE[2], 0)
    artifacts = lay(tables, settings)
    gate("raw", CENTRE, artifacts[RAW_CENTRE[2]], settings)
    assert not results(RAW_CENTRE, settings)["rows_there"]["success"]


def test_a_finding_that_no_item_tells_of_is_missed(settings: Settings) -> None:
    """Without the office's earlier answer the fifth finding is on no worklist."""
    assert "findings_on_worklist: saw 1, expected:" in refused(WORKLIST, office(), settings)


def test_what_is_expected_is_told_in_the_configured_language(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, language="id")
    row = ask(PATIENTS, office(), settings)["rows_accounted"]
    assert row["detail"] == "Tepat 4 baris: 5 diterima dikurangi 1 di karantina."


def test_the_same_table_gives_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = settings_in(tmp_path / "other")
    written = []
    for one in (settings, other):
        folder = Path(gate(PATIENTS[0], PATIENTS[1], lay(office(), one)[PATIENTS[2]], one).path)
        written.append({str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()})
    assert written[0] == written[1]
    assert len(written[0]) >= 4


def test_results_beside_the_table_are_those_of_great_expectations(settings: Settings) -> None:
    ask(PATIENTS, office(), settings)
    text = (settings.folder(f"gates/records/{HOSPITAL}") / "validation.json").read_text()
    (validation,) = json.loads(text)
    assert (validation["suite"], validation["table"]) == ("records_people", "records/rsud-naibonat")
    by_name = {r["expectation_config"]["meta"]["name"]: r for r in validation["results"]}
    assert by_name["key_unique"]["expectation_config"]["type"] == "expect_column_values_to_be_unique"
    assert by_name["key_unique"]["result"]["element_count"] == 4
    assert not any(
        word in text for word in ("partial_unexpected", 'traceback": "', "batch_id", str(settings.data))
    )


def test_a_table_that_is_not_there_is_an_error_of_its_own(settings: Settings) -> None:
    tables = office()
    artifacts = lay(tables, settings)
    (settings.folder(f"quarantine/standardise/{HOSPITAL}") / "part-0.parquet").unlink()
    with pytest.raises(FileNotFoundError, match="no quarantine table"):
        gate("records", HOSPITAL, artifacts[PATIENTS[2]], settings)


def test_only_the_owner_may_read_results(settings: Settings) -> None:
    ask(RAW_HOSPITAL, office(), settings)
    folder = settings.folder(f"gates/raw/{HOSPITAL}")
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
