"""One request after the other, as a server would wish: patient when it is busy, firm when it says no.

Certificates are verified; redirects are not followed, since a token must go nowhere else. What may pass
(429, 5xx, a lost connection, half an answer) is asked again after growing pauses, or after as long as the
server itself says. What will not pass is an ``Unreadable`` at once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from pipelines.extract.table import Unreachable, Unreadable
from pipelines.extract.web.token import Token, token_of
from pipelines.settings import Source
from pipelines.tls import warn

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further attempt; an answer's ``Retry-After`` may make one longer."""
LONGEST_PAUSE = 300.0
TIMEOUT = httpx.Timeout(60.0, connect=15.0)
"""Seconds that a server may be silent."""
PAGE_SECONDS = 300.0
"""Seconds that one answer may take, drop by drop."""
PAGE_BYTES = 64 << 20
BUSY = (408, 425, 429, 500, 502, 503, 504)

pause: Callable[[float], None] = time.sleep
"""What waits; a test puts something quicker here."""

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


class Gone(Unreadable):
    """The server does not know this address (any more)."""


class GaveUp(Unreachable):
    """The server was asked as often as is decent, and had no answer."""


class Enough(GaveUp):
    """The server wants no more requests for now (429): its own quota is used up."""


class _Again(Exception):
    """What failed may succeed later; ``after`` is how many seconds the server wants to be left alone."""

    def __init__(self, reason: str, after: float = 0.0, too_many: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.gave_up = Enough if too_many else GaveUp


class Client:
    """Asks one server; to be closed as a context."""

    def __init__(self, token: Token, verify: bool = True) -> None:
        self._http = httpx.Client(
            timeout=TIMEOUT, headers={"Accept": "application/fhir+json, application/json"}, verify=verify
        )
        self._token = token
        self.received = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, url: str) -> object:
        """The JSON at an address, numbers as text. Raises ``Unreadable``, ``Gone`` where nothing is there."""
        return self._patiently(lambda: self._ask("GET", url))

    def post(self, url: str, document: Mapping[str, str]) -> object:
        """The JSON that a question, sent as JSON, is answered with. Raises as ``get`` does."""
        return self._patiently(lambda: self._ask("POST", url, document))

    def _ask(self, method: str, url: str, document: Mapping[str, str] | None = None) -> object:
        try:
            return self._send(method, url, self._token.header(self._grant), document=document)
        except _Refused:
            # An hour is soon over: a token that was good may have expired on the way.
            if not self._token.expire():
                raise Unreadable(self._token.refused) from None
        try:
            return self._send(method, url, self._token.header(self._grant), document=document)
        except _Refused:
            raise Unreadable(self._token.refused) from None

    def _grant(self, url: str, form: Mapping[str, str]) -> object:
        try:
            return self._send("POST", url, {}, form)
        except (_Refused, Gone):
            raise Unreadable(self._token.refused) from None

    def _patiently(self, attempt: Callable[[], object]) -> object:
        for seconds in PAUSES:
            try:
                return attempt()
            except _Again as fault:
                if fault.after > LONGEST_PAUSE:
                    raise fault.gave_up(
                        f"{fault}; it wants to be asked again in {fault.after:.0f} s"
                    ) from None
                pause(max(seconds, fault.after))
        try:
            return attempt()
        except _Again as fault:
            raise fault.gave_up(f"{fault}; asked {len(PAUSES) + 1} times") from None

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
        document: Mapping[str, str] | None = None,
    ) -> object:
        try:
            with self._http.stream(method, url, headers=dict(headers), data=form, json=document) as response:
                _judge(response)
                body = self._body(response)
        except httpx.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Unreadable("the server's certificate is not trusted") from None
            raise _Again(f"no answer ({str(error)[:120] or type(error).__name__})") from None
        except (httpx.InvalidURL, httpx.DecodingError) as error:
            raise Unreadable(f"cannot be asked: {error}") from None
        try:
            return _DECODER.decode(body.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            raise _Again("the answer is no JSON, or half of one") from None

    def _body(self, response: httpx.Response) -> bytes:
        parts, size, until = [], 0, time.monotonic() + PAGE_SECONDS
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > PAGE_BYTES:
                raise Unreadable(f"one answer is longer than {PAGE_BYTES >> 20} MiB")
            if time.monotonic() > until:
                raise _Again(f"one answer takes longer than {PAGE_SECONDS:.0f} s")
        self.received += size
        return b"".join(parts)


def client_of(source: Source) -> Client:
    """The client for a source, as its configuration lets it in. Raises ``Unreadable`` if a secret is missing."""
    if source.tls == "off":
        warn(source.name, 'tls = "off"')
    return Client(token_of(source), source.tls == "verify")


class _Refused(Exception):
    """401: the server wants another token."""


def _judge(response: httpx.Response) -> None:
    """Raise what a status means, unless it is a good one."""
    status = response.status_code
    if response.is_success:
        return
    if status == 401:
        raise _Refused
    if status == 403:
        raise Unreadable("not allowed (403): the token is good, but not for this; ask the server's owner")
    if status in (400, 404, 410):
        raise Gone(f"nothing at this address ({status}); check the source's location")
    if response.is_redirect:
        target = httpx.URL(response.headers.get("Location", "")).host or "elsewhere on it"
        raise Unreadable(f"the server sends us to {target} ({status}); give that address as the location")
    if status in BUSY:
        reason = "asked too fast" if status == 429 else "the server has a fault"
        raise _Again(
            f"{reason} ({status})", retry_after(response.headers.get("Retry-After", "")), status == 429
        )
    raise Unreadable(f"the server answered {status}")


def retry_after(text: str, now: datetime | None = None) -> float:
    """Seconds that ``Retry-After`` asks for, as a number or a date (RFC 9110, 10.2.3); 0 if it says nothing.

    >>> retry_after("120"), retry_after("soon")
    (120.0, 0.0)
    """
    if text.strip().isdecimal():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - (now or datetime.now(UTC))).total_seconds())
