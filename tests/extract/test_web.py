"""Web services as they are: tokens that expire, servers that are busy, slow, wrong, or go round in circles."""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pipelines import tls
from pipelines.errors import SourceUnreachable, SourceUnreadable
from pipelines.extract import probe
from pipelines.extract.table import Reject
from pipelines.extract.web import client, pages, source, token
from pipelines.extract.web.partial import Partial
from pipelines.layouts import Web
from pipelines.settings import ConfigError, Source, load_settings
from tests.extract.office import DAY, Office
from tests.extract.service import Reply, Request, Service, bundle, dapodik, fhir, patient, serving

PUPILS = [
    {
        "registrasi_id": f"r{i}",
        "peserta_didik_id": f"6f9619ff-{i:04}",
        "nipd": f"{i}",
        "nama": f"MURID {i}",
        "nisn": f"{i:010}",
        "jenis_kelamin": "L",
        "nik": f"530104020215{i:04}",
        "tempat_lahir": "KUPANG",
        "tanggal_lahir": "2015-02-02",
        "nama_ayah": "YOHANES",
        "nama_ibu": "MARIA",
        "nama_rombel": "Kelas 3",
        "nomor_telepon": "0812345",
    }
    for i in range(1, 8)
]
PATIENTS = [patient(i, f"530104430290{i:04}") for i in range(1, 26)]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every pause that was made, none of which is waited for."""
    made: list[float] = []
    monkeypatch.setattr(client, "pause", made.append)
    return made


@pytest.fixture
def school(pauses: list[float]) -> Iterator[Service]:
    with serving(dapodik(PUPILS)) as service:
        yield service


@pytest.fixture
def server(pauses: list[float]) -> Iterator[Service]:
    with serving(fhir(PATIENTS, "s3cret")) as service:
        yield service


def of_school(office: Office, service: Service, **more: Any) -> Source:
    found = office.source(f"{service.base}?npsn=50301234", "dapodik")
    return found.model_copy(update={"token": "s3cret", **more})


def of_server(office: Office, service: Service, size: int = 10, **more: Any) -> Source:
    found = office.source(f"{service.base}/fhir-r4/v1?_count={size}", "fhir-patient")
    return found.model_copy(update={"token": "s3cret", **more})


def kept(office: Office) -> list[Path]:
    return [p for p in (office.folder / "data" / ".web").rglob("*") if p.is_file()]


def test_dapodiks_web_service(office: Office, school: Service) -> None:
    reading = office.read_source(of_school(office, school))
    assert reading.column("record_id") == [p["peserta_didik_id"] for p in PUPILS]
    assert reading.column("nik") == [p["nik"] for p in PUPILS]
    assert set(reading.column("mother_name")) == {"MARIA"}
    assert set(reading.column("file")) == {"getPesertaDidik"}
    assert reading.column("row") == list(range(1, 8))
    (seen,) = reading.inputs
    assert (seen["name"], seen["bytes"], seen["rows"], len(seen["sha256"])) == (
        "getPesertaDidik",
        None,
        7,
        64,
    )
    assert kept(office) == []


@pytest.mark.parametrize("under", ["rows", "data", None])
def test_where_readers_have_seen_the_list(office: Office, pauses: list[float], under: str | None) -> None:
    with serving(dapodik(PUPILS, under=under)) as service:
        assert len(office.read_source(of_school(office, service)).rows) == 7


def test_a_service_that_gives_pupils_in_parts(office: Office, pauses: list[float]) -> None:
    def answer(request: Request) -> Reply:
        start = int(request.query.get("start", 0))
        return Reply({"results": len(PUPILS), "start": start, "rows": PUPILS[start : start + 3]})

    with serving(answer) as service:
        assert len(office.read_source(of_school(office, service)).rows) == 7
        assert [r.query.get("start") for r in service.requests] == [None, "3", "6"]
        assert all(r.query["npsn"] == "50301234" for r in service.requests)


def test_records_that_are_none_are_set_aside(office: Office, pauses: list[float]) -> None:
    with serving(lambda _: Reply({"rows": [PUPILS[0], None, "5301061203790003", PUPILS[1]]})) as service:
        reading = office.read_source(of_school(office, service))
    assert len(reading.rows) == 2
    assert [(r["row"], r["value"]) for r in reading.aside] == [(2, "N***"), (3, "5301********0003")]
    assert reading.inputs[0]["rows"] == 4


def test_a_fhir_server_page_by_page(office: Office, server: Service) -> None:
    reading = office.read_source(of_server(office, server))
    assert reading.column("record_id") == [p["id"] for p in PATIENTS]
    assert reading.column("row") == list(range(1, 26))
    assert len(server.requests) == 3
    assert reading.aside == []


def test_the_same_answers_give_the_same_fingerprint_whatever_the_pages(
    office: Office, server: Service
) -> None:
    one = office.read_source(of_server(office, server, 7))
    other = office.read_source(of_server(office, server, 25))
    assert one.inputs == other.inputs
    assert one.artifact.sha256 == other.artifact.sha256


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=500),
        Reply(status=503),
        Reply(status=429),
        Reply(body=b'{"resourceType": "Bun'),
        Reply(body=b"<html>busy</html>"),
        Reply({"resourceType": "Bundle"}, cut=9),
        Reply(cut=0, body=b"x"),
    ],
    ids=["500", "503", "429", "half", "html", "cut", "nothing"],
)
def test_what_passes_is_asked_again(
    office: Office, server: Service, pauses: list[float], fault: Reply
) -> None:
    server.faults = [None, fault, fault]
    assert len(office.read_source(of_server(office, server)).rows) == 25
    assert pauses == [1.0, 2.0]


def test_what_does_not_pass_is_given_up_with_what_came_kept(
    office: Office, server: Service, pauses: list[float]
) -> None:
    server.faults = [None, *[Reply(status=502)] * 6]
    with pytest.raises(
        SourceUnreachable, match=r"^rsud: Patient: the server has a fault \(502\); asked 6 times$"
    ):
        office.read_source(of_server(office, server))
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert not (office.folder / "data" / "raw").exists() or not list(
        (office.folder / "data/raw").rglob("*.parquet")
    )
    assert sorted(p.name for p in kept(office)) == ["000001.ndjson", "state.json"]


def test_a_broken_read_goes_on_where_it_was(office: Office, server: Service) -> None:
    whole = office.read_source(of_server(office, server))
    server.faults = [None, None, *[Reply(status=502)] * 6]
    with pytest.raises(SourceUnreadable):
        office.read_source(of_server(office, server))
    server.requests.clear()
    again = office.read_source(of_server(office, server))
    assert [r.query.get("start") for r in server.requests] == ["20"]
    assert again.artifact.sha256 == whole.artifact.sha256
    assert again.inputs == whole.inputs
    assert kept(office) == []


def test_what_is_kept_is_for_the_owner_only_and_holds_mapped_columns_only(
    office: Office, pauses: list[float]
) -> None:
    def answer(request: Request) -> Reply:
        start = int(request.query.get("start", 0))
        return Reply({"results": 7, "start": start, "rows": PUPILS[:4]}) if not start else Reply(status=403)

    with serving(answer) as service, pytest.raises(SourceUnreadable):
        office.read_source(of_school(office, service))
    files = kept(office)
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
    assert {stat.S_IMODE(p.parent.stat().st_mode) for p in files} == {0o700}
    text = "".join(p.read_text() for p in files if p.name != "state.json")
    assert "MURID 4" in text
    assert "0812345" not in text


@pytest.mark.parametrize("change", ["another day", "another address", "damaged"])
def test_only_the_same_days_same_read_is_resumed(office: Office, server: Service, change: str) -> None:
    server.faults = [None, *[Reply(status=502)] * 6]
    with pytest.raises(SourceUnreadable):
        office.read_source(of_server(office, server))
    if change == "another day":
        (folder,) = (office.folder / "data/.web/rsud").glob("*")
        folder.rename(folder.with_name("2026-11-23"))
    elif change == "damaged":
        next(p for p in kept(office) if p.name == "state.json").write_text('{"first": ')
    server.requests.clear()
    size = 9 if change == "another address" else 10
    assert len(office.read_source(of_server(office, server, size)).rows) == 25
    assert len(server.requests) == 3
    assert kept(office) == []


def test_a_server_that_forgot_where_the_search_stood_is_asked_anew(office: Office, server: Service) -> None:
    server.faults = [None, *[Reply(status=502)] * 6]
    with pytest.raises(SourceUnreadable):
        office.read_source(of_server(office, server))
    server.faults = [Reply({"resourceType": "OperationOutcome"}, 410)]
    assert office.read_source(of_server(office, server)).column("record_id") == [p["id"] for p in PATIENTS]


def test_retry_after_is_honoured(office: Office, server: Service, pauses: list[float]) -> None:
    server.faults = [Reply(status=429, headers={"Retry-After": "7"}), Reply(status=429)]
    assert len(office.read_source(of_server(office, server)).rows) == 25
    assert pauses == [7.0, 2.0]


def test_a_server_that_wants_hours_is_left_for_today(office: Office, server: Service) -> None:
    server.faults = [Reply(status=429, headers={"Retry-After": "7200"})]
    with pytest.raises(
        SourceUnreadable, match=r"asked too fast \(429\); it wants to be asked again in 7200 s"
    ):
        office.read_source(of_server(office, server))


def test_retry_after_as_a_date() -> None:
    now = datetime(2026, 11, 24, 1, 0, 0, tzinfo=UTC)
    later = format_datetime(datetime(2026, 11, 24, 1, 0, 30, tzinfo=UTC), usegmt=True)
    assert client.retry_after(later, now) == 30.0
    assert client.retry_after(format_datetime(now, usegmt=True), datetime(2027, 1, 1, tzinfo=UTC)) == 0.0
    assert client.retry_after("") == 0.0


def test_a_server_that_falls_silent(
    office: Office, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", httpx.Timeout(0.05))
    monkeypatch.setattr(client, "PAUSES", (1.0,))
    awake = threading.Event()

    def answer(_: Request) -> Reply:
        awake.wait(5)
        return Reply({})

    with serving(answer) as service:
        with pytest.raises(SourceUnreadable, match=r"no answer \(.*\); asked 2 times"):
            office.read_source(of_server(office, service))
        awake.set()


def test_a_server_that_answers_drop_by_drop(
    office: Office, server: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE_SECONDS", -1.0)
    with pytest.raises(SourceUnreadable, match=r"one answer takes longer than"):
        office.read_source(of_server(office, server))


def test_nobody_answers(office: Office, pauses: list[float]) -> None:
    with serving(fhir([])) as service:
        gone = of_server(office, service)
    with pytest.raises(SourceUnreadable, match=r"no answer \(.*\); asked 6 times"):
        office.read_source(gone)


def test_an_answer_that_is_too_long(office: Office, server: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE_BYTES", 100)
    with pytest.raises(SourceUnreadable, match="one answer is longer than"):
        office.read_source(of_server(office, server))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=401), r"the server does not accept the token \(401\); .* PADAN_RSUD_TOKEN$"),
        (Reply(status=403), r"not allowed \(403\)"),
        (Reply(status=404), r"nothing at this address \(404\)"),
        (Reply(status=418), r"the server answered 418"),
        (
            Reply(status=302, headers={"Location": "https://login.example.org/x?t=1"}),
            "sends us to login.example.org",
        ),
        (
            Reply({"resourceType": "OperationOutcome", "issue": [{"code": "too-costly"}]}),
            "OperationOutcome too-costly",
        ),
        (Reply([]), "expected a FHIR Bundle, the answer is a list"),
        (Reply(bundle([])), "without a single record"),
    ],
)
def test_what_will_not_pass_is_said_at_once(
    office: Office, server: Service, pauses: list[float], reply: Reply, reason: str
) -> None:
    server.faults = [reply]
    with pytest.raises(SourceUnreadable, match=reason) as caught:
        office.read_source(of_server(office, server))
    assert pauses == []
    assert "s3cret" not in str(caught.value)
    assert kept(office) == []


def test_a_wrong_token_and_none(office: Office, school: Service) -> None:
    with pytest.raises(SourceUnreadable, match=r"does not accept the token \(401\)") as caught:
        office.read_source(of_school(office, school, token="hunter2"))
    assert "hunter2" not in str(caught.value)
    with pytest.raises(
        SourceUnreadable, match=r"asks for a token \(401\); put a good one .* PADAN_RSUD_TOKEN"
    ):
        office.read_source(of_school(office, school, token=None))


def test_a_school_without_a_list(office: Office, school: Service) -> None:
    school.faults = [Reply({"success": False, "message": "npsn salah"})]
    with pytest.raises(
        SourceUnreadable, match="holds no list of records, neither bare nor under rows or data"
    ):
        office.read_source(of_school(office, school))


def test_a_next_link_to_another_host_is_not_followed(office: Office, pauses: list[float]) -> None:
    with serving(fhir(PATIENTS)) as thief:
        links = [f"{thief.base}/fhir-r4/v1/Patient", "//127.0.0.2/x", "https://127.0.0.1/x", "http://[::1/x"]
        for link in links:
            with serving(lambda _, link=link: Reply(bundle(PATIENTS[:2], link))) as service:
                with pytest.raises(SourceUnreadable, match=r"next page"):
                    office.read_source(of_server(office, service))
                assert len(service.requests) == 1
        assert thief.requests == []


def test_a_relative_next_link_is_followed(office: Office, pauses: list[float]) -> None:
    def answer(request: Request) -> Reply:
        return Reply(
            bundle(PATIENTS[:1], "?page=2") if "page" not in request.query else bundle(PATIENTS[1:2])
        )

    with serving(answer) as service:
        assert len(office.read_source(of_server(office, service)).rows) == 2


def test_pages_that_lead_in_a_circle(office: Office, pauses: list[float]) -> None:
    def answer(request: Request) -> Reply:
        other = "b" if request.query.get("page") == "a" else "a"
        number = 1 if other == "a" else 2
        return Reply(bundle([patient(number)], f"{request.base}{request.path}?page={other}"))

    with serving(answer) as service:
        with pytest.raises(
            SourceUnreadable, match=r"pages do not end, or come again: given up after \d pages"
        ):
            office.read_source(of_server(office, service))
        assert len(service.requests) <= 4
    assert kept(office) == []


def test_a_server_that_gives_the_same_page_under_ever_new_addresses(
    office: Office, pauses: list[float]
) -> None:
    def answer(request: Request) -> Reply:
        page = int(request.query.get("page", 0)) + 1
        return Reply(bundle(PATIENTS[:2], f"{request.base}{request.path}?page={page}"))

    with serving(answer) as service:
        with pytest.raises(SourceUnreadable, match="pages do not end, or come again"):
            office.read_source(of_server(office, service))
        assert len(service.requests) == 2


@pytest.mark.parametrize(("bound", "value"), [("PAGES", 5), ("BYTES", 4_000)])
def test_pages_without_end(
    office: Office, pauses: list[float], monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(source, bound, value)

    def answer(request: Request) -> Reply:
        page = int(request.query.get("page", 0)) + 1
        return Reply(bundle([patient(page)], f"{request.base}{request.path}?page={page}"))

    with serving(answer) as service:
        with pytest.raises(SourceUnreadable, match="pages do not end"):
            office.read_source(of_server(office, service))
        assert len(service.requests) < 20


def test_a_look_asks_for_one_page_and_keeps_nothing(office: Office, server: Service) -> None:
    found = of_server(office, server)
    seen = probe(found, office.settings(found))
    assert seen.problem is None
    assert seen.first["nik"] == "5301********0001"
    assert len(server.requests) == 1
    assert not (office.folder / "data").exists()


class Satusehat:
    """A FHIR server that gives tokens for an id and a secret, each good for some requests."""

    def __init__(self, good_for: int = 1000, expires_in: object = "3599") -> None:
        self.granted, self.left, self.good_for, self.expires_in = 0, 0, good_for, expires_in
        self.secret = "hush"

    def __call__(self, request: Request) -> Reply:
        if request.path == "/oauth2/v1/accesstoken":
            if (request.form.get("client_id"), request.form.get("client_secret")) != ("me", self.secret):
                return Reply({"fault": "invalid_client"}, 401)
            assert request.form["grant_type"] == "client_credentials"
            self.granted, self.left = self.granted + 1, self.good_for
            return Reply({"access_token": f"t{self.granted}", "expires_in": self.expires_in})
        if request.headers.get("Authorization") != f"Bearer t{self.granted}" or self.left <= 0:
            return Reply(status=401)
        self.left -= 1
        return fhir(PATIENTS)(request)


def of_satusehat(office: Office, service: Service, size: int = 5) -> Source:
    address = f"{service.base}/oauth2/v1/accesstoken"
    more = {"token": None, "token_url": address, "client_id": "me", "client_secret": "hush"}
    return of_server(office, service, size, **more)


def test_a_token_for_an_id_and_a_secret(office: Office, pauses: list[float]) -> None:
    satusehat = Satusehat()
    with serving(satusehat) as service:
        assert len(office.read_source(of_satusehat(office, service)).rows) == 25
    assert satusehat.granted == 1


def test_a_token_that_expires_on_the_way_is_exchanged(office: Office, pauses: list[float]) -> None:
    satusehat = Satusehat(good_for=2)
    with serving(satusehat) as service:
        assert len(office.read_source(of_satusehat(office, service)).rows) == 25
    assert satusehat.granted == 3
    assert pauses == []


def test_a_token_is_exchanged_before_it_expires(
    office: Office, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(0, 100_000, 25))
    monkeypatch.setattr(token.time, "monotonic", lambda: float(next(ticks)))
    satusehat = Satusehat(expires_in=120)
    with serving(satusehat) as service:
        assert len(office.read_source(of_satusehat(office, service)).rows) == 25
    assert satusehat.granted > 1
    assert len(service.requests) == 5 + satusehat.granted  # nothing was refused and asked again


def test_a_secret_that_is_not_accepted(office: Office, pauses: list[float]) -> None:
    satusehat = Satusehat()
    satusehat.secret = "another"
    with (
        serving(satusehat) as service,
        pytest.raises(SourceUnreadable, match="client id and secret") as caught,
    ):
        office.read_source(of_satusehat(office, service))
    assert "hush" not in str(caught.value)
    assert pauses == []


def test_a_token_that_is_good_for_nothing(office: Office, pauses: list[float]) -> None:
    with (
        serving(Satusehat(good_for=0)) as service,
        pytest.raises(SourceUnreadable, match="or the token they gave"),
    ):
        office.read_source(of_satusehat(office, service))


def test_a_token_service_that_gives_none(office: Office, pauses: list[float]) -> None:
    without = pytest.raises(SourceUnreadable, match="token_url answered without an access_token")
    with serving(lambda _: Reply({"status": "ok"})) as service, without:
        office.read_source(of_satusehat(office, service))


def test_a_secret_does_not_travel_in_clear(office: Office, server: Service) -> None:
    clear = of_satusehat(office, server).model_copy(update={"token_url": "http://example.org/token"})
    with pytest.raises(SourceUnreadable, match="a secret would travel in clear"):
        office.read_source(clear)
    assert server.requests == []


def test_a_secret_that_is_not_there_is_named(office: Office, server: Service) -> None:
    half = of_satusehat(office, server).model_copy(update={"client_secret": None})
    with pytest.raises(SourceUnreadable, match="not PADAN_RSUD_CLIENT_SECRET in the environment"):
        office.read_source(half)


@pytest.mark.parametrize(
    ("location", "kind", "path", "url"),
    [
        ("https://h/fhir-r4/v1", "fhir", "Patient", "https://h/fhir-r4/v1/Patient?_count=50"),
        ("https://h/fhir-r4/v1/Patient/", "fhir", "Patient", "https://h/fhir-r4/v1/Patient?_count=50"),
        ("https://h/x/Patient?_count=9&a=b", "fhir", "Patient", "https://h/x/Patient?_count=9&a=b"),
        ("http://h:5774?npsn=1", "dapodik", "W/get", "http://h:5774/W/get?npsn=1"),
        ("http://h:5774/W/get?npsn=1#x", "dapodik", "W/get", "http://h:5774/W/get?npsn=1"),
        ("http://h/list", "dapodik", "", "http://h/list"),
        ("http://h", "dapodik", "", "http://h/"),
    ],
)
def test_the_address_to_begin_with(location: str, kind: Any, path: str, url: str) -> None:
    assert pages.first_url(location, Web(kind=kind, path=path, page_size=50)) == url


@pytest.mark.parametrize("location", ["http://", "https:///x", "http://[::1", "http://h:port/"])
def test_addresses_that_are_none(office: Office, location: str) -> None:
    with pytest.raises(SourceUnreadable, match="not a web address"):
        office.read(location, "fhir-patient")


CONFIG = """
[registry]
name = "dukcapil"
layout = "siak"
location = "registry.csv"

