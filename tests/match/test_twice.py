"""One person twice: two numbers in the registry, two records in one source; and who only looks so."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pipelines.match import twice
from pipelines.match.comparisons import COMPARISONS, Compared
from pipelines.match.twice import CAP, DOUBLE_KEYS, find_doubles, pairs_within, probability
from pipelines.match.weights import IntArray, Weights
from tests.match.conftest import Searched
from tests.match.people import REGISTRY, Loaded, Neighbourhood, Office, Row, compared, registered

NAMED = {c.name: c for c in COMPARISONS}


def level(comparison: str, words: str) -> int:
    return NAMED[comparison].levels.index(words)


TWICE: dict[str, tuple[Row, Row]] = {
    "the same in all": (
        registered("5302126206810001", "THERESIA MAGDALENA SERAN", "22-06-1981", mother_name="KATARINA HOAR"),
        registered("5301146206810001", "THERESIA MAGDALENA SERAN", "22-06-1981", mother_name="KATARINA HOAR"),
    ),
    "a middle name as an initial, the mother spelt otherwise": (
        registered("5302126306820001", "MARIA FLORENTINA BOUK", "23-06-1982", mother_name="THERESIA LUAN"),
        registered("5301146306820001", "MARIA F BOUK", "23-06-1982", mother_name="TERESIA LUAN"),
    ),
    "the old spelling": (
        registered("5302122406550001", "DJOHANIS OEMATAN", "24-06-1955", mother_name="DJOELIANA"),
        registered("5301142406550001", "JOHANIS UMATAN", "24-06-1955", mother_name="YULIANA"),
    ),
    "day and month swapped": (
        registered("5302120507830001", "NIKOLAUS BRIA", "05-07-1983", mother_name="ANASTASIA HOAR"),
        registered("5301140705830001", "NIKOLAUS BRIA", "07-05-1983", mother_name="ANASTASIA HOAR"),
    ),
    "another year": (
        registered("5302126507740001", "REGINA TAEK", "25-07-1974", mother_name="VERONIKA LAKA"),
        registered("5301146507840001", "REGINA TAEK", "25-07-1984", mother_name="VERONIKA LAKA"),
    ),
    "a finger's slip in the name, the number the next one given out": (
        registered("5302126606790001", "MARIA MAGDALENA HOAR", "26-06-1979", mother_name="ANASTASIA LUAN"),
        registered("5302126606790002", "MARIA MAGDALNEA HOAR", "26-06-1979", mother_name="ANASTASIA LUAN"),
    ),
}

ALIKE: dict[str, tuple[Row, Row]] = {
    "twin brothers": (
        registered(
            "5301051205120001",
            "PETRUS NAISUNAN",
            "12-05-2012",
            mother_name="MARIA BENU",
            kk="5301051203120071",
        ),
        registered(
            "5301051205120002",
            "PAULUS NAISUNAN",
            "12-05-2012",
            mother_name="MARIA BENU",
            kk="5301051203120071",
        ),
    ),
    "twin sisters, Maria both": (
        registered(
            "5301064508100001",
            "MARIA GORETI TEFA",
            "05-08-2010",
            mother_name="DORKAS TEFA",
            kk="5301061403140071",
        ),
        registered(
            "5301064508100002",
            "MARIA FATIMA TEFA",
            "05-08-2010",
            mother_name="DORKAS TEFA",
            kk="5301061403140071",
        ),
    ),
    "twins of whom one has a name more": (
        registered(
            "5301064608110001", "MARIA LOPO", "06-08-2011", mother_name="ESTER MANAFE", kk="5301061403140072"
        ),
        registered(
            "5301064608110002",
            "MARIA ANASTASIA LOPO",
            "06-08-2011",
            mother_name="ESTER MANAFE",
            kk="5301061403140072",
        ),
    ),
    "twin sisters whose names differ by a letter": (
        registered("5301064712140001", "YENI TEFA", "07-12-2014", mother_name="ORPA BENU"),
        registered("5301064712140002", "YANI TEFA", "07-12-2014", mother_name="ORPA BENU"),
    ),
    "a brother and a sister of one birth": (
        registered(
            "5301072306110001", "YOSEF BENU", "23-06-2011", mother_name="ANTONIA BENU", kk="5301070507110071"
        ),
        registered(
            "5301076306110001",
            "YOSEFINA BENU",
            "23-06-2011",
            mother_name="ANTONIA BENU",
            kk="5301070507110071",
        ),
    ),
    "father and son of one name": (
        registered(
            "5301080403680001", "MARKUS LIUFETO", "04-03-1968", mother_name="SARA KASE", kk="5301081708090071"
        ),
        registered(
            "5301081209980001",
            "MARKUS LIUFETO",
            "12-09-1998",
            mother_name="ADELHEID MANAFE",
            kk="5301081708090071",
        ),
    ),
    "sisters of one mother": (
        registered("5301135906080001", "IRENE LAISKODAT", "19-06-2008", mother_name="OLIVA LAISKODAT"),
        registered("5301136710110001", "IRMA LAISKODAT", "27-10-2011", mother_name="OLIVA LAISKODAT"),
    ),
    "namesakes born on the day that stands for an unknown one": (
        registered("5301050101500001", "YOHANES NENO", "01-01-1950", mother_name="MARIA TEFA"),
        registered("5301090101500003", "YOHANES NENO", "01-01-1950", mother_name="YULIANA BENU"),
    ),
    "a common name, a default day, no mother": (
        registered("5301054101520001", "MARIA TEFA", "01-01-1952"),
        registered("5301094101520003", "MARIA TEFA", "01-01-1952"),
    ),
}


@pytest.fixture(scope="module")
def everyone(
    neighbourhood: Neighbourhood, tmp_path_factory: pytest.TempPathFactory, searched: Searched
) -> Loaded:
    """All these among the neighbourhood, whose clerks wrote 1 January for many."""
    office = Office(tmp_path_factory.mktemp("twice"))
    many = [
        registered(f"53010541015{i % 8 + 1}{i + 100:04d}", "MARIA TEFA", f"01-01-195{i % 8 + 1}")
        for i in range(40)
    ]
    rows = [row for pair in (*TWICE.values(), *ALIKE.values()) for row in pair]
    return Loaded.from_tables(
        office, neighbourhood.joined_by({REGISTRY: office.records(REGISTRY, [*rows, *many])})
    )


@pytest.fixture(scope="module")
def found(everyone: Loaded, searched: Searched) -> dict[frozenset[str], float]:
    known = [v.weights for v in searched.verified.values()]
    doubles = find_doubles(everyone.con, everyone.everyone, known)
    nik = dict(everyone.rows("select r, nik from reg"))
    pairs = zip(doubles.l.tolist(), doubles.r.tolist(), doubles.probability.tolist(), strict=True)
    return {frozenset((nik[a], nik[b])): p for a, b, p in pairs}


def numbers(pair: tuple[Row, Row]) -> frozenset[str]:
    return frozenset(str(row["nik"]) for row in pair)


@pytest.mark.parametrize("title", TWICE)
def test_one_person_under_two_numbers_is_found(found: dict[frozenset[str], float], title: str) -> None:
    assert found.get(numbers(TWICE[title]), 0) > 0.6


@pytest.mark.parametrize("title", ALIKE)
def test_two_people_who_look_alike_are_not_one(found: dict[frozenset[str], float], title: str) -> None:
    assert numbers(ALIKE[title]) not in found


def test_the_neighbourhoods_own_second_numbers_are_found(
    found: dict[frozenset[str], float], neighbourhood: Neighbourhood
) -> None:
    lines = (neighbourhood.folder / "truth_two_niks.csv").read_text(encoding="utf-8").splitlines()[1:]
    true = {frozenset(line.split(",")) for line in lines}
    assert len(true) > 15
    assert len(true & found.keys()) >= 0.9 * len(true)


def test_every_pair_is_likely_and_the_likelier_ones_say_so(found: dict[frozenset[str], float]) -> None:
    assert all(twice.LEAST <= p <= 1 for p in found.values())


def test_the_row_that_stands_for_a_person_is_the_first_of_those_that_are_one(searched: Searched) -> None:
    doubles = searched.doubles
    assert doubles.person.shape == (searched.loaded.people,)
    assert (doubles.person[doubles.r] == doubles.person[doubles.l]).all()
    alone = np.setdiff1d(np.arange(searched.loaded.people), doubles.r)
    assert (doubles.person[alone] == alone).all()


# --- what no weight may outvote

ONE_PERSON = {
    "name": level("name", "identical"),
    "birth_date": level("birth_date", "the same day"),
    "mother_name": 1,
    "sex": 1,
}


@pytest.mark.parametrize(
    ("levels", "apart"),
    [
        ({}, False),
        ({"name": level("name", "mistyped, every word has its counterpart")}, False),
        ({"name": level("name", "a word left off, the rest agrees")}, False),
        ({"name": level("name", "given name agrees, another word differs")}, True),
        ({"name": level("name", "another word agrees, not the given name")}, True),
        ({"name": level("name", "missing")}, True),
        ({"birth_date": level("birth_date", "day and month swapped")}, False),
        ({"birth_date": level("birth_date", "one digit differs")}, False),
        ({"birth_date": level("birth_date", "another date")}, True),
        ({"birth_date": level("birth_date", "missing")}, True),
        ({"birth_date": level("birth_date", "one digit differs"), "mother_name": 0}, True),
        ({"birth_date": level("birth_date", "one digit differs"), "mother_name": 12}, True),
        ({"mother_name": 0}, False),  # the date agrees
        ({"sex": 2}, False),  # a slip
        (
            {"sex": 2, "name": level("name", "mistyped, every word has its counterpart")},
            True,
        ),  # brother and sister
    ],
)
def test_what_no_weight_may_outvote(levels: dict[str, int], apart: bool) -> None:
    pair = compared(**{name: [value] for name, value in {**ONE_PERSON, **levels}.items()})
    assert twice._not_one_person(pair).tolist() == [apart]


def test_two_people_have_probability_nought_whatever_they_weigh(searched: Searched) -> None:
    levels = {**ONE_PERSON, "kk": 1, "father_name": 1}
    pair = compared(**{name: [value, value] for name, value in levels.items()})
    pair.levels["name"][1] = level("name", "another word agrees, not the given name")
    p, bits = probability(searched.verified[0].weights, pair, 1000)
    assert p[1] == 0
    assert p[0] > 0.5
    assert np.isfinite(bits).all()


def test_the_bits_of_a_pair_are_the_sum_of_its_parts(searched: Searched) -> None:
    doubles = searched.doubles
    parts = twice.parts(doubles.weights, doubles.compared)
    assert doubles.weights.prior + sum(parts.values()) == pytest.approx(doubles.bits)


def test_a_name_and_a_date_that_many_have_prove_less(searched: Searched) -> None:
    """Thousands were born on 1 January by the clerk's pen, and dozens of those are called Yohanes Neno."""
    weights: Weights = searched.doubles.weights
    pair = compared(name=[1, 1, 1], birth_date=[1, 1, 1])
    pair.rarity["name"][:] = [3, 12, 25]
    pair.rarity["birth_date"][:] = [3, 12, 25]
    of_all = [sum(part[i] for part in twice.parts(weights, pair).values()) for i in range(3)]
    assert all(a < b for a, b in pairwise(of_all))
    assert of_all[1] - of_all[0] > 10


