"""``padan.toml`` as one frozen object: every mistake reported at once, secrets from the environment.

The run date is part of it, so that a stage needs nothing else to know where its tables lie.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from pipelines.engine import table_folder
from pipelines.errors import ConfigError as ConfigError
from pipelines.keys import age_recipient, host_key_mistakes, signing_mistakes
from pipelines.layouts import AskedField, Layout, LayoutError, load_layout, read_toml
from pipelines.records import WORKBOOK, agency_workbook
from pipelines.tls import Tls, is_in_clear

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
"""A source's name is also a folder's and a file's: nothing that could leave one."""


_SECRETS = ("token", "client_id", "client_secret", "secret")
_OF_SOURCES = ("token", "client_id", "client_secret")

Vault = Callable[[str, bool], str | None]
"""What keeps addresses and secrets outside the configuration: gives, by its name, a secret (True) or an address
(False), or None where it has no such thing."""

_VAULTS = {
    "env": "environment variable {} is not set",
    "airflow": "Airflow has no connection {}, or this is no run under Airflow; env:NAME is known everywhere",
}
"""What a value may begin with instead of being one, and what is said where that leads nowhere."""


def without_login(address: str) -> str:
    """An address as it may be shown: without driver, user, password and parameters."""
    found = urlsplit(address)
    return f"{found.scheme.partition('+')[0]}://{found.netloc.rpartition('@')[2]}{found.path}"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Section):
    """Where people's records come from: the registry or an agency.

    ``token`` is for an http(s) source that asks for a bearer token; ``client_id`` and ``client_secret``, for
    one that gives such tokens at ``token_url`` (OAuth 2 client credentials). Of a source called
    ``my-source`` they are, unless the configuration names others, what the environment has as
    ``PADAN_MY_SOURCE_TOKEN``, ``PADAN_MY_SOURCE_CLIENT_ID`` and ``PADAN_MY_SOURCE_CLIENT_SECRET``.

    ``incremental`` names the column that a database's own program sets at every change of a row: then what did
    not change since the last run is not read again. A date of registration is none.

    ``seal_to`` is the public key (age1…) of those who get this source's file, or of the registry's officers: the
    workbook is published sealed to it, as ``….xlsx.age``, and not in the open.

    ``tls = "off"`` takes a server's certificate as it comes, or none at all: said at every run.

    ``quota`` to ``again_days`` are for verdicts that are had by asking (a layout with ``[ask]``): numbers a
    calendar day, requests a second, what is sent along with a number, and how old an answer may become.
    """

    name: str
    layout: Layout
    location: str
    query: str | None = None
    sector: str | None = None
    token: str | None = Field(None, repr=False)
    token_url: str | None = None
    client_id: str | None = Field(None, repr=False)
    client_secret: str | None = Field(None, repr=False)
    incremental: str | None = Field(None, min_length=1)
    seal_to: str | None = None
    tls: Tls = "verify"
    quota: int | None = Field(None, ge=1)
    rate: float = Field(1.0, gt=0, le=1000)
    elements: tuple[AskedField, ...] | None = None
    again_days: int = Field(30, ge=1)

    @field_validator("name")
    @classmethod
    def _name_is_a_safe_folder(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError("expected small letters, digits, '.', '_' or '-', at most 63")
        return value

    @field_validator("layout", mode="before")
    @classmethod
    def _read_layout(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        base = (info.context or {}).get("base", Path())
        try:
            return load_layout(value, base)
        except LayoutError as error:
            raise ValueError(str(error)) from error

    @property
    def is_web(self) -> bool:
        """Whether ``location`` is an http(s) address."""
        return self.location.startswith(("http://", "https://"))

    def variable(self, secret: str) -> str:
        """The environment's name of one of the source's secrets: ``PADAN_MY_SOURCE_TOKEN``."""
        return re.sub(r"[^A-Z0-9]", "_", f"PADAN_{self.name}_{secret}".upper())

    @property
    def is_url(self) -> bool:
        """Whether ``location`` is a database or web address rather than a path or glob."""
        return "://" in self.location

    @property
    def place(self) -> str:
        """``location`` as an address that may be shown: without user, password and parameters."""
        return without_login(self.location) if self.is_url else f"file://{self.location}"


class Quality(_Section):
    """Bounds of the gates. Shares are 0 to 1."""

    registry_may_shrink: float = Field(0.02, ge=0, le=1)
    source_may_shrink: float = Field(0.5, ge=0, le=1)
    history_runs: int = Field(14, ge=2)
    same_number: int = Field(5, ge=1)  # records that may come to one number from one run to the next
    tolerance: float = Field(4.0, gt=0)  # how many spreads from the usual rate before it warns


class Worklist(_Section):
    """How items live and which come first."""

    sector_priority: Mapping[str, int] = Field(default_factory=lambda: {"health": 2, "education": 3})
    unsure_below: float = Field(0.9, ge=0, le=1)
    waiting_days: int = Field(30, ge=1)
    correction_days: int = Field(14, ge=1)


class Decisions(_Section):
    """How many corrections and rejections one officer may give in before somebody else has to look at them."""

    bulk_limit: int = Field(500, ge=1)


class Retention(_Section):
    """After how many days ``padan purge`` deletes what a run kept, and takes the numbers from items that ended."""

    tables_days: int = Field(90, ge=1)
    outbox_days: int = Field(365, ge=1)
    items_days: int = Field(1825, ge=1)


class Resources(_Section):
    """What a run may use; without a value, 60% of the memory and every core of the process."""

    memory: str | None = Field(None, pattern=r"^\d+(\.\d+)? ?([KMG]i?B)$")
    threads: int | None = Field(None, ge=1)


class Spark(_Section):
    """Where Spark runs, for ``engine = "spark"``.

    ``master`` is ``local[N]``, or a cluster's address (``spark://host:7077``, ``yarn``, ``k8s://…``). ``scratch`` is
    where its tables lie between two steps: a folder or any address that Spark writes to (``hdfs://…``, ``s3a://…``);
    without one, beside the run's tables. ``conf`` are settings of Spark's own.
    """

    master: str = Field("local[*]", pattern=r"^(local(\[[^\]]+\])?|yarn|(spark|k8s)://\S+)$")
    scratch: str | None = Field(None, min_length=1)
    conf: Mapping[str, str] = Field(default_factory=dict)


_UNITS = {"K": 10, "M": 20, "G": 30}


class Limits(_Section):
    """What may come from one source at most; beyond it the source is not read, and the run goes on without it.

    ``bytes`` of one file, as it lies there and unpacked; ``ratio``, how many times its packed size a file may
    unpack to once it is large; ``rows`` and ``seconds`` of a whole source; ``columns`` of one table.
    """

    bytes: str = Field("16 GiB", pattern=r"^\d+ ?([KMG]iB)$")
    ratio: int = Field(250, ge=1)
    rows: int = Field(50_000_000, ge=1)
    columns: int = Field(2_000, ge=1)
    seconds: int = Field(4 * 3600, ge=1)

    @property
    def most_bytes(self) -> int:
        """``bytes`` as a number."""
        return int(self.bytes[:-3]) << _UNITS[self.bytes[-3]]


class Delivery(_Section):
    """By which way somebody gets the file that is theirs, once it is published.

    ``to`` is the registry's name or a source's. ``by`` is a folder, ``sftp://user@host/folder``,
    ``mailto:somebody@host`` or ``https://host/path``. ``secret`` is the password or the private key of an SFTP
    user, or the token of an https server; ``host_key`` an SFTP server's public key, as ``ssh-keyscan`` prints
    it. By mail goes only what is sealed (``seal_to``), unless ``unsealed`` says that it need not be.
    """

    to: str
    by: str = Field(min_length=1)
    secret: str | None = Field(None, repr=False)
    host_key: str | None = None
    unsealed: bool = False

    @property
    def way(self) -> Literal["folder", "sftp", "mail", "https"]:
        """Which of the ways it is."""
        ways: dict[str, Literal["sftp", "mail", "https"]] = {
            "sftp": "sftp",
            "mailto": "mail",
            "https": "https",
        }
        return ways.get(self.by.partition(":")[0], "folder")

    @property
    def place(self) -> str:
        """``by`` as it may be shown: without a user or a password; of a mail's address only the host."""
        if self.way == "mail":
            return f"mail to {self.by.rpartition('@')[2]}"
        return self.by if self.way == "folder" else without_login(self.by)


class Mail(_Section):
    """The server that takes mail for delivery: ``smtp://user@host:587`` (with STARTTLS) or ``smtps://…``."""

    server: str = Field(pattern=r"^smtps?://\S+$")
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    secret: str | None = Field(None, repr=False)
    tls: Tls = "verify"


class Signing(_Section):
    """The Ed25519 key that signs the manifest: PEM text, from the environment only."""

    private_key: str | None = None
    public_key: str | None = None


class Settings(_Section):
    """One run's configuration, paths absolute, values of the environment filled in."""

    run_date: date
    config_file: Path
    data: Path = Path("data")
    outbox: Path = Path("outbox")
    store: str = "sqlite:///padan.sqlite"
    language: Literal["id", "en"] = "id"
    pdf: bool = False
    engine: Literal["duckdb", "spark"] = "duckdb"
    registry: Source
    sources: tuple[Source, ...] = Field(min_length=1)
    verdicts: tuple[Source, ...] = ()
    quality: Quality = Quality()  # type: ignore[call-arg]
    worklist: Worklist = Worklist()  # type: ignore[call-arg]
    decisions: Decisions = Decisions()  # type: ignore[call-arg]
    retention: Retention = Retention()  # type: ignore[call-arg]
    resources: Resources = Resources()  # type: ignore[call-arg]
    spark: Spark = Spark()  # type: ignore[call-arg]
    limits: Limits = Limits()  # type: ignore[call-arg]
    signing: Signing = Signing()
    deliveries: tuple[Delivery, ...] = ()
    mail: Mail | None = None

    @property
    def base(self) -> Path:
        """The folder that relative paths are relative to."""
        return self.config_file.parent

    @property
    def everyone(self) -> tuple[Source, ...]:
        """Registry, agencies, verdicts: all that is extracted, in the configuration's order."""
        return (self.registry, *self.sources, *self.verdicts)

    @property
    def workbooks(self) -> dict[str, Source]:
        """Whose each workbook of a published folder is, by its path there."""
        return {WORKBOOK: self.registry} | {agency_workbook(source.name): source for source in self.sources}

    def source(self, name: str) -> Source:
        """The configured source of that name; raises ``KeyError``."""
        return next((s for s in self.everyone if s.name == name), None) or _unknown(name)

    def folder(self, table: str) -> Path:
        """Where this run's table lies, e.g. ``folder("records/rsud-naibonat")``."""
        return table_folder(self.data, table, self.run_date)

    @property
    def temporary(self) -> Path:
        """Where DuckDB spills; under the data folder, so on a disk meant for it."""
        return self.data / ".tmp"


def _unknown(name: str) -> Source:
    raise KeyError(f"no source called {name!r} in the configuration")


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """Where the configuration lies if nobody says: ``PADAN_CONFIG``, else ``padan.toml`` here."""
    return Path((os.environ if environ is None else environ).get("PADAN_CONFIG") or "padan.toml")


def load_settings(
    path: Path,
    run_date: date,
    environ: Mapping[str, str] | None = None,
    vaults: Mapping[str, Vault] | None = None,
) -> Settings:
    """Read ``padan.toml`` and nothing else. Raises ``ConfigError`` listing every mistake.

    A value ``env:NAME`` is what the environment has as ``NAME``, or in the file that it has as ``NAME_FILE``, as
    containers are given secrets. ``vaults`` answers for the other words that a value may begin with.
    """
    path = path.absolute()
    mistakes: list[str] = []
    environ = os.environ if environ is None else environ
    document = _read(path)
    mistakes += _written_secrets(document)
    filled: set[str] = set()
    document = _fill(document, "", {"env": partial(_variable, environ), **(vaults or {})}, mistakes, filled)
    padan = document.pop("padan", {})
    clash = sorted(
        set(document) & {"data", "outbox", "store", "language", "pdf", "engine", "run_date", "config_file"}
    )
    mistakes += [f"{key}: belongs under [padan]" for key in clash]
    if not isinstance(padan, dict):
        raise ConfigError([*mistakes, "padan: expected a table [padan]"])
    values = {**document, **padan, "run_date": run_date, "config_file": path}
    try:
        settings = Settings.model_validate(values, context={"base": path.parent})
    except ValidationError as error:
        raise ConfigError(mistakes + [_line(e, filled) for e in _telling(error.errors())]) from error
    mistakes += _across(settings)
    if mistakes:
        raise ConfigError(mistakes)
    return _absolute(settings, environ)


def _written_secrets(document: Mapping[str, Any]) -> list[str]:
    """Secrets of sources that stand in the file itself; the value is not repeated."""
    tables = [
        (f"{name}[{i}]" if isinstance(found, list) else name, table)
        for name in ("registry", "sources", "verdicts", "deliveries", "mail")
        for found in [document.get(name)]
        for i, table in enumerate(found if isinstance(found, list) else [found])
        if isinstance(table, dict)
    ]
    return [
        f"{where}.{key}: a secret in the file; expected env:NAME, and the secret in the environment"
        for where, table in tables
        for key in _SECRETS
        if key in table and not str(table[key]).startswith(tuple(f"{vault}:" for vault in _VAULTS))
    ]


def _read(path: Path) -> dict[str, Any]:
    try:
        return read_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError([f"{path}: no such file; name one with --config or PADAN_CONFIG"]) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read as TOML: {error}"]) from error


def _fill(value: Any, key: str, vaults: Mapping[str, Vault], mistakes: list[str], filled: set[str]) -> Any:
    """Replace every ``env:NAME``, ``airflow:ID`` by what it stands for, noting each that stands for nothing.

    ``filled`` gets every value that came so: it may be a secret.
    """
    if isinstance(value, dict):
        return {k: _fill(v, f"{key}.{k}".lstrip("."), vaults, mistakes, filled) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill(v, f"{key}[{i}]", vaults, mistakes, filled) for i, v in enumerate(value)]
    if not isinstance(value, str):
        return value
    scheme, _, name = value.partition(":")
    if scheme not in _VAULTS or not name:
        return value
    found = vaults[scheme](name, key.rpartition(".")[2] in _SECRETS) if scheme in vaults else None
    if found is None:
        mistakes.append(f"{key}: {_VAULTS[scheme].format(name)}")
        return value
    filled.add(found)
    return found


def _variable(environ: Mapping[str, str], name: str, _: bool = True) -> str | None:
    """A value of the environment, or of the file that ``NAME_FILE`` names; the line's end belongs to neither."""
    if name in environ or not (file := environ.get(f"{name}_FILE")):
        return environ.get(name)
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return None


def _telling(errors: Sequence[Any]) -> list[Any]:
    """Without those that only follow: a list is not too short because what it holds has mistakes."""
    places = [e["loc"] for e in errors]
    return [
        e
        for e in errors
        if e["type"] != "too_short" or not any(p[:-1] and p[: len(e["loc"])] == e["loc"] != p for p in places)
    ]


def _line(error: Any, filled: Set[str]) -> str:
    """A mistake as a person reads it; what came from the environment may be a secret and is not shown."""
    key = ".".join(map(str, error["loc"])) or "padan.toml"
    if error["type"] == "missing":
        return f"{key}: missing; expected a value"
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    seen = error["input"]
    plain = isinstance(seen, str | int | float | bool) and "://" not in str(seen) and str(seen) not in filled
    shown = f" (seen: {seen!r})" if plain else ""
    said = error["msg"].removeprefix("Value error, ")
    if str(seen) in filled and str(seen) in said:
        said = "the value from the environment does not fit"
    return f"{key}: {said}{shown}"


def _across(settings: Settings) -> list[str]:
    """Mistakes that only show when the sections are seen together."""
    mistakes = []
    names = [s.name for s in settings.everyone]
    mistakes += [f"name {n!r}: used by two sources" for n in sorted({n for n in names if names.count(n) > 1})]
    for source in (settings.registry, *settings.sources):
        if source.layout.kind != "people":
            mistakes.append(
                f"{source.name}: layout {source.layout.name!r} is for verdicts, expected one for people"
            )
    for source in settings.verdicts:
        if source.layout.kind != "verdicts":
            mistakes.append(
                f"{source.name}: layout {source.layout.name!r} is for people, expected one for verdicts"
            )
    mistakes += _engine(settings)
    mistakes += signing_mistakes(settings.signing.private_key, settings.signing.public_key)
    mistakes += [mistake for d in settings.deliveries for mistake in _delivering(d, settings)]
    checks = (_asking, _incremental, _sealing, _encrypted)
    return mistakes + [mistake for s in settings.everyone for look in checks for mistake in look(s)]


def _engine(settings: Settings) -> list[str]:
    """What is missing for the engine that is asked for."""
    lacking = [name for name in ("pyspark", "sqlglot") if find_spec(name) is None]
    if settings.engine != "spark" or not lacking:
        return []
    return [
        f"padan.engine: Spark is not installed ({', '.join(lacking)}); expected pip install 'padan[spark]'"
    ]


def _delivering(delivery: Delivery, settings: Settings) -> list[str]:
    """Mistakes in how somebody is to get their file."""
    mistakes, named = [], f"deliveries to {delivery.to!r}"
    recipients = {source.name: source for source in settings.workbooks.values()}
    recipient = recipients.get(delivery.to)
    if recipient is None:
        mistakes.append(f"{named}: nobody of that name; expected of {', '.join(recipients)}")
    found = urlsplit(delivery.by)
    if found.password:
        mistakes.append(f"{named}.by: a password in the address; expected secret = env:NAME")
    if delivery.way == "sftp":
        if not (found.username and found.hostname):
            mistakes.append(f"{named}.by: expected sftp://user@host/folder")
        if not delivery.secret:
            mistakes.append(f"{named}.secret: missing; expected env:NAME, a password or a key")
        mistakes += host_key_mistakes(f"{named}.host_key", delivery.host_key)
    elif delivery.way == "mail":
        if not re.fullmatch(r"mailto:[^@\s,?]+@[^@\s,?]+", delivery.by):
            mistakes.append(f"{named}.by: expected mailto:somebody@host, one address")
        if settings.mail is None:
            mistakes.append(f"{named}: by mail, but there is no [mail]; expected its server and sender")
        sealed = recipient is not None and recipient.seal_to is not None
        if not sealed and not delivery.unsealed:
            mistakes.append(
                f"{named}: by mail, but not sealed: anybody on the way can read it; expected seal_to of "
                f"{delivery.to}, or unsealed = true"
            )
    elif delivery.way == "folder" and "://" in delivery.by:
        mistakes.append(
            f"{named}.by: no such way (seen: {found.scheme!r}); expected a folder, sftp://, mailto: or https://"
        )
    return mistakes


def _incremental(source: Source) -> list[str]:
    """Mistakes in what is to be read by its changes."""
    if not source.incremental:
        return []
    mistakes = []
    if source.is_web or not source.is_url:
        mistakes.append(f"{source.name}.incremental: expected a database's address as location")
    if "record_id" not in source.layout.columns:
        mistakes.append(f"{source.name}.incremental: layout {source.layout.name!r} has no record_id")
    return mistakes


def _sealing(source: Source) -> list[str]:
    """Mistakes in whom a source's file is sealed to."""
    if source.seal_to is None:
        return []
    try:
        age_recipient(source.seal_to)
    except ValueError as error:
        return [f"{source.name}.seal_to: {error}"]
    return []


def _encrypted(source: Source) -> list[str]:
    """Mistakes in how a source's server is to be trusted."""
    if source.is_web and is_in_clear(source.location) and source.tls == "verify":
        return [
            f"{source.name}.location: http:// to another machine, which anybody on the way can read and change; "
            'expected https://…, or tls = "off" where it has none'
        ]
    return []


def _asking(source: Source) -> list[str]:
    """Mistakes in how a service is to be asked."""
    ask = source.layout.ask
    if ask is None:
        if source.quota is None and source.elements is None:
            return []
        return [f"{source.name}: quota and elements are for a layout with [ask], e.g. 'dukcapil-verify'"]
    mistakes = []
    if not source.is_web:
        mistakes.append(f"{source.name}.location: expected the service's address, https://…")
    if source.quota is None:
        mistakes.append(f"{source.name}.quota: missing; expected how many numbers may be asked a day")
    unknown = [element for element in source.elements or () if element not in ask.elements]
    if unknown:
        mistakes.append(
            f"{source.name}.elements: {', '.join(unknown)} unknown to layout {source.layout.name!r}; "
            f"expected of {', '.join(ask.elements)}"
        )
    return mistakes


def _scratch_absolute(spark: Spark, base: Path) -> Spark:
    if spark.scratch is None or "://" in spark.scratch:
        return spark
    return spark.model_copy(update={"scratch": str(base / spark.scratch)})


def _absolute(settings: Settings, environ: Mapping[str, str]) -> Settings:
    base = settings.base

    def located(source: Source) -> Source:
        if source.is_web:
            found = {
                key: _variable(environ, source.variable(key))
                for key in _OF_SOURCES
                if not getattr(source, key)
            }
            return source.model_copy(update=found)
        if source.is_url:
            return source
        return source.model_copy(update={"location": str(base / source.location)})

    store = settings.store
    if store.startswith("sqlite:///") and not store.startswith("sqlite:////"):
        store = f"sqlite:///{base / store.removeprefix('sqlite:///')}"
    return settings.model_copy(
        update={
            "data": base / settings.data,
            "outbox": base / settings.outbox,
            "spark": _scratch_absolute(settings.spark, base),
            "store": store,
            "deliveries": tuple(
                d.model_copy(update={"by": str(base / d.by)}) if d.way == "folder" else d
                for d in settings.deliveries
            ),
            "registry": located(settings.registry),
            "sources": tuple(map(located, settings.sources)),
            "verdicts": tuple(map(located, settings.verdicts)),
        }
    )
