"""Printed pages leave their heads and feet in a plain text."""

from __future__ import annotations

from services.router.core.policy.model import ClauseKind
from services.router.core.policy.text.furniture import running_heads
from services.router.core.policy.text.parse import clauses_of

SAID = "We keep your personal data for two years and then delete it, unless the law asks for more than that."


def printed(foot: str) -> str:
    """Return a notice of three pages, each with its head and foot."""
    pages = [
        f"Town Council            Privacy Notice\n{foot.format(page)}\n\n{page} Chapter\n\n{SAID}\n"
        for page in (1, 2, 3)
    ]
    return "\n".join(pages)


def test_heads_and_feet_are_addressable_and_not_quoted() -> None:
    clauses = clauses_of(printed("            Page {} of 3"))
    assert [clause.kind for clause in clauses if "Town Council" in clause.plain] == [ClauseKind.NAVIGATION] * 3
    assert [clause.plain for clause in clauses if clause.citable] == [SAID] * 3


def test_a_page_named_in_other_languages_is_one_too() -> None:
    for foot in ("Seite {} von 3", "Strona {} z 3", "Página {} de 3", "- {} -"):
        assert len(running_heads(printed(foot).splitlines())) == 6


def test_a_line_that_is_said_twice_is_no_head() -> None:
    text = "1. Orders\n\nLegal basis: contract\n\n2. Invoices\n\nLegal basis: contract\n"
    assert not running_heads(text.splitlines())


def test_a_sentence_about_a_page_is_no_head() -> None:
    assert not running_heads(["More about this on page 3.", "And more on page 4."])


def test_numbers_that_do_not_count_up_are_no_pages() -> None:
    assert not running_heads(["7", "", "7", "", "12"])
