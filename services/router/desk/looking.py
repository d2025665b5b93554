"""What an officer sees: lists by filter, one case in full with its timeline, reviews, and letters to post by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from schemas.content import LetterFacts, MessageContent
from schemas.rights import Channel, Right
from services.router import asking, letters, reviews
from services.router.core.cases import events as e
from services.router.core.cases.state import Case, Claim
from services.router.core.cases.timeline import Entry, line, moment_line, timeline
from services.router.desk import finding
from services.router.desk.base import Base, NotFound
from services.router.desk.filters import Criteria, Filters
from services.runtime.store import Transaction
from services.runtime.vault import Forgotten, Missing

UNREADABLE = frozenset({"unreadable", "too_large", "too_deep"})
SHOWN_CHARACTERS_MAX = 20_000
FORGOTTEN = "(forgotten with the person)"


class Looking(Base):
    """The officer's view of the cases."""

    __slots__ = ()

    def cases(self, criteria: Criteria | None = None, **named: Any) -> list[dict[str, Any]]:
        """Return cases in short, what is overdue first, then what is due first."""
        wanted = criteria or Criteria(**named)
        with self.store.begin() as transaction:
            found = finding.cases(transaction, wanted.by(self.officer), self.clock.now())
            return [self._listed(transaction, case) for case in found]

    def _listed(self, transaction: Transaction, case: Case) -> dict[str, Any]:
        return {**self.short(case), "letters_to_post": len(self._by_hand(transaction, case))}

    def case(self, name: str) -> dict[str, Any]:
        """Return one case in full: claims with how each date came about, letters, and everything that happened."""
        with self.store.begin() as transaction:
            case = self.found(transaction, name)
            zone = self.zone_of(case)
            events = self.events(transaction, case)
            told = timeline(events, zone)
            by_hand = self._by_hand(transaction, case)
            folded_in = merged(events)
            return {
                **self.short(case),
                "opened": case.opened.isoformat(),
                "channel": case.channel.value,
                "language": case.language,
                "zone": str(zone),
                "policy_version": case.policy_version,
                "role": case.role.value,
                "asker": case.asker.value,
                "authority": case.authority,
                "assurance": case.assurance.value,
                "joined_into": case.joined_into,
                "documents": [{"document": x.document_id, "received": x.received.isoformat()} for x in case.documents],
                "law": case.law.model_dump(),
                "claims": [self._claim(transaction, claim) for claim in case.claims],
                "letters": [
                    {"letter": each.letter_id, "template": each.template, "by_hand": each in by_hand}
                    for each in case.letters
                    if each.letter_id not in folded_in
                ],
                "timeline": [self._told(transaction, entry, zone) for entry in told],
            }

    def _claim(self, transaction: Transaction, claim: Claim) -> dict[str, Any]:
        """Return a claim with what its officer is shown before deciding: a plan, the fields that could be meant."""
        found = claim_fields(claim)
        for task, shown in zip(claim.tasks, found["tasks"], strict=True):
            if task.preview is not None:
                shown["preview"] = self.preview(transaction, task.preview)
        return found

    def preview(self, transaction: Transaction, ref: str) -> dict[str, Any]:
        """Return what a handler put into the vault for the officer's eyes."""
        try:
            return dict(json.loads(self.vault.open(transaction, ref)))
        except (Forgotten, Missing):
            return {"forgotten": True}

    def _told(self, transaction: Transaction, entry: Entry, zone: tzinfo) -> dict[str, Any]:
        return {
            "moment": entry.moment.isoformat(),
            "recorded": entry.recorded.isoformat(),
            "local": moment_line(entry.moment, zone),
            "event": entry.event,
            "claim": entry.claim_id,
            "who": entry.who,
            "what": entry.told,
            "why": entry.why,
            "steps": list(entry.details),
            "words": self.words(transaction, entry.words),
            "line": line(entry, zone),
        }

    def words(self, transaction: Transaction, refs: Iterable[str]) -> list[str]:
        """Return what was written in the vault under these references, for the officer's eyes."""
        found: list[str] = []
        for ref in refs:
            try:
                facts = LetterFacts.model_validate_json(self.vault.open(transaction, ref)).facts
            except (Forgotten, Missing):
                found.append(FORGOTTEN)
                continue
            found += [str(facts[name]) for name in ("note", "to", "question") if facts.get(name)]
        return found

    def reviews(self) -> list[dict[str, Any]]:
        """Return the messages that wait for a human, the oldest first."""
        with self.store.begin() as transaction:
            return [
                {
                    "review": each.review_id,
                    "controller": each.controller,
                    "received": each.received.isoformat(),
                    "reason": each.reason,
                    "suggestions": list(each.suggestions),
                }
                for each in reviews.waiting(transaction)
            ]

    def message(self, review_id: str) -> MessageContent:
        """Return what a person wrote, for the officer's eyes."""
        with self.store.begin() as transaction:
            found = reviews.find(transaction, review_id)
            if found is None:
                return self._of_case(transaction, review_id)
            return self._content(transaction, found.body, raw=found.reason in UNREADABLE)

    def _of_case(self, transaction: Transaction, name: str) -> MessageContent:
        """Return the message that opened a case."""
        try:
            case = self.found(transaction, name)
        except NotFound:
            raise NotFound(
                f"{name[:40]} is neither a review nor a case; `habeas case reviews` shows what waits"
            ) from None
        opened = next(event for event in self.events(transaction, case) if isinstance(event, e.CaseOpened))
        if opened.body is None:
            raise NotFound(f"no message was kept with {letters.reference(case.case_id)}")
        return self._content(transaction, opened.body, raw=False)

    def _content(self, transaction: Transaction, ref: str, *, raw: bool) -> MessageContent:
        try:
            content = self.vault.open(transaction, ref)
        except (Forgotten, Missing):
            raise NotFound("the message was forgotten with its person") from None
        if raw:
            return MessageContent(channel=Channel.EMAIL, text=content[:SHOWN_CHARACTERS_MAX].decode("utf-8", "replace"))
        return MessageContent.model_validate_json(content)

    # ---- letters that no machine can send

    def letters_to_post(self, name: str) -> list[dict[str, Any]]:
        """Return the letters of a case without an address to mail to, as facts for their words."""
        with self.store.begin() as transaction:
            case = self.found(transaction, name)
            asked = {
                event.letter_id: event
                for event in self.events(transaction, case)
                if isinstance(event, e.LetterRequested)
            }
            return [
                {
                    "letter": each.letter_id,
                    "template": each.template,
                    "words": words,
                    "language": case.language,
                    "controller": case.controller,
                    "facts": facts,
                }
                for each in self._by_hand(transaction, case)
                for words, facts in [self.router.letter_of(transaction, case, asked[each.letter_id])]
            ]

    def _by_hand(self, transaction: Transaction, case: Case) -> list[Any]:
        if not case.letters or asking.recipient(transaction, case.case_id) is not None:
            return []
        asked = {each.template for each in case.letters}
        # A receipt that goes out with an identity check is one letter.
        return [each for each in case.letters if each.template != "receipt" or "identity_request" not in asked]

    def grounds(self, right: Right | None = None) -> list[dict[str, Any]]:
        """Return the grounds on which a claim can be refused, with their sources."""
        return [
            {
                "ground": each.id,
                "title": each.title,
                "rights": sorted(right.value for right in each.rights),
                "citations": dict(each.citations),
                "partial": each.partial,
            }
            for each in self.router.tools.knowledge.grounds.values()
            if right is None or right in each.rights
        ]

    # ---- saved filters

    def filters(self) -> dict[str, Criteria]:
        """Return the saved filters by name."""
        with self.store.begin() as transaction:
            return Filters(transaction).all()

    def filter(self, name: str) -> Criteria:
        """Return a saved filter."""
        found = self.filters().get(name)
        if found is None:
            known = ", ".join(sorted(self.filters())) or "none; save one with --save NAME"
            raise NotFound(f"there is no filter {name[:40]}; saved are: {known}")
        return found

    def save_filter(self, name: str, criteria: Criteria) -> None:
        """Keep a filter under a name, for every officer; a filter of that name is replaced."""
        with self.store.begin() as transaction:
            Filters(transaction).save(name, criteria, self.officer)

    def forget_filter(self, name: str) -> None:
        """Remove a saved filter."""
        self.filter(name)
        with self.store.begin() as transaction:
            Filters(transaction).remove(name)


