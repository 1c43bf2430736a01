"""What the operator's guide tells to type exists, and a backup made its way gives the store back."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml
from sqlalchemy import make_url, text

from pipelines.cli import parser
from pipelines.settings import load_settings
from pipelines.store import Event, append_events, open_store, read_session, verify_ledger, write_session
from tests.store.backends import database
from tests.test_readme import blocks

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
COMMANDS = [
    shlex.split(line.removeprefix("$ ").partition(" > ")[0].partition(" < ")[0])
    for block in blocks("console", GUIDE)
    for line in block.splitlines()
]
INSIDE = [command[2:] for command in COMMANDS if command[:3] == ["docker", "compose", "exec"]]


def test_every_service_that_is_named_is_in_the_compose_file() -> None:
    asked = {next(word for word in inside[1:] if not word.startswith("-")) for inside in INSIDE}
    assert asked == {"api-server", "scheduler", "padan-db"}
    assert asked <= COMPOSE["services"].keys()


def test_every_setting_of_airflows_that_is_read_is_told_and_the_other_way_round() -> None:
    dags = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "dags").glob("*.py"))
    read = {
        f"AIRFLOW__PADAN__{key.upper()}" for key in re.findall(r'conf\.get\w*\(\s*"padan", "(\w+)"', dags)
    }
    assert read == set(re.findall(r"AIRFLOW__PADAN__\w+", GUIDE))


def test_every_picture_is_there() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", GUIDE)
    assert shown
    assert all((ROOT / "docs" / name).is_file() for name in shown)


def test_every_padan_command_is_understood() -> None:
    said = [inside[inside.index("padan") + 1 :] for inside in INSIDE if inside[2] == "padan"]
    assert {arguments[0] for arguments in said} == {"check", "status", "verify", "run", "erase"}
    (folder,) = [arguments[1] for arguments in said if arguments[0] == "verify"]
    assert folder.startswith("outbox/")
    for arguments in said:
        if arguments[0] != "verify":  # which asks for a folder that is there
            parser(date(2026, 11, 24)).parse_args(arguments)


def test_every_other_program_is_one_that_is_known() -> None:
    assert {command[0] for command in COMMANDS} == {"cp", "docker", "openssl", "sh"}
    assert {inside[2 if inside[1] != "-T" else 3] for inside in INSIDE} == {
        "cat", "padan", "airflow", "pg_dump", "pg_restore",
    }  # fmt: skip


def test_keys_made_its_way_are_taken(tmp_path: Path) -> None:
    made = [command for command in COMMANDS if command[0] == "openssl"]
    assert len(made) == 2
    for command in made:
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (shown,) = blocks("toml", GUIDE)
    assert tomllib.loads(shown)["signing"].keys() == {"private_key", "public_key"}
    office = tmp_path / "office"
    shutil.copytree(ROOT / "tests" / "end_to_end" / "data" / "kupang", office)
    config = office / "padan.toml"
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{shown}", encoding="utf-8")
    environment = {
        "PADAN_SIGNING_KEY": (tmp_path / "signing.pem").read_text(),
        "PADAN_SIGNING_PUBLIC": (tmp_path / "signing.pub.pem").read_text(),
    }
    assert load_settings(config, date(2026, 11, 24), environment).signing.private_key


def client(name: str) -> str:
    """PostgreSQL's own program of this machine, else the one that comes with the tests' embedded server."""
    import pgserver

    return shutil.which(name) or str(Path(pgserver.__file__).parent / "pginstall" / "bin" / name)


@pytest.mark.slow
def test_a_backup_gives_the_ledger_back(tmp_path: Path) -> None:
    """With the options of the guide, on a server of this machine instead of the compose file's."""
    dump, restore = ([*inside[3:]] for inside in INSIDE if inside[1] == "-T")
    with database() as url:
        with write_session(url) as session:
            append_events(session, [Event("run_recorded", {"n": n}) for n in range(20)])
        place = make_url(url)
        there = [
            "--host",
            str(place.host),
            "--port",
            str(place.port or 5432),
            "--username",
            str(place.username),
        ]

        def of_this_machine(command: list[str]) -> list[str]:
            at = command.index("--username")
            options = [word if word != "padan" else str(place.database) for word in command[at + 2 :]]
            return [client(command[0]), *there, *options]

        kept = subprocess.run(of_this_machine(dump), check=True, capture_output=True).stdout
        with write_session(url) as session:
            session.execute(text("delete from item_event where event_id > 3"))
        with read_session(url) as session:
            assert verify_ledger(session).fault
        open_store(url).dispose()
        subprocess.run(of_this_machine(restore), input=kept, check=True, capture_output=True)
        with read_session(url) as session:
            assert verify_ledger(session).fault is None
            assert session.scalar(text("select count(*) from item_event")) == 20
