from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from pipelines.sample import demo, demo_config
from pipelines.settings import load_settings


@pytest.mark.parametrize(("folder", "location"), [(".", "pasien.csv"), ("sources", "sources/pasien.csv")])
def test_the_demos_configuration_is_a_configuration(tmp_path: Path, folder: str, location: str) -> None:
    (tmp_path / "padan.toml").write_text(demo_config(folder))
    settings = load_settings(tmp_path / "padan.toml", date(2026, 11, 24))
    assert [source.name for source in settings.everyone] == [
        "dukcapil",
        "rsud-naibonat",
        "dapodik-kupang",
        "bpjs",
    ]
    assert [source.sector for source in settings.sources] == ["health", "education"]
    assert settings.source("rsud-naibonat").location == str(tmp_path / location)


def test_a_demo_is_drawn_beside_its_configuration(tmp_path: Path) -> None:
    config = demo(tmp_path / "demo", 300, 1)
    settings = load_settings(config, date(2026, 11, 24))
    assert config == tmp_path / "demo" / "padan.toml"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.parent.stat().st_mode) == 0o700
    assert all(Path(source.location).is_file() for source in settings.everyone)


def test_what_was_changed_in_a_demos_configuration_stays(tmp_path: Path) -> None:
    config = demo(tmp_path, 300, 1)
    config.write_text(config.read_text().replace('language = "id"', 'language = "en"'))
    demo(tmp_path, 300, 2, "filthy")
    assert load_settings(config, date(2026, 11, 24)).language == "en"


def test_an_offices_own_configuration_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "padan.toml").write_text("[padan]\n")
    with pytest.raises(ValueError, match="another folder"):
        demo(tmp_path, 300, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["padan.toml"]
