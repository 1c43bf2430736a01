"""Items of the registry itself: numbers that are not online, and people who hold two."""

from __future__ import annotations

from pipelines.diagnose.evidence import agreement, sentence, word
from pipelines.diagnose.number import ENOUGH
from pipelines.engine import sql_text
from pipelines.records import Cause


def findings(registry: str, language: str) -> list[str]:
    """SQL texts of both."""
    return [_not_online(registry, language), _double(registry, language)]


def _not_online(registry: str, language: str) -> str:
    """The registry holds the number as active, yet the latest answer about it, of whichever service, is not_found."""
    own = sql_text(registry)
    day = f"concat({word('on', language)}, strftime(v.checked_at, '%Y-%m-%d'))"
    when = f"case when v.checked_at is null then '' else {day} end"
    return f"""
    with latest as (
      select nik, result, checked_at from verdicts
      qualify row_number() over (partition by nik order by checked_at desc nulls last, source) = 1)
    select {own} as source, reg.source_record_id, '{Cause.NIK_NOT_ONLINE}' as cause, {own} as owner,
      reg.nik_recorded as recorded_nik, null::varchar as proposed_nik, null::double as confidence,
      null::varchar as elements, null::varchar as related,
      {sentence("NIK_NOT_ONLINE", language, when=when)} as evidence,
      reg.name_recorded as person_name, reg.birth_date, reg.district, reg.district_name,
      exists (select 1 from ag where ag.nik = reg.nik) as agencies_agree, reg.birth_date as infant_born
    from latest v join reg using (nik) where v.result = 'not_found' and reg.status = 'active'"""


def _double(registry: str, language: str) -> str:
    """One person under two active numbers; where one is switched off already, nothing is left to do.

    Kept is the one that more agency records use, else the one that bears the person's birth date and sex, else
    the lower one (the earlier issue)."""
    own = sql_text(registry)
    why = f"""case when keep.used > retire.used then replace({word("used", language)}, '{{n}}', keep.used::varchar)
        when keep.dated > retire.dated then {word("dated", language)} else {word("older", language)} end"""
    return f"""
    with used as (select other_id as nik, count(*) as used from matches
        where relation = 'holder' and probability >= {ENOUGH} group by other_id),
    sides as (
      select reg.*, (status = 'active')::int as active, coalesce(used.used, 0) as used,
        coalesce(nik_birth_date = birth_date and nik_sex = sex, false)::int as dated
      from reg left join used using (nik)
      where nik in (select source_record_id from matches where relation = 'double'
                    union select other_id from matches where relation = 'double')),
    pairs as (
      select m.*, (x.used, x.dated) > (y.used, y.dated)
          or ((x.used, x.dated) = (y.used, y.dated) and x.nik < y.nik) as first_stays
      from matches m join sides x on x.nik = m.source_record_id join sides y on y.nik = m.other_id
      where m.relation = 'double' and m.probability >= {ENOUGH} and x.active + y.active = 2)
    select {own} as source, retire.source_record_id, '{Cause.DOUBLE_NIK}' as cause, {own} as owner,
      retire.nik as recorded_nik, keep.nik as proposed_nik, p.probability as confidence, null::varchar as elements,
      keep.nik as related,
      {sentence("DOUBLE_NIK", language, agreement=agreement("p", language), why=why)} as evidence,
      retire.name_recorded as person_name, retire.birth_date, retire.district, retire.district_name,
      false as agencies_agree, retire.birth_date as infant_born
    from pairs p
      join sides keep on keep.nik = case when p.first_stays then p.source_record_id else p.other_id end
      join sides retire on retire.nik = case when p.first_stays then p.other_id else p.source_record_id end"""
