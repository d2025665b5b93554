"""Identity documents: taken only where an officer asked for one, and needed only until an officer has looked.

What proves an identity proves too much for most purposes: a passport's copy is kept no longer than somebody has to look
at it (Art. 5(1)(c), 5(1)(e) GDPR; EDPB Guidelines 01/2022, 79). That somebody has to look is a task, and whatever ends
that task ends the keeping: the identity is confirmed, another proof is asked for, the claim is refused, withdrawn,
handed over or found to be none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.flow import resume
from services.router.core.cases.identity import DOCUMENT_CAME, waiting_for
from services.router.core.cases.state import Case, Claim, IdentityDocument
from services.router.core.cases.story import CommandRefused, Story
from services.router.core.cases.values import DOCUMENT, WaitKind

DOCUMENTS_MAX: Final = 10
"""How many one case takes: the sides of a card, a second try. More are an officer's to ask for anew."""


def asked(case: Case, received: datetime) -> bool:
    """Tell whether what arrived at this moment can be the document that an officer asked for."""
    if len(case.documents) >= DOCUMENTS_MAX:
        return False
    if _looked_at(case):
        return True
    check = case.check
    waits = any(claim.open and WaitKind.IDENTITY in claim.waits for claim in case.claims)
    return check is not None and check.method == DOCUMENT and waits and received >= check.asked


def once_asked(case: Case, received: datetime) -> bool:
    """Tell whether a document was asked for before this moment, though nobody waits for it or has to look any more.

    Whoever asked promised not to keep it: what comes late, or once more, is taken only to be destroyed.
    """
    return case.document_asked is not None and received >= case.document_asked and not _looked_at(case)


def over(case: Case) -> tuple[IdentityDocument, ...]:
    """Return the documents that nobody has to look at any more."""
    return () if _looked_at(case) else case.documents


def keep(story: Story, command: c.KeepDocument) -> None:
    """Keep a document that was asked for: the person gave what they were asked, so their clocks run again."""
    if any(each.document_id == command.document_id for each in story.case.documents):
        return
    waited_for = asked(story.case, command.received)
    if not waited_for and not once_asked(story.case, command.received):
        raise CommandRefused(
            "Art. 5(1)(c) GDPR", "no officer asked for a document that could be this one, so none is kept"
        )
    if command.received > command.at:
        raise CommandRefused("receipt", "the document's receipt lies in the future")
    waiting = waiting_for(story, WaitKind.IDENTITY) if waited_for and not _looked_at(story.case) else []
    story.say(
        e.IdentityDocumentReceived(
            at=command.at, cause=command.cause, document_id=command.document_id, ref=command.ref,
            moment=command.received, claim_ids=tuple(claim.claim_id for claim in waiting),
            message_id=command.message_id, officer=command.officer,
        )
    )  # fmt: skip
    for claim in waiting:
        resume(story, story.claim(claim.claim_id), WaitKind.IDENTITY)
        story.task(story.claim(claim.claim_id), DOCUMENT_CAME)


def destroyed(story: Story, command: c.RecordDestroyed) -> None:
    """Record that documents are gone; `over` said before that nobody has to look at them."""
    there = [each.document_id for each in story.case.documents if each.document_id in command.document_ids]
    if there:
        story.say(e.IdentityDocumentDestroyed(at=command.at, cause=command.cause, document_ids=tuple(there)))


def _looked_at(case: Case) -> bool:
    return any(_to_look(claim) for claim in case.claims)


def _to_look(claim: Claim) -> bool:
    return claim.open and any(task.reason == DOCUMENT_CAME for task in claim.tasks)
