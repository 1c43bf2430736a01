"""Who listens to an Airflow: a mail server, a chat's webhook and a StatsD server, each real and on loopback."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from tests.dags.server import free_port

UNKNOWN = "pindah@kupangkab.example"
"""Whom the mail server takes no mail for."""


@dataclass
class Heard:
    """What has come in so far: mails as (subject, text), webhook posts, metrics as they are sent."""

    mail_port: int
    mails: list[tuple[str, str]] = field(default_factory=list)
    posts: list[dict[str, str]] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[tuple[Heard, dict[str, str]]]:
    """What is heard, and the environment by which Airflow finds the three."""
    heard = Heard(free_port())

    class Mailbox:
        async def handle_RCPT(self, _: object, __: object, envelope: Any, to: str, ___: object) -> str:
            if to == UNKNOWN:
                return "550 no such mailbox"
            envelope.rcpt_tos.append(to)
            return "250 OK"

        async def handle_DATA(self, _: object, __: object, envelope: Any) -> str:
            mail = message_from_bytes(envelope.content, policy=default)
            heard.mails.append((str(mail["Subject"]), mail.get_body(("html", "plain")).get_content()))
            return "250 OK"

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    def metrics(from_: socket.socket) -> None:
        while text := from_.recv(65536):
            heard.metrics.extend(text.decode().split("\n"))

    mail = Controller(Mailbox(), "127.0.0.1", heard.mail_port)
    hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    statsd = socket.socket(type=socket.SOCK_DGRAM)
    statsd.bind(("127.0.0.1", 0))
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    threading.Thread(target=metrics, args=(statsd,), daemon=True).start()
    mail.start()
    smtp = {
        "conn_type": "smtp",
        "host": "127.0.0.1",
        "port": heard.mail_port,
        "extra": {"disable_tls": True, "disable_ssl": True, "from_email": "padan@kupangkab.example"},
    }
    try:
        yield (
            heard,
            {
                "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(smtp),
                "AIRFLOW_CONN_CHAT": json.dumps(
                    {"conn_type": "http", "host": f"http://127.0.0.1:{hook.server_port}"}
                ),
                "AIRFLOW__PADAN__NOTIFY_EMAIL": "tik@kupangkab.example",
                "AIRFLOW__PADAN__NOTIFY_WEBHOOK_CONN": "chat",
                "AIRFLOW__METRICS__STATSD_ON": "True",
                "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
                "AIRFLOW__METRICS__STATSD_PORT": str(statsd.getsockname()[1]),
            },
        )
    finally:
        mail.stop()
        hook.shutdown()
        statsd.sendto(b"", statsd.getsockname())
        statsd.close()
