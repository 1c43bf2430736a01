"""Identity numbers: undressed, classified, and what they say of their holder read with reserve.

``PPKKCC DDMMYY SSSS``: province, regency, district where the number was first issued; birth date, the day
plus 40 for women; a serial. There is no check digit, and the number stays for life, through moves, splits
of regions and corrections of a birth date. So little proves a number bad: a wrong length, a letter, a date
that no calendar has, a province that never was. All else is evidence (``docs/decisions/0004``).

Each function takes the SQL of columns and returns SQL text. ``x`` is a column that ``text.plain`` made,
``number`` one that ``bare`` made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from pipelines.engine import sql_text
from pipelines.records import NikClass
from pipelines.regions import known_provinces
from pipelines.standardise import placeholders
from pipelines.standardise.known import DIGITS, Level, is_known
from pipelines.standardise.steps import Concept
from pipelines.standardise.text import alike, one_of, words

FLOAT = r"(?:^|[^0-9A-Z.,])([0-9](?:[.,][0-9]+)?)E[+]?[0-9]{1,2}[^0-9A-Z]*$"
"""A spreadsheet's float: ``5,30101E+15``, ``="5.301010101E15"``. Group 1 is what it kept of the number."""

WHOLE_FLOAT = r"(?:^|[^0-9A-Z.,])[1-8][.,][0-9]{15}E[+]?15[^0-9A-Z]*$"
"""A float that kept all sixteen digits, as Java prints one (``5.301040101900001E15``): below 2**53 exact."""

TRAILING_ZERO = r"^([^0-9]*(?:[0-9]+|[0-9]{1,3}(?:[.,][0-9]{3})+))[.,]0{1,2}([^0-9A-Z]*)$"
"""A whole number printed as a decimal: ``5301040101900001.0``, ``5.301.040.101.900.001,00``."""

LABEL = "^(?:NO(?:MOR)?)?(?:NIK|E?KTP|KK)"
"""The field's name written into the field: ``NIK:``, ``No. KTP``."""


def bare(x: str) -> str:
    """Harmless dressing off: spaces, dots, dashes, quotes, ``=``, the field's own name, a trailing ``.0``.

    Of a float the digits that it kept. Null when nothing is left. Digits are never changed or reordered.
    """
    undressed = words(rf"regexp_replace({x}, '{TRAILING_ZERO}', '\1\2')", glue="")
    kept = words(f"regexp_extract({x}, '{FLOAT}', 1)", glue="")
    return (
        f"case when regexp_full_match({x}, '[0-9]{{16}}') then {x} "
        f"when regexp_matches({x}, '{FLOAT}') then {kept} "
        f"else nullif(regexp_replace({undressed}, '{LABEL}', ''), '') end"
    )


def without_label(layout: Iterable[str]) -> tuple[str, ...]:
    """A source's own placeholders for a number, each as it stands and as ``bare`` leaves it.

    >>> without_label(["KTP HILANG"])
    ('KTP HILANG', 'HILANG')
    """
    return (
        *layout,
        *(re.sub(LABEL, "", word) for word in sorted(alike(layout, "")) if re.match(LABEL, word)),
    )


def is_float(x: str) -> str:
    """True when a spreadsheet wrote the number in powers of ten and only its first digits are left."""
    return f"coalesce(regexp_matches({x}, '{FLOAT}') and not regexp_matches({x}, '{WHOLE_FLOAT}'), false)"


def sixteen(number: str) -> str:
    """The number if it is sixteen digits, else null: all that is asked of a family card's."""
    return f"case when regexp_full_match({number}, '[0-9]{{16}}') then {number} end"


def fault(number: str, float_: str, old: str, new: str) -> str:
    """Why it cannot be a NIK: ``float``, ``letters``, ``length``, ``date`` or ``province``; else null.

    ``old`` and ``new`` are the columns that ``on_calendar`` made of it.
    """
    no_province = f"not {one_of(f'substr({number}, 1, 2)', known_provinces())}"
    return (  # the usual number, which has a date, is asked the fewest questions
        f"case when {number} is null then null when {float_} then 'float' "
        f"when coalesce({old}, {new}) is not null then case when {no_province} then 'province' end "
        f"when not regexp_full_match({number}, '[0-9]+') then 'letters' "
        f"when length({number}) <> 16 then 'length' else 'date' end"
    )


def nik_class(missing: str, fault_: str) -> str:
    """``missing``, ``malformed`` or ``valid`` (``records.NikClass``)."""
    return (
        f"case when {missing} then '{NikClass.MISSING}' "
        f"when {fault_} is not null then '{NikClass.MALFORMED}' else '{NikClass.VALID}' end"
    )


