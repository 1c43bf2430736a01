"""Numbers that the registry holds: whose are they? Most agree to the letter, some are somebody else's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.match.verify import find_holders, verify
from tests.match.conftest import Searched
from tests.match.people import HOSPITAL, REGISTRY, Loaded, Neighbourhood, Office, Row, patient, registered

FIELDS = ("name", "birth_date", "sex", "mother_name", "birth_place")


def test_every_record_whose_number_the_registry_holds_has_its_holder(
    searched: Searched, neighbourhood: Neighbourhood
) -> None:
    held = searched.loaded.rows(
        "select x.source_record_id, y.nik from held h join ag x using (a) join reg y using (r) where h.src = 0"
    )
    hospital = neighbourhood.tables[HOSPITAL].to_pylist()
    expected = {(r["source_record_id"], r["nik"]) for r in hospital if r["nik"] in neighbourhood.numbers}
    assert set(held) == expected
    assert len(held) == len(expected) > 2000


def test_plain_is_what_agrees_to_the_letter_in_all_that_both_say(
    searched: Searched, neighbourhood: Neighbourhood
) -> None:
    people = {r["nik"]: r for r in neighbourhood.tables[REGISTRY].to_pylist()}
    babies = ("BY", "BAYI", "BBY")
    records = {
        r["source_record_id"]: r
        for r in neighbourhood.tables[HOSPITAL].to_pylist()
        if not str(r["name_recorded"]).upper().startswith(babies)
    }
    plain = dict(
        searched.loaded.rows("select source_record_id, plain from held join ag using (a) where held.src = 0")
    )
    for key, record in records.items():
        person = people.get(record["nik"])
        if person is not None:
            same = all(
                record[f] == person[f]
                if f in ("name", "birth_date")
                else None in (record[f], person[f]) or record[f] == person[f]
                for f in FIELDS
            )
            assert plain[key] == (same and None not in (record["name"], record["birth_date"])), key
    assert 0.3 < np.mean(list(plain.values())) < 0.95


@pytest.mark.parametrize("src", [0, 1])
def test_the_pairs_that_are_compared_stand_for_all_that_are_held(searched: Searched, src: int) -> None:
    verified = searched.verified[src]
    held = searched.loaded.one(f"select count(*) from held where src = {src}")
    unlike = searched.loaded.one(f"select count(*) from held where src = {src} and not plain")
    assert verified.stands_for.sum() == pytest.approx(held)
    assert (~verified.plain).sum() == unlike
    assert verified.a.tolist() == sorted(verified.a.tolist())
    assert (verified.compared.levels["name"][verified.plain] == 1).all()


@pytest.mark.parametrize("src", [0, 1])
def test_two_people_under_one_number_are_told_from_one(searched: Searched, src: int) -> None:
    """A brother or sister agrees in so much that only the search among rivals shows it; all others show at once."""
    verified = searched.verified[src]
    told = [searched.told[a] for a in verified.a.tolist()]
    stolen = np.array([t["cause"] == "NIK_OF_ANOTHER_PERSON" for t in told])
    relatives = stolen & np.array([t["slip"] in ("sibling", "day_sex") for t in told])
    assert (stolen & ~relatives).sum() >= 7
    assert (verified.one_person[stolen & ~relatives] < 0.5).all()
    assert (verified.one_person[~stolen] > 0.5).mean() > 0.998
    shown = (stolen & ~relatives).sum() / verified.stands_for.sum()
    assert shown * 0.8 < verified.strangers < 1.2 * stolen.sum() / verified.stands_for.sum()


@pytest.mark.parametrize("src", [0, 1])
def test_the_weights_are_learned_from_pairs_that_are_one_person(searched: Searched, src: int) -> None:
    weights = searched.verified[src].weights
    assert weights.prior == pytest.approx(-np.log2(searched.loaded.people))
    assert weights.m["birth_date"][1] > 0.85
    assert weights.u["birth_date"][1] < 0.005
    assert weights.m["sex"][2] < 0.05
    assert weights.u["sex"][2] == pytest.approx(0.5, abs=0.1)


def test_a_school_is_cleaner_than_a_hospital_and_has_weights_of_its_own(searched: Searched) -> None:
    hospital, school = (searched.verified[src].weights for src in (0, 1))
    assert school.m["name"][1] > hospital.m["name"][1]
    assert school.level_weight("birth_date", 9) != hospital.level_weight("birth_date", 9)


def test_verifying_again_gives_the_same(searched: Searched) -> None:
    loaded, before = searched.loaded, searched.verified[0]
    again = verify(loaded.con, 0, loaded.everyone)
    assert again.one_person.tolist() == before.one_person.tolist()
    assert again.weights.values.tolist() == before.weights.values.tolist()


# --- by hand


def office(folder: Path, people: list[Row], records: list[Row]) -> Loaded:
    office = Office(folder)
    tables = {REGISTRY: office.records(REGISTRY, people), HOSPITAL: office.records(HOSPITAL, records)}
    loaded = Loaded.from_tables(office, tables)
    find_holders(loaded.con)
    return loaded


DORKAS = registered(
    "5301064204850071", "DORKAS TEFA", "02-04-1985", mother_name="MARGARITHA LOPO", birth_place="BABAU"
)

SAME = {"mother_name": "Margaritha Lopo", "birth_place": "Babau"}


def test_what_a_record_does_not_say_does_not_speak_against_it(tmp_path: Path) -> None:
    nik = "5301064204850071"
    records = [
        patient("K1", nik, "Ny. Dorkas Tefa", "1985-04-02", "P", **SAME),
        patient("K2", nik, "Dorkas Tefa", "1985-04-02", None, mother_name="-", birth_place="-"),
        patient("K3", nik, "Dorkas Teva", "1985-04-02", "P", **SAME),
        patient("K4", nik, "Dorkas Tefa", None, "P", **SAME),
        patient("K5", nik, "Dorkas Tefa", "1985-04-02", "L", **SAME),
        patient("K6", nik, "By. Ny. Dorkas Tefa", "1985-04-02", "P"),
        patient("K7", nik, "Dorkas Tefa", "1985-04-02", "P", mother_name="Margareta Lopo"),
        patient("K8", "5301064204850072", "Dorkas Tefa", "1985-04-02", "P"),
    ]
    loaded = office(tmp_path, [DORKAS], records)
    plain = dict(loaded.rows("select source_record_id, plain from held join ag using (a)"))
    assert plain == {"K1": True, "K2": True, "K3": False, "K4": False, "K5": False, "K6": False, "K7": False}


def test_a_handful_of_records_is_judged_by_belief(tmp_path: Path) -> None:
    nik = "5301064204850071"
    records = [
        patient("K1", nik, "Ny. Dorkas Teva", "1985-04-02", "P", **SAME),
        patient("K2", nik, "Tn. Umbu Kahi Landu", "1979-02-14", "L", mother_name="Rambu Babang"),
    ]
    verified = verify(*(lambda x: (x.con, 0, x.everyone))(office(tmp_path, [DORKAS], records)))
    assert verified.one_person[0] > 0.99
    assert verified.one_person[1] < 0.01


def test_a_source_without_records_has_weights_all_the_same(tmp_path: Path) -> None:
    loaded = office(tmp_path, [DORKAS], [])
    verified = verify(loaded.con, 0, loaded.everyone)
    assert len(verified.compared) == 0
    assert np.isfinite(verified.weights.values).all()
