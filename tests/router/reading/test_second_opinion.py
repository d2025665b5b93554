"""The shipped classifier learns from signs that know no language, lifts what the rules left open, and never acts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.router.api.reading import Tier, banks_for, heard_in, read_message
from services.router.core.reading.candidate import TAUGHT
from services.router.core.reading.lifting import doubted, lifted
from services.router.core.reading.opinion import Opinion
from services.router.core.reading.reader import read
from services.router.core.reading.rights import Right, State
from services.router.core.reading.tiers import Tone
from services.router.core.reading.verdict import Claim
from services.router.reading import shipped_opinions

QUIET = Tone(0, 0, 0)


def opinions(**likely: float) -> list[Opinion]:
    return [
        Opinion(None if name == "none" else Right(name), probability, "classifier")
        for name, probability in likely.items()
    ]


@pytest.mark.parametrize(
    "text",
    ["please delete my data", "bitte meine Daten löschen", "supprimez mes données svp", "usuńcie moje dane proszę"],
)
def test_the_same_wish_leaves_the_same_signs_in_every_language(text: str) -> None:
    signs = set(heard_in(text, banks=banks_for()).signs)
    assert {"c erase", "c please", "p erase personal", "r erasure asserted"} <= signs


def test_the_likeliest_right_is_asked_about_where_it_is_all_but_sure_that_some_right_is_used() -> None:
    near = lifted([], opinions(access=0.5, portability=0.46, none=0.04), QUIET)
    assert [(claim.right, claim.tier) for claim in near] == [(Right.ACCESS, Tier.ASK), (Right.PORTABILITY, Tier.ASK)]
    doubted = lifted([], opinions(access=0.5, none=0.3), QUIET)
    assert [claim.tier for claim in doubted] == [Tier.REVIEW]


def test_a_sure_opinion_becomes_a_question_and_never_a_case() -> None:
    claims = lifted([], opinions(erasure=0.99, none=0.01), QUIET)
    assert [(claim.right, claim.tier) for claim in claims] == [(Right.ERASURE, Tier.ASK)]


def test_whoever_only_thinks_that_some_right_is_used_puts_the_likeliest_before_a_human() -> None:
    claims = lifted([], opinions(access=0.34, erasure=0.33, none=0.2), QUIET)
    assert [(claim.right, claim.tier) for claim in claims] == [(Right.ACCESS, Tier.REVIEW)]


def test_an_opinion_that_nothing_is_asked_adds_nothing() -> None:
    assert lifted([], opinions(none=0.6, access=0.3), QUIET) == []


def test_a_denied_right_is_not_lifted_and_what_stands_beside_it_goes_to_a_human_at_most() -> None:
    denied = Claim(Right.ERASURE, Tier.NONE, 0.9, (), "denied", State.NEGATED, negated=True)
    claims = lifted([denied], opinions(erasure=0.9, unsubscribe=0.65), QUIET)
    assert [(claim.right, claim.tier) for claim in claims if not claim.negated] == [(Right.UNSUBSCRIBE, Tier.REVIEW)]


def test_what_cannot_be_undone_is_asked_about_where_the_rules_stand_alone() -> None:
    erasure = Claim(Right.ERASURE, Tier.ACT, 0.95, (), "rule")
    access = Claim(Right.ACCESS, Tier.ACT, 0.95, (), "rule")
    likely = opinions(policy_question=0.86, erasure=0.03, access=0.03)
    assert [claim.tier for claim in doubted([erasure], likely)] == [Tier.ASK]
    assert [claim.tier for claim in doubted([access], likely)] == [Tier.ACT]


def test_an_erasure_beside_another_right_is_doubted_by_what_that_one_leaves() -> None:
    claims = [Claim(Right.ERASURE, Tier.ACT, 0.95, (), "rule"), Claim(Right.UNSUBSCRIBE, Tier.ACT, 0.95, (), "rule")]
    both = doubted(claims, opinions(unsubscribe=0.75, erasure=0.2))
    assert [claim.tier for claim in both] == [Tier.ACT, Tier.ACT]
    one = doubted(claims, opinions(unsubscribe=0.3, erasure=0.1, none=0.5))
    assert [claim.tier for claim in one] == [Tier.ASK, Tier.ACT]


@pytest.mark.parametrize(("objection", "policy_question", "tiers"), [
    (0.01, 0.6, {Right.OBJECTION: Tier.ASK, Right.POLICY_QUESTION: Tier.ASK}),
    (0.01, 0.9, {Right.OBJECTION: Tier.REVIEW, Right.POLICY_QUESTION: Tier.ASK}),
    (0.04, 0.9, {Right.OBJECTION: Tier.ACT, Right.POLICY_QUESTION: Tier.ASK}),
])  # fmt: skip
def test_what_is_all_but_impossible_is_asked_about_unless_another_right_that_is_all_but_certain_is(
    objection: float, policy_question: float, tiers: dict[Right, Tier]
) -> None:
    heard = opinions(objection=objection, policy_question=policy_question)
    read = Claim(Right.OBJECTION, Tier.ACT, 0.93, (), 'idiom "used for training"')
    assert {claim.right: claim.tier for claim in lifted(doubted([read], heard), heard, QUIET)} == tiers


def test_of_three_rights_that_are_read_none_is_lost_because_an_opinion_divides_what_it_believes() -> None:
    three = [Claim(right, Tier.ACT, 0.95, (), "rule") for right in (Right.ACCESS, Right.OBJECTION, Right.UNSUBSCRIBE)]
    kept = doubted(three, opinions(unsubscribe=0.55, objection=0.44, access=0.01))
    assert [claim.tier for claim in kept] == [Tier.ACT] * 3


def test_what_an_officer_taught_is_asked_about_at_least() -> None:
    taught = Claim(Right.ERASURE, Tier.ACT, 0.95, (), f'{TAUGHT} "pull the plug"')
    assert [claim.tier for claim in doubted([taught], opinions(none=0.99, erasure=0.001))] == [Tier.ASK]


class Sure:
    """A second opinion that has only one."""

    def __init__(self, **likely: float) -> None:
        self._likely = likely

    def opine(self, text: str, language: str, signs: Sequence[str] = ()) -> list[Opinion]:
        return opinions(**self._likely)


def test_two_values_that_the_rules_found_are_no_correction_where_an_opinion_is_sure_of_none() -> None:
    text = "My street is Elm Road, not Oak Road."
    heard = [Sure(rectification=0.9, none=0.1), Sure(rectification=0.005, none=0.95)]
    tiers = [
        {claim.right: claim.tier for claim in read(text, banks=banks_for(), opinions=[one]).claims}[Right.RECTIFICATION]
        for one in heard
    ]
    assert tiers == [Tier.ACT, Tier.REVIEW]


def test_what_is_told_of_a_request_that_is_taken_back_is_no_act() -> None:
    told = read_message(
        "Last week I wrote that you must delete my account. Please cancel the deletion, I want to stay."
    )
    assert Right.WITHDRAWAL_OF_REQUEST in {claim.right for claim in told.claims if claim.tier is not Tier.REVIEW}
    assert not [claim for claim in told.claims if claim.right is Right.ERASURE and claim.tier is Tier.ACT]


@settings(deadline=None)  # the first message of a language waits for its bank
@given(st.text(max_size=300))
def test_no_text_makes_the_classifier_fail(text: str) -> None:
    heard = heard_in(text, banks=banks_for())
    for opinion in shipped_opinions():
        assert all(0 <= one.probability <= 1 for one in opinion.opine(heard.text, "en", heard.signs))


@pytest.mark.parametrize(
    "text",
    [
        "Is there any way to get rid of the whole lot you keep under my number?",
        "Ich wüsste doch gern, was da alles über mich notiert wurde",
        "Nie życzę sobie być w żadnej waszej grupie celowej",
    ],
)
def test_wishes_in_words_that_no_rule_knows_are_not_dropped(text: str) -> None:
    assert read_message(text).tier is not Tier.NONE


def test_whoever_only_asks_whether_data_can_be_deleted_may_be_choosing_where_to_put_it() -> None:
    asked = Claim(Right.ERASURE, Tier.ASK, 0.78, (), "rule, asked how", State.ASKED_HOW)
    both = lifted([asked], opinions(erasure=0.7, policy_question=0.2, none=0.1), QUIET)
    assert [(claim.right, claim.tier) for claim in both] == [
        (Right.ERASURE, Tier.ASK),
        (Right.POLICY_QUESTION, Tier.ASK),
    ]
    wanted = Claim(Right.ERASURE, Tier.ASK, 0.78, (), "rule")
    assert lifted([wanted], opinions(erasure=0.7, policy_question=0.2, none=0.1), QUIET) == [wanted]


def test_what_is_read_where_no_right_is_likely_at_all_is_a_humans_unless_an_officer_taught_it() -> None:
    likely = opinions(none=0.9, restriction=0.05)
    ruled = Claim(Right.RESTRICTION, Tier.ACT, 0.85, (), "rule")
    assert [claim.tier for claim in doubted([ruled], likely)] == [Tier.REVIEW]
    taught = Claim(Right.RESTRICTION, Tier.ACT, 0.95, (), f"{TAUGHT} x")
    assert [claim.tier for claim in doubted([taught], likely)] == [Tier.ASK]
