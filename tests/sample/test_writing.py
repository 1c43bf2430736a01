"""How the clerks write names, mothers, dates and places, read back from a drawn population."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.sample.population import Population, Row, iso

PREFIX = re.compile(r"^(TN|NY|NN|AN|BY)\. ", re.IGNORECASE)


def patients_in_registry(drawn: Population) -> list[tuple[Row, Row, Row]]:
    """Truth, record and registry row of each patient who has one."""
    return [
        (truth, drawn.recorded[truth["source"], truth["source_record_id"]], drawn.registry[truth["true_nik"]])
        for truth in drawn.of("rsud-naibonat")
        if truth["true_nik"]
    ]


def test_khanza_has_its_columns_and_cuts_what_does_not_fit(filthy: Population) -> None:
    assert list(filthy.patients[0]) == [
        "no_rkm_medis", "nm_pasien", "no_ktp", "jk", "tmp_lahir", "tgl_lahir", "nm_ibu", "alamat", "gol_darah",
        "pekerjaan", "stts_nikah", "agama", "tgl_daftar", "no_tlp", "umur", "pnd", "keluarga", "namakeluarga",
        "kd_pj", "no_peserta", "kd_kel", "kd_kec", "kd_kab",
    ]  # fmt: skip
    for column, width in {
        "nm_pasien": 40,
        "tmp_lahir": 15,
        "nm_ibu": 40,
        "no_ktp": 20,
        "agama": 12,
        "umur": 30,
    }.items():
        assert max(len(row[column]) for row in filthy.patients) <= width, column
    assert sum(len(row["nm_pasien"]) == 40 for row in filthy.patients) > 5, "some names fill the field"
    assert Counter(row["tmp_lahir"] for row in filthy.patients)["KABUPATEN KUPAN"] > 100


def test_khanza_has_no_empty_mother_and_no_empty_date(filthy: Population) -> None:
    assert all(row["nm_ibu"] for row in filthy.patients)
    assert Counter(row["tgl_lahir"] for row in filthy.patients)["0000-00-00"] > 50
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["tgl_lahir"]) for row in filthy.patients)
    assert all(row["jk"] in "LP" for row in filthy.patients)
    assert {row["keluarga"] for row in filthy.patients} <= {
        "AYAH",
        "IBU",
        "ISTRI",
        "SUAMI",
        "SAUDARA",
        "ANAK",
    }


def test_records_are_numbered_in_the_order_in_which_they_were_made(filthy: Population) -> None:
    days = [row["tgl_daftar"] for row in filthy.patients]
    assert days == sorted(days)
    assert [int(row["no_rkm_medis"]) for row in filthy.patients] == list(range(1, len(days) + 1))


def test_dapodik_has_its_columns_and_cuts_nothing(filthy: Population) -> None:
    assert list(filthy.pupils[0]) == [
        "nisn", "nik", "no_kk", "nama", "jenis_kelamin", "tempat_lahir", "tanggal_lahir", "nama_ibu_kandung", "npsn",
    ]  # fmt: skip
    assert all(re.fullmatch(r"\d{10}", row["nisn"]) for row in filthy.pupils)
    assert all(re.fullmatch(r"\d{8}", row["npsn"]) for row in filthy.pupils)
    assert {"KABUPATEN KUPANG", "KAB. KUPANG"} <= {row["tempat_lahir"].upper() for row in filthy.pupils}
    assert any("/" in row["tanggal_lahir"] for row in filthy.pupils)
    assert any(" " in row["tanggal_lahir"] for row in filthy.pupils)


def test_a_pupils_family_card_is_the_familys_a_former_one_or_none(filthy: Population) -> None:
    kinds: Counter[str] = Counter()
    for truth in filthy.of("dapodik-kupang"):
        row = filthy.registry.get(truth["true_nik"])
        card = filthy.recorded["dapodik-kupang", truth["source_record_id"]]["no_kk"]
        if row:
            kinds["none" if not card else "own" if card == row["NO_KK"] else "former"] += 1
            assert not card or card[:6] == row["NO_KK"][:6] or truth["other_nik"]
    total = sum(kinds.values())
    assert 0.10 < kinds["none"] / total < 0.20
    assert 0.05 < kinds["former"] / total < 0.13


def test_forms_of_address_suit_the_person(ordinary: Population) -> None:
    seen: Counter[str] = Counter()
    for _, record, row in patients_in_registry(ordinary):
        match = PREFIX.match(record["nm_pasien"])
        if match:
            seen[match[1].upper()] += 1
            if match[1].upper() == "TN":
                assert row["JENIS_KLMIN"] == "1"
            if match[1].upper() in ("NY", "NN"):
                assert row["JENIS_KLMIN"] == "2"
    assert set(seen) == {"TN", "NY", "NN", "AN", "BY"}
    assert any(re.search(r", (TN|NY|NN|AN)$", row["nm_pasien"], re.IGNORECASE) for row in ordinary.patients)


def test_titles_suit_the_person(filthy: Population) -> None:
    titles: Counter[tuple[str, str]] = Counter()
    for _, record, row in patients_in_registry(filthy):
        match = re.search(r"\b(HJ|H|PDT|DRA|DRS|RM|SR)\. ", record["nm_pasien"].upper())
        if match and match[1] in ("HJ", "DRA", "SR"):
            titles[match[1], row["JENIS_KLMIN"]] += 1
        if match and match[1] == "PDT":
            assert record["agama"] == "KRISTEN"
    assert titles
    assert {sex for _, sex in titles} == {"2"}


def test_wives_go_by_their_husbands_clan_at_the_hospital(filthy: Population) -> None:
    men = {
        row["NO_KK"]: row["NAMA_LGKP"].split()[-1]
        for row in filthy.registry.values()
        if row["STAT_HBKEL"] == "1"
    }
    his = sum(
        record["nm_pasien"].upper().split()[-1] == men.get(row["NO_KK"]) != row["NAMA_LGKP"].split()[-1]
        for _, record, row in patients_in_registry(filthy)
        if row["STAT_HBKEL"] == "3"
    )
    assert his > 80


def test_muslims_may_be_somebodys_son_or_daughter(filthy: Population) -> None:
    named = [row for row in filthy.patients if re.search(r" BIN(TI)? ", row["nm_pasien"].upper())]
    assert len(named) > 10
    assert {row["agama"] for row in named} == {"ISLAM"}
    assert {"BIN", "BINTI"} == {re.search(r" (BIN|BINTI) ", r["nm_pasien"].upper())[1] for r in named}  # type: ignore[index]


def test_mothers_who_have_died_are_marked(ordinary: Population) -> None:
    assert sum("ALM" in row["nm_ibu"].upper() for row in ordinary.patients) > 20


@pytest.mark.parametrize(("preset", "share"), [("clean", 0.08), ("ordinary", 0.22), ("filthy", 0.60)])
def test_so_many_mothers_are_missing(population, preset: str, share: float) -> None:  # type: ignore[no-untyped-def]
    patients = population(preset).patients
    missing = sum(row["nm_ibu"] in ("-", ".", "0", "TIDAK ADA", "Tidak Ada") for row in patients)
    assert missing / len(patients) == pytest.approx(share, abs=0.02)


def test_a_mother_is_written_in_many_ways(filthy: Population) -> None:
    ways: Counter[str] = Counter()
    for truth in filthy.of("dapodik-kupang"):
        if truth["true_nik"]:
            written = filthy.recorded["dapodik-kupang", truth["source_record_id"]]["nama_ibu_kandung"].upper()
            registered = filthy.registry[truth["true_nik"]]["NAMA_LGKP_IBU"]
            ways["same" if written == registered else "nickname" if "MAMA " in written else "other"] += 1
    total = sum(ways.values())
    assert 0.6 < ways["same"] / total < 0.85
    assert ways["nickname"] / total > 0.002


def test_one_birth_date_in_ten_is_wrong_at_a_filthy_hospital(filthy: Population) -> None:
    kinds: Counter[str] = Counter()
    for truth, record, row in patients_in_registry(filthy):
        if truth["slip"] != "newborn" and record["tgl_lahir"] != "0000-00-00":
            written, true = record["tgl_lahir"], iso(row["TGL_LHR"])
            kinds[(written == true and "right") or kind_of(written, true)] += 1
    total = sum(kinds.values())
    assert 0.08 < 1 - kinds["right"] / total < 0.13
    assert min(kinds[kind] / total for kind in ("swapped", "decade", "default", "digit")) > 0.005


def kind_of(written: str, true: str) -> str:
    """What happened to a date."""
    if written[:4] == true[:4] and written[5:7] == true[8:] and written[8:] == true[5:7]:
        return "swapped"
    if written[4:] == true[4:] and abs(int(written[:4]) - int(true[:4])) == 10:
        return "decade"
    if written[:4] == true[:4] and written[5:] in ("01-01", "12-31", "07-01"):
        return "default"
    return "digit" if sum(a != b for a, b in zip(written, true, strict=True)) == 1 else "other"


def test_one_name_in_five_is_misspelt_at_a_filthy_hospital(filthy: Population) -> None:
    """Counted on what no habit explains: a word that is not in the person's registered name."""
    odd = looked = 0
    for truth, record, row in patients_in_registry(filthy):
        if truth["slip"] != "newborn" and row["STAT_HBKEL"] != "3":
            name = re.sub(r",.*", "", PREFIX.sub("", record["nm_pasien"].upper()))
            words = [word for word in re.split(r"[ ,]+", name) if "." not in word and len(name) < 36]
            registered = set(row["NAMA_LGKP"].replace(",", " ").split()) | {"BIN", "BINTI"}
            looked += 1
            odd += any(word not in registered for word in words)
    assert 0.15 < odd / looked < 0.28
