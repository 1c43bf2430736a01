"""What a drawn population holds, read back from its files."""

from __future__ import annotations

import re
import stat
from calendar import monthrange
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from rapidfuzz.distance import OSA

from pipelines.sample import draw, presets
from pipelines.sample.data import Data
from pipelines.sample.dirt import NumberSlips
from tests.sample.population import Population, Row, iso

FILES = {
    "registry.csv",
    "pasien.csv",
    "siswa.csv",
    "verdicts.csv",
    "truth.csv",
    "truth_two_niks.csv",
    "truth_twice.csv",
    "truth_offline.csv",
}

NUMBER_CAUSES = {
    "NIK_MISSING",
    "NIK_MALFORMED",
    "NIK_OF_ANOTHER_PERSON",
    "NIK_MISTYPED",
    "NIK_WRONG",
    "NOT_REGISTERED",
    "HOLDER_DECEASED",
    "NIK_INACTIVE",
}

PLACEHOLDER_DIGITS = {"", "0", "00", "1234567890123456", *(digit * 16 for digit in "019")}


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    draw(tmp_path / "once", 3000, 4, "filthy")
    draw(tmp_path / "again", 3000, 4, "filthy")
    assert folder_bytes(tmp_path / "once") == folder_bytes(tmp_path / "again")


def test_another_seed_or_another_preset_gives_others(tmp_path: Path) -> None:
    draw(tmp_path / "once", 1000, 4)
    draw(tmp_path / "seed", 1000, 5)
    draw(tmp_path / "dirt", 1000, 4, "counter")
    once, seed, dirt = (folder_bytes(tmp_path / name) for name in ("once", "seed", "dirt"))
    assert once["registry.csv"] != seed["registry.csv"]
    assert once["registry.csv"] == dirt["registry.csv"], "the same people, at a dirtier desk"
    assert once["pasien.csv"] != dirt["pasien.csv"]


def test_a_second_draw_takes_the_place_of_the_first(tmp_path: Path) -> None:
    draw(tmp_path, 500, 1)
    (tmp_path / "padan.toml").write_text("kept")
    draw(tmp_path, 400, 2)
    assert {path.name for path in tmp_path.iterdir()} == FILES | {"padan.toml"}
    assert len(Population(tmp_path, {}).registry) < 450


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    draw(tmp_path / "drawn", 200, 1)
    assert stat.S_IMODE((tmp_path / "drawn").stat().st_mode) == 0o700
    for path in (tmp_path / "drawn").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


@pytest.mark.parametrize("people", [1, 2, 7, 60])
def test_few_people_are_drawn_too(tmp_path: Path, people: int) -> None:
    counts = draw(tmp_path, people, 3, "filthy")
    assert counts["registry"] in (people - 1, people), "a newborn may not be registered yet"
    assert counts["patients"] == round(0.58 * people)
    assert {path.name for path in tmp_path.iterdir()} == FILES


