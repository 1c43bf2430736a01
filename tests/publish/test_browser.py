"""The auditors' page in a real browser, which is refused the network: on a desk, on a telephone, on paper."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from playwright.sync_api import Request, sync_playwright

from pipelines.publish.figures import HistoryLine
from pipelines.publish.monthly import Line, Month
from pipelines.publish.pdf import print_pdf
from pipelines.publish.report import render_month
from pipelines.publish.words import load_words
from pipelines.records import Cause
from tests.publish.office import Office, build_office
from tests.publish.programs import chromium, pdfinfo
from tests.publish.test_report import judge, keep, page, remember

pytestmark = pytest.mark.slow

SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One with three earlier publications and some answers, so that every picture is there."""
    office = build_office(tmp_path_factory.mktemp("office"))
    office.publish()
    for days, waiting in ((9, 40), (6, 25), (3, 12)):
        remember(office, date(2026, 11, 24) - timedelta(days), "published", waiting)
    judge(office, date(2026, 11, 20), ("NIK_WRONG", 0.93, "corrected"), ("NIK_MISTYPED", 0.99, "rejected"))
    keep(office, date(2026, 11, 23), validity=0.9)
    office.publish()
    return office


@pytest.fixture(scope="module")
def tab(office: Office) -> Iterator[tuple[Tab, list[str], list[str]]]:
    """The page opened, with every address that it asked for and everything that its console said."""
    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--disable-gpu", "--disable-background-networking"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        opened = browser.new_page(viewport={"width": 1280, "height": 900}, offline=True)

        def note(request: Request) -> None:
            asked.append(request.url)

        opened.on("request", note)
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.goto((office.folder / "report.html").as_uri())
        yield opened, asked, said
        browser.close()


def test_nothing_is_asked_of_anybody_and_nothing_goes_wrong(
    office: Office, tab: tuple[Tab, list[str], list[str]]
) -> None:
    _, asked, said = tab
    assert asked == [(office.folder / "report.html").as_uri()]
    assert said == []


def test_what_is_shown_is_what_was_written(office: Office, tab: tuple[Tab, list[str], list[str]]) -> None:
    opened, _, _ = tab
    script = """() => Object.fromEntries([...document.querySelectorAll('table')].map(t =>
        [t.caption.textContent, [...t.rows].map(r => [...r.cells].map(c => {
            const cell = c.cloneNode(true);
            cell.querySelectorAll('small').forEach(s => s.remove());
            return cell.textContent; }))]))"""
    assert opened.evaluate(script) == page(office).tables


def test_every_picture_is_there_and_has_its_words(tab: tuple[Tab, list[str], list[str]]) -> None:
    opened, _, _ = tab
    pictures = opened.locator("svg.chart")
    assert pictures.count() == 9
    for i in range(pictures.count()):
        assert pictures.nth(i).get_attribute("aria-label")


@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "telephone"])
def test_axe_finds_nothing_serious(tab: tuple[Tab, list[str], list[str]], width: int) -> None:
    opened, _, _ = tab
    opened.set_viewport_size({"width": width, "height": 900})
    opened.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(opened).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in SERIOUS] == []


def test_a_telephone_need_not_scroll_sideways(tab: tuple[Tab, list[str], list[str]]) -> None:
    opened, _, _ = tab
    opened.set_viewport_size({"width": 390, "height": 844})
    assert opened.evaluate("document.documentElement.scrollWidth") == 390


def test_a_browser_prints_it_the_same_each_time(office: Office, tmp_path: Path) -> None:
    chromium()
    for name in ("one.pdf", "two.pdf"):
        print_pdf(office.folder / "report.html", tmp_path / name, date(2026, 11, 24))
    first = (tmp_path / "one.pdf").read_bytes()
    assert first.startswith(b"%PDF")
    assert b"(D:20261124000000" in first
    assert first == (tmp_path / "two.pdf").read_bytes()


def test_a_month_with_every_cause_is_one_sheet_of_paper(tmp_path: Path) -> None:
    runs = tuple(
        HistoryLine(f"2026-11-{day:02d}", 40_000, 1_900, 2_800 - 9 * day, 12, 21) for day in range(1, 31)
    )
    lines = [Line(cause, 2_791, 360, 600, 30, 0, 2_521, 29) for cause in Cause]
    owners = tuple(replace(line, key=f"puskesmas-{n}") for n, line in enumerate(lines[:7]))
    found = Month(date(2026, 11, 1), date(2026, 11, 30), runs, lines[0], owners, tuple(lines))
    page = tmp_path / "month.html"
    page.write_bytes(render_month(found, "dukcapil", load_words("id")))
    chromium()
    print_pdf(page, tmp_path / "month.pdf", found.last)
    told = subprocess.run(
        [pdfinfo(), tmp_path / "month.pdf"], check=True, capture_output=True, text=True
    ).stdout
    assert re.search(r"^Pages: +1$", told, re.MULTILINE)
    assert "30 November 2026" in page.read_text(encoding="utf-8")
