"""The tables that travel between stages, column by column.

A stage knows the other stages only through these schemas. Every table is Parquet under
``data/<table>/run_date=YYYY-MM-DD/``; dates are ``date32``, counts ``int64``, all else text unless said.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import pyarrow as pa

PERSON_FIELDS: Final = (
    "record_id",
    "nik",
    "kk",
    "name",
    "sex",
    "birth_place",
    "birth_date",
    "mother_name",
    "mother_nik",
    "father_name",
    "father_nik",
    "address",
    "province_code",
    "regency_code",
    "district_code",
    "district_name",
    "status",
    "changed_at",
)
"""What a layout can map for a person. Raw tables carry each as text, null where there is no such column."""

VERDICT_FIELDS: Final = ("nik", "checked_at", "result")
"""What a layout can map for an answer of the central service."""


def raw_schema(fields: tuple[str, ...]) -> pa.Schema:
    """The schema of ``raw/<source>``: where the row lay, then each field as the source wrote it.

    ``file`` is the file's name without its folder (a table's name for databases); ``row`` is the row a
    person would look for: 1 is the file's first line, so the first row below a header is 2.
    """
    return pa.schema(
        [("file", pa.string()), ("row", pa.int64()), *((field, pa.string()) for field in fields)]
    )


class NikClass(StrEnum):
    """What can be said of a recorded number without looking into the registry."""

    VALID = "valid"
    MISSING = "missing"
    MALFORMED = "malformed"


class Status(StrEnum):
    """What the registry says of a number's holder."""

    ACTIVE = "active"
    DECEASED = "deceased"
    INACTIVE = "inactive"


class Cause(StrEnum):
    """Why an item is on the worklist; the order is the order of precedence for a record's number."""

    NIK_MISSING = "NIK_MISSING"
    NIK_MALFORMED = "NIK_MALFORMED"
    NIK_OF_ANOTHER_PERSON = "NIK_OF_ANOTHER_PERSON"
    NIK_MISTYPED = "NIK_MISTYPED"
    NIK_WRONG = "NIK_WRONG"
    NOT_REGISTERED = "NOT_REGISTERED"
    HOLDER_DECEASED = "HOLDER_DECEASED"
    NIK_INACTIVE = "NIK_INACTIVE"
    NIK_NOT_ONLINE = "NIK_NOT_ONLINE"
    ELEMENT_MISMATCH = "ELEMENT_MISMATCH"
    DOUBLE_NIK = "DOUBLE_NIK"
    DUPLICATE_RECORD = "DUPLICATE_RECORD"


NUMBER_CAUSES: Final = tuple(Cause)[: tuple(Cause).index(Cause.NIK_INACTIVE) + 1]
"""Causes of which a record's number has one at a time or none; a change among them is of that one item."""

PAIR_CAUSES: Final = (Cause.DOUBLE_NIK, Cause.DUPLICATE_RECORD)
"""Causes that are about two records, and the same whichever of the two is named first."""


class ItemStatus(StrEnum):
    """Where an item stands in its life."""

    NEW = "new"
    OPEN = "open"
    RETURNED = "returned"
    RESOLVED = "resolved"
    REJECTED = "rejected"


ELEMENTS: Final = ("name", "birth_date", "sex", "birth_place", "mother_name")
"""The elements an ``ELEMENT_MISMATCH`` can name, in the order in which they are written."""

