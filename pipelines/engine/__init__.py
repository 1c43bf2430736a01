"""Where SQL runs, and how a table is written whole or not at all."""

from pipelines.engine.absent import absent
from pipelines.engine.alone import alone
from pipelines.engine.arrow import prepare
from pipelines.engine.artifact import (
    PART,
    Artifact,
    read_artifact,
    table_folder,
    taken_up,
    write_folder,
    write_table,
)
from pipelines.engine.database import Database
from pipelines.engine.duck import ROW_GROUP, budget, connect, copy_part, copy_table, sql_text
from pipelines.engine.private import private_folder

__all__ = [
    "PART",
    "ROW_GROUP",
    "Artifact",
    "Database",
    "absent",
    "alone",
    "budget",
    "connect",
    "copy_part",
    "copy_table",
    "private_folder",
    "read_artifact",
    "sql_text",
    "table_folder",
    "taken_up",
    "write_folder",
    "write_table",
]

prepare()
