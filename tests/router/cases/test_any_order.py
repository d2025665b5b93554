"""Random commands in random order with random clocks: the case machine's promises hold whatever comes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from schemas.rights import Outcome, Right
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.clock_orders import HISTORY
from services.router.core.cases.clocking import worked_out
from services.router.core.cases.decide import decide
from services.router.core.cases.documents import over
from services.router.core.cases.evolve import replay
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.table import TABLE
from services.router.core.cases.values import Asked, Asker, Assurance, Happened, LawChoice, Role, Stage, WaitKind
from services.router.core.cases.wakeups import next_wakeups, wakes
from services.router.core.law.deadline import AnswerPromise
from services.router.core.law.model import period
from tests.router.cases.scenario import NOTE, START, Told, terms

RIGHTS = st.sampled_from(list(Right))
GROUNDS = st.sampled_from(["excessive", "rights_of_others", "legal_obligation", "nonsense", "no_authority"])
LAWS = st.sampled_from([("eu-gdpr",), ("uk-gdpr",), ("us-ccpa",), ("eu-gdpr", "ch-fadp"), ("us-ctdpa",), ("br-lgpd",)])
REASONS = st.sampled_from([None, NOTE])
TERMS = terms(
    promises={Right.ACCESS: (AnswerPromise(period("30 days"), "policy c7"),)},
    handled=frozenset(Right) - {Right.RESTRICTION},
)


class AnyOrder(RuleBasedStateMachine):
    """Drives one case. Refused commands must leave it as it was; the rest must keep every promise below."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Told(TERMS)
        self.claims = 0
        self.refusals: list[CommandRefused] = []

    def tell(self, kind: type[c.Command], /, **fields: Any) -> None:
        before = self.told.case
        try:
            self.told.tell(kind, **fields)
        except CommandRefused as refused:
            self.refusals.append(refused)
            assert self.told.case is before

    def a_claim(self, index: int) -> str:
        assert self.told.case is not None
        return self.told.case.claims[index % len(self.told.case.claims)].claim_id

    @property
    def opened(self) -> bool:
        return self.told.case is not None

    @precondition(lambda self: not self.opened)
    @rule(
        rights=st.lists(RIGHTS, min_size=1, max_size=4),
        laws=LAWS,
        asker=st.sampled_from(list(Asker)),
        assurance=st.sampled_from(list(Assurance)),
        of_a_customer=st.booleans(),
        days_ago=st.sampled_from([0, 0, 3, 40]),
    )
    def open(
        self,
        rights: list[Right],
        laws: tuple[str, ...],
        asker: Asker,
        assurance: Assurance,
        of_a_customer: bool,
        days_ago: int,
    ) -> None:
        asked = tuple(Asked(claim_id=f"claim-{number}", right=right) for number, right in enumerate(rights))
        self.claims = len(rights)
        law = LawChoice(laws=laws)
        self.told.opened(
            asked=asked, law=law, asker=asker, assurance=assurance, challenge="right", of_a_customer=of_a_customer,
            received=self.told.now - timedelta(days=days_ago),
        )  # fmt: skip

    @rule(hours=st.integers(0, 24 * 40))
    def wait(self, hours: int) -> None:
        self.told.later(hours=hours)

    @precondition(lambda self: self.opened)
    @rule(hours=st.integers(1, 72))
    def the_clock_jumps_back(self, hours: int) -> None:
        """What was said is not said again, and nothing that is due is lost."""
        before = self.told.case
        self.told.tell(c.PassTime)
        self.told.later(hours=-hours)
        assert self.told.tell(c.PassTime) == []
        self.told.later(hours=hours)
        assert self.told.tell(c.PassTime) == []
        assert before is not None

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), hours=st.integers(1, 72))
    def an_officers_clock_runs_behind(self, index: int, hours: int) -> None:
        self.told.later(hours=-hours)
        self.tell(c.ExtendDeadline, claim_id=self.a_claim(index), ground="complexity", reasons=NOTE)
        self.tell(c.ResumeDeadline, claim_id=self.a_claim(index), kind=WaitKind.IDENTITY)
        self.told.later(hours=hours)

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), kind=st.sampled_from([*HISTORY, "moon_landing"]), days=st.integers(-3, 30))
    def history(self, index: int, kind: str, days: int) -> None:
        happened = (Happened(kind=kind, moment=self.told.now - timedelta(days=days), ground="complexity"),)
        self.tell(c.RecordHistory, claim_id=self.a_claim(index), happened=happened, ground="imported")

    @precondition(lambda self: self.opened and self.told.case.check is not None)
    @rule()
    def systems_do_not_say(self) -> None:
        check = self.told.case.check  # type: ignore[union-attr]
        assert check is not None
        self.tell(c.EndCheck, check_id=check.check_id, reason="factor_unavailable")

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), reasons=REASONS)
    def skip(self, index: int, reasons: str | None) -> None:
        self.tell(c.SkipStep, claim_id=self.a_claim(index), step="shop", reasons=reasons)

    @precondition(lambda self: self.opened)
    @rule(to=st.sampled_from(["officer-1", "officer-2"]))
    def assign_and_note(self, to: str) -> None:
        self.tell(c.AssignCase, to=to)
        self.tell(c.AddNote, note=NOTE)

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), whole=st.booleans())
    def done_again(self, index: int, whole: bool) -> None:
        fields = {"systems": ("shop",), "since": self.told.now - timedelta(days=1), "count": 1, "whole": whole}
        self.tell(c.RecordReapplied, claim_id=self.a_claim(index), **fields)

    @precondition(lambda self: self.opened)
    @rule()
    def pass_time(self) -> None:
        assert self.told.case is not None
        expected = [wake.moment for wake in wakes(self.told.case, TERMS) if wake.moment <= self.told.now]
        events = self.told.tell(c.PassTime)
        moments = [each.moment for each in events if isinstance(each, e.DeadlineApproaching | e.DeadlineMissed)]
        assert moments == sorted(moments)
        assert bool(expected) == bool(events) or not moments
        assert self.told.tell(c.PassTime) == []
        assert all(moment > self.told.now for moment in next_wakeups(self.told.case, TERMS))

    @precondition(lambda self: self.opened)
    @rule(right=RIGHTS, clarifies=st.booleans(), assurance=st.sampled_from([Assurance.NONE, Assurance.SESSION]))
    def join(self, right: Right, clarifies: bool, assurance: Assurance) -> None:
        self.claims += 1
        asked = (Asked(claim_id=f"claim-{self.claims}-{right.value}", right=right),)
        fields = {"message_id": f"message-{self.claims}", "received": self.told.now, "asked": asked}
        self.tell(c.JoinMessage, **fields, answers_clarification=clarifies, assurance=assurance, challenge="right")

    @precondition(lambda self: self.opened)
    @rule(method=st.sampled_from(["link", "document"]), reasons=REASONS)
    def ask_identity(self, method: str, reasons: str | None) -> None:
        self.tell(c.RequestIdentity, method=method, reasons=reasons, challenge="right")

    @precondition(lambda self: self.opened and self.told.case.check is not None)
    @rule(digest=st.sampled_from(["right", "wrong", ""]), level=st.sampled_from([Assurance.LINK, Assurance.DOCUMENT]))
    def answer_identity(self, digest: str, level: Assurance) -> None:
        check = self.told.case.check  # type: ignore[union-attr]
        assert check is not None
        fields = {"check_id": check.check_id, "method": check.method, "digest": digest, "assurance": level}
        self.tell(c.AnswerIdentity, **fields)

    @precondition(lambda self: self.opened)
    @rule(hours=st.integers(-2, 48))
    def show_a_document(self, hours: int) -> None:
        fields = {"document_id": f"document-{self.told.count}", "received": self.told.now - timedelta(hours=hours)}
        self.tell(c.KeepDocument, ref=NOTE, **fields)

    @precondition(lambda self: self.opened and self.told.case.documents)
    @rule()
    def destroy_what_is_over(self) -> None:
        """What is over is destroyed as it is by the service; whatever is left has an officer who must look."""
        assert self.told.case is not None
        gone = tuple(each.document_id for each in over(self.told.case))
        if gone:
            self.tell(c.RecordDestroyed, document_ids=gone)
        tasks = {task.reason for claim in self.told.case.claims if claim.open for task in claim.tasks}
        assert not self.told.case.documents or "identity_document_came" in tasks

    @precondition(lambda self: self.opened)
    @rule()
    def confirm_identity(self) -> None:
        self.tell(c.ConfirmIdentity, ground="known_customer")

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9))
    def ask_back(self, index: int) -> None:
        self.tell(c.RequestClarification, claim_ids=(self.a_claim(index),), question=NOTE, ground="which_account")

    @precondition(lambda self: self.opened)
    @rule()
    def clarified(self) -> None:
        self.tell(c.ReceiveClarification)

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), kind=st.sampled_from(list(WaitKind)), reasons=REASONS, resumes=st.booleans())
    def pause_or_resume(self, index: int, kind: WaitKind, reasons: str | None, resumes: bool) -> None:
        if resumes:
            self.tell(c.ResumeDeadline, claim_id=self.a_claim(index), kind=kind)
        else:
            self.tell(c.PauseDeadline, claim_id=self.a_claim(index), kind=kind, ground="unclear", reasons=reasons)

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), reasons=REASONS)
    def extend(self, index: int, reasons: str | None) -> None:
        self.tell(c.ExtendDeadline, claim_id=self.a_claim(index), ground="complexity", reasons=reasons)

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), ground=GROUNDS, reasons=REASONS, late=st.booleans())
    def refuse(self, index: int, ground: str, reasons: str | None, late: bool) -> None:
        self.tell(c.RefuseClaims, claim_ids=(self.a_claim(index),), ground=ground, reasons=reasons, late=late)

    @precondition(lambda self: self.opened)
    @rule(
        index=st.integers(0, 9),
        outcome=st.sampled_from(list(Outcome)),
        recipients=st.integers(0, 2),
        by_hand=st.sampled_from([None, NOTE]),
    )
    def fulfil(self, index: int, outcome: Outcome, recipients: int, by_hand: str | None) -> None:
        others = (NOTE,) * min(recipients, 1)
        self.tell(
            c.RecordFulfilment, claim_id=self.a_claim(index), outcome=outcome, recipients_count=recipients,
            recipients=others, recipients_by_hand=by_hand, customers=others,
        )  # fmt: skip

    @precondition(lambda self: self.opened)
    @rule(role=st.sampled_from(list(Role)), customer=st.sampled_from([None, NOTE]))
    def act_for(self, role: Role, customer: str | None) -> None:
        self.tell(c.RecordRole, role=role, customer=customer, ground="their_list")

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), reasons=REASONS)
    def lift(self, index: int, reasons: str | None) -> None:
        self.tell(c.LiftRestriction, claim_id=self.a_claim(index), reasons=reasons)

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9))
    def handler_refuses(self, index: int) -> None:
        fields = {"ground": "legal_obligation", "citation": "Art. 17(3)(b) GDPR"}
        self.tell(c.RecordRefusal, claim_id=self.a_claim(index), **fields)

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), parks=st.booleans())
    def park_or_replay(self, index: int, parks: bool) -> None:
        if parks:
            self.tell(c.ParkClaim, claim_id=self.a_claim(index), reason="connector_down")
        else:
            self.tell(c.ReplayClaim, claim_id=self.a_claim(index))

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), reason=st.sampled_from(["manual_step", "approve_erasure", "lifting_incomplete"]))
    def handler_task(self, index: int, reason: str) -> None:
        fields = {"task_id": f"task-{self.told.count}", "reason": reason}
        self.tell(c.RecordTask, claim_id=self.a_claim(index), **fields)

    @precondition(lambda self: self.opened and any(claim.tasks for claim in self.told.case.claims))
    @rule(outcome=st.sampled_from([None, *Outcome]), ground=GROUNDS)
    def complete_task(self, outcome: Outcome | None, ground: str) -> None:
        task = next(task for claim in self.told.case.claims for task in claim.tasks)  # type: ignore[union-attr]
        self.tell(c.CompleteTask, task_id=task.task_id, outcome=outcome, ground=ground, reasons=NOTE)

    @precondition(lambda self: self.opened and self.told.case.letters)
    @rule(index=st.integers(0, 9), bounces=st.booleans(), again=st.booleans())
    def deliver(self, index: int, bounces: bool, again: bool) -> None:
        assert self.told.case is not None
        letter = self.told.case.letters[index % len(self.told.case.letters)].letter_id
        if not bounces or again:
            self.tell(c.RecordReplySent, letter_id=letter, moment=self.told.now)
        if bounces:
            self.tell(c.RecordReplyBounced, letter_id=letter, status="5.1.1")
        if again:
            before = self.told.case
            self.tell(c.RecordReplyBounced if bounces else c.RecordReplySent, letter_id=letter,
                      **({} if bounces else {"moment": self.told.now}))  # fmt: skip
            assert self.told.case == before

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9))
    def handler_letter(self, index: int) -> None:
        fields = {"letter_id": f"letter-{self.told.count}", "completes": (self.a_claim(index),)}
        self.tell(c.RecordReplySent, moment=self.told.now, **fields)

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9))
    def withdraw(self, index: int) -> None:
        self.tell(c.WithdrawClaims, claim_ids=(self.a_claim(index),))

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9))
    def transfer(self, index: int) -> None:
        self.tell(c.TransferClaims, claim_ids=(self.a_claim(index),), to=NOTE, ground="other_controller")

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), resends=st.booleans())
    def reopen_or_resend(self, index: int, resends: bool) -> None:
        if resends:
            self.tell(c.ResendAnswer, claim_ids=(self.a_claim(index),))
        else:
            self.tell(c.ReopenClaim, claim_id=self.a_claim(index), ground="answer_was_wrong")

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), outcome=st.sampled_from(list(Outcome)), hours=st.integers(0, 48), ground=GROUNDS)
    def by_hand(self, index: int, outcome: Outcome, hours: int, ground: str) -> None:
        fields = {"answered": self.told.now - timedelta(hours=hours), "evidence": NOTE, "ground": ground}
        self.tell(c.CompleteByHand, claim_id=self.a_claim(index), outcome=outcome, **fields)

    @precondition(lambda self: self.opened)
    @rule(laws=LAWS)
    def correct_law(self, laws: tuple[str, ...]) -> None:
        self.tell(c.CorrectLaw, law=LawChoice(laws=laws, because=("the person lives there",)))

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), right=RIGHTS)
    def correct_claims(self, index: int, right: Right) -> None:
        self.claims += 1
        added = (Asked(claim_id=f"claim-{self.claims}-{right.value}", right=right),)
        self.tell(c.CorrectClaims, add=added, drop=(self.a_claim(index),), ground="misread")

    @precondition(lambda self: self.opened)
    @rule(index=st.integers(0, 9), hours=st.integers(-5, 100))
    def aware(self, index: int, hours: int) -> None:
        self.tell(c.RecordAwareness, claim_id=self.a_claim(index), aware=self.told.now - timedelta(hours=hours))

    @precondition(lambda self: self.opened)
    @rule(accepted=st.booleans())
    def authority(self, accepted: bool) -> None:
        self.tell(c.RecordAuthority, asker=Asker.AGENT, accepted=accepted, ground="mandate_seen")

    @precondition(lambda self: self.opened and len(self.told.events) > 40)
    @rule()
    def join_case(self) -> None:
        self.tell(c.JoinCase, into="case-2")

    @invariant()
    def a_replay_gives_the_same_case_and_the_same_bytes(self) -> None:
        if not self.told.events:
            return
        lines = [e.to_json(event) for event in self.told.events]
        read = [e.from_json(line) for line in lines]
        assert [e.to_json(event) for event in read] == lines
        assert replay(read) == self.told.case

    @invariant()
    def no_deadline_is_lost(self) -> None:
        if self.told.case is None or self.told.case.joined_into is not None:
            return
        waiting = {wake.subject for wake in wakes(self.told.case, TERMS)}
        for claim in self.told.case.claims:
            if not claim.open:
                continue
            assert claim.due is not None
            watched = claim.claim_id in waiting or claim.missed or claim.tasks
            paused = claim.due.paused_since is not None and (claim.waits or self.told.case.check is not None)
            assert watched or paused, f"{claim.stage} of {claim.right} waits for nothing"

    @invariant()
    def a_refused_command_names_its_rule(self) -> None:
        assert all(refused.rule and refused.rule in str(refused) for refused in self.refusals[-1:])

    @invariant()
    def no_due_date_is_later_than_the_statute(self) -> None:
        if self.told.case is None:
            return
        bare = terms(promises={})
        for claim in self.told.case.claims:
            if claim.open and claim.due is not None:
                assert claim.due.due <= worked_out(claim, self.told.case.law, bare).due

    @invariant()
    def an_open_claim_waits_for_something_that_somebody_can_see(self) -> None:
        case = self.told.case
        if case is None:
            return
        for claim in case.claims:
            assert claim.stage in TABLE
            if claim.stage is Stage.WAITING_TURN and not claim.waits:
                assert any(case.claim(each).open for each in claim.follows)  # type: ignore[union-attr]
            if claim.stage is Stage.RECEIVED:
                assert claim.waits or claim.tasks
            if claim.stage is Stage.ANSWERING:
                assert claim.outcome is not None
        if case.completed is not None:
            assert not any(claim.open for claim in case.claims)

    def teardown(self) -> None:
        """Deciding the last command again on the same case gives the same events, byte for byte."""
        if self.told.case is None:
            return
        command = c.PassTime(case_id="case-1", cause="again", at=START.replace(year=2100))
        first = decide(self.told.case, command, TERMS)
        assert [e.to_json(x) for x in first] == [e.to_json(x) for x in decide(self.told.case, command, TERMS)]


def test_every_command_is_drawn() -> None:
    """A new command that nobody draws here would be promised nothing about."""
    drawn = Path(__file__).read_text(encoding="utf-8")
    kinds = [each for each in vars(c).values() if isinstance(each, type) and issubclass(each, c.Command)]
    named = {kind.__name__ for kind in kinds} - {"Command", "ByOfficer", "OpenCase"}
    assert [name for name in sorted(named) if f"c.{name}" not in drawn] == []


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    report_multiple_bugs=False,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
