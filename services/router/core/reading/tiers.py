"""From what was found to what may be done: act, ask, review, or nothing.

A claim acts when its words are clear and asserted. Whatever cannot be undone needs more: a request in so many words,
without a condition, a threat, a typo or a second reading. A how-question is answered by a question. What stands in
talk about rights, or of other people, goes to a human at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.router.core.reading.candidate import Candidate
from services.router.core.reading.rights import IRREVERSIBLE, Right, State, Tier
from services.router.core.reading.verdict import Claim, Span

ACT_MIN: Final = 0.82
ACT_IRREVERSIBLE_MIN: Final = 0.9
ASKED_FIRST_MAX: Final = 0.77
"""The score of what would be acted on and is asked about first: below every act."""
ASK_MIN: Final = 0.5
REVIEW_MIN: Final = 0.25
SPANS_MAX: Final = 6
AGREEMENT_BONUS: Final = 0.03
LETTER_CLAUSES_MIN: Final = 5
PITCHES_MIN: Final = 1

_CAP: Final[dict[State, float]] = {
    State.ASSERTED: 1.0,
    State.ASKED_HOW: 0.78,
    State.CONDITIONAL: 0.6,
    State.HYPOTHETICAL: 0.2,
    State.THREATENED: 0.3,
    State.REPORTED: 0.3,
    State.PAST: 0.2,
    State.THIRD_PERSON: 0.2,
    State.PART: 0.35,
    State.NEGATED: 0.0,
}
_ASKED_HOW_IS_ENOUGH: Final = frozenset({Right.UNSUBSCRIBE, Right.POLICY_QUESTION, Right.STATUS_QUERY})


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate with its place in the message as it arrived and what makes it doubtful."""

    candidate: Candidate
    span: Span
    doubt: float


@dataclass(frozen=True, slots=True)
class Tone:
    """How the message as a whole speaks: to us, or about rights."""

    about: int
    addressed: int
    others: int
    clauses: int = 1
    pitch: int = 0
    things: int = 0

    @property
    def is_talk(self) -> bool:
        """Tell whether the writer talks about rights, or sells something, rather than using one."""
        return self.about >= 2 or self.pitch >= PITCHES_MIN or (self.about == 1 and self.addressed == 0)


def judged(found: Iterable[Found], tone: Tone) -> list[Claim]:
    """Return one claim per right, best first; refuted ones only when nothing asserts the same right."""
    by_right: dict[Right, list[Found]] = {}
    found = list(found)
    if tone.about == 1 and any(_is_clear(one.candidate) for one in found):
        tone = replace(tone, about=0)  # "I withdraw the consent that I gave at your webinar" talks about nothing
    for one in found:
        by_right.setdefault(one.candidate.right, []).append(one)
    claims = [claim for right, group in by_right.items() if (claim := _claim(right, group, tone)) is not None]
    if any(claim.right is Right.COMPLAINT and claim.tier is Tier.ACT for claim in claims):
        # A complaint tells of the request that went unanswered; it asks for more than its status.
        claims = [lowered(claim) if claim.right is Right.STATUS_QUERY else claim for claim in claims]
    if any(claim.right is Right.CONSENT_WITHDRAWAL and claim.tier is Tier.ACT for claim in claims):
        # Who changed their mind about a consent takes back no request (Art. 7(3)).
        claims = [lowered(claim) if _changed_their_mind(claim) else claim for claim in claims]
    if tone.clauses >= LETTER_CLAUSES_MIN and any(
        claim.right is Right.ACCESS and claim.tier is Tier.ACT for claim in claims
    ):
        # GDPR Art. 15(1) and (2): who gets the data and how long it is kept are part of the access asked for.
        claims = [lowered(claim) if claim.right is Right.POLICY_QUESTION else claim for claim in claims]
    if tone.clauses >= LETTER_CLAUSES_MIN and any(claim.tier is Tier.ACT and not claim.weak for claim in claims):
        claims = [lowered(claim) if claim.weak else claim for claim in claims]
    claims = _reconciled(claims, by_right)
    if any(claim.right is Right.WITHDRAWAL_OF_REQUEST and claim.tier in (Tier.ACT, Tier.ASK) for claim in claims):
        # Whoever takes a request back tells of it: what cannot be undone is asked about first.
        claims = [asked_first(claim) if claim.right in IRREVERSIBLE else claim for claim in claims]
    return sorted(claims, key=lambda claim: (-claim.score, claim.right))


def _changed_their_mind(claim: Claim) -> bool:
    return claim.right is Right.WITHDRAWAL_OF_REQUEST and claim.reason.startswith("idiom")


