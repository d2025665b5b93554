"""What the law says where the policy is silent: for rights and deadlines, marked as law, with its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.router.core.law.model import Law, LawFault
from services.router.core.policy.answers.frames import Frame
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.question import Question


@dataclass(frozen=True, slots=True)
class LawNote:
    """A sentence of law, marked as such, and where it stands."""

    law: str
    right: str
    citation: str
    text: str


def law_note(asked: Question, laws: Sequence[Law], lexicon: Lexicon, frame: Frame) -> LawNote | None:
    """Return what the law says on the right, deadline or breach a question is about; None when it is about none."""
    if not laws:
        return None
    shown = {lexicon.names[concept] for concept in asked.direct}
    right = next((right for concept, right in lexicon.rights if concept in shown), "")
    law = laws[0]
    if "breach" in shown and not right:
        return _deadline(law, "breach", "law_breach", frame)
    if "respond" in shown and not right:
        return _deadline(law, "access", "law_deadline", frame)
    if not right:
        return None
    if "duration" in shown and ("respond" in shown or right in ("access", "portability", "rectification")):
        return _deadline(law, right, "law_deadline", frame)
    article = law.grants.get(right)
    if article is None:
        return _deadline(law, right, "law_deadline", frame)
    return LawNote(law.id, right, article, frame.say("law_right", right=frame.say(f"right_{right}"), citation=article))


def _deadline(law: Law, right: str, sentence: str, frame: Frame) -> LawNote | None:
    try:
        rule = law.rule_for(right)
    except LawFault:
        return None
    period = frame.period(rule.period.count, rule.period.unit.value)
    return LawNote(law.id, right, rule.source, frame.say(sentence, period=period, citation=rule.source))
