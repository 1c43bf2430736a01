"""Tables for terminal and page, and the page that keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.tables import PAGE, keep, table


def test_a_table_is_aligned_for_the_eye_and_is_markdown() -> None:
    assert table(["figure", "Padan", "peer"], [["cause", "0.99", "0.9"], ["wall", "1", "12.5"]]) == (
        "| figure | Padan | peer |\n"
        "| ------ | ----: | ---: |\n"
        "| cause  |  0.99 |  0.9 |\n"
        "| wall   |     1 | 12.5 |"
    )


def test_a_row_of_another_length_is_a_mistake() -> None:
    with pytest.raises((ValueError, IndexError)):
        table(["figure", "Padan"], [["cause", "0.99", "0.9"]])
    with pytest.raises((ValueError, IndexError)):
        table(["figure", "Padan"], [["cause"]])


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(
        "# Top\n\n<!-- a: begin -->\nold\n<!-- a: end -->\n\nbetween\n\n<!-- b: begin -->\n<!-- b: end -->\nend\n"
    )
    return path


def test_a_section_is_replaced_and_nothing_else(page: Path) -> None:
    keep("a", "\nnew\n\n", page)
    keep("b", "more", page)
    assert page.read_text() == (
        "# Top\n\n<!-- a: begin -->\nnew\n<!-- a: end -->\n\nbetween\n\n<!-- b: begin -->\nmore\n<!-- b: end -->\nend\n"
    )
    keep("a", "newer", page)
    assert page.read_text().count("new") == 1


@pytest.mark.parametrize("section", ["c", "a:", ""])
def test_a_page_without_the_section_stays_as_it_is(page: Path, section: str) -> None:
    before = page.read_text()
    with pytest.raises(ValueError, match="has no section"):
        keep(section, "text", page)
    assert page.read_text() == before


def test_a_section_that_never_ends_would_swallow_the_rest(page: Path) -> None:
    page.write_text("<!-- a: begin -->\nold\nkept\n")
    with pytest.raises(ValueError, match="has no section"):
        keep("a", "text", page)
    assert page.read_text().endswith("kept\n")


def test_the_kept_page_has_the_sections_that_are_written() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for section in ("compare", "ablation"):
        assert text.count(f"<!-- {section}: begin -->") == text.count(f"<!-- {section}: end -->") == 1
