"""Linkage, step by step: verify what is held, look for the rest, learn, answer; then who is there twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from threadpoolctl import threadpool_limits

from pipelines.match import evidence, numbers
from pipelines.match.comparisons import COMPARISONS, Compared
from pipelines.match.people import People
from pipelines.match.resolve import Answers, SourceModel, answer, learn
from pipelines.match.search import Pairs, candidates, seek, together
from pipelines.match.twice import Doubles, find_doubles
from pipelines.match.verify import Verified, find_holders, verify
from pipelines.match.weights import Array, IntArray, Weights

KEPT: int = 5
"""Candidates kept for each record: the answer and its rivals."""


RIVAL: float = 1e-6
"""A candidate less likely than this is no rival worth keeping."""


@dataclass(frozen=True)
class Linked:
    """One source's result: its model, the held pairs settled at once, and its rows of ``matches``.

    ``rows`` have ``a`` and ``r`` in place of keys: relation, a, r, rank, …
    """

    model: SourceModel
    verified: Verified
    rows: tuple[pa.Table, ...]


def link(
    con: duckdb.DuckDBPyConnection, everyone: People, sources: int, threads: int | None = None
) -> tuple[dict[int, Linked], Doubles]:
    """Link every agency's records to the registry; the tables of ``people.load_people`` are there.

    What does not wait for one another runs side by side on ``threads`` cores, of the machine's if none are given:
    the arrays' work leaves Python's lock alone. Nothing depends on which ends first. The linear algebra keeps to
    one thread each time: the matrices are slim, and threads that wait for one another's end would take the cores.
    """
    find_holders(con)
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        verified = dict(enumerate(pool.map(lambda src: verify(con.cursor(), src, everyone), range(sources))))
        known = [v.weights for v in verified.values()]
        apart = pool.submit(_of_the_registry, con.cursor(), everyone, known)
        seek(con, verified)
        pairs = _by_source(candidates(con, everyone, pool), sources)
        doubles, around = apart.result()
        linked = pool.map(
            lambda src: _one_source(
                con.cursor(), src, verified[src], *pairs.pop(src), around, doubles.person
            ),
            range(sources),
        )
        return dict(enumerate(linked)), doubles


def _of_the_registry(
    con: duckdb.DuckDBPyConnection, everyone: People, known: list[Weights]
) -> tuple[Doubles, evidence.Strangers]:
    """What is learned of the registry, beside the search."""
    return find_doubles(con, everyone, known), evidence.strangers(con, everyone.registered)


def _by_source(batches: Iterator[Pairs], sources: int) -> dict[int, tuple[Pairs, Pairs]]:
    """Each source's blind pairs and its others. A batch is let go of as soon as it is sorted out; most are of one kind
    and stay whole."""
    parts: dict[tuple[int, bool], list[Pairs]] = {
        (src, blind): [] for src in range(sources) for blind in (True, False)
    }
    for batch in batches:
        for (src, blind), chosen in parts.items():
            rows = (batch.src == src) & (batch.blind == blind)
            if rows.all():
                chosen.append(batch)
            elif rows.any() or not chosen:
                chosen.append(batch.take(rows))
    return {
        src: (together(parts.pop((src, True))), together(parts.pop((src, False)))) for src in range(sources)
    }


def _one_source(
    con: duckdb.DuckDBPyConnection,
    src: int,
    verified: Verified,
    blind: Pairs,
    real: Pairs,
    around: evidence.Strangers,
    person: IntArray,
) -> Linked:
    truth = con.sql(f"select a, true_r from seek where blind and src = {src} order by a").fetchnumpy()
    asked = con.sql(
        f"""select s.a, case when s.nik_text is null then 0 when s.number is null then 3
              when s.number in (select number from reg) then 1 else 2 end as class
            from seek s where not s.blind and s.src = {src} order by s.a"""
    ).fetchnumpy()
    settled = con.execute(
        f"select count(*) from held where src = {src} and a not in (select a from seek)"
    ).fetchall()[0][0]
    true_r = np.asarray(truth["true_r"], np.int64)[np.searchsorted(truth["a"], blind.a)]
    found = len(np.unique(blind.a[(blind.r == true_r) & blind.by_field])) / max(1, len(truth["a"]))
    record, classes = np.asarray(asked["a"], np.int32), np.asarray(asked["class"], np.int64)
    model = learn(
        verified.weights,
        verified.strangers,
        blind,
        true_r,
        real,
        record,
        classes,
        float(settled),
        around,
        person,
        found,
    )
    answers = answer(model, real, record, classes, person[real.r])
    held = ~verified.plain & ~np.isin(verified.a, record)
    settled_rows = settled_at_once(
        model, verified.a[held], verified.r[held], verified.one_person[held], verified.compared.take(held)
    )
    return Linked(model, verified, (answered(model, answers), settled_rows))


def answered(model: SourceModel, x: Answers) -> pa.Table:
    """A row for each candidate worth keeping of the records looked for."""
    place = np.searchsorted(x.record, x.a)
    order = np.lexsort((x.r, -x.probability, place))
    first = np.flatnonzero(np.diff(place[order], prepend=-1))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order)))) + 1
    keep = np.flatnonzero(
        (rank == 1) | ((rank <= KEPT) & (x.probability >= RIVAL)) | (x.number == numbers.EXACT)
    )
    place, number = place[keep], x.number[keep]
    return pa.table(
        {
            "relation": np.where(number == numbers.EXACT, "holder", "candidate"),
            "a": x.a[keep],
            "r": x.r[keep],
            "rank": rank[keep],
            "probability": model.calibration.apply(x.probability[keep]),
            "nothing": x.nothing[place],
            "w_nothing": model.numbers.null(x.classes)[place],
            **_weights(model.weights, x.compared.take(keep), x.number_bits[keep], number),
        }
    )


def settled_at_once(
    model: SourceModel,
    a: npt.NDArray[np.int32],
    r: npt.NDArray[np.int32],
    one_person: Array,
    compared: Compared,
) -> pa.Table:
    """A row for each held pair that was compared and whose record was not looked for: its holder is its person."""
    level = np.full(len(compared), numbers.EXACT, np.int8)
    held = np.ones(len(compared), np.int64)
    date = compared.levels["birth_date"]
    bits = model.numbers.bits(held, evidence.date_state(compared, held == 1), date, level)
    return pa.table(
        {
            "relation": np.full(len(compared), "holder"),
            "a": a,
            "r": r,
            "rank": np.ones(len(compared), np.int32),
            "probability": one_person,
            **_weights(model.weights, compared, bits, level),
        }
    )


def _weights(
    weights: Weights, compared: Compared, number: Array, number_level: npt.NDArray[Any]
) -> dict[str, Any]:
    parts = {**weights.parts(compared), "number": number}
    prior = np.full(len(compared), weights.prior)
    levels = {f"level_{c.name}": compared.levels[c.name] for c in COMPARISONS}
    return {
        "weight": prior + np.sum(list(parts.values()), axis=0),
        "w_prior": prior,
        **{f"w_{k}": v for k, v in parts.items()},
        **levels,
        "level_number": number_level,
    }
