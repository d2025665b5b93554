"""How a case begins and grows: a first message, and further ones of the same person."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from schemas.rights import Right
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.clocking import laws_of
from services.router.core.cases.flow import LEVELS, go_on, open_claims
from services.router.core.cases.identity import clarified, confirmed
from services.router.core.cases.story import CommandRefused, Story
from services.router.core.cases.values import Assurance

CLOCK_SKEW_MAX: Final = timedelta(days=1)


def open_case(story: Story, command: c.OpenCase) -> None:
    """Open the case, give each claim its deadline, acknowledge, and let every claim go on."""
    if story.events or _exists(story):
        return
    if command.received > command.at + CLOCK_SKEW_MAX:
        # A mail server's clock may run ahead of ours, and a request must not be lost over minutes.
        raise CommandRefused("receipt", "the receipt lies in the future: give the arrival at the controller")
    if command.controller != story.terms.controller:
        raise CommandRefused("controller", f"the terms are {story.terms.controller}'s, not {command.controller}'s")
    _distinct([each.claim_id for each in command.asked])
    laws_of(command.law, story.terms)
    story.say(
        e.CaseOpened(
            at=command.at, cause=command.cause, case_id=command.case_id, controller=command.controller,
            message_id=command.message_id, correspondent=command.correspondent, person=command.person,
            channel=command.channel, received=command.received, language=command.language,
            policy_version=command.policy_version, law=command.law, subject=command.subject, asker=command.asker,
            assurance=command.assurance, role=command.role, customer=command.customer, officer=command.officer,
            body=command.body, of_a_customer=command.of_a_customer,
        )
    )  # fmt: skip
    opened = open_claims(story, command.asked, command.received, command.message_id)
    if not command.acknowledged:
        story.letter("receipt", opened)
    go_on(story, command.challenge)


def _exists(story: Story) -> bool:
    try:
        return story.case.case_id == story.command.case_id
    except AssertionError:
        return False


def _distinct(ids: list[str]) -> None:
    if len(set(ids)) != len(ids):
        raise CommandRefused("claims", "two claims have the same id")


def _answers(story: Story, assurance: Assurance) -> bool:
    """Whether this is as much as an open check asks for; less does not end it: the link already sent still works."""
    if story.case.check is None:
        return True
    asked = frozenset(story.case.check.claim_ids)
    needed = [
        story.terms.levels.get(claim.right, Assurance.LINK) for claim in story.case.claims if claim.claim_id in asked
    ]
    return all(LEVELS.index(assurance) >= LEVELS.index(each) for each in needed)


def join_message(story: Story, command: c.JoinMessage) -> None:
    """Add a message: what it asks anew opens, what it repeats is noted and not opened twice."""
    known = {claim.claim_id for claim in story.case.claims}
    asked = [each for each in command.asked if each.claim_id not in known]
    if command.asked and not asked:
        return  # the same message a second time
    open_rights = {claim.right for claim in story.case.claims if claim.open}
    repeated: list[Right] = [each.right for each in asked if each.right in open_rights]
    new = [each for each in asked if each.right not in open_rights]
    _distinct([each.claim_id for each in new])
    story.say(
        e.MessageJoined(
            at=command.at, cause=command.cause, message_id=command.message_id, received=command.received,
            repeated=tuple(repeated), body=command.body, officer=command.officer,
        )
    )  # fmt: skip
    # Before anybody was confirmed there is nothing to inherit: the check that is open asks for everything.
    unproven = not command.same_writer and story.case.assurance is not Assurance.NONE
    opened = open_claims(story, new, command.received, command.message_id, unproven=unproven)
    if opened:
        story.letter("receipt", opened)
    if LEVELS.index(command.assurance) > LEVELS.index(story.case.assurance) and _answers(story, command.assurance):
        confirmed(story, None, command.assurance.value, command.assurance)
    if command.answers_clarification:
        clarified(story, (), command.message_id, command.officer)
    go_on(story, command.challenge)
