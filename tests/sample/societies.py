"""Small societies and desks for tests: one habit at a time, all others at rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.sample.data import Data
from pipelines.sample.dirt import SourceDirt
from pipelines.sample.families import Couples, People

NOBODY = -1


def spotless(data: Data, **habits: Any) -> SourceDirt:
    """A source in which nothing goes wrong but what is named, e.g. ``numbers={"digit": 1.0}``."""
    ordinary = data.dirt["ordinary"].health.model_dump()
    rest = {
        key: dict.fromkeys(value, 0.0) if isinstance(value, dict) else 0.0 for key, value in ordinary.items()
    }
    for key, value in habits.items():
        rest[key] = rest[key] | value if isinstance(value, dict) else value
    return SourceDirt.model_validate(rest)


def with_registry(data: Data, **habits: float) -> Data:
    """The data with other habits of the office."""
    return data.model_copy(update={"registry": data.registry.model_copy(update=habits)})


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def people_of(*rows: tuple[str, int, int, int]) -> People:
    """People by hand: sex (L or P), year of birth, year of death (0: lives), parents' couple."""
    sex, born, died, couple = zip(*rows, strict=True)
    n = len(rows)
    year = 365.2425
    return People(
        woman=np.array([s == "P" for s in sex]),
        born=np.array([(y - 1970) * year for y in born], dtype=np.int64),
        died=np.array([(y - 1970) * year if y else 10**7 for y in died], dtype=np.int64),
        couple=np.array(couple, dtype=np.int64),
        nation=np.zeros(n, dtype=np.int64),
        clan=np.zeros(n, dtype=np.int64),
        incomer=np.zeros(n, dtype=np.bool_),
        twin=np.zeros(n, dtype=np.int64),
    )


def couples_of(*rows: tuple[int, int, int]) -> Couples:
    """Couples by hand: wife, husband (-1 for none), generation."""
    wife, husband, generation = zip(*rows, strict=True)
    return Couples(ints(*wife), ints(*husband), np.zeros(len(rows), dtype=np.int64), ints(*generation))
