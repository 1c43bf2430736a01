"""An upload to a server: PUT of the file under its name, confirmed by a 2xx."""

from __future__ import annotations

import base64
import ssl
from urllib.parse import quote

import httpx

from pipelines.deliver.parcel import Parcel
from pipelines.deliver.ways.way import NotDelivered
from pipelines.settings import Delivery

TIMEOUT = httpx.Timeout(120.0, connect=15.0)
PASSING = (408, 425, 429, 500, 502, 503, 504)


class Https:
    """The certificate is verified and no redirect is followed, since the token would go along."""

    def __init__(self, delivery: Delivery) -> None:
        self._base = delivery.by.rstrip("/")
        self._headers = {"Authorization": f"Bearer {delivery.secret}"} if delivery.secret else {}

    def probe(self) -> None:
        """Whether the server answers at all, and lets us in."""
        response = self._ask("OPTIONS", self._base)
        if response.status_code in (401, 403):
            raise NotDelivered(f"the server does not let us in ({response.status_code})", passing=False)

    def there(self, parcel: Parcel) -> bool:  # noqa: ARG002
        """Nobody can say for every server; a second upload has the same ``Idempotency-Key`` and name."""
        return False

    def send(self, parcel: Parcel) -> str:
        """Upload it. ``Repr-Digest`` (RFC 9530) lets the server check it."""
        content = parcel.content()
        digest = base64.b64encode(bytes.fromhex(parcel.sha256)).decode()
        headers = {
            "Content-Type": "application/octet-stream",
            "Idempotency-Key": parcel.key,
            "Repr-Digest": f"sha-256=:{digest}:",
        }
        response = self._ask("PUT", f"{self._base}/{quote(parcel.name)}", content, headers)
        if response.is_success:
            return f"the server answered {response.status_code}"
        status = response.status_code
        if response.is_redirect:
            raise NotDelivered(
                f"the server sends us elsewhere ({status}); give that address as by", passing=False
            )
        raise NotDelivered(f"the server answered {status}", passing=status in PASSING)

    def _ask(
        self, method: str, url: str, content: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        try:
            with httpx.Client(timeout=TIMEOUT, verify=ssl.create_default_context()) as client:
                return client.request(
                    method, url, content=content, headers={**self._headers, **(headers or {})}
                )
        except httpx.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise NotDelivered("the server's certificate is not trusted", passing=False) from None
            raise NotDelivered(f"no connection: {type(error).__name__}") from None
