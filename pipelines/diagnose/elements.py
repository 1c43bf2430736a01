"""Elements that differ beyond spelling where number and person agree."""

from __future__ import annotations

from datetime import date
from typing import Final

from pipelines.diagnose.evidence import sentence, word
from pipelines.diagnose.number import ENOUGH
from pipelines.engine import sql_text
from pipelines.records import ELEMENTS, Cause

DIFFERS: Final = {
    # A married woman's name keeps the given name and takes the husband's: spelling, not error.
    "name": "(m.level_name >= 10 or (m.level_name = 9 and not (coalesce(ag.sex, reg.sex) = 'P'"
    " and reg.birth_date <= $grown)))",
    # A date that was written and cannot be (in the future, no such day) is not the registry's either.
    "birth_date": "(m.level_birth_date >= 2 or (ag.birth_date is null and reg.birth_date is not null"
    " and regexp_matches(ag.birth_date_recorded, '[1-9]')))",
    "sex": "m.level_sex = 2",
    "birth_place": "m.level_birth_place = 4",
    "mother_name": "m.level_mother_name >= 10",
}
"""When an element counts as different, over the levels of ``matches`` (m), the record (ag), the registry (reg)."""

GROWN: Final = 16
"""Years; below it no husband's name explains a differing family name."""


def mismatches(registry: str, language: str, run_date: date) -> str:
    """SQL text: a row for each record whose person agrees and of whom an element differs.

    The registry has to act where a second agency has the same person and the same other value.
    """
    grown = sql_text(f"{run_date.year - GROWN}-{run_date:%m-%d}".replace("02-29", "02-28")) + "::date"
    flags = ", ".join(f"coalesce({DIFFERS[e].replace('$grown', grown)}, false) as d_{e}" for e in ELEMENTS)
    names = "concat_ws(';', " + ", ".join(f"case when d_{e} then '{e}' end" for e in ELEMENTS) + ")"
    said = (
        "concat_ws(', ', "
        + ", ".join(f"case when d_{e} then {word(e, language)} end" for e in ELEMENTS)
        + ")"
    )
    agreed = " or ".join(f"(x.d_{e} and y.d_{e} and x.{e} = y.{e})" for e in ELEMENTS)
    return f"""
    with differing as (
      select ag.source, ag.source_record_id, m.other_id, ag.nik_recorded, ag.name_recorded, ag.name,
        ag.birth_date, ag.sex, ag.birth_place, ag.mother_name, coalesce(ag.district, reg.district) as district,
        case when ag.district is not null then ag.district_name else reg.district_name end as district_name, {flags}
      from matches m join ag using (source, source_record_id) join reg on reg.nik = m.other_id
      where m.relation = 'holder' and m.probability >= {ENOUGH}
        and m.level_name is not null),
    flagged as (select *, {names} as elements, {said} as said from differing
      where {" or ".join(f"d_{e}" for e in ELEMENTS)}),
    agreed as (
      select distinct x.source, x.source_record_id from flagged x join flagged y
        on y.other_id = x.other_id and y.source <> x.source and ({agreed}))
    select s.source, s.source_record_id, '{Cause.ELEMENT_MISMATCH}' as cause,
      case when g.source is null then s.source else {sql_text(registry)} end as owner,
      s.nik_recorded as recorded_nik, null::varchar as proposed_nik, null::double as confidence, s.elements,
      null::varchar as related,
      case when g.source is null then {sentence("ELEMENT_MISMATCH", language, differing="s.said")}
        else {sentence("ELEMENT_MISMATCH_AGREED", language, differing="s.said")} end as evidence,
      s.name_recorded as person_name, s.birth_date, s.district, s.district_name,
      g.source is not null as agencies_agree, s.birth_date as infant_born
    from flagged s left join agreed g using (source, source_record_id)"""
