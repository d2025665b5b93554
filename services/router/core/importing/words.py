"""What other tools write in their fields, read as we name it: rights, channels, states, yes and no, dates."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from schemas.rights import Channel, Right
from services.router.core.importing.columns import plain

_RIGHTS: Final[dict[Right, tuple[str, ...]]] = {
    Right.ACCESS: ("access", "dsar", "sar", "subject access", "subject access request", "data access", "access request",
                   "copy", "copy of data", "right to know", "know", "right of access", "data copy", "info request",
                   "information", "auskunft", "acces", "acceso", "art 15", "article 15"),
    Right.RECTIFICATION: ("rectification", "correction", "correct", "rectify", "update", "right to rectification",
                          "amendment", "data correction", "berichtigung", "art 16", "article 16"),
    Right.ERASURE: ("erasure", "deletion", "delete", "erase", "removal", "remove", "right to be forgotten", "rtbf",
                    "forget me", "data deletion", "delete data", "account deletion", "right to erasure", "loschung",
                    "effacement", "supresion", "art 17", "article 17"),
    Right.RESTRICTION: ("restriction", "restrict", "restrict processing", "restriction of processing",
                        "limit use", "right to restriction", "einschrankung", "art 18", "article 18"),
    Right.PORTABILITY: ("portability", "data portability", "port", "data transfer", "right to data portability",
                        "ubertragbarkeit", "portabilite", "art 20", "article 20"),
    Right.OBJECTION: ("objection", "object", "object to processing", "right to object", "opposition", "widerspruch",
                      "automated decision", "profiling", "art 21", "article 21", "art 22", "article 22"),
    Right.CONSENT_WITHDRAWAL: ("consent withdrawal", "withdraw consent", "withdrawal of consent", "revoke consent",
                               "consent", "art 7", "article 7"),
    Right.UNSUBSCRIBE: ("unsubscribe", "marketing opt out", "opt out of marketing", "direct marketing",
                        "stop marketing", "newsletter"),
    Right.COMPLAINT: ("complaint", "grievance", "beschwerde", "reclamation", "reclamacion"),
    Right.BREACH_REPORT: ("breach report", "breach", "data breach", "incident", "security incident"),
    Right.OPT_OUT_OF_SALE: ("opt out of sale", "do not sell", "do not sell or share", "do not sell my data",
                            "do not share", "opt out of sale or sharing", "dns", "ccpa opt out"),
}  # fmt: skip
_BY_WORDS: Final = {word: right for right, words in _RIGHTS.items() for word in words}
_CHANNELS: Final = {
    **dict.fromkeys(("letter", "post", "postal mail", "paper", "fax", "in person"), Channel.LETTER),
    **dict.fromkeys(("call", "phone", "telephone", "hotline"), Channel.PHONE),
    **dict.fromkeys(("mail", "email", "e mail", "web", "web form", "webform", "form", "portal"), Channel.EMAIL),
    **dict.fromkeys(("chat", "live chat", "messenger"), Channel.CHAT),
}  # fmt: skip
_ENDED: Final = frozenset({
    "closed", "done", "completed", "complete", "resolved", "fulfilled", "rejected", "refused", "cancelled", "canceled",
    "withdrawn", "expired", "finished", "solved", "declined", "denied", "duplicate", "erledigt", "abgeschlossen",
})  # fmt: skip
_AROUND: Final = re.compile(
    r"\b(gdpr|ccpa|cpra|uk|eu|lgpd|data|subject|consumer|requests?|rights?|to|of|the|my|personal)\b"
)
_YES: Final = frozenset(
    {
        "yes",
        "y",
        "true",
        "1",
        "x",
        "verified",
        "done",
        "complete",
        "completed",
        "confirmed",
        "passed",
        "ja",
        "oui",
        "si",
    }
)
_NO: Final = frozenset(
    {
        "",
        "no",
        "n",
        "false",
        "0",
        "pending",
        "not verified",
        "unverified",
        "asked",
        "requested",
        "open",
        "none",
        "nein",
        "non",
    }
)
_NUMERIC: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ T]+(\d{1,2}:\d{2}(?::\d{2})?))?")
ORDERS: Final = ("DMY", "MDY")


def right_of(text: str) -> Right | None:
    """Return the right that a tool's word means, or None where no word of ours fits."""
    words = plain(text)
    found = _BY_WORDS.get(words)
    if found is not None:
        return found
    # `GDPR - Data Deletion Request` and `Right to Access (CCPA)` carry their right in the middle.
    return _BY_WORDS.get(plain(_AROUND.sub(" ", words)))


def split_rights(text: str) -> list[str]:
    """Return the parts of a field that names several rights."""
    if right_of(text) is not None:
        return [text]
    return [part.strip() for part in re.split(r"[;,|+/\n]|\band\b|&", text) if part.strip()]


def channel_of(text: str) -> Channel | None:
    """Return the channel that a tool's word means."""
    return _CHANNELS.get(plain(text))


def ended(text: str) -> bool:
    """Whether a tool's state says that nothing is open any more."""
    return plain(text) in _ENDED


def yes(text: str) -> bool | None:
    """Return whether a field says yes or no; None where it says neither."""
    words = plain(text)
    return True if words in _YES else False if words in _NO else None


def iso(text: str, order: str = "") -> str | None:
    """Return a date as ISO writes it; None where day and month could be either and nobody said which comes first."""
    trimmed = text.strip()
    try:
        datetime.fromisoformat(trimmed)
    except ValueError:
        pass
    else:
        return trimmed
    read = _NUMERIC.fullmatch(trimmed)
    if read is None:
        return None
    first, mark, second, year, clock = read.groups()
    if mark == "." and not order:
        order = "DMY"  # with full stops, the day comes first wherever that is written
    if order not in ORDERS:
        return None
    day, month = (first, second) if order == "DMY" else (second, first)
    return f"{year}-{int(month):02d}-{int(day):02d}" + (f"T{clock.zfill(5)}" if clock else "")
