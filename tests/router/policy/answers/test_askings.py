"""What a question asks for, the promise that answers it in short, and silence where none is made."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.router.api.answers import AskFault, answers_from_file, as_json
from services.router.core.policy.answers.askings import Answering
from services.router.core.policy.model import Promise, PromiseKind

TODAY = date(2026, 1, 1)
POLICY = """# Privacy notice of the Hill Top Choir

We collect the names and addresses of our members, and keep them for two years after you leave the choir.

## Your rights

You have the right of access to your personal data. We answer your request within 10 days.
Write to choir@hilltop.example.

## Places

Our lists are stored on servers in Norway.
"""


def asked(path: Path, question: str, laws: tuple[str, ...] = ()) -> dict[str, object]:
    found = answers_from_file(path, laws)
    return as_json(found.ask("file", question, TODAY))


@pytest.fixture
def choir(tmp_path: Path) -> Path:
    path = tmp_path / "choir.md"
    path.write_text(POLICY, "utf-8")
    return path


@pytest.mark.parametrize(
    ("controller", "question", "short"),
    [
        ("mailigen", "How long does it take to answer my request?", "In short: 30 days."),
        (
            "mailpro",
            "When do you delete my data?",
            "In short: deleted after 45–60 days (from the closing of the account).",
        ),
        (
            "axigen",
            "How long do you keep my data after I stop using Axigen?",
            "archived after 3 years (from the last use); deleted after 10",
        ),
        ("axigen", "Wie lange speichern Sie meine Daten?", "Löschung nach 10 Jahren"),
        ("axigen", "In which formats can I export my data?", "CSV, JSON"),
        ("mailigen", "How can I reach the data protection officer?", "privacy@mailigen.com"),
    ],
)
def test_a_confirmed_promise_is_said_before_its_quotation(answers, controller, question, short) -> None:
    found = answers.ask(controller, question, TODAY)
    assert short in found.parts[0]
    assert len(found.parts) > 1
    assert found.promises
    for promise in found.promises:
        assert promise.confirmed
        assert any(cited.start <= promise.start < promise.end <= cited.end for cited in found.citations)


def test_a_promise_that_nobody_confirmed_says_so_with_its_confidence(choir: Path) -> None:
    told = asked(choir, "How many days do you need to answer a request?")
    assert "10 days" in str(told["answer"])
    assert "nobody here has confirmed" in str(told["answer"])
    (promise,) = told["promises"]
    assert promise["kind"] == "answer_deadline"
    assert (promise["value"]["amount"], promise["value"]["unit"]) == (10, "day")
    assert not promise["confirmed"]
    assert 0 < promise["confidence"] < 1


@pytest.mark.parametrize(
    ("controller", "question"),
    [
        ("hexamail", "In how many days will you respond to an access request?"),
        ("hexamail", "Do you have a data protection officer?"),
        ("mailpro", "Within how many days do you answer my access request?"),
        ("mailigen", "What is the minimum age for children?"),
        ("axigen", "Do you need a copy of my passport to prove my identity?"),
    ],
)
def test_where_no_such_promise_is_made_habeas_is_silent(answers, controller, question) -> None:
    assert answers.ask(controller, question, TODAY).abstained


def test_the_law_of_a_file_is_the_one_that_is_named(choir: Path) -> None:
    told = asked(choir, "Can I withdraw my consent?", ("uk-gdpr",))
    assert told["abstained"]
    assert "UK GDPR" in str(told["answer"])
    with pytest.raises(AskFault, match="unknown law"):
        asked(choir, "Can I withdraw my consent?", ("moon-law",))


@pytest.mark.parametrize("encoding", ["cp1250", "iso8859-2", "utf-16"])
def test_a_file_in_an_older_encoding_keeps_its_letters(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "polityka.md"
    path.write_bytes(
        "# Polityka prywatności\n\nDane osobowe przechowujemy przez 3 lata. Zgodę możesz wycofać w każdej chwili, "
        "pisząc do sprzedawcy. Państwa żądania rozpatrujemy niezwłocznie.\n".encode(encoding)
    )
    told = asked(path, "Jak długo przechowujecie moje dane?")
    assert "Dane osobowe przechowujemy przez 3 lata." in str(told["answer"])
    assert "możesz wycofać" in str(told["answer"])


@pytest.mark.parametrize(
    ("language_of_the_question", "question"),
    [
        ("en", "Do you sell my email address to anyone?"),
        ("en", "Is my phone number sold to other companies?"),
        ("de", "Verkaufen Sie meine E-Mail-Adresse an andere Firmen?"),
        ("fr", "Vendez-vous mon adresse e-mail à des tiers ?"),
    ],
)
def test_an_address_that_is_sold_is_no_topic_of_its_own(answers, language_of_the_question, question) -> None:
    found = answers.ask("hexamail", question, TODAY)
    assert found.language == language_of_the_question
    assert "do not provide or sell information" in found.citations[0].quote


def test_the_clause_beside_is_quoted_too_when_it_names_the_authority(answers) -> None:
    found = answers.ask("axigen", "Who can I complain to?", TODAY)
    assert found.text.startswith("In short: Romanian Data Protection Supervisory Authority")
    assert any("Romanian Data Protection Supervisory Authority" in cited.quote for cited in found.citations)
    assert all(promise.kind is PromiseKind.AUTHORITY for promise in found.promises)


@pytest.mark.parametrize("controller", ["axigen", "mailigen", "mailpro", "hexamail"])
def test_what_becomes_of_data_when_the_company_is_sold_is_left_unsaid(answers, controller) -> None:
    assert answers.ask(controller, "What happens to my data if the company is sold?", TODAY).abstained


def test_two_questions_in_one_breath_get_two_quotations(answers) -> None:
    found = answers.ask("axigen", "In which formats can I export my data and where is my data processed?", TODAY)
    assert len(found.citations) == 2


def test_an_answering_compares_flags_lists_and_plain_values() -> None:
    promise = Promise(PromiseKind.RECIPIENT, {"shares": False, "rights": ("access",)}, "c", 0, 1, "x", 1.0, True)
    assert Answering("recipient").fits(promise)
    assert Answering("recipient", "shares", "false").fits(promise)
    assert Answering("recipient", "rights", "access").fits(promise)
    assert not Answering("recipient", "shares", "true").fits(promise)
    assert not Answering("recipient", "category").fits(promise)
    assert not Answering("sale").fits(promise)