def merged(events: Iterable[e.CaseEvent]) -> frozenset[str]:
    """Return the receipts that went out as part of an identity request: they are no letters of their own."""
    asked = [event for event in events if isinstance(event, e.LetterRequested)]
    causes = {event.cause for event in asked if event.template == "identity_request"}
    return frozenset(event.letter_id for event in asked if event.template == "receipt" and event.cause in causes)


def claim_fields(claim: Claim) -> dict[str, Any]:
    """Return a claim as an officer sees it."""
    due = claim.due
    return {
        "claim": claim.claim_id,
        "right": claim.right.value,
        "stage": claim.stage.value,
        "received": claim.received.isoformat(),
        "outcome": claim.outcome.value if claim.outcome else None,
        "ground": claim.ground,
        "due": due.due.isoformat() if due else None,
        "due_day": due.day.isoformat() if due and due.day else None,
        "paused_since": due.paused_since.isoformat() if due and due.paused_since else None,
        "extended": bool(due and due.extended),
        "missed": claim.missed,
        "law": due.law if due else None,
        "rule": due.rule if due else None,
        "source": due.source if due else None,
        "steps": list(due.steps) if due else [],
        "warnings": list(due.warnings) if due else [],
        "waits": [wait.value for wait in claim.waits],
        "tasks": [{"task": task.task_id, "reason": task.reason, "due": task.due.isoformat()} for task in claim.tasks],
        "completed": claim.completed.isoformat() if claim.completed else None,
    }
