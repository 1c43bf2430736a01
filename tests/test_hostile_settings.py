"""A configuration as an attack, or as a slip that would show a secret: every mistake is told, no secret is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.settings import ConfigError, load_settings

DAY = date(2026, 11, 24)
TEXT = """
[padan]
{padan}
[registry]
name = "dukcapil"
layout = "siak"
location = "registry.csv"
[[sources]]
name = {name}
layout = {layout}
location = "pasien.csv"
sector = {sector}
"""
SECRET = "P@ssw0rd-of-the-hospital"


def read(
    folder: Path, padan: str = "", name: str = '"rsud"', layout: str = '"khanza"', sector: str = '"health"'
) -> str:
    """The mistakes of a configuration, as they would be printed; empty if it is good."""
    (folder / "padan.toml").write_text(TEXT.format(padan=padan, name=name, layout=layout, sector=sector))
    try:
        load_settings(folder / "padan.toml", DAY, {"PADAN_SECRET": SECRET})
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "name",
    ["../outbox", "..", "/etc", "a/b", "a\\\\b", "rsud\\u0000", "rsud\\n", "RSUD", "rs\\u202eud", "рsud", "x" * 64, "",
     "<b>", "'; drop table item_state; --"],
)  # fmt: skip
def test_a_sources_name_that_could_leave_its_folder(tmp_path: Path, name: str) -> None:
    said = read(tmp_path, name=f'"{name}"')
    assert "sources.0.name: expected small letters, digits" in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": '"env:PADAN_SECRET"'},
        {"layout": '"env:PADAN_SECRET"'},
        {"padan": 'language = "env:PADAN_SECRET"'},
        {"padan": 'data = ["env:PADAN_SECRET"]'},
        {"padan": 'pdf = "env:PADAN_SECRET"'},
        {"padan": '[limits]\nbytes = "env:PADAN_SECRET"'},
        {"padan": '[resources]\nmemory = "env:PADAN_SECRET"'},
        {"padan": '[signing]\nprivate_key = "env:PADAN_SECRET"'},
    ],
    ids=str,
)
def test_a_secret_in_the_wrong_place_is_a_mistake_and_not_shown(
    tmp_path: Path, wrong: dict[str, str]
) -> None:
    said = read(tmp_path, **wrong)
    assert said
    assert SECRET not in said


def test_every_mistake_of_the_limits_is_told_at_once(tmp_path: Path) -> None:
    said = read(tmp_path, padan='[limits]\nbytes = "many"\nrows = 0\ncolumns = -1\nseconds = "x"\nratio = 0')
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "limits.bytes", "limits.ratio", "limits.rows", "limits.columns", "limits.seconds",
    ]  # fmt: skip
    assert "(seen: 'many')" in said


def test_values_inside_values_without_end(tmp_path: Path) -> None:
    assert "cannot be read as TOML" in read(tmp_path, padan="x = " + "[" * 100_000)


def test_sql_in_a_sector_is_a_word(tmp_path: Path) -> None:
    assert read(tmp_path, sector='"health\'; drop table item_state; --"') == ""
