"""Spark, where one machine is outgrown: a database that takes the stages' SQL and hands out what they ask for.

``SparkDatabase`` answers to what the stages ask of a DuckDB connection (``execute``, ``sql``, ``register``), so the
same SQL text runs on either. A table that is created is written as Parquet to the scratch folder, which may be any
address that Spark reads; a temporary one is a view and is worked out where it is used.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import sys
import threading
import uuid
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from sqlglot import exp

import pipelines
from pipelines.engine.artifact import Artifact, read_artifact, write_folder
from pipelines.engine.database import Done
from pipelines.engine.dialect import parsed, spark_sql
from pipelines.engine.duck import connect, copy_part, memory_bytes, sql_text
from pipelines.engine.private import private_folder
from pipelines.errors import EngineUnavailable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from pipelines.settings import Settings

LOG: Final = logging.getLogger("padan.spark")

BATCH: Final = 50_000
"""Rows that an executor's Python sees at once: a few hundred bytes each."""

_POSITION: Final = 33
"""Bits below which ``monotonically_increasing_id`` counts the rows of one partition."""

Function = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
"""What runs on executors: batches in, batches out."""


_ONE: Final = threading.Lock()
"""Sources come side by side: PySpark's packages, which import one another in a circle, are imported by one thread."""


def session(settings: Settings) -> SparkSession:
    """This process's Spark, started at the first call; raises ``EngineUnavailable`` with one line."""
    with _ONE:
        return _session(settings)


def _session(settings: Settings) -> SparkSession:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if os.environ.get("JAVA_HOME") is None and shutil.which("java") is None:
        raise EngineUnavailable("Spark needs Java 17 or newer: none is on the PATH and JAVA_HOME is not set")
    builder = SparkSession.builder.appName("padan").master(settings.spark.master)
    for key, value in configuration(settings).items():
        builder = builder.config(key, value)
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")  # nothing here uses it
    # PySpark takes the executors' Python from here alone; its own default is the system's, which has no pyarrow.
    os.environ.setdefault("PYSPARK_PYTHON", settings.spark.conf.get("spark.pyspark.python", sys.executable))
    try:
        spark = builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError, _gateway_error()) as error:
        said = str(error).strip().partition("\n")[0][:300]
        raise EngineUnavailable(f"Spark at {settings.spark.master} does not start: {said}") from error
    if not _is_local(settings) and not spark.conf.get(_SHIPPED, None):
        spark.sparkContext.addPyFile(str(_own_code(settings.temporary / "spark")))
        spark.conf.set(_SHIPPED, "true")
    return spark


_LOGGING: Final = Path(__file__).parent / "log4j2.properties"

_SHIPPED: Final = "spark.padan.shipped"


def _gateway_error() -> type[Exception]:
    from py4j.protocol import Py4JError

    error: type[Exception] = Py4JError
    return error


def _is_local(settings: Settings) -> bool:
    return settings.spark.master.startswith("local")


def configuration(settings: Settings) -> Mapping[str, str]:
    """What Spark is told; the office's own ``[spark.conf]`` comes last and may replace any of it."""
    temporary = settings.temporary / "spark"
    private_folder(temporary)
    chosen = {
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(temporary),
        "spark.local.dir": str(temporary),
        "spark.ui.enabled": "false",  # a page with the plans, open to whoever reaches the port
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.optimizer.windowGroupLimitThreshold": "100000",  # of samples, each part sends its share only
    }
    if _is_local(settings):
        chosen |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": str(2 * len(os.sched_getaffinity(0))),
        }
        # The rest is for the executors' Pythons, which are processes of their own, and for DuckDB.
        chosen["spark.driver.memory"] = f"{max(memory_bytes() * 3 // 10 >> 20, 1024)}m"
    if settings.resources.memory:
        chosen["spark.driver.memory"] = _mebibytes(settings.resources.memory)
    return chosen | dict(settings.spark.conf)


def _mebibytes(memory: str) -> str:
    """A size as ``[resources]`` has it in Java's words, which know no fractions.

    >>> _mebibytes("1.5 GB")
    '1536m'
    """
    number, unit = re.fullmatch(r"([\d.]+) ?([KMG])i?B", memory).groups()  # type: ignore[union-attr]
    return f"{int(float(number) * 2 ** {'K': -10, 'M': 0, 'G': 10}[unit])}m"


