"""Every command of the README is run, and what it shows is what comes out."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml

from pipelines.layouts import Layout
from pipelines.settings import load_settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str = README) -> list[list[str]]:
    lines = "".join(blocks("console", text)).splitlines()
    return [shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]


def of(program: str, text: str = README) -> list[list[str]]:
    return [command for command in commands(text) if command[0] == program]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What a fresh `make` prints: these tests may themselves run under one, which would hand down its flags."""
    fresh = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=fresh, capture_output=True, text=True)


def test_every_command_is_of_a_kind_that_is_tried_here() -> None:
    kinds = {command[0] for command in commands()}
    assert kinds == {"make", ".venv/bin/padan", "docker", "sh"}
    assert {command[1] for command in of(".venv/bin/padan")} == {
        "check",
        "run",
        "status",
        "explain",
        "decide",
        "verify",
        "report",
        "purge",
    }


@pytest.mark.parametrize("target", sorted({c[1] for c in of("make") + of("make", CONTRIBUTING)}))
def test_make_knows_the_target_and_says_what_it_does(target: str) -> None:
    """`make test` cannot be run by a test; that its recipe stands, and what it would do, can be asked."""
    would = make("--dry-run", "--always-make", target)
    assert would.returncode == 0, would.stderr
    told = make("help").stdout
    assert f"make {target} " in told


def test_docker_is_asked_for_what_the_compose_file_has() -> None:
    (command,) = of("docker")
    assert command == ["docker", "compose", "up", "-d", "--build"]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert any(service.get("build") for service in services.values())
    for _, script in of("sh"):  # what it makes, a test of the compose file asks
        assert (ROOT / script).is_file()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `make demo` was run, as its recipe says; what it printed is in `demo.txt`."""
    folder = tmp_path_factory.mktemp("readme")
    recipe = make("--dry-run", "demo").stdout.splitlines()[-1]
    assert recipe.startswith(".venv/bin/padan demo --people 20000")
    done = padan(folder, shlex.split(recipe)[1:])
    (folder / "demo.txt").write_text(done, encoding="utf-8")
    return folder


def padan(folder: Path, arguments: list[str]) -> str:
    program = Path(sys.executable).with_name("padan")
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shape(text: str) -> list[str]:
    """Lines with every number, however long, as one sign: another population has the same shape."""
    return [re.sub(r" *\d[\d,]*", " #", line).rstrip() for line in text.strip().splitlines()]


@pytest.mark.slow
def test_the_demo_prints_what_the_readme_shows(office: Path) -> None:
    (shown,) = blocks("text")
    printed = (office / "demo.txt").read_text(encoding="utf-8")
    assert shape(shown) == shape(printed)


@pytest.mark.slow
def test_the_demo_leaves_what_it_names(office: Path) -> None:
    printed = (office / "demo.txt").read_text(encoding="utf-8")
    places = re.findall(r"^(?:worklist|workbook|report) +(\S+)$", printed, re.MULTILINE)
    assert len(places) == 3
    for place in places:
        assert (office / place).stat().st_size > 1000


@pytest.mark.slow
def test_the_commands_of_every_day_do_what_they_say(office: Path) -> None:
    """In the README's order, on the demo's folder."""
    day = "2030-01-01"
    for _, *arguments in of(".venv/bin/padan"):
        if "ITEM" in arguments:
            with (office / "demo" / "outbox" / day / "worklist.csv").open(encoding="utf-8") as handle:
                item = next(i for i in csv.DictReader(handle) if i["cause"] == "NIK_MISTYPED")
            arguments[arguments.index("ITEM")] = item["item_id"]
        printed = padan(office, arguments)
        if "status" in arguments:
            assert f"{day}: " in printed
            assert "NIK_MISTYPED" in printed
        if "explain" in arguments:
            assert "NIK_MISTYPED" in printed
        if "check" in arguments:
            assert printed.count("can be read") == 5


def test_the_configuration_of_the_readme_is_one(tmp_path: Path) -> None:
    config, _ = blocks("toml")
    (tmp_path / "padan.toml").write_text(config, encoding="utf-8")
    url = "mysql+pymysql://padan:x@127.0.0.1/sik"
    settings = load_settings(tmp_path / "padan.toml", date(2026, 11, 24), {"PADAN_RSUD_URL": url})
    assert [source.name for source in settings.everyone] == [
        "dukcapil",
        "rsud-naibonat",
        "dapodik-kupang",
        "bpjs",
        "pusat",
    ]


def test_the_layout_of_the_readme_reads_such_a_file(tmp_path: Path) -> None:
    from pipelines.extract import probe

    _, text = blocks("toml")
    assert Layout.model_validate(tomllib.loads(text)).name == "puskesmas"
    shutil.copytree(Path(__file__).parent / "end_to_end" / "data" / "kupang", tmp_path / "office")
    config = tmp_path / "office" / "padan.toml"
    (tmp_path / "office" / "puskesmas.toml").write_text(text, encoding="utf-8")
    (tmp_path / "office" / "pasien.csv").write_text(
        "no_rm,no_ktp,nama_pasien,jk,tgl_lahir,ibu_kandung\n7,5301061203790003,Yohanes,L,12-03-1979,Maria\n",
        encoding="utf-8",
    )
    config.write_text(
        config.read_text(encoding="utf-8").replace('"khanza"', '"puskesmas.toml"'), encoding="utf-8"
    )
    settings = load_settings(config, date(2026, 11, 24))
    looked = probe(settings.source("rsud-naibonat"), settings)
    assert looked.problem is None
    assert set(looked.columns) == {"record_id", "nik", "name", "sex", "birth_date", "mother_name"}


def test_every_cause_is_named() -> None:
    from pipelines.records import Cause

    for cause in Cause:
        assert f"`{cause}`" in README
