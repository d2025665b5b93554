"""Sending to one delegate: encrypted, bounded, tried again where that may help, and to no other host ever."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from services.fulfil.connectors.http.client import AGAIN
from services.fulfil.connectors.protocol import Health, SystemDown, SystemRefuses

ATTEMPTS_MAX: Final = 2
PAUSE_SECONDS: Final = 0.5
TIMEOUT_SECONDS: Final = 20.0
ANSWER_BYTES_MAX: Final = 1024 * 1024
PLACE_CHARACTERS_MAX: Final = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, where it points, and what it says, if it says an object."""

    status: int
    location: str
    said: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a text of the answer, or nothing where it holds none of a sensible length."""
        value = self.said.get(name)
        return value if isinstance(value, str) and len(value) <= PLACE_CHARACTERS_MAX else ""


class Sender:
    """One delegate's address, and the secret that is in it."""

    def __init__(self, name: str, address: str, pause: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(address.partition("+")[2])
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = f":{parts.port}" if parts.port else ""
        query = f"?{parts.query}" if parts.query else ""
        self.name: Final = name
        self.url: Final = f"{parts.scheme}://{host}{port}{parts.path or '/'}{query}"
        self.user: Final = unquote(parts.username or "")
        self.secret: Final = unquote(parts.password or "")
        self._pause = pause
        import urllib3  # loaded where there is a delegate to ask

        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=10.0, read=TIMEOUT_SECONDS), retries=False)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Send and return the answer; raise SystemDown where a later try may help."""
        import urllib3

        heard = ""
        for attempt in range(ATTEMPTS_MAX):
            if attempt:
                self._pause(PAUSE_SECONDS)
            try:
                response = self._pool.request(
                    method, url, body=body, headers=dict(headers), preload_content=False, redirect=False
                )
                try:
                    raw = response.read(ANSWER_BYTES_MAX + 1)
                finally:
                    response.release_conn()
            except urllib3.exceptions.SSLError:
                raise SystemRefuses(f"{self.name}: its certificate is not trusted.") from None
            except urllib3.exceptions.HTTPError as fault:
                heard = type(fault).__name__
                continue
            if response.status not in AGAIN:
                return Answer(response.status, response.headers.get("Location", ""), self._read(raw))
            heard = f"HTTP {response.status}"
        raise SystemDown(f"{self.name}: it does not answer ({heard}).")

    def placed(self, place: str) -> str:
        """Return a place as a whole address on this delegate's host: who a person is goes to no other."""
        if len(place) > PLACE_CHARACTERS_MAX:
            raise SystemRefuses(f"{self.name}: it points to a place whose address is too long.")
        try:
            ours, theirs = urlsplit(self.url), urlsplit(urljoin(self.url, place))
            same = (ours.scheme, ours.hostname, ours.port) == (theirs.scheme, theirs.hostname, theirs.port)
        except ValueError:
            raise SystemRefuses(f"{self.name}: it points to a place that is no address.") from None
        if not same or theirs.username or theirs.password:
            raise SystemRefuses(f"{self.name}: it points to another host for its answer; habeas does not go there.")
        return theirs._replace(fragment="").geturl()

    def health(self, method: str, url: str, headers: Mapping[str, str]) -> Health:
        """Tell whether the delegate can be reached, in a sentence that repeats no secret."""
        try:
            status = self.send(method, url, headers).status
        except (SystemDown, SystemRefuses) as fault:
            return Health(reachable=False, said=str(fault))
        if status in (401, 403):
            return Health(reachable=False, said=f"{self.name}: it refuses access (HTTP {status}); mend the secret.")
        return Health(reachable=True, said=f"it answers (HTTP {status})")

    def _read(self, raw: bytes) -> Mapping[str, Any]:
        """Return the object in the answer; what is none, or too much, says nothing."""
        if len(raw) > ANSWER_BYTES_MAX:
            return {}
        try:
            said = json.loads(raw)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    def refused(self, status: int) -> SystemRefuses:
        """Return the fault of an answer that is neither yes nor later."""
        if status in (401, 403):
            return SystemRefuses(f"{self.name}: it refuses access (HTTP {status}); mend the secret or its rights.")
        return SystemRefuses(f"{self.name}: its answer (HTTP {status}) is not one that the protocol knows.")
