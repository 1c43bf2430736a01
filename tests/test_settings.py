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


def on_spark(folder: Path, padan: str = 'engine = "spark"', spark: str = "") -> Settings:
    file = folder / "padan.toml"
    text = CONFIG.replace('store = "env:PADAN_STORE"', padan).replace(
        '"airflow:khanza"\ntoken', '"a.csv"\ntoken'
    )
    text = text.replace('token = "airflow:khanza"\n', "")
    file.write_text(f"{text}\n{spark}", encoding="utf-8")
    return load_settings(file, DAY, {})


def test_spark_runs_here_unless_another_place_is_named(tmp_path: Path) -> None:
    settings = on_spark(tmp_path)
    assert (settings.engine, settings.spark.master, settings.spark.scratch) == ("spark", "local[*]", None)
    assert on_spark(tmp_path, "").engine == "duckdb"


def test_spark_may_have_a_cluster_and_a_place_of_its_own(tmp_path: Path) -> None:
    spark = '[spark]\nmaster = "spark://10.0.0.7:7077"\nscratch = "s3a://padan/scratch"\n[spark.conf]\n"spark.a" = "1"'
    settings = on_spark(tmp_path, spark=spark)
    assert settings.spark.master == "spark://10.0.0.7:7077"
    assert settings.spark.scratch == "s3a://padan/scratch"
    assert settings.spark.conf == {"spark.a": "1"}
    assert on_spark(tmp_path, spark='[spark]\nscratch = "fast"').spark.scratch == str(tmp_path / "fast")


@pytest.mark.parametrize(
    ("padan", "spark", "mistake"),
    [
        ('engine = "flink"', "", "engine: Input should be 'duckdb' or 'spark' (seen: 'flink')"),
        ("", '[spark]\nmaster = "10.0.0.7"', "spark.master: String should match pattern"),
        ("", "[spark]\ncores = 2", "spark.cores: unknown key"),
        ("", 'engine = "spark"', "sources.0.engine: unknown key"),  # below a table's heading
    ],
)
def test_an_engine_that_cannot_be_is_a_line(tmp_path: Path, padan: str, spark: str, mistake: str) -> None:
    with pytest.raises(ConfigError) as caught:
        on_spark(tmp_path, padan, spark)
    assert len(caught.value.mistakes) == 1
    assert caught.value.mistakes[0].startswith(mistake)


def test_without_its_packages_spark_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.settings.find_spec", lambda name: None if name == "pyspark" else name)
    with pytest.raises(ConfigError) as caught:
        on_spark(tmp_path)
    assert caught.value.mistakes == [
        "padan.engine: Spark is not installed (pyspark); expected pip install 'padan[spark]'"
    ]
    assert on_spark(tmp_path, "").engine == "duckdb"
