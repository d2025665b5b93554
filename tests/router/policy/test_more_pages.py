"""Pages that fold their sections, lists from a word processor, legal numbering, titles in capitals."""

from __future__ import annotations

import pytest

from services.router.core.policy.model import Clause, ClauseKind
from services.router.core.policy.text.parse import clauses_of

SAID = "<p>We keep your personal data for two years and then delete it, unless the law asks for more.</p>" * 6


def clause(text: str, beginning: str) -> Clause:
    """Return the one clause of a text that begins so."""
    (found,) = [each for each in clauses_of(text) if each.plain.startswith(beginning)]
    assert text[found.start : found.end] == found.text
    return found


@pytest.mark.parametrize(
    "button",
    [
        '<button aria-expanded="false">How long?</button>',
        '<h3><button data-bs-toggle="collapse">How long?</button></h3>',
        '<button class="accordion-button">How long?</button>',
    ],
)
@pytest.mark.parametrize("panel", ['<div class="accordion-panel" hidden>', '<div id="faq1" style="display: none">'])
def test_a_section_that_a_click_unfolds_is_text_under_its_buttons_words(button: str, panel: str) -> None:
    page = f"<html><body><h1>Privacy</h1>{SAID}{button}{panel}<p>Orders: six years.</p></div></body></html>"
    assert clause(page, "Orders").heading == ("Privacy", "How long?")


def test_a_button_that_unfolds_nothing_is_no_text() -> None:
    page = f"<html><body><h1>Privacy</h1>{SAID}<button>Accept all</button><p hidden>Not shown</p></body></html>"
    assert not [each for each in clauses_of(page) if "Accept" in each.plain or "Not shown" in each.plain]


def test_a_list_from_a_word_processor_is_a_list_without_its_painted_bullets() -> None:
    items = "".join(
        f"<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span>·<span>&nbsp; </span>"
        f"</span><![endif]>{words}<o:p></o:p></p>"
        for words in ("Adults: eleven years;", "Cameras: 31 days.")
    )
    page = f"<html><body><h1>Privacy</h1>{SAID}{items}</body></html>"
    assert clause(page, "Adults: eleven").kind is ClauseKind.ITEM
    assert clause(page, "Cameras: 31").kind is ClauseKind.ITEM


def test_a_first_row_in_bold_is_a_tables_header() -> None:
    rows = "<tr><td><b>Recipient</b></td><td><b>Why</b></td></tr><tr><td>Carriers</td><td>delivery</td></tr>"
    page = f"<html><body><h1>Privacy</h1>{SAID}<table>{rows}</table></body></html>"
    assert clause(page, "Carriers | delivery").lead == "Recipient | Why"


def test_links_in_one_cell_are_a_menu_and_no_heading() -> None:
    menu = '<a href="a">Home</a><br><a href="b">Products</a><br><a href="c">Contact</a>'
    page = f"<html><body><table><tr><td>{menu}</td><td><b>Data</b><br>{SAID}</td></tr></table></body></html>"
    assert clause(page, "Home").kind is ClauseKind.NAVIGATION
    assert clause(page, "We keep your").heading == ("Data",) if len(clauses_of(page)) == 2 else True


LEGAL = """\
2.  YOUR RIGHTS
2.1 You may request access to or erasure of your
    personal data by writing to the office at
    privacy [at] yachts [dot] example.
2.2 We shall respond no later than twenty working
    days after we receive it.
2.3 We may decline to act where
    (a) the request is repetitive;
    (b) another person would be harmed.
    In each case we shall tell you why.
2.4 Nothing here limits the law, under which at least
    2.5 million people may write to us.
"""


def test_numbered_paragraphs_of_a_wrapped_text_are_clauses_of_their_own() -> None:
    assert clause(LEGAL, "2.1").plain.endswith("example.")
    assert clause(LEGAL, "2.2").plain.endswith("receive it.")
    assert clause(LEGAL, "2.4").plain.endswith("2.5 million people may write to us.")


def test_a_lettered_list_begins_below_the_sentence_it_completes() -> None:
    (found,) = [each for each in clauses_of(LEGAL) if "repetitive" in each.plain]
    assert found.plain.startswith("2.3 We may decline to act where")
    assert "another person would be harmed" in found.plain
    assert found.heading == ("2. YOUR RIGHTS",)


