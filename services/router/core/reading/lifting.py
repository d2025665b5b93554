"""What second opinions change: a question more, a doubt, or a hint for a human; never an act, never a loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from services.router.core.reading.candidate import EXERCISED, TAUGHT
from services.router.core.reading.opinion import Opinion
from services.router.core.reading.rights import IRREVERSIBLE, Right, State, Tier
from services.router.core.reading.tiers import Found, Tone, asked_first, lowered
from services.router.core.reading.verdict import Claim, Span

OPINION_ASK_MIN: Final = 0.7
OPINION_REVIEW_MIN: Final = 0.55
OPINION_SOME_RIGHT_MIN: Final = 0.6
OPINION_LIKELIEST_MIN: Final = 0.36
OPINION_NONE_MAX: Final = 0.15
"""Below this likelihood that no right is used, the likeliest right may be asked about, though others are near."""
OPINION_BESIDE_MIN: Final = 0.45
"""From this likelihood on a right is asked about beside what the rules read."""
OPINION_DOUBTS_BELOW: Final = 0.02
"""What the rules would act or ask on, and an opinion finds less likely than this, is doubted."""
OPINION_ELSEWHERE_MIN: Final = 0.8
"""From this likelihood of another right on, what is doubted is a human's and no question to the person."""
OPINION_DOUBTS_IRREVERSIBLE_BELOW: Final = 0.25
"""What cannot be undone is asked about first unless an opinion finds it at least this likely as well."""
OPINION_IN_SPITE_MIN: Final = 0.7
"""From this likelihood on a right is asked about though the rules saw an order, a story or a denial near it."""
OPINION_IN_TALK_MIN: Final = 0.6
"""From this likelihood on a right is asked about though a word of the message is of talk about rights."""
OPINION_HOW_MIN: Final = 0.1
"""From this likelihood on a question about the policy is read beside a right of which is only asked how it is used."""
OPINION_NONE_DOUBTS_MIN: Final = 0.6
"""What the rules would ask about is a human's where an opinion is so sure that no right is used at all."""

OPINION_NONE_DENIES_MIN: Final = 0.8
"""What the rules would act on is a human's where an opinion is so sure that no right is used"""
OPINION_DENIES_BELOW: Final = 0.1
"""and finds this right less likely than this: "have the tree looked at and removed"."""
PASSAGE_MIN: Final = 0.95
"""From this likelihood on what one passage of a longer message asks is asked about, whatever the others say."""
PASSAGE_LEAST: Final = 0.15
"""How likely it is at least where a passage speaks of rights that are read already as well."""
PASSAGE_IN_SPITE_MIN: Final = 0.97
"""The same where the rules saw a story, a threat or a single photo in these words."""

_OPINION: Final = "second opinion of the"
_UNDONE: Final = frozenset({State.HYPOTHETICAL, State.THREATENED, State.THIRD_PERSON, State.PART})
_TOLD_WITH_OTHERS: Final = frozenset({Right.COMPLAINT, Right.IDENTITY_REPLY, Right.POLICY_QUESTION})
"""What a passage of a request tells as well: what comes if it is not met, who writes, on what ground data is kept."""
_ABOUT_THINGS_TOO: Final = frozenset(
    {Right.ERASURE, Right.ACCESS, Right.RECTIFICATION, Right.UNSUBSCRIBE, Right.WITHDRAWAL_OF_REQUEST}
)


def refuted(found: Iterable[Found]) -> frozenset[Right]:
    """Return the rights whose words the rules saw and understood as no request: a story, a threat, a single photo."""
    return frozenset(one.candidate.right for one in found if one.candidate.state in _UNDONE)


def lifted(
    claims: Sequence[Claim], opinions: Sequence[Opinion], tone: Tone, understood: frozenset[Right] = frozenset()
) -> list[Claim]:
    """Return the claims with what second opinions add: a question back if they are sure, else a hint for a human.

    An opinion about a right that the message expressly denies is not heard. One about a right that the rules
    understood as no request, or in a message about an order or a photo, is a hint at most. Whoever only thinks it
    likely that *some* right is used names the likeliest: a request that nobody sees is the worse error. Beside what
    the rules read clearly enough, one more right is asked about, and nothing is hinted at.
    """
    kept = list(claims)
    denied = {claim.right for claim in claims if claim.negated}
    none = max((one.probability for one in opinions if one.right is None), default=1.0)
    settled = {claim.right for claim in claims if claim.tier in (Tier.ACT, Tier.ASK)}
    only_how = all(claim.state is State.ASKED_HOW for claim in claims if claim.right in settled)
    hint_wanted = not settled and 1.0 - none >= OPINION_SOME_RIGHT_MIN
    for opinion in opinions:
        if opinion.right is None or opinion.right in denied or opinion.right in settled:
            continue
        sure = _is_sure(opinion, none, tone, understood, settled, denied=bool(denied))
        if settled and only_how and opinion.right is Right.POLICY_QUESTION:
            # "Can I delete my photos?" is asked by who wants them gone, and by who chooses where to put them.
            sure = opinion.probability >= OPINION_HOW_MIN and not tone.is_talk
        hinted = not settled and (hint_wanted or opinion.probability >= OPINION_REVIEW_MIN)
        if not sure and not hinted:
            continue
        hint_wanted = False
        known = next((claim for claim in kept if claim.right is opinion.right), None)
        if known is not None:
            kept.remove(known)
        reason = f"{_OPINION} {opinion.origin}, {opinion.probability:.2f}"
        tier, score = (Tier.ASK, _score_of(opinion)) if sure else (Tier.REVIEW, 0.4)
        spans = known.spans if known is not None else ()
        kept.append(Claim(opinion.right, tier, score, spans, reason))
        if sure and opinion.probability >= OPINION_ELSEWHERE_MIN:
            # One question to the person is enough: it is about the right that is likely.
            kept = [_a_humans(one) if _is_a_doubted_question(one, opinions) else one for one in kept]
    return sorted(kept, key=lambda claim: (-claim.score, claim.right))


