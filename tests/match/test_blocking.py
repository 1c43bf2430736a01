"""Which pairs are worth comparing: each rule by the person that it is there to find, and what none may bring."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.match import blocking
from pipelines.match.blocking import CAP, NAMESAKES, RULES, Rule, block, one_slip_away
from pipelines.match.explain import said
from tests.match.people import HOSPITAL, REGISTRY, Loaded, Office, Row, patient, registered

FINDS: dict[str, tuple[Row, Row]] = {
    "birth date and a word of the name": (
        registered("5301052208750001", "FRANSISKUS XAVERIUS ASBANU", "22-08-1975"),
        patient("K01", None, "Tn. Saverius Asbanu", "1975-08-22", "L"),
    ),
    "birth date and the given name's first letters": (
        registered("5301056208760001", "MARGARITHA LOPO", "22-08-1976"),
        patient("K02", None, "Ny. Margret Nomleni", "1976-08-22", "P"),
    ),
    "birth date and mother": (
        registered("5301056208770001", "YUBLINA RIHI", "22-08-1977", mother_name="KATARINA HOAR"),
        patient("K03", None, "Ny. Ina", "1977-08-22", "P", mother_name="Katharina"),
    ),
    "day and month swapped, and a word of the name": (
        registered("5301050311780001", "GERSON TAEBENU", "03-11-1978"),
        patient("K04", None, "Gerson", "1978-03-11", "L"),
    ),
    "name, day and month": (
        registered("5301052308790001", "MARKUS LIUFETO", "23-08-1979"),
        patient("K05", None, "Marcus Liufeto", "1989-08-23", "L"),
    ),
    "name and year": (
        registered("5301052408800001", "AGUSTINUS POLA", "24-08-1980"),
        patient("K06", None, "Agustinus Polla", "1980-01-01", "L"),
    ),
    "name and sex": (
        registered("5301052508810001", "SUPARDJO", "25-08-1981"),
        patient("K07", None, "Tn. Supardjo", None, "L"),
    ),
    "given name and mother": (
        registered("5301052608820001", "NIKODEMUS TAKOY", "26-08-1982", mother_name="YUNITA KISEK"),
        patient("K08", None, "Nikodemus", "1999-01-30", "L", mother_name="Yunita Kisek"),
    ),
    "family card": (
        registered("5301056708830001", "ROSINA FOBIA", "27-08-1983", kk="5301051203120071"),
        patient("K09", None, "Bete", None, "P", kk="5301051203120071"),
    ),
    "baby of its mother": (
        registered("5301050109260001", "ARDIANUS TAUHO", "01-09-2026", mother_name="SELFIANA TAUHO"),
        patient("K10", None, "Ny. Selviana Sae", "2026-09-01", "L"),
    ),
    "one slip in the number": (
        registered("5301052808840001", "HABEL MISSA", "28-08-1984"),
        patient("K11", "5301052808480001", "Hab", "1994-12-30", "L"),
    ),
    "the number's birth date and the given name": (
        registered("5301052908850001", "DANIEL ADU", "29-08-1985"),
        patient("K12", "5371012908850044", "Daniel", "1995-12-30", "L"),
    ),
    "the number's district and birth date": (
        registered("5301053008860001", "YAKOB BAOK", "30-08-1986"),
        patient("K13", "5301053008860345", "Yan", "1996-12-30", "L"),
    ),
    "household of the number's holder": (
        registered("5301057108870001", "IRENE LAISKODAT", "31-08-1987", kk="5301051002110071"),
        patient("K14", "5301050101600014", "Ice", "1997-12-30", "P"),
    ),
    "a family card in the number's place": (
        registered("5301050109880001", "DEFRITUS NENOHAI", "01-09-1988", kk="5301050606130071"),
        patient("K15", "5301050606130071", "Def", "1998-12-30", "L"),
    ),
    "mother's number in the number's place": (
        registered("5301050209890001", "KRISTOFEL BELL", "02-09-1989", mother_nik="5301054101610016"),
        patient("K16", "5301054101610016", "Kris", "1999-12-30", "L"),
    ),
}
"""For each rule: a person, and a record of that person in which hardly anything else agrees."""

FATHER = registered("5301050101600014", "OBED LAISKODAT", "01-01-1960", kk="5301051002110071")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    office = Office(tmp_path_factory.mktemp("office"))
    people, records = zip(*FINDS.values(), strict=True)
    tables = {REGISTRY: office.records(REGISTRY, [*people, FATHER])}
    tables[HOSPITAL] = office.records(HOSPITAL, [{k: v for k, v in r.items() if k != "kk"} for r in records])
    loaded = Loaded.from_tables(office, tables)
    loaded.con.execute("create table seek as select ag.*, false as blind from ag").fetchall()
    loaded.con.execute("update seek set kk = 5301051203120071 where source_record_id = 'K09'").fetchall()
    return loaded


def found(loaded: Loaded, *rules: Rule) -> dict[tuple[str, str], bool]:
    """The pairs that these rules give, as keys, and whether each was found without reading the number."""
    with patch.object(blocking, "RULES", rules):
        block(loaded.con)
    keys = "select source_record_id, reg.nik, by_field from pairs join seek using (a) join reg using (r)"
    return {(key, nik): by_field for key, nik, by_field in loaded.rows(keys)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_finds_the_person_that_it_is_there_for(loaded: Loaded, rule: Rule) -> None:
    person, record = FINDS[rule.name]
    pair = (str(record["record_id"]), str(person["nik"]))
    assert found(loaded, rule).get(pair) == (not rule.by_number)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_rule_is_there_for_nothing(loaded: Loaded, rule: Rule) -> None:
    """The pair of each rule is found by no other."""
    person, record = FINDS[rule.name]
    others = found(loaded, *(other for other in RULES if other != rule))
    pair = (str(record["record_id"]), str(person["nik"]))
    assert pair not in others


def test_nobody_is_paired_with_a_stranger(loaded: Loaded) -> None:
    own = {(str(record["record_id"]), str(person["nik"])) for person, record in FINDS.values()}
    father = ("K14", str(FATHER["nik"]))  # his number is in the record
    assert set(found(loaded, *RULES)) - own <= {father}


def test_each_pair_is_there_once_in_a_fixed_order(loaded: Loaded) -> None:
    found(loaded, *RULES, *RULES)
    pairs = loaded.rows("select a, r from pairs")
    assert pairs == sorted(set(pairs))
    found(loaded, *reversed(RULES))
    assert loaded.rows("select a, r from pairs") == pairs


def test_a_pair_found_by_the_fields_too_counts_as_found_by_them(loaded: Loaded) -> None:
    by_number = replace(RULES[0], by_number=True)
    assert found(loaded, by_number)["K01", "5301052208750001"] is False
    assert found(loaded, by_number, RULES[0])["K01", "5301052208750001"] is True


def test_the_report_says_what_each_rule_gave(loaded: Loaded) -> None:
    found(loaded, *RULES)
    report = loaded.rows("select rule, pairs, split, capped from block_report")
    assert [name for name, *_ in report] == [rule.name for rule in RULES]
    assert all(pairs >= 1 and split == capped == 0 for _, pairs, split, capped in report)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_has_a_name_for_those_who_read_no_english(rule: Rule) -> None:
    assert said("rules", rule.name, "en") == rule.name
    assert said("rules", rule.name, "id") != rule.name


# --- what is too common


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Fifteen women of one name and day, as many a clerk's pen has made, and a patient who could be any of them."""
    office = Office(tmp_path_factory.mktemp("crowd"))
    many = [registered(f"5301054101500{i:03d}", "MARIA TEFA", "01-01-1950") for i in range(1, 16)]
    tables = {
        REGISTRY: office.records(REGISTRY, many),
        HOSPITAL: office.records(HOSPITAL, [patient("K1", None, "Ny. Maria Tefa", "1950-01-01", "P")]),
    }
    loaded = Loaded.from_tables(office, tables)
    loaded.con.execute("create table seek as select ag.*, false as blind from ag").fetchall()
    return loaded


