"""Households whose right answer is worked out by hand, each a short story with all that must be found in it.

What is listed in ``found`` is everything: a record of the story that is not named there is in order, and finding
something about it would be wrong. Names, numbers and dates are made up; the mistakes are those that people make.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipelines.diagnose import diagnose
from pipelines.match import match
from tests.match.people import (
    HOSPITAL,
    REGISTRY,
    SCHOOL,
    Office,
    Row,
    neighbourhood,
    patient,
    pupil,
    registered,
)

Key = tuple[str, str]

SURE = (0.99, 1.0)
LIKELY = (0.9, 1.0)


@dataclass(frozen=True)
class Found:
    """One finding in full; ``confidence`` is the band in which it must lie. What it says stands in ``said.toml``."""

    source: str
    key: str
    cause: str
    owner: str
    recorded: str | None
    proposed: str | None = None
    confidence: tuple[float, float] | None = None
    elements: str | None = None
    related: str | None = None
    agencies_agree: bool = False
    infant: bool = False


@dataclass(frozen=True)
class Story:
    """A household or two, who wrote what about them, and what is wrong with it."""

    title: str
    registry: Sequence[Row] = ()
    patients: Sequence[Row] = ()
    pupils: Sequence[Row] = ()
    verdicts: Sequence[tuple[str, str | None, str]] = ()
    found: Sequence[Found] = field(default=())

    def keys(self) -> set[Key]:
        """Source and key of every record of the story."""
        own = {REGISTRY: ("nik", self.registry), HOSPITAL: ("record_id", self.patients)}
        own[SCHOOL] = ("record_id", self.pupils)
        return {(source, str(row[key])) for source, (key, rows) in own.items() for row in rows}


def family(card: str, place: str, *members: Row, **more: str | None) -> list[Row]:
    """Registry rows under one family card, born in one place unless a row says otherwise."""
    return [
        {
            "kk": card,
            "birth_place": place,
            "district_code": "5",
            "regency_code": "1",
            "province_code": "53",
            "district_name": "KUPANG BARAT",
            **more,
            **row,
        }
        for row in members
    ]


def child(nik: str, name: str, born: str, mother: Row, father: Row | None = None, **more: str | None) -> Row:
    """A registered child of registered parents."""
    parents = {"mother_name": mother["name"], "mother_nik": mother["nik"]}
    if father:
        parents |= {"father_name": father["name"], "father_nik": father["nik"]}
    return registered(nik, name, born, **parents, **more)


NAISUNAN_FATHER = registered(
    "5301050403800071", "YOHANES NAISUNAN", "04-03-1980", mother_name="FERONIKA TEFA"
)
NAISUNAN_MOTHER = registered("5301054708830071", "MARIA BENU", "07-08-1983", mother_name="YULIANA SAE")

TWIN_BOYS = Story(
    "twin brothers: one without a number at the hospital, at school under his brother's",
    registry=family(
        "5301051203120071",
        "OELNASI",
        NAISUNAN_FATHER,
        NAISUNAN_MOTHER,
        child("5301051205120071", "PETRUS NAISUNAN", "12-05-2012", NAISUNAN_MOTHER, NAISUNAN_FATHER),
        child("5301051205120072", "PAULUS NAISUNAN", "12-05-2012", NAISUNAN_MOTHER, NAISUNAN_FATHER),
    ),
    patients=[
        patient(
            "K0101", "5301051205120071", "An. Petrus Naisunan", "2012-05-12", "L", mother_name="Maria Benu"
        ),
        patient("K0102", "-", "An. Paulus Naisunan", "2012-05-12", "L", mother_name="Maria Benu"),
    ],
    pupils=[
        pupil(
            "0120000101", "5301051205120071", "PETRUS NAISUNAN", "2012-05-12", "L", mother_name="MARIA BENU"
        ),
        pupil(
            "0120000102", "5301051205120071", "PAULUS NAISUNAN", "2012-05-12", "L", mother_name="MARIA BENU"
        ),
    ],
    found=[
        Found(HOSPITAL, "K0102", "NIK_MISSING", HOSPITAL, "-", "5301051205120072", SURE),
        Found(
            SCHOOL,
            "0120000102",
            "NIK_OF_ANOTHER_PERSON",
            SCHOOL,
            "5301051205120071",
            "5301051205120072",
            SURE,
        ),
    ],
)

TEFA_MOTHER = registered("5301064204850071", "DORKAS TEFA", "02-04-1985", mother_name="MARGARITHA LOPO")

TWIN_GIRLS = Story(
    "twin sisters who are both called Maria, both without a number at the hospital",
    registry=family(
        "5301061403140071",
        "BABAU",
        TEFA_MOTHER,
        child("5301064508100071", "MARIA GORETI TEFA", "05-08-2010", TEFA_MOTHER),
        child("5301064508100072", "MARIA FATIMA TEFA", "05-08-2010", TEFA_MOTHER),
    ),
    patients=[
        patient("K0201", None, "An. Maria Goreti Tefa", "2010-08-05", "P", mother_name="Dorkas Tefa"),
        patient("K0202", "0", "Nn. Maria F. Tefa", "2010-08-05", "P", mother_name="Dorkas Tefa"),
    ],
    found=[
        Found(HOSPITAL, "K0201", "NIK_MISSING", HOSPITAL, None, "5301064508100071", SURE),
        Found(HOSPITAL, "K0202", "NIK_MISSING", HOSPITAL, "0", "5301064508100072", SURE),
    ],
)

BENU_MOTHER = registered("5301076009860071", "ANTONIA BENU", "20-09-1986", mother_name="WELHELMINA NOMLENI")
FOBIA_MOTHER = registered("5301076812880071", "ROSINA FOBIA", "28-12-1988", mother_name="BRIGITA BERE")

TWINS_BOY_AND_GIRL = Story(
    "boys and girls of one birth, numbers apart by the girl's forty: one girl's was copied from her brother's card",
    registry=[
        *family(
            "5301070507110071",
            "SULAMU",
            BENU_MOTHER,
            child("5301072306110071", "GREGORIUS BENU", "23-06-2011", BENU_MOTHER),
            child("5301076306110071", "ELISABETH BENU", "23-06-2011", BENU_MOTHER),
        ),
        *family(
            "5301070507110072",
            "SULAMU",
            FOBIA_MOTHER,
            child("5301071702130071", "YOSEF FOBIA", "17-02-2013", FOBIA_MOTHER),
            child("5301075702130071", "YOSEFINA FOBIA", "17-02-2013", FOBIA_MOTHER),
        ),
    ],
    patients=[
        patient("K0301", "5301072306110071", "Gregorius Benu", "2011-06-23", "L", mother_name="Antonia Benu"),
        patient("K0302", "5301072306110071", "Elisabeth Benu", "2011-06-23", "P", mother_name="Antonia Benu"),
        patient("K0303", "5301071702130071", "Yosef Fobia", "2013-02-17", "L", mother_name="Rosina Fobia"),
        patient("K0304", "5301075702130071", "Yosefina Fobia", "2013-02-17", "P", mother_name="Rosina Fobia"),
    ],
    pupils=[
        pupil("0130000303", "-", "YOSEF FOBIA", "2013-02-17", "L", mother_name="ROSINA FOBIA"),
        pupil("0130000304", "-", "YOSEFINA FOBIA", "2013-02-17", "P", mother_name="ROSINA FOBIA"),
    ],
    found=[
        Found(
            HOSPITAL,
            "K0302",
            "NIK_OF_ANOTHER_PERSON",
            HOSPITAL,
            "5301072306110071",
            "5301076306110071",
            SURE,
        ),
        Found(
            SCHOOL, "0130000303", "NIK_MISSING", SCHOOL, "-", "5301071702130071", SURE, agencies_agree=True
        ),
        Found(
            SCHOOL, "0130000304", "NIK_MISSING", SCHOOL, "-", "5301075702130071", SURE, agencies_agree=True
        ),
    ],
)

LIUFETO_FATHER = registered("5301080403680071", "MARKUS LIUFETO", "04-03-1968", mother_name="SARA KASE")
LIUFETO_MOTHER = registered("5301085109700071", "ADELHEID MANAFE", "11-09-1970", mother_name="RUTH ADU")

FATHER_AND_SON = Story(
    "a father and a son of one name: the son was written down under his father's number",
    registry=family(
        "5301081708090071",
        "TARUS",
        LIUFETO_FATHER,
        LIUFETO_MOTHER,
        child("5301081209980071", "MARKUS LIUFETO", "12-09-1998", LIUFETO_MOTHER, LIUFETO_FATHER),
    ),
    patients=[
        patient(
            "K0401", "5301080403680071", "Tn. Markus Liufeto", "1968-03-04", "L", mother_name="Sara Kase"
        ),
        patient(
            "K0402",
            "5301080403680071",
            "Tn. Markus Liufeto",
            "1998-09-12",
            "L",
            mother_name="Adelheid Manafe",
        ),
        patient("K0403", "", "Markus Liufeto", "1998-09-12", "L"),
    ],
    found=[
        Found(
            HOSPITAL,
            "K0402",
            "NIK_OF_ANOTHER_PERSON",
            HOSPITAL,
            "5301080403680071",
            "5301081209980071",
            SURE,
        ),
        Found(HOSPITAL, "K0402", "DUPLICATE_RECORD", HOSPITAL, "5301080403680071", related="K0403"),
        Found(HOSPITAL, "K0403", "NIK_MISSING", HOSPITAL, "", "5301081209980071", SURE),
    ],
)

KASE_MOTHER = registered("5301095510850071", "DORTIA KASE", "15-10-1985", mother_name="NAOMI TAEK")

MOTHERS_NUMBER = Story(
    "a girl whom the school enrolled under her mother's number",
    registry=family(
        "5301090203100071",
        "BAUN",
        KASE_MOTHER,
        child("5301094303090071", "YULIANA KASE", "03-03-2009", KASE_MOTHER),
    ),
    pupils=[
        pupil("0090000501", "5301095510850071", "YULIANA KASE", "2009-03-03", "P", mother_name="DORTIA KASE"),
    ],
    found=[
        Found(
            SCHOOL,
            "0090000501",
            "NIK_OF_ANOTHER_PERSON",
            SCHOOL,
            "5301095510850071",
            "5301094303090071",
            SURE,
        ),
    ],
)

NOMLENI_MOTHER = registered("5301105207960071", "SELFIANA NOMLENI", "12-07-1996", mother_name="ORPA TAUHO")

NEWBORNS = Story(
    "two newborns under their mothers' numbers: one has a number of his own by now, the other is in no registry",
    registry=[
        *family(
            "5301100109260071",
            "CAMPLONG",
            NOMLENI_MOTHER,
            child("5301100108260071", "ARDIANUS NOMLENI", "01-08-2026", NOMLENI_MOTHER),
        ),
        registered(
            "5301106502990071",
            "ELISABETH TAMONOB",
            "25-02-1999",
            mother_name="LEA MISSA",
            kk="5301101203200071",
            birth_place="CAMPLONG",
        ),
    ],
    patients=[
        patient("K0601", "5301105207960071", "By. Ny. Selfiana Nomleni", "2026-08-01", "L"),
        patient("K0602", "5301106502990071", "By Ny Elisabeth Tamonob", "2026-11-09", "P"),
        patient("K0603", "5301106502990071", "Ny. Elisabeth Tamonob", "1999-02-25", "P"),
    ],
    found=[
        Found(
            HOSPITAL,
            "K0601",
            "NIK_OF_ANOTHER_PERSON",
            HOSPITAL,
            "5301105207960071",
            "5301100108260071",
            LIKELY,
            infant=True,
        ),
        Found(HOSPITAL, "K0602", "NIK_OF_ANOTHER_PERSON", HOSPITAL, "5301106502990071", infant=True),
    ],
)

FAMILY_CARD = Story(
    "the family card's number in the field for the NIK: it looks like one, and is nobody's",
    registry=family(
        "5301112007100071",
        "NAIBONAT",
        registered("5301111104770071", "GERSON TAEBENU", "11-04-1977", mother_name="YOHANA BAIT"),
        registered("5301116606790071", "NURLINA TAEBENU", "26-06-1979", mother_name="MARIA ATTO"),
    ),
    patients=[
        patient(
            "K0701", "5301112007100071", "Tn. Gerson Taebenu", "1977-04-11", "L", mother_name="Yohana Bait"
        ),
    ],
    found=[
        Found(HOSPITAL, "K0701", "NIK_WRONG", HOSPITAL, "5301112007100071", "5301111104770071", SURE),
    ],
)

ONE_NAME = Story(
    "a man with one name only, two digits of whose number were swapped",
    registry=family(
        "5301061909150071",
        "WONOGIRI",
        registered("3312061709590071", "SUPARDJO", "17-09-1959", mother_name="SUKINEM"),
    ),
    patients=[patient("K0801", "3312061709950071", "Tn. Suparjo", "1959-09-17", "L")],
    found=[
        Found(
            HOSPITAL,
            "K0801",
            "NIK_MISTYPED",
            HOSPITAL,
            "3312061709950071",
            "3312061709590071",
            SURE,
        ),
    ],
)

A_STRANGERS_NEIGHBOUR = Story(
    "a woman in no registry, whose number is one digit from that of a stranger born on her day in her district",
    registry=family(
        "5301052508140071",
        "OESAO",
        registered("5301055104870071", "YULIANA TANEO", "11-04-1987", mother_name="MERI BOIMAU"),
    ),
    patients=[
        patient(
            "K0901", "5301055104870072", "Ny. Rambu Ana Hina", "1987-04-11", "P", mother_name="Rambu Moha"
        ),
    ],
    found=[Found(HOSPITAL, "K0901", "NOT_REGISTERED", REGISTRY, "5301055104870072")],
)

LAISKODAT_MOTHER = registered("5301134101820071", "OLIVA LAISKODAT", "01-01-1982", mother_name="AFLIANA BESI")

SIBLINGS_NUMBER = Story(
    "a boy at school under the number of his elder sister",
    registry=family(
        "5301131002110071",
        "TAKARI",
        LAISKODAT_MOTHER,
        child("5301135906080071", "IRENE LAISKODAT", "19-06-2008", LAISKODAT_MOTHER),
        child("5301132710110071", "IMANUEL LAISKODAT", "27-10-2011", LAISKODAT_MOTHER),
    ),
    pupils=[
        pupil(
            "0080001001",
            "5301135906080071",
            "IRENE LAISKODAT",
            "2008-06-19",
            "P",
            mother_name="OLIVA LAISKODAT",
        ),
        pupil(
            "0110001002",
            "5301135906080071",
            "IMANUEL LAISKODAT",
            "2011-10-27",
            "L",
            mother_name="OLIVA LAISKODAT",
        ),
    ],
    found=[
        Found(
            SCHOOL,
            "0110001002",
            "NIK_OF_ANOTHER_PERSON",
            SCHOOL,
            "5301135906080071",
            "5301132710110071",
            SURE,
        ),
    ],
)

THREE_NUMBERS = Story(
    "one woman under three numbers, of which one is switched off: she is asked about the two that are not",
    registry=[
        *family(
            "5301051509090071",
            "SOE",
            registered(
                "5302125206810071", "THERESIA MAGDALENA SERAN", "12-06-1981", mother_name="KATARINA HOAR"
            ),
            registered(
                "5302125206810072",
                "THERESIA MAGDALENA SERAN",
                "12-06-1981",
                mother_name="KATARINA HOAR",
                status="NONAKTIF",
            ),
        ),
        *family(
            "5301142202180071",
            "SOE",
            registered("5301145206810071", "THERESIA M. SERAN", "12-06-1981", mother_name="KATARINA HOAR"),
        ),
    ],
    patients=[
        patient(
            "K1101",
            "5301145206810071",
            "Ny. Theresia Magdalena Seran",
            "1981-06-12",
            "P",
            mother_name="Katarina Hoar",
        ),
    ],
    pupils=[],
    found=[
        Found(
            REGISTRY,
            "5302125206810071",
            "DOUBLE_NIK",
            REGISTRY,
            "5302125206810071",
            "5301145206810071",
            LIKELY,
            related="5301145206810071",
        ),
    ],
)

TWICE = Story(
    "a woman who came back after her marriage and was registered as a new patient",
    registry=family(
        "5301151806150071",
        "OEKABITI",
        registered("5301154412890071", "WELMINCE TANONE", "04-12-1989", mother_name="DINA KAPITAN"),
    ),
    patients=[
        patient(
            "K1201", "5301154412890071", "Nn. Welmince Tanone", "1989-12-04", "P", mother_name="Dina Kapitan"
        ),
        patient(
            "K1202",
            "5301154412890071",
            "Ny. Welmintje Amtiran",
            "1989-12-04",
            "P",
            mother_name="Dina Kapitan",
        ),
    ],
    found=[
        Found(HOSPITAL, "K1201", "DUPLICATE_RECORD", HOSPITAL, "5301154412890071", related="K1202"),
    ],
)

DAMAGED_NUMBERS = Story(
    "numbers that keyboards and spreadsheets damage",
    registry=family(
        "5301162703110071",
        "LELOGAMA",
        registered("5301162808750074", "SEMUEL ATAUPAH", "28-08-1975", mother_name="HANA MELLU"),
        registered("5301165801780073", "SITI HAJAR LOMI", "18-01-1978", mother_name="AMINAH"),
        registered("5301160906990075", "DANIEL ADU", "09-06-1999", mother_name="SITI HAJAR LOMI"),
        registered(
            "5301161512010076", "FRANSISKUS XAVERIUS ASBANU", "15-12-2001", mother_name="SITI HAJAR LOMI"
        ),
        registered("5301164306040077", "JUNIARTI BESSIE", "03-06-2004", mother_name="SITI HAJAR LOMI"),
        registered("5301162201070078", "OKTOVIANUS LEO", "22-01-2007", mother_name="SITI HAJAR LOMI"),
    ),
    patients=[
        # fifteen digits: an 8 was left out
        patient("K1301", "530116280875074", "Tn. Semuel Ataupah", "1975-08-28", "L"),
        # the letter O for every zero
        patient("K1302", "53O1165801780O73", "Ny. St. Hajar Lomi", "1978-01-18", "P"),
        # a spreadsheet keeps fifteen digits
        patient("K1303", "5301160906990070", "Daniel Adu", "1999-06-09", "L"),
        # and shows a number as a float
        patient("K1304", "5,30116E+15", "Fransiskus X. Asbanu", "2001-12-15", "L"),
        # seventeen digits: a 3 was typed twice
        patient("K1305", "53011643306040077", "Juniarti Bessie", "2004-06-03", "P"),
        # the day of birth as a woman's
        patient("K1306", "5301166201070078", "Oktovianus Leo", "2007-01-22", "L"),
    ],
    found=[
        Found(
            HOSPITAL,
            "K1301",
            "NIK_MALFORMED",
            HOSPITAL,
            "530116280875074",
            "5301162808750074",
            SURE,
        ),
        Found(
            HOSPITAL,
            "K1302",
            "NIK_MALFORMED",
            HOSPITAL,
            "53O1165801780O73",
            "5301165801780073",
            SURE,
        ),
        Found(
            HOSPITAL,
            "K1303",
            "NIK_MISTYPED",
            HOSPITAL,
            "5301160906990070",
            "5301160906990075",
            SURE,
        ),
        Found(HOSPITAL, "K1304", "NIK_MALFORMED", HOSPITAL, "5,30116E+15", "5301161512010076", SURE),
        Found(
            HOSPITAL,
            "K1305",
            "NIK_MALFORMED",
            HOSPITAL,
            "53011643306040077",
            "5301164306040077",
            SURE,
        ),
        Found(
            HOSPITAL,
            "K1306",
            "NIK_MISTYPED",
            HOSPITAL,
            "5301166201070078",
            "5301162201070078",
            SURE,
        ),
    ],
)

CARD_IN_HAND = Story(
    "a girl whom school and hospital know under one number, and the registry not at all",
    patients=[
        patient(
            "K1401", "5301175705130071", "Nn. Kristina Rihi", "2013-05-17", "P", mother_name="Yublina Rihi"
        ),
    ],
    pupils=[
        pupil(
            "0130001401", "5301175705130071", "KRISTINA RIHI", "2013-05-17", "P", mother_name="YUBLINA RIHI"
        ),
    ],
    found=[
        Found(HOSPITAL, "K1401", "NOT_REGISTERED", REGISTRY, "5301175705130071", agencies_agree=True),
        Found(
            SCHOOL,
            "0130001401",
            "NOT_REGISTERED",
            REGISTRY,
            "5301175705130071",
            agencies_agree=True,
        ),
    ],
)

NOBODY = Story(
    "people in no registry: without a number, with one that cannot be, under somebody else's",
    registry=family(
        "5301180309120071",
        "OELAMASI",
        registered("5301180108840071", "BERNADUS HOAR", "01-08-1984", mother_name="BRIGITA BERE"),
    ),
    patients=[
        patient("K1501", "TIDAK ADA", "Tn. Umbu Kahi Landu", "1979-02-14", "L", mother_name="Rambu Babang"),
        patient(
            "K1502", "9901051402790001", "Tn. Domu Ndara Rihi", "1979-02-14", "L", mother_name="Rambu Ngana"
        ),
        patient(
            "K1503", "5301180108840071", "Ny. Konga Naha Hunga", "1993-07-30", "P", mother_name="Rambu Hamu"
        ),
    ],
    found=[
        Found(HOSPITAL, "K1501", "NIK_MISSING", REGISTRY, "TIDAK ADA"),
        Found(HOSPITAL, "K1502", "NIK_MALFORMED", HOSPITAL, "9901051402790001"),
        Found(HOSPITAL, "K1503", "NIK_OF_ANOTHER_PERSON", HOSPITAL, "5301180108840071"),
    ],
)

QUITE_ANOTHER = Story(
    "a number of another town, another day and another serial, that is nobody's",
    registry=family(
        "5301190804160071",
        "LASIANA",
        registered("5301190410900071", "AGUSTINUS POLA", "04-10-1990", mother_name="MARTHA BAOK"),
    ),
    patients=[
        patient(
            "K1601", "5371032211860088", "Tn. Agustinus Pola", "1990-10-04", "L", mother_name="Marta Baok"
        ),
    ],
    found=[
        Found(HOSPITAL, "K1601", "NIK_WRONG", HOSPITAL, "5371032211860088", "5301190410900071", SURE),
    ],
)

SWITCHED_OFF = Story(
    "holders who are dead or whose number is switched off, according to the registry; and one who is alive",
    registry=family(
        "5301201512080071",
        "TARUS",
        registered(
            "5301200507510071", "CORNELIS MOOY", "05-07-1951", mother_name="ESTER FOEH", status="MENINGGAL"
        ),
        registered(
            "5301206003550071", "ROSALINA BALLO", "20-03-1955", mother_name="HENDERINA PAH", status="NONAKTIF"
        ),
        registered("5301201708810071", "MIKHAEL MOOY", "17-08-1981", mother_name="ROSALINA BALLO"),
    ),
    patients=[
        patient(
            "K1701", "5301200507510071", "Tn. Kornelis Mooy", "1951-07-05", "L", mother_name="Ester Foeh"
        ),
        patient(
            "K1702", "5301206003550071", "Ny. Rosalina Ballo", "1955-03-20", "P", mother_name="Henderina Pah"
        ),
        patient(
            "K1703", "5301201708810071", "Tn. Mikael Mooy", "1981-08-17", "L", mother_name="Rosalina Ballo"
        ),
    ],
    found=[
        Found(HOSPITAL, "K1701", "HOLDER_DECEASED", REGISTRY, "5301200507510071"),
        Found(HOSPITAL, "K1702", "NIK_INACTIVE", REGISTRY, "5301206003550071"),
    ],
)

NOT_ONLINE = Story(
    "what the central service answered: what counts is the latest answer, about numbers that are active",
    registry=family(
        "5301210606130071",
        "KUANHEUM",
        registered("5301210505860071", "DEFRITUS NENOHAI", "05-05-1986", mother_name="ANCE SELAN"),
        registered("5301215505880071", "MELKIANA NENOHAI", "15-05-1988", mother_name="ANCE SELAN"),
        registered(
            "5301212505900071", "YUSTUS NENOHAI", "25-05-1990", mother_name="ANCE SELAN", status="NONAKTIF"
        ),
        registered("5301210406920071", "YERMIAS NENOHAI", "04-06-1992", mother_name="ANCE SELAN"),
    ),
    patients=[
        patient(
            "K1801", "5301210505860071", "Tn. Defritus Nenohai", "1986-05-05", "L", mother_name="Ance Selan"
        ),
    ],
    verdicts=[
        ("5301210505860071", "2026-11-20 09:15:00", "not_found"),
        ("5301215505880071", "2026-11-21 10:00:00", "found"),
        ("5301212505900071", "2026-11-21 10:05:00", "not_found"),
        ("5301210406920071", None, "not_found"),
    ],
    found=[
        Found(
            REGISTRY,
            "5301210505860071",
            "NIK_NOT_ONLINE",
            REGISTRY,
            "5301210505860071",
            agencies_agree=True,
        ),
        Found(REGISTRY, "5301210406920071", "NIK_NOT_ONLINE", REGISTRY, "5301210406920071"),
    ],
)

ELEMENTS = Story(
    "numbers that are right, with one element that is another one, each of the five",
    registry=family(
        "5301221809140071",
        "NAIKLIU",
        registered("5301220912880071", "NIKODEMUS TAKOY", "09-12-1988", mother_name="YUNITA KISEK"),
        registered("5301221011890071", "SEPRIANUS TAKOY", "10-11-1989", mother_name="YUNITA KISEK"),
        registered("5301221110910071", "DOMINGGUS TAKOY", "11-10-1991", mother_name="YUNITA KISEK"),
        registered("5301221209930071", "ALEXANDER TAKOY", "12-09-1993", mother_name="YUNITA KISEK"),
        registered("5301221308950071", "BENYAMIN TAKOY", "13-08-1995", mother_name="YUNITA KISEK"),
    ),
    patients=[
        patient(
            "K1901",
            "5301220912880071",
            "Tn. Nikodemus Faot",
            "1988-12-09",
            "L",
            mother_name="Yunita Kisek",
            birth_place="Naikliu",
        ),
        patient(
            "K1902",
            "5301221011890071",
            "Tn. Seprianus Takoy",
            "1979-11-10",
            "L",
            mother_name="Yunita Kisek",
            birth_place="Naikliu",
        ),
        patient(
            "K1903",
            "5301221110910071",
            "Dominggus Takoy",
            "1991-10-11",
            "P",
            mother_name="Yunita Kisek",
            birth_place="Naikliu",
        ),
        patient(
            "K1904",
            "5301221209930071",
            "Tn. Alexander Takoy",
            "1993-09-12",
            "L",
            mother_name="Yunita Kisek",
            birth_place="Atambua",
        ),
        patient(
            "K1905",
            "5301221308950071",
            "Tn. Benyamin Takoy",
            "1995-08-13",
            "L",
            mother_name="Rosina Fobia",
            birth_place="Naikliu",
        ),
    ],
    found=[
        Found(HOSPITAL, "K1901", "ELEMENT_MISMATCH", HOSPITAL, "5301220912880071", elements="name"),
        Found(
            HOSPITAL,
            "K1902",
            "ELEMENT_MISMATCH",
            HOSPITAL,
            "5301221011890071",
            elements="birth_date",
        ),
        Found(HOSPITAL, "K1903", "ELEMENT_MISMATCH", HOSPITAL, "5301221110910071", elements="sex"),
        Found(
            HOSPITAL,
            "K1904",
            "ELEMENT_MISMATCH",
            HOSPITAL,
            "5301221209930071",
            elements="birth_place",
        ),
        Found(
            HOSPITAL,
            "K1905",
            "ELEMENT_MISMATCH",
            HOSPITAL,
            "5301221308950071",
            elements="mother_name",
        ),
    ],
)

REGISTRYS_OWN_SLIP = Story(
    "a birth date on which hospital and school agree against the registry",
    registry=family(
        "5301230710140071",
        "TAEBENU",
        registered("5301231407110071", "YANUARIUS FALLO", "14-07-2011", mother_name="ROSA FALLO"),
    ),
    patients=[
        patient(
            "K2001", "5301231407110071", "An. Yanuarius Fallo", "2011-04-17", "L", mother_name="Rosa Fallo"
        ),
    ],
    pupils=[
        pupil(
            "0110002001", "5301231407110071", "YANUARIUS FALLO", "2011-04-17", "L", mother_name="ROSA FALLO"
        ),
    ],
    found=[
        Found(
            HOSPITAL,
            "K2001",
            "ELEMENT_MISMATCH",
            REGISTRY,
            "5301231407110071",
            elements="birth_date",
            agencies_agree=True,
        ),
        Found(
            SCHOOL,
            "0110002001",
            "ELEMENT_MISMATCH",
            REGISTRY,
            "5301231407110071",
            elements="birth_date",
            agencies_agree=True,
        ),
    ],
)

INNOCENT = Story(
    "what differs innocently: spelling, titles, initials, a married name, what is not there, a field's width",
    registry=family(
        "5301241105120071",
        "KABUPATEN KUPANG",
        registered(
            "5301240606800071", "MUHAMMAD RIDWAN SYARIFUDDIN", "06-06-1980", mother_name="SITI AMINAH"
        ),
        registered("5301244607820071", "MARGARITHA LENY KOLLO", "06-07-1982", mother_name="YOHANA FANGGIDAE"),
        registered("5301240808840071", "DJONI TJOKRO ADIWIBOWO", "08-08-1984", mother_name="SOEHARTI"),
        registered(
            "5301244909860071",
            "YOHANA MARIA MAGDALENA FLORENTINA DA COSTA",
            "09-09-1986",
            mother_name="IMACULADA DE ARAUJO",
        ),
        registered("5301241010880071", "SUPRIYADI", "10-10-1988", mother_name="WAGIYEM"),
    ),
    patients=[
        patient(
            "K2101",
            "5301.2406.0680.0071",
            "H. Muh. Ridwan Sarifudin, S.Pd",
            "1980-06-06",
            "L",
            mother_name="St. Aminah",
            birth_place="Kab. Kupang",
        ),
        patient(
            "K2102", "'5301244607820071", "Ny. Margaritha Leny Amheka", "1982-07-06", "P", mother_name="-"
        ),
        patient(
            "K2103", "5301240808840071", "Tn. Joni Cokro Adi Wibowo", "1984-08-08", "L", mother_name="Suharti"
        ),
        patient(
            "K2104",
            "5301244909860071",
            "Yohana Maria Magdalena Florentina da Cos",
            "1986-09-09",
            "P",
            birth_place="Kabupaten Kupan",
        ),
        patient("K2105", "5301241010880071", "Tn. Supriadi", "1988-10-10", None, birth_place="-"),
    ],
    found=[],
)

UNREGISTERED_TWICE = Story(
    "people in no registry, one of whom came twice; and twins, who are two",
    patients=[
        patient("K2201", "-", "Tn. Domianus Ndara Rihi", "1991-06-18", "L", mother_name="Rambu Ngana Rihi"),
        patient("K2202", "", "Domianus Ndara Rihi", "1991-06-18", "L", mother_name="Rambu Ngana Rihi"),
        patient("K2203", "-", "An. Umbu Hapu Landu", "2019-03-14", "L", mother_name="Rambu Konga Landu"),
        patient("K2204", "-", "An. Umbu Tamu Landu", "2019-03-14", "L", mother_name="Rambu Konga Landu"),
    ],
    found=[
        Found(HOSPITAL, "K2201", "DUPLICATE_RECORD", HOSPITAL, "-", related="K2202"),
        *(
            Found(HOSPITAL, key, "NIK_MISSING", REGISTRY, nik)
            for key, nik in (("K2201", "-"), ("K2202", ""), ("K2203", "-"), ("K2204", "-"))
        ),
    ],
)

STORIES = (
    TWIN_BOYS,
    TWIN_GIRLS,
    TWINS_BOY_AND_GIRL,
    FATHER_AND_SON,
    MOTHERS_NUMBER,
    NEWBORNS,
    FAMILY_CARD,
    ONE_NAME,
    A_STRANGERS_NEIGHBOUR,
    SIBLINGS_NUMBER,
    THREE_NUMBERS,
    TWICE,
    DAMAGED_NUMBERS,
    CARD_IN_HAND,
    NOBODY,
    QUITE_ANOTHER,
    SWITCHED_OFF,
    NOT_ONLINE,
    ELEMENTS,
    REGISTRYS_OWN_SLIP,
    INNOCENT,
    UNREGISTERED_TWICE,
)


@dataclass(frozen=True)
class Lived:
    """The village's records among a drawn neighbourhood, linked and diagnosed for real."""

    office: Office
    matches: list[dict[str, Any]]
    findings: dict[str, list[dict[str, Any]]]  # by language
    model: dict[str, Any]

    def found(self, story: Story, language: str = "id") -> list[dict[str, Any]]:
        """Every finding about a record of the story."""
        keys = story.keys()
        return [f for f in self.findings[language] if (f["source"], f["source_record_id"]) in keys]

    def of(self, source: str, key: str) -> list[dict[str, Any]]:
        """What linkage thinks of a record, the likeliest first."""
        rows = [m for m in self.matches if (m["source"], m["source_record_id"]) == (source, key)]
        return sorted((m for m in rows if m["relation"] in ("holder", "candidate")), key=lambda m: m["rank"])


_LIVED: list[Lived] = []


def live(folders: pytest.TempPathFactory) -> Lived:
    """The whole village through both rooms, once for all tests."""
    if not _LIVED:
        office = Office(folders.mktemp("village"))
        written = {
            REGISTRY: [row for story in STORIES for row in story.registry],
            HOSPITAL: [row for story in STORIES for row in story.patients],
            SCHOOL: [row for story in STORIES for row in story.pupils],
        }
        own = {source: office.records(source, rows) for source, rows in written.items()}
        registry, agencies = office.people(neighbourhood(folders).joined_by(own))
        verdicts = [office.verdicts([answer for story in STORIES for answer in story.verdicts])]
        matches = match(registry, agencies, office.settings)
        findings = {}
        for language in ("en", "id"):
            settings = office.settings.model_copy(update={"language": language})
            diagnose(matches, registry, agencies, verdicts, settings)
            findings[language] = office.read("findings")
        model = json.loads((office.settings.folder("matches") / "model.json").read_text(encoding="utf-8"))
        _LIVED.append(Lived(office, office.read("matches"), findings, model))
    return _LIVED[0]
