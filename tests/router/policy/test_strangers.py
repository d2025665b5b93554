"""Policies in shapes that nobody tuned for at first: a club's letter, a page with tables, a Word export, footnotes.

Each was read by a person first; what is asserted is what the text binds to, and what it does not say.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.router import policies
from services.router.core.policy.lint.rules import lint
from services.router.core.policy.model import DocumentKind, Policy, Seat
from services.router.core.policy.record import PolicyError
from services.router.policy_import import Wanted, import_file

STRANGERS = Path(__file__).parent / "strangers"
ENTITIES = {
    "club.txt": ("Harbour Lane Rowing Club", "uk-gdpr"),
    "saas.html": ("Brightleaf Software GmbH & Co. KG", "eu-gdpr"),
    "praxis.html": ("Zahnarztpraxis Dr. med. dent. Anna Kessler", "eu-gdpr"),
    "epicerie.md": ("L'Épicerie du Canal", "eu-gdpr"),
}


@pytest.fixture(scope="module", name="read")
def _read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Policy]:
    """Return each stranger's policy as an import makes it."""
    return {name: brought(tmp_path_factory.mktemp("home"), name) for name in ENTITIES}


def brought(root: Path, name: str, kind: DocumentKind = DocumentKind.PRIVACY_POLICY) -> Policy:
    """Import a file for a new controller."""
    entity, law = ENTITIES.get(name, ("Example GmbH", "eu-gdpr"))
    seat = Seat(entity, "", "DE", "Europe/Berlin", "DE", (law,))
    wanted = Wanted("stranger", date(2024, 1, 1), kind, name="Stranger", seat=seat)
    return import_file(STRANGERS / name, wanted, root, policies.load([root])).policy


def values(policy: Policy, kind: str) -> list[dict[str, Any]]:
    """Return the values of a policy's promises of a kind."""
    return [dict(promise.value) for promise in policy.promises if promise.kind.value == kind]


@pytest.mark.parametrize("name", ENTITIES)
def test_every_clause_and_every_promise_is_a_slice_of_the_file(read, name: str) -> None:
    policy = read[name]
    text = (STRANGERS / name).read_bytes().decode("utf-8")
    assert policy.text == text
    assert all(text[clause.start : clause.end] == clause.text for clause in policy.clauses)
    assert all(text[promise.start : promise.end] == promise.quote for promise in policy.promises)


@pytest.mark.parametrize(
    ("name", "person", "authority"),
    [
        ("club.txt", {"amount": 2, "unit": "day"}, {"amount": 72, "unit": "hour"}),
        ("saas.html", {"delay": "without undue delay"}, {"amount": 72, "unit": "hour"}),
        ("epicerie.md", {"amount": 48, "unit": "hour"}, None),
    ],
)
def test_people_and_the_authority_are_told_of_a_breach_at_their_own_times(read, name, person, authority) -> None:
    told = {value.pop("to"): value for value in values(read[name], "breach_notice")}
    assert told == ({"person": person} | ({"authority": authority} if authority else {}))


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("club.txt", {("delete", 2, "year"), ("keep", 6, "year")}),
        ("saas.html", {("keep", 30, "day"), ("keep", 10, "year"), ("keep", 14, "day"), ("delete", 1, "year")}),
        ("praxis.html", {("keep", 10, "year"), ("delete", 6, "month"), ("delete", 7, "day")}),
        ("epicerie.md", {("keep", 3, "year"), ("keep", 10, "year"), ("keep", 13, "month")}),
    ],
)
def test_each_time_of_keeping_is_read(read, name, times) -> None:
    found = values(read[name], "retention")
    assert {(value["action"], value["amount"], value["unit"]) for value in found if "amount" in value} == times


