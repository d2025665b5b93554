"""What the law says where the policy is silent: for rights and deadlines, marked as law, with its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.router.core.law.model import Law, LawFault
from services.router.core.policy.answers.frames import Frame
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.question import Question

RIGHTS: Final[tuple[tuple[str, str], ...]] = (
    ("withdraw", "consent_withdrawal"),
    ("export", "portability"),
    ("profiling", "objection"),
    ("object", "objection"),
    ("restrict", "restriction"),
    ("delete", "erasure"),
    ("close_account", "erasure"),
    ("correct", "rectification"),
    ("unsubscribe", "objection"),
    ("complain", "complaint"),
    ("access", "access"),
    ("rights", "access"),
)
"""The concepts of a question and the right each is about; the first that is shown decides."""

ARTICLES: Final[dict[str, dict[str, str]]] = {
    "eu-gdpr": {
        "access": "Art. 15 GDPR", "rectification": "Art. 16 GDPR", "erasure": "Art. 17 GDPR",
        "restriction": "Art. 18 GDPR", "portability": "Art. 20 GDPR", "objection": "Art. 21 GDPR",
        "consent_withdrawal": "Art. 7(3) GDPR", "complaint": "Art. 77 GDPR",
    },
    "uk-gdpr": {
        "access": "Art. 15 UK GDPR", "rectification": "Art. 16 UK GDPR", "erasure": "Art. 17 UK GDPR",
        "restriction": "Art. 18 UK GDPR", "portability": "Art. 20 UK GDPR", "objection": "Art. 21 UK GDPR",
        "consent_withdrawal": "Art. 7(3) UK GDPR", "complaint": "Art. 77 UK GDPR",
    },
    "ch-fadp": {
        "access": "Art. 25 FADP", "rectification": "Art. 32(1) FADP", "erasure": "Art. 32(2)(c) FADP",
        "portability": "Art. 28 FADP", "objection": "Art. 30(2)(b) FADP", "restriction": "Art. 32(2)(a) FADP",
        "consent_withdrawal": "Art. 30(2)(b) FADP", "complaint": "Art. 49(1) FADP",
    },
}  # fmt: skip
"""Where each law grants each right; the texts themselves are public law."""

DEADLINE_CONCEPTS: Final = ("respond", "duration")


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
    right = next((right for concept, right in RIGHTS if concept in shown), "")
    law = laws[0]
    if "breach" in shown and not right:
        return _deadline(law, "breach", "law_breach", frame)
    if "respond" in shown and not right:
        return _deadline(law, "access", "law_deadline", frame)
    if not right:
        return None
    if "duration" in shown and ("respond" in shown or right in ("access", "portability", "rectification")):
        return _deadline(law, right, "law_deadline", frame)
    article = ARTICLES.get(law.id, {}).get(right)
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
