"""The rules of an item's life, written plainly and apart from the code: one item, one day, in Python.

Nothing here knows of SQL, of the store or of rows by date of change: a day is a dictionary of items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

Key = tuple[str, str, str]
"""Source, record, cause."""

NUMBER = {"NIK_MISTYPED", "NIK_WRONG", "NIK_MISSING"}
"""The causes used here that a record's number has one at a time."""

OPEN = {"new", "open", "returned"}


@dataclass(frozen=True)
class Found:
    """What a finding says that matters."""

    number: str
    proposal: str | None


@dataclass(frozen=True)
class Item:
    """How an item stands after a day."""

    status: str
    first: date
    last: date
    found: Found
    spent: int = 0  # decisions up to this one are over


@dataclass(frozen=True)
class Said:
    """An officer's decision that was taken; decisions count from 1."""

    number: int
    key: Key
    kind: str
    effective: date
    proposal: str | None


@dataclass(frozen=True)
class Day:
    """After a day: how each item stands, and which were on its worklist."""

    items: Mapping[Key, Item]
    listed: frozenset[Key]


def needs(key: Key) -> set[str]:
    """The sources without which nothing can be said of an item."""
    return {key[0], "bpjs", "satusehat"} if key[2] == "NIK_NOT_ONLINE" else {key[0]}


def live(
    before: Mapping[Key, Item],
    findings: Mapping[Key, Found],
    unread: set[str],
    said: Sequence[Said],
    today: date,
    wait: timedelta,
) -> Day:
    """What a day makes of the items of the day before."""
    items: dict[Key, Item] = {}
    listed: set[Key] = set()
    for key in before.keys() | findings.keys():
        was = before.get(key)
        known = [one for one in said if one.key == key and one.effective <= today]
        decision = known[-1] if known else None
        if key in findings:
            item = seen(was, findings[key], decision, today, wait)
        elif was is None or was.status == "resolved":
            item = was
        elif needs(key) & unread:
            item = replace(was, status="open") if was.status == "new" else was
        else:
            item = replace(was, status="resolved")
        if item is None:
            continue
        items[key] = item
        if item.status in OPEN or (
            (was is None or was.status in OPEN) and item.status in ("resolved", "rejected")
        ):
            listed.add(key)
    return keep_waiting_time(before, Day(items, frozenset(listed)), findings, today)


def seen(was: Item | None, found: Found, decision: Said | None, today: date, wait: timedelta) -> Item:
    """What becomes of an item that was found today."""
    latest = decision.number if decision else 0
    if was is None or was.status == "resolved":
        # What was decided of an item before it began, in a life that a rerun may have erased, is over.
        return Item("new", today, today, found, max(latest, was.spent if was else 0))
    if was.status == "rejected":
        if found == was.found:
            return replace(was, last=today)
        return Item("open", was.first, today, found, max(latest, was.spent))
    item = Item("open", was.first, today, found, was.spent)
    if decision is None or decision.number <= was.spent:
        return item
    if decision.kind == "rejected":
        if found != was.found or decision.proposal != was.found.proposal:
            return replace(item, spent=latest)
        return replace(item, status="rejected")
    if decision.kind == "corrected" and today >= decision.effective + wait:
        return replace(item, status="returned")
    return item


def keep_waiting_time(
    before: Mapping[Key, Item], day: Day, findings: Mapping[Key, Found], today: date
) -> Day:
    """A record's number whose cause changed has waited since it was first seen under the old one."""
    items = dict(day.items)
    for key, item in day.items.items():
        source, record, cause = key
        if item.status != "new" or cause not in NUMBER:
            continue
        for other in NUMBER - {cause}:
            old = before.get((source, record, other))
            now = day.items.get((source, record, other))
            if old and old.status != "resolved" and now and now.status == "resolved":
                items[key] = replace(item, status="open", first=old.first)
    return Day(items, day.listed)


def taken(before: Mapping[Key, Item], said: Sequence[Said], key: Key, kind: str, last_run: date) -> bool:
    """Whether an officer's decision about an item, by the worklist of the last run, is taken."""
    item = before.get(key)
    if item is None or item.status not in OPEN:
        return False
    earlier = [one for one in said if one.key == key and one.number > item.spent]
    if not earlier:
        return True
    waits = earlier[-1].effective > last_run
    if earlier[-1].kind == kind:
        return item.status == "returned" and not waits
    return not waits