RECORDS: Final = pa.schema(
    [
        ("source", pa.string()),  # the registry's or the agency's configured name
        ("source_record_id", pa.string()),  # the record's key there, never null
        ("file", pa.string()),
        ("row", pa.int64()),
        ("nik_recorded", pa.string()),  # as the source wrote it
        ("nik_text", pa.string()),  # dressing taken off; null when missing
        ("nik", pa.string()),  # sixteen digits of class valid, else null
        ("nik_class", pa.string()),  # NikClass
        ("nik_fault", pa.string()),  # malformed: length, letters, date, province, float; else null
        ("nik_birth_date", pa.date32()),  # embedded; century chosen by birth_date; null if no such day
        ("nik_sex", pa.string()),  # L or P as embedded
        ("nik_region", pa.string()),  # PP.KK.CC as embedded
        ("nik_region_known", pa.string()),  # deepest level ever known: district, regency, province, none
        ("name_recorded", pa.string()),
        ("name", pa.string()),  # upper case, titles and punctuation off, one space between words
        ("name_cut", pa.bool_()),  # the raw name fills its field's width
        ("sex", pa.string()),  # L, P or null
        ("birth_place", pa.string()),  # upper case, administrative prefix off
        ("birth_place_cut", pa.bool_()),
        ("birth_date_recorded", pa.string()),
        ("birth_date", pa.date32()),
        ("mother_name", pa.string()),
        ("mother_name_cut", pa.bool_()),
        ("father_name", pa.string()),
        ("mother_nik", pa.string()),  # sixteen digits or null
        ("father_nik", pa.string()),
        ("kk", pa.string()),  # sixteen digits or null
        ("address", pa.string()),
        ("district", pa.string()),  # PP.KK.CC of the address, or null
        ("district_name", pa.string()),
        ("status", pa.string()),  # Status; active for agencies
    ]
)
"""``records/<source>``: one canonical person record a row, ordered by ``source_record_id``, keys unique."""

VERDICTS: Final = pa.schema(
    [
        ("source", pa.string()),
        ("nik", pa.string()),  # sixteen digits
        ("checked_at", pa.timestamp("us")),  # null where the source does not say
        ("result", pa.string()),  # found, not_found, mismatch
    ]
)
"""``verdicts/<source>``: the latest answer about each number, one row a number."""

QUARANTINE: Final = pa.schema(
    [
        ("source", pa.string()),
        ("stage", pa.string()),  # extract or standardise
        ("scope", pa.string()),  # row: the row went no further; value: the row went on without the value
        ("file", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),  # masked
        ("reason", pa.string()),  # a short code, e.g. too_many_columns, no_key, key_twice, date_unreadable
        ("expected", pa.string()),  # one phrase, in English
    ]
)
"""What could not be read. rows read = records + rows of scope ``row``: nothing else may be lost."""

COMPARED: Final = ("name", "birth_date", "sex", "birth_place", "mother_name", "father_name", "kk", "number")
"""What linkage compares of a pair; ``matches`` has a level and a weight for each."""

MATCHES: Final = pa.schema(
    [
        # holder: whoever holds the recorded number; candidate: whom the record may be of, best first;
        # double: one person under two of the registry's numbers; duplicate: one person twice in one source.
        ("relation", pa.string()),
        ("source", pa.string()),
        ("source_record_id", pa.string()),
        ("other_source", pa.string()),
        ("other_id", pa.string()),  # the other record's key: for the registry the NIK
        ("rank", pa.int32()),  # of a candidate: 1 is the likeliest; else 1
        ("probability", pa.float64()),  # calibrated, that both are one person
        ("nothing", pa.float64()),  # that the record's person is in no registry; null where it was not asked
        ("weight", pa.float32()),  # the match weight in bits: the sum of w_prior and every other w_*
        (
            "w_nothing",
            pa.float32(),
        ),  # of the rival "in no registry"; null where it was not asked
        ("w_prior", pa.float32()),
        *((f"w_{name}", pa.float32()) for name in COMPARED),
        *((f"level_{name}", pa.int8()) for name in COMPARED),
    ]
)
"""``matches``: what linkage thinks of each pair that matters, with the weights that made it think so."""

