"""A folder of an SFTP server that is known by its key."""

from __future__ import annotations

import base64
import hashlib
import io
import posixpath
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import unquote, urlsplit

import paramiko

from pipelines.deliver.parcel import Parcel
from pipelines.deliver.ways.way import NotDelivered
from pipelines.settings import Delivery

SECONDS = 30.0
"""After which a server that says nothing is given up."""


class Sftp:
    """Files are written under another name, read back, and renamed."""

    def __init__(self, delivery: Delivery) -> None:
        found = urlsplit(delivery.by)
        self._host, self._port = found.hostname or "", found.port or 22
        self._user, self._folder = unquote(found.username or ""), unquote(found.path) or "."
        self._secret, self._host_key = delivery.secret or "", delivery.host_key or ""

    def probe(self) -> None:
        """Whether the server is the one that is known, lets us in and has the folder."""
        with self._connected() as sftp:
            if not stat.S_ISDIR(sftp.stat(self._folder).st_mode or 0):
                raise NotDelivered(f"{self._folder}: no folder", passing=False)

    def there(self, parcel: Parcel) -> bool:
        """Whether a file of that name and content lies there."""
        with self._connected() as sftp:
            try:
                return _digest(sftp, self._path(parcel)) == parcel.sha256
            except FileNotFoundError:
                return False

    def send(self, parcel: Parcel) -> str:
        """Write it beside its place, read it back, rename it."""
        path, content = self._path(parcel), parcel.content()
        part = f"{path}.part"
        with self._connected() as sftp:
            try:
                sftp.putfo(io.BytesIO(content), part, len(content), confirm=True)
                if _digest(sftp, part) != parcel.sha256:
                    raise NotDelivered("what lies there is not what was sent")
                try:
                    sftp.posix_rename(part, path)
                except OSError:  # a server without that extension renames to free names only
                    with suppress(FileNotFoundError):
                        sftp.remove(path)
                    sftp.rename(part, path)
            except BaseException:
                with suppress(OSError, EOFError, paramiko.SSHException):
                    sftp.remove(part)
                raise
        return "read back, the same"

    def _path(self, parcel: Parcel) -> str:
        return posixpath.join(self._folder, parcel.name)

    @contextmanager
    def _connected(self) -> Iterator[paramiko.SFTPClient]:
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        kind, encoded, *_ = self._host_key.split()
        name = self._host if self._port == 22 else f"[{self._host}]:{self._port}"
        known = paramiko.PKey.from_type_string(kind, base64.b64decode(encoded))
        client.get_host_keys().add(name, kind, known)
        try:
            with closing(client):
                key = self._key()
                client.connect(
                    self._host,
                    self._port,
                    self._user,
                    password=None if key else self._secret,
                    pkey=key,
                    timeout=SECONDS,
                    banner_timeout=SECONDS,
                    auth_timeout=SECONDS,
                    allow_agent=False,
                    look_for_keys=False,
                )
                sftp = client.open_sftp()
                channel = sftp.get_channel()
                if channel is not None:
                    channel.settimeout(SECONDS)
                yield sftp
        except paramiko.BadHostKeyException:
            raise NotDelivered(
                "the server is not the one that is known: its key is another. Ask its owner before you change host_key",
                passing=False,
            ) from None
        except paramiko.AuthenticationException:
            raise NotDelivered(f"the server does not let {self._user} in", passing=False) from None
        except (paramiko.SSHException, EOFError) as error:
            raise NotDelivered(f"the connection was lost: {error or type(error).__name__}") from None
        except PermissionError:
            raise NotDelivered(
                f"{self._folder}: the server does not let us write there", passing=False
            ) from None
        except FileNotFoundError:
            raise NotDelivered(f"{self._folder}: no such folder on the server", passing=False) from None
        except OSError as error:
            raise NotDelivered(f"no connection: {error.strerror or error}") from None

    def _key(self) -> paramiko.PKey | None:
        """The private key, where the secret is one and no password."""
        return _any_key(self._secret) if "PRIVATE KEY" in self._secret else None


def _any_key(text: str) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(text))
    raise NotDelivered("the secret is no private key without a password", passing=False)


def _digest(sftp: paramiko.SFTPClient, path: str) -> str:
    with sftp.open(path, "rb") as file:
        file.prefetch()
        return hashlib.sha256(file.read()).hexdigest()