def _is_clear(candidate: Candidate) -> bool:
    asserted = candidate.state is State.ASSERTED and candidate.requested
    return asserted and not candidate.weak and candidate.score >= ACT_MIN and candidate.reason.startswith("rule")


def _claim(right: Right, group: Sequence[Found], tone: Tone) -> Claim | None:
    scored = sorted(((_score(one), one) for one in group), key=lambda pair: (-pair[0], pair[1].span.start))
    best_score, best = scored[0]
    denied = [one for one in group if one.candidate.state is State.NEGATED]
    if denied and best_score < ACT_MIN and best.candidate.state is not State.ASSERTED:
        best, best_score = denied[0], 0.0
    if best.candidate.state is State.NEGATED:
        spans = _spans(denied)
        return Claim(right, Tier.NONE, 0.9, spans, f"{best.candidate.reason}, denied", State.NEGATED, negated=True)
    agreeing = {one.candidate.reason for score, one in scored if score >= ASK_MIN}
    score = min(0.99, best_score + AGREEMENT_BONUS * (len(agreeing) - 1)) if best_score >= ACT_MIN else best_score
    if denied:
        # The same right both asked for and denied: a human or the person must say which.
        score = min(score, 0.7)
    if tone.is_talk:
        score = min(score, 0.45)
    tier = _tier(right, score, best.candidate)
    if tier is Tier.NONE:
        return None
    reason = (
        best.candidate.reason
        if best.candidate.state is State.ASSERTED
        else (f"{best.candidate.reason}, {best.candidate.state.value}")
    )
    counted = [one for value, one in scored if value >= ASK_MIN] or [best]
    weak = all(one.candidate.weak for one in counted)
    return Claim(right, tier, round(score, 2), _spans(counted), reason, best.candidate.state, weak=weak)


def asked_first(claim: Claim) -> Claim:
    """Put what would be acted on before the person."""
    if claim.tier is not Tier.ACT:
        return claim
    return replace(claim, tier=Tier.ASK, score=min(claim.score, ASKED_FIRST_MAX))


def lowered(claim: Claim) -> Claim:
    """Put a claim that only weak rules read, beside a clear one in a long letter, before a human at most."""
    if claim.tier not in (Tier.ACT, Tier.ASK):
        return claim
    return replace(claim, tier=Tier.REVIEW, score=min(claim.score, ASK_MIN - 0.05))


def _score(one: Found) -> float:
    candidate = one.candidate
    cap = _CAP[candidate.state]
    if candidate.state is State.ASKED_HOW and candidate.right in _ASKED_HOW_IS_ENOUGH:
        cap = 1.0
    return min(candidate.score, cap) - one.doubt


def _tier(right: Right, score: float, candidate: Candidate) -> Tier:
    act_min = ACT_IRREVERSIBLE_MIN if right in IRREVERSIBLE else ACT_MIN
    clear = candidate.state is State.ASSERTED and (candidate.requested or right not in IRREVERSIBLE)
    if score >= act_min and (clear or candidate.state is State.ASKED_HOW):
        return Tier.ACT
    if score >= ASK_MIN:
        return Tier.ASK
    return Tier.REVIEW if score >= REVIEW_MIN else Tier.NONE


def _spans(group: Sequence[Found]) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in sorted({one.span for one in group}, key=lambda span: (span.part, span.start, -span.end)):
        if kept and kept[-1].part == span.part and span.start < kept[-1].end:
            if span.end > kept[-1].end:
                kept[-1] = Span(kept[-1].start, span.end, span.part)
            continue
        kept.append(span)
    return tuple(kept[:SPANS_MAX])


_GIVES_WAY: Final[tuple[tuple[Right, Right], ...]] = (
    # (what is said, what the same words then do not mean as well), in the order in which they are settled
    (Right.WITHDRAWAL_OF_REQUEST, Right.ERASURE),
    (Right.WITHDRAWAL_OF_REQUEST, Right.ACCESS),
    (Right.WITHDRAWAL_OF_REQUEST, Right.STATUS_QUERY),
    (Right.STATUS_QUERY, Right.ERASURE),
    (Right.STATUS_QUERY, Right.ACCESS),
    (Right.OPT_OUT_OF_SALE, Right.UNSUBSCRIBE),
    (Right.OPT_OUT_OF_SALE, Right.OBJECTION),
    (Right.OPT_OUT_OF_SALE, Right.POLICY_QUESTION),
    (Right.UNSUBSCRIBE, Right.ERASURE),
    (Right.ERASURE, Right.ACCESS),
    (Right.RESTRICTION, Right.OBJECTION),
    (Right.OBJECTION, Right.UNSUBSCRIBE),
    (Right.OBJECTION, Right.POLICY_QUESTION),
    (Right.BREACH_REPORT, Right.RECTIFICATION),
    (Right.ACCESS, Right.POLICY_QUESTION),
    (Right.ERASURE, Right.POLICY_QUESTION),
    (Right.RECTIFICATION, Right.POLICY_QUESTION),
    (Right.BREACH_REPORT, Right.POLICY_QUESTION),
    (Right.RESTRICTION, Right.POLICY_QUESTION),
    (Right.PORTABILITY, Right.POLICY_QUESTION),
    (Right.CONSENT_WITHDRAWAL, Right.POLICY_QUESTION),
)


