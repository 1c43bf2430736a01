"""What the central service answered when agencies asked about numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.chance import Ints, some
from pipelines.sample.data import Data, VerdictHabits
from pipelines.sample.registry import ACTIVE, Registry
from pipelines.sample.truth import is_number, rows_of

DAYS = 150
SECONDS = 86400


@dataclass(frozen=True)
class Verdicts:
    """The answers in the order of asking, and the active numbers whose latest answer is "not found"."""

    nik: list[str]
    checked_at: list[str]
    result: list[str]
    offline: list[str]


def ask(
    agency_niks: Ints, registry: Registry, habits: VerdictHabits, rng: np.random.Generator, data: Data
) -> Verdicts:
    """Ask about some of the numbers that the agencies hold, and some that only the registry holds."""
    held = np.unique(agency_niks[agency_niks >= 0])
    held = held[[is_number(str(n), data.numbers.provinces) for n in held.tolist()]]
    held = held[some(rng, len(held), habits.asked)]
    active = registry.nik[registry.status == ACTIVE]
    asked = np.union1d(held, active[some(rng, len(active), habits.registry_asked)])
    row = rows_of(asked, registry)
    healthy = np.flatnonzero((row >= 0) & (registry.status[row] == ACTIVE))
    offline = healthy[some(rng, len(healthy), habits.offline)]
    found = np.zeros(len(asked), dtype=np.bool_)
    found[healthy] = True
    found[offline] = False
    kind = np.where(found, 0, 1)
    kind[found & (rng.random(len(asked)) < habits.mismatch)] = 2
    u = rng.random(len(asked))
    changed, again = u < habits.changed, (u >= habits.changed) & (u < habits.changed + habits.again)
    earlier = np.where(changed, np.where(kind == 1, 0, 1), kind)
    twice = np.flatnonzero(changed | again)
    end = int(np.datetime64(data.as_of, "D").astype(np.int64)) * SECONDS
    latest = end - rng.integers(1, DAYS * SECONDS // 2, len(asked))
    before = latest[twice] - rng.integers(3600, DAYS * SECONDS // 2, len(twice))
    nik = np.concatenate([asked, asked[twice]])
    at = np.concatenate([latest, before])
    words = (data.writing.found, data.writing.not_found, data.writing.mismatch)
    kinds = np.concatenate([kind, earlier[twice]])
    which = rng.random(len(nik))
    order = np.lexsort((nik, at))
    texts = [
        words[k][int(w * len(words[k]))]
        for k, w in zip(kinds[order].tolist(), which[order].tolist(), strict=True)
    ]
    stamps = np.datetime_as_string(at[order].astype("datetime64[s]"))
    return Verdicts(
        nik=[str(n) for n in nik[order].tolist()],
        checked_at=[str(s).replace("T", " ") for s in stamps],
        result=texts,
        offline=[str(n) for n in asked[offline].tolist()],
    )
