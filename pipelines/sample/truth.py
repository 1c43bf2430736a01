"""What is truly wrong with each record, judged from what was written and who the person is.

The order is that of the published causes; this module keeps its own, independent reading of a number.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from pipelines.sample.chance import Ints
from pipelines.sample.registry import ACTIVE, DECEASED, Registry

HARMLESS = str.maketrans("", "", " .-'")


def bare(text: str) -> str:
    """The number without harmless dressing."""
    stripped = text.translate(HARMLESS)
    return stripped.removeprefix("NIK:").translate(HARMLESS)


def is_number(nik: str, provinces: frozenset[int]) -> bool:
    """Whether these signs could be a number at all: sixteen digits, a day that exists, a known province."""
    if len(nik) != 16 or not (nik.isascii() and nik.isdigit()):
        return False
    if int(nik[:2]) not in provinces:
        return False
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    day -= 40 if day > 40 else 0
    return any(_exists(century + year, month, day) for century in (1900, 2000))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def one_slip(written: str, true: str) -> bool:
    """Whether two numbers of sixteen digits are one slip apart: a digit, two neighbours swapped, day ± 40."""
    differ = [i for i in range(16) if written[i] != true[i]]
    if len(differ) == 1:
        return True
    if len(differ) == 2 and differ[1] == differ[0] + 1:
        i, j = differ
        if written[i] == true[j] and written[j] == true[i]:
            return True
    rest_same = written[:6] == true[:6] and written[8:] == true[8:]
    return rest_same and abs(int(written[6:8]) - int(true[6:8])) == 40


def number_cause(
    text: str, own: tuple[str, ...], holder_known: bool, provinces: frozenset[int], missing: bool
) -> str:
    """The cause for a number that is none of the person's ``own``; empty when it is one of them.

    ``holder_known``: the registry holds this number (then for somebody else); ``missing``: a placeholder
    was written.
    """
    nik = bare(text)
    if missing or not nik:
        return "NIK_MISSING"
    if not is_number(nik, provinces):
        return "NIK_MALFORMED"
    if nik in own:
        return ""
    if holder_known:
        return "NIK_OF_ANOTHER_PERSON"
    if not own:
        return "NOT_REGISTERED"
    return "NIK_MISTYPED" if any(one_slip(nik, number) for number in own) else "NIK_WRONG"


def rows_of(niks: Ints, registry: Registry) -> Ints:
    """The registry row of each number, -1 where it has none."""
    place = np.minimum(np.searchsorted(registry.nik, niks), len(registry) - 1)
    return np.where(registry.nik[place] == niks, place, -1)


def as_integer(text: str) -> int:
    """The number behind harmless dressing, or -1."""
    nik = bare(text)
    return int(nik) if len(nik) == 16 and nik.isascii() and nik.isdigit() else -1


def causes(
    number: list[str], missing: list[bool], person: Ints, born: Ints, woman: np.ndarray, registry: Registry,
    provinces: frozenset[int], unknown_day: int,
) -> list[str]:  # fmt: skip
    """The cause of each record of an agency, empty for those that are right."""
    row = rows_of(np.array([as_integer(text) for text in number], dtype=np.int64), registry)
    own = (row >= 0) & (registry.person[row] == person)
    status = registry.status[row]
    differs = ((born != registry.born[row]) & (born != unknown_day)) | (woman != registry.woman[row])
    result = np.where(
        status == ACTIVE,
        np.where(differs, "ELEMENT_MISMATCH", ""),
        np.where(status == DECEASED, "HOLDER_DECEASED", "NIK_INACTIVE"),
    ).tolist()
    main, second = registry.main[person], registry.second[person]
    for i in np.flatnonzero(~own).tolist():
        numbers = tuple(str(n) for n in (int(main[i]), int(second[i])) if n >= 0)
        result[i] = number_cause(number[i], numbers, bool(row[i] >= 0), provinces, missing[i])
    return result