_BESIDE: Final[Mapping[tuple[Right, Right], frozenset[str] | None]] = {
    (Right.UNSUBSCRIBE, Right.ERASURE): None,
    (Right.ERASURE, Right.ACCESS): frozenset(
        f'rule "{name}"'
        for name in ("a copy of my data", "give me my data", "tell me what you hold", "exercise the right to access")
    ),
}
"""Which pairs may stand side by side in one clause, and by which evidence: "delete my account and send me a copy"."""


def _reconciled(claims: Sequence[Claim], by_right: Mapping[Right, Sequence[Found]]) -> list[Claim]:
    """Drop a weaker reading of words that another claim reads better; what is dropped drops nothing more."""
    live = {claim.right: claim for claim in claims if not claim.negated}
    for winner, loser in _GIVES_WAY:
        rival, claim = live.get(winner), live.get(loser)
        if rival is None or claim is None or not _outranks(rival, claim):
            continue
        if _overlap(claim, rival) and _begins_first(rival, claim) and not _beside(winner, loser, by_right):
            del live[loser]
    return [claim for claim in claims if claim.negated or live.get(claim.right) is claim]


def _beside(winner: Right, loser: Right, by_right: Mapping[Right, Sequence[Found]]) -> bool:
    """Tell whether the weaker right has words of its own beside the stronger's own words.

    In "delete my account and unsubscribe me from the newsletter" one wide reading of the stronger right spans both, and
    holds a narrow one that leaves the other's words alone. In "take me off and delete my address from your list" none
    does.
    """
    if (winner, loser) not in _BESIDE:
        return False
    reasons = _BESIDE[winner, loser]
    mine = [one.span for one in by_right[loser] if _is_clear(one.candidate)
            and (reasons is None or one.candidate.reason in reasons)]  # fmt: skip
    theirs = [one for one in by_right[winner] if _score(one) >= ASK_MIN]
    # A word's idiom ("delete all") leaves its object to be read as something else; a rule has read it.
    whole = [one.span for one in theirs if winner is not Right.ERASURE or _is_clear(one.candidate)]
    return any(_apart(span, whole, [one.span for one in theirs]) for span in mine)


def _apart(span: Span, whole: Sequence[Span], others: Sequence[Span]) -> bool:
    """Tell whether these words are read as the other right only where words of its own are read with them."""
    own = [other for other in whole if not _meet(span, other)]
    wide = [other for other in others if _meet(span, other)]
    return bool(wide) and all(any(_holds(other, narrow) for narrow in own) for other in wide)


def _holds(wide: Span, narrow: Span) -> bool:
    return wide.part == narrow.part and wide.start <= narrow.start and narrow.end <= wide.end


def _meet(one: Span, other: Span) -> bool:
    return one.part == other.part and one.start < other.end and other.start < one.end


def _outranks(one: Claim, other: Claim) -> bool:
    order = (Tier.NONE, Tier.REVIEW, Tier.ASK, Tier.ACT)
    return order.index(one.tier) >= order.index(other.tier)


def _begins_first(one: Claim, other: Claim) -> bool:
    """Tell whether an erasure's words begin before an access's: "delete everything you have" is not also access."""
    if (one.right, other.right) != (Right.ERASURE, Right.ACCESS):
        return True
    return min(span.start for span in one.spans) <= min(span.start for span in other.spans)


def _overlap(one: Claim, other: Claim) -> bool:
    return any(_meet(mine, theirs) for mine in one.spans for theirs in other.spans)


def tier_of_message(claims: Sequence[Claim], *, unread: bool) -> Tier:
    """Return what is done with the message: the strongest of its claims, or review if it could not be read."""
    tiers = {claim.tier for claim in claims}
    if unread and not tiers & {Tier.ACT, Tier.ASK}:
        return Tier.REVIEW
    for tier in (Tier.ACT, Tier.ASK, Tier.REVIEW):
        if tier in tiers:
            return tier
    return Tier.NONE
