"""What the central service answered when agencies asked about numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.chance import Ints, Rng, hit, some
from pipelines.sample.data import Writing
from pipelines.sample.dirt import VerdictHabits
from pipelines.sample.registry import Registry
from pipelines.sample.society import ACTIVE
from pipelines.sample.truth import rows_of

SECONDS = 86400
DAYS = 75
"""The last answers are so many days old at most, the ones before them twice as many."""

FOUND, NOT_FOUND, MISMATCH = 0, 1, 2


@dataclass(frozen=True)
class Verdicts:
    """The answers in the order of asking, and the active numbers whose latest answer is "not found"."""

    nik: list[str]
    checked_at: list[str]
    result: list[str]
    offline: list[str]


def ask(
    held: Ints, registry: Registry, habits: VerdictHabits, writing: Writing, as_of: int, rng: Rng
) -> Verdicts:
    """Ask about some of the numbers ``held`` by agencies, and some of the registry's besides.

    Whoever the service does not know as active is not found, and so are the active who are not online.
    """
    held = np.unique(held)
    active = registry.nik[registry.status == ACTIVE]
    asked = np.union1d(
        held[some(rng, len(held), habits.asked)], active[some(rng, len(active), habits.registry_asked)]
    )
    n = len(asked)
    row = rows_of(asked, registry)
    healthy = np.flatnonzero((row >= 0) & (registry.status[row] == ACTIVE))
    offline = healthy[some(rng, len(healthy), habits.offline)]
    kind = np.full(n, NOT_FOUND)
    kind[healthy] = np.where(hit(rng, len(healthy), habits.mismatch), MISMATCH, FOUND)
    kind[offline] = NOT_FOUND
    u = rng.random(n)
    twice = np.flatnonzero(u < habits.changed + habits.again)
    other = np.where(kind == NOT_FOUND, FOUND, NOT_FOUND)
    earlier = np.where(u < habits.changed, other, kind)[twice]
    latest = as_of * SECONDS - rng.integers(1, DAYS * SECONDS, n)
    before = latest[twice] - rng.integers(3600, DAYS * SECONDS, len(twice))
    nik, at = np.concatenate([asked, asked[twice]]), np.concatenate([latest, before])
    order = np.lexsort((nik, at))
    return Verdicts(
        nik=[str(n) for n in nik[order].tolist()],
        checked_at=[
            str(t).replace("T", " ") for t in np.datetime_as_string(at[order].astype("datetime64[s]"))
        ],
        result=_words(np.concatenate([kind, earlier])[order], writing, rng),
        offline=[str(n) for n in asked[offline].tolist()],
    )


def _words(kind: Ints, writing: Writing, rng: Rng) -> list[str]:
    """Each answer in one of the words that the service has for it."""
    words = (writing.found, writing.not_found, writing.mismatch)
    u = rng.random(len(kind)).tolist()
    return [words[k][int(luck * len(words[k]))] for k, luck in zip(kind.tolist(), u, strict=True)]
