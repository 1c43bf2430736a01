"""Whose person is looked for among all people, and what is found for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.match import numbers
from pipelines.match.search import BLIND, SURE, doubtful
from pipelines.match.verify import Verified
from tests.match.conftest import Searched
from tests.match.people import HOSPITAL, SCHOOL, Neighbourhood, compared


def test_a_record_is_looked_for_where_its_number_fails(
    searched: Searched, neighbourhood: Neighbourhood
) -> None:
    """Missing, malformed or in no registry: all of them, and of those whose number is held the doubtful ones."""
    looked_for = {a for (a,) in searched.loaded.rows("select a from seek where not blind")}
    held = {a for (a,) in searched.loaded.rows("select a from held")}
    everyone = {a for (a,) in searched.loaded.rows("select a from ag")}
    assert everyone - held <= looked_for
    doubts = {a for v in searched.verified.values() for a in v.a[doubtful(v)].tolist()}
    assert looked_for == (everyone - held) | doubts
    unheld = sum(
        row["nik"] not in neighbourhood.numbers
        for name in (HOSPITAL, SCHOOL)
        for row in neighbourhood.tables[name].to_pylist()
    )
    assert len(everyone - held) == unheld > 300


def test_those_whose_number_is_somebody_elses_are_among_them(searched: Searched) -> None:
    looked_for = {a for (a,) in searched.loaded.rows("select a from seek where not blind")}
    stolen = {a for a, t in searched.told.items() if t["cause"] == "NIK_OF_ANOTHER_PERSON"}
    assert len(stolen) > 50
    assert len(stolen & looked_for) >= 0.97 * len(stolen)


def test_blind_records_are_sure_ones_whose_number_is_hidden(searched: Searched) -> None:
    blind = searched.loaded.rows("select a, true_r, src, nik_text from seek where blind")
    held = dict(searched.loaded.rows("select a, r from held"))
    assert all(a < 0 and held[-1 - a] == r for a, r, _, _ in blind)
    assert {src for _, _, src, _ in blind} == {0, 1}
    for src in (0, 1):
        count = sum(s == src for _, _, s, _ in blind)
        sure = searched.loaded.one(
            f"select count(*) from held where src = {src} and (plain or a not in (select a from seek where not blind))"
        )
        assert count == pytest.approx(min(BLIND, sure), rel=0.1)
    right = [searched.told[-1 - a]["cause"] != "NIK_OF_ANOTHER_PERSON" for a, _, _, _ in blind]
    assert np.mean(right) > 0.995


@pytest.mark.parametrize(
    ("level", "doubt"),
    [
        ({"name": 1, "birth_date": 1}, False),
        ({"name": 4, "birth_date": 4}, False),
        ({"name": 7, "birth_date": 1}, True),  # mistyped: a twin's name may look so
        ({"name": 11, "birth_date": 1}, True),
        ({"name": 0, "birth_date": 1}, True),
        ({"name": 1, "birth_date": 9}, True),
        ({"name": 1, "birth_date": 0}, True),
        ({"name": 1, "birth_date": 1, "sex": 2}, False),  # a slip in the sex, the name to the letter
        ({"name": 3, "birth_date": 1, "sex": 2}, True),  # brother and sister
    ],
)
def test_what_makes_a_held_number_doubtful(searched: Searched, level: dict[str, int], doubt: bool) -> None:
    assert doubtful(pair(searched, 1.0, **level)).tolist() == [doubt]


def pair(searched: Searched, one_person: float, plain: bool = False, **level: int) -> Verified:
    """A held pair with these levels, and how likely it is that both are one person."""
    batch = compared(**{name: [value] for name, value in level.items()})
    one = np.array([0])
    return replace(
        searched.verified[0],
        a=one.astype(np.int32),
        r=one.astype(np.int32),
        plain=np.array([plain]),
        compared=batch,
        one_person=np.array([one_person]),
    )


def test_an_unlikely_pair_is_doubtful_and_a_plain_one_never(searched: Searched) -> None:
    assert doubtful(pair(searched, SURE - 0.01, name=1, birth_date=1)).tolist() == [True]
    assert doubtful(pair(searched, 0.5, plain=True, name=1, birth_date=1)).tolist() == [False]


def test_candidates_are_pairs_in_order_each_once(searched: Searched) -> None:
    keys = list(zip(searched.pairs.a.tolist(), searched.pairs.r.tolist(), strict=True))
    assert keys == sorted(set(keys))
    assert len(keys) == len(searched.pairs.compared)
    assert set(np.unique(searched.pairs.src)) == {0, 1}


def test_a_blind_records_number_is_not_seen(searched: Searched) -> None:
    pairs = searched.pairs
    assert (pairs.number[pairs.blind] == numbers.NOTHING).all()
    assert (pairs.a[pairs.blind] < 0).all()
    assert (pairs.a[~pairs.blind] >= 0).all()


def test_every_doubtful_records_holder_is_among_its_candidates(searched: Searched) -> None:
    pairs = searched.pairs
    exact = {
        (a, r)
        for a, r, n in zip(pairs.a.tolist(), pairs.r.tolist(), pairs.number, strict=True)
        if n == numbers.EXACT
    }
    held = set(searched.loaded.rows("select a, r from held where a in (select a from seek)"))
    assert exact == held


def test_the_persons_of_nearly_all_records_are_among_the_candidates(searched: Searched) -> None:
    """Measured on the truth: of the records whose person is registered, and on the blind ones by fields alone."""
    pairs = searched.pairs
    row = dict(searched.loaded.rows("select nik, r from reg"))
    seen = set(zip(pairs.a.tolist(), pairs.r.tolist(), strict=True))
    wanted = {(a, row[t["true_nik"]]) for a, t in searched.told.items() if t["true_nik"] in row}
    looked_for = {a for (a,) in searched.loaded.rows("select a from seek where not blind")}
    wanted = {(a, r) for a, r in wanted if a in looked_for}
    assert len(wanted) > 300
    assert len(wanted & seen) >= 0.99 * len(wanted)
    blind = set(searched.loaded.rows("select a, true_r from seek where blind"))
    by_field = {
        (a, r)
        for a, r, f in zip(pairs.a.tolist(), pairs.r.tolist(), pairs.by_field, strict=True)
        if f and a < 0
    }
    assert len(blind & by_field) >= 0.99 * len(blind)


def test_the_state_of_the_dates(searched: Searched) -> None:
    """Agree; differ though the number bears the record's own date; differ, and it does not."""
    pairs = searched.pairs
    agree = pairs.compared.levels["birth_date"] == 1
    assert ((pairs.state == 1) == agree).all()
    own = dict(searched.loaded.rows("select a, coalesce(nik_birth_date = birth_date, false) from seek"))
    consistent = np.array([own[a] for a in pairs.a.tolist()])
    assert ((pairs.state == 0) == (~agree & consistent)).all()


