"""What an officer or the clock brings about is told on the bus, as the topics' page promises."""

from __future__ import annotations

from pathlib import Path

from schemas import events as bus
from schemas.rights import Outcome, Right
from services.router.core.cases import commands as c
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"


def opened(at: House, text: str = "Please correct my name: it is Anne, not Ann.") -> None:
    at.mail(AXIGEN, text)
    at.follow_link()


def test_an_officers_refusal_is_an_outcome_on_the_bus_and_the_letter_says_why(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        opened(at)
        case = at.case()
        reasons = at.sealed(case, note="The name in our records is the one on your contract.")
        at.order(c.RefuseClaims, case, claim_ids=(case.claims[0].claim_id,), ground="data_is_accurate", reasons=reasons)
        (refused,) = at.told(bus.ClaimRefused)
        (completed,) = at.told(bus.ClaimCompleted)
        assert refused.right is Right.RECTIFICATION
        assert refused.officer == "officer-1"
        assert refused.citation.rule == "data_is_accurate"
        assert completed.outcome is Outcome.REFUSED
        assert "the one on your contract" in at.texts()[-1]


def test_a_task_that_an_officer_ends_is_told_with_its_outcome(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        opened(at)
        case = at.case()
        (task,) = case.claims[0].tasks
        at.order(c.CompleteTask, case, task_id=task.task_id, outcome=Outcome.FULFILLED)
        (done,) = at.told(bus.TaskCompleted)
        assert (done.task_id, done.right, done.outcome) == (task.task_id, Right.RECTIFICATION, Outcome.FULFILLED)
        assert not at.case().claims[0].tasks, "our own TaskOpened, read back, opens nothing again"


def test_an_extension_that_was_told_too_late_lapses_on_the_bus(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        opened(at)
        case = at.case()
        reasons = at.sealed(case, note="There are very many records.")
        claim = case.claims[0]
        at.order(c.ExtendDeadline, case, claim_id=claim.claim_id, ground="complexity", reasons=reasons)
        (extended,) = at.told(bus.DeadlineExtended)
        letter = next(each.letter_id for each in at.case().delivered if each.template == "extension")
        at.order(c.RecordReplyBounced, case, letter_id=letter, status="5.1.1")
        (lapsed,) = at.told(bus.ExtensionLapsed)
        assert lapsed.due == extended.was_due
        assert "did not arrive" in lapsed.reason


def test_a_case_that_repeats_another_is_merged_and_its_claims_are_dropped_in_sight(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        opened(at)
        case = at.case()
        at.order(c.JoinCase, case, into="another-case")
        (merged,) = at.told(bus.CaseMerged)
        (dropped,) = at.told(bus.ClaimDropped)
        assert (merged.into, dropped.ground, dropped.into) == ("another-case", "duplicate", "another-case")


def test_an_answer_that_bounced_is_written_again_with_its_reasons(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        opened(at)
        case = at.case()
        claim_id = case.claims[0].claim_id
        reasons = at.sealed(case, note="The name in our records is the one on your contract.")
        at.order(c.RefuseClaims, case, claim_ids=(claim_id,), ground="data_is_accurate", reasons=reasons)
        at.order(c.RecordReplyBounced, case, letter_id=at.case().delivered[-1].letter_id, status="5.2.2")
        before = len(at.texts())
        at.order(c.ResendAnswer, case, claim_ids=(claim_id,))
        assert len(at.texts()) == before + 1
        assert "the one on your contract" in at.texts()[-1]


def test_a_transfer_that_is_written_again_names_the_right_controller_again(tmp_path: Path) -> None:
    with house(tmp_path / "home") as at:
        opened(at)
        case = at.case()
        claim_id = case.claims[0].claim_id
        to = at.sealed(case, to="Orchard Ltd., 1 Apple Way")
        at.order(c.TransferClaims, case, claim_ids=(claim_id,), to=to, ground="other_controller")
        assert "Orchard Ltd., 1 Apple Way" in at.texts()[-1]
        at.order(c.RecordReplyBounced, case, letter_id=at.case().delivered[-1].letter_id, status="5.2.2")
        before = len(at.texts())
        at.order(c.ResendAnswer, case, claim_ids=(claim_id,))
        assert len(at.texts()) == before + 1
        assert "Orchard Ltd., 1 Apple Way" in at.texts()[-1]
