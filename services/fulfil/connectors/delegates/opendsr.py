"""OpenDSR 2.0: how processors are asked for an erasure, a copy or a portable copy.

Source: the OpenDSR specification (github.com/opengdpr/OpenDSR, specification.md, sections 5 to 8). It sends the request
once under an id of ours, and tells the status under that id; a request that is known already is not sent again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Final
from urllib.parse import urljoin, urlsplit

from services.fulfil.connectors.delegates.sending import Answer, Sender
from services.fulfil.connectors.protocol import Health, Order, Reply, Standing, SystemRefuses

API_VERSION: Final = "2.0"
RESOURCE: Final = "requests"
KNOWN_ALREADY: Final = frozenset({400, 409})
TYPES: Final[Mapping[str, str]] = {"email": "email", "account_id": "controller_customer_id"}
"""What a person is known by here, in the words of section 5.1; a telephone number has none there."""
STATUSES: Final[Mapping[str, Standing]] = {
    "pending": Standing.WAITING,
    "in_progress": Standing.WAITING,
    "completed": Standing.DONE,
    "cancelled": Standing.REFUSED,
}


class OpenDsr:
    """One processor's OpenDSR endpoint."""

    def __init__(self, name: str, address: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._sender = Sender(name, address, pause)
        url = self._sender.url
        # Processors call the resource `requests`, `opendsr_requests` or `opengdpr_requests`; an address may name it.
        named = urlsplit(url).path.rstrip("/").rpartition("/")[2].casefold().endswith(RESOURCE)
        self._resource = url.rstrip("/") if named else urljoin(f"{url.rstrip('/')}/", RESOURCE)

    @property
    def system(self) -> str:
        """The name by which the settings know it."""
        return self._sender.name

    def check(self) -> Health:
        """Ask what the processor supports (section 6)."""
        return self._sender.health("GET", urljoin(self._resource, "discovery"), self._headers())

    def ask(self, order: Order) -> Reply:
        """Send the request (section 7), unless the processor has it already."""
        identities = [
            {"identity_type": TYPES[kind], "identity_value": value, "identity_format": "raw"}
            for kind, values in order.identities.items()
            if kind in TYPES
            for value in values
        ]
        if not identities:
            raise SystemRefuses(f"{self.system}: the person is known by nothing that OpenDSR has a word for.")
        words = {
            "regulation": "gdpr",
            "subject_request_id": order.step_id,
            "subject_request_type": order.right,
            "submitted_time": order.asked.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "subject_identities": identities,
            "api_version": API_VERSION,
        }
        headers = {**self._headers(), "Content-Type": "application/json"}
        answer = self._sender.send("POST", self._resource, headers, json.dumps(words, ensure_ascii=False).encode())
        if answer.status in KNOWN_ALREADY:
            return self._known(order, answer.status)
        if not 200 <= answer.status < 300:
            raise self._sender.refused(answer.status)
        self._same(order, answer)
        if not answer.text("expected_completion_time"):
            raise SystemRefuses(
                f"{self.system}: its receipt does not say when it will be done (expected_completion_time)."
            )
        return Reply(Standing.WAITING)

    def answer(self, order: Order) -> Reply:
        """Ask for the status (section 8)."""
        answer = self._status(order)
        if not 200 <= answer.status < 300:
            raise self._sender.refused(answer.status)
        self._same(order, answer)
        standing = STATUSES.get(answer.text("request_status"))
        if standing is None:
            raise SystemRefuses(f"{self.system}: its status is none that OpenDSR knows (request_status).")
        return Reply(standing, results=answer.text("results_url") if standing is Standing.DONE else "")

    def _known(self, order: Order, status: int) -> Reply:
        """A repeated id is refused by some: what counts then is how far the first one is."""
        if 200 <= self._status(order).status < 300:
            return self.answer(order)
        raise self._sender.refused(status)

    def _status(self, order: Order) -> Answer:
        return self._sender.send("GET", f"{self._resource}/{order.step_id}", self._headers())

    def _same(self, order: Order, answer: Answer) -> None:
        if answer.text("subject_request_id").casefold() != order.step_id:
            raise SystemRefuses(f"{self.system}: it answers for another request (subject_request_id).")

    def _headers(self) -> dict[str, str]:
        """Authenticate, which section 4.3 leaves open: user and secret are basic, a secret alone is a bearer token."""
        headers = {"Accept": "application/json"}
        if self._sender.user:
            import urllib3

            return headers | urllib3.make_headers(basic_auth=f"{self._sender.user}:{self._sender.secret}")
        return headers | ({"Authorization": f"Bearer {self._sender.secret}"} if self._sender.secret else {})
