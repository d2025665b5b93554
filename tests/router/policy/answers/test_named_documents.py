"""A quotation is introduced by the document that says it, in the person's language."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.ask import ask
from services.cli.policy import policy
from services.router.answers import Answers
from services.router.core.policy.answers import compose
from services.router.core.policy.answers.compose import Quote
from services.router.core.policy.model import DocumentKind

COOKIES = """# Cookie policy

## What we set

We set a basket cookie that remembers what you put into your basket, and it is deleted after 30 days.

## How to turn cookies off

You can block or delete cookies in the settings of your browser at any time; the shop works without them.
"""


def said(answers: Answers, language: str, *quotes: tuple[DocumentKind, str]) -> list[str]:
    frame = answers.method.frames.of(language)
    return list(compose.quoted(frame, [Quote(*each) for each in quotes], "", ""))


@pytest.mark.parametrize("kind", [each for each in DocumentKind if each is not DocumentKind.PRIVACY_POLICY])
def test_no_further_document_is_called_the_privacy_policy_in_any_language(answers: Answers, kind: DocumentKind) -> None:
    lines = {}
    for language in answers.method.frames.by_language:
        (line,) = said(answers, language, (kind, "a clause"))
        assert line.endswith(": “a clause”"), line
        assert answers.method.frames.of(language).say("says") not in line
        lines[language] = line
    assert len(set(lines.values())) == len(lines)


def test_each_document_is_named_once_before_its_own_words(answers: Answers) -> None:
    policy_, cookies = DocumentKind.PRIVACY_POLICY, DocumentKind.COOKIE_POLICY
    assert said(answers, "en", (policy_, "one"), (cookies, "two"), (policy_, "three")) == [
        "Our privacy policy says: “one”",
        "It also says: “three”",
        "Our cookie policy says: “two”",
    ]
    assert said(answers, "de", (cookies, "eins"), (cookies, "zwei")) == [
        "In unserer Cookie-Richtlinie steht: “eins” “zwei”"
    ]


def test_an_answer_from_an_imported_cookie_policy_names_it(tmp_path: Path) -> None:
    written = tmp_path / "cookies.md"
    written.write_text(COOKIES + "\nThis page is about cookies and your data protection choices.\n" * 6, "utf-8")
    bring = [
        "--home", str(tmp_path), "import", str(written), "--controller", "axigen", "--document", "cookie-policy",
        "--effective", "2020-01-01",
    ]  # fmt: skip
    imported = CliRunner().invoke(policy, bring, catch_exceptions=False)
    assert imported.exit_code == 0, imported.output
    question = ["--home", str(tmp_path), "--controller", "axigen", "How can I block or delete cookies in my browser?"]
    told = CliRunner().invoke(ask, question, catch_exceptions=False).output
    assert "Our cookie policy says: “You can block or delete cookies" in told
    assert "Our privacy policy says: “You can block" not in told
