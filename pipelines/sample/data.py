"""The data file of the sampler, ``sample.toml``, read and checked: names, places, rates, presets of dirt."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
"""A probability or a part of a whole."""


def _words(text: object) -> object:
    """Split a list that is written as running text; an underscore is a space inside one word."""
    return tuple(word.replace("_", " ") for word in text.split()) if isinstance(text, str) else text


def _pairs(text: object) -> object:
    """Split ``from=to`` words."""
    if not isinstance(text, str):
        return text
    return tuple(tuple(word.replace("_", " ").split("=")) for word in text.split())


def _bars(text: object) -> object:
    return tuple(text.split("|")) if isinstance(text, str) else text


def _region(text: object) -> object:
    """``53.01.04`` as the number 530104."""
    return int(text.replace(".", "")) if isinstance(text, str) else text


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Pairs = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_pairs)]
Bars = Annotated[tuple[str, ...], BeforeValidator(_bars)]
Region = Annotated[int, BeforeValidator(_region)]
Points = tuple[tuple[float, float], ...]
Spread = tuple[float, float]


class Section(BaseModel):
    """A table of the file: no key too many, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sizes(Section):
    """How many records each agency has, as shares of the people asked for."""

    patients: Share
    pupils: Share
    pupils_of_school_age: Share
    school_age: tuple[int, int]


class Likely(Section):
    """How likely each is to be a patient, against the others."""

    infant: float
    small_child: float
    fertile_woman: float
    old: float
    other: float


class Agencies(Section):
    """Who comes to the hospital and to school, and how old their records are."""

    likely: Likely
    newborn_years: int
    records_years: int
    school_until: int
    stays_at_school: Share
    unregistered_seen: float


class Desk(Section):
    """Whose number is given at the desk."""

    child_until: int
    copied_down: Share
    second_card_shown: Share


class Life(Section):
    """Births, marriages, deaths; ``Points`` are (year, value), linear between them."""

    founders: tuple[int, int]
    growth: float
    incomers: Share
    incomers_born: tuple[int, int]
    women_marry: Spread
    men_marry: Spread
    marry: Share
    unwed: Share
    mixed: Share
    children: Points
    twins: Share
    infant_death: Points
    old_age: Spread
    leave: Share


class Homes(Section):
    """Who lives with whom, and where."""

    stay_in_district: Share
    moved: Share
    widowed_with_child: Share
    unwed_with_parents: Share
    own_home_from: int
    own_home: Share


class Numbers(Section):
    """How numbers were issued."""

    born_elsewhere: Share
    wrong_date_at_issue: Share
    wrong_sex_at_issue: Share
    wrong_record_wrong_number: Share
    gap: Share
    provinces: frozenset[int]


class RegistryHabits(Section):
    """What the office itself writes otherwise than it is."""

    deceased: Share
    inactive: Share
    two_numbers: Share
    blocked_second: Share
    second_date_wrong: Share
    second_name_variant: Share
    second_mother_variant: Share
    second_same_card: Share
    own_date_wrong: Share
    default_day: Share
    default_day_before: int
    mother_spelling: Share
    mother_missing: Share
    mother_nik: Share
    degree: Share
    newborn_unregistered: Share
    newborn_days: int


class District(Section):
    """A kecamatan of the regency: its code as a number, its weight by people, its villages."""

    code: Region
    name: str
    weight: float
    places: Words


class Birthplaces(Section):
    """Which place a birth certificate names."""

    town: str
    town_share: Share
    regency: str
    regency_share: Share


class Elsewhere(Section):
    """Another regency, where numbers were first issued: ``districts`` of them, numbered from 1."""

    regency: Region
    place: str
    districts: int
    weight: float


class Dead(Section):
    """Districts that no longer exist, and who has a number from one."""

    codes: tuple[Region, ...]
    before: int
    share: Share


class Nation(Section):
    """A people: its clans from common to rare, which given names it uses, how many come from elsewhere."""

    name: str
    weight: float
    incomer_weight: float
    given: str
    religion: str
    clan_use: Share
    clans: Words


class Given(Section):
    """Given names of both sexes, old and new; ``count`` are the shares of one to four of them."""

    old_until: int
    count: tuple[float, float, float, float]
    count_old: tuple[float, float, float, float]
    female: Words
    male: Words
    female_new: Words
    male_new: Words


class Naming(Section):
    """Old and new names, and the pairs that twins are given."""

    new_after_new: Share
    new_at_most: Share
    twins_alike: Share
    twin_women: Pairs
    twin_men: Pairs
    unknown_parents: int


class Curve(Section):
    """A rank's weight: (rank + shift) ^ -exponent."""

    exponent: float
    shift: float


class Title(Section):
    """A word before the name, and who may bear it."""

    word: str
    sex: Literal["L", "P"] | None = None
    religion: str | None = None

    def fits(self, woman: bool, religion: str) -> bool:
        """Whether somebody of this sex and religion may bear it."""
        return self.sex in (None, "P" if woman else "L") and self.religion in (None, religion)


class Writing(Section):
    """How people and clerks write what they mean."""

    nicknames: Pairs
    short: Pairs
    sounds: Pairs
    neighbours: Pairs
    degrees: Bars
    titles: tuple[Title, ...]
    with_degree: Share
    late: Share
    son_of: Share
    degree_at_agency: Share
    address_behind: Share
    placeholders_common: tuple[str, ...]
    placeholders: tuple[str, ...]
    no_mother: tuple[str, ...]
    places: Pairs
    found: tuple[str, ...]
    not_found: tuple[str, ...]
    mismatch: tuple[str, ...]


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


class Zipf(Section):
    """How names recur."""

    given: Curve
    clans: Curve


class Data(Section):
    """The whole file; ``dirt`` holds each preset with what it inherits filled in."""

    as_of: date
    sizes: Sizes
    agencies: Agencies
    desk: Desk
    life: Life
    homes: Homes
    numbers: Numbers
    registry: RegistryHabits
    districts: tuple[District, ...]
    birthplaces: Birthplaces
    elsewhere: tuple[Elsewhere, ...]
    dead: Dead
    peoples: tuple[Nation, ...]
    given: dict[str, Given]
    naming: Naming
    zipf: Zipf
    writing: Writing
    dirt: dict[str, Dirt]


BASE = "ordinary"
"""The preset that the others are laid over."""


def _over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """``own`` laid over ``base``, table by table."""
    merged = dict(base)
    for key, value in own.items():
        merged[key] = _over(base.get(key, {}), value) if isinstance(value, dict) else value
    return merged


@cache
def load() -> Data:
    """Read the data file; raises ``pydantic.ValidationError`` naming every fault in it."""
    document = tomllib.loads(files("pipelines.sample").joinpath("sample.toml").read_text(encoding="utf-8"))
    presets = document["dirt"]
    document["dirt"] = {name: _over(presets[BASE], own) for name, own in presets.items()}
    return Data.model_validate(document)


def presets() -> tuple[str, ...]:
    """The names of the presets of dirt, in the data file's order."""
    return tuple(load().dirt)
