"""Where a value of `padan.toml` may lie instead: the environment, a file that it names, a scheduler's vault."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.settings import ConfigError, Settings, Source, load_settings

DAY = date(2026, 11, 24)
CONFIG = """
[padan]
store = "env:PADAN_STORE"

[registry]
name = "dukcapil"
layout = "siak"
location = "registry.csv"

[[sources]]
name = "rsud"
layout = "khanza"
location = "airflow:khanza"
token = "airflow:khanza"
"""


def load(folder: Path, environ: dict[str, str], known: dict[tuple[str, bool], str] | None = None) -> Settings:
    file = folder / "padan.toml"
    file.write_text(CONFIG, encoding="utf-8")
    asked = known or {}
    return load_settings(file, DAY, environ, {"airflow": lambda name, secret: asked.get((name, secret))})


def test_a_schedulers_vault_gives_addresses_and_secrets(tmp_path: Path) -> None:
    vault = {("khanza", False): "mysql+pymysql://u:p@host/sik", ("khanza", True): "s3cret"}
    settings = load(tmp_path, {"PADAN_STORE": "sqlite:////tmp/a.sqlite"}, vault)
    assert settings.sources[0].location == "mysql+pymysql://u:p@host/sik"
    assert settings.sources[0].token == "s3cret"


def test_a_secret_may_lie_in_a_file_that_the_environment_names(tmp_path: Path) -> None:
    """As Docker hands a secret to a container, with the line's end that an editor leaves."""
    (tmp_path / "store").write_text("postgresql+psycopg://padan:x@db/padan\n", encoding="utf-8")
    vault = {("khanza", False): "a.csv", ("khanza", True): "t"}
    settings = load(tmp_path, {"PADAN_STORE_FILE": str(tmp_path / "store")}, vault)
    assert settings.store == "postgresql+psycopg://padan:x@db/padan"


def test_whatever_leads_nowhere_is_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, {"PADAN_STORE_FILE": str(tmp_path / "not-there")})
    assert caught.value.mistakes == [
        "padan.store: environment variable PADAN_STORE is not set",
        "sources[0].location: Airflow has no connection khanza, or this is no run under Airflow; "
        "env:NAME is known everywhere",
        "sources[0].token: Airflow has no connection khanza, or this is no run under Airflow; "
        "env:NAME is known everywhere",
    ]


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("/srv/padan/pasien.csv", "file:///srv/padan/pasien.csv"),
        ("mysql+pymysql://u:hunter2@10.0.0.7:3306/sik?charset=latin1", "mysql://10.0.0.7:3306/sik"),
        ("https://u:hunter2@rsud.example/fhir/Patient?token=hunter2", "https://rsud.example/fhir/Patient"),
    ],
)
def test_a_place_that_is_shown_holds_no_secret(location: str, place: str) -> None:
    assert Source(name="rsud", layout="khanza", location=location).place == place  # type: ignore[arg-type]
