"""Identity documents at the desk: one that came by post is taken in, and the officer who asked for it looks at it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from services.router import documents
from services.router.core.attached import File
from services.router.core.cases import commands as c
from services.router.core.cases.documents import asked
from services.router.core.cases.state import Case
from services.router.desk.base import Base, Refused
from services.router.desk.files import require_fits
from services.router.laws import zone as named_zone
from services.runtime.store import Transaction
from services.runtime.vault import Forgotten, Missing


class Showing(Base):
    """The officer's dealings with identity documents."""

    __slots__ = ()

    def take_document(self, name: str, file: File, received: str, zone: str = "") -> dict[str, Any]:
        """Keep a document that came by post, from the day on which it arrived."""
        if not file.content:
            raise Refused(f"{file.name} is empty", "scan")
        require_fits(file.name, len(file.content))
        document_id = str(uuid4())

        def order(transaction: Transaction, case: Case) -> c.Command:
            by = self.by(case)
            arrived = self.arrival(received, case, zone) if received else by["at"]
            if not asked(case, arrived):
                raise Refused(
                    "no document was asked for: ask first with `habeas case identify --by document --reasons TEXT`, "
                    "or accept what you saw with `habeas case confirm`",
                    "Art. 5(1)(c) GDPR",
                )
            ref = documents.seal(transaction, self.vault, case, document_id, file)
            return c.KeepDocument(**by, document_id=document_id, ref=ref, received=arrived)

        return self.decide(name, order)

    def arrival(self, text: str, case: Case, zone: str) -> datetime:
        """Read when a document arrived; a mere date is any hour of that day after the document was asked for."""
        found, check = self.moment(text, self.zone_of(case), "received", zone), case.check
        if check is None or len(text.strip()) != len("2026-03-31"):
            return found
        local = named_zone(zone) if zone else self.zone_of(case)
        same_day = found.astimezone(local).date() == check.asked.astimezone(local).date()
        return max(found, check.asked) if same_day else found

    def documents(self, name: str) -> list[File]:
        """Return the files of a case's identity documents, for the eyes of the officer who asked for them."""
        with self.store.begin() as transaction:
            case = self.found(transaction, name)
            if not case.documents:
                raise Refused(
                    "no identity document is kept with this case: none was asked for, or it was destroyed after use",
                    "Art. 5(1)(e) GDPR",
                )
            found: list[File] = []
            for each in case.documents:
                try:
                    found += documents.opened(transaction, self.vault, each.ref)
                except (Forgotten, Missing):
                    continue  # destroyed a moment ago, or a backup brought its record back
            if not found:
                raise Refused(
                    "the identity document was destroyed, and only its record came back with a backup: ask again "
                    "with `habeas case identify --by document --reasons TEXT`",
                    "Art. 5(1)(e) GDPR",
                )
            return found