FINDINGS: Final = pa.schema(
    [
        ("source", pa.string()),
        ("source_record_id", pa.string()),
        ("cause", pa.string()),  # Cause
        ("owner", pa.string()),  # the registry's name or the source's
        ("recorded_nik", pa.string()),
        ("proposed_nik", pa.string()),  # null without a proposal
        ("confidence", pa.float64()),  # null without a proposal
        ("elements", pa.string()),  # ELEMENT_MISMATCH: of ELEMENTS, ';' between; else null
        ("related", pa.string()),
        ("evidence", pa.string()),  # one sentence in the configured language
        ("person_name", pa.string()),  # as the source has it, for the people who act on it
        ("birth_date", pa.date32()),
        # PP.KK.CC of the address (the record's, else the registry's), else where KK or number were issued, or null
        ("district", pa.string()),
        ("district_name", pa.string()),
        ("sector", pa.string()),  # of the source; null for registry items
        ("agencies_agree", pa.bool_()),  # a second agency says the same
        ("infant", pa.bool_()),  # under one year old on the run date
    ]
)
"""``findings``: what is wrong today, one row a record and cause (and ``related`` for the pair causes)."""

WORKLIST_COLUMNS: Final = (
    "item_id",
    "status",
    "owner",
    "priority",
    "source",
    "source_record_id",
    "cause",
    "recorded_nik",
    "proposed_nik",
    "confidence",
    "elements",
    "related",
    "evidence",
    "first_seen",
    "last_seen",
    "age_days",
)
"""The columns of ``worklist.csv``, in order: a published contract."""

DELIVERIES: Final = pa.schema(
    [
        ("run_date", pa.date32()),  # of the folder that it was published in
        ("recipient", pa.string()),  # the registry's name or a source's
        ("place", pa.string()),  # where to, without user or password
        ("file", pa.string()),  # its name there
        ("sha256", pa.string()),
        ("state", pa.string()),  # delivered now, there already, or failed
        ("reason", pa.string()),  # why it failed, else null
    ]
)
"""What became of each file that somebody is to get."""

MANIFEST: Final = "manifest.json"
"""Of a published folder the file that names all others."""

WORKBOOK: Final = "worklist.xlsx"
"""The registry's workbook in a published folder."""


def agency_workbook(source: str) -> str:
    """Where an agency's workbook lies in a published folder."""
    return f"returns/{source}.xlsx"


ITEMS: Final = pa.schema(
    [
        ("item_id", pa.string()),
        ("status", pa.string()),  # ItemStatus
        ("owner", pa.string()),
        ("priority", pa.int64()),  # 1 most urgent to 5
        ("source", pa.string()),
        ("source_record_id", pa.string()),
        ("cause", pa.string()),
        ("recorded_nik", pa.string()),
        ("proposed_nik", pa.string()),
        ("confidence", pa.float64()),
        ("elements", pa.string()),
        ("related", pa.string()),
        ("evidence", pa.string()),
        ("first_seen", pa.date32()),
        ("last_seen", pa.date32()),
        ("age_days", pa.int64()),
        ("priority_reason", pa.string()),  # one line, in the configured language
        ("note", pa.string()),  # what the office should know of its own decision, e.g. not borne out
        ("person_name", pa.string()),
        ("birth_date", pa.date32()),
        ("district", pa.string()),
        ("district_name", pa.string()),
    ]
)
"""``items``: every open item and those resolved or rejected today, most urgent first, then by ``item_id``."""


def mask_nik(value: str | None) -> str:
    """A number as logs and reports may show it: ``5301********0001``; short text becomes stars.

    >>> mask_nik("5301040101900001")
    '5301********0001'
    """
    text = value or ""
    return f"{text[:4]}{'*' * (len(text) - 8)}{text[-4:]}" if len(text) > 8 else "*" * len(text)


def mask_text(value: str | None) -> str:
    """A name, date or cell as logs may show it: the first letter, then its length in stars, 12 at most.

    >>> mask_text("MARIA")
    'M****'
    """
    text = (value or "").strip()
    if sum(character.isdigit() for character in text) > 8:
        return mask_nik(text)
    return text[:1] + "*" * min(len(text) - 1, 12)
