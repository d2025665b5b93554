"""Letters, calls and cases of another tool: taken in by an officer, on the same way that a mail goes.

What names the person goes into the vault, the case is opened by the pure core with its deadline from the receipt, and
its events leave through the outbox, all in one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import uuid5

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from schemas.content import Attachment, MessageContent, Recipient, Subject
from schemas.rights import Channel, Right
from services.router import casebook
from services.router.core.attached import File
from services.router.core.cases import commands as c
from services.router.core.cases.state import Case
from services.router.core.cases.story import NAMESPACE, CommandRefused, derived
from services.router.core.cases.values import Asked, Asker, Assurance, Happened, LawChoice
from services.router.core.language import base_code
from services.router.core.law.model import LawFault
from services.router.desk.base import TRIES, Base, Refused, code, unfit
from services.router.desk.files import require_fits
from services.runtime.correspondents import ADDRESS, ID_CHARACTERS, correspondent
from services.runtime.store import Conflict, Transaction

TEXT_CHARACTERS_MAX: Final = 200_000
AGE_MAX: Final = timedelta(days=3653)
TAKEN_OVER: Final = "taken_over"
_EMAIL: Final = re.compile(r"[^@\s<>\"']{1,64}@[^@\s<>\"']{1,190}\.[^@\s<>\"'.]{2,63}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Request:
    """What an officer knows of a request that did not come through a door of habeas."""

    controller: str
    rights: tuple[Right, ...]
    received: datetime
    channel: Channel
    email: str = ""
    name: str = ""
    postal: str = ""
    identities: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    scan: File | None = None  # what came: a scanned letter, a recording's transcript
    language: str = ""
    place: str = ""
    asker: Asker = Asker.PERSON
    reference: str = ""  # the sender's or the other tool's own number: the same request twice is one case
    laws: tuple[str, ...] = ()
    ground: str = ""  # why the officer is sure of the person; empty: the person is asked
    assurance: Assurance = Assurance.NONE
    acknowledged: bool = False
    assigned: str = ""
    note: str = ""
    history: tuple[Happened, ...] = ()
    separate: bool = False  # a case of its own, even where one of the same person is open


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a request."""

    case: Case
    how: str  # opened, joined, known


