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
    found: Found


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
    runs: Sequence[tuple[date, set[str]]] = (),
) -> Day:
    """What a day makes of the items of the day before; ``runs``: every earlier one, and what it could not read."""
    items: dict[Key, Item] = {}
    listed: set[Key] = set()
    for key in before.keys() | findings.keys():
        was = before.get(key)
        known = [one for one in said if one.key == key and one.effective <= today]
        decision = known[-1] if known else None
        if key in findings:
            read = max((day for day, missing in runs if not needs(key) & missing), default=date.min)
            item = seen(was, findings[key], decision, today, wait, read)
        elif was is None or was.status == "resolved":
            item = was
        elif needs(key) & unread:
            item = replace(was, status="open") if was.status == "new" else was
        else:
            item = replace(was, status="resolved")
        if item is None:
            continue
        items[key] = item
        started = key in findings and begins(was)
        if started or item.status in OPEN or (was is not None and was.status in OPEN):
            listed.add(key)
    return keep_waiting_time(before, Day(items, frozenset(listed)), findings, today)


def begins(was: Item | None) -> bool:
    """Whether an item that is found has no life to go on with."""
    return was is None or was.status == "resolved"


def seen(
    was: Item | None, found: Found, decision: Said | None, today: date, wait: timedelta, read: date
) -> Item:
    """What becomes of an item that was found today; ``read``: the last run before that looked for it."""
    latest = decision.number if decision else 0
    if begins(was):
        # Answered in a life that a rerun has erased: the answer stands if this is the same, seen without a break.
        if decision is None or decision.effective <= read or decision.found != found:
            return Item("new", today, today, found, max(latest, was.spent if was else 0))
        return answered(Item("open", today, today, found, was.spent if was else 0), decision, today, wait)
    if was.status == "rejected":
        if found == was.found:
            return replace(was, last=today)
        return Item("open", was.first, today, found, max(latest, was.spent))
    item = Item("open", was.first, today, found, was.spent)
    if decision is None or decision.number <= was.spent:
        return item
    if decision.kind == "rejected" and (found != was.found or decision.found.proposal != was.found.proposal):
        return replace(item, spent=latest)
    return answered(item, decision, today, wait)


def answered(item: Item, decision: Said, today: date, wait: timedelta) -> Item:
    """What an officer's decision makes of an open item."""
    if decision.kind == "rejected":
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
        if key not in findings or not begins(before.get(key)) or cause not in NUMBER:
            continue
        for other in NUMBER - {cause}:
            old = before.get((source, record, other))
            now = day.items.get((source, record, other))
            if old and old.status != "resolved" and now and now.status == "resolved":
                items[key] = replace(
                    item, first=old.first, status={"new": "open"}.get(item.status, item.status)
                )
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
