"""Which concepts together make a claim: one table, read from top to bottom, the same in every language.

A rule fires in one clause. Its first need is the anchor (the verb, mostly); every other need must stand within `near`
words of it. `unless` are concepts of the clause that refute it. Words come from the banks; this table knows none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import Right


@dataclass(frozen=True, slots=True)
class Rule:
    """A combination of concepts that uses a right.

    `framed`: the words alone are not a request ("deleted"), there must be one in the clause ("I want … deleted").
    `negative`: the rule's own meaning is a negation ("don't send me"), so a negator does not refute it.
    `telling`: the rule reads a statement or a question, so that past tense and question words do not refute it.
    """

    name: str
    right: Right
    needs: tuple[int, ...]
    score: float = 0.95
    near: int = 9
    unless: int = 0
    framed: bool = False
    negative: bool = False
    telling: bool = False
    weak: bool = False


_MINE = mask("my", "me")
_OBJECT = mask("data", "personal", "account")
_THING = mask("thing")
_NO = mask("stop", "not")

RULES: Final[tuple[Rule, ...]] = (
    # Erasure, GDPR Art. 17
    Rule("erase personal data", Right.ERASURE, (mask("erase"), mask("personal")), unless=_THING),
    Rule("erase my data", Right.ERASURE, (mask("erase"), mask("data"), _MINE), unless=_THING, near=7),
    Rule("erase the data you hold", Right.ERASURE, (mask("erase"), mask("data", "everything"), mask("hold", "my"))),
    Rule(
        "erase what you hold on me",
        Right.ERASURE,
        (mask("erase"), mask("what", "everything"), mask("hold", "collect"), mask("my", "me", "you")),
        near=7,
        unless=_THING,
    ),
    Rule(
        "erase another person's data",
        Right.ERASURE,
        (mask("erase"), mask("data", "personal", "account"), mask("relative", "behalf", "they")),
        near=6,
        unless=_THING | mask("my"),
        score=0.75,
        weak=True,
    ),
    Rule("erase the account", Right.ERASURE, (mask("erase", "close"), mask("account")), unless=_THING, near=6),
    Rule(
        "erase me from the system",
        Right.ERASURE,
        (mask("erase"), mask("me"), mask("database")),
        near=7,
        unless=_THING | mask("list", "marketing"),
    ),
    # "Do not keep anything of mine": the person is asked, because it names no erasure.
    Rule(
        "keep nothing of mine",
        Right.ERASURE,
        (mask("not"), mask("keep", "hold"), mask("my", "personal", "data")),
        near=3,
        negative=True,
        unless=_THING | mask("use", "collect", "practice", "question", "restrict", "consent", "wrong", "item"),
        score=0.7,
        weak=True,
    ),
    Rule("have it erased", Right.ERASURE, (mask("erased"), _OBJECT), framed=True, unless=_THING, near=8),
    Rule(
        "the right to erasure under the law",
        Right.ERASURE,
        (mask("erase"), mask("law"), mask("my", "personal", "data")),
    ),
    # Rectification, Art. 16
    # "I change my provider and want my data" corrects nothing.
    Rule(
        "correct personal data",
        Right.RECTIFICATION,
        (mask("correct"), mask("personal")),
        near=7,
        unless=_THING | mask("provider", "format"),
    ),
    Rule(
        "correct my details",
        Right.RECTIFICATION,
        (mask("correct"), mask("field", "data"), mask("my", "you", "account")),
        unless=_THING | mask("consent", "provider", "format", "item"),
        near=8,
        score=0.9,
        weak=True,
    ),
    Rule(
        "correct a detail",
        Right.RECTIFICATION,
        (mask("correct"), mask("field")),
        unless=_THING | mask("item"),
        near=6,
        score=0.75,
        weak=True,
    ),
    Rule(
        "a detail is wrong",
        Right.RECTIFICATION,
        (mask("wrong"), mask("field", "personal"), mask("my", "you", "account")),
        unless=_THING,
        near=9,
        telling=True,
        score=0.88,
        weak=True,
    ),
    Rule(
        "the data is wrong",
        Right.RECTIFICATION,
        (mask("wrong"), mask("data"), mask("my", "hold")),
        unless=_THING | mask("what", "practice"),
        near=8,
        telling=True,
        score=0.85,
        weak=True,
    ),
    # Restriction, Art. 18
    Rule(
        "restrict the processing",
        Right.RESTRICTION,
        (mask("restrict"), mask("processing", "personal")),
        unless=_THING,
        near=8,
    ),
    Rule(
        "restrict my data",
        Right.RESTRICTION,
        (mask("restrict"), mask("data"), _MINE),
        unless=_THING,
        near=6,
        score=0.88,
    ),
    # Portability, Art. 20
    Rule(
        "my data in a format",
        Right.PORTABILITY,
        (mask("format"), mask("data", "personal", "everything"), mask("give", "copy", "move")),
        near=14,
        score=0.93,
    ),
    Rule(
        "move my data to a provider",
        Right.PORTABILITY,
        (mask("move", "give"), mask("data", "personal", "everything"), mask("provider")),
        near=12,
        score=0.93,
    ),
    Rule(
        "export my data",
        Right.PORTABILITY,
        (mask("move"), mask("data", "personal", "everything"), mask("my", "personal")),
        near=6,
        unless=_THING | mask("question", "copy"),
        score=0.8,
        weak=True,
    ),
    # Access, Art. 15
    # Data that goes to another provider goes by Art. 20 alone.
    Rule(
        "a copy of my data",
        Right.ACCESS,
        (mask("copy", "give"), mask("personal")),
        unless=mask("format", "provider"),
        near=8,
    ),
    Rule(
        "give me my data",
        Right.ACCESS,
        (mask("give", "copy"), mask("data"), mask("my", "hold")),
        near=8,
        score=0.92,
        unless=_THING | mask("format", "provider"),
        weak=True,
    ),
    Rule(
        "tell me what you hold",
        Right.ACCESS,
        (mask("hold"), mask("what"), _MINE, mask("data", "personal")),
        near=8,
        score=0.9,
        telling=True,
        unless=_THING | mask("third_party", "app", "complain", "consent", "object"),
        weak=True,
    ),
    Rule(
        "whether you hold my data",
        Right.ACCESS,
        (mask("hold", "processing"), mask("data", "personal", "everything"), _MINE, mask("tell"), mask("if")),
        near=14,
        weak=True,
        unless=_THING | mask("third_party", "share", "erase", "erased", "restrict"),
        telling=True,
    ),
    Rule(
        "everything you hold on me",
        Right.ACCESS,
        (mask("hold"), mask("everything", "data", "personal", "what"), _MINE, mask("give", "tell", "copy", "want")),
        near=10,
        score=0.92,
        unless=_THING | mask("erase", "erased", "restrict", "complain", "object"),
        weak=True,
    ),
    Rule(
        "whether you process my data",
        Right.ACCESS,
        (mask("use", "processing", "hold"), mask("personal"), mask("tell"), mask("if", "question")),
        near=14,
        weak=True,
        telling=True,
    ),
    # Objection, Arts. 21 and 22
    Rule(
        "object to the processing",
        Right.OBJECTION,
        (mask("object"), mask("processing", "use", "marketing", "automated")),
        negative=True,
        near=10,
    ),
    Rule(
        "object to the use of my data",
        Right.OBJECTION,
        (mask("object"), mask("data", "personal"), mask("my", "personal", "use", "share")),
        negative=True,
        near=10,
        score=0.9,
    ),
    Rule(
        "do not use my data for marketing",
        Right.OBJECTION,
        (_NO, mask("use", "processing", "collect"), mask("data", "personal", "field"), mask("marketing", "automated")),
        negative=True,
        near=12,
    ),
    Rule(
        "stop using my data",
        Right.OBJECTION,
        (mask("stop"), mask("use", "processing"), mask("data", "personal")),
        negative=True,
        near=8,
        unless=mask("erase", "erased", "close"),
        score=0.9,
    ),
    Rule(
        "do not use my data",
        Right.OBJECTION,
        (mask("not"), mask("use", "processing"), mask("data", "personal"), _MINE),
        negative=True,
        near=7,
        score=0.75,
        unless=mask("question"),
        weak=True,
    ),
    Rule("stop profiling me", Right.OBJECTION, (_NO, mask("automated")), negative=True, near=5, score=0.9),
    Rule(
        "stop tracking me", Right.OBJECTION, (mask("stop"), mask("collect"), _MINE), negative=True, near=5, score=0.85
    ),
    # Withdrawal of consent, Art. 7(3)
    Rule("withdraw my consent", Right.CONSENT_WITHDRAWAL, (mask("withdraw"), mask("consent")), near=9),
    Rule(
        "no longer consent", Right.CONSENT_WITHDRAWAL, (mask("stop"), mask("consent")), near=5, negative=True, score=0.9
    ),
    # Direct marketing
    Rule(
        "unsubscribe me",
        Right.UNSUBSCRIBE,
        (mask("unsubscribe"), mask("me", "my", "please", "marketing", "list", "message", "want", "how", "can")),
        near=8,
        unless=_THING,
        score=0.93,
    ),
    Rule("unsubscribe", Right.UNSUBSCRIBE, (mask("unsubscribe"),), score=0.8, unless=_THING, weak=True),
    Rule(
        "stop the newsletter",
        Right.UNSUBSCRIBE,
        (mask("stop"), mask("marketing")),
        negative=True,
        near=7,
        score=0.92,
        unless=mask("object", "use", "processing"),
        weak=True,
    ),
    Rule(
        "stop sending me messages",
        Right.UNSUBSCRIBE,
        (mask("stop"), mask("contact"), mask("me", "message", "marketing")),
        negative=True,
        near=6,
        score=0.88,
        unless=mask("request"),
        weak=True,
    ),
    Rule(
        "do not send me marketing",
        Right.UNSUBSCRIBE,
        (mask("not"), mask("contact", "want", "give"), mask("marketing")),
        negative=True,
        near=8,
        score=0.92,
        unless=mask("use", "processing"),
        weak=True,
    ),
    Rule(
        "no more messages",
        Right.UNSUBSCRIBE,
        (mask("stop"), mask("message"), mask("you", "want", "please", "give")),
        negative=True,
        near=7,
        score=0.85,
        unless=_THING,
        weak=True,
    ),
    Rule(
        "take me off the list",
        Right.UNSUBSCRIBE,
        (mask("erase", "close"), mask("list", "marketing"), mask("my", "me")),
        near=8,
        unless=_THING | mask("item"),
        score=0.92,
        weak=True,
    ),
    Rule(
        "cancel the newsletter",
        Right.UNSUBSCRIBE,
        (mask("erase", "close", "cancel"), mask("marketing")),
        near=5,
        unless=_THING,
        score=0.88,
        weak=True,
    ),
    # California: CCPA § 1798.120
    Rule(
        "do not sell my data",
        Right.OPT_OUT_OF_SALE,
        (_NO, mask("sell"), mask("data", "personal")),
        negative=True,
        near=7,
    ),
    Rule(
        "opt out of the sale",
        Right.OPT_OUT_OF_SALE,
        (mask("unsubscribe", "object"), mask("sell")),
        negative=True,
        near=7,
    ),
    # Complaint, Art. 77, and to the organisation itself
    Rule(
        "complain about privacy",
        Right.COMPLAINT,
        (mask("complain"), mask("privacy", "law", "personal", "authority", "data", "processing")),
        near=14,
        score=0.9,
        weak=True,
    ),
    Rule(
        "I hereby complain", Right.COMPLAINT, (mask("complain"), mask("hereby", "want")), near=8, score=0.75, weak=True
    ),
    # Breach
    Rule(
        "my data was breached",
        Right.BREACH_REPORT,
        (mask("breach"), mask("data", "personal", "account", "field", "privacy"), mask("my", "me")),
        near=10,
        telling=True,
        unless=_THING | mask("if"),
        score=0.88,
        weak=True,
    ),
    Rule(
        "I see what belongs to others",
        Right.BREACH_REPORT,
        (mask("breach"), mask("see", "give"), mask("me", "thing", "data", "field", "account", "personal")),
        near=8,
        telling=True,
        unless=mask("if", "practice", "how", "want", "use"),
        score=0.8,
        weak=True,
    ),
    # Questions about the policy
    Rule(
        "who gets my data",
        Right.POLICY_QUESTION,
        (
            mask("share", "sell", "collect", "use", "see", "protect", "processing"),
            mask("data", "personal", "field", "privacy"),
            mask("question"),
        ),
        near=10,
        telling=True,
        score=0.75,
        unless=_THING,
        weak=True,
    ),
    # "What information do you have about the new model?" holds nothing of a person.
    Rule(
        "whether you hold data",
        Right.POLICY_QUESTION,
        (
            mask("hold", "keep"),
            mask("data", "personal", "field", "privacy"),
            mask("question"),
            mask("my", "me", "personal", "privacy", "app", "third_party", "practice"),
        ),
        near=10,
        telling=True,
        score=0.75,
        unless=_THING,
        weak=True,
    ),
    Rule(
        "how you handle my data",
        Right.POLICY_QUESTION,
        (
            mask("share", "sell", "collect", "use", "see", "protect", "hold", "keep", "processing"),
            mask("data", "personal", "field", "message"),
            mask("practice"),
            _MINE,
        ),
        near=9,
        telling=True,
        score=0.88,
        unless=_THING,
        weak=True,
    ),
    Rule(
        "what the policy says",
        Right.POLICY_QUESTION,
        (mask("privacy"), mask("question", "how")),
        near=10,
        telling=True,
        score=0.7,
        weak=True,
    ),
    # Answers to an identity check
    Rule(
        "here is my proof",
        Right.IDENTITY_REPLY,
        (mask("proof"), mask("here")),
        near=9,
        telling=True,
        unless=mask("how"),
        score=0.88,
        weak=True,
    ),
    # Where is my request?
    Rule(
        "no answer to my request",
        Right.STATUS_QUERY,
        (mask("waiting"), mask("request", "reported")),
        near=14,
        telling=True,
        negative=True,
        unless=_THING,
        score=0.88,
        weak=True,
    ),
    Rule(
        "what became of my data request",
        Right.STATUS_QUERY,
        (mask("waiting"), mask("erase", "erased", "copy"), mask("data", "personal", "account")),
        near=12,
        telling=True,
        negative=True,
        unless=_THING,
        score=0.85,
        weak=True,
    ),
    # Withdrawal of an earlier request
    Rule(
        "cancel my request",
        Right.WITHDRAWAL_OF_REQUEST,
        (mask("cancel", "withdraw", "stop"), mask("request", "reported")),
        near=6,
        unless=_THING | mask("consent", "marketing", "contact"),
        score=0.9,
        negative=True,
        weak=True,
    ),
    Rule(
        "keep my account after all",
        Right.WITHDRAWAL_OF_REQUEST,
        (mask("keep"), mask("account"), mask("cancel", "not", "want", "please")),
        near=9,
        score=0.8,
        negative=True,
        unless=mask("marketing", "unsubscribe"),
        weak=True,
    ),
)
"""Read in order; the best of a right in a message counts."""
