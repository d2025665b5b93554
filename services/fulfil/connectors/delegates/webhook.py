"""A webhook: one signed POST, an answer at once or later.

The body is signed with the secret of the address, HMAC-SHA256 over the moment, a dot and the body, so that the other
side knows who asks and can refuse what is old. The step's id is the idempotency key: the same order twice is one order.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from services.fulfil.connectors.delegates.sending import Answer, Sender
from services.fulfil.connectors.protocol import Health, Order, Reply, Standing

SIGNATURE: Final = "Habeas-Signature"
VERSION: Final = 1


class Webhook:
    """One address that takes orders."""

    def __init__(
        self,
        name: str,
        address: str,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sender = Sender(name, address, pause)
        self._clock = clock

    @property
    def system(self) -> str:
        """The name by which the settings know it."""
        return self._sender.name

    def check(self) -> Health:
        """See whether somebody answers there."""
        return self._sender.health("HEAD", self._sender.url, {})

    def ask(self, order: Order) -> Reply:
        """Post the order; its body is the same every time."""
        words = {
            "version": VERSION,
            "step_id": order.step_id,
            "right": order.right,
            "asked": order.asked.isoformat(),
            "identities": {kind: list(values) for kind, values in order.identities.items()},
            "particulars": dict(order.particulars),
        }
        body = json.dumps(words, ensure_ascii=False, sort_keys=True).encode()
        headers = {**self._signed(body), "Content-Type": "application/json", "Idempotency-Key": order.step_id}
        return self._reply(self._sender.send("POST", self._sender.url, headers, body))

    def answer(self, order: Order) -> Reply:
        """Look where the webhook said that its answer will be; where it named none, ask again, with no new effect."""
        if not order.place:
            return self.ask(order)
        place = self._sender.placed(order.place)
        parts = urlsplit(place)
        asked = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {**self._signed(asked.encode()), "Idempotency-Key": order.step_id}
        return self._reply(self._sender.send("GET", place, headers), order.place)

    def _reply(self, answer: Answer, place: str = "") -> Reply:
        said = answer.text("status")
        if not 200 <= answer.status < 300:
            if said == Standing.REFUSED:
                return Reply(Standing.REFUSED)
            raise self._sender.refused(answer.status)
        if answer.status == 202 or said == Standing.WAITING:
            found = answer.location or answer.text("status_url")
            return Reply(Standing.WAITING, self._sender.placed(found) if found else place)
        if said in (Standing.DONE, Standing.REFUSED):
            return Reply(Standing(said), results=answer.text("results_url"))
        raise self._sender.refused(answer.status)

    def _signed(self, words: bytes) -> dict[str, str]:
        moment = int(self._clock())
        made = hmac.new(self._sender.secret.encode(), f"{moment}.".encode() + words, hashlib.sha256).hexdigest()
        return {"Accept": "application/json", SIGNATURE: f"t={moment},v1={made}"}
