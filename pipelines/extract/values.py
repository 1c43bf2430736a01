"""Values of spreadsheets, databases and typed files as the text a person would see, exact to the last digit.

A whole number keeps every digit it has. A number that its own program already cut to a float's fifteen
digits keeps the digits that are left: they are evidence for later stages. A day is ``YYYY-MM-DD``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

_HUGE = 1e18
"""Whole floats from here on stay in scientific writing: no key or number of a person is that long."""


def text_of(value: object) -> str | None:
    """One Python value as text; None stays None.

    >>> text_of(5301010101900010.0), text_of(1.5), text_of(date(1990, 1, 2))
    ('5301010101900010', '1.5', '1990-01-02')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes_text(bytes(value))
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=text_of, separators=(",", ":"))
    return str(value)


def _float_text(value: float) -> str | None:
    if value != value:
        return None
    return str(int(value)) if abs(value) < _HUGE and value.is_integer() else repr(value)


def _decimal_text(value: Decimal) -> str | None:
    if not value.is_finite():
        return None if value.is_nan() else str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _bytes_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def column_of(values: Sequence[object]) -> pa.Array:
    """A column of Python values as text; the commonest kinds go through Arrow, in a tenth of the time."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {date}:
        return pa.array(values, pa.date32()).cast(pa.string())
    texts = values if kinds <= {str} else [text_of(value) for value in values]
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, as JSON's escapes can make them
        return pa.array(
            [t and t.encode("utf-8", "replace").decode() for t in map(text_of, texts)], pa.string()
        )


def as_text(array: pa.Array) -> pa.Array:
    """A typed Arrow array as text, by the same rules as ``text_of``."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return as_text(array.dictionary_decode())
    if pa.types.is_floating(kind):
        return _floats_text(array.cast(pa.float64()))
    if pa.types.is_timestamp(kind):
        return _timestamps_text(array)
    if _casts_well(kind):
        return array.cast(pa.string())
    return pa.array([text_of(value) for value in array.to_pylist()], pa.string())


def _casts_well(kind: pa.DataType) -> bool:
    tests = ("string", "large_string", "string_view", "integer", "boolean", "date", "null")
    return any(getattr(pa.types, f"is_{test}")(kind) for test in tests)


def _floats_text(array: pa.Array) -> pa.Array:
    whole = pc.and_(pc.equal(pc.floor(array), array), pc.less(pc.abs(array), _HUGE))
    if array.null_count < len(array) and pc.all(whole).as_py():
        return array.cast(pa.int64()).cast(pa.string())
    return pa.array([text_of(value) for value in array.to_pylist()], pa.string())


def _timestamps_text(array: pa.Array) -> pa.Array:
    local = pc.local_timestamp(array) if array.type.tz else array
    if array.type.unit == "ns":  # Python has no nanoseconds, and no source of ours needs them
        local = local.cast(pa.timestamp("us"), safe=False)
    day = local.cast(pa.date32(), safe=False)
    if pc.all(pc.equal(day.cast(local.type), local)).as_py():
        return day.cast(pa.string())
    return pa.array([text_of(value) for value in local.to_pylist()], pa.string())
