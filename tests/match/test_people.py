"""The two tables that linkage works on, made of records as offices and agencies write them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.match.spelling import spelling_class
from tests.match.people import HOSPITAL, REGISTRY, SCHOOL, Loaded, Office, patient, pupil, registered


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    office = Office(tmp_path_factory.mktemp("office"))
    return Loaded.from_tables(
        office,
        {
            REGISTRY: office.records(
                REGISTRY,
                [
                    registered(
                        "5301064204850071",
                        "DORKAS TEFA",
                        "02-04-1985",
                        birth_place="BABAU",
                        kk="5301061403140071",
                    ),
                    registered(
                        "5301050403800071",
                        "YOHANES NAISUNAN",
                        "04-03-1980",
                        birth_place="BABAU",
                        mother_name="FERONIKA TEFA",
                        mother_nik="5301055301550071",
                    ),
                    registered("5301054403800072", "MARIA NAISUNAN", "04-03-1980", birth_place="KUPANG"),
                    registered("5301050101500071", "DOMINGGUS", "01-01-1950"),
                ],
            ),
            HOSPITAL: office.records(
                HOSPITAL,
                [
                    patient(
                        "K0002", "5301064204850071", "Ny. Dorkas Tefa", "1985-04-02", "P", birth_place="Babau"
                    ),
                    patient("K0001", "-", "By. Ny. Dorkas Tefa", "2026-11-02", "L"),
                    patient("K0003", "530105040380007", "Tn. Johanis Naisunan", "1980-03-04", "L"),
                    patient("K0004", None, "Bayi Ny Dorkas", "2026-11-02", "P", mother_name="Dorkas Tefa"),
                    patient("K0005", None, "Bayu Tefa", "2001-05-06", "L", mother_name="Dorkas Tefa"),
                ],
            ),
            SCHOOL: office.records(
                SCHOOL, [pupil("0120000101", "5301050101120099", "PETRUS NAISUNAN", "2012-01-01", "L")]
            ),
        },
    )


def test_the_registrys_rows_are_numbered_by_the_number_and_the_agencies_by_source_and_key(
    loaded: Loaded,
) -> None:
    assert loaded.rows("select r, nik from reg order by r") == [
        (0, "5301050101500071"),
        (1, "5301050403800071"),
        (2, "5301054403800072"),
        (3, "5301064204850071"),
    ]
    assert loaded.rows("select a, src, source_record_id from ag order by a") == [
        (0, 0, "K0001"),
        (1, 0, "K0002"),
        (2, 0, "K0003"),
        (3, 0, "K0004"),
        (4, 0, "K0005"),
        (5, 1, "0120000101"),
    ]
    assert loaded.people == 4


def test_codes_are_whole_numbers(loaded: Loaded) -> None:
    assert loaded.rows("select number, kk, mother_number from reg order by r") == [
        (5301050101500071, None, None),
        (5301050403800071, None, 5301055301550071),
        (5301054403800072, None, None),
        (5301064204850071, 5301061403140071, None),
    ]
    assert loaded.rows(
        "select number, nik_text from ag where source_record_id in ('K0003', 'K0001') order by a"
    ) == [
        (None, None),
        (None, "530105040380007"),
    ]


def test_a_newborns_record_bears_the_mothers_name_and_not_the_childs(loaded: Loaded) -> None:
    children = """select source_record_id, n.text, m.text from ag left join texts n on n.names and n.n = ag.name
             left join texts m on m.names and m.n = ag.mother_name where src = 0 and birth_date > '2000-01-01'"""
    assert sorted(loaded.rows(children)) == [
        ("K0001", None, "DORKAS TEFA"),
        ("K0004", None, "DORKAS"),
        ("K0005", "BAYU TEFA", "DORKAS TEFA"),  # Bayu is a name
    ]


def test_given_and_family_names_are_known_by_their_spelling_class(loaded: Loaded) -> None:
    record = loaded.rows("select given, family, mother_given from ag where source_record_id = 'K0003'")
    person = loaded.rows("select given, family, mother_given from reg where nik = '5301050403800071'")
    assert record[0][:2] == person[0][:2]  # Johanis and Yohanes
    words = loaded.everyone.texts.names.words
    classes = dict(zip(words.spelling.tolist(), words.text.to_pylist(), strict=True))
    given, family, mother_given = person[0]
    assert spelling_class(classes[given]) == spelling_class("YOHANES")
    assert classes[family] == "NAISUNAN"
    assert spelling_class(classes[mother_given]) == spelling_class("VERONIKA")


def test_one_name_is_given_and_family_name_at_once(loaded: Loaded) -> None:
    ((given, family),) = loaded.rows(
        "select given, family from reg join texts t on t.names and t.n = reg.name where t.text = 'DOMINGGUS'"
    )
    assert given == family


def test_how_rare_a_birth_date_and_a_place_are_in_the_registry(loaded: Loaded) -> None:
    bits = "select birth_date_bits, birth_place_bits from reg order by r"
    assert loaded.rows(bits) == [
        (2, None),
        (1, 1),
        (1, 2),
        (2, 1),
    ]  # of four people: two share a day, two a place
    assert loaded.rows(
        "select birth_date_bits, birth_place_bits from ag where source_record_id = 'K0002'"
    ) == [(2, 1)]
    assert loaded.rows("select birth_date, birth_date_bits from ag where source_record_id = 'K0001'") == [
        (date(2026, 11, 2), None)  # nobody of that day is registered yet
    ]


def test_every_word_of_every_name_is_known(loaded: Loaded) -> None:
    assert set(loaded.everyone.texts.names.words.text.to_pylist()) == {
        "DORKAS",
        "TEFA",
        "YOHANES",
        "JOHANIS",
        "NAISUNAN",
        "FERONIKA",
        "MARIA",
        "DOMINGGUS",
        "BAYU",
        "PETRUS",
    }


def test_an_agency_without_a_row_and_a_registry_without_one(tmp_path: Path) -> None:
    office = Office(tmp_path)
    empty = Loaded.from_tables(office, {})
    assert empty.people == 0
    assert empty.rows("select count(*) from ag union all select count(*) from reg") == [(0,), (0,)]