class Receiving(Base):
    """What an officer takes in."""

    __slots__ = ()

    def open(self, request: Request) -> dict[str, Any]:
        """Take a letter or a call in: a case is opened, or the person's open one is joined; twice is once."""
        for _ in range(TRIES):
            try:
                with self.store.begin() as transaction:
                    taken = self.take_in(transaction, request)
                    return {**self.short(taken.case), "how": taken.how}
            except CommandRefused as refused:
                raise Refused(refused.why, refused.rule) from None
            except ValidationError as fault:
                raise Refused(unfit(fault), "input") from None
            except (Conflict, IntegrityError):
                continue  # another officer takes the same request in, or decides in its case: look again
        raise Refused("this person's case is being changed all the time; try again in a moment", "version")

    def local_moment(self, controller: str, text: str, name: str, zone: str = "") -> datetime:
        """Read a moment in the controller's own zone, or the zone named."""
        self.known_controller(controller)
        terms = self.router.tools.knowledge.terms_at(controller, self.clock.now(), self.router.tools.handled)
        return self.moment(text, terms.zone, name, zone)

    def known_controller(self, controller: str) -> None:
        """Refuse a controller that neither the settings nor the policies know."""
        known = {*self.settings.controllers, *self.router.tools.knowledge.base.controllers}
        if controller not in known:
            raise Refused(
                f"unknown controller {controller[:40]}; known are: {', '.join(sorted(known))}",
                "controller",
            )

    def take_in(self, transaction: Transaction, request: Request) -> Taken:
        """Write a request down in this transaction."""
        check(request, self.clock.now())
        self.known_controller(request.controller)
        root = self.root_of(request)
        case_id = derived(root, "case")
        before = casebook.load(transaction, case_id)[0]
        if before is not None:
            return Taken(before, "known")
        person = self._person(request, root)
        address = request.email.lower() or root
        writer = correspondent(self.vault, request.controller, _way(request), address, person)
        into = None if request.separate else casebook.open_case_of(transaction, writer)
        body = self._body(transaction, request, person, root)
        if into is not None:
            return self._join(transaction, request, into, root, body)
        subject = self._subject(transaction, request, person)
        command = self.opening(request, case_id, root, person, writer, subject, body)
        recipient = self._recipient(transaction, request, person, root)
        self.router.carry_out(transaction, command, None, recipient, unknown=True)
        return Taken(self._afterwards(transaction, request, case_id), "opened")

    def root_of(self, request: Request) -> str:
        """Return the keyed name of a request: the same number, or the same letter, is the same request."""
        own = request.reference.strip()
        parts = (
            ("reference", own)
            if own
            else (
                request.channel.value, request.received.isoformat(), request.email.lower(), request.name,
                sha256(request.text.encode() + (request.scan.content if request.scan else b"")).hexdigest(),
                *request.identities.values(),
            )
        )  # fmt: skip
        return self.vault.keyed_hash("taken in", request.controller, *parts)[:ID_CHARACTERS]

    def opening(
        self, request: Request, case_id: str, root: str, person: str, writer: str, subject: str, body: str | None
    ) -> c.OpenCase:
        """Return the command that opens a request's case; nothing is written by this."""
        knowledge = self.router.tools.knowledge
        on = knowledge.day(request.controller, request.received)
        found = knowledge.in_force(request.controller, on)
        law = (
            LawChoice(laws=request.laws, because=(f"chosen by officer {self.officer}",), officer=self.officer)
            if request.laws
            else knowledge.law_choice(request.controller, on, request.place)
        )
        return c.OpenCase(
            case_id=case_id, cause=f"taken-in:{root}", at=max(self.clock.now(), request.received),
            controller=request.controller, message_id=root, correspondent=writer, person=person,
            channel=request.channel, received=request.received, language=self._language(request),
            policy_version=found.policy.version if found else "none", law=law, asked=_asked(request, root),
            subject=subject, asker=request.asker, assurance=request.assurance,
            challenge=self.vault.keyed_hash("identity challenge", case_id), officer=self.officer, body=body,
            acknowledged=request.acknowledged,
        )  # fmt: skip

    def _afterwards(self, transaction: Transaction, request: Request, case_id: str) -> Case:
        """Record what the officer knows besides: who it is for certain, what was asked before, whose case it is."""
        for command in self.further(request, case_id, _asked(request, self.root_of(request))):
            self.router.carry_out(transaction, command, None)
        if request.note.strip():
            case = _there(transaction, case_id)
            note = self.sealed(transaction, case, request.note)
            self.router.carry_out(transaction, c.AddNote(**self.by(case), note=note), None)
        return _there(transaction, case_id)

    def further(self, request: Request, case_id: str, asked: Sequence[Asked]) -> list[c.Command]:
        """Return the orders that follow an opening."""
        at = max(self.clock.now(), request.received)

        def by(what: str) -> dict[str, Any]:
            return {"case_id": case_id, "cause": f"{what}:{case_id}", "at": at, "officer": self.officer}

        found: list[c.Command] = []
        if request.ground:
            found.append(c.ConfirmIdentity(**by("confirmed"), ground=code(request.ground), assurance=request.assurance))
        if request.history:
            found += [self._history(by(f"history:{each.right.value}"), each, request) for each in asked]
        if request.assigned:
            found.append(c.AssignCase(**by("assigned"), to=request.assigned))
        return found

    def _history(self, by: dict[str, Any], asked: Asked, request: Request) -> c.Command:
        return c.RecordHistory(**by, claim_id=asked.claim_id, happened=request.history, ground=TAKEN_OVER)

    def _join(self, transaction: Transaction, request: Request, into: Case, root: str, body: str | None) -> Taken:
        command = c.JoinMessage(
            case_id=into.case_id, cause=f"taken-in:{root}", at=max(self.clock.now(), request.received),
            message_id=root, received=request.received, asked=_asked(request, root), body=body, officer=self.officer,
            challenge=self.vault.keyed_hash("identity challenge", into.case_id),
        )  # fmt: skip
        if casebook.known(transaction, command):
            return Taken(into, "known")
        self.router.carry_out(transaction, command, None, unknown=True)
        return Taken(_there(transaction, into.case_id), "joined")

    # ---- what names the person goes into the vault

    def _person(self, request: Request, root: str) -> str:
        if request.email:
            return self.vault.recognise(ADDRESS, request.controller, request.email.lower())
        # A name alone is shared by many: without an address the person is known by this request only.
        return self.vault.recognise(ADDRESS, request.controller, f"taken in|{root}")

    def _body(self, transaction: Transaction, request: Request, person: str, root: str) -> str | None:
        if not (request.text or request.scan):
            return None
        original = ""
        attached: tuple[Attachment, ...] = ()
        if request.scan is not None:
            original = self.vault.seal(
                transaction, person, "scan", request.scan.content, ref=f"vault:{uuid5(NAMESPACE, f'scan|{root}')}"
            )
            attached = (
                Attachment(
                    name=request.scan.name, media_type=request.scan.media_type, size_bytes=len(request.scan.content)
                ),
            )
        content = MessageContent(
            channel=request.channel, text=request.text, sender_address=request.email, sender_name=request.name,
            attachments=attached, original=original,
        )  # fmt: skip
        return self.vault.seal(
            transaction, person, "message", content.model_dump_json().encode(),
            ref=f"vault:{uuid5(NAMESPACE, f'message|{root}')}",
        )  # fmt: skip

    def _subject(self, transaction: Transaction, request: Request, person: str) -> str:
        details = dict(self.router.tools.reader.read_alone(request.text).details) if request.text else {}
        if request.postal:
            details["postal_address"] = request.postal
        identities: dict[str, tuple[str, ...]] = {kind: (value,) for kind, value in request.identities.items()}
        if request.email:
            identities["email"] = (request.email.lower(),)
        subject = Subject(identities=identities, name=request.name, details=details, language=self._language(request))
        return self.vault.seal(transaction, person, "subject", subject.model_dump_json().encode())

    def _recipient(self, transaction: Transaction, request: Request, person: str, root: str) -> str | None:
        if not request.email:
            return None
        entry = self.settings.controllers.get(request.controller)
        recipient = Recipient(
            channel=Channel.EMAIL, address=request.email.lower(), name=request.name,
            sender=entry.sender if entry else "",
        )  # fmt: skip
        content = recipient.model_dump_json().encode()
        ref = f"vault:{uuid5(NAMESPACE, f'recipient|{root}')}"
        return self.vault.seal(transaction, person, "recipient", content, ref=ref)

    def _language(self, request: Request) -> str:
        if request.language:
            return request.language.lower()
        if not request.text.strip():
            return "en"
        guess = base_code(self.router.tools.reader.read_alone(request.text).language.code)
        return guess if _LANGUAGE.fullmatch(guess) else "en"


