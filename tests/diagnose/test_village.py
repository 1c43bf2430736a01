"""Households worked by hand, through both rooms for real: the right answer for each, in full.

A story lists everything that is to be found in it; finding more would be as wrong as finding less.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from pipelines.records import FINDINGS, Cause
from pipelines.regions import region_name
from tests.match import village as told
from tests.match.people import HOSPITAL, REGISTRY, SCHOOL
from tests.match.village import STORIES, Found, Lived, Story

SAID = tomllib.loads((Path(told.__file__).parent / "said.toml").read_text(encoding="utf-8"))

SECTORS = {HOSPITAL: "health", SCHOOL: "education", REGISTRY: None}

EXPECTED = [(story, found) for story in STORIES for found in story.found]

COMPARED = (
    "source",
    "key",
    "cause",
    "owner",
    "recorded",
    "proposed",
    "elements",
    "related",
    "agencies_agree",
    "infant",
)
COLUMNS = ("source", "source_record_id", "cause", "owner", "recorded_nik", "proposed_nik", *COMPARED[6:])


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_all_that_is_found_is_right_and_nothing_is_missed(village: Lived, story: Story) -> None:
    found = {tuple(row[c] for c in COLUMNS) for row in village.found(story)}
    assert found == {tuple(getattr(f, c) for c in COMPARED) for f in story.found}
    assert len(village.found(story)) == len(story.found)


@pytest.mark.parametrize("expected", [f for _, f in EXPECTED], ids=lambda f: f"{f.key}-{f.cause}")
def test_it_is_as_sure_as_it_may_be_and_says_why(village: Lived, expected: Found) -> None:
    for language in ("id", "en"):
        (row,) = (
            r
            for r in village.findings[language]
            if (r["source"], r["source_record_id"], r["cause"])
            == (expected.source, expected.key, expected.cause)
        )
        assert row["evidence"] == SAID[expected.key][expected.cause][language]
        if expected.confidence is None:
            assert row["confidence"] is None
        else:
            assert expected.confidence[0] <= row["confidence"] <= expected.confidence[1]
        assert row["sector"] == SECTORS[expected.source]


def test_every_sentence_is_somebodys() -> None:
    assert {(key, cause) for key, causes in SAID.items() for cause in causes} == {
        (f.key, f.cause) for _, f in EXPECTED
    }


def test_every_cause_occurs() -> None:
    assert {f.cause for _, f in EXPECTED} == set(Cause)


def test_what_the_officers_act_on_is_named_as_its_source_has_it(village: Lived) -> None:
    rows = {(r["source_record_id"], r["cause"]): r for r in village.findings["id"]}
    mistyped = rows["K1303", "NIK_MISTYPED"]
    assert (mistyped["person_name"], mistyped["birth_date"]) == ("Daniel Adu", date(1999, 6, 9))
    # The hospital wrote no address: the district is where the registry has the person.
    assert (mistyped["district"], mistyped["district_name"]) == ("53.01.05", "KUPANG BARAT")
    nobody = rows["K1501", "NIK_MISSING"]
    assert (nobody["person_name"], nobody["district"]) == ("Tn. Umbu Kahi Landu", None)
    offline = rows["5301210505860071", "NIK_NOT_ONLINE"]
    assert (offline["person_name"], offline["district"]) == ("DEFRITUS NENOHAI", "53.01.05")


def test_where_to_look_for_somebody_without_an_address(village: Lived) -> None:
    records = {
        (row["source"], row["source_record_id"]): row
        for source in (HOSPITAL, SCHOOL)
        for row in village.office.read(f"records/{source}")
    }
    issued = Counter[str]()
    for row in village.findings["id"]:
        record = records.get((row["source"], row["source_record_id"]))
        if record is None or row["cause"] != Cause.NOT_REGISTERED or record["district_name"]:
            continue
        which = "kk" if record["kk"] else "nik"  # a family card is where the family lives, or lived last
        issued[which] += 1
        digits = record[which][:6]
        assert row["district"] == f"{digits[:2]}.{digits[2:4]}.{digits[4:]}"
        assert row["district_name"] == str(region_name(row["district"])).upper()
    assert min(issued["kk"], issued["nik"]) > 0
    # Of somebody recorded twice, the registry knows the address.
    homes = {row["nik"]: row["district"] for row in village.office.read(f"records/{REGISTRY}")}
    doubles = [row for row in village.findings["id"] if row["cause"] == Cause.DUPLICATE_RECORD]
    known = [home for r in doubles if (home := homes.get(records[r["source"], r["source_record_id"]]["nik"]))]
    assert known == [
        r["district"] for r in doubles if records[r["source"], r["source_record_id"]]["nik"] in homes
    ]
    assert known


def test_the_findings_are_as_their_schema_says_and_in_order(village: Lived) -> None:
    rows = village.findings["id"]
    assert list(rows[0]) == FINDINGS.names
    order = [(r["source"], r["source_record_id"], r["cause"], r["related"] or "￿") for r in rows]
    assert order == sorted(order)
    assert len({(*o[:3], r["related"]) for o, r in zip(order, rows, strict=True)}) == len(rows)


def test_no_twin_is_anybodys_double_or_duplicate(village: Lived) -> None:
    twins = {
        (nik, other)
        for story in (told.TWIN_BOYS, told.TWIN_GIRLS, told.TWINS_BOY_AND_GIRL)
        for nik in (r["nik"] for r in story.registry)
        for other in (r["nik"] for r in story.registry)
    }
    said_double = {
        (m["source_record_id"], m["other_id"]) for m in village.matches if m["relation"] == "double"
    }
    assert len(twins) > 20
    assert not twins & said_double
