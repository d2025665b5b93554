"""Policies of other shapes than the five shipped ones: pasted German text, a page of HTML, French lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.router.core.policy.model import Clause, ClauseKind, PromiseKind
from services.router.core.policy.promises.extract import promises_of
from services.router.core.policy.text.parse import clauses_of, markup_of

SHAPES = Path(__file__).parent / "shapes"


def read(name: str) -> tuple[str, tuple[Clause, ...], dict[PromiseKind, list[dict[str, Any]]]]:
    text = (SHAPES / name).read_text("utf-8")
    clauses = clauses_of(text)
    found: dict[PromiseKind, list[dict[str, Any]]] = {}
    for promise in promises_of(text, clauses, markup_of(text)):
        found.setdefault(promise.kind, []).append(dict(promise.value))
    return text, clauses, found


@pytest.mark.parametrize(
    ("name", "amount", "unit"),
    [("baeckerei.txt", 2, "week"), ("stridelog.html", 45, "day"), ("chorale.txt", 1, "month")],
)
def test_the_time_for_answers_is_found_in_each_language(name: str, amount: int, unit: str) -> None:
    _, _, found = read(name)
    assert [(value["amount"], value["unit"]) for value in found[PromiseKind.ANSWER_DEADLINE]] == [(amount, unit)]


def test_a_mail_address_hidden_from_robots_is_written_out() -> None:
    _, _, found = read("baeckerei.txt")
    mail = next(value for value in found[PromiseKind.CONTACT] if value["channel"] == "email")
    assert mail["address"] == "datenschutz@kornblum-brot.example"
    assert mail["published"] == "datenschutz (at) kornblum-brot.example"


def test_wrapped_lines_are_one_paragraph_and_a_menu_line_is_no_clause_to_cite() -> None:
    _, clauses, _ = read("baeckerei.txt")
    order = next(clause for clause in clauses if "Torte" in clause.plain)
    assert "Abholtermin" in order.plain
    assert order.heading[-1] == "2.1 Bestellungen"
    assert next(clause for clause in clauses if "Sortiment" in clause.plain).kind is ClauseKind.NAVIGATION


@pytest.mark.parametrize("name", ["baeckerei.txt", "chorale.txt"])
def test_every_right_of_the_gdpr_that_is_named_is_found(name: str) -> None:
    _, _, found = read(name)
    rights = {value["right"] for value in found[PromiseKind.RIGHT]}
    assert {"access", "rectification", "erasure", "restriction", "portability", "objection"} <= rights


def test_scripts_styles_and_hidden_text_of_a_page_are_never_clauses() -> None:
    _, clauses, _ = read("stridelog.html")
    words = " ".join(clause.plain for clause in clauses)
    assert "never read this" not in words
    assert "Hidden text" not in words
    assert "<" not in words


def test_rows_under_a_merged_cell_are_one_clause_under_the_tables_header() -> None:
    _, clauses, _ = read("stridelog.html")
    row = next(clause for clause in clauses if "Device identifiers" in clause.plain)
    assert row.kind is ClauseKind.ROW
    assert "Identifiers" in row.plain
    assert "Name, email address" in row.plain
    assert row.lead == "Category | Examples | Sold or shared?"


def test_a_list_whose_items_were_never_closed_stays_one_clause_with_its_lead() -> None:
    _, clauses, _ = read("stridelog.html")
    rights = next(clause for clause in clauses if clause.plain.startswith("You have the right to:"))
    assert rights.kind is ClauseKind.LIST
    assert "opt out of the sale" in rights.plain


def test_deletion_and_keeping_are_told_apart_within_one_sentence() -> None:
    _, _, found = read("baeckerei.txt")
    times = {
        (value["amount"], value["unit"]): value["action"] for value in found[PromiseKind.RETENTION] if "amount" in value
    }
    assert times == {(6, "month"): "delete", (10, "year"): "keep"}


def test_the_authority_is_named_as_the_policy_names_it() -> None:
    _, _, german = read("baeckerei.txt")
    _, _, french = read("chorale.txt")
    assert german[PromiseKind.AUTHORITY][0]["name"] == "Bayerisches Landesamt für Datenschutzaufsicht"
    assert french[PromiseKind.AUTHORITY][0]["name"].startswith("CNIL")


def test_a_title_that_a_folding_page_repeats_is_one_heading_and_no_address() -> None:
    text = (
        "Your data\n1. Orders\n1. Orders\nWe use the following data:\n- A name\n- An IP Address\nPeriod\n"
        "We keep orders until the parcel has arrived.\n2. Parcels\n2. Parcels\nWe hand the parcel to a courier.\n"
    )
    clauses = clauses_of(text)
    courier = next(clause for clause in clauses if "courier" in clause.plain)
    assert courier.heading[-1] == "2. Parcels"
    assert ClauseKind.ADDRESS not in {clause.kind for clause in clauses}


def test_a_kind_of_data_is_nobody_who_receives_data() -> None:
    text = "Newsletter\n\nFor this we use the following data:\n\n- A first name\n- An IP Address\n- An Account ID\n"
    clauses = clauses_of(text)
    assert PromiseKind.RECIPIENT not in {promise.kind for promise in promises_of(text, clauses, markup_of(text))}
