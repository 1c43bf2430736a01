"""What a server wants to see before it answers: nothing, a token, or a token that it gives out itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from pipelines.extract.table import Unreadable
from pipelines.settings import Source

EARLY = 60.0
"""Seconds before its end at which a token is exchanged for a new one."""
USUAL = 3_000.0
"""Seconds that a token is taken to last if the server does not say."""

Grant = Callable[[str, Mapping[str, str]], object]
"""Sends a form to an address and gives the JSON that comes back."""


class Token(Protocol):
    """A way to be let in; ``refused`` is the line a person sees when it does not help."""

    refused: str

    def header(self, grant: Grant) -> Mapping[str, str]:
        """What to send along with a request."""

    def expire(self) -> bool:
        """The server did not take it; whether another can be had."""


class Bearer:
    """A token from the environment, or none."""

    def __init__(self, token: str | None, variable: str) -> None:
        self._token = token
        known = "does not accept the token" if token else "asks for a token"
        self.refused = f"the server {known} (401); put a good one into the environment as {variable}"

    def header(self, grant: Grant) -> Mapping[str, str]:  # noqa: ARG002  # nothing to ask for
        """The token, if there is one."""
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def expire(self) -> bool:
        """There is no other."""
        return False


class ClientCredentials:
    """Tokens that the server gives out for an id and a secret, each for about an hour (OAuth 2, 4.4)."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        host = urlsplit(url).hostname or ""
        if not url.startswith("https://") and host not in ("127.0.0.1", "localhost", "::1"):
            raise Unreadable("token_url: a secret would travel in clear; expected https://…")
        self._url, self._id, self._secret = url, client_id, client_secret
        self._token, self._until = "", 0.0
        self.refused = "the server does not accept the client id and secret (401), or the token they gave"

    def header(self, grant: Grant) -> Mapping[str, str]:
        """A token that is good for a while yet. Raises ``Unreadable`` if there is none to be had."""
        if time.monotonic() >= self._until:
            form = {"grant_type": "client_credentials", "client_id": self._id, "client_secret": self._secret}
            self._keep(grant(self._url, form))
        return {"Authorization": f"Bearer {self._token}"}

    def _keep(self, answer: object) -> None:
        found = answer if isinstance(answer, dict) else {}
        token = found.get("access_token")
        if not isinstance(token, str) or not token:
            raise Unreadable("token_url answered without an access_token")
        try:
            lasts = float(found.get("expires_in", USUAL))
        except (TypeError, ValueError):
            lasts = USUAL
        # One that lasts a minute or less is used for half of it.
        self._token, self._until = token, time.monotonic() + max(lasts - EARLY, lasts / 2)

    def expire(self) -> bool:
        """The next request gets a new one."""
        self._until = 0.0
        return True


def token_of(source: Source) -> Token:
    """How a source wants to be asked. Raises ``Unreadable`` if a part of it is missing."""
    if source.token_url is None:
        return Bearer(source.token, source.variable("token"))
    absent = [name for name in ("client_id", "client_secret") if not getattr(source, name)]
    if absent:
        wanted = " and ".join(source.variable(name) for name in absent)
        raise Unreadable(f"token_url is given, but not {wanted} in the environment")
    return ClientCredentials(source.token_url, source.client_id or "", source.client_secret or "")
