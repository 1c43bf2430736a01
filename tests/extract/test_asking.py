"""A verification service over loopback, asked about the numbers most in need: within its quota, once each."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.engine import write_table
from pipelines.errors import SourceUnreadable
from pipelines.extract import extract, probe
from pipelines.extract.asking import answers, source
from pipelines.extract.asking.answers import Answer, verdict
from pipelines.extract.asking.journal import FILE, Journal, Line
from pipelines.extract.web import client
from pipelines.layouts import load_layout
from pipelines.records import FINDINGS, RECORDS
from pipelines.settings import ConfigError, Settings, Source, load_settings
from pipelines.standardise import standardise
from tests.extract.service import Reply, Request, Service, bundle, patient, serving

TODAY = date(2026, 11, 24)
YESTERDAY = TODAY - timedelta(days=1)
LAYOUT = load_layout("dukcapil-verify", Path())
UNKNOWN = {"content": [{"RESPON": "NIK tidak terdapat di database Kemendagri."}], "numberOfElements": 1}


def nik(number: int) -> str:
    return f"530104430290{number:04}"


def record(source: str, number: int, **more: Any) -> dict[str, Any]:
    known = {
        "source": source,
        "source_record_id": f"{source}-{number}",
        "nik": nik(number),
        "nik_class": "valid",
        "name_recorded": f"Dra. Orang Ke {number}",
        "name": f"ORANG KE {number}",
        "birth_date": date(1990, 2, 3),
        "sex": "P",
        "status": "active",
    }
    return dict.fromkeys(RECORDS.names) | known | more


class Desk:
    """An office on the morning after a run: seven people in the registry, some of whom agencies know."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.folder, self.service = folder, service
        self.lay(YESTERDAY, failing=(6, 7), at_agency=(4, 6), unregistered=(9,))

    def lay(
        self, day: date, failing: tuple[int, ...], at_agency: tuple[int, ...], unregistered: tuple[int, ...]
    ) -> None:
        """The tables of a run."""
        settings = self.settings(day)
        registry = [record("dukcapil", n) for n in range(1, 8)]
        agency = [record("rsud", n, name=f"NAMA RSUD {n}") for n in (*at_agency, *unregistered)]
        write_table(pa.Table.from_pylist(registry, RECORDS), settings.folder("records/dukcapil"))
        write_table(pa.Table.from_pylist(agency, RECORDS), settings.folder("records/rsud"))
        found = [
            dict.fromkeys(FINDINGS.names)
            | {"source": "rsud", "cause": "NIK_OF_ANOTHER_PERSON", "recorded_nik": f"'{nik(n)}"}
            for n in failing
        ]
        write_table(pa.Table.from_pylist(found, FINDINGS), settings.folder("findings"))

    def source(self, **more: Any) -> Source:
        known = {"quota": 100, "rate": 1000.0, "client_id": "kantor", "client_secret": "s3cret"}
        known |= {"elements": ("name", "birth_date"), "layout": LAYOUT}
        return Source(
            name="pusat", location=f"{self.service.base}/dukcapil/get_json/verify", **(known | more)
        )

    def settings(self, day: date = TODAY, **more: Any) -> Settings:
        people = {"layout": load_layout("canonical", Path()), "location": "none.csv"}
        return Settings(
            run_date=day,
            config_file=self.folder / "padan.toml",
            data=self.folder / "data",
            registry=Source(name="dukcapil", **people),
            sources=(Source(name="rsud", **people),),
            verdicts=(self.source(**more),),
        )

    def ask(self, day: date = TODAY, **more: Any) -> list[tuple[str, str]]:
        """Numbers by their last digit, with the answer, as extract writes them."""
        settings = self.settings(day, **more)
        rows = pq.read_table(extract(settings.verdicts[0], settings).file).to_pylist()
        return [(row["nik"][-1], row["result"]) for row in rows]

    def aside(self, day: date = TODAY) -> list[dict[str, Any]]:
        file = self.settings(day).folder("quarantine/extract/pusat") / "part-0.parquet"
        return pq.read_table(file).to_pylist()

    @property
    def asked(self) -> list[str]:
        """The last digits of the numbers the service was asked about, in turn."""
        return [request.document["NIK"][-1] for request in self.service.requests]


