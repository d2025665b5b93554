"""What an authority is shown of one case: opened from the vault, and third persons taken out on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Final, TypeVar

from schemas.base import Value
from schemas.content import LetterFacts, MessageContent, Recipient, Subject
from services.router import asking, documents, letters
from services.router.core.cases import events as e
from services.router.core.cases.state import Case
from services.router.core.cases.timeline import Entry, moment_line, timeline
from services.router.core.cases.values import Asker
from services.router.core.evidence.bare_names import bare_names
from services.router.core.evidence.redacting import Own, numbers, own, redact, third_names
from services.router.core.policy.model import Policy
from services.router.desk.looking import Looking, claim_fields, merged
from services.router.vocabulary import small_words_of, vocabulary, words_of
from services.runtime.store import Transaction
from services.runtime.vault import Forgotten, Missing

Compose = Callable[[str, str, Mapping[str, Any]], Mapping[str, str]]
"""A template, a language and facts: the subject and the text of the letter."""

V = TypeVar("V", bound=Value)
_DOMAIN: Final = re.compile(r"@([\w-]+(?:\.[\w-]+)+)")
_SITE: Final = re.compile(r"(?:https?://|www\.)([\w-]+(?:\.[\w-]+)+)")


@dataclass
class Redaction:
    """Takes third persons out of everything that is shown of one case, and counts where."""

    mine: Own
    also: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    names: set[str] = field(default_factory=set)
    perhaps: set[str] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)

    def learn(self, text: str, named: Iterable[str] = ()) -> None:
        """Learn the names of others from a text, so that they are taken out of every other text too."""
        self.names |= third_names(text, self.mine, named)

    def suspect(self, text: str, language: str, known: Collection[str]) -> None:
        """Learn words that look like names and that nothing explains; what an officer keeps is none."""
        own_words = self.mine.words()
        looks = bare_names(text, language, known)
        self.perhaps |= {word for word in looks if word.lower() not in self.kept | own_words | self.names}

    def text(self, where: str, text: str) -> str:
        """Return a text without third persons."""
        done = redact(text, self.mine, self.names, self.also, self.perhaps)
        if done.count:
            self.places[where] = self.places.get(where, 0) + done.count
        return done.text

    def any(self, where: str, value: Any) -> Any:
        """Return a value of any shape without third persons in its texts."""
        if isinstance(value, str):
            return self.text(where, value)
        if isinstance(value, Mapping):
            return {key: self.any(where, each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.any(where, each) for each in value]
        return value


@dataclass(frozen=True)
class Gathered:
    """One case as it is shown: everything in it is fit for an authority's eyes."""

    case: Case
    fields: Mapping[str, Any]
    messages: Sequence[tuple[str, str]]
    letters: Sequence[tuple[str, str]]
    results: Sequence[Mapping[str, Any]]
    originals: Sequence[tuple[str, bytes]]
    redaction: Redaction