@pytest.mark.parametrize(
    ("people", "dirt", "said"), [(0, "ordinary", "at least one"), (100, "spotless", "filthy")]
)
def test_what_cannot_be_drawn_is_said(tmp_path: Path, people: int, dirt: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        draw(tmp_path / "none", people, 1, dirt)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("dirt", presets())
def test_the_counts_are_those_of_the_files(population: Callable[[str], Population], dirt: str) -> None:
    drawn = population(dirt)
    wrong = Counter(row["cause"] for row in drawn.truth)
    assert drawn.counts == {
        "registry": len(drawn.registry),
        "patients": len(drawn.patients),
        "pupils": len(drawn.pupils),
        "verdicts": len(drawn.verdicts),
        "wrong_numbers": sum(wrong[cause] for cause in NUMBER_CAUSES),
        "other_elements": wrong["ELEMENT_MISMATCH"],
        "two_numbers": len(drawn.pairs("two_niks")),
        "recorded_twice": len(drawn.pairs("twice")),
        "not_online": len(drawn.pairs("offline")),
    }


@pytest.mark.parametrize("dirt", presets())
def test_the_sources_are_as_large_as_in_a_regency(population: Callable[[str], Population], dirt: str) -> None:
    drawn = population(dirt)
    assert abs(len(drawn.registry) - 20_000) < 200
    assert len(drawn.patients) == 11_600
    assert 4_500 <= len(drawn.pupils) <= 5_000


def test_every_record_has_one_truth_and_every_key_is_used_once(filthy: Population) -> None:
    keys = [(row["source"], row["source_record_id"]) for row in filthy.truth]
    assert len(set(keys)) == len(keys) == len(filthy.patients) + len(filthy.pupils)
    assert set(keys) == set(filthy.recorded)


@pytest.mark.parametrize("dirt", presets())
def test_every_cause_is_there_in_every_preset(population: Callable[[str], Population], dirt: str) -> None:
    causes = {row["cause"] for row in population(dirt).truth}
    assert causes == NUMBER_CAUSES | {"", "ELEMENT_MISMATCH"}


@pytest.mark.parametrize("dirt", presets())
def test_every_kind_of_slip_is_there_in_every_preset(
    population: Callable[[str], Population], dirt: str
) -> None:
    kinds = {row["slip"] for row in population(dirt).truth}
    assert kinds == {"", "newborn", *NumberSlips.model_fields}


def plain(number: str) -> str:
    """The digits and letters of a number as written."""
    return re.sub(r"[^0-9A-Za-z]", "", number).removeprefix("NIK")


def could_be(nik: str, data: Data) -> bool:
    """The rule of a number in other words than the sampler's."""
    parts = re.fullmatch(r"(\d\d)\d{4}(?:0[1-9]|[1-3]\d|4[1-9]|[5-7]\d)\d{8}", nik, re.ASCII)
    if not parts or int(parts[1]) not in data.numbers.provinces:
        return False
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    if not 1 <= month <= 12:
        return False
    longest = max(monthrange(century + year, month)[1] for century in (1900, 2000))
    return (day - 40 if day > 40 else day) <= longest


def near(written: str, true: str) -> bool:
    """One edit of the same length, or the day of the other sex."""
    days = abs(int(written[6:8]) - int(true[6:8]))
    return OSA.distance(written, true) == 1 or (
        written[:6] + written[8:] == true[:6] + true[8:] and days == 40
    )


def expected_cause(record: Row, truth: Row, registry: dict[str, Row], data: Data) -> str:
    """The published order of causes, spelt out over what the files say."""
    nik, own = plain(record["number"]), {truth["true_nik"], truth["other_nik"]} - {""}
    if nik in PLACEHOLDER_DIGITS or not re.search(r"\d", nik):
        return "NIK_MISSING"
    if not could_be(nik, data):
        return "NIK_MALFORMED"
    if nik in registry and nik not in own:
        return "NIK_OF_ANOTHER_PERSON"
    if nik not in registry:
        if not own:
            return "NOT_REGISTERED"
        return "NIK_MISTYPED" if any(near(nik, number) for number in own) else "NIK_WRONG"
    row = registry[nik]
    if row["STATUS"] != "AKTIF":
        return {"MENINGGAL": "HOLDER_DECEASED", "NONAKTIF": "NIK_INACTIVE"}[row["STATUS"]]
    born = record.get("tgl_lahir") or record.get("tanggal_lahir") or ""
    sex = record.get("jk") or record["jenis_kelamin"]
    differs = meant(born) not in (None, iso(row["TGL_LHR"])) or sex != "LP"[int(row["JENIS_KLMIN"]) - 1]
    return "ELEMENT_MISMATCH" if differs else ""


def meant(text: str) -> str | None:
    """The date that a record's text means, whichever way it is written."""
    months = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agt", "Sep", "Okt", "Nov", "Des"]
    if text in ("", "0000-00-00"):
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text
    day, month, year = re.split(r"[-/ ]", text)
    number = int(month) if month.isdigit() else months.index(month) + 1
    return f"{year}-{number:02d}-{int(day):02d}"


@pytest.mark.parametrize("dirt", presets())
def test_the_truth_is_what_the_files_say(
    population: Callable[[str], Population], dirt: str, data: Data
) -> None:
    drawn = population(dirt)
    for truth in drawn.truth:
        record = drawn.recorded[truth["source"], truth["source_record_id"]]
        assert truth["cause"] == expected_cause(record, truth, drawn.registry, data), (truth, record)


def test_a_right_record_bears_an_active_number_of_its_own(filthy: Population) -> None:
    right = [row for row in filthy.truth if row["cause"] in ("", "ELEMENT_MISMATCH")]
    for row in right:
        nik = plain(filthy.recorded[row["source"], row["source_record_id"]]["number"])
        assert nik in (row["true_nik"], row["other_nik"])
        assert filthy.registry[nik]["STATUS"] == "AKTIF"
    assert len(right) > 12_000
    assert sum(row["number"] != plain(row["number"]) for row in filthy.recorded.values()) > 300, (
        "some are dressed"
    )


def test_one_person_has_one_true_number_wherever_recorded(filthy: Population) -> None:
    numbers: dict[str, set[tuple[str, str]]] = {}
    for row in filthy.truth:
        numbers.setdefault(row["person_id"], set()).add((row["true_nik"], row["other_nik"]))
    assert {len(found) for found in numbers.values()} == {1}
    assert all(nik in filthy.registry for row in filthy.truth if (nik := row["true_nik"]))


def test_some_whom_no_registry_knows_show_the_same_card_twice(
    population: Callable[[str], Population],
) -> None:
    drawn = population("filthy")
    cards: dict[str, set[tuple[str, str]]] = {}
    for row in drawn.truth:
        if not row["true_nik"]:
            number = plain(drawn.recorded[row["source"], row["source_record_id"]]["number"])
            cards.setdefault(row["person_id"], set()).add((row["source"], number))
    agreed = [
        seen for seen in cards.values() if len({s for s, _ in seen}) == 2 and len({n for _, n in seen}) == 1
    ]
    assert len(agreed) >= 5
    foreign = {n[:4] for seen in cards.values() for _, n in seen if len(n) == 16} - {"5301"}
    assert len(foreign) >= 5, "visitors from other regencies"


def test_newborns_stand_under_their_mothers_number(ordinary: Population) -> None:
    newborn = [row for row in ordinary.truth if row["slip"] == "newborn"]
    assert len(newborn) > 50
    for truth in newborn:
        record = ordinary.recorded["rsud-naibonat", truth["source_record_id"]]
        mother = ordinary.registry[plain(record["no_ktp"])]
        assert record["nm_pasien"].upper().startswith("BY. NY. ")
        assert mother["JENIS_KLMIN"] == "2"
        assert 15 <= int(record["tgl_lahir"][:4]) - int(mother["TGL_LHR"][6:]) <= 47
        assert (date.fromisoformat(record["tgl_daftar"]) - date.fromisoformat(record["tgl_lahir"])).days <= 3
        assert truth["cause"] == "NIK_OF_ANOTHER_PERSON"


@pytest.mark.parametrize("kind", ["sibling", "spouse", "mother", "stranger"])
def test_another_persons_number_is_theirs(filthy: Population, kind: str) -> None:
    rows = [row for row in filthy.truth if row["slip"] == kind]
    assert len(rows) > 40
    assert {row["cause"] for row in rows} == {"NIK_OF_ANOTHER_PERSON"}
    for row in rows:
        record = filthy.recorded[row["source"], row["source_record_id"]]
        other, own = filthy.registry[plain(record["number"])], filthy.registry.get(row["true_nik"])
        if own is None:
            continue
        if kind == "spouse":
            assert other["JENIS_KLMIN"] != own["JENIS_KLMIN"]
        if kind == "mother":
            assert int(other["TGL_LHR"][6:]) < int(own["TGL_LHR"][6:]) - 13


def test_a_family_card_in_the_numbers_place_is_the_familys(filthy: Population) -> None:
    rows = [row for row in filthy.truth if row["slip"] == "family_card" and row["true_nik"]]
    cards = [plain(filthy.recorded[row["source"], row["source_record_id"]]["number"]) for row in rows]
    own = [filthy.registry[row["true_nik"]]["NO_KK"] for row in rows]
    assert len(rows) > 40
    assert cards == own


def test_pupils_are_of_school_age_and_patients_of_every_age(ordinary: Population, data: Data) -> None:
    youngest, oldest = data.sizes.school_age

    def ages(source: str) -> list[float]:
        known = [ordinary.registry[row["true_nik"]] for row in ordinary.of(source) if row["true_nik"]]
        return [(data.as_of - date.fromisoformat(iso(row["TGL_LHR"]))).days / 365.2425 for row in known]

    outside = [age for age in ages("dapodik-kupang") if not youngest <= age < oldest]
    assert len(outside) / len(ordinary.pupils) < 0.005, "but for those whose date is wrong in the registry"
    patients = ages("rsud-naibonat")
    assert min(patients) < 1
    assert max(patients) > 80


def test_twins_are_there(ordinary: Population) -> None:
    born = Counter((row["NAMA_LGKP_IBU"], row["NO_KK"], row["TGL_LHR"]) for row in ordinary.registry.values())
    twins = [key for key, n in born.items() if n == 2 and key[0] not in ("", "-")]
    assert len(twins) > 60


def test_registry_rows_hang_together(ordinary: Population, data: Data) -> None:
    districts = {(f"{d.code}"[4:].lstrip("0"), d.name.upper()) for d in data.districts}
    for row in ordinary.registry.values():
        assert re.fullmatch(r"[1-9]\d{15}", row["NIK"])
        assert re.fullmatch(r"5301\d{12}", row["NO_KK"])
        assert re.fullmatch(r"\d\d-\d\d-\d{4}", row["TGL_LHR"])
        assert row["JENIS_KLMIN"] in "12"
        assert row["STATUS"] in ("AKTIF", "MENINGGAL", "NONAKTIF")
        assert (row["NO_PROP"], row["NO_KAB"]) == ("53", "1")
        assert (row["NO_KEC"], row["KEC_NAME"]) in districts
        for parent, sex in (("NIK_IBU", "2"), ("NIK_AYAH", "1")):
            if row[parent]:
                assert ordinary.registry[row[parent]]["JENIS_KLMIN"] == sex
    filled = sum(bool(row["NIK_IBU"]) for row in ordinary.registry.values())
    assert 0.2 < filled / len(ordinary.registry) < 0.8


def test_a_number_mostly_holds_the_birth_date_and_the_sex_but_is_no_proof(ordinary: Population) -> None:
    rows = list(ordinary.registry.values())
    odd = 0
    for row in rows:
        day, month, year = row["TGL_LHR"].split("-")
        odd += row["NIK"][6:12] != f"{int(day) + 40 * (row['JENIS_KLMIN'] == '2'):02d}{month}{year[2:]}"
    assert 0.003 < odd / len(rows) < 0.02


def test_neighbours_got_neighbouring_numbers(ordinary: Population) -> None:
    serials = Counter(int(nik[12:]) for nik in ordinary.registry)
    assert serials[1] > serials[2] > serials[3] > 0


def test_one_person_with_two_numbers(ordinary: Population) -> None:
    pairs = ordinary.pairs("two_niks")
    assert len(pairs) == 80
    same_name = same_date = 0
    for pair in pairs:
        one, other = ordinary.registry[pair["nik_a"]], ordinary.registry[pair["nik_b"]]
        assert (one["STATUS"], other["STATUS"]) == ("AKTIF", "AKTIF")
        assert one["JENIS_KLMIN"] == other["JENIS_KLMIN"]
        same_name += one["NAMA_LGKP"] == other["NAMA_LGKP"]
        same_date += one["TGL_LHR"] == other["TGL_LHR"]
    assert 20 < same_name < 75
    assert 40 < same_date < 80
    numbers = [row for row in ordinary.truth if row["other_nik"]]
    assert len(numbers) > 50
    assert any(row["cause"] == "" for row in numbers)


def test_a_blocked_second_number_is_inactive_and_no_pair(ordinary: Population) -> None:
    paired = {nik for pair in ordinary.pairs("two_niks") for nik in pair.values()}
    blocked = {row["other_nik"] for row in ordinary.truth if row["other_nik"]} - paired
    assert blocked
    assert {ordinary.registry[nik]["STATUS"] for nik in blocked} == {"NONAKTIF"}


def test_one_person_twice_in_one_source(filthy: Population) -> None:
    person = {(row["source"], row["source_record_id"]): row["person_id"] for row in filthy.truth}
    pairs = filthy.pairs("twice")
    for pair in pairs:
        assert pair["rid_a"] != pair["rid_b"]
        assert person[pair["source"], pair["rid_a"]] == person[pair["source"], pair["rid_b"]]
    seen = Counter((source, one) for (source, _), one in person.items())
    assert sum(n == 2 for n in seen.values()) == len(pairs)
    assert max(seen.values()) == 2
    numbers = [[filthy.recorded[p["source"], p[k]]["number"] for k in ("rid_a", "rid_b")] for p in pairs]
    assert 0.1 < sum(a != b for a, b in numbers) / len(pairs) < 0.7, "each record has errors of its own"
