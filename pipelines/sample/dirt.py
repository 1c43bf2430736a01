"""How dirty each source is: the dials of a preset."""

from __future__ import annotations

from pipelines.sample.fields import Section, Share


class NumberSlips(Section):
    """Shares of a source's records whose number went wrong in this way; a record has at most one."""

    missing: Share
    length: Share
    letters: Share
    float: Share
    unfilled: Share
    impossible: Share
    digit: Share
    swapped: Share
    last_zero: Share
    day_sex: Share
    mother: Share
    sibling: Share
    spouse: Share
    stranger: Share
    family_card: Share
    old: Share
    invented: Share


class NameSlips(Section):
    """Shares of a source's records whose name is written otherwise in this way; several can meet."""

    spelling: Share
    typo: Share
    initials: Share
    reordered: Share
    dropped: Share
    husband: Share
    title: Share
    prefix: Share
    joined: Share


class DateSlips(Section):
    """Shares of a source's records whose birth date is wrong in this way; a record has at most one."""

    day_month: Share
    decade: Share
    digit: Share
    default_day: Share
    missing: Share
    other_format: Share


class SourceDirt(Section):
    """How dirty one agency's records are."""

    unregistered: Share
    unregistered_without_number: Share
    newborns: Share
    newborn_mother: Share
    newborn_missing: Share
    twice: Share
    dressing: Share
    deceased: Share
    inactive: Share
    sex_slip: Share
    place_missing: Share
    place_variant: Share
    mother_missing: Share
    mother_variant: Share
    mother_nickname: Share
    title_case: Share
    family_card_missing: Share = 0
    family_card_old: Share = 0
    numbers: NumberSlips
    names: NameSlips
    dates: DateSlips


class VerdictHabits(Section):
    """About which numbers the central service was asked, and how it answered."""

    asked: Share
    registry_asked: Share
    offline: Share
    changed: Share
    again: Share
    mismatch: Share


class Dirt(Section):
    """A preset, complete."""

    clans_kept: Share
    clan_exponent: float
    visitors: Share
    health: SourceDirt
    education: SourceDirt
    verdicts: VerdictHabits
