"""A way to a server that can be cut, as a cable can, while the server itself stays as it is."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from sqlalchemy import URL, make_url


class Cable:
    """Listens on loopback and passes on what comes, while it is whole; ``left`` bytes from the server, if said."""

    def __init__(self, url: str, left: int | None = None) -> None:
        self._url = make_url(url)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._whole = True
        self.left = left
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The server's address by this way."""
        port = self._listening.getsockname()[1]
        found = self._url
        return URL.create(
            found.drivername, found.username, found.password, "127.0.0.1", port, found.database
        ).render_as_string(hide_password=False)

    def cut(self) -> None:
        """Every connection breaks, and no new one is let through."""
        self._whole = False
        self.drop()

    def mend(self) -> None:
        """New connections are let through again."""
        self._whole, self.left = True, None

    def drop(self) -> None:
        """Every connection breaks, as when the server is started anew."""
        while self._open:
            with suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            here, _ = self._listening.accept()
            if not self._whole:
                here.close()
                continue
            there = self._server()
            self._open += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._pass, args=(one, other, one is there), daemon=True).start()

    def _server(self) -> socket.socket:
        folder = self._url.query.get("host")
        if isinstance(folder, str):  # an embedded server listens in the file system
            there = socket.socket(socket.AF_UNIX)
            there.connect(f"{folder}/.s.PGSQL.{self._url.port or 5432}")
            return there
        return socket.create_connection((self._url.host or "127.0.0.1", self._url.port or 5432))

    def _pass(self, one: socket.socket, other: socket.socket, from_server: bool) -> None:
        with suppress(OSError):
            while content := one.recv(65536):
                if from_server and self.left is not None:
                    self.left -= len(content)
                    if self.left < 0:
                        self.cut()
                        return
                other.sendall(content)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