def test_a_block_that_is_too_wide_says_too_little_and_is_counted(crowd: Loaded) -> None:
    narrow, wide = (replace(RULES[0], cap=cap) for cap in (14, 15))
    assert len(found(crowd, wide)) == 15
    assert crowd.rows("select pairs, split, capped from block_report") == [(15, 0, 0)]
    assert not crowd.rows("select * from crowded")
    assert not found(crowd, narrow)
    # Maria and Tefa, each with the day; their whole name and its first letters part nobody from the others
    assert crowd.rows("select pairs, split, capped from block_report") == [(0, 2, 4)]
    assert {a for (a,) in crowd.rows("select a from crowded")} == {0}


def test_who_shares_too_common_a_key_is_found_by_what_else_agrees(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Of two dozen with one clan and day she is found by her whole name, and he, misspelt, by his mother."""
    office = Office(tmp_path_factory.mktemp("clan"))
    others = [
        registered(f"5301054101500{i:03d}", f"{name} TEFA", "01-01-1950") for i, name in enumerate(GIVEN, 1)
    ]
    hers = registered("5301054101500101", "YULIANA TEFA", "01-01-1950")
    his = registered("5301050101500102", "WILHELMUS TEFA", "01-01-1950", mother_name="AGUSTINA BANI")
    tables = {
        REGISTRY: office.records(REGISTRY, [*others, hers, his]),
        HOSPITAL: office.records(
            HOSPITAL,
            [
                patient("K1", None, "Yuliana Tefa", "1950-01-01", "P"),
                patient("K2", None, "Helmus Tefa", "1950-01-01", "L", mother_name="Agustina Bani"),
                patient("K3", None, "Magdalena Tefa", "1950-01-01", "P"),
            ],
        ),
    }
    clan = Loaded.from_tables(office, tables)
    clan.con.execute("create table seek as select ag.*, false as blind from ag").fetchall()
    pairs = found(clan, blocking._same("day and clan", "birth_date", "family", cap=20))
    assert pairs == {("K1", "5301054101500101"): True, ("K2", "5301050101500102"): True}
    assert clan.rows("select pairs, split, capped from block_report") == [(2, 1, 0)]
    assert clan.rows("select distinct a from crowded order by a") == [(0,), (1,), (2,)]


GIVEN = (
    "ADRIANA", "BENDELINA", "CARLOS", "DOMINGGUS", "ERMELINDA", "FRANSISKUS", "GERARDUS", "HERMANUS", "IGNASIUS",
    "JOSEFINA", "KORNELIS", "LUSIANA", "MELKIANUS", "NIKOLAUS", "OKTAVIANUS", "PAULINA", "REGINA", "SIMON",
    "THERESIA", "URBANUS", "VERONIKA", "WELMINCE", "XAVERIUS", "YAKOB", "ZAKARIAS",
)  # fmt: skip


def test_a_full_name_finds_its_holder_only_where_few_are_called_so(crowd: Loaded) -> None:
    (rule,) = (r for r in RULES if r.name == "name and sex")
    assert NAMESAKES < 15 <= CAP
    assert rule.cap == NAMESAKES
    assert not found(crowd, rule)


PERSON = st.tuples(*(st.none() | st.integers(0, 2) for _ in (*blocking.FINER, "kk")))


@settings(deadline=None, max_examples=80)
@given(
    st.lists(PERSON, min_size=1, max_size=4),
    st.lists(PERSON, min_size=1, max_size=12),
    st.integers(1, 4),
)
def test_a_split_block_gives_whoever_agrees_in_something_finer_that_few_share(
    records: list[tuple[int | None, ...]], people: list[tuple[int | None, ...]], cap: int
) -> None:
    """Against a plain reading of the rule, person by person."""
    rule = blocking._same("family card", "kk", cap=cap)
    columns = (*blocking.FINER, "kk")
    with duckdb.connect() as con:
        for table, key, rows in (("seek", "a", records), ("reg", "r", people)):
            con.execute(f"create table {table} ({key} int, {', '.join(f'{c} int' for c in columns)})")
            con.executemany(
                f"insert into {table} values ({', '.join('?' * (len(columns) + 1))})",
                [[place, *row] for place, row in enumerate(rows)],
            )
        con.execute("create table found (rule tinyint, a int, r int, by_field boolean)")
        con.execute("create table crowded (a int)")
        con.execute("create table left_out (rule tinyint, parts bigint)")
        split = blocking._apply(con, 3, rule)
        pairs = con.execute("select a, r from found").fetchall()
        crowded = {a for (a,) in con.execute("select a from crowded").fetchall()}

    def members(of: dict[str, int | None]) -> list[int]:
        """The registry's people who agree in all of these."""
        told = [dict(zip(columns, person, strict=True)) for person in people]
        return [r for r, person in enumerate(told) if all(person[c] == v for c, v in of.items())]

    expected, wide = set(), set()
    for a, row in enumerate(records):
        record = dict(zip(columns, row, strict=True))
        if record["kk"] is None:
            continue
        block_of = members({"kk": record["kk"]})
        parts = [block_of]
        if len(block_of) > cap:
            wide.add(a)
            parts = [
                members({"kk": record["kk"], c: record[c]}) for c in blocking.FINER if record[c] is not None
            ]
        expected |= {(a, r) for part in parts if len(part) <= cap for r in part}
    assert sorted(pairs) == sorted(expected), "each once"
    assert crowded == wide
    assert split == len({records[a][-1] for a in wide})


# --- what the number alone brings

NEIGHBOURS = {
    "K1": ("Tn. Petrus Naisunan", True),
    "K2": ("Tn. Piter", True),  # one letter of the given name
    "K3": ("Tn. Naisunan Markus", True),  # the clan in front
    "K4": ("Tn. Yonatan Tefa", False),  # nothing
    "K5": ("By. Ny. Yustina Sae", True),  # no name to compare yet
}
"""Patients under a number one digit from Petrus Naisunan's, and whether they are worth comparing with him."""


def test_neighbours_by_number_are_paired_where_something_else_agrees(tmp_path: Path) -> None:
    office = Office(tmp_path)
    tables = {
        REGISTRY: office.records(REGISTRY, [registered("5301051205120071", "PETRUS NAISUNAN", "12-05-2012")]),
        HOSPITAL: office.records(
            HOSPITAL,
            [
                patient(key, "5301051205120072", name, "1990-11-30", "L")
                for key, (name, _) in NEIGHBOURS.items()
            ],
        ),
    }
    loaded = Loaded.from_tables(office, tables)
    loaded.con.execute("create table seek as select ag.*, false as blind from ag").fetchall()
    (rule,) = (r for r in RULES if r.name == "one slip in the number")
    assert {key for key, _ in found(loaded, rule)} == {
        key for key, (_, paired) in NEIGHBOURS.items() if paired
    }


# --- the neighbourhood of a number


def neighbourhood(written: str) -> set[int]:
    """By hand and by text: every number of sixteen digits from which one slip leads to what is written."""
    text = written.upper().translate(str.maketrans("OILQ", "0110"))
    if not text.isascii() or not text.isdigit():
        return set()
    near: set[str] = set()
    if len(text) == 16:
        near.add(text)
        near |= {text[:i] + d + text[i + 1 :] for i in range(16) for d in "0123456789"}
        near |= {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(15)}
    elif len(text) == 15:
        near |= {text[:i] + d + text[i:] for i in range(16) for d in "0123456789"}
    elif len(text) == 17:
        near |= {text[:i] + text[i + 1 :] for i in range(17)}
    return {int(n) for n in near}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


DIGITS = st.text("0123456789", min_size=14, max_size=18) | st.text("0123456789", min_size=16, max_size=16)
WRITTEN = DIGITS | st.text("01OIlq53", min_size=15, max_size=17) | st.text("0123X ", max_size=17)


@settings(max_examples=30, deadline=None)
@example(["5301044101900012", "530104410190012", "53010441019000112", "53O1044I0190OO12"])
@example(["0000000000000000", "9999999999999999", "1111111111111111", "99999999999999999"])
@given(written=st.lists(WRITTEN, min_size=1, max_size=4))
def test_the_neighbours_of_a_number_are_those_that_one_slip_leads_to(
    con: duckdb.DuckDBPyConnection, written: list[str]
) -> None:
    values = ", ".join(f"({a}, '{text}')" for a, text in enumerate(written))
    con.execute(
        f"create or replace table source as select * from (values {values}) t(a, nik_text)"
    ).fetchall()
    one_slip_away(con, "source", "target")
    seen = con.execute("select a, variant from target").fetchall()
    for a, text in enumerate(written):
        assert {variant for key, variant in seen if key == a} == neighbourhood(text), text


def test_a_number_of_sixteen_digits_has_about_160_neighbours() -> None:
    """Itself, another digit at each place, and the twelve swaps of two neighbours that differ."""
    assert len(neighbourhood("5301044101900012")) == 1 + 16 * 9 + 12