def test_a_sentence_that_a_list_completes_is_its_lead_and_no_title() -> None:
    items = "".join(f"<li>have your data {'in every case we know of ' * 5}{word};</li>" for word in ("erased", "sent"))
    page = f"<html><body><h1>Privacy</h1>{SAID}<p>You have the right to</p><ul>{items}</ul></body></html>"
    assert [each.lead for each in clauses_of(page) if each.kind is ClauseKind.ITEM] == ["You have the right to"] * 2
    assert {each.heading for each in clauses_of(page)} == {("Privacy",)}


def test_a_wikis_edit_link_is_no_part_of_a_title() -> None:
    edit = '<span class="mw-editsection">[<a href="#">edit</a>]</span>'
    page = f"<html><body><h1>Privacy</h1><h2><span>Storage</span>{edit}</h2>{SAID}<div class='catlinks'>Policies</div>"
    clauses = clauses_of(f"{page}</body></html>")
    assert {each.heading for each in clauses if each.citable} == {("Privacy", "Storage")}
    assert [each.kind for each in clauses if each.plain == "Policies"] == [ClauseKind.NAVIGATION]


def test_one_word_in_capitals_is_a_title_where_other_titles_are_in_capitals() -> None:
    text = "VOS DROITS\n\nVous disposez d'un droit d'accès et de rectification.\n\nDESTINATAIRES\nVos données sont "
    text += "transmises à nos transporteurs et à notre prestataire de paiement.\n"
    assert clause(text, "Vos données").heading == ("DESTINATAIRES",)


def test_a_title_whose_blank_was_forgotten_has_no_marks_in_its_words() -> None:
    text = "# Privacy\n\n##What we collect\n\nWe collect your name and your address when you order.\n"
    assert clause(text, "We collect").heading == ("Privacy", "What we collect")


def test_a_line_about_the_copy_is_an_archives_notice() -> None:
    text = "This page was saved on 12 June 2021 from https://yachts.example/p\n\nPRIVACY POLICY\n\nWe keep your data.\n"
    assert clause(text, "This page").kind is ClauseKind.NOTICE


def test_centred_lines_are_titles_each_for_itself() -> None:
    text = " " * 23 + "YACHT CHARTER LTD\n" + " " * 26 + "PRIVACY POLICY\n\nWe keep your data for two years.\n"
    assert clause(text, "We keep").heading[-1] == "PRIVACY POLICY"


def test_a_question_with_strokes_is_a_title_and_no_menu() -> None:
    text = "Policy\n\nCan I see / fix / delete it?\nSure, write to us, and we answer within five days.\n"
    assert clause(text, "Sure").heading[-1] == "Can I see / fix / delete it?"


def test_a_row_without_a_word_is_no_clause() -> None:
    text = "# Privacy\n\n|Purpose|Basis|\n|---|---|\n|Running it|contract|\n||||\n"
    assert [each.plain for each in clauses_of(text)] == ["Running it|contract"]


def test_the_marker_of_an_item_that_is_moved_in_is_not_among_its_words() -> None:
    text = "# Privacy\n\nWe collect:\n\n - your name, which you give us when you order something from the shop here\n"
    assert not [each for each in clauses_of(text) if "-" in each.plain.split()]


def test_a_sentence_that_ends_in_the_word_address_is_no_address() -> None:
    text = "**Information we gather**\n\nWhen you register we ask for your name and e-mail address.\n\nIt stays here.\n"
    assert clause(text, "When you register").kind is ClauseKind.PARAGRAPH


def test_a_sentence_right_below_a_table_is_no_row_of_it() -> None:
    text = "# Cookies\n\n| Cookie | Lifetime |\n|---|---|\n| _pk_id | 13 months |\nWe set it only with your consent, "
    text += "which you can withdraw at any time on our page.\n"
    assert clause(text, "We set it").kind is ClauseKind.PARAGRAPH
    assert clause(text, "_pk_id | 13 months").kind is ClauseKind.ROW


def test_the_names_of_columns_above_rows_with_numbers_are_a_header_without_a_rule_too() -> None:
    text = "SCHEDULE\n\nRecord | Kept for | Why\nInvoices | 6 years | tax\nMail | 2 years | service\n"
    assert clause(text, "Invoices").lead == "Record | Kept for | Why"
    assert not [each for each in clauses_of(text) if each.plain.startswith("Record")]


def test_an_underscore_that_nothing_closes_belongs_to_a_cookies_name() -> None:
    text = "# Cookies\n\nWe use _ga and _pk_id to count, _never_ to follow you about.\n"
    assert clause(text, "We use").plain == "We use _ga and _pk_id to count, never to follow you about."
