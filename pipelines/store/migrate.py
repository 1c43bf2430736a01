"""Brings a store to the tables that this version knows, by the Alembic migrations shipped with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text

from pipelines.errors import StoreError
from pipelines.store.connection import reading_connection, writing_connection

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0003"
"""The newest migration: known here so that a store which is up to date costs one query and no Alembic."""


def upgrade(engine: Engine) -> None:
    """Run what is missing of ``migrations/``, in one transaction; nothing where the store is up to date.

    Two processes may start at once: the second waits for the first and then finds its work done.
    Raises ``StoreError`` if the store was written by a newer version.
    """
    with reading_connection(engine) as connection:
        found = version(connection)
    if found == HEAD:
        return
    with writing_connection(engine) as connection:
        found = version(connection)
        if found != HEAD:
            _refuse_newer(found)
            _migrate(connection)


def version(connection: Connection) -> str | None:
    """The last migration that ran on this store; ``None`` before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def _refuse_newer(found: str | None) -> None:
    # Migrations are numbered with a fixed width, so that text compares as the numbers do.
    if found is not None and found > HEAD:
        raise StoreError(
            f"the store is of version {found}, newer than {HEAD}, the last that this Padan knows"
        )


def _migrate(connection: Connection) -> None:
    from alembic import command

    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def config() -> Config:
    """Alembic's configuration for the packaged migrations; needs no ``alembic.ini`` on disk."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return settings