def test_a_table_gives_each_purpose_its_own_basis_and_time(read) -> None:
    purposes = {value["purpose"]: value["bases"] for value in values(read["saas.html"], "purpose")}
    assert purposes["Invoicing"] == ("legal_obligation",)
    assert purposes["Server logs"] == ("legitimate_interests",)  # named by its article alone
    assert {value.get("what") for value in values(read["saas.html"], "retention")} >= {"Invoicing", "Server logs"}


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("club.txt", {"British Rowing", "Penrose & Hart", "GoCardless"}),
        ("saas.html", {"Hetzner Online GmbH", "Mailjet SAS", "Zendesk, Inc.", "Stripe Payments Europe Ltd"}),
        ("praxis.html", {"Kassenzahnärztliche Vereinigung Bayerns", "Dentallabor Huber GmbH"}),
        ("epicerie.md", {"Vélocargo SAS", "Payplug"}),
    ],
)
def test_those_who_receive_data_are_named_and_nobody_else(read, name, names) -> None:
    assert {each for value in values(read[name], "recipient") for each in value.get("names", ())} == names


def test_papers_that_are_never_asked_for_are_no_demand(read) -> None:
    assert values(read["saas.html"], "identity_proof")[0]["required"] == "no"
    assert values(read["epicerie.md"], "identity_proof")[0]["required"] == "may"  # only in reasonable doubt


def test_the_authority_is_read_with_its_address(read) -> None:
    (club,) = values(read["club.txt"], "authority")
    assert club["phone"] == ("0303 123 1113",)
    assert "Wilmslow SK9 5AF" in club["address"]
    (praxis,) = values(read["praxis.html"], "authority")
    assert "91522 Ansbach" in praxis["address"]
    assert praxis["phone"] == ("0981 180093-0",)
    (shop,) = values(read["epicerie.md"], "authority")
    assert shop["address"].endswith("75334 Paris Cedex 07")


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("club.txt", {"missing-right", "missing-content", "unconfirmed"}),
        ("saas.html", {"unconfirmed"}),
        ("praxis.html", {"missing-right", "unconfirmed"}),
        ("epicerie.md", {"missing-right", "unconfirmed"}),
    ],
)
def test_the_lint_finds_what_is_missing_and_invents_nothing(read, name, rules) -> None:
    assert {found.rule for found in lint(read[name], (), {})} - {"no-deadline"} == rules


def test_further_documents_may_be_as_short_as_a_table(tmp_path: Path) -> None:
    schedule = brought(tmp_path / "a", "retention.md", DocumentKind.RETENTION_SCHEDULE)
    kept = {value["what"]: (value["amount"], value["unit"]) for value in values(schedule, "retention")}
    assert kept == {
        "Support tickets": (2, "year"),
        "Job applications": (6, "month"),
        "Accounting records": (10, "year"),
        "backups": (35, "day"),
    }
    cookies = brought(tmp_path / "b", "cookies.md", DocumentKind.COOKIE_POLICY)
    assert {value.get("name") for value in values(cookies, "cookie")} >= {"bl_session", "bl_lang"}
    contract = brought(tmp_path / "c", "dpa.txt", DocumentKind.PROCESSING_AGREEMENT)
    assert values(contract, "breach_notice") == [{"to": "person", "amount": 24, "unit": "hour"}]


def test_a_table_of_cookies_is_no_privacy_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="too few for a privacy policy"):
        brought(tmp_path, "cookies.md")


def test_a_lawyers_clauses_are_read_with_their_numbers_in_words_and_figures(tmp_path: Path) -> None:
    terms = brought(tmp_path, "terms.md")
    assert [(value["amount"], value["unit"]) for value in values(terms, "answer_deadline")] == [(21, "day")]
    assert [(value["amount"], value["unit"]) for value in values(terms, "retention")] == [(7, "year")]
    told = {value["to"]: value for value in values(terms, "breach_notice")}
    assert told["authority"]["amount"] == 72
    assert told["person"]["delay"] == "without undue delay"
    assert [value["names"] for value in values(terms, "recipient")] == [("Northwind Analytics LLC",)]
    assert not values(terms, "identity")  # the firm that receives data is not the one that answers
    post = next(value for value in values(terms, "contact") if value["channel"] == "post")
    assert post["address"] == "Privacy Office, 12 Harbour Street, Dublin D02 X285"
