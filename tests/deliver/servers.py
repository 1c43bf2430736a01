"""The servers that files are delivered to, each real and on loopback, and what they do when they are not well."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncssh
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

USER, PASSWORD = "padan", "hunter2-sftp"


class Loop:
    """An event loop in a thread of its own, for servers that want one."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)


@dataclass
class SftpServer:
    """An SFTP server over ``folder``: where it is, its key, and how often it has yet to hang up in a file."""

    folder: Path
    port: int = 0
    host_key: str = ""
    client_key: str = ""
    hang_ups: int = 0


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    own, client = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    server = SftpServer(folder)

    class Door(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            return username == USER and key == client.convert_to_public()

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: asyncssh.SSHServerChannel) -> None:
            super().__init__(channel, chroot=str(folder))
            self._connection = channel.get_connection()

        def write(self, file_obj: object, offset: int, data: bytes) -> Any:
            if server.hang_ups > 0:
                server.hang_ups -= 1
                self._connection.abort()
            return super().write(file_obj, offset, data)

    async def open_() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[own], server_factory=Door, sftp_factory=Files
        )

    listening = Loop().run(open_())
    server.port = listening.get_port()
    server.host_key = own.export_public_key().decode().strip()
    server.client_key = client.export_private_key("openssh").decode()
    try:
        yield server
    finally:
        listening.close()


@dataclass
class MailServer:
    """What came in, and what it answers to the next messages instead of taking them."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


@contextmanager
def mail_server(authority: trustme.CA, *, encrypted: bool = True) -> Iterator[MailServer]:
    server = MailServer()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)

    class Mailbox:
        async def handle_RCPT(
            self, _server: object, _session: object, envelope: Any, address: str, _options: object
        ) -> str:
            if address.startswith("nobody"):
                return "550 no such mailbox"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
            if server.answers:
                return server.answers.pop(0)
            mail: Any = message_from_bytes(envelope.content, policy=default)
            server.mails.append(mail)
            return "250 OK"

    def allowed(_server: object, _session: object, _envelope: object, _how: str, login: Any) -> AuthResult:
        good = (login.login, login.password) == (b"padan", b"hunter2-mail")
        return AuthResult(success=good, handled=good)

    class OnAnyPort(Controller):
        """The library asks for a fixed port; the system knows a free one."""

        def _trigger_server(self) -> None:
            self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
            super()._trigger_server()

    more: dict[str, Any] = {"tls_context": context, "auth_require_tls": True} if encrypted else {}
    control = OnAnyPort(Mailbox(), "127.0.0.1", 0, authenticator=allowed, auth_required=encrypted, **more)
    control.start()
    server.port = control.port
    try:
        yield server
    finally:
        control.stop()


@dataclass
class Upload:
    path: str
    headers: dict[str, str]
    content: bytes


@dataclass
class WebServer:
    port: int = 0
    uploads: list[Upload] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@contextmanager
def web_server(authority: trustme.CA) -> Iterator[WebServer]:
    server = WebServer()

    class Door(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            status = server.answers.pop(0) if server.answers else 201
            if self.headers["Authorization"] != "Bearer hunter2-web":
                status = 401
            if status == 201:
                server.uploads.append(Upload(self.path, dict(self.headers), content))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "https://elsewhere.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_OPTIONS(self) -> None:
            self.send_response(200 if self.headers["Authorization"] == "Bearer hunter2-web" else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    server.port = listening.server_port
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
