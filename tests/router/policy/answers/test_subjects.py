"""A time of keeping is said of the thing it is for, and never as if it were for everything."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from services.cli.ask import ask
from services.router.core.policy.answers.subjects import names_it, subject_of
from services.router.core.policy.answers.words import stems, words
from services.router.core.policy.model import Promise, PromiseKind

SHORT_POLICY = """# Privacy policy of Larch Tools

When you buy a tool we collect your name, your address and your email address.

We keep your account data as long as you have an account with us.

Invoices are kept for 6 years because tax law asks for it.

You can ask us for a copy of your data or have it erased. Write to privacy@larch.example.
"""


def promise(quote, **value):
    return Promise(
        PromiseKind.RETENTION, {"amount": 6, "unit": "year", "action": "keep", **value}, "c", 0, 9, quote, 0.7, False
    )


@pytest.mark.parametrize(
    ("quote", "subject"),
    [
        ("Invoices are kept for 6 years because tax law asks for it.", "Invoices"),
        ("We store log files for 30 days.", "log files"),
        ("Support tickets: 2 years.", "Support tickets"),
        ("Rechnungen werden zehn Jahre aufbewahrt.", "Rechnungen"),
        ("Your personal data are deleted after 2 years.", ""),
        ("We keep your data for 3 months.", ""),
        ("Ihre Daten werden nach zwei Jahren gelöscht.", ""),
        ("We will delete your personal data from our archives after 6 years.", ""),
        ("No later than 3 months after closing.", ""),
    ],
)
def test_the_thing_that_is_kept_is_read_from_the_promises_own_words(quote, subject) -> None:
    assert subject_of(promise(quote)) == subject


def test_what_an_officer_named_comes_before_what_is_read() -> None:
    assert subject_of(promise("We keep log files for 30 days.", what="server logs")) == "server logs"


def test_a_question_names_a_thing_by_its_stem_and_not_by_words_for_all_data() -> None:
    assert names_it(stems(words("how long is an invoice kept")), "Invoices")
    assert not names_it(stems(words("how long do you keep my data")), "Invoices")
    assert not names_it(stems(words("how long do you keep my data")), "order data")


def said(tmp_path, question):
    path = tmp_path / "policy.md"
    path.write_text(SHORT_POLICY, "utf-8")
    return CliRunner().invoke(ask, ["--policy", str(path), question]).output


@pytest.mark.parametrize("question", ["How long do you keep my data?", "For how long is my personal data stored?"])
def test_a_general_question_is_not_answered_by_the_time_of_the_invoices(tmp_path, question) -> None:
    told = said(tmp_path, question)
    assert "as long as you have an account" in told
    assert "In short" not in told


def test_a_time_that_is_asked_for_is_said_with_what_it_is_for(tmp_path) -> None:
    assert said(tmp_path, "How long do you keep invoices?").startswith("In short: Invoices: kept for 6 years.")