class Gathering(Looking):
    """Gathers what is shown."""

    __slots__ = ()

    def gather(
        self, transaction: Transaction, case: Case, names: Mapping[str, str], compose: Compose, also: Sequence[str],
        *, originals: bool, keep: Sequence[str] = (),
    ) -> Gathered:  # fmt: skip
        """Return a case as an authority is shown it."""
        events = self.events(transaction, case)
        contents = self._contents(transaction, events)
        zone = self.zone_of(case)
        told = timeline(events, zone)
        redaction = self._redaction(transaction, case, contents, names, also, keep)
        self._suspect(transaction, case, contents, told, redaction)
        entries = [self._entry(transaction, number, entry, zone, redaction) for number, entry in enumerate(told, 1)]
        sent, written = self._letters(transaction, case, events, zone, redaction, compose, names)
        fields = {
            **self.short(case),
            "controller_name": names.get(case.controller, case.controller),
            "channel": case.channel.value,
            "language": case.language,
            "zone": str(zone),
            "received_local": moment_line(case.received, zone),
            "policy_version": case.policy_version,
            "law": case.law.model_dump(),
            "asker": case.asker.value,
            "assurance": case.assurance.value,
            "claims": [
                {**claim_fields(claim), "completed_local": _local(claim.completed, zone)} for claim in case.claims
            ],
            "timeline": entries,
            "decisions": _decisions(entries),
            "letters": sent,
        }
        return Gathered(
            case=case,
            fields=fields,
            messages=self._messages(contents, redaction, zone),
            letters=written,
            results=self._results(transaction, case, redaction),
            originals=self._originals(transaction, case, contents) if originals else (),
            redaction=redaction,
        )

    # ---- who the case is about, and who is somebody else

    def _redaction(
        self, transaction: Transaction, case: Case, contents: Sequence[tuple[e.CaseEvent, MessageContent]],
        names: Mapping[str, str], also: Sequence[str], keep: Sequence[str],
    ) -> Redaction:  # fmt: skip
        subject = self._opened(transaction, asking.subject(transaction, case), Subject) or Subject()
        ref = asking.recipient(transaction, case.case_id)
        recipient = self._opened(transaction, ref, Recipient) if ref else None
        known = [subject.name, str(subject.details.get("postal_address", ""))]
        known += [value for values in subject.identities.values() for value in values]
        known += [recipient.address, recipient.name] if recipient else []
        known += [text for _, content in contents for text in (content.sender_address, content.sender_name)]
        readings = [dict(self.router.tools.reader.read_alone(content.text).details) for _, content in contents]
        if case.asker is not Asker.PERSON:
            # Who asks for somebody is not the person: whom they ask for is.
            known += [str(details.get("represented") or "") for details in readings]
        policies = self.router.tools.knowledge.base.policies.get(case.controller, ())
        known.append(names.get(case.controller, ""))
        # The policy lies in the folder as it was published: the authority's telephone in a refusal is not taken out.
        known += [number for policy in policies for number in numbers(policy.text)]
        kept = frozenset(word.lower() for text in keep for word in text.split())
        redaction = Redaction(own(known, self._domains(case.controller, policies)), tuple(also), kept)
        for (_, content), details in zip(contents, readings, strict=True):
            listed = [str(one.get("name", "")) for one in details.get("people") or () if one.get("relation") != "self"]
            redaction.learn(content.text, [*listed, str(details.get("represented") or "")])
        return redaction

    def _suspect(
        self, transaction: Transaction, case: Case, contents: Sequence[tuple[e.CaseEvent, MessageContent]],
        told: Sequence[Entry], redaction: Redaction,
    ) -> None:  # fmt: skip
        """Look for bare names in what people wrote freely: the person's messages, and officers' notes and reasons."""
        policies = self.router.tools.knowledge.base.policies.get(case.controller, ())
        known = vocabulary(case.language) | small_words_of(policy.text for policy in policies)
        known |= words_of([case.controller, *(policy.seat.entity for policy in policies)])
        for _, content in contents:
            redaction.suspect(f"{content.subject}\n{content.text}", case.language, known)
        for entry in told:
            for text in self.words(transaction, entry.words):
                redaction.suspect(text, case.language, known)

    def _domains(self, controller: str, policies: Iterable[Policy]) -> set[str]:
        entry = self.settings.controllers.get(controller)
        found = {address.rpartition("@")[2] for address in (entry.addresses if entry else ())}
        for policy in policies:
            found |= {match.lower() for match in (*_DOMAIN.findall(policy.text), *_SITE.findall(policy.text))}
        return found | {domain.removeprefix("www.") for domain in found}

    # ---- what was said, written and decided

    def _contents(
        self, transaction: Transaction, events: Sequence[e.CaseEvent]
    ) -> list[tuple[e.CaseEvent, MessageContent]]:
        found: list[tuple[e.CaseEvent, MessageContent]] = []
        for event in events:
            body = event.body if isinstance(event, e.CaseOpened | e.MessageJoined) else None
            content = self._opened(transaction, body, MessageContent) if body else None
            if content is not None:
                found.append((event, content))
        return found

    def _messages(
        self, contents: Sequence[tuple[e.CaseEvent, MessageContent]], redaction: Redaction, zone: tzinfo
    ) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for number, (event, content) in enumerate(contents, 1):
            name = f"messages/{number:02}-{content.channel.value}.txt"
            received = event.received if isinstance(event, e.CaseOpened | e.MessageJoined) else event.at
            head = [f"Received: {moment_line(received, zone)}", f"Subject: {content.subject}"]
            head += [
                f"Attached: {each.name} ({each.media_type}, {each.size_bytes} bytes)" for each in content.attachments
            ]
            found.append((name, redaction.text(name, "\n".join([*head, "", content.text, ""]))))
        return found

    def _entry(
        self, transaction: Transaction, number: int, entry: Entry, zone: tzinfo, redaction: Redaction
    ) -> dict[str, Any]:
        words = [redaction.text("timeline", text) for text in self.words(transaction, entry.words)]
        return {
            "link": number,
            "moment": entry.moment.isoformat(),
            "recorded": _as_recorded(entry.recorded),
            "local": moment_line(entry.moment, zone),
            "recorded_local": moment_line(entry.recorded, zone),
            "event": entry.event,
            "claim": entry.claim_id,
            "who": entry.who,
            "what": redaction.text("timeline", entry.told),
            "why": entry.why,
            "steps": list(entry.details),
            "words": words,
        }

    def _letters(
        self, transaction: Transaction, case: Case, events: Sequence[e.CaseEvent], zone: tzinfo, redaction: Redaction,
        compose: Compose, names: Mapping[str, str],
    ) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:  # fmt: skip
        listed: list[dict[str, Any]] = []
        written: list[tuple[str, str]] = []
        domain = self._sender_domain(transaction, case)
        folded_in = merged(events)
        for asked in [event for event in events if isinstance(event, e.LetterRequested)]:
            if asked.letter_id in folded_in:
                continue
            name = f"letters/{len(listed) + 1:02}-{asked.template}.txt"
            text = self._text_of(transaction, case, asked, compose, names)
            if text is not None:
                written.append((name, redaction.text(name, text)))
            listed.append(
                {
                    "letter": asked.letter_id,
                    "template": asked.template,
                    "file": name if text is not None else "",
                    "requested": asked.at.isoformat(),
                    "requested_local": moment_line(asked.at, zone),
                    "message_id": f"<{asked.letter_id}@{domain}>" if domain else "",
                    **_delivery(asked, events, zone),
                }
            )
        return listed, written

    def _text_of(
        self, transaction: Transaction, case: Case, asked: e.LetterRequested, compose: Compose, names: Mapping[str, str]
    ) -> str | None:
        """Return a letter from what was kept of it when it was asked for; None where nothing is kept any more."""
        try:
            kept = self.vault.open(transaction, letters.kept_as(asked.letter_id))
        except (Forgotten, Missing):
            return None
        facts = {
            **LetterFacts.model_validate_json(kept).facts,
            "controller": names.get(case.controller, case.controller),
            "link": "[a link that only its recipient may have]",
            "code": "[a code that only its recipient may have]",
        }
        letter = compose(letters.template_of(case, asked, facts), case.language, facts)
        return f"{letter['subject']}\n\n{letter['text']}"

    def _results(self, transaction: Transaction, case: Case, redaction: Redaction) -> list[dict[str, Any]]:
        """Return what was done for each claim: counts, systems, what was kept and why; never the data itself."""
        found: list[dict[str, Any]] = []
        for claim in case.claims:
            kept = self._opened(transaction, claim.result, LetterFacts) if claim.result else None
            if kept is not None:
                shown = {name: value for name, value in kept.facts.items() if name not in _PACKED}
                found.append({"claim": claim.claim_id, "right": claim.right.value, **redaction.any("results", shown)})
        return found

    def _originals(
        self, transaction: Transaction, case: Case, contents: Sequence[tuple[e.CaseEvent, MessageContent]]
    ) -> list[tuple[str, bytes]]:
        found: list[tuple[str, bytes]] = []
        with_documents = documents.moving(transaction, case.case_id)
        for number, (_, content) in enumerate(contents, 1):
            if content.original and content.original not in with_documents:
                try:
                    found.append((f"originals/{number:02}.bin", self.vault.open(transaction, content.original)))
                except (Forgotten, Missing):
                    continue
        return found

    def _sender_domain(self, transaction: Transaction, case: Case) -> str:
        ref = asking.recipient(transaction, case.case_id)
        recipient = self._opened(transaction, ref, Recipient) if ref else None
        entry = self.settings.controllers.get(case.controller)
        sender = (recipient.sender if recipient else "") or (entry.sender if entry else "")
        return sender.rpartition("@")[2] if recipient else ""

    def _opened(self, transaction: Transaction, ref: str, kind: type[V]) -> V | None:
        try:
            return kind.model_validate_json(self.vault.open(transaction, ref))
        except (Forgotten, Missing):
            return None


