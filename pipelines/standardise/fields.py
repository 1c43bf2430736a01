"""Every field of a person's record, from a raw row to what stands in ``RECORDS``.

A value is first asked whether it is written in the usual way, which takes one cheap test. Only if it is not,
its concept works out what it is: one value in ten, so that what the concepts cost hardly shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import date, timedelta

from pipelines.engine import sql_text
from pipelines.layouts import Layout
from pipelines.records import Status
from pipelines.settings import Settings, Source
from pipelines.standardise import dates, names, nik, numbers, places, sex, status
from pipelines.standardise.known import district_name
from pipelines.standardise.steps import Concept, Step, side_by_side, where
from pipelines.standardise.text import fills_width, plain, trimmed


def fields(source: Source, settings: Settings, filled: Set[str]) -> Concept:
    """From ``raw_<field>`` of ``PERSON_FIELDS`` to the columns of ``RECORDS`` that are not of the row itself.

    Beside them ``<field>_fault`` of what can be unreadable, and ``changed``, when the row was last changed if
    the source says so. No row has anything in a field that is not in ``filled``. Needs ``known.load_known``.
    """
    is_registry = source.name == settings.registry.name
    changed = dates.moment("changed_at") if "changed_at" in filled else "cast(null as timestamp)"
    alone = side_by_side(
        *_people(source.layout, filled),
        number(source.layout.placeholders),
        *_days(source.layout, settings.run_date, filled),
        *_words(source.layout, is_registry, filled),
        *_places(source.layout, filled),
        [_as_written(source)],
    )
    return [
        *alone,
        *nik.evidence(settings.run_date),  # which the birth date helps to read
        {
            "source_record_id": "nik_text" if is_registry else trimmed("raw_record_id"),
            "changed": changed,
        },
    ]


def read(field: str, regular: Concept, concept: Concept, otherwise: Step | None = None) -> Concept:
    """From ``raw_<field>`` to what the concept makes of its plain form; it is asked only of odd values.

    ``regular`` makes ``<field>_regular``: the value of the usual ways to write it, null for all others. Where
    nothing is odd the columns have the value that ``otherwise`` gives; without it the field has the regular
    one, and the rest are null.
    """
    known, odd = f"{field}_regular", f"{field}_odd"
    return [
        *regular,
        {odd: f"case when {known} is null then raw_{field} end"},
        *where(odd, [{f"plain_{field}": plain(odd)}, *concept], otherwise or {field: known}),
    ]


def _nothing(kind: str, *columns: str) -> Concept:
    return [dict.fromkeys(columns, f"cast(null as {kind})")]


def _people(layout: Layout, filled: Set[str]) -> Iterable[Concept]:
    """Names and family numbers."""
    own = layout.placeholders
    for field in ("name", "mother_name", "father_name"):
        regular = {f"{field}_regular": names.regular(f"raw_{field}", own)}
        concept = read(field, [regular], names.concept(field, own))
        yield concept if field in filled else _nothing("varchar", field)
    for field in ("kk", "mother_nik", "father_nik"):
        regular = {f"{field}_regular": numbers.regular(f"raw_{field}", own)}
        concept = read(field, [regular], numbers.concept(field, own))
        yield concept if field in filled else _nothing("varchar", field, f"{field}_fault")


def number(own: Iterable[str]) -> Concept:
    """From ``raw_nik`` to what ``nik.classified`` makes of its plain form.

    Like ``read``; only that an empty number says something too, and that of each number more is asked.
    """
    usual = {"nik_text": "nik_regular", "nik_sixteen": "nik_regular"}
    undressed = [{"plain_nik": plain("nik_odd")}, *nik.undressed(own)]
    return [
        {"nik_regular": numbers.regular("raw_nik", own)},
        {"nik_odd": "case when nik_regular is null then coalesce(raw_nik, '') end"},
        *where("nik_odd", undressed, {**usual, "nik_missing": "false", "nik_is_float": "false"}),
        *nik.judged(),
    ]


def _days(layout: Layout, run_date: date, filled: Set[str]) -> Iterable[Concept]:
    own, order = layout.placeholders, layout.date_order
    tomorrow = run_date + timedelta(days=1)  # a server's clock may be ahead by its time zone
    for field, latest in (("birth_date", run_date), ("changed_at", tomorrow)):
        if field in filled:
            regular = dates.regular(field, order, latest, own)
            yield read(field, regular, dates.concept(field, order, run_date, latest, own))
        else:
            yield _nothing("date", field)
            yield _nothing("varchar", f"{field}_fault")


def _words(layout: Layout, is_registry: bool, filled: Set[str]) -> Iterable[Concept]:
    """Sex, and what the registry says of life and death; an agency says nothing of it."""
    own = layout.placeholders
    if "sex" in filled:
        regular = {"sex_regular": sex.regular("raw_sex", layout.sex)}
        yield read("sex", [regular], sex.concept(layout.sex, own))
    else:
        yield _nothing("varchar", "sex", "sex_fault")
    active = sql_text(Status.ACTIVE)
    if is_registry and "status" in filled:
        regular = {"status_regular": status.regular("raw_status", layout.status)}
        empty = {"status": f"coalesce(status_regular, {active})"}
        yield read("status", [regular], status.concept(layout.status, own), empty)
    else:
        yield [{"status": active, "status_fault": "cast(null as varchar)"}]


def _places(layout: Layout, filled: Set[str]) -> Iterable[Concept]:
    own = layout.placeholders
    if "birth_place" in filled:
        regular = {"birth_place_regular": places.regular("raw_birth_place", own)}
        yield read("birth_place", [regular], places.name_concept("birth_place", own))
    else:
        yield _nothing("varchar", "birth_place")
    if filled & {*places.CODES, "district_name"}:
        yield _district(own)
    else:
        yield _nothing("varchar", "district", "district_name")


def _district(own: Iterable[str]) -> Concept:
    """Like ``read``, of three codes at once; and its name, by the code where the source has none of its own."""
    some = ", ".join(f"raw_{code}" for code in places.CODES)
    plains = {f"plain_{code}": plain(f"raw_{code}") for code in places.CODES}
    codes = [
        *places.regular_district(),
        {"district_odd": f"case when district_regular is null then coalesce({some}) end"},
        *where("district_odd", [plains, *places.district_concept()], {"district": "district_regular"}),
    ]
    regular = {"district_name_regular": places.regular("raw_district_name", own, places.DISTRICT)}
    concept = places.district_name_concept(own)
    name = read("district_name", [regular], concept, {"district_own": "district_name_regular"})
    return [
        *side_by_side(codes, name),
        {"district_name": f"coalesce(district_own, {district_name('district')})"},
    ]


def _as_written(source: Source) -> Step:
    """What needs no reading."""
    layout = source.layout
    return {
        "source": sql_text(source.name),
        "name_recorded": "raw_name",
        "nik_recorded": "raw_nik",
        "birth_date_recorded": "raw_birth_date",
        "address": places.address("raw_address", layout.placeholders),
        **{
            f"{field}_cut": fills_width(f"raw_{field}", layout.widths.get(field))
            for field in ("name", "mother_name", "birth_place")
        },
    }
