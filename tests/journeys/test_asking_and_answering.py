"""A short question back to the person: what they asked for is never lost, and counts from the day they asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from schemas.events import CaseOpened, ReplyRequested
from schemas.rights import Outcome, Right
from services.router import reviews
from services.router.core.cases import commands as c
from tests.journeys.walk import MORNING, House, house

INBOX = "legal@maxony.com"
UNCLEAR = "I am thinking that perhaps you could delete my account."


@contextmanager
def asked(tmp_path: Path, text: str) -> Iterator[House]:
    with house(tmp_path) as home:
        home.mail(INBOX, text)
        yield home


def templates(home: House) -> list[str]:
    return [each.template for each in home.told(ReplyRequested)]


def waiting(home: House) -> list[tuple[str, tuple[str, ...]]]:
    with home.stores["router"].begin() as transaction:
        return [(each.reason, each.suggestions) for each in reviews.waiting(transaction)]


def test_a_question_waits_for_a_human_until_it_is_answered(tmp_path: Path) -> None:
    with asked(tmp_path, UNCLEAR) as home:
        assert templates(home) == ["ask"]
        assert waiting(home) == [("asked_back", ("erasure",))]
        assert not home.told(CaseOpened)


def test_a_yes_opens_what_was_asked_as_of_the_day_it_was_asked(tmp_path: Path) -> None:
    with asked(tmp_path, UNCLEAR) as home:
        home.later(days=4)
        home.mail(INBOX, "Yes, please.")
        assert home.case().received == MORNING
        assert [claim.right for claim in home.case().claims] == [Right.ERASURE]
        assert waiting(home) == []


def test_a_no_ends_it(tmp_path: Path) -> None:
    with asked(tmp_path, UNCLEAR) as home:
        home.mail(INBOX, "No")
        assert templates(home) == ["ask"]
        assert waiting(home) == []
        assert not home.told(CaseOpened)


def test_what_is_clear_is_opened_and_what_is_not_is_asked_beside_it(tmp_path: Path) -> None:
    with asked(tmp_path, f"Take me off your newsletter. {UNCLEAR}") as home:
        assert sorted(templates(home)) == ["ask", "receipt"]
        assert [claim.right for claim in home.case().claims] == [Right.UNSUBSCRIBE]
        home.mail(INBOX, "Yes")
        assert [claim.right for claim in home.case().claims] == [Right.UNSUBSCRIBE, Right.ERASURE]


def test_a_yes_after_the_clear_part_is_done_opens_a_case_of_its_own(tmp_path: Path) -> None:
    with asked(tmp_path, f"Take me off your newsletter. {UNCLEAR}") as home:
        (claim,) = home.case().claims
        (task,) = claim.tasks
        done = home.sealed(home.case(), note="done by hand")
        home.order(c.CompleteTask, home.case(), task_id=task.task_id, outcome=Outcome.FULFILLED, result=done)
        home.mail(INBOX, "Yes")
        first, second = home.told(CaseOpened)
        assert first.case_id != second.case_id
        assert [claimed.right for claimed in second.claims] == [Right.ERASURE]


def test_two_questions_are_put_one_after_the_other(tmp_path: Path) -> None:
    text = f"{UNCLEAR} I am not sure whether I consented to this, maybe I withdraw it."
    with asked(tmp_path, text) as home:
        assert templates(home) == ["ask"]
        home.mail(INBOX, "No")
        assert templates(home) == ["ask", "ask"]
        assert waiting(home) == [("asked_back", ("erasure", "consent_withdrawal"))]
        home.mail(INBOX, "yes")
        assert [claim.right for claim in home.case().claims] == [Right.CONSENT_WITHDRAWAL]
        assert waiting(home) == []


def test_two_answers_to_one_mail_are_two_letters(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        home.mail(INBOX, "How long do you keep my invoices? What is the status of my request HB-1234?")
        assert sorted(templates(home)) == ["answer", "status"]
        assert len(home.letters()) == 2


def test_each_question_of_a_mail_is_answered(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        text = "Good morning,\n\nI hope you are well. How long do you keep my data? And do you use cookies?\n\nLuca"
        home.mail(INBOX, text)
        (answer,) = home.texts()
        assert "45 to 60 days" in answer
        assert "we use cookies" in answer


@pytest.mark.parametrize(("said", "then"), [("Yes", ["ask", "receipt"]), ("No", ["ask", "ask"])])
def test_who_asks_whether_data_can_be_deleted_hears_of_the_policy_only_if_they_want_nothing_deleted(
    tmp_path: Path, said: str, then: list[str]
) -> None:
    with asked(tmp_path, "Can I delete my data from your systems and records?") as home:
        home.mail(INBOX, said)
        assert templates(home) == then
        assert bool(waiting(home)) == (said == "No")
