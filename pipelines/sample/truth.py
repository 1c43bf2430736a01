"""What is truly wrong with each record, judged from what was written and who the person is.

The order is that of the published causes. This is a reading of numbers of its own: what the sampler says must
not depend on the code that it is there to test.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from pipelines.sample.chance import Bools, Ints
from pipelines.sample.pens import NO_DATE
from pipelines.sample.registry import Registry
from pipelines.sample.society import ACTIVE, DECEASED

HARMLESS = str.maketrans("", "", " .-'")
DIGITS = 16


def bare(text: str) -> str:
    """The number without harmless dressing.

    >>> bare("NIK: 53.01.04.010190.0001")
    '5301040101900001'
    """
    return text.translate(HARMLESS).removeprefix("NIK:")


def is_number(nik: str, provinces: frozenset[int]) -> bool:
    """Whether these signs could be a number: sixteen digits, a province there is, a day that exists."""
    if len(nik) != DIGITS or not (nik.isascii() and nik.isdigit()) or int(nik[:2]) not in provinces:
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
    differ = [i for i in range(DIGITS) if written[i] != true[i]]
    if len(differ) == 1:
        return True
    if len(differ) == 2 and differ[1] == differ[0] + 1:
        here, next_ = differ
        if written[here] == true[next_] and written[next_] == true[here]:
            return True
    rest = written[:6] + written[8:] == true[:6] + true[8:]
    return rest and abs(int(written[6:8]) - int(true[6:8])) == 40


def number_cause(text: str, own: tuple[str, ...], somebody_elses: bool, provinces: frozenset[int]) -> str:
    """What is wrong with a written number that is no placeholder; empty for one of the person's ``own``.

    ``own`` is empty for a person in no registry; ``somebody_elses``: the registry has it for another.
    """
    nik = bare(text)
    if not is_number(nik, provinces):
        return "NIK_MALFORMED"
    if nik in own:
        return ""
    if somebody_elses:
        return "NIK_OF_ANOTHER_PERSON"
    if not own:
        return "NOT_REGISTERED"
    return "NIK_MISTYPED" if any(one_slip(nik, number) for number in own) else "NIK_WRONG"


def as_integer(text: str) -> int:
    """The number behind harmless dressing, or -1 where there are not sixteen digits."""
    nik = bare(text)
    return int(nik) if len(nik) == DIGITS and nik.isascii() and nik.isdigit() else -1


def rows_of(niks: Ints, registry: Registry) -> Ints:
    """The registry's row of each number, -1 where it has none."""
    place = np.minimum(np.searchsorted(registry.nik, niks), len(registry) - 1)
    return np.where(registry.nik[place] == niks, place, -1)


def causes(
    number: list[str],
    missing: list[bool],
    person: Ints,
    born: Ints,
    woman: Bools,
    registry: Registry,
    provinces: frozenset[int],
) -> list[str]:
    """The cause of each record of an agency, empty for those that are right.

    ``missing``: a placeholder was written; ``born`` and ``woman`` as written, ``NO_DATE`` where no date was.
    """
    row = rows_of(np.array([as_integer(text) for text in number], dtype=np.int64), registry)
    own = (row >= 0) & (registry.person[row] == person)
    differs = ((born != registry.born[row]) & (born != NO_DATE)) | (woman != registry.woman[row])
    status = registry.status[row]
    of_own = np.select(
        [status == DECEASED, status != ACTIVE, differs],
        ["HOLDER_DECEASED", "NIK_INACTIVE", "ELEMENT_MISMATCH"],
        "",
    )
    result: list[str] = of_own.tolist()
    for i in np.flatnonzero(~own).tolist():
        numbers = (registry.main[person[i]], registry.second[person[i]])
        known = tuple(str(nik) for nik in numbers if nik >= 0)
        result[i] = number_cause(number[i], known, bool(row[i] >= 0), provinces)
    return ["NIK_MISSING" if gone else cause for gone, cause in zip(missing, result, strict=True)]
