"""Each policy that habeas ships with, and each right: what the person receives is what that policy and its law promise.

A row says what a policy promises, read from its text and the statute by a human; nothing of it is taken from the
product. A mail goes in, and the words of the letters that come out are compared with the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from schemas import events as bus
from schemas.rights import Outcome, Right
from services.router.core.cases import commands as c
from tests.journeys.walk import House, house

ASKS = {
    Right.ACCESS: "Please send me a copy of all personal data you hold about me.",
    Right.RECTIFICATION: "Please correct my name: it is Anne, not Ann.",
    Right.ERASURE: "Please delete all my personal data.",
    Right.RESTRICTION: "Please restrict the processing of my data while you check its accuracy.",
    Right.PORTABILITY: "I would like to use my right to data portability.",
    Right.OBJECTION: "I object to the profiling of my behaviour.",
    Right.CONSENT_WITHDRAWAL: "I withdraw my consent to the use of my data.",
    Right.UNSUBSCRIBE: "Unsubscribe me from your newsletter, please.",
    Right.COMPLAINT: "I want to complain about how you handled my personal data.",
    Right.BREACH_REPORT: "I believe my data was exposed in a breach of your systems.",
}
NO_IDENTITY = {Right.UNSUBSCRIBE, Right.COMPLAINT, Right.BREACH_REPORT}
GROUNDS = {
    Right.ACCESS: "rights_of_others",
    Right.RECTIFICATION: "data_is_accurate",
    Right.ERASURE: "legal_obligation",
    Right.RESTRICTION: "no_restriction_ground",
    Right.PORTABILITY: "portability_rights_of_others",
    Right.OBJECTION: "compelling_grounds",
    Right.CONSENT_WITHDRAWAL: "other_legal_basis",
    Right.UNSUBSCRIBE: "excessive",
    Right.COMPLAINT: "unfounded",
}
TABLE = [Right.ACCESS, Right.RECTIFICATION, Right.ERASURE]


@dataclass(frozen=True)
class Promised:
    """What one policy promises, as a human reads it."""

    controller: str
    version: str
    moment: datetime
    inbox: str
    by: dict[Right, str]  # the last day in words; `other` is what the rest has
    other: str
    authority: str
    contacts: dict[Right, str] = field(default_factory=dict)
    contact: str = ""
    formats: str = ""
    cites: dict[Right, str] = field(default_factory=dict)
    source: str = "GDPR"
    in_refusal: dict[Right, str] = field(default_factory=dict)
    in_receipt: dict[Right, str] = field(default_factory=dict)
    never: dict[Right, str] = field(default_factory=dict)


MARCH = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
SEEDS = [
    Promised(
        controller="axigen", version="2018-11-10", moment=MARCH, inbox="data-protection@axigen.com",
        by={Right.BREACH_REPORT: "5 March 2027"}, other="2 April 2027",
        authority="ANSPDCP|28-30 G-ral. Gheorghe Magheru Blvd.|anspdcp@dataprotection.ro",
        contact="data-protection@axigen.com", contacts={Right.UNSUBSCRIBE: "webmaster@axigen.com"},
        formats="CSV, JSON",
        in_refusal={
            Right.ACCESS: "affect the rights and freedoms of others",
            Right.CONSENT_WITHDRAWAL: "legal basis",
            Right.PORTABILITY: "disclosing data about any other individual",
        },
        in_receipt={Right.COMPLAINT: "Please tell us first", Right.UNSUBSCRIBE: "Unsubscribe from this list"},
    ),
    Promised(
        controller="mailigen", version="2018-08-02", moment=MARCH, inbox="privacy@mailigen.com",
        by={**dict.fromkeys(TABLE, "1 April 2027"), Right.BREACH_REPORT: "5 March 2027"}, other="2 April 2027",
        authority="Datu valsts inspekcija",
        contact="privacy@mailigen.com", contacts={Right.UNSUBSCRIBE: "support@mailigen.com"},
        cites=dict.fromkeys(TABLE, "30 days"),
        in_receipt={
            Right.RECTIFICATION: "Edit profile information", Right.PORTABILITY: "“export” button",
            Right.BREACH_REPORT: "without undue delay",
        },
    ),
    Promised(
        controller="mailpro", version="2019-02-05", moment=MARCH, inbox="legal@maxony.com",
        # The GDPR's month as promised, the FADP's 30 days by its seat: the earlier wins.
        by={Right.BREACH_REPORT: "5 March 2027"}, other="1 April 2027", source="FADP",
        cites={Right.PORTABILITY: "DPO (SR 235.11) Art. 22", Right.BREACH_REPORT: "Art. 33(1) GDPR"},
        authority="FDPIC", contact="legal@maxony.com", formats="XLS, XLSX, CSV",
        in_refusal={Right.ERASURE: "invoices"},
        in_receipt={Right.ACCESS: "My Account", Right.BREACH_REPORT: "72 hours"},
        # Its policy says "object by closing the account": nobody who objects is led to lose it.
        never={Right.OBJECTION: "close your account"},
    ),
    Promised(
        controller="mailigen", version="2010-10-15", moment=datetime(2018, 6, 4, 9, 0, tzinfo=UTC),
        inbox="support@mailigen.com", by={Right.BREACH_REPORT: "7 June 2018"}, other="4 July 2018",
        authority="Datu valsts inspekcija", contact="privacy@mailigen.com",
        contacts={Right.UNSUBSCRIBE: "support@mailigen.com"},
        in_receipt={Right.UNSUBSCRIBE: "click the link at the bottom of the page"},
    ),
    Promised(
        controller="hexamail", version="unknown", moment=MARCH, inbox="privacy@hexamail.com",
        # DPA 2018 s.164A: 30 days beginning with the day of receipt.
        by={Right.BREACH_REPORT: "5 March 2027", Right.COMPLAINT: "31 March 2027"}, other="2 April 2027",
        cites={Right.COMPLAINT: "DPA 2018"}, authority="Information Commissioner",
        contact="privacy@hexamail.com", source="UK GDPR",
        in_refusal={Right.ERASURE: "tax law"},
    ),
]  # fmt: skip
NAMES = [f"{seed.controller}-{seed.version}" for seed in SEEDS]


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, House]]:
    """One house a policy, opened when it is first asked for."""
    with ExitStack() as stack:

        class Opened(dict[str, House]):
            def __missing__(self, name: str) -> House:
                seed = SEEDS[NAMES.index(name)]
                at = stack.enter_context(house(tmp_path_factory.mktemp(name) / "home", seed.moment))
                return self.setdefault(name, at)

        yield Opened()


def asked(at: House, seed: Promised, right: Right, who: str) -> tuple[str, str]:
    """Let somebody ask, and prove who they are; return their address and the receipt."""
    sender = f"{who}.{right.value}@example.org"
    at.clock.moment = seed.moment
    at.mail(seed.inbox, ASKS[right], sender=sender)
    assert [claim.right for claim in at.case().claims] == [right]
    if right not in NO_IDENTITY:
        at.follow_link()
    return sender, at.texts(sender)[0]


@pytest.mark.parametrize("right", ASKS, ids=lambda right: right.value)
@pytest.mark.parametrize("seed", SEEDS, ids=NAMES)
def test_the_receipt_is_this_policys_own(houses: dict[str, House], seed: Promised, right: Right) -> None:
    at = houses[NAMES[SEEDS.index(seed)]]
    sender, receipt = asked(at, seed, right, "receipt")
    assert at.case().policy_version == seed.version
    assert f"to be answered by {seed.by.get(right, seed.other)}" in receipt
    assert seed.cites.get(right, seed.source) in receipt
    contact = seed.contacts.get(right, seed.contact or seed.inbox)
    assert f"write about this to {contact}." in receipt
    assert seed.inbox in str(at.letters(sender)[0]["From"])
    assert seed.in_receipt.get(right, "") in receipt
    if right in seed.never:
        assert seed.never[right] not in receipt
    if right is Right.PORTABILITY and seed.formats:
        assert f"You will get it as: {seed.formats}." in receipt
    if right is Right.COMPLAINT:
        assert all(part in receipt for part in seed.authority.split("|"))


@pytest.mark.parametrize("right", GROUNDS, ids=lambda right: right.value)
@pytest.mark.parametrize("seed", SEEDS, ids=NAMES)
def test_a_refusal_names_ground_law_policy_authority_and_court(
    houses: dict[str, House], seed: Promised, right: Right
) -> None:
    at = houses[NAMES[SEEDS.index(seed)]]
    sender, _ = asked(at, seed, right, "refused")
    case = at.case()
    ground = GROUNDS[right]
    if right is Right.COMPLAINT and seed.source == "UK GDPR":
        ground = "excessive"
    reasons = at.sealed(case, note="Because of what you wrote to us.")
    at.order(c.RefuseClaims, case, claim_ids=(at.claim_id(right),), ground=ground, reasons=reasons)
    letter = at.texts(sender)[-1]
    assert "Because of what you wrote to us." in letter
    assert "go to court" in letter
    for part in seed.authority.split("|"):
        assert part in letter
    assert seed.in_refusal.get(right, "") in letter
    assert ("Our privacy policy (version of" in letter) is (right in seed.in_refusal)
    completed = at.told(bus.ClaimCompleted)[-1]
    assert (completed.right, completed.outcome) == (right, Outcome.REFUSED)


@pytest.mark.parametrize("right", ASKS, ids=lambda right: right.value)
@pytest.mark.parametrize("seed", SEEDS, ids=NAMES)
def test_an_answer_goes_out_by_mail_and_the_completion_tells_its_margin(
    houses: dict[str, House], seed: Promised, right: Right
) -> None:
    at = houses[NAMES[SEEDS.index(seed)]]
    sender, _ = asked(at, seed, right, "done")
    case = at.case()
    (claim,) = case.claims
    (task, *_) = claim.tasks
    result = at.sealed(case, note="This is what we did for you.")
    at.order(c.CompleteTask, case, task_id=task.task_id, outcome=Outcome.FULFILLED, result=result)
    letter = at.texts(sender)[-1]
    assert "This is what we did for you." in letter
    for part in seed.authority.split("|"):
        assert part in letter
    completed = at.told(bus.ClaimCompleted)[-1]
    assert completed.case_id == case.case_id
    assert completed.margin_seconds > 0
    assert completed.citation.rule or completed.citation.clause
