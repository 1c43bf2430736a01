"""The reviewed suites: which are asked of a table, and their placeholders filled in for one run.

A suite is ``expectations/NAME.json`` in Great Expectations' own form. Of each expectation, ``meta`` says

* ``name``: short, one of a kind within a gate and table; the store and the report know it by this;
* ``reads``: ``columns`` (the table without rows), ``rows`` (those columns that the suite names) or
  ``metrics`` (one row of figures computed beside the table, see ``pipelines.quality.metrics``);
* ``id`` and ``en``: what it ``expects``, and ``why``, for the person who audits.

``"$name"`` in ``kwargs`` and in the words is a bound that only a run knows (``pipelines.quality.bounds``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Final, Literal

from pipelines.settings import Settings

Kind = Literal["registry", "agency", "verdicts"]
Reads = Literal["columns", "rows", "metrics"]

STAGES: Final = ("raw", "records", "findings", "items")
"""Every gate, in the order in which a record passes them."""

_ASKED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("raw", "registry"): ("raw_people", "raw_registry"),
    ("raw", "agency"): ("raw_people", "raw_agency"),
    ("raw", "verdicts"): ("raw_verdicts",),
    ("records", "registry"): ("records_people", "records_registry"),
    ("records", "agency"): ("records_people",),
    ("records", "verdicts"): ("records_verdicts",),
    ("findings", "findings"): ("findings",),
    ("items", "items"): ("items",),
}


@dataclass(frozen=True)
class Filled:
    """A placeholder's value, and how a sentence says it in each language."""

    value: object
    said: Mapping[str, str]


def filled(value: object) -> Filled:
    """A placeholder that every language says alike: a number, a date, a list of names."""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return Filled(value, {"id": text, "en": text})


@dataclass(frozen=True)
class Suite:
    """One reviewed suite as it lies on disk, placeholders unfilled."""

    name: str
    title: Mapping[str, str]
    expectations: tuple[Mapping[str, Any], ...]

    def fill(self, values: Mapping[str, Filled], language: str) -> list[dict[str, Any]]:
        """Each expectation as Great Expectations takes it, with this run's bounds and words.

        Raises ``KeyError`` for a placeholder in ``kwargs`` that has no value.
        """
        return [_fill(expectation, values, language) for expectation in self.expectations]

    def columns(self, reads: Reads) -> set[str]:
        """Every column that the expectations of that reading name."""
        named = [e["kwargs"] for e in self.expectations if e["meta"]["reads"] == reads]
        return set().union(*map(_columns, named))


def kind_of(name: str, settings: Settings) -> Kind:
    """Whether a source is the registry, an agency or verdicts; raises ``KeyError`` where it is none."""
    if name == settings.registry.name:
        return "registry"
    if any(name == source.name for source in settings.verdicts):
        return "verdicts"
    if any(name == source.name for source in settings.sources):
        return "agency"
    raise KeyError(f"no source called {name!r} in the configuration")


def table_of(stage: str, name: str, settings: Settings) -> str:
    """The table's name in results and on disk, e.g. ``records/rsud``, ``verdicts/bpjs``, ``findings``."""
    if stage in ("findings", "items"):
        return stage
    if stage == "records" and kind_of(name, settings) == "verdicts":
        return f"verdicts/{name}"
    return f"{stage}/{name}"


def suites_for(stage: str, name: str, settings: Settings) -> tuple[Suite, ...]:
    """The suites asked of one table; raises ``KeyError`` for a stage that has no gate."""
    if stage not in STAGES:
        raise KeyError(f"no gate called {stage!r}; gates are {', '.join(STAGES)}")
    kind = stage if stage in ("findings", "items") else kind_of(name, settings)
    return tuple(map(load_suite, _ASKED[stage, kind]))


def shipped() -> tuple[str, ...]:
    """The names of all suites in the package ``expectations``."""
    entries = files("expectations").iterdir()
    return tuple(sorted(e.name.removesuffix(".json") for e in entries if e.name.endswith(".json")))


@cache
def load_suite(name: str) -> Suite:
    """Read one shipped suite."""
    text = files("expectations").joinpath(f"{name}.json").read_text(encoding="utf-8")
    document = json.loads(text)
    return Suite(document["name"], document["meta"], tuple(document["expectations"]))


def _fill(expectation: Mapping[str, Any], values: Mapping[str, Filled], language: str) -> dict[str, Any]:
    meta = expectation["meta"]
    words = {
        tongue: {key: Template(text).substitute(_said(values, tongue)) for key, text in meta[tongue].items()}
        for tongue in ("id", "en")
    }
    return {
        "type": expectation["type"],
        "kwargs": _value(expectation["kwargs"], values),
        "severity": expectation["severity"],
        "description": words[language]["expects"],
        "meta": {"name": meta["name"], "reads": meta["reads"], **words},
    }


def _said(values: Mapping[str, Filled], language: str) -> dict[str, str]:
    return {name: value.said[language] for name, value in values.items()}


def _value(value: Any, values: Mapping[str, Filled]) -> Any:
    """The same structure with every ``"$name"`` replaced by that placeholder's value."""
    if isinstance(value, Mapping):
        return {key: _value(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner, values) for inner in value]
    if isinstance(value, str) and value.startswith("$"):
        return values[value.removeprefix("$")].value
    return value


def _columns(kwargs: Mapping[str, Any]) -> set[str]:
    single = [kwargs.get(key) for key in ("column", "column_A", "column_B")]
    condition = kwargs.get("row_condition", {}).get("column", {}).get("name")
    return {column for column in (*single, condition, *kwargs.get("column_list", ())) if column}
