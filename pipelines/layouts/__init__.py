"""Layouts: one TOML file per known system says which column is which field and how values are written.

Shared by extract (columns, query, widths) and standardise (dates, codes, placeholders, verdict words).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipelines.records import PERSON_FIELDS, VERDICT_FIELDS

LARGEST = 1 << 20
"""Bytes of a layout file; the longest that is shipped has five thousand."""

_DEEP_KEY = re.compile(r"""(?:\.[ \t]{0,9}[\w"'-]{1,99}[ \t]{0,9}){20}""")
"""A dotted key of more than twenty parts."""

DateOrder = Literal["ymd", "dmy", "mdy"]
AskedField = Literal["name", "birth_date", "sex", "birth_place", "mother_name", "kk"]
"""What can be sent along with a number, and is in ``records``."""


class LayoutError(ValueError):
    """A layout that cannot be found or read; the message says which, where and what was expected."""


class Web(BaseModel):
    """How a system answers over http(s).

    ``dapodik``: a list of records, bare or under ``rows`` or ``data``; ``fhir``: Bundles of Patients, each
    naming the next. ``path`` is put behind an address that does not end in it; ``page_size`` is how many
    records are asked for at once where the server lets one ask. A layout of kind ``fhir`` reads files of
    FHIR resources too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["dapodik", "fhir"]
    path: str = ""
    page_size: int = Field(100, ge=1, le=100_000)


class Ask(BaseModel):
    """How a service is asked about one number at a time; its answers are verdicts.

    ``dukcapil``: a POST of the number and its elements, answered element by element; ``fhir``: the search
    ``Patient?identifier=…|NIK``. ``elements`` maps our field to the service's name for it, ``nik`` is its
    name for the number (for ``fhir`` the identifier's system). ``login`` maps a key of the request to
    ``client_id``, ``client_secret`` or ``token``; ``also`` is sent along as it stands. A percentage of
    ``percent`` or more is agreement. ``used_up`` are words by which an answer says that the day's quota is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["dukcapil", "fhir"]
    path: str = ""
    nik: str = "NIK"
    elements: Mapping[AskedField, str] = Field(default_factory=dict)
    date_format: str = "%d-%m-%Y"
    sex: Mapping[Literal["L", "P"], str] = Field(default_factory=dict)
    login: Mapping[str, Literal["client_id", "client_secret", "token"]] = Field(default_factory=dict)
    also: Mapping[str, str] = Field(default_factory=dict)
    percent: float = Field(80, ge=0, le=100)
    used_up: tuple[str, ...] = ()


class Layout(BaseModel):
    """How one system writes people (or verdicts).

    ``columns`` maps a field to the column names it may have, any case; a row's first filled one counts.
    ``widths`` are the system's field widths: a value that fills one may have been cut.
    ``sex``, ``status`` and ``results`` map our value to the source's words for it, any case.
    ``header`` names the columns, in order, of files that have no header line of their own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: Literal["people", "verdicts"] = "people"
    description: str = ""
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    date_order: DateOrder = "ymd"
    widths: Mapping[str, int] = Field(default_factory=dict)
    placeholders: tuple[str, ...] = ()
    sex: Mapping[Literal["L", "P"], tuple[str, ...]] = Field(default_factory=dict)
    status: Mapping[Literal["active", "deceased", "inactive"], tuple[str, ...]] = Field(default_factory=dict)
    results: Mapping[Literal["found", "not_found", "mismatch"], tuple[str, ...]] = Field(default_factory=dict)
    query: str | None = None
    key: str | None = None
    http: Web | None = None
    ask: Ask | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field a raw table of this layout carries."""
        return PERSON_FIELDS if self.kind == "people" else VERDICT_FIELDS

    @field_validator("columns", mode="before")
    @classmethod
    def _one_name_may_stand_alone(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        return {k: (v,) if isinstance(v, str) else v for k, v in value.items()}

    @model_validator(mode="after")
    def _known_fields(self) -> Layout:
        unknown = sorted((set(self.columns) | set(self.widths) | set(self.required)) - set(self.fields))
        if unknown:
            raise ValueError(f"unknown field {', '.join(unknown)}; known: {', '.join(self.fields)}")
        unmapped = sorted(set(self.required) - set(self.columns))
        if unmapped:
            raise ValueError(f"required field without a column: {', '.join(unmapped)}")
        if self.ask and self.kind != "verdicts":
            raise ValueError('[ask] is for verdicts: expected kind = "verdicts"')
        return self


def shipped() -> tuple[str, ...]:
    """The names of the layouts that come with the package."""
    entries = files("pipelines.layouts").iterdir()
    return tuple(sorted(e.name.removesuffix(".toml") for e in entries if e.name.endswith(".toml")))


def load_layout(name: str, base: Path) -> Layout:
    """Read a shipped layout by name, or an office's own by its path (relative to ``base``).

    Raises ``LayoutError`` with every fault in the file.
    """
    if name.endswith(".toml"):
        path = base / name
        if not path.is_file():
            raise LayoutError(f"no layout file at {path}")
        text = _own(path, name)
    elif name in shipped():
        text = files("pipelines.layouts").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    else:
        raise LayoutError(f"shipped layouts are {', '.join(shipped())}; an own one is a path to a .toml")
    try:
        return Layout.model_validate(read_toml(text))
    except tomllib.TOMLDecodeError as error:
        raise LayoutError(f"{name}: not TOML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'layout'}: {e['msg']}" for e in error.errors())
        raise LayoutError(f"{name}: {faults}") from error


def read_toml(text: str) -> dict[str, Any]:
    """A TOML document, unless it is nested deeper than a configuration is. Raises ``tomllib.TOMLDecodeError``."""
    if _DEEP_KEY.search(text):  # for which tomllib would take memory by its square
        raise tomllib.TOMLDecodeError("keys inside keys without end")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("values inside values without end") from None


def _own(path: Path, name: str) -> str:
    """The text of an office's own layout."""
    if path.stat().st_size > LARGEST:
        raise LayoutError(f"{name}: larger than {LARGEST >> 20} MiB, which no layout is")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise LayoutError(f"{name}: not TOML: not in UTF-8") from None