def check(request: Request, now: datetime) -> None:
    """Refuse a request that cannot be answered as it stands, with what to say instead."""
    if not request.rights:
        raise Refused(f"say which right is used; known are: {', '.join(Right)}", "right")
    if request.received > now:
        raise Refused("the receipt lies in the future: give the day it arrived at the controller", "receipt")
    if request.received < now - AGE_MAX:
        raise Refused(
            f"the receipt {request.received.date().isoformat()} is more than ten years ago: check the year",
            "receipt",
        )
    if not (request.email or request.name or request.identities):
        raise Refused("say who it is about: --person-email, --name, or --identity KIND=VALUE", "person")
    if request.email and not _EMAIL.fullmatch(request.email):
        raise Refused("the person's email is not an address such as ann@example.org", "person")
    if request.language and not _LANGUAGE.fullmatch(request.language.lower()):
        raise Refused(f"{request.language[:20]} is no language: write two letters such as de", "language")
    if len(request.text) > TEXT_CHARACTERS_MAX:
        raise Refused(f"the text is longer than {TEXT_CHARACTERS_MAX} characters: give it as --scan", "text")
    if request.scan is not None:
        require_fits(request.scan.name, len(request.scan.content))
    if request.ground and request.assurance is Assurance.NONE:
        raise Refused("say how sure you are of the person with an assurance", "identity")


def known_laws(desk: Base, laws: Sequence[str]) -> tuple[str, ...]:
    """Return laws by their ids, or refuse one that is not known."""
    book = desk.router.tools.knowledge.laws
    try:
        return tuple(dict.fromkeys(book.law(name).id for name in laws))
    except LawFault as fault:
        raise Refused(f"{fault}", "law") from None


def _way(request: Request) -> Channel:
    # A letter that names a mail address belongs to whoever writes from it, so that their mail finds the case.
    return Channel.EMAIL if request.email else request.channel


def _asked(request: Request, root: str) -> tuple[Asked, ...]:
    return tuple(
        Asked(claim_id=derived(root, "claim", right.value), right=right) for right in dict.fromkeys(request.rights)
    )


def _there(transaction: Transaction, case_id: str) -> Case:
    case, _ = casebook.load(transaction, case_id)
    assert case is not None
    return case