[[sources]]
name = "sd-1.naibonat"
layout = "dapodik"
location = "http://127.0.0.1:5774?npsn=50301234"
"""


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "padan.toml"
    file.write_text(CONFIG)
    environ = {"PADAN_SD_1_NAIBONAT_TOKEN": "s3cret", "PADAN_DUKCAPIL_TOKEN": "for no file", "MINE": "other"}
    settings = load_settings(file, DAY, environ)
    assert settings.sources[0].token == "s3cret"
    assert settings.registry.token is None
    assert "s3cret" not in repr(settings)
    file.write_text(CONFIG + 'token = "env:MINE"\n')
    assert load_settings(file, DAY, environ).sources[0].token == "other"


def test_a_secret_in_the_file_is_a_mistake_and_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "padan.toml"
    file.write_text(CONFIG + 'token = "hunter2"\n')
    with pytest.raises(
        ConfigError, match=r"sources\[0\]\.token: a secret in the file; expected env:NAME"
    ) as caught:
        load_settings(file, DAY, {})
    assert "hunter2" not in str(caught.value)


def test_an_untrusted_certificate(
    office: Office, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server with a certificate that nobody vouches for gets no request, and no token."""
    with serving(fhir(PATIENTS)) as service:
        port = int(service.base.rsplit(":", 1)[1])
    with _own_certificate(office.folder, port) as asked:
        found = office.source(f"https://127.0.0.1:{port}/fhir", "fhir-patient")
        with pytest.raises(SourceUnreadable, match="the server's certificate is not trusted"):
            office.read_source(found)
    assert asked == []


