"""Are records with a right number cleaner? The measure of it, and an office in which they are."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.padan import Coming, findings, settings_of
from bench.score import BESIDE
from bench.selection import FIELDS, _spoil, differences, misjudged, read_shifts, soil, write_shifts
from pipelines.match.weights import _OFFSETS, WIDTH
from pipelines.settings import Settings

SHARES = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)


def shares(parts: list[float]) -> np.ndarray:
    return np.array([1.0, *(part / sum(parts) for part in parts)])


def test_what_is_misjudged_is_counted_in_bits() -> None:
    assert misjudged(shares([0.5, 0.25, 0.25]), shares([0.5, 0.25, 0.25])) == 0
    # Half of them show a level of which a quarter was expected (1 bit), the other half a level as expected.
    assert misjudged(
        np.array([1.0, 0.5, 0.25, 0.25]), np.array([1.0, 0.5, 0.5, 0.0 + 1e-300])
    ) == pytest.approx(0.5)


@given(SHARES, SHARES)
def test_it_is_never_less_than_nothing(expected: list[float], found: list[float]) -> None:
    assert misjudged(shares(expected), shares(found)) >= -1e-12


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pipelines.sample import demo

    folder = tmp_path_factory.mktemp("selection") / "office"
    demo(folder, 4000, 14, "filthy")
    return folder


@pytest.fixture(scope="module")
def soiled(office: Path) -> Path:
    folder = office.parent / "soiled"
    soil(office, folder)
    return folder


def test_only_records_with_a_wrong_number_are_soiled_and_only_in_three_fields(
    office: Path, soiled: Path
) -> None:
    truth = rows(office / "sources" / "truth.csv")
    fault = {(t["source"], t["source_record_id"]): t["cause"] not in BESIDE for t in truth}
    for file, (source, key, *fields) in FIELDS.items():
        before, after = (rows(folder / "sources" / file) for folder in (office, soiled))
        wrong = [(x, y) for x, y in zip(before, after, strict=True) if fault[source, x[key]]]
        assert all(x == y for x, y in zip(before, after, strict=True) if not fault[source, x[key]])
        assert all(x[column] == y[column] for x, y in wrong for column in x if column not in fields)
        for field in fields:
            filled = [(x, y) for x, y in wrong if len(x[field]) > 2]
            changed = sum(x[field] != y[field] for x, y in filled)
            assert 0.4 < changed / len(filled) < 0.6, field
    assert (soiled / "sources" / "truth.csv").read_bytes() == (office / "sources" / "truth.csv").read_bytes()
    assert (soiled / "padan.toml").read_bytes() == (office / "padan.toml").read_bytes()


def test_soiling_is_the_same_every_time(office: Path, soiled: Path, tmp_path: Path) -> None:
    soil(office, tmp_path / "again")
    for file in FIELDS:
        assert (tmp_path / "again" / "sources" / file).read_bytes() == (
            soiled / "sources" / file
        ).read_bytes()


@pytest.mark.parametrize(
    ("written", "spoilt"),
    [
        ("1990-05-07", "1990-05-08"),
        ("07-05-1990", "08-05-1990"),
        ("29/01/2001", "20/01/2001"),
        ("", ""),
        ("-", "-"),
    ],
)
def test_a_spoilt_date_has_another_day(written: str, spoilt: str) -> None:
    """Of half the records, whoever they are; a date that is not there stays as it is."""
    seen = []
    for key in map(str, range(40)):
        row = {"name": "", "born": written, "mother": ""}
        _spoil(row, key, "name", "born", "mother")
        seen.append(row["born"])
    assert set(seen) == {written, spoilt}


def linked(office: Path) -> tuple[Settings, Settings]:
    """The office's settings with its records made, and those of its matches."""
    base = settings_of(office)
    whole = base.model_copy(update={"data": base.data / "without" / "whole"})
    findings(Coming(base), whole)
    return base, whole


@pytest.mark.slow
def test_where_dirt_and_wrong_numbers_are_apart_nothing_is_misjudged_and_else_much(
    office: Path, soiled: Path
) -> None:
    as_drawn, as_soiled = (
        {(d.source, d.comparison): d for d in differences(*linked(f))} for f in (office, soiled)
    )
    assert as_drawn.keys() == as_soiled.keys()
    assert {comparison for _, comparison in as_drawn} >= {
        "name",
        "birth_date",
        "sex",
        "birth_place",
        "mother_name",
    }
    for key in as_drawn:
        assert as_drawn[key].right == as_soiled[key].right
    for source, *_ in FIELDS.values():
        for comparison in ("name", "birth_date"):
            clean, dirty = as_drawn[source, comparison], as_soiled[source, comparison]
            assert clean.bits < 0.1 < 0.3 < dirty.bits
            assert clean.seen_bits < 0.1 < 0.3 < dirty.seen_bits
            assert dirty.wrong.agree < dirty.right.agree - 0.2
            assert dirty.answered < dirty.verified - 0.2
        assert as_soiled[source, "sex"].bits < 0.05


@pytest.mark.slow
def test_the_shifts_lower_what_failing_records_agree_in_less(soiled: Path) -> None:
    base, whole = linked(soiled)
    write_shifts(base, whole)
    shifts = read_shifts(base)
    assert len(shifts) == len(base.sources)
    for shift in shifts:
        assert shift.shape == (WIDTH,)
        assert shift[0] == 0, "the prior is not an m"
        assert shift[_OFFSETS["name"]] < -0.3, "an identical name is rarer among them"
        assert shift[_OFFSETS["birth_date"]] < -0.3
        assert abs(shift[_OFFSETS["sex"]]) < 0.1
