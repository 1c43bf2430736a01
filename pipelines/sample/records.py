"""An agency's records as its clerks wrote them, and what is truly wrong with each."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.sample import truth
from pipelines.sample.agencies import Visits
from pipelines.sample.chance import Bools, Ints, Rng
from pipelines.sample.desk import Desk
from pipelines.sample.dirt import SourceDirt
from pipelines.sample.pens import Pen
from pipelines.sample.registry import Registry
from pipelines.sample.society import Society
from pipelines.sample.spelling import Speller


@dataclass(frozen=True)
class Written:
    """A list a column, uncut. ``slip`` says what was done to the number, ``born`` is the day that
    ``born_text`` means (``NO_DATE`` for none)."""

    number: list[str]
    slip: list[str]
    name: list[str]
    woman: Bools
    born: Ints
    born_text: list[str]
    place: list[str]
    mother: list[str]


def write(
    visits: Visits,
    society: Society,
    registry: Registry,
    speller: Speller,
    dirt: SourceDirt,
    number_width: int | None,
    rng: Rng,
) -> Written:
    """Let the clerks of one agency write all its records."""
    desk = Desk(visits, society, registry, dirt, rng)
    desk.write(number_width)
    pen = Pen(visits, society, speller, dirt, rng)
    mothers = pen.mothers()
    names = pen.names(mothers)
    born, born_text = pen.births()
    return Written(
        desk.number, desk.slip, names, pen.sexes(), born, born_text, pen.places(), pen.no_mothers(mothers)
    )


def judge(visits: Visits, written: Written, registry: Registry, provinces: frozenset[int]) -> list[str]:
    """The true cause of each record, empty for the right ones."""
    missing = [slip == "missing" for slip in written.slip]
    return truth.causes(
        written.number, missing, visits.person, written.born, written.woman, registry, provinces
    )
