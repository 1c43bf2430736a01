"""The files around the code: the lock, the image, the compose file, the page that a newcomer reads first."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sqlalchemy import make_url

from tools.audit import needed

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED: dict[str, set[str]] = {}
for found in re.finditer(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", LOCK, re.MULTILINE):
    PINNED.setdefault(found[1], set()).add(found[2])  # two versions of one package for two Pythons happen
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


# --- the lock


def test_the_lock_names_no_host_and_no_path() -> None:
    for line in LOCK.splitlines():
        assert "://" not in line
        assert "file:" not in line
        assert not re.search(r"\S/\S+/", line), line
        assert not re.search(r"\b[\w-]+\.(org|com|io|net|dev)\b", line), line


def test_every_package_in_the_lock_has_a_hash() -> None:
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(re.findall(r"^[a-z0-9]\S*==", LOCK, re.MULTILINE)) > 100
    assert not [block.partition(" ")[0] for block in blocks if "--hash=sha256:" not in block]


def test_every_direct_dependency_is_in_the_lock_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    for text in wanted:
        requirement = Requirement(text)
        versions = PINNED.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement.name} is not in the lock: make lock"
        fits = all(requirement.specifier.contains(version) for version in versions)
        assert fits, f"{requirement}, but {versions} in the lock: make lock"


def test_what_is_installed_for_padan_is_what_the_lock_says() -> None:
    versions = {name: metadata.version(name) for name in needed("padan[dev,airflow,spark]")}
    assert len(versions) > 100
    strange = {name: version for name, version in versions.items() if version not in PINNED.get(name, ())}
    assert not strange, f"not as in the lock: make setup, or make lock where it was forgotten: {strange}"


@pytest.mark.slow
def test_a_package_with_another_hash_is_not_installed(tmp_path: Path) -> None:
    """The form of the Makefile's install, with a lock in which one package's hashes were changed."""
    start = LOCK.index("\nrapidfuzz==")
    end = re.compile(r"^[a-z]", re.MULTILINE).search(LOCK, start + 2)
    assert end
    changed = re.sub(r"sha256:\w{8}", "sha256:00000000", LOCK[start : end.start()])
    lock = tmp_path / "requirements.lock"
    lock.write_text(LOCK[:start] + changed + LOCK[end.start() :], encoding="utf-8")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, tmp_path / "venv"], check=True)
    install = [uv, "pip", "install", "--no-cache", "--python", tmp_path / "venv" / "bin" / "python"]
    done = subprocess.run(
        [*install, "--constraint", lock, "rapidfuzz"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode != 0
    assert "Hash mismatch" in done.stderr


# --- the compose file


def test_compose_keeps_to_the_published_schema() -> None:
    done = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            "--builtin-schema",
            "vendor.compose-spec",
            ROOT / "docker-compose.yml",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_compose_has_airflows_components_and_two_databases() -> None:
    assert set(SERVICES) == {
        "airflow-db",
        "padan-db",
        "airflow-init",
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
    }


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_when_it_is_well_and_what_it_may_use(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["mem_limit"]
    assert "privileged" not in service
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    for other in service.get("depends_on", {}):
        assert other in SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_the_compose_file(name: str) -> None:
    """What is secret lies in a file that the service is given, and not in what `docker inspect` shows."""
    service = SERVICES[name]
    for key, value in service["environment"].items():
        if re.search(r"PASSWORD(?!S_FILE)|SECRET|FERNET|SQL_ALCHEMY_CONN|STORE", key):
            file = re.fullmatch(r"(?:cat )?/run/secrets/(\w+)", value)
            assert file, key
            assert file[1] in service["secrets"]
            assert COMPOSE["secrets"][file[1]] == {"file": f"secrets/{file[1]}"}


def test_every_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    script = shutil.copy(ROOT / "deploy" / "secrets.sh", tmp_path / "deploy")
    made = []
    for _ in range(2):
        subprocess.run(["sh", script], check=True)
        made.append({file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == set(COMPOSE["secrets"])
    assert all(text and "\n" not in text for text in made[0].values()), "Airflow keeps a line's end"
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    for who, driver in (("airflow", "psycopg2"), ("padan", "psycopg")):
        url = make_url(made[0][f"{who}_db_address"])
        assert (url.drivername, url.host, url.database) == (f"postgresql+{driver}", f"{who}-db", who)
        assert url.password == made[0][f"{who}_db_password"]
    assert Fernet(made[0]["airflow_fernet_key"])


def test_every_variable_that_compose_asks_for_is_in_the_example_and_the_other_way_round() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    offered = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert asked == offered


def test_the_example_holds_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    filled = [line for line in lines if re.match(r"\w+=.", line)]
    assert filled == ["PADAN_OFFICE=./office"]


def environment_names() -> list[str]:
    names = {key for service in SERVICES.values() for key in service["environment"]}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    return sorted(names | set(re.findall(r"\b((?:AIRFLOW|PADAN)_\w+)=", dockerfile)))


@pytest.mark.parametrize("name", environment_names())
def test_every_variable_that_compose_sets_is_read_by_somebody(name: str) -> None:
    if name.startswith("AIRFLOW__"):
        from airflow.configuration import conf

        _, section, key = name.removesuffix("_CMD").split("__")
        if section == "PADAN":
            dags = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "dags").glob("*.py"))
            assert f'"padan", "{key.lower()}"' in dags
            return
        assert conf.configuration_description[section.lower()]["options"][key.lower()]
    elif name.startswith("PADAN_"):
        code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "pipelines").rglob("*.py"))
        example = (ROOT / "deploy" / "padan.toml").read_text(encoding="utf-8")
        name = name.removesuffix("_FILE")
        assert f'"{name}"' in code or f'"env:{name}"' in example
    else:
        assert name in {"AIRFLOW_HOME", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}


def test_the_offices_configuration_for_compose_is_read(tmp_path: Path) -> None:
    from datetime import date

    from pipelines.settings import load_settings

    store = "postgresql+psycopg://padan:x@padan-db/padan"
    settings = load_settings(ROOT / "deploy" / "padan.toml", date(2026, 11, 24), {"PADAN_STORE": store})
    assert settings.store == store
    names = [source.name for source in settings.everyone]
    assert names == ["dukcapil", "rsud-naibonat", "dapodik-kupang", "bpjs"]


# --- the image


def test_the_image_runs_as_nobody_special_from_the_checked_lock() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["padan"]
    text = "\n".join(lines)
    assert "--require-hashes" in text
    assert "--constraint /src/requirements.lock --build-constraint /src/requirements.lock" in text
    assert not re.search(r"https?:|--index|--find-links|curl|wget", text)


def test_the_image_gets_only_what_it_needs() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    for name in " ".join(copied).split():
        assert f"!{name}" in ignored
        assert (ROOT / name).exists()


# --- the package


@pytest.mark.slow
def test_a_wheel_brings_everything_that_a_run_reads(tmp_path: Path) -> None:
    import zipfile

    uv = Path(sys.executable).with_name("uv")
    build = [uv, "build", "--wheel", "--quiet", "--build-constraint", "requirements.lock"]
    subprocess.run([*build, "--out-dir", tmp_path], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "pipelines", "expectations"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not set(tracked) - names


def test_the_page_for_newcomers_is_short_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") < 200
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_test_that_the_threat_model_points_to_is_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", text))
    assert len(named) > 10
    assert not [name for name in named if not (ROOT / name).is_file()]
    for setting in re.findall(r"`(decisions\.bulk_limit|retention\.tables_days)` \((\d+)\)", text):
        assert setting in {("decisions.bulk_limit", "500"), ("retention.tables_days", "90")}
