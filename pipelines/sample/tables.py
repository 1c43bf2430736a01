"""The columns of each file, as the systems that export them name and write them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipelines.sample.agencies import Visits
from pipelines.sample.chance import Ints, Rng, hit
from pipelines.sample.days import YEAR, dmy, iso, year_of
from pipelines.sample.dirt import SourceDirt
from pipelines.sample.files import Table
from pipelines.sample.numbers import date_part
from pipelines.sample.pens import NO_DATE
from pipelines.sample.records import Written
from pipelines.sample.registry import Registry
from pipelines.sample.society import Society

PART = 50_000
"""Rows written at a time, so that a large registry is never in memory as text."""

STATUS = ("AKTIF", "MENINGGAL", "NONAKTIF")
"""The words for a row's status, in the order of the status codes."""

PATIENT_WIDTHS = {"nm_pasien": 40, "tmp_lahir": 15, "nm_ibu": 40, "namakeluarga": 50}
"""Khanza's columns keep so many letters."""

NUMBER_WIDTH = 20
"""Khanza's ``no_ktp`` is wider than a number."""

FORMER_CARDS = 20
"""Years back to the oldest family card still in somebody's drawer."""

FIRST_SCHOOL = 50301000
SCHOOLS_A_DISTRICT = 37


def numbers(niks: Ints) -> list[str]:
    """Numbers as text, empty for -1."""
    return [str(nik) if nik >= 0 else "" for nik in niks.tolist()]


def registry_tables(society: Society, registry: Registry) -> Iterator[Table]:
    """``registry.csv`` in SIAK's columns, in parts: codes without leading zeros, dates as DD-MM-YYYY."""
    for first in range(0, len(registry), PART):
        yield _registry_part(society, registry, slice(first, first + PART))


