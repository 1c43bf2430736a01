"""The ideas that linkage is made of, each with the way to switch it off; the product has no such switches.

    python -m bench.ideas OFFICE IDEA OUT.csv

matches and diagnoses the records that ``bench.padan`` left in the office's data folder, with one idea off
(``whole``: with none), and writes the findings as CSV. An idea is switched off by putting another constant or
function in its place, so this module knows ``pipelines.match`` from inside; a name that is gone there is an error
here. What an idea's absence leaves is the plain way of doing that step, not a broken one.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import duckdb

from bench import ideas_compared as compared
from bench import ideas_learned as learned
from bench import selection
from bench.padan import findings, made_before, settings_of, write
from bench.switch import Idea, Patch, put
from pipelines.match import link, resolve
from pipelines.match.weights import Weights
from pipelines.settings import Settings


def _selection(patch: Patch, settings: Settings) -> None:
    """Each weight shifted by what failing records' confident answers say otherwise than verified records do."""
    shifts = selection.read_shifts(settings)
    teach, one_source = resolve.teach, link._one_source
    now: list[int] = []

    def in_turn(con: duckdb.DuckDBPyConnection, src: int, *rest: Any) -> Any:
        now[:] = [src]
        return one_source(con, src, *rest)

    def shifted(first: Weights, *rest: Any) -> Any:
        taught, *others = teach(first, *rest)
        values = taught.values + shifts[now[0]]
        return dataclasses.replace(taught, values=values), *others

    patch(link, "_one_source", in_turn)
    patch(resolve, "teach", shifted)


WHOLE = Idea("whole", "everything", lambda *_: None)
CORRECTED = Idea("selection-corrected", "weights corrected for selection", _selection)

IDEAS: tuple[Idea, ...] = (
    learned.rivals,
    learned.counts,
    learned.learning,
    learned.mixture,
    learned.second_cleaning,
    learned.cleaning,
    learned.calibration,
    learned.unregistered,
    learned.number,
    learned.slips,
    learned.household_number,
    learned.strangers_by_date,
    learned.stolen_by_date,
    compared.rare_names,
    compared.rare_dates,
    compared.name_levels,
    compared.date_levels,
    compared.spelling,
    compared.together,
    compared.baby,
    compared.doubles,
    compared.twins,
    compared.rarer_doubles,
    *compared.RULES,
)
"""Those of the table."""


def by_name(name: str) -> Idea:
    """The idea of that name. Raises ``KeyError``."""
    return {idea.name: idea for idea in (WHOLE, CORRECTED, *IDEAS, *compared.each_rule())}[name]


def apart(base: Settings, name: str) -> Settings:
    """Settings whose tables lie beside those of the other ideas."""
    return base.model_copy(update={"data": base.data / "without" / name})


def main(office: str, name: str, output: str) -> None:
    base = settings_of(Path(office))
    settings = apart(base, name)
    by_name(name).off(put, base)
    write(findings(made_before(base), settings), Path(output))


if __name__ == "__main__":
    main(*sys.argv[1:])
