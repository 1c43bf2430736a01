"""Raw answers of the central service → ``verdicts/<source>``, the latest answer about each number."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pipelines.engine import Artifact, connect, copy_table, sql_text
from pipelines.records import QUARANTINE, VERDICT_FIELDS, VERDICTS
from pipelines.settings import Settings, Source
from pipelines.standardise import codes, dates, quarantine
from pipelines.standardise.fields import number, read
from pipelines.standardise.steps import Concept, nest, read_raw, side_by_side

WORDS: Final = {
    "found": ("FOUND", "DITEMUKAN", "DATA DITEMUKAN", "SESUAI", "DATA SESUAI"),
    "not_found": (
        *("NOT FOUND", "TIDAK DITEMUKAN", "DATA TIDAK DITEMUKAN", "NIK TIDAK DITEMUKAN"),
        "NIK TIDAK TERDAPAT DI DATABASE KEMENDAGRI",
    ),
    "mismatch": ("MISMATCH", "TIDAK SESUAI", "DATA TIDAK SESUAI"),
}
"""Besides the layout's words; the last of ``not_found`` is Dukcapil's verification service's own."""


def standardise_verdicts(raw: Artifact, source: Source, settings: Settings) -> Artifact:
    """Write ``verdicts/<source>`` and ``quarantine/standardise/<source>``; return the verdicts.

    Undated answers are the oldest; of answers of one moment the later row counts. Older answers about a
    number are noted as ``superseded``, so that rows add up.
    """
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    with con:
        answers = nest(read_answers(read_raw(raw, VERDICT_FIELDS), source, settings), judged())
        con.execute(f"create temp table answers as {answers}").fetchall()
        target = settings.folder(f"quarantine/standardise/{source.name}")
        copy_table(con, quarantine.together(rejected(source.name, "answers")), QUARANTINE, target)
        return copy_table(con, LATEST, VERDICTS, settings.folder(f"verdicts/{source.name}"))


LATEST: Final = "select * from answers where nik_reason is null and result_reason is null order by nik"
"""The verdicts among all answers."""


def rejected(source: str, answers: str) -> list[str]:
    """The queries for ``QUARANTINE``'s rows of the table ``answers``."""
    return [
        quarantine.rows(source, answers, "nik", "raw_nik", "nik_reason"),
        quarantine.rows(source, answers, "result", "raw_result", "result_reason"),
        quarantine.rows(source, answers, "checked_at", "raw_checked_at", "date_reason", "value"),
    ]


def read_answers(raw: str, source: Source, settings: Settings) -> str:
    """The query for what each row of the query ``raw`` (``read_raw``) says, by itself."""
    return nest(raw, _fields(source, settings))


def judged() -> Concept:
    """From all answers to ``nik_reason`` or ``result_reason`` where one is no verdict, ``date_reason`` where it is."""
    newest = 'checked_at desc nulls last, file desc, "row" desc, position desc'
    usable = "nik is not null and result is not null"
    return [
        {"place": f"row_number() over (partition by nik, {usable} order by {newest})"},
        {
            "nik_reason": "case when nik is null then 'nik_' || nik_class "
            f"when {usable} and place > 1 then 'superseded' end",
            "result_reason": "case when nik is not null and result is null then 'result_unknown' end",
        },
        {"date_reason": "case when nik_reason is null and result_reason is null then answered_fault end"},
    ]


def _fields(source: Source, settings: Settings) -> Concept:
    layout, run_date = source.layout, settings.run_date
    own = layout.placeholders
    tomorrow = run_date + timedelta(days=1)  # the service's clock may be ahead by its time zone
    result = {"result_regular": codes.regular("result_upper", WORDS, layout.results)}
    return [
        {
            "source": sql_text(source.name),
            "result_upper": "upper(raw_result)",
            "raw_answered": "raw_checked_at",
        },
        *side_by_side(
            number(own),
            read("result", [result], codes.concept("result", WORDS, layout.results, own)),
            read(
                "answered",
                dates.regular("answered", layout.date_order, tomorrow, own),
                dates.concept("answered", layout.date_order, run_date, tomorrow, own),
            ),
        ),
        {"checked_at": dates.moment("answered")},
    ]