def _is_a_doubted_question(claim: Claim, opinions: Sequence[Opinion]) -> bool:
    heard = max((one.probability for one in opinions if one.right is claim.right), default=1.0)
    return claim.tier is Tier.ASK and heard < OPINION_DOUBTS_BELOW


def lifted_by_passages(
    claims: Sequence[Claim],
    heard: Iterable[tuple[Span, Sequence[Opinion]]],
    tone: Tone,
    understood: frozenset[Right] = frozenset(),
) -> list[Claim]:
    """Return the claims with a question about each right that a single passage all but surely asks for.

    What a passage leaves after the rights that are read already counts as the whole: "I take back my consent and want
    it all deleted" is half an opinion about each.
    """
    if tone.about > 1 or tone.pitch:
        return list(claims)
    settled = {claim.right for claim in claims if claim.tier in (Tier.ACT, Tier.ASK)}
    passed_over = (
        {claim.right for claim in claims if claim.negated} | settled | (_TOLD_WITH_OTHERS if settled else set())
    )
    best: dict[Right, Claim] = {}
    surest: dict[Right, float] = {}
    for span, opinions in heard:
        left = 1.0 - sum(one.probability for one in opinions if one.right in settled)
        for opinion in opinions:
            right = opinion.right
            if right is None or right in passed_over or opinion.probability < PASSAGE_LEAST:
                continue
            least = PASSAGE_IN_SPITE_MIN if right in understood else PASSAGE_MIN
            if opinion.probability < least * max(left, PASSAGE_LEAST):
                continue
            if right not in surest or surest[right] < opinion.probability:
                surest[right] = opinion.probability
                reason = f"{_OPINION} {opinion.origin} of this passage, {opinion.probability:.2f}"
                best[right] = Claim(right, Tier.ASK, _score_of(opinion), (span,), reason)
    kept = [claim for claim in claims if claim.right not in best]
    return sorted([*kept, *best.values()], key=lambda claim: (-claim.score, claim.right))


def _score_of(opinion: Opinion) -> float:
    """Return what a question scores that an opinion alone asks: below whatever rules would act on."""
    return round(0.5 + 0.2 * opinion.probability, 2)


def is_an_opinion(claim: Claim) -> bool:
    """Tell whether nothing but a second opinion stands behind a claim."""
    return claim.reason.startswith(_OPINION)


def doubted(claims: Sequence[Claim], opinions: Sequence[Opinion], beside: Sequence[Right] = ()) -> list[Claim]:
    """Return the claims, those that an opinion finds all but impossible put before the person, or before a human.

    An act becomes a question, or beside another right that is read (or is among `beside`) a human's; a question becomes
    a human's, unless an officer taught its words. Nothing disappears.
    """
    likely = {one.right: one.probability for one in opinions}
    settled = [claim for claim in claims if claim.tier in (Tier.ACT, Tier.ASK)]
    doubtful = [
        _doubted(claim, likely, [*beside, *[one.right for one in settled if one is not claim]]) for claim in claims
    ]
    if likely.get(None, 0.0) < OPINION_NONE_DOUBTS_MIN:
        return doubtful
    return [
        _a_humans(now) if was.tier is Tier.ASK or _is_a_doubted_question(now, opinions) else now
        for was, now in zip(claims, doubtful, strict=True)
    ]


def _doubted(claim: Claim, likely: Mapping[Right | None, float], beside: Sequence[Right]) -> Claim:
    likelihood = likely.get(claim.right, 1.0)
    denied = likely.get(None, 0.0) >= OPINION_NONE_DENIES_MIN and likelihood < OPINION_DENIES_BELOW
    if denied and claim.right not in IRREVERSIBLE:  # "i wnat my dta deletd" is odd to an opinion, and no less meant
        return _a_humans(claim)
    # An opinion divides what it believes among all the rights of a message.
    impossible = likelihood < OPINION_DOUBTS_BELOW / max(1, len(beside)) ** 2
    if claim.tier is Tier.ACT and impossible:
        return _a_humans(claim) if beside else asked_first(claim)
    if claim.tier is Tier.ACT and claim.right in IRREVERSIBLE:
        left = 1.0 - sum(likely.get(right, 0.0) for right in beside)
        if likelihood < OPINION_DOUBTS_IRREVERSIBLE_BELOW * left:
            return asked_first(claim)
    return _a_humans(claim) if claim.tier is Tier.ASK and impossible else claim


def _a_humans(claim: Claim) -> Claim:
    """Put a claim before a human; what an officer taught, or the writer calls their right, is asked about at least."""
    return asked_first(claim) if claim.reason.startswith((TAUGHT, EXERCISED)) else lowered(claim)


def _is_sure(
    opinion: Opinion, none: float, tone: Tone, understood: frozenset[Right], settled: set[Right], *, denied: bool
) -> bool:
    least = OPINION_LIKELIEST_MIN if none <= OPINION_NONE_MAX else OPINION_ASK_MIN
    if settled:
        if opinion.right in understood:
            return False
        least = OPINION_BESIDE_MIN
    # Whoever asks where data is stored asks for no copy of it.
    asks = opinion.right is Right.ACCESS and Right.POLICY_QUESTION in settled
    if denied or asks or (opinion.right in _ABOUT_THINGS_TOO and (tone.things or opinion.right in understood)):
        least = OPINION_IN_SPITE_MIN
    if tone.about:
        least = max(least, OPINION_IN_TALK_MIN)
    return opinion.probability >= least and tone.about < 2 and not tone.pitch
