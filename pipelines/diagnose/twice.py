"""One person recorded twice in one source."""

from __future__ import annotations

from pipelines.diagnose.evidence import sentence
from pipelines.diagnose.number import ENOUGH
from pipelines.records import Cause


def findings(language: str) -> str:
    """SQL text: one row for each pair, on the record whose key comes first."""
    text = sentence(
        "DUPLICATE_RECORD", language, source="m.source", record="m.source_record_id", related="m.other_id"
    )
    return f"""
    select m.source, m.source_record_id, '{Cause.DUPLICATE_RECORD}' as cause, m.source as owner,
      ag.nik_recorded as recorded_nik, null::varchar as proposed_nik, null::double as confidence,
      null::varchar as elements, m.other_id as related, {text} as evidence,
      ag.name_recorded as person_name, ag.birth_date, ag.district, ag.district_name,
      false as agencies_agree, ag.birth_date as infant_born
    from matches m join ag using (source, source_record_id)
    where m.relation = 'duplicate' and m.probability >= {ENOUGH}"""
