"""The lint on policies written to break one rule each, and on one that breaks none."""
# ruff: noqa: E501 - one line a broken rule

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.policy import policy
from services.router.api import policies as api

SOUND = """# Privacy policy

Kornblum Ltd. is the data controller of your personal data.

## What we collect

We collect your name and email address when you order.

## Why

We use your personal data to send your order. The legal basis is the contract with you.

## Who receives it

We share your data with our hosting provider and our payment processor.

## How long

We delete your order 6 months after delivery.

## Your rights

You have the right of access, rectification, erasure, restriction, portability and objection.
Write to privacy@kornblum.example; we answer your request within 2 weeks.

## Complaints

You have the right to complain to the Information Commissioner's Office.
"""
SEAT = api.Seat("Kornblum Ltd.", "12 Mill Lane, Bath", "GB", "Europe/London", "GB-ENG", ("uk-gdpr",))


def findings(tmp_path: Path, *texts: str) -> set[tuple[str, str]]:
    for year, text in enumerate(texts, 2020):
        file = tmp_path / f"{year}.md"
        file.write_text(text, "utf-8")
        wanted = api.Wanted("kornblum", date(year, 1, 1), name="Kornblum", seat=SEAT)
        api.import_file(file, wanted, tmp_path / "home")
    found = api.lint_controller(api.knowledge(tmp_path / "home"), "kornblum")
    return {(finding.rule, finding.severity.value) for finding in found}


def test_a_sound_policy_is_found_sound_but_for_its_confirmation(tmp_path: Path) -> None:
    assert findings(tmp_path, SOUND) == {("unconfirmed", "note")}


@pytest.mark.parametrize(
    ("old", "new", "rule", "severity"),
    [
        ("within 2 weeks", "within 60 days", "deadline-longer-than-law", "error"),
        ("; we answer your request within 2 weeks", "", "no-deadline", "warning"),
        (", portability and objection", "", "missing-right", "warning"),
        ("Write to privacy@kornblum.example; we", "We", "no-contact", "error"),
        ("The legal basis is the contract with you.", "", "missing-content", "warning"),
        ("6 months after delivery", "when it is no longer necessary", "vague-retention", "warning"),
        ("## Who receives it", "## Who receives it\n\nWe do not share your data with third parties.", "sharing-contradiction", "error"),
        ("within 2 weeks.", "within 2 weeks.\nEvery request is answered within 10 days.", "contradicting-times", "warning"),
        ("We collect your", "We never collect your email address.\n\nWe collect your", "collection-contradiction", "warning"),
        ("## Complaints", "We use no cookies.\n\n## Cookies\n\n| Cookie | Purpose |\n|---|---|\n| _ga | counts visitors |\n\n## Complaints", "cookie-contradiction", "warning"),
        ("## Complaints", "We do not transfer your data outside the EU.\n\nWe transfer your data to third countries such as India.\n\n## Complaints", "transfer-contradiction", "warning"),
        ("## Complaints", "You must be at least 16 years of age.\n\nOur shop is for people of at least 13 years of age.\n\n## Complaints", "contradicting-ages", "warning"),
        ("## Complaints", "Please send a copy of your passport with your request.\n\n## Complaints", "identity-copy", "warning"),
    ],
)  # fmt: skip
def test_one_changed_clause_is_one_more_finding(tmp_path: Path, old: str, new: str, rule: str, severity: str) -> None:
    assert old in SOUND
    found = findings(tmp_path, SOUND.replace(old, new))
    assert (rule, severity) in found


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (", portability and objection", " and objection", "right-dropped"),
        ("within 2 weeks", "within 4 weeks", "longer-than-before"),
        ("We delete your order 6 months", "We delete your order 9 months", "longer-than-before"),
        ("We never sell your personal data.", "We sell your personal data to advertisers.", "sale-reversed"),
        ("We use no cookies.", "| Cookie | Purpose |\n|---|---|\n| _ga | counts visitors |", "cookie-reversed"),
    ],
)
def test_what_a_new_version_takes_away_is_found(tmp_path: Path, old: str, new: str, rule: str) -> None:
    before = SOUND.replace(
        "## Your rights", "We never sell your personal data.\n\n## Cookies\n\nWe use no cookies.\n\n## Your rights"
    )
    assert (rule, "warning") not in findings(tmp_path, before)
    assert (rule, "warning") in findings(tmp_path, before, before.replace(old, new))


def test_the_exit_status_follows_the_gravest_finding_and_the_wish(tmp_path: Path) -> None:
    def status(*arguments: str) -> int:
        return CliRunner().invoke(policy, ["--home", str(tmp_path), "lint", *arguments]).exit_code

    assert status("--controller", "mailpro") == 1
    assert status("--controller", "axigen") == 0
    assert status("--controller", "axigen", "--fail-on", "warning") == 1
    assert status("--controller", "mailpro", "--fail-on", "never") == 0
    assert status("--controller", "nosuch") == 2


def test_findings_as_json_name_clause_rule_source_and_remedy(tmp_path: Path) -> None:
    result = CliRunner().invoke(policy, ["--home", str(tmp_path), "lint", "--controller", "mailpro", "--json"])
    found = json.loads(result.output)
    slow = next(finding for finding in found if finding["rule"] == "deletion-longer-than-law")
    assert slow["clause"]
    assert "45 to 60 days" in slow["quote"]
    assert slow["source"]
    assert slow["remedy"]