def embedded(sixteen_: str) -> str:
    """The embedded date without its century as ``yy-mm-dd``, a woman's day less 40; unchecked."""
    first, second = f"substr({sixteen_}, 7, 1)", f"substr({sixteen_}, 8, 1)"
    day = f"case when {first} < '4' then {first} else chr(ascii({first}) - 4) end || {second}"  # 4x is 0x
    return f"substr({sixteen_}, 11, 2) || '-' || substr({sixteen_}, 9, 2) || '-' || {day}"


def on_calendar(short: str, century: str) -> str:
    """The day ``yy-mm-dd`` in that century (``19`` or ``20``), or null where the calendar has none such.

    So 29 February stands if either century has it.
    """
    return f"try_cast('{century}' || {short} as date)"


def birth_date(old: str, new: str, born: str, run_date: date) -> str:
    """The embedded birth date, null if there is no such day; ``old``, ``new`` as ``on_calendar`` made them.

    The two-digit year is ambiguous: of the centuries whose date is not after ``run_date`` the one nearer to
    the record's own birth date ``born``, or the later one where the record has none.
    """
    today = f"date {sql_text(run_date.isoformat())}"
    nearer_old = f"coalesce(abs({old} - {born}) < abs({new} - {born}), false)"
    return f"case when {new} <= {today} and not {nearer_old} then {new} else {old} end"


def sex(sixteen_: str) -> str:
    """``P`` where 40 was added to the day, else ``L``; null where no month has that day."""
    day = f"substr({sixteen_}, 7, 2)"
    return f"case when {day} between '41' and '71' then 'P' when {day} between '01' and '31' then 'L' end"


def region(sixteen_: str) -> str:
    """``PP.KK.CC``: the district where the number was first issued, under the code of that day."""
    pairs = ", '.', ".join(f"substr({sixteen_}, {start}, 2)" for start in (1, 3, 5))
    return f"case when {sixteen_} is not null then concat({pairs}) end"


def region_known(sixteen_: str) -> str:
    """The deepest level that any edition had of the region: district, regency, province or none."""
    levels: tuple[Level, ...] = ("district", "regency", "province")
    known = " ".join(
        f"when {is_known(level, f'substr({sixteen_}, 1, {DIGITS[level]})')} then '{level}'"
        for level in levels
    )
    return f"case when {sixteen_} is null then null {known} else 'none' end"


def classified(layout: Iterable[str] = ()) -> Concept:
    """From ``plain_nik`` to ``nik_text``, ``nik``, ``nik_class``, ``nik_fault``.

    ``layout`` are the source's own placeholders. Makes also ``nik_sixteen`` (the digits, valid or not) and
    its dates ``nik_old`` and ``nik_new``, for ``evidence``.
    """
    return [*undressed(layout), *judged()]


def undressed(layout: Iterable[str] = ()) -> Concept:
    """The first half of ``classified``: to ``nik_text``, ``nik_sixteen``, ``nik_missing``, ``nik_is_float``."""
    return [
        {"nik_bare": bare("plain_nik"), "nik_is_float": is_float("plain_nik")},
        {"nik_missing": placeholders.no_number("nik_bare", without_label(layout))},
        {"nik_text": "case when not nik_missing then nik_bare end"},
        {"nik_sixteen": sixteen("nik_text")},
    ]


def judged() -> Concept:
    """The second half of ``classified``: from what ``undressed`` made to the rest."""
    return [
        {"nik_short": embedded("nik_sixteen")},
        {"nik_old": on_calendar("nik_short", "19"), "nik_new": on_calendar("nik_short", "20")},
        {"nik_fault": fault("nik_text", "nik_is_float", "nik_old", "nik_new")},
        {
            "nik_class": nik_class("nik_missing", "nik_fault"),
            "nik": "case when nik_fault is null then nik_sixteen end",
        },
    ]


def evidence(run_date: date) -> Concept:
    """From ``classified`` and ``birth_date`` to what the number says of its holder; needs ``known.load_known``.

    Makes ``nik_birth_date``, ``nik_sex``, ``nik_region``, ``nik_region_known``.
    """
    return [
        {
            "nik_birth_date": birth_date("nik_old", "nik_new", "birth_date", run_date),
            "nik_sex": f"case when coalesce(nik_old, nik_new) is not null then {sex('nik_sixteen')} end",
            "nik_region": region("nik_sixteen"),
            "nik_region_known": region_known("nik_sixteen"),
        },
    ]
