"""What a cell may hold so that no spreadsheet runs it: the one place where that rule is written.

Records come from many hands, and a name field can hold ``=HYPERLINK(…)``. A spreadsheet takes a cell for
a formula when it begins with ``=``, ``+``, ``-`` or ``@`` (also in full width, also after blanks), and some
take a leading tab or line break for the start of a new cell; the list is OWASP's ("CSV Injection"). Such a
cell gets an apostrophe in front, which spreadsheets read as "this is text".

In ``worklist.csv``, which is for programs, a cell of dashes alone stays as it is: ``-`` is how sources write
"nothing", it cannot be a formula, and a program compares it with its own record. A program that wants the
source's own spelling back takes one leading apostrophe off where one of the signs above follows it.

The rules are SQL, because the cells are made in SQL; they work on columns, never cell by cell in Python.
"""

from __future__ import annotations

from typing import Final

from pipelines.engine import sql_text

DANGEROUS: Final = r"^(\s*[=+\-@＝＋－＠]|[\t\r\n])"
"""How a cell begins that a spreadsheet might run."""

PLACEHOLDER: Final = r"\s*-[-. ]*"
"""Dashes alone (with dots and blanks between): a source's word for "nothing"."""

UNWRITABLE: Final = (
    r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\x{061C}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}"
    r"\x{2066}-\x{2069}\x{FFFE}\x{FFFF}]"
)
"""Characters that XML cannot hold, and those that make a text look like another one (direction marks, signs without
width); each becomes U+FFFD, so that one can see that something was there."""

LONGEST: Final = 16_000
"""Characters of a cell: within Excel's 32,767 UTF-16 units whatever they are. A longer text ends in an
ellipsis; the whole of it is in ``worklist.csv``."""


def csv_text(expression: str) -> str:
    """SQL for a free-text cell of ``worklist.csv``: ``expression`` (text, may be null), made harmless."""
    return (
        f"case when regexp_matches({expression}, {sql_text(DANGEROUS)})"
        f" and not regexp_full_match({expression}, {sql_text(PLACEHOLDER)})"
        f" then '''' || {expression} else {expression} end"
    )


def sheet_text(expression: str) -> str:
    """SQL for a free-text cell of a workbook: every dangerous beginning neutralised, the length bounded.

    ``<r>`` counts as dangerous too: xlsxwriter takes a text between ``<r>`` and ``</r>`` for ready-made XML.
    """
    text = f"regexp_replace({expression}, {sql_text(UNWRITABLE)}, chr(65533), 'g')"
    short = f"case when length({text}) > {LONGEST} then left({text}, {LONGEST}) || '…' else {text} end"
    return (
        f"case when regexp_matches({expression}, {sql_text(DANGEROUS)}) or starts_with({expression}, '<r>')"
        f" then '''' || {short} else {short} end"
    )


def xml_text(expression: str) -> str:
    """SQL for a text inside a workbook's XML: markup escaped, and what looks like Excel's ``_x0041_``."""
    escaped = f"replace(replace(replace({expression}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
    # A carriage return is read back as a line feed by any XML reader unless written as a reference.
    kept = f"replace({escaped}, chr(13), '&#13;')"
    return f"regexp_replace({kept}, '_x([0-9A-Fa-f]{{4}})_', '_x005F_x\\1_', 'g')"
