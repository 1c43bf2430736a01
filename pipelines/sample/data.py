"""The data file of the sampler, ``sample.toml``, read and checked: names, places, rates, presets of dirt."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pipelines.sample.dirt import Dirt
from pipelines.sample.fields import Bars, Pairs, Points, Region, Section, Share, Spread, Words


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