def _registry_part(society: Society, registry: Registry, rows: slice) -> Table:
    homes, districts = society.homes, society.data.districts
    person = registry.person[rows]
    district = homes.district[person]
    codes = np.array([d.code for d in districts])[district]
    places = [place.upper() for place in homes.places]
    return {
        "NIK": numbers(registry.nik[rows]),
        "NO_KK": numbers(registry.family_card_row[rows]),
        "NAMA_LGKP": registry.name[rows],
        "JENIS_KLMIN": (1 + registry.woman[rows]).tolist(),
        "TMPT_LHR": [places[i] for i in homes.birthplace[person].tolist()],
        "TGL_LHR": dmy(registry.born[rows]),
        "NAMA_LGKP_IBU": registry.mother[rows],
        "NIK_IBU": numbers(registry.mother_nik[rows]),
        "NAMA_LGKP_AYAH": registry.father[rows],
        "NIK_AYAH": numbers(registry.father_nik[rows]),
        "STAT_HBKEL": homes.role[person].tolist(),
        "ALAMAT": addresses(society, person),
        "NO_PROP": (codes // 10**4).tolist(),
        "NO_KAB": (codes // 100 % 100).tolist(),
        "NO_KEC": (codes % 100).tolist(),
        "KEC_NAME": [districts[i].name.upper() for i in district.tolist()],
        "STATUS": [STATUS[code] for code in registry.status[rows].tolist()],
    }


def addresses(society: Society, person: Ints) -> list[str]:
    """A village of the district and a neighbourhood, the same for all of one home."""
    villages = [[place.upper() for place in d.places] for d in society.data.districts]
    homes = society.homes
    rows = zip(homes.district[person].tolist(), homes.home[person].tolist(), strict=True)
    return [f"{villages[d][h % len(villages[d])]} RT {1 + h % 20:03d}/RW {1 + h % 9:03d}" for d, h in rows]


def patients_table(society: Society, visits: Visits, written: Written, rng: Rng) -> Table:
    """``pasien.csv`` in Khanza's columns and widths; a missing date is what MariaDB makes of it."""
    people, homes, data = society.people, society.homes, society.data
    person, n = visits.person, len(visits)
    districts = np.array([d.code for d in data.districts])[homes.district[person]]
    married = society.spouse(person) >= 0
    kin, kin_name = _next_of_kin(society, person)
    table = {
        "no_rkm_medis": [f"{number:06d}" for number in range(1, n + 1)],
        "nm_pasien": written.name,
        "no_ktp": written.number,
        "jk": _sex_letters(written),
        "tmp_lahir": written.place,
        "tgl_lahir": [text or "0000-00-00" for text in written.born_text],
        "nm_ibu": [text or "-" for text in written.mother],
        "alamat": addresses(society, person),
        "gol_darah": [("A", "B", "O", "AB", "-")[i] for i in rng.integers(0, 5, n).tolist()],
        "pekerjaan": _work(society, visits),
        "stts_nikah": ["MENIKAH" if wed else "BELUM MENIKAH" for wed in married.tolist()],
        "agama": [data.peoples[i].religion for i in people.nation[person].tolist()],
        "tgl_daftar": iso(visits.day),
        "no_tlp": [""] * n,
        "umur": _ages(written, visits),
        "pnd": [("-", "SD", "SMP", "SMA", "S1")[i] for i in rng.integers(0, 5, n).tolist()],
        "keluarga": kin,
        "namakeluarga": kin_name,
        "kd_pj": np.where(hit(rng, n, 0.8), "BPJ", "A09").tolist(),
        "no_peserta": [""] * n,
        "kd_kel": (1 + homes.home[person] % 9).tolist(),
        "kd_kec": (districts % 100).tolist(),
        "kd_kab": (districts // 100 % 100).tolist(),
    }
    return table | {
        column: [text[:width] for text in table[column]] for column, width in PATIENT_WIDTHS.items()
    }


def pupils_table(
    society: Society, registry: Registry, visits: Visits, written: Written, dirt: SourceDirt, rng: Rng
) -> Table:
    """``siswa.csv`` in the columns of Dapodik's flat export; a NISN begins with the year of birth."""
    person, n = visits.person, len(visits)
    serial = (rng.permutation(n) + rng.integers(0, 10**7)) % 10**7
    year = year_of(society.people.born[person]) % 1000
    card = registry.family_card[person]
    cards = np.where(hit(rng, n, dirt.family_card_old), _former(card, society.as_of, rng), card)
    cards = np.where(hit(rng, n, dirt.family_card_missing), -1, cards)
    school = FIRST_SCHOOL + society.homes.district[person] * SCHOOLS_A_DISTRICT
    return {
        "nisn": [f"{y:03d}{s:07d}" for y, s in zip(year.tolist(), serial.tolist(), strict=True)],
        "nik": written.number,
        "no_kk": numbers(cards),
        "nama": written.name,
        "jenis_kelamin": _sex_letters(written),
        "tempat_lahir": written.place,
        "tanggal_lahir": written.born_text,
        "nama_ibu_kandung": written.mother,
        "npsn": (school + rng.integers(0, SCHOOLS_A_DISTRICT, n)).tolist(),
    }


def _former(card: Ints, as_of: int, rng: Rng) -> Ints:
    """Family cards as they were before the last change in the family: the same region, another day."""
    day = as_of - rng.integers(0, int(FORMER_CARDS * YEAR), len(card))
    return card // 10**10 * 10**10 + date_part(day) * 10**4 + rng.integers(1, 6, len(card))


def _sex_letters(written: Written) -> list[str]:
    return ["P" if woman else "L" for woman in written.woman.tolist()]


def _next_of_kin(society: Society, person: Ints) -> tuple[list[str], list[str]]:
    """Who answers for a patient: husband or wife, else father or mother, else the patient."""
    spouse, father, mother = society.spouse(person), society.father(person), society.mother(person)
    names = society.names.full(np.maximum(spouse, 0))
    kin, kin_name = [], []
    woman = society.people.woman[person]
    for row, p in enumerate(person.tolist()):
        if spouse[row] >= 0:
            kin.append("SUAMI" if woman[row] else "ISTRI")
            kin_name.append(names[row])
        elif father[row] >= 0:
            kin.append("AYAH")
            kin_name.append(society.father_name[p])
        else:
            kin.append("IBU" if mother[row] >= 0 else "SAUDARA")
            kin_name.append(society.mother_name[p] if mother[row] >= 0 else "-")
    return kin, kin_name


def _work(society: Society, visits: Visits) -> list[str]:
    """A word for the occupation by age and sex."""
    age = (visits.day - society.people.born[visits.person]) / YEAR
    woman = society.people.woman[visits.person]
    words = np.select([age < 6, age < 19, woman], ["BELUM BEKERJA", "PELAJAR", "IBU RUMAH TANGGA"], "PETANI")
    return [str(word) for word in words]


def _ages(written: Written, visits: Visits) -> list[str]:
    """The age at the record's day in Khanza's words, from the date as written; empty without one."""
    days = np.maximum(visits.day - written.born, 0).tolist()
    known = (written.born != NO_DATE).tolist()
    return [
        f"{int(d / YEAR)} Th {int(d % YEAR / 30.5)} Bl 0 Hr" if k else ""
        for d, k in zip(days, known, strict=True)
    ]
