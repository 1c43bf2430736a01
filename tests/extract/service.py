"""A web service over loopback that answers as the real ones do, and fails as they do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    """One answer: JSON unless ``body`` is given; ``cut`` closes the connection after so many bytes."""

    document: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: int | None = None


@dataclass(frozen=True)
class Request:
    """What was asked: ``query`` with the last value of each parameter, ``form`` or ``document`` of a POST."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]
    base: str
    document: Any = None


Answer = Callable[[Request], Reply]


@dataclass
class Service:
    """A running server: ``requests`` are those it got; ``faults`` answer before ``answer`` does, in turn."""

    base: str
    answer: Answer
    requests: list[Request] = field(default_factory=list)
    faults: list[Reply | None] = field(default_factory=list)

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else None
        return fault or self.answer(request)

    @property
    def asked(self) -> list[str]:
        return [r.path for r in self.requests]


@contextmanager
def serving(answer: Answer) -> Iterator[Service]:
    """A server on a free port of loopback, ended with the block."""
    service: Service

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if self.headers.get("Content-Type") == "application/json":
                self._reply({}, json.loads(text))
            else:
                self._reply({k: v[-1] for k, v in parse_qs(text).items()})

        def _reply(self, form: Mapping[str, str], document: object = None) -> None:
            parts = urlsplit(self.path)
            query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
            request = Request(
                self.command, parts.path, query, dict(self.headers), form, service.base, document
            )
            reply = service.reply(request)
            body = json.dumps(reply.document).encode() if reply.body is None else reply.body
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked may have given up
                self.wfile.write(body if reply.cut is None else body[: reply.cut])
            self.close_connection = reply.cut is not None

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = Service(f"http://127.0.0.1:{server.server_address[1]}", answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def dapodik(
    pupils: Sequence[Mapping[str, object]], token: str = "s3cret", under: str | None = "rows"
) -> Answer:
    """A school's web service; like the real one it gives all pupils of the npsn at once."""

    def answer(request: Request) -> Reply:
        if request.headers.get("Authorization") != f"Bearer {token}":
            return Reply({"success": False, "message": "Token tidak valid"}, 401)
        if request.path != "/WebService/getPesertaDidik" or request.query.get("npsn") != "50301234":
            return Reply({"message": "not found"}, 404)
        if under is None:
            return Reply(list(pupils))
        return Reply({"results": len(pupils), "id": "peserta_didik_id", "start": 0, under: list(pupils)})

    return answer


def fhir(patients: Sequence[Mapping[str, object]], token: str | None = None) -> Answer:
    """A FHIR server: searchset Bundles of ``_count`` Patients with a next link."""

    def answer(request: Request) -> Reply:
        if token and request.headers.get("Authorization") != f"Bearer {token}":
            return Reply({"resourceType": "OperationOutcome", "issue": [{"code": "security"}]}, 401)
        if request.path != "/fhir-r4/v1/Patient":
            return Reply({"resourceType": "OperationOutcome"}, 404)
        size, start = int(request.query.get("_count", 20)), int(request.query.get("start", 0))
        return Reply(
            bundle(patients[start : start + size], _next(request, start + size, size, len(patients)))
        )

    return answer


def _next(request: Request, start: int, size: int, total: int) -> str | None:
    return f"{request.base}{request.path}?_count={size}&start={start}" if start < total else None


def bundle(patients: Sequence[object], following: str | None = None) -> dict[str, object]:
    """A searchset Bundle."""
    links = [
        {"relation": "self", "url": "x"},
        *([{"relation": "next", "url": following}] if following else []),
    ]
    entries = [{"fullUrl": "urn:x", "resource": p, "search": {"mode": "match"}} for p in patients]
    outcome = {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}}
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": [*entries, outcome]}


def patient(number: int, nik: str | None = None, **more: object) -> dict[str, object]:
    """A Patient as SATUSEHAT has them."""
    system = "https://fhir.kemkes.go.id/id/"
    identifiers = [{"use": "official", "system": f"{system}ihs-number", "value": f"P{number:011}"}]
    if nik:
        identifiers.append({"use": "official", "system": f"{system}nik", "value": nik})
    return {
        "resourceType": "Patient",
        "id": f"P{number:011}",
        "identifier": identifiers,
        "name": [{"use": "official", "text": f"PASIEN {number}"}],
        "gender": "female",
        "birthDate": "1990-02-03",
        **more,
    }
