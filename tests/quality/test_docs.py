"""The Data Docs: Great Expectations' results, on pages that need nothing from outside and name nobody."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pipelines.engine import read_artifact
from pipelines.errors import GateFailed
from pipelines.quality import collect, docs, gate
from pipelines.quality.suites import shipped
from pipelines.settings import Settings
from tests.quality.office import HOSPITAL, REGISTRY, SCHOOL, change, keep, lay, office, settings_in
from tests.quality.past import rejected_before
from tests.quality.spoiled import Gate
from tests.quality.test_gate import EVERY_GATE

pytestmark = pytest.mark.slow  # the import of Great Expectations alone takes seconds

OUTSIDE = re.compile(
    r"//[\w.-]+\.\w|@import|url\(|<script|<link|<iframe|<form|<img|<base|\bsrc=|\bon\w+=|localStorage|javascript:",
    re.IGNORECASE,
)
"""What could call out, load, run or send; a page of ours has none of it, not even in a comment."""

VOID = {"meta", "hr", "br", "input", "link", "img"}


@dataclass
class Page(HTMLParser):
    """What a page is made of, and whether every element is closed."""

    open: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    language: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "html":
            self.language = values.get("lang")
        self.links += [values["href"] or ""] if "href" in values else []
        self.ids += [values["id"] or ""] if "id" in values else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert page.open == []
    return page


def build(settings: Settings, gates: list[Gate] = EVERY_GATE) -> Path:
    """Run the gates on the office's tables and build the docs."""
    rejected_before(settings)
    artifacts = lay(office(), settings)
    results = [gate(stage, name, artifacts[table], settings) for stage, name, table in gates]
    return docs(collect(results, settings), settings)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The docs of a run in which everything passed, in Indonesian."""
    return build(settings_in(tmp_path_factory.mktemp("office"), language="id"))


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_there_is_a_page_for_every_gate_and_every_suite(site: Path) -> None:
    assert {path.stem for path in (site / "expectations").iterdir()} == set(shipped())
    validations = {
        str(path.relative_to(site / "validations")) for path in (site / "validations").rglob("*.html")
    }
    assert "records_people/2026-11-24/records/rsud-naibonat.html" in validations
    assert "raw_registry/2026-11-24/raw/dukcapil.html" in validations
    assert "items/2026-11-24/items/items.html" in validations
    assert len(validations) == 14
    assert [path.name for path in site.iterdir() if path.is_file()] == ["index.html"]


def test_no_page_calls_out_loads_or_runs_anything(site: Path) -> None:
    for path in pages(site):
        found = OUTSIDE.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path}: {found and found.group()}"


def test_great_expectations_own_page_would_be_noticed(settings: Settings) -> None:
    """The search above bites: on the page as Great Expectations itself would draw it."""
    build(settings, [("findings", "findings", "findings")])
    render: Any = importlib.import_module("great_expectations.render")
    view: Any = importlib.import_module("great_expectations.render.view")
    document = render.RenderedDocumentContent(
        sections=[], renderer_type="ValidationResultsPageRenderer", expectation_suite_name="findings"
    )
    assert len(OUTSIDE.findall(view.DefaultJinjaPageView().render(document))) > 20


def test_every_link_leads_to_a_page_of_the_site(site: Path) -> None:
    for path in pages(site):
        for link in read(path).links:
            assert (path.parent / link).resolve().is_file(), f"{path}: {link}"
            assert (path.parent / link).resolve().is_relative_to(site.resolve())


def test_every_page_can_be_reached_from_the_first(site: Path) -> None:
    seen, ahead = set(), [site / "index.html"]
    while ahead:
        path = ahead.pop().resolve()
        if path not in seen:
            seen.add(path)
            ahead += [path.parent / link for link in read(path).links]
    assert seen == {path.resolve() for path in pages(site)}


def test_pages_are_whole_and_their_headings_in_order(site: Path) -> None:
    for path in pages(site):
        page = read(path)
        assert page.language == "id"
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        assert all(
            after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False)
        )
        assert len(page.ids) == len(set(page.ids)), path


def test_nobody_is_named(site: Path) -> None:
    for path in pages(site):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\d{16}", text), path
        assert "MARIA" not in text.upper(), path


def test_an_auditor_reads_what_is_expected_what_was_seen_and_why(site: Path) -> None:
    page = site / "validations/records_people/2026-11-24/records/rsud-naibonat.html"
    text = " ".join(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")).split())
    assert "Tepat 4 baris: 5 diterima dikurangi 1 di karantina." in text
    assert "Tidak satu baris pun boleh hilang tanpa alasan yang tercatat. rows_accounted, kritis 4" in text
    assert "Lulus" in text


def test_nothing_of_great_expectations_own_language_is_left(site: Path) -> None:
    theirs = (
        r"\b(Expectations?|Overview|Observed|Succeeded|Failed|unexpected|Statistics|Table-Level|more info)\b"
    )
    for path in pages(site):
        text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = text.replace("Great Expectations", "")
        assert not re.search(theirs, text), f"{path}: {re.search(theirs, text)}"


def test_a_suites_page_shows_its_bounds_by_name(site: Path) -> None:
    text = (site / "expectations" / "raw_registry.html").read_text(encoding="utf-8")
    assert "Sekurangnya" not in text
    assert "Registri sekurangnya &#36;registry_min_rows baris" in text


def test_the_same_run_gives_the_same_bytes_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, site: Path
) -> None:
    again = build(settings_in(tmp_path_factory.mktemp("other"), language="id"), EVERY_GATE[::-1])
    files = [
        {str(path.relative_to(folder)): path.read_bytes() for path in pages(folder)}
        for folder in (site, again)
    ]
    assert files[0] == files[1]


def test_what_failed_is_said_on_the_first_page_and_on_its_own(settings: Settings) -> None:
    tables = office()
    keep(tables, f"records/{HOSPITAL}", 2)
    change(tables, f"records/{SCHOOL}", 0, birth_date=None)
    artifacts = lay(tables, settings)
    with pytest.raises(GateFailed):
        gate("records", HOSPITAL, artifacts[f"records/{HOSPITAL}"], settings)
    passed = gate("records", SCHOOL, artifacts[f"records/{SCHOOL}"], settings)
    failed = read_artifact(settings.folder(f"gates/records/{HOSPITAL}"))
    folder = docs(collect([failed, passed], settings), settings)
    lines = (folder / "index.html").read_text(encoding="utf-8").split("<tr>")
    (line,) = [line for line in lines if f"records/{HOSPITAL}" in line]
    assert '<span class="failed">Failed</span>' in line
    page = folder / f"validations/records_people/2026-11-24/records/{HOSPITAL}.html"
    assert "Exactly 4 rows: 5 received less 1 in quarantine." in page.read_text(encoding="utf-8")
    assert "✗" in page.read_text(encoding="utf-8")


def test_an_expectation_that_could_not_be_checked_is_shown_without_a_trace(settings: Settings) -> None:
    tables = office()
    tables[f"records/{SCHOOL}"] = tables[f"records/{SCHOOL}"].drop_columns(["sex"])
    artifacts = lay(tables, settings)
    with pytest.raises(GateFailed):
        gate("records", SCHOOL, artifacts[f"records/{SCHOOL}"], settings)
    pages_of_gate = settings.folder(f"gates/records/{SCHOOL}") / "pages"
    text = next(pages_of_gate.rglob(f"{SCHOOL}.html")).read_text(encoding="utf-8")
    assert "Could not be checked" in text
    assert "Traceback" not in text
    assert "site-packages" not in text


def test_a_gate_that_an_earlier_run_of_the_day_left_is_not_shown(settings: Settings) -> None:
    build(settings)
    artifacts = lay(office(), settings)
    only = gate("raw", REGISTRY, artifacts[f"raw/{REGISTRY}"], settings)
    folder = docs(collect([only], settings), settings)
    assert {path.stem for path in pages(folder)} == {"index", REGISTRY, "raw_people", "raw_registry"}
    assert HOSPITAL not in (folder / "index.html").read_text(encoding="utf-8")


def test_only_the_owner_may_read_them(site: Path) -> None:
    for path in (site, *site.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
