"""Second opinions hear a letter sentence by sentence: one of fifteen that asks is enough for a question."""

from __future__ import annotations

import pytest

from services.router.api.reading import Tier, banks_for, read_message
from services.router.core.reading.lifting import lifted_by_passages
from services.router.core.reading.opinion import Opinion
from services.router.core.reading.rights import Right, State
from services.router.core.reading.tiers import Tone
from services.router.core.reading.verdict import Claim, Span

QUIET = Tone(0, 0, 0)
FIRST, SECOND = Span(0, 10), Span(10, 30)
STORY = (
    "Dear team,\n\nI have been a member of the library since 1998 and always liked coming. My girl learned to read "
    "in your children's corner, and the staff could not have been kinder to us. {asks} The weather has kept me at home "
    "this month, so I write instead of calling in. I shall be back in spring with the grandchildren.\n\n"
    "With kind regards,\nEdith Marsh"
)


def opinions(**likely: float) -> list[Opinion]:
    return [
        Opinion(None if name == "none" else Right(name), probability, "classifier")
        for name, probability in likely.items()
    ]


@pytest.mark.parametrize(
    ("asks", "right"),
    [
        ("Whatever you still keep on paper or in the computer about me and my loans I should like to see.", "access"),
        ("Kindly see to it that nothing about me is left in your computer once I have gone.", "erasure"),
        (
            "I no longer go along with my picture being on your web page, though I once ticked the box.",
            "consent_withdrawal",
        ),
    ],
)
def test_a_wish_in_one_sentence_of_a_long_letter_is_found_where_it_stands(asks: str, right: str) -> None:
    text = STORY.format(asks=asks)
    claims = {claim.right.value: claim for claim in read_message(text, banks=banks_for()).claims}
    assert claims[right].tier in (Tier.ACT, Tier.ASK)
    start = text.index(asks)
    for span in claims[right].spans:
        assert span.start < start + len(asks)
        assert span.end > start


def test_a_letter_that_asks_for_nothing_stays_one() -> None:
    asks = "We found two of the books behind the radiator, and my grandson will bring them on Friday."
    read = read_message(STORY.format(asks=asks), banks=banks_for())
    assert [claim for claim in read.claims if claim.tier in (Tier.ACT, Tier.ASK)] == []


def test_a_passage_is_a_question_with_its_own_span_and_never_an_act() -> None:
    heard = [(FIRST, opinions(none=0.9, erasure=0.1)), (SECOND, opinions(erasure=0.99, none=0.01))]
    assert [(one.right, one.tier, one.spans) for one in lifted_by_passages([], heard, QUIET)] == [
        (Right.ERASURE, Tier.ASK, (SECOND,))
    ]
    assert lifted_by_passages([], [(FIRST, opinions(erasure=0.9, none=0.1))], QUIET) == []


def test_what_a_sentence_says_beside_a_right_that_is_read_counts_as_the_whole() -> None:
    read = Claim(Right.CONSENT_WITHDRAWAL, Tier.ACT, 0.95, (FIRST,), "rule")
    both = [(FIRST, opinions(consent_withdrawal=0.6, erasure=0.39, none=0.01))]
    assert [one.right for one in lifted_by_passages([read], both, QUIET)] == [Right.CONSENT_WITHDRAWAL, Right.ERASURE]
    unsure = [(FIRST, opinions(consent_withdrawal=0.6, erasure=0.3, none=0.1))]
    assert lifted_by_passages([read], unsure, QUIET) == [read]


def test_the_threat_at_a_requests_end_is_no_complaint_and_what_is_denied_stays_denied() -> None:
    read = Claim(Right.ACCESS, Tier.ACT, 0.95, (FIRST,), "rule")
    threat = [(SECOND, opinions(complaint=0.99, none=0.01))]
    assert lifted_by_passages([read], threat, QUIET) == [read]
    denied = Claim(Right.ERASURE, Tier.NONE, 0.9, (FIRST,), "rule, denied", State.NEGATED, negated=True)
    assert lifted_by_passages([denied], [(FIRST, opinions(erasure=0.99, none=0.01))], QUIET) == [denied]


def test_talk_about_rights_is_not_searched_for_passages() -> None:
    heard = [(FIRST, opinions(erasure=0.99, none=0.01))]
    assert lifted_by_passages([], heard, Tone(2, 0, 0)) == []
    assert lifted_by_passages([], heard, Tone(0, 0, 0, pitch=1)) == []


def test_a_sentence_that_is_said_again_and_again_is_heard_once() -> None:
    once = read_message(
        "Thank you for the tea. Please see to it that nothing of mine is left with you.", banks=banks_for()
    )
    again = read_message(
        "Thank you for the tea. " + "Please see to it that nothing of mine is left with you. " * 300, banks=banks_for()
    )
    assert [(one.right, one.tier) for one in again.claims] == [(one.right, one.tier) for one in once.claims]