def agrees(request: Request) -> Reply:
    """The service on a good day: it knows everybody but 3, has 4's birth date otherwise, and 9 not at all."""
    number = int(request.document["NIK"][-4:])
    if number in (3, 9):
        return Reply(UNKNOWN)
    said = {k: "Sesuai" for k in request.document if k not in ("user_id", "password")}
    if "NAMA_LGKP" in said:
        said["NAMA_LGKP"] = "Sesuai (100)"
    if number == 4:
        said["TGL_LHR"] = "Tidak Sesuai"
    return Reply({"content": [said], "lastPage": True, "numberOfElements": 1})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The local time, to be moved; pauses are noted in `waited` and not waited for."""
    times = [datetime(2026, 11, 24, 1, 0, 0)]
    monkeypatch.setattr(source, "now", lambda: times[-1])
    return times


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []
    monkeypatch.setattr(client, "pause", made.append)
    return made


@pytest.fixture
def desk(tmp_path: Path, clock: list[datetime], waited: list[float]) -> Iterator[Desk]:
    with serving(agrees) as service:
        yield Desk(tmp_path, service)


def test_the_neediest_are_asked_first_and_answers_become_verdicts(desk: Desk) -> None:
    assert desk.ask() == [
        *[("1", "FOUND"), ("2", "FOUND"), ("3", "NOT FOUND"), ("4", "MISMATCH")],
        *[("5", "FOUND"), ("6", "FOUND"), ("7", "FOUND"), ("9", "NOT FOUND")],
    ]
    failed, at_agencies, rest = ["6", "7"], ["4", "9"], ["1", "2", "3", "5"]
    assert desk.asked == failed + at_agencies + rest
    settings = desk.settings()
    verdicts = pq.read_table(
        standardise(extract(settings.verdicts[0], settings), settings.verdicts[0], settings).file
    ).to_pylist()
    assert {row["checked_at"] for row in verdicts} == {datetime(2026, 11, 24, 1)}
    assert [row["result"] for row in verdicts if row["nik"] == nik(3)] == ["not_found"]


def test_a_question_carries_the_number_and_the_chosen_elements_and_nothing_else(desk: Desk) -> None:
    desk.ask(quota=1)
    (request,) = desk.service.requests
    assert request.document == {
        "user_id": "kantor",
        "password": "s3cret",
        "NIK": nik(6),
        "NAMA_LGKP": "Dra. Orang Ke 6",  # the registry's word, as it stands there
        "TGL_LHR": "03-02-1990",
    }


def test_whom_only_an_agency_knows_is_asked_about_in_its_words(desk: Desk) -> None:
    desk.ask(elements=("name", "sex"))
    (request,) = [r for r in desk.service.requests if r.document["NIK"] == nik(9)]
    assert request.document["NAMA_LGKP"] == "NAMA RSUD 9"
    assert request.document["JENIS_KLMIN"] == "Perempuan"


def test_a_run_of_the_same_date_asks_nobody_twice_and_writes_the_same_bytes(desk: Desk) -> None:
    settings = desk.settings()
    first = extract(settings.verdicts[0], settings)
    assert extract(settings.verdicts[0], settings).sha256 == first.sha256
    assert len(desk.asked) == len(set(desk.asked)) == 8


def test_the_quota_is_of_a_calendar_day_and_its_end_is_said(
    desk: Desk, clock: list[datetime], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert [number for number, _ in desk.ask(quota=3)] == ["4", "6", "7"]
    assert "pusat: the quota of 3 numbers a day is used up; 3 asked about, 5 wait" in caplog.text
    assert nik(6) not in caplog.text
    desk.ask(quota=3)
    assert len(desk.asked) == 3
    clock.append(clock[-1] + timedelta(days=1))
    assert len(desk.ask(quota=3)) == 6


def test_a_number_not_found_is_asked_about_again_every_day_others_when_old(
    desk: Desk, clock: list[datetime]
) -> None:
    desk.ask()
    for days, expected in ((1, ["3"]), (29, ["3"]), (30, ["3", "1", "2", "4", "5", "6", "7", "9"])):
        desk.service.requests.clear()
        clock.append(datetime(2026, 11, 24, 1) + timedelta(days=days))
        desk.lay(TODAY + timedelta(days=days - 1), (), (4, 6), (9,))
        desk.ask(TODAY + timedelta(days=days))
        assert desk.asked == expected


def test_an_office_without_a_run_yet_has_nothing_to_ask(tmp_path: Path, clock: list[datetime]) -> None:
    with serving(agrees) as service:
        desk = Desk(tmp_path, service)
        assert desk.ask(YESTERDAY) == []
        assert desk.asked == []


def test_a_run_for_a_date_long_past_asks_nobody_and_knows_what_was_known(
    desk: Desk, clock: list[datetime]
) -> None:
    known = desk.ask()
    clock.append(datetime(2026, 12, 24))
    desk.service.requests.clear()
    assert desk.ask() == known
    assert desk.ask(YESTERDAY) == []
    assert desk.asked == []


def test_no_faster_than_the_rate(desk: Desk, waited: list[float]) -> None:
    desk.ask(rate=2.0, quota=4)
    assert len(waited) == 3
    assert waited[-1] == pytest.approx(1.5, abs=0.5)  # nothing is really waited for, so that pauses add up


def test_a_server_that_asks_for_patience_gets_it(desk: Desk, waited: list[float]) -> None:
    desk.service.faults = [Reply({}, 429, {"Retry-After": "7"}), Reply({}, 503)]
    assert len(desk.ask()) == 8
    assert waited[:2] == [7.0, 2.0]


@pytest.mark.parametrize(
    "used_up",
    [
        Reply({"content": [{"RESPON": "Kuota Akses Hari ini telah Habis"}]}),
        Reply({}, 429, {"Retry-After": "36000"}),
        Reply({}, 429),
    ],
    ids=["in words", "until tomorrow", "again and again"],
)
def test_the_servers_own_quota_ends_the_asking_and_is_no_error(
    desk: Desk, used_up: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    desk.service.faults = [None, None, *[used_up] * 6]
    with caplog.at_level(logging.WARNING):
        assert [number for number, _ in desk.ask()] == ["6", "7"]
    assert "pusat: the service's own quota is used up; 2 numbers asked about, 6 wait" in caplog.text
    desk.service.faults.clear()
    assert len(desk.ask()) == 8


def test_a_token_refused_is_said_once_and_what_was_answered_stays(desk: Desk) -> None:
    desk.service.faults = [None, Reply({}, 401)]
    with pytest.raises(SourceUnreadable, match=r"pusat: answers: the server asks for a token \(401\)"):
        desk.ask()
    assert len(desk.ask()) == 8
    assert sorted(desk.asked) == ["1", "2", "3", "4", "5", "6", "7", "7", "9"]


def test_one_number_the_service_chokes_on_stops_no_other(desk: Desk) -> None:
    desk.service.faults = [Reply({}, 500)] * 6
    assert [number for number, _ in desk.ask()] == ["1", "2", "3", "4", "5", "7", "9"]
    assert ("6", "FOUND") in desk.ask()


def test_a_service_out_of_order_is_a_source_that_cannot_be_read(desk: Desk) -> None:
    desk.service.faults = [Reply(body=b'{"content": [{"NIK"', cut=15)] * 18
    with pytest.raises(SourceUnreadable, match="3 numbers in a row had no answer"):
        desk.ask()


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": [{"NIK": nik(1), "NAMA_LGKP": "Sesuai (100)"}]},  # of another number
        {"content": []},
        {"content": [{"NAMA_LGKP": "???"}]},
        ["<html>"],
        None,
    ],
)
def test_what_says_nothing_is_put_aside_masked_and_not_asked_again_at_once(desk: Desk, wrong: object) -> None:
    desk.service.faults = [Reply(wrong)]
    assert len(desk.ask()) == 7
    (row,) = desk.aside()
    assert (row["reason"], row["value"]) == ("answer_unclear", "5301********0006")
    assert len(desk.ask()) == 7
    assert len(desk.asked) == 8


def test_a_crash_while_writing_costs_one_answer(desk: Desk) -> None:
    desk.ask(quota=2)
    file = desk.folder / "data" / "asked" / "pusat" / f"run_date={TODAY}" / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_bytes(file.read_bytes()[:-20])
    assert len(desk.ask(quota=2)) == 2
    assert [json.loads(line)["nik"][-1] for line in file.read_text().splitlines()] == ["6", "7"]


def test_no_name_and_no_secret_is_kept(desk: Desk) -> None:
    desk.ask()
    kept = "".join(p.read_text() for p in (desk.folder / "data" / "asked").rglob("*") if p.is_file())
    assert "ORANG" not in kept.upper()
    assert "s3cret" not in kept
    assert '"differs": ["birth_date"]' in kept


def test_a_look_asks_about_one_number(desk: Desk) -> None:
    settings = desk.settings()
    looked = probe(settings.verdicts[0], settings)
    assert (looked.problem, looked.size.rows, desk.asked) == (None, 1, ["6"])
    desk.service.faults = [Reply({}, 401)]
    assert "401" in (probe(settings.verdicts[0], settings).problem or "")


def test_a_service_without_its_login_is_not_asked(desk: Desk) -> None:
    with pytest.raises(SourceUnreadable, match="PADAN_PUSAT_CLIENT_SECRET into the environment"):
        desk.ask(client_secret=None)


ASKED = {"name": "NAMA_LGKP", "birth_date": "TGL_LHR"}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"NAMA_LGKP": "Sesuai (100)", "TGL_LHR": "Sesuai"}, Answer("found")),
        ({"NAMA_LGKP": "Tidak Sesuai (85)", "TGL_LHR": "SESUAI"}, Answer("found")),
        ({"NAMA_LGKP": "Sesuai (79)", "TGL_LHR": "Sesuai"}, Answer("mismatch", ("name",))),
        ({"NAMA_LGKP": "79,9 %", "TGL_LHR": "tidak sesuai"}, Answer("mismatch", ("name", "birth_date"))),
        ({"TGL_LHR": "Sesuai"}, Answer("found")),  # half an answer proves the number to be there
        ({"TGL_LHR": "Tidak Sesuai"}, Answer("mismatch", ("birth_date",))),
        ({"RESPON": "Data Tidak Ditemukan"}, Answer("not_found")),
        ({"RESPON": "Data Ditemukan, Meninggal Dunia"}, Answer("found")),
        ({}, Answer("unclear")),
    ],
)
def test_what_an_answer_means(record: Mapping[str, str], expected: Answer) -> None:
    assert LAYOUT.ask
    for document in ({"content": [record]}, {"data": record}, record, [record]):
        assert verdict(document, nik(1), ASKED, LAYOUT, LAYOUT.ask) == expected


@given(
    st.recursive(
        st.none() | st.text(max_size=12) | st.sampled_from(["Sesuai", "Tidak Sesuai (12)", "NIK"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["content", "NIK", "NAMA_LGKP", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_answer_is_a_verdict_or_unclear(document: object) -> None:
    assert LAYOUT.ask
    try:
        answer = verdict(document, nik(1), ASKED, LAYOUT, LAYOUT.ask)
    except answers.UsedUp:
        return
    assert answer.result in ("found", "not_found", "mismatch", "unclear")
    assert (answer.result == "mismatch") >= bool(answer.differs)


def directory(request: Request) -> Reply:
    """A FHIR server: it has 1, has 2 born on another day, masks 3's date, ignores the search for 4."""
    system, _, number = request.query["identifier"].partition("|")
    assert (request.path, system) == ("/fhir-r4/v1/Patient", "https://fhir.kemkes.go.id/id/nik")
    wanted = int(number[-4:])
    people = {
        1: [patient(1, number)],
        2: [patient(2, number, birthDate="1990-03-02")],
        3: [patient(3, number, birthDate="****-**-03")],
        4: [patient(1, nik(1)), patient(2, nik(2))],
    }
    if wanted == 6:
        return Reply({"resourceType": "OperationOutcome", "issue": [{"code": "throttled"}]})
    return Reply({**bundle(people.get(wanted, [])), "total": len(people.get(wanted, []))})


