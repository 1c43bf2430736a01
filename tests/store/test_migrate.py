"""The migrations give the tables of the models, whoever runs them, from wherever."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from pipelines.errors import StoreError
from pipelines.store import open_store, read_head, read_session, upgrade, verify_ledger
from pipelines.store.connection import writing_connection
from pipelines.store.ledger import Head
from pipelines.store.migrate import HEAD, config, version
from pipelines.store.models import Base, Decision
from tests.store.backends import upgrade_at_once


def test_what_the_migrations_make_is_what_the_models_say(url: str) -> None:
    engine = open_store(url)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_difference_would_be_seen(url: str) -> None:
    """The comparison above is worth something: it notices a column that is not there."""
    engine = open_store(url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE run DROP COLUMN reason"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert len(compare_metadata(context, Base.metadata)) == 1


def test_the_newest_migration_is_the_one_named(url: str) -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD]
    engine = open_store(url)
    with engine.connect() as connection:
        assert version(connection) is None
    upgrade(engine)
    with engine.connect() as connection:
        assert version(connection) == HEAD


def test_twice_changes_nothing(url: str) -> None:
    engine = open_store(url)
    upgrade(engine)
    before = inspect(engine).get_table_names()
    upgrade(engine)
    assert inspect(engine).get_table_names() == before


def test_an_old_store_stays_readable(url: str) -> None:
    """A decision made before decisions kept what the officer saw."""
    engine = open_store(url)
    with writing_connection(engine) as connection:
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
        for statement in (
            "INSERT INTO decision_file (file_sha256, received_at, effective_date, rows, taken, refused)"
            " VALUES ('a', '2026-11-01 12:00:00', '2026-11-02', 1, 1, 0)",
            "INSERT INTO decision (item_id, decision, proposed_nik, file_sha256, received_at, effective_date)"
            " VALUES ('P-AAAAAAAAAAAA', 'rejected', '5301040101900001', 'a', '2026-11-01 12:00:00', '2026-11-02')",
        ):
            connection.execute(text(statement))
    with read_session(url) as session:
        (decision,) = session.scalars(select(Decision))
        assert version(session.connection()) == HEAD
    assert (decision.proposed_nik, decision.recorded_nik, decision.elements) == (
        "5301040101900001",
        None,
        None,
    )


def test_a_new_store_has_an_empty_ledger(url: str) -> None:
    with read_session(url) as session:
        assert read_head(session) == Head()
        assert verify_ledger(session).sound


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    engine = open_store(url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="9999"):
        upgrade(engine)


@pytest.mark.slow
def test_processes_that_start_at_once_do_it_once(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    start, outcomes = context.Barrier(4), context.Queue()
    processes = [context.Process(target=upgrade_at_once, args=(url, start, outcomes)) for _ in range(4)]
    for process in processes:
        process.start()
    assert [outcomes.get(timeout=60) for _ in processes] == [""] * 4
    for process in processes:
        process.join()
    with open_store(url).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger_head")) == 1


def test_nothing_is_written_beside_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No ``alembic.ini`` is needed or made, whatever the folder the command is given in."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    upgrade(open_store(f"sqlite:///{tmp_path / '50% full' / 'padan.sqlite'}"))
    assert list(elsewhere.iterdir()) == []
