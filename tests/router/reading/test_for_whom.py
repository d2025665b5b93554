"""Each claim says for whom it is, where a message speaks for anybody besides its writer."""

from __future__ import annotations

import pytest

from services.router.api.reading import as_json, read_message


def persons(text: str) -> dict[str, list[str]]:
    """Return for whom each claim is: the name where it is said, else what the person is to the writer."""
    claims = as_json(read_message(text))["claims"]
    return {
        claim["right"]: [one["name"] or one["relation"] for one in claim.get("for", [])]
        for claim in claims
        if claim["tier"] in ("act", "ask")
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Please delete my account.", {"erasure": []}),
        ("Please delete all personal data of me and my daughter Anna.", {"erasure": ["self", "Anna"]}),
        ("Ich bitte um Auskunft über meine Daten und die meiner Tochter Anna.", {"access": ["self", "Anna"]}),
        (
            "I write on behalf of my mother, Carmen Diaz. Please send her a copy of her personal data.",
            {"access": ["Carmen Diaz"]},
        ),
        (
            "Please delete my account. Please also send me a copy of the personal data of my son Theo.",
            {"erasure": ["self"], "access": ["Theo"]},
        ),
    ],
)
def test_a_claim_is_for_those_that_its_sentence_names_or_the_message_introduces(
    text: str, expected: dict[str, list[str]]
) -> None:
    assert persons(text) == expected
