"""A suggestion as people read it: the layout's TOML with a reason at each line, and a table of certainties."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pipelines.records import PERSON_FIELDS
from pipelines.suggest.judge import WRITTEN, Pick
from pipelines.suggest.suggestion import NEEDED, Suggestion

_HEAD = """\
# Drafted from {rows:,} rows of {label}: certainty (0 to 1) and reason stand at the end of each line. Correct
# what is wrong, save it beside padan.toml and name it there by its path; padan check shows how it reads.
"""


def toml(found: Suggestion) -> str:
    """The layout, ready to be saved; what is less than even stays a comment for a person to decide."""
    lines = [
        _HEAD.format(rows=found.rows, label=" ".join(found.label.split())),
        f"name = {_text(found.name)}",
    ]
    order = found.order
    lines.append(f"date_order = {_text(order.value)}  # {order.certainty:.2f} {order.reason}")
    lines.append(f"required = {_list(found.required)}")
    if found.header:
        lines.append(
            f"header = {_list(found.header)}  # the file has none; these names stand for its columns"
        )
    if found.query:
        lines.append(f"query = {_text(found.query)}")
    if found.key:
        lines.append(f"key = {_text(found.key)}")
    if found.placeholders:
        lines.append("placeholders = [")
        lines += [
            _if(p.certainty, f"  {_text(p.value)},") + f"  # {p.certainty:.2f} {p.reason}"
            for p in found.placeholders
        ]
        lines.append("]")
    lines += ["", "[columns]", *(_column(found, p) for p in _in_order(found.picks))]
    missing = [field for field in ("record_id", "nik", "name") if field not in found.columns]
    lines += [
        f'# {field} = ["?"]  # 0.00 no column looks like it: name it, or no run can use this source'
        for field in missing
    ]
    if found.sex:
        lines += ["", "[sex]", *(f"{sex} = {_list(words)}" for sex, words in found.sex.items())]
    lines += ["", *(f"# {note}" for note in found.notes)] if found.notes else []
    return "\n".join(lines) + "\n"


def certainties(found: Suggestion) -> str:
    """One line a field: its column, how sure, and why; what is less than even is marked."""
    lines = [f"{found.label}: {found.rows:,} rows looked at", ""]
    rows = [
        (p.field, found.columns[p.field] or "(no name)", p.certainty, p.reason)
        for p in _in_order(found.picks)
    ]
    rows.append(("date_order", found.order.value, found.order.certainty, found.order.reason))
    wide = max(len(row[1]) for row in rows) + 2
    for field, column, certainty, reason in rows:
        mark = " " if certainty >= WRITTEN else "?"
        lines.append(f"{mark} {field:<15}{column:<{wide}}{certainty:.2f}  {reason}")
    absent = [f for f in PERSON_FIELDS if f not in found.columns]
    lines += ["", f"no column for: {', '.join(absent)}"] if absent else []
    return "\n".join(lines)


def _column(found: Suggestion, pick: Pick) -> str:
    entry = f"{pick.field} = {_list([found.columns[pick.field]])}"
    if pick.field in NEEDED and pick.certainty < WRITTEN:
        return f"{entry}  # {pick.certainty:.2f} CHECK THIS: {pick.reason}"
    return _if(pick.certainty, entry) + f"  # {pick.certainty:.2f} {pick.reason}"


def _in_order(picks: Iterable[Pick]) -> list[Pick]:
    return sorted(picks, key=lambda p: PERSON_FIELDS.index(p.field))


def _if(certainty: float, line: str) -> str:
    return line if certainty >= WRITTEN else f"# {line.strip()}"


def _text(value: str) -> str:
    """A TOML basic string: JSON's escapes are all among TOML's, save the delete sign's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