_PACKED: Final = frozenset({"package", "package_password"})
"""Where a copy lies, which is no evidence of anything."""


def _local(moment: datetime | None, zone: tzinfo) -> str:
    return moment_line(moment, zone) if moment else ""


def _as_recorded(moment: datetime) -> str:
    """Return a moment as the chain's link writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def _decisions(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what humans decided, and what a handler refused: each with its reasons."""
    return [
        {
            "link": entry["link"],
            "moment": entry["moment"],
            "local": entry["local"],
            "who": entry["who"],
            "decision": entry["what"],
            "why": entry["why"],
            "reasons": entry["words"],
        }
        for entry in entries
        if entry["who"].startswith("officer ") or entry["event"] == "ClaimRefused"
    ]


def _delivery(asked: e.LetterRequested, events: Sequence[e.CaseEvent], zone: tzinfo) -> dict[str, Any]:
    sent = next((x for x in events if isinstance(x, e.LetterSent) and x.letter_id == asked.letter_id), None)
    back = next((x for x in events if isinstance(x, e.LetterBounced) and x.letter_id == asked.letter_id), None)
    told = "not delivered so far"
    if sent is not None:
        by = f"posted by officer {sent.officer}" if sent.officer else "accepted by the relay"
        told = f"{by} {moment_line(sent.moment, zone)}"
    if back is not None:
        told += f"; came back {moment_line(back.at, zone)} ({back.status or 'no status'})"
    return {
        "delivered": sent.moment.isoformat() if sent else None,
        "bounced": back.at.isoformat() if back else None,
        "delivery": told,
    }
