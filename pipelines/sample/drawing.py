"""The whole draw on one screen: society, registry, agencies, verdicts, truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.sample import agencies, records, tables
from pipelines.sample.agencies import Visits
from pipelines.sample.chance import Ints, stream
from pipelines.sample.data import Data, load
from pipelines.sample.dirt import Dirt
from pipelines.sample.files import Table, write_csv
from pipelines.sample.records import Written
from pipelines.sample.registry import Registry, register
from pipelines.sample.society import Society, build
from pipelines.sample.spelling import Speller
from pipelines.sample.tables import NUMBER_WIDTH, numbers
from pipelines.sample.truth import as_integer, is_number
from pipelines.sample.verdicts import Verdicts, ask

REGISTRY, HEALTH, EDUCATION, VERDICTS = "dukcapil", "rsud-naibonat", "dapodik-kupang", "bpjs"
"""The names under which the demo's configuration has the files."""

BESIDE_THE_NUMBER = ("", "ELEMENT_MISMATCH")
"""Causes with which a record's number is right."""


@dataclass(frozen=True)
class Source:
    """One agency's file and what is true of it."""

    name: str
    visits: Visits
    written: Written
    table: Table
    ids: list[str]
    cause: list[str]


def draw(folder: Path, people: int, seed: int, dirt: str = "ordinary") -> dict[str, int]:
    """Write a synthetic population with known errors to ``folder``, and the truth beside it.

    ``registry.csv`` (SIAK, about ``people`` rows), ``pasien.csv`` (Khanza), ``siswa.csv`` (Dapodik),
    ``verdicts.csv``; ``truth.csv`` (source, source_record_id, cause, true_nik, other_nik, person_id, slip),
    ``truth_two_niks.csv`` (nik_a, nik_b), ``truth_twice.csv`` (source, rid_a, rid_b), ``truth_offline.csv``
    (nik). The same arguments give the same bytes.

    Returns how many there are of what. Raises ``ValueError`` for a preset that the data file does not have,
    for less than one person and for more than the serials of a day can number.
    """
    data = load()
    if dirt not in data.dirt:
        raise ValueError(f"no preset {dirt!r}; there are {', '.join(data.dirt)}")
    if people < 1:
        raise ValueError(f"expected at least one person, not {people}")
    preset, speller = data.dirt[dirt], Speller(data.writing)
    society = build(people, seed, data, preset)
    registry = register(society, speller, stream(seed, "registry"))
    sources = _agencies(people, seed, society, registry, speller, preset)
    held = np.concatenate([_held(source, data) for source in sources])
    verdicts = ask(held, registry, preset.verdicts, data.writing, society.as_of, stream(seed, "verdicts"))
    answers = {"nik": verdicts.nik, "checked_at": verdicts.checked_at, "result": verdicts.result}
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_csv(folder / "registry.csv", tables.registry_tables(society, registry))
    for source, name in zip(sources, ("pasien.csv", "siswa.csv"), strict=True):
        write_csv(folder / name, [source.table])
    write_csv(folder / "verdicts.csv", [answers])
    return _write_truth(folder, registry, sources, verdicts)


def _agencies(
    people: int, seed: int, society: Society, registry: Registry, speller: Speller, dirt: Dirt
) -> tuple[Source, Source]:
    """The hospital and the schools: who comes, what is written, what is wrong with it."""
    data = society.data
    count = round(people * data.sizes.patients)
    sick = agencies.patients(society, registry, dirt.health, count, stream(seed, "patients"))
    clerks = stream(seed, "hospital clerks")
    written = records.write(sick, society, registry, speller, dirt.health, NUMBER_WIDTH, clerks)
    table = tables.patients_table(society, sick, written, stream(seed, "hospital"))
    hospital = _source(HEALTH, sick, written, table, registry, data)

    count = round(people * data.sizes.pupils)
    young = agencies.pupils(society, registry, dirt.education, count, sick.person, stream(seed, "pupils"))
    clerks = stream(seed, "school clerks")
    written = records.write(young, society, registry, speller, dirt.education, None, clerks)
    table = tables.pupils_table(society, registry, young, written, dirt.education, stream(seed, "schools"))
    return hospital, _source(EDUCATION, young, written, table, registry, data)


def _source(
    name: str, visits: Visits, written: Written, table: Table, registry: Registry, data: Data
) -> Source:
    ids = [str(key) for key in next(iter(table.values()))]
    return Source(
        name, visits, written, table, ids, records.judge(visits, written, registry, data.numbers.provinces)
    )


def _held(source: Source, data: Data) -> Ints:
    """The numbers that an agency could ask about: those that could be one."""
    able = {str(nik) for text in source.written.number if (nik := as_integer(text)) >= 0}
    return np.array(
        [int(nik) for nik in sorted(able) if is_number(nik, data.numbers.provinces)], dtype=np.int64
    )


def _write_truth(
    folder: Path, registry: Registry, sources: tuple[Source, ...], verdicts: Verdicts
) -> dict[str, int]:
    person = np.concatenate([s.visits.person for s in sources])
    cause = [c for s in sources for c in s.cause]
    truth: Table = {
        "source": [s.name for s in sources for _ in s.ids],
        "source_record_id": [key for s in sources for key in s.ids],
        "cause": cause,
        "true_nik": numbers(registry.main[person]),
        "other_nik": numbers(registry.second[person]),
        "person_id": person.tolist(),
        "slip": [slip for s in sources for slip in s.written.slip],
    }
    write_csv(folder / "truth.csv", [truth])
    double = np.flatnonzero((registry.second >= 0) & ~registry.blocked)
    two = {"nik_a": numbers(registry.main[double]), "nik_b": numbers(registry.second[double])}
    write_csv(folder / "truth_two_niks.csv", [two])
    pairs = [
        (s, a, b)
        for s in sources
        for a, b in zip(s.visits.first.tolist(), s.visits.again.tolist(), strict=True)
    ]
    twice = {
        "source": [s.name for s, _, _ in pairs],
        "rid_a": [s.ids[a] for s, a, _ in pairs],
        "rid_b": [s.ids[b] for s, _, b in pairs],
    }
    write_csv(folder / "truth_twice.csv", [twice])
    write_csv(folder / "truth_offline.csv", [{"nik": verdicts.offline}])
    return {
        "registry": len(registry),
        "patients": len(sources[0].ids),
        "pupils": len(sources[1].ids),
        "verdicts": len(verdicts.nik),
        "wrong_numbers": sum(c not in BESIDE_THE_NUMBER for c in cause),
        "other_elements": cause.count("ELEMENT_MISMATCH"),
        "two_numbers": len(double),
        "recorded_twice": len(pairs),
        "not_online": len(verdicts.offline),
    }