# --- the joins


def within(loaded: Loaded, where: str = "true") -> tuple[IntArray, IntArray, Compared]:
    return pairs_within(loaded.con, "reg", "r", loaded.everyone.reg, loaded.everyone.texts, where)


def test_each_key_finds_a_pair_and_no_pair_comes_twice(everyone: Loaded) -> None:
    left, right, batch = within(everyone)
    rows = list(zip(left.tolist(), right.tolist(), strict=True))
    assert rows == sorted(set(rows))
    assert all(a < b for a, b in rows)
    assert len(batch) == len(rows)


@pytest.mark.parametrize("keys", DOUBLE_KEYS, ids=", ".join)
def test_each_key_is_one_equal_join_that_finds_somebody(everyone: Loaded, keys: tuple[str, ...]) -> None:
    query = twice._self_join("reg", "r", keys, "true")
    filled = " and ".join(f"x.{k} = y.{k}" if "(" not in k else "true" for k in keys)
    rows = everyone.rows(
        f"select count(*), bool_and({filled}) from ({query}) p join reg x on x.r = p.l join reg y on y.r = p.r"
    )
    assert rows[0][0] > 0
    assert rows[0][1]


def test_a_key_that_too_many_share_joins_nobody(everyone: Loaded) -> None:
    common = everyone.one("select count(*) from reg where given = (select mode(given) from reg)")
    assert common > CAP
    assert everyone.one(f"select count(*) from ({twice._self_join('reg', 'r', ('given',), 'true')})") > 0
    shared = everyone.one(
        f"""select count(*) from ({twice._self_join("reg", "r", ("given",), "true")}) p join reg x on x.r = p.l
            where x.given = (select mode(given) from reg)"""
    )
    assert shared == 0


def test_only_the_chosen_rows_are_joined(everyone: Loaded) -> None:
    left, right, _ = within(everyone, "nik not like '5301%'")
    nik = dict(everyone.rows("select r, nik from reg"))
    assert len(left) > 0
    assert not any(nik[r].startswith("5301") for side in (left, right) for r in side.tolist())