def test_a_fhir_server_is_asked_for_the_patient_of_a_number(
    tmp_path: Path, clock: list[datetime], waited: list[float]
) -> None:
    with serving(directory) as service:
        desk = Desk(tmp_path, service)
        asked = _asked_of(desk, service)
    assert asked == [
        *[("1", "FOUND"), ("2", "MISMATCH"), ("3", "FOUND")],
        *[("5", "NOT FOUND"), ("7", "NOT FOUND"), ("9", "NOT FOUND")],
    ]
    assert {row["value"] for row in desk.aside()} == {"5301********0004", "5301********0006"}
    assert {request.headers.get("Authorization") for request in service.requests} == {"Bearer s3cret"}


def _asked_of(desk: Desk, service: Service) -> list[tuple[str, str]]:
    pusat = Source(
        name="pusat",
        layout=load_layout("fhir-verify", Path()),
        location=f"{service.base}/fhir-r4/v1",
        token="s3cret",
        quota=50,
        rate=1000,
    )
    settings = desk.settings().model_copy(update={"verdicts": (pusat,)})
    rows = pq.read_table(extract(pusat, settings).file).to_pylist()
    return [(row["nik"][-1], row["result"]) for row in rows]


def test_lines_of_later_runs_are_not_known_to_earlier_ones(tmp_path: Path) -> None:
    line = Line(nik(1), "2026-11-24 01:00:00", "found", run=str(TODAY))
    with Journal(tmp_path, "pusat", TODAY).asking() as writer:
        writer.add(line)
    assert [*Journal(tmp_path, "pusat", TODAY).lines()] == [line]
    assert [*Journal(tmp_path, "pusat", YESTERDAY).lines()] == []
    assert Journal(tmp_path, "pusat", YESTERDAY).spent(TODAY) == 1


