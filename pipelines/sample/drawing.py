"""The whole draw on one screen: people, homes, names, registry, agencies, verdicts, truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from pipelines.sample import clerks, truth
from pipelines.sample.agencies import Visits, patients, pupils
from pipelines.sample.chance import Ints, choose, some, stream
from pipelines.sample.clerks import NO_DATE, World, Written
from pipelines.sample.data import Data, Dirt, load
from pipelines.sample.families import YEAR, People, families, year_of
from pipelines.sample.files import write_csv
from pipelines.sample.homes import Homes, settle
from pipelines.sample.naming import clan_weights, name
from pipelines.sample.registry import STATUS, Residents, choose_residents, register
from pipelines.sample.spelling import Speller
from pipelines.sample.verdicts import ask

REGISTRY, HEALTH, EDUCATION, VERDICTS = "dukcapil", "rsud-naibonat", "dapodik-kupang", "bpjs"
FOUNDERS = 0.066
SPARE = 1.10
FEWEST = 200


def draw(folder: Path, people: int, seed: int, dirt: str = "ordinary") -> dict[str, int]:
    """Write a synthetic population with known errors to ``folder``, and the truth beside it.

    Returns counts. The same arguments give the same bytes. Raises ``ValueError`` for fewer than 200 people
    or a preset that the data file does not have.
    """
    data = load()
    if dirt not in data.dirt:
        raise ValueError(f"no preset {dirt!r}; there are {', '.join(data.dirt)}")
    if people < FEWEST:
        raise ValueError(f"expected at least {FEWEST} people, not {people}")
    preset = data.dirt[dirt]
    world, residents, visitors = _world(people, seed, data, preset)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    health = patients(
        world.people, residents, world.registry, visitors, preset.health,
        round(people * data.sizes.patients), stream(seed, "patients"), world.as_of,
    )  # fmt: skip
    school = pupils(
        world.people, residents, world.registry, visitors, health.person, preset.education,
        round(people * data.sizes.pupils), stream(seed, "pupils"), data, world.as_of,
    )  # fmt: skip
    in_hospital = clerks.write(health, world, preset.health, stream(seed, "hospital clerks"), 20)
    at_school = clerks.write(school, world, preset.education, stream(seed, "school clerks"), None)
    _write_registry(folder, world)
    health_ids = _write_patients(folder, world, health, in_hospital)
    school_ids = _write_pupils(folder, world, school, at_school, preset, stream(seed, "schools"))
    return _write_truth(
        folder,
        world,
        seed,
        preset,
        ((HEALTH, health, in_hospital, health_ids), (EDUCATION, school, at_school, school_ids)),
    )


def _world(count: int, seed: int, data: Data, dirt: Dirt) -> tuple[World, Residents, Ints]:
    as_of = int(np.datetime64(data.as_of, "D").astype(np.int64))
    weights = clan_weights(data, dirt)
    founders = max(8, round(count * FOUNDERS))
    while True:
        people, couples = families(founders, stream(seed, "families"), data, weights)
        rng = stream(seed, "settling")
        left = (rng.random(len(people)) < data.life.leave) & (as_of - people.born > 17 * YEAR)
        living = (people.died > as_of) & ~left
        if np.count_nonzero(living) >= count * SPARE:
            break
        founders = round(founders * 1.15) + 1
    people = _default_days(people, stream(seed, "default days"), data)
    homes = settle(people, couples, living, rng, data, as_of)
    residents = choose_residents(people, homes, living, count, stream(seed, "residents"), data, as_of)
    homes, visitors = _visitors(homes, residents, stream(seed, "visitors"), data, dirt)
    names = name(people, couples, stream(seed, "names"), data)
    speller = Speller(data.writing)
    registry = register(
        people, couples, homes, names, residents, stream(seed, "registry"), data, speller, weights, as_of
    )
    return World(people, couples, homes, names, registry, data, speller, as_of), residents, visitors


def _default_days(people: People, rng: np.random.Generator, data: Data) -> People:
    """Among the old many know only the year of their birth: every paper has the same default day."""
    year = year_of(people.born)
    old = (year < data.registry.default_day_before) & (people.twin == 0)
    who = np.flatnonzero(old & (rng.random(len(people)) < data.registry.default_day))
    offset = np.array([0, 181, 364])[choose(rng, [0.62, 0.13, 0.25], len(who))]
    start = (year[who] - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    born = people.born.copy()
    leap = (year[who] % 4 == 0) & (offset > 0)
    born[who] = start + offset + leap
    return replace(people, born=born)


def _visitors(
    homes: Homes, residents: Residents, rng: np.random.Generator, data: Data, dirt: Dirt
) -> tuple[Homes, Ints]:
    """Of those in no registry, some come from another regency and hold its number."""
    outside = residents.outside
    far = outside[some(rng, len(outside), dirt.visitors)]
    which = choose(rng, [e.weight for e in data.elsewhere], len(far))
    issued = homes.issued.copy()
    issued[far] = np.array([e.regency for e in data.elsewhere])[which] * 100 + 1
    return replace(homes, issued=issued), outside


def _dmy(day: Ints) -> list[str]:
    return [f"{t[8:]}-{t[5:7]}-{t[:4]}" for t in np.datetime_as_string(day.astype("datetime64[D]")).tolist()]


def _niks(niks: Ints) -> list[str]:
    return [str(n) if n >= 0 else "" for n in niks.tolist()]


def _write_registry(folder: Path, world: World) -> None:
    registry, homes, data = world.registry, world.homes, world.data
    person = registry.person
    district = homes.district[person]
    codes = np.array([d.code for d in data.districts])[district]
    villages = [d.places for d in data.districts]
    address = [f"{v[h % len(v)].upper()} RT {1 + h % 20:03d}/RW {1 + h % 9:03d}" for v, h in
               zip((villages[i] for i in district.tolist()), homes.home[person].tolist(), strict=True)]  # fmt: skip
    columns = {
        "NIK": _niks(registry.nik),
        "NO_KK": _niks(registry.family_card_row),
        "NAMA_LGKP": registry.name,
        "JENIS_KLMIN": (1 + registry.woman.astype(np.int64)).tolist(),
        "TMPT_LHR": [homes.places[i].upper() for i in homes.birthplace[person].tolist()],
        "TGL_LHR": _dmy(registry.born),
        "NAMA_LGKP_IBU": registry.mother,
        "NIK_IBU": _niks(registry.mother_nik),
        "NAMA_LGKP_AYAH": registry.father,
        "NIK_AYAH": _niks(registry.father_nik),
        "STAT_HBKEL": homes.role[person].tolist(),
        "ALAMAT": address,
        "NO_PROP": (codes // 10**4).tolist(),
        "NO_KAB": (codes // 100 % 100).tolist(),
        "NO_KEC": (codes % 100).tolist(),
        "KEC_NAME": [data.districts[i].name.upper() for i in district.tolist()],
        "STATUS": [STATUS[s] for s in registry.status.tolist()],
    }
    write_csv(folder / "registry.csv", list(columns), list(columns.values()))


def _write_patients(folder: Path, world: World, visits: Visits, written: Written) -> list[str]:
    n = len(visits.person)
    ids = [f"{i:06d}" for i in range(1, n + 1)]
    district = world.homes.district[visits.person]
    codes = np.array([d.code for d in world.data.districts])[district]
    columns = {
        "no_rkm_medis": ids,
        "nm_pasien": [text[:40].rstrip() for text in written.name],
        "no_ktp": written.number,
        "jk": ["LP"[int(w)] for w in written.woman.tolist()],
        "tmp_lahir": [text[:15].rstrip() for text in written.place],
        "tgl_lahir": [text or "0000-00-00" for text in written.born_text],
        "nm_ibu": [text[:40].rstrip() or "-" for text in written.mother],
        "alamat": [world.data.districts[i].name.upper() for i in district.tolist()],
        "agama": [world.data.peoples[i].religion for i in world.people.nation[visits.person].tolist()],
        "tgl_daftar": np.datetime_as_string(visits.day.astype("datetime64[D]")).tolist(),
        "kd_kec": (codes % 100).tolist(),
        "kd_kab": (codes // 100 % 100).tolist(),
    }
    write_csv(folder / "pasien.csv", list(columns), list(columns.values()))
    return ids


def _write_pupils(
    folder: Path, world: World, visits: Visits, written: Written, dirt: Dirt, rng: np.random.Generator
) -> list[str]:
    n = len(visits.person)
    year = year_of(world.people.born[visits.person])
    serial = rng.permutation(n) + 1 + rng.integers(0, 9 * 10**6)
    ids = [f"{y % 1000:03d}{s % 10**7:07d}" for y, s in zip(year.tolist(), serial.tolist(), strict=True)]
    cards = _niks(world.registry.family_card[visits.person])
    old = np.flatnonzero(rng.random(n) < dirt.education.family_card_old)
    shuffled = rng.permutation(world.registry.family_card)[: len(old)]
    for row, card in zip(old.tolist(), shuffled.tolist(), strict=True):
        cards[row] = str(card)
    for row in np.flatnonzero(rng.random(n) < dirt.education.family_card_missing).tolist():
        cards[row] = ""
    school = 50301000 + world.homes.district[visits.person] * 37 + rng.integers(0, 37, n)
    columns = {
        "nisn": ids,
        "nik": written.number,
        "no_kk": cards,
        "nama": written.name,
        "jenis_kelamin": ["LP"[int(w)] for w in written.woman.tolist()],
        "tempat_lahir": written.place,
        "tanggal_lahir": written.born_text,
        "nama_ibu_kandung": written.mother,
        "npsn": school.tolist(),
    }
    write_csv(folder / "siswa.csv", list(columns), list(columns.values()))
    return ids


def _write_truth(
    folder: Path,
    world: World,
    seed: int,
    dirt: Dirt,
    sources: tuple[tuple[str, Visits, Written, list[str]], ...],
) -> dict[str, int]:
    registry, data = world.registry, world.data
    truths: list[list[object]] = [[] for _ in range(7)]
    twice: list[tuple[str, str, str]] = []
    held: list[Ints] = []
    for source, visits, written, ids in sources:
        missing = [slip == "missing" for slip in written.slip]
        cause = truth.causes(
            written.number,
            missing,
            visits.person,
            written.born,
            written.woman,
            registry,
            data.numbers.provinces,
            NO_DATE,
        )
        main, second = _niks(registry.main[visits.person]), _niks(registry.second[visits.person])
        for column, values in zip(
            truths,
            ([source] * len(ids), ids, cause, main, second, visits.person.tolist(), written.slip),
            strict=True,
        ):
            column.extend(values)
        pairs = zip(visits.first.tolist(), visits.again.tolist(), strict=True)
        twice += [(source, ids[a], ids[b]) for a, b in pairs]
        held.append(np.array([truth.as_integer(text) for text in written.number], dtype=np.int64))
    header = ["source", "source_record_id", "cause", "true_nik", "other_nik", "person_id", "slip"]
    write_csv(folder / "truth.csv", header, truths)
    write_csv(
        folder / "truth_twice.csv",
        ["source", "rid_a", "rid_b"],
        list(zip(*twice, strict=True)) or [[], [], []],
    )
    both = np.flatnonzero((registry.second >= 0) & ~registry.blocked)
    write_csv(
        folder / "truth_two_niks.csv",
        ["nik_a", "nik_b"],
        [_niks(registry.main[both]), _niks(registry.second[both])],
    )
    verdicts = ask(np.concatenate(held), registry, dirt.verdicts, stream(seed, "verdicts"), data)
    write_csv(
        folder / "verdicts.csv",
        ["nik", "checked_at", "result"],
        [verdicts.nik, verdicts.checked_at, verdicts.result],
    )
    write_csv(folder / "truth_offline.csv", ["nik"], [verdicts.offline])
    soft = ("", "ELEMENT_MISMATCH")
    return {
        "registry": len(registry),
        "patients": len(sources[0][3]),
        "pupils": len(sources[1][3]),
        "verdicts": len(verdicts.nik),
        "wrong_numbers": sum(cause not in soft for cause in truths[2]),
        "two_numbers": len(both),
        "recorded_twice": len(twice),
        "not_online": len(verdicts.offline),
    }