def _own_code(folder: Path) -> Path:
    """This package in one file for the executors, so that what runs there is what runs here.

    Spark hands it out for as long as it runs; its name is that of its content, so one file stays, whoever made it.
    """
    root = Path(pipelines.__file__).parent
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                entry = zipfile.ZipInfo(str(Path(root.name) / path.relative_to(root)))
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    target = folder / f"padan-{hashlib.sha256(held.getvalue()).hexdigest()[:12]}.zip"
    if not target.exists():
        fresh = target.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(held.getvalue())
        fresh.rename(target)
    return target


class Rows:
    """What a query gives, asked of the cluster when it is fetched."""

    def __init__(self, frame: DataFrame) -> None:
        self.frame = frame

    def to_arrow_table(self) -> pa.Table:
        """All of it, in the driver's memory: for what is small by nature, or bounded by the query."""
        return self.frame.toArrow()

    def fetchnumpy(self) -> dict[str, Any]:
        """The same, an array a column; columns without nulls only."""
        table = self.to_arrow_table()
        return {
            name: table[name].combine_chunks().to_numpy(zero_copy_only=False) for name in table.column_names
        }

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The same, a tuple a row."""
        return [tuple(row.values()) for row in self.to_arrow_table().to_pylist()]


class Nothing:
    """What a statement gives that is no query."""

    def fetchall(self) -> list[Any]:
        """No rows."""
        return []


class SparkDatabase:
    """Tables by name, and SQL over them, as the stages know it from DuckDB.

    Everything that it creates is gone when it is closed, or when ``with`` ends. ``stage`` is what Spark's own pages
    and event log call its jobs by.
    """

    def __init__(self, settings: Settings, stage: str) -> None:
        self._spark = session(settings).newSession()
        self._stage = stage
        base = settings.spark.scratch or str(settings.temporary / "spark")
        self._scratch = f"{base.rstrip('/')}/{uuid.uuid4().hex}"
        self._waiting: dict[str, list[DataFrame]] = {}
        self._settings = settings
        self._made = 0

    def __enter__(self) -> SparkDatabase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the scratch tables; Spark itself stays for the next stage."""
        jvm: Any = self._spark.sparkContext._jvm
        path = jvm.org.apache.hadoop.fs.Path(self._scratch)
        path.getFileSystem(self._spark.sparkContext._jsc.hadoopConfiguration()).delete(path, True)

    @property
    def spark(self) -> SparkSession:
        """The session, for what is no SQL."""
        return self._spark

    def cursor(self) -> SparkDatabase:
        """Spark takes questions from several threads at once."""
        return self

    def sql(self, query: str) -> Rows:
        """What a query of DuckDB's SQL gives."""
        return Rows(self.frame(query))

    def frame(self, query: str) -> DataFrame:
        """The same, for Spark's own functions."""
        return self._asked(parsed(query))

    def table(self, name: str) -> DataFrame:
        """A table or view by its name."""
        return self._asked(exp.select("*").from_(name))

    def _asked(self, query: exp.Expr) -> DataFrame:
        for name in {table.name for table in query.find_all(exp.Table)} & self._waiting.keys():
            self._fill(name)
        return self._spark.sql(spark_sql(query, self._columns))

    def _columns(self, source: str) -> list[str]:
        columns: list[str] = self.frame(f"select * {source}").columns
        return columns

    def execute(self, statement: str) -> Done:
        """Create, fill or drop a table, or ask something."""
        tree = parsed(statement)
        if isinstance(tree, exp.Create):
            self._create(tree)
        elif isinstance(tree, exp.Insert):
            self._waiting.setdefault(tree.this.name, []).append(self._asked(tree.expression))
        elif isinstance(tree, exp.Drop):
            for table in tree.find_all(exp.Table):
                self.unregister(table.name)
        elif isinstance(tree, exp.Query):
            return Rows(self._asked(tree))
        else:
            raise NotImplementedError(f"{type(tree).__name__} is not for Spark: {statement[:80]}")
        return Nothing()

    def _create(self, tree: exp.Create) -> None:
        schema, query = tree.this, tree.expression
        if query is None:
            columns = ", ".join(column.sql(dialect="spark") for column in schema.expressions)
            self.unregister(schema.this.name)
            self._spark.createDataFrame([], columns).createOrReplaceTempView(schema.this.name)
            return
        properties = tree.args.get("properties")
        temporary = properties is not None and properties.find(exp.TemporaryProperty) is not None
        if temporary or tree.kind == "VIEW":
            self._asked(query).createOrReplaceTempView(schema.name)
            return
        query = query.copy()
        query.set("order", None)  # a table has none, whoever reads it asks for one
        self.store(schema.name, self._asked(query))

    def _fill(self, name: str) -> None:
        """Work out all that was inserted into a table since it was last read, in one job."""
        frames = self._waiting.pop(name)
        before = self._spark.table(name)
        together = before
        for frame in frames:
            together = together.unionAll(frame.toDF(*before.columns))
        kinds = [f"cast(`{f.name}` as {f.dataType.simpleString()}) as `{f.name}`" for f in before.schema]
        self.store(name, together.selectExpr(*kinds))

    def store(self, name: str, frame: DataFrame) -> DataFrame:
        """Work a table out, once; what it gives is read back from the scratch folder from then on."""
        path = self._written(name, frame)
        stored = self._spark.read.schema(frame.schema).parquet(path)
        stored.createOrReplaceTempView(name)
        return stored

    def _written(self, name: str, frame: DataFrame) -> str:
        self._made += 1
        path = f"{self._scratch}/{name}-{self._made}"
        self._spark.sparkContext.setJobDescription(f"{self._stage}: {name}")
        frame.write.parquet(path)
        return path

    def store_numbered(self, name: str, frame: DataFrame, order: Sequence[str], column: str) -> DataFrame:
        """Like ``store``, in the order of ``order``, with each row's place in it from 0 (int32) as ``column``.

        The sort is spread over the cluster; only how many rows each part has comes to the driver.
        """
        from pyspark.sql import functions as f

        apart = (
            frame.sort(*order)
            .withColumn("_part", f.spark_partition_id())
            .withColumn("_at", f.monotonically_increasing_id().bitwiseAND((1 << _POSITION) - 1))
        )
        path = self._written(name, apart)
        stored = self._spark.read.schema(apart.schema).parquet(path)
        counts = sorted((part, count) for part, count in stored.groupBy("_part").count().collect())
        starts, total = [], 0
        for part, count in counts:
            starts.append((part, total))
            total += count
        offsets = self._spark.createDataFrame(starts, "_part int, _start long")
        numbered = stored.join(f.broadcast(offsets), "_part").withColumn(
            column, (f.col("_start") + f.col("_at")).cast("int")
        )
        return numbered.drop("_part", "_at", "_start")

    def register(self, name: str, table: pa.Table | DataFrame) -> None:
        """Give a table of the driver's, or a frame, a name."""
        frame = self._spark.createDataFrame(table) if isinstance(table, pa.Table) else table
        frame.createOrReplaceTempView(name)

    def unregister(self, name: str) -> None:
        """Forget a table; its rows go when the database is closed."""
        self._spark.catalog.dropTempView(name)
        self._waiting.pop(name, None)

    def read(self, name: str, parts: Iterable[Artifact]) -> DataFrame:
        """Give stages' tables of one schema the name, as one table."""
        frame = self._spark.read.parquet(*(str(part.file) for part in parts))
        frame.createOrReplaceTempView(name)
        return frame

    def mapped(self, frame: DataFrame, function: Function, schema: pa.Schema) -> DataFrame:
        """Each partition's batches through a function on the executors."""
        from pyspark.sql.pandas.types import from_arrow_schema

        return frame.mapInArrow(function, from_arrow_schema(schema, prefer_timestamp_ntz=True))

    def copy_table(self, query: str, schema: pa.Schema, target: Path) -> Artifact:
        """Like ``engine.copy_table``: run ``query`` and write its rows, in its order, as ``target``'s table."""
        with write_folder(target) as folder:
            self.copy_part(query, schema, folder)
        return read_artifact(target)

    def copy_part(self, query: str, schema: pa.Schema, folder: Path) -> None:
        """Like ``engine.copy_part``, into a folder that is being written.

        Executors write the rows in as many files as they like, beside ``folder``'s table, and those are made one
        here, row group after row group: who reads tables after this needs no Spark.
        """
        parts = folder / ".parts"
        self._spark.sparkContext.setJobDescription(f"{self._stage}: its table")
        self.frame(query).write.parquet(str(parts))
        resources = self._settings.resources
        with connect(self._settings.temporary, resources.memory, resources.threads) as con:
            files = [sql_text(path) for path in sorted(parts.glob("*.parquet"))]
            copy_part(con, f"select * from read_parquet([{', '.join(files)}])", schema, folder)
        shutil.rmtree(parts)