def test_a_relative_is_known_by_the_household_of_the_numbers_holder(searched: Searched) -> None:
    pairs = searched.pairs
    household = pairs.number == numbers.HOUSEHOLD
    assert household.sum() > 20
    cards = dict(searched.loaded.rows("select r, kk from reg"))
    holder = dict(searched.loaded.rows("select s.a, g.kk from seek s join reg g using (number)"))
    for a, r in zip(pairs.a[household].tolist(), pairs.r[household].tolist(), strict=True):
        assert cards[r] == holder[a] is not None


def test_the_slip_that_was_made_is_the_level_that_is_seen(searched: Searched) -> None:
    """For each kind of slip of the truth, the level of the record's own person, where a NIK can be read at all."""
    expected = {
        "swapped": {numbers.SWAP},
        "last_zero": {numbers.ZEROED},
        "family_card": {numbers.CARD, numbers.HOUSEHOLD},
        "missing": {numbers.NOTHING},
        "digit": {numbers.DATE, numbers.REGION, numbers.SERIAL, numbers.DAY40, numbers.ZEROED},
        "day_sex": {numbers.DAY40, numbers.HOUSEHOLD},  # that of a twin of the other sex
        "letters": {numbers.LETTERS},
    }
    row = dict(searched.loaded.rows("select nik, r from reg"))
    level = {
        (a, r): int(n)
        for a, r, n in zip(
            searched.pairs.a.tolist(), searched.pairs.r.tolist(), searched.pairs.number, strict=True
        )
    }
    seen: dict[str, list[int]] = {}
    for a, told in searched.told.items():
        pair = (a, row.get(told["true_nik"], -1))
        readable = told["cause"] != "NIK_MALFORMED" or told["slip"] == "letters"
        if told["slip"] in expected and readable and pair in level:
            seen.setdefault(told["slip"], []).append(level[pair])
    assert set(seen) == set(expected)
    for slip, levels in seen.items():
        assert np.mean([x in expected[slip] for x in levels]) > 0.9, (slip, levels)