CONFIGURATION = """
[registry]
name = "dukcapil"
layout = "siak"
location = "registry.csv"
[[sources]]
name = "rsud"
layout = "khanza"
location = "pasien.csv"
{quota}
[[verdicts]]
name = "pusat"
layout = "dukcapil-verify"
location = "{location}"
{asking}
"""


@pytest.mark.parametrize(
    ("location", "asking", "quota", "said"),
    [
        (
            "https://pusat.test/verify",
            "",
            "",
            ["pusat.quota: missing; expected how many numbers may be asked"],
        ),
        ("answers.csv", "quota = 5", "", ["pusat.location: expected the service's address, https://…"]),
        (
            "https://pusat.test",
            "quota = 0",
            "",
            ["verdicts.0.quota: Input should be greater than or equal to 1"],
        ),
        ("https://pusat.test", "quota = 5", "quota = 5", ["rsud: quota and elements are for a layout with"]),
    ],
)
def test_mistakes_of_the_configuration(
    tmp_path: Path, location: str, asking: str, quota: str, said: list[str]
) -> None:
    file = tmp_path / "padan.toml"
    file.write_text(CONFIGURATION.format(location=location, asking=asking, quota=quota))
    with pytest.raises(ConfigError) as error:
        load_settings(file, TODAY, {})
    assert [m for m in error.value.mistakes for s in said if s in m] != []


def test_an_element_the_layout_does_not_know(tmp_path: Path) -> None:
    file = tmp_path / "padan.toml"
    text = CONFIGURATION.format(
        location="https://pusat.test", asking='quota = 5\nelements = ["mother_name"]', quota=""
    )
    file.write_text(text.replace("dukcapil-verify", "fhir-verify"))
    with pytest.raises(ConfigError, match=r"pusat\.elements: mother_name unknown to layout 'fhir-verify'"):
        load_settings(file, TODAY, {})
