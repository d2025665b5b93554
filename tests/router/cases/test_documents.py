"""A document is taken only where an officer asked for one, lets the clock run, and is over once somebody has looked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from schemas.rights import Channel, Right
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.documents import DOCUMENTS_MAX, asked, over
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.values import Asker, Assurance
from tests.router.cases.scenario import NOTE, Told, names, terms

PASSPORT = "vault:00000000-0000-4000-8000-00000000000a"


def a_document_is_asked_for(told: Told, *rights: Right) -> None:
    told.opened(*(rights or (Right.ACCESS,)), assurance=Assurance.NONE, challenge="code")
    told.later(days=1).tell(c.RequestIdentity, method="document", reasons=NOTE)


def shown(told: Told, name: str = "one") -> list[e.CaseEvent]:
    return told.tell(c.KeepDocument, document_id=name, ref=PASSPORT, received=told.now)


def case_of(told: Told):  # type: ignore[no-untyped-def]
    assert told.case is not None
    return told.case


def test_a_document_that_came_lets_the_clock_run_and_calls_an_officer(told: Told) -> None:
    a_document_is_asked_for(told)
    events = shown(told.later(days=6))
    assert names(events) == ["IdentityDocumentReceived", "DeadlineResumed", "TaskOpened"]
    assert told.claim(Right.ACCESS).due.suspended_days == 7  # type: ignore[union-attr]
    assert told.claim(Right.ACCESS).tasks[0].reason == "identity_document_came"
    assert over(case_of(told)) == (), "it is needed until somebody has looked"


def test_who_showed_a_document_in_time_is_not_ended_because_nobody_looked(told: Told) -> None:
    a_document_is_asked_for(told)
    shown(told.later(days=10))
    passed = told.later(days=10).tell(c.PassTime)
    assert "ClaimNotIdentified" not in names(passed)
    assert told.claim(Right.ACCESS).open


def test_a_document_that_nobody_asked_for_is_not_kept(told: Told) -> None:
    told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="code")
    with pytest.raises(CommandRefused, match="no officer asked"):
        shown(told)
    told.tell(c.RequestIdentity, method="document", reasons=NOTE)
    assert not asked(case_of(told), told.now - timedelta(hours=1)), "what came before the question does not answer it"
    with pytest.raises(CommandRefused, match="future"):
        told.tell(c.KeepDocument, document_id="one", ref=PASSPORT, received=told.now + timedelta(days=1))


def test_the_same_document_twice_is_one_and_a_second_side_belongs_to_the_first(told: Told) -> None:
    a_document_is_asked_for(told)
    shown(told)
    assert shown(told) == []
    assert names(shown(told, "two")) == ["IdentityDocumentReceived"]
    assert len(case_of(told).documents) == 2


def test_a_case_takes_a_bounded_number_of_documents(told: Told) -> None:
    a_document_is_asked_for(told)
    for number in range(DOCUMENTS_MAX):
        shown(told, str(number))
    with pytest.raises(CommandRefused):
        shown(told, "one-too-many")


def confirmed(told: Told) -> None:
    told.tell(c.ConfirmIdentity, ground="passport_seen")


def refused(told: Told) -> None:
    told.tell(c.RefuseClaims, claim_ids=("claim-access",), ground="excessive", reasons=NOTE)


def withdrawn(told: Told) -> None:
    told.tell(c.WithdrawClaims)


def asked_for_another(told: Told) -> None:
    told.tell(c.RequestIdentity, method="document", reasons=NOTE)


def handed_over(told: Told) -> None:
    told.tell(c.TransferClaims, to=NOTE, ground="not_the_controller")


def found_to_be_none(told: Told) -> None:
    told.tell(c.CorrectClaims, drop=("claim-access",), ground="misread")


def joined(told: Told) -> None:
    told.tell(c.JoinCase, into="case-2")


def answered_by_hand(told: Told) -> None:
    told.tell(c.CompleteByHand, claim_id="claim-access", outcome="fulfilled", answered=told.now, evidence=NOTE)


ENDS = (
    confirmed, refused, withdrawn, asked_for_another, handed_over, found_to_be_none, joined, answered_by_hand
)  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_whatever_ends_the_looking_ends_the_keeping(told: Told, end: Callable[[Told], None]) -> None:
    a_document_is_asked_for(told)
    shown(told.later(days=2))
    end(told.later(hours=1))
    gone = over(case_of(told))
    assert [each.document_id for each in gone] == ["one"]
    recorded = told.tell(c.RecordDestroyed, document_ids=("one",))
    assert names(recorded) == ["IdentityDocumentDestroyed"]
    assert case_of(told).documents == ()
    assert told.tell(c.RecordDestroyed, document_ids=("one",)) == []


def test_a_document_is_kept_while_another_claim_still_needs_the_look(told: Told) -> None:
    a_document_is_asked_for(told, Right.ACCESS, Right.PORTABILITY)
    shown(told)
    told.tell(c.WithdrawClaims, claim_ids=("claim-access",))
    assert over(case_of(told)) == ()
    told.tell(c.WithdrawClaims)
    assert len(over(case_of(told))) == 1


def test_an_agents_mandate_is_still_looked_at_after_the_agents_document(told: Told) -> None:
    told = Told(terms())
    told.opened(Right.ACCESS, assurance=Assurance.NONE, challenge="code", asker=Asker.AGENT, channel=Channel.LETTER)
    told.tell(c.RequestIdentity, method="document", reasons=NOTE)
    shown(told)
    confirmed(told)
    assert [task.reason for task in told.claim(Right.ACCESS).tasks] == ["authority_agent"]
    assert over(case_of(told))