def test_a_certificate_is_taken_as_it_comes_only_where_a_setting_says_so(
    office: Office, pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(fhir(PATIENTS)) as service:
        port = int(service.base.rsplit(":", 1)[1])
    tls.warn.cache_clear()
    with _own_certificate(office.folder, port) as asked:
        found = office.source(f"https://127.0.0.1:{port}/fhir", "fhir-patient")
        with pytest.raises(SourceUnreadable):  # it speaks TLS and nothing else
            office.read_source(found.model_copy(update={"tls": "off"}))
    assert asked
    assert 'rsud: the connection is not verified (tls = "off")' in caplog.text


def _own_certificate(folder: Path, port: int) -> Any:
    """A TLS server whose certificate it signed itself; yields the requests that got through."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime(2020, 1, 1)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, start, datetime(2090, 1, 1))
    certificate = made.add_extension(names, False).sign(key, hashes.SHA256())
    pem = folder / "own.pem"
    text = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    got: list[bytes] = []

    @contextmanager
    def running() -> Iterator[list[bytes]]:
        with socket.create_server(("127.0.0.1", port)) as listening:
            listening.settimeout(5)

            def serve() -> None:
                plain, _ = listening.accept()
                try:
                    with context.wrap_socket(plain, server_side=True) as connection:
                        got.append(connection.recv(1000))
                except OSError:
                    plain.close()

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            yield got
            thread.join(6)

    return running()


def test_what_is_kept_of_a_page_can_be_read_back(tmp_path: Path) -> None:
    partial = Partial(tmp_path / "a" / "day", "http://h/1", frozenset({"nik", "nama"}))
    assert partial.resume() is False
    partial.add(
        [{"NIK": "1", "Nama": "A\nB", "telepon": "9"}, Reject(2, "x*", "not_a_record", "y")], "http://h/2", 10
    )
    partial.add([], None, 5)
    again = Partial(tmp_path / "a" / "day", "http://h/1", frozenset({"nik", "nama"}))
    assert again.resume() is True
    assert again.state == partial.state
    assert (again.state.pages, again.state.rows, again.state.received, again.state.following) == (
        2,
        2,
        15,
        None,
    )
    assert again.state.names == ("NIK", "Nama", "telepon")
    assert list(again.rows()) == [
        (1, {"nik": "1", "nama": "A\nB"}),
        (2, Reject(2, "x*", "not_a_record", "y")),
    ]
    assert "telepon" not in (tmp_path / "a/day/000001.ndjson").read_text()
    assert json.loads((tmp_path / "a/day/state.json").read_text())["pages"] == 2
