"""Great Expectations' own pages of a gate, in a frame that loads nothing from anywhere.

Its renderers lay out the results; its templates draw them. What is replaced: the page around them (it names a
dozen outside hosts), folding (it takes scripts), element ids drawn by chance, and the language.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipelines.engine import Artifact
from pipelines.quality.check import Result, great_expectations
from pipelines.quality.suites import Suite
from pipelines.settings import Settings

_RENDER = "great_expectations.render"
_HEADINGS = {"h5": "h2", "h6": "h3"}
"""Theirs are chosen for size; a reader by ear needs them in order below the page's one h1."""


_MARKS = {"✅": "passed", "❌": "failed", "❗": "errored"}
"""The results' icons are pictures of a font that is not there; these are their names in ``words.toml``."""


def validation_path(suite: str, stage: str, name: str, settings: Settings) -> str:
    """Where a table's results lie in the Data Docs, in the depth that Great Expectations' links expect."""
    return f"validations/{suite}/{settings.run_date.isoformat()}/{stage}/{name}.html"


def suite_path(suite: str) -> str:
    """Where a suite's own page lies in the Data Docs."""
    return f"expectations/{suite}.html"


def write_pages(
    folder: Path,
    stage: str,
    name: str,
    table: str,
    artifact: Artifact,
    checked: Sequence[tuple[Suite, Sequence[Result]]],
    settings: Settings,
) -> None:
    """Write the pages of one gate below ``folder``: for each suite its results and the suite itself."""
    great_expectations()
    for suite, results in checked:
        pages = {
            validation_path(suite.name, stage, name, settings): _validation_page(
                suite, table, artifact, results, settings
            ),
            suite_path(suite.name): _suite_page(suite, results, settings),
        }
        for path, html in pages.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(html, encoding="utf-8")


def frame_words(settings: Settings) -> Mapping[str, str]:
    """What the frame says in the configured language."""
    words: Mapping[str, str] = _words()["frame"][settings.language]
    return words


@cache
def style() -> str:
    """The one style sheet, small enough to stand in every page."""
    return files("pipelines.quality.site").joinpath("style.css").read_text(encoding="utf-8")


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads(files("pipelines.quality.site").joinpath("words.toml").read_text(encoding="utf-8"))


def _validation_page(
    suite: Suite, table: str, artifact: Artifact, results: Sequence[Result], settings: Settings
) -> str:
    core = importlib.import_module("great_expectations.core")
    renderer = importlib.import_module(f"{_RENDER}.renderer.page_renderer").ValidationResultsPageRenderer()
    day = settings.run_date.isoformat()
    passed = sum(result["success"] for result in results)
    document = renderer.render(
        core.ExpectationSuiteValidationResult(
            success=passed == len(results),
            results=[
                core.ExpectationValidationResult(
                    **{
                        **result,
                        "expectation_config": _configuration(result, _sentence(result, settings)),
                        "result": _shown(result["result"]),
                    }
                )
                for result in results
            ],
            suite_name=suite.name,
            statistics={
                "evaluated_expectations": len(results),
                "successful_expectations": passed,
                "unsuccessful_expectations": len(results) - passed,
                "success_percent": 100 * passed / len(results),
            },
            meta={
                "run_id": {"run_name": day, "run_time": f"{day}T00:00:00Z"},
                "great_expectations_version": _version(),
                "batch_spec": {"data_asset_name": table, "rows": artifact.rows, "sha256": artifact.sha256},
            },
        )
    )
    return _html(
        document, f"{table}, {day}", suite.title[settings.language], "../../../../index.html", settings
    )


def _suite_page(suite: Suite, results: Sequence[Result], settings: Settings) -> str:
    """The suite as reviewed: bounds by their names, so that it reads alike for every table."""
    core = importlib.import_module("great_expectations.core")
    renderer = importlib.import_module(f"{_RENDER}.renderer.page_renderer").ExpectationSuitePageRenderer()
    reviewed = {e["meta"]["name"]: e["meta"][settings.language] for e in suite.expectations}
    expectations = [
        _configuration(
            result, _words_of(result, reviewed[result["expectation_config"]["meta"]["name"]], settings)
        )
        for result in results
    ]
    document = renderer.render(
        core.ExpectationSuite(name=suite.name, expectations=[e.to_domain_obj() for e in expectations])
    )
    return _html(document, suite.name, suite.title[settings.language], "../index.html", settings)


def _configuration(result: Result, description: str) -> Any:
    module = importlib.import_module("great_expectations.expectations.expectation_configuration")
    config = {**result["expectation_config"], "description": description}
    return module.ExpectationConfiguration(**config)


def _shown(seen: Mapping[str, Any]) -> Mapping[str, Any]:
    """A table's columns by their number: thirty names tell a reader less."""
    value = seen.get("observed_value")
    return {**seen, "observed_value": len(value)} if isinstance(value, list) else seen


def _sentence(result: Result, settings: Settings) -> str:
    return _words_of(result, result["expectation_config"]["meta"][settings.language], settings)


def _words_of(result: Result, words: Mapping[str, str], settings: Settings) -> str:
    """What is expected, why, under which name and how severe, as the cell of a table (it takes HTML)."""
    config = result["expectation_config"]
    severity = frame_words(settings)[config["severity"]]
    sentence, reason = (escape(words[key]).replace("$", "&#36;") for key in ("expects", "why"))
    return f"{sentence}<small>{reason}</small><small>{config['meta']['name']}, {severity}</small>"


def _version() -> str:
    return str(great_expectations().__version__)


def _html(document: Any, heading: str, lead: str, home: str, settings: Settings) -> str:
    words = frame_words(settings)
    shown = {
        "sections": [_translated(section, settings) for section in document.to_json_dict()["sections"]],
        "language": settings.language,
        "words": words,
        "heading": heading,
        "crumb": heading,
        "lead": lead,
        "home": home,
        "css": style(),
    }
    text: str = _templates().get_template("page.j2").render(shown)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


@cache
def _templates() -> Any:
    """Great Expectations' templates with those of ours that take the place of one of theirs."""
    jinja = importlib.import_module("jinja2")
    environment = importlib.import_module(f"{_RENDER}.view").DefaultJinjaPageView().env
    own = jinja.PackageLoader("pipelines.quality", "site")
    environment.loader = jinja.ChoiceLoader([own, environment.loader])
    return environment


def _translated(value: Any, settings: Settings) -> Any:
    """The same content with known phrases in the reader's language, headings in order, and icons in words."""
    if isinstance(value, list):
        return [_translated(inner, settings) for inner in value if not _is_rule(inner)]
    if isinstance(value, str):
        return _phrase(value, settings.language)
    if not isinstance(value, Mapping):
        return value
    result = {key: _translated(inner, settings) for key, inner in value.items() if key != "table_options"}
    if value.get("tag") in _HEADINGS:
        result["tag"] = _HEADINGS[value["tag"]]
    if mark := _MARKS.get(value.get("markdown_status_icon", "")):
        result["icon"] = frame_words(settings)[mark]
    return result


def _is_rule(value: Any) -> bool:
    """Whether it is a line between two entries: theirs has an end tag, which HTML has not."""
    return isinstance(value, Mapping) and value.get("string_template", {}).get("tag") == "hr"


def _phrase(text: str, language: str) -> str:
    phrases, patterns = _words()["page"][language], _words()["pattern"][language]
    for pattern, replacement in patterns.items():
        if match := re.fullmatch(pattern, text):
            return match.expand(replacement)
    return str(phrases.get(text, text))
