"""The name an item keeps: the same record and cause give the same id, every day and on every machine.

There is no secret in it: whoever guesses a record's key can tell by the id that they guessed right, and the keys of a
registry are numbers that can be guessed. ``docs/security.md`` says what that means.
"""

from __future__ import annotations

import base64
import hashlib
import string
from typing import Final

from pipelines.records import PAIR_CAUSES

PREFIX: Final = "P-"
"""Begins every id, so that no spreadsheet takes one for a number."""

LETTERS: Final = 12
"""Base32 letters of the digest in an id: 60 bits, one chance in two million that a million items clash."""

ALPHABET: Final = string.ascii_uppercase + "234567"
"""RFC 4648's base32."""


def item_id(source: str, source_record_id: str, cause: str, related: str | None = None) -> str:
    """The id of the item about ``source_record_id``; ``related`` counts for the pair causes alone.

    >>> item_id("rsud-naibonat", "000123", "NIK_MISTYPED")
    'P-QXIOXDPF3JUO'
    """
    first, second = source_record_id, ""
    if cause in PAIR_CAUSES:
        first, second = sorted((source_record_id, related or ""))
    key = "".join(f"{len(part.encode())}:{part}" for part in (source, cause, first, second))
    return PREFIX + base64.b32encode(hashlib.sha256(key.encode()).digest())[:LETTERS].decode()


def identified_sql(table: str) -> str:
    """``table`` (with the columns of findings) and ``item_id`` before them, as an SQL query."""
    paired = f"cause in ({', '.join(repr(cause.value) for cause in PAIR_CAUSES)})"
    other = "coalesce(related, '')"
    parts = (
        "source",
        "cause",
        f"case when {paired} then least(source_record_id, {other}) else source_record_id end",
        f"case when {paired} then greatest(source_record_id, {other}) else '' end",
    )
    key = " || ".join(f"strlen({part}) || ':' || {part}" for part in parts)
    # Fifteen hexadecimal digits are the digest's first 60 bits; each five of them are one letter. The digest is
    # named once: written out for each letter, DuckDB would plan it twelve times.
    letters = (
        f"substr('{ALPHABET}', ((bits >> {5 * (LETTERS - 1 - i)}) & 31)::integer + 1, 1)"
        for i in range(LETTERS)
    )
    return f"""
        select '{PREFIX}' || {" || ".join(letters)} as item_id, * exclude (bits)
        from (select *, ('0x' || left(sha256({key}), 15))::ubigint as bits from {table})"""
