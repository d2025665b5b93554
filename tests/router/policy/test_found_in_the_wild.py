"""Menus that call themselves so, headings in bold, tables with borders: what pages do and standards do not."""

from __future__ import annotations

import pytest

from services.router.core.policy.model import ClauseKind
from services.router.core.policy.text.encodings import guessed
from services.router.core.policy.text.parse import clauses_of

SAID = "<p>We keep your personal data for two years and then delete it, unless the law asks for more.</p>" * 6


@pytest.mark.parametrize("named", ['id="footer"', 'class="site-footer"', 'class="breadcrumb"', 'class="cookie-banner"'])
def test_a_part_that_calls_itself_a_menu_is_not_quoted(named: str) -> None:
    page = f"<html><body><h1>Privacy</h1>{SAID}<div {named}><a href='/x'>Terms</a> Shop of the year</div></body></html>"
    clauses = clauses_of(page)
    assert [c.kind for c in clauses if "Shop of the year" in c.plain] == [ClauseKind.NAVIGATION]


def test_a_long_text_in_such_a_part_is_a_text_all_the_same() -> None:
    long = "We share your personal data with our carrier and with nobody else, and never sell it. " * 4
    clauses = clauses_of(f"<html><body><h1>Privacy</h1>{SAID}<div class='menu'><p>{long}</p></div></body></html>")
    assert all(c.citable for c in clauses if "our carrier" in c.plain)


def test_a_menu_that_was_never_closed_does_not_swallow_the_page() -> None:
    clauses = clauses_of(f"<html><body><nav><a href='/'>Home</a><h1>Privacy</h1>{SAID * 4}</body></html>")
    assert sum(len(c.plain.split()) for c in clauses if c.citable) > 200


def test_a_bold_numbered_line_is_a_heading_even_before_another() -> None:
    text = (
        "# Privacy\n\n**3. Why?**\n\n*a. By contract*\n\nWe process data to serve you.\n\n**4. Who?**\n\nNobody else.\n"
    )
    clause = next(c for c in clauses_of(text) if c.plain.startswith("We process"))
    assert clause.heading == ("Privacy", "3. Why?", "a. By contract")


def test_the_border_of_a_table_is_nobodys_word() -> None:
    text = "# Privacy\n\n| Data | Kept |\n|---|---|\n| Name | 2 years |\n| Email | 3 years |\n"
    rows = [c for c in clauses_of(text) if c.kind is ClauseKind.ROW]
    assert [text[c.start : c.end] for c in rows] == ["Name | 2 years", "Email | 3 years"]


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Żądanie usunięcia, źródło, łódź, święto", "cp1250"),
        ("Löschung für Verträge: größer, “genau” – ja", "cp1252"),
        ("données à caractère personnel reçues à l’été", "cp1252"),
        ("dzēšana, šķēres, ņemt, ģimene", "cp1257"),
    ],
)
def test_an_encoding_is_told_by_its_letters(words: str, encoding: str) -> None:
    raw = words.encode(encoding)
    found = guessed(raw)
    assert found is not None
    assert raw.decode(found) == words
