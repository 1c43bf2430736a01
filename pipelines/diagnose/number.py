"""The cause of a record's number: the first of the list that applies, from the top."""

from __future__ import annotations

from typing import Final

from pipelines.diagnose.evidence import agreement, sentence, slip, word
from pipelines.engine import sql_text
from pipelines.records import Cause

ENOUGH: Final = 0.5
"""From this probability on a person counts as found, and a holder as the record's person."""

ONE_SLIP: Final = "2, 3, 4, 5, 6, 7, 8, 9"
"""Levels of the number comparison that are one slip away: a digit wrong, missing or swapped, day and 40, zeroed."""


def causes(registry: str, language: str) -> str:
    """SQL text: a row for each record whose number is wrong, missing, or whose holder is not active."""
    own = sql_text(registry)
    return f"""
    with best as (
      select * from matches where relation in ('holder', 'candidate') and rank = 1),
    holder as (
      select m.*, reg.status, reg.district as holder_district, reg.district_name as holder_district_name
      from matches m join reg on reg.nik = m.other_id where m.relation = 'holder'),
    seen as (
      select ag.*, h.other_id as held_by, h.probability as holder_p, h.status as holder_status,
        coalesce(h.probability >= {ENOUGH}, false) as agrees,
        b.probability as best_p, b.relation as best_relation,
        case when b.probability >= {ENOUGH} then b.other_id end as person
      from ag left join holder h using (source, source_record_id) left join best b using (source, source_record_id)),
    caused as (
      select s.*, case
          when nik_class = 'missing' then '{Cause.NIK_MISSING}'
          when nik_class = 'malformed' then '{Cause.NIK_MALFORMED}'
          when held_by is not null and not agrees then '{Cause.NIK_OF_ANOTHER_PERSON}'
          when held_by is not null and holder_status = 'deceased' then '{Cause.HOLDER_DECEASED}'
          when held_by is not null and holder_status = 'inactive' then '{Cause.NIK_INACTIVE}'
          when held_by is not null then null
          when person is null then '{Cause.NOT_REGISTERED}'
          when b.level_number in ({ONE_SLIP}) then '{Cause.NIK_MISTYPED}'
          else '{Cause.NIK_WRONG}' end as cause
      from seen s left join best b using (source, source_record_id)),
    alike as (
      select x.source, x.source_record_id, count(distinct y.source) as others
      from caused x join ag y on y.nik = x.nik and y.source <> x.source
        and (y.birth_date = x.birth_date or y.name = x.name)
      where x.cause = '{Cause.NOT_REGISTERED}' group by all),
    confirmed as (
      select distinct x.source, x.source_record_id from caused x join holder h
        on h.other_id = x.person and h.source <> x.source and h.probability >= {ENOUGH}
      where x.cause is not null and not x.agrees)
    select c.source, c.source_record_id, c.cause,
      case when c.cause in ('{Cause.NOT_REGISTERED}', '{Cause.HOLDER_DECEASED}', '{Cause.NIK_INACTIVE}')
             or (c.cause = '{Cause.NIK_MISSING}' and c.person is null) then {own} else c.source end as owner,
      c.nik_recorded as recorded_nik,
      case when not c.agrees then c.person end as proposed_nik,
      case when not c.agrees and c.person is not null then c.best_p end as confidence,
      null::varchar as elements, null::varchar as related,
      {_evidence(language)} as evidence,
      c.name_recorded as person_name, c.birth_date,
      coalesce(c.district, p.district, h.holder_district) as district,
      case when c.district is not null then c.district_name
           when p.district is not null then p.district_name
           else coalesce(h.holder_district_name, c.district_name) end as district_name,
      a.others is not null or f.source is not null as agencies_agree,
      c.birth_date as infant_born
    from caused c
      left join best b using (source, source_record_id)
      left join holder h using (source, source_record_id)
      left join reg p on p.nik = c.person
      left join alike a using (source, source_record_id)
      left join confirmed f on f.source = c.source and f.source_record_id = c.source_record_id
    where c.cause is not null"""


def _evidence(language: str) -> str:
    blank = "c.nik_recorded is null or trim(c.nik_recorded) = ''"
    empty = f"case when {blank} then {word('empty', language)} else {word('placeholder', language)} end"
    faults = " ".join(
        f"when '{f}' then {word(f, language)}" for f in ("letters", "date", "province", "float")
    )
    fault = f"case c.nik_fault {faults} else {word('length', language)} end"
    values = {
        "kosong": empty,
        "fault": fault,
        "agreement": agreement("b", language),
        "difference": agreement("h", language),
        "slip": slip("b", language),
        "others": "a.others::varchar",
    }

    def text(template: str) -> str:
        return sentence(template, language, **values)

    found = (Cause.NIK_MISSING, Cause.NIK_MALFORMED, Cause.NIK_OF_ANOTHER_PERSON)
    cases = [
        f"when '{c}' then case when c.person is null then {text(c)} else {text(f'{c}_FOUND')} end"
        for c in found
    ]
    cases.append(
        f"when '{Cause.NOT_REGISTERED}' then case when a.others is null then {text(Cause.NOT_REGISTERED)} "
        f"else {text('NOT_REGISTERED_AGREED')} end"
    )
    plain = (Cause.NIK_MISTYPED, Cause.NIK_WRONG, Cause.HOLDER_DECEASED, Cause.NIK_INACTIVE)
    cases += [f"when '{c}' then {text(c)}" for c in plain]
    return f"case c.cause {' '.join(cases)} end"
