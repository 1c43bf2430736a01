"""Who is at the other end: connections to other machines are encrypted and the certificate is verified.

Where that is not to be had, the configuration has to say so (``tls = "off"`` of a source, ``sslmode`` or ``ssl_…`` in a
database's address), and whoever runs it is told at every run.
"""

from __future__ import annotations

import logging
import ssl
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import sqlalchemy as sa

Tls = Literal["verify", "off"]

LOG: Final = logging.getLogger("padan.tls")

_HERE: Final = ("", "localhost", "127.0.0.1", "::1")
_VERIFIED: Final = ("verify-full", "verify-ca")
_SAID: Final = "the connection is not verified (%s): whoever is in between can read and change what passes"


def is_here(host: str | None) -> bool:
    """Whether a host is this machine, with nobody in between: loopback, or a socket in the file system."""
    return (host or "") in _HERE or (host or "").startswith("/")


def is_in_clear(location: str) -> bool:
    """Whether a web address leads to another machine without encryption."""
    parts = urlsplit(location)
    return parts.scheme == "http" and not is_here(parts.hostname)


def database_options(url: sa.URL, name: str, tls: Tls = "verify") -> dict[str, Any]:
    """What to connect to a database with, so that its certificate is verified; ``name`` is for the warning.

    What the address itself says of TLS holds. PyMySQL gets a context with the system's authorities, psycopg
    ``sslmode=verify-full`` with them.
    """
    driver, query = url.get_backend_name(), url.query
    hosts = query.get("host") or query.get("unix_socket") or url.host
    host = hosts if isinstance(hosts, str) or hosts is None else hosts[0]
    if driver not in ("postgresql", "mysql", "mariadb") or is_here(host):
        return {}
    own = sorted(key for key in query if key.startswith("ssl"))
    if driver == "postgresql" and "sslmode" in query:
        if query["sslmode"] not in _VERIFIED:
            warn(name, f"sslmode={query['sslmode']}")
        return {}
    if tls == "off":
        warn(name, 'tls = "off"')
        return {}
    if driver == "postgresql":
        authorities = {} if own else {"sslrootcert": "system"}
        return {"sslmode": "verify-full", **authorities}
    return {} if "ssl_ca" in own or "ssl_capath" in own else {"ssl": ssl.create_default_context()}


@cache
def warn(name: str, why: str) -> None:
    """Say, once in a process, that a connection is not verified."""
    LOG.warning("%s: " + _SAID, name, why)
