"""What a relay's refusal is about: whoever hands over the mail, which is us, or the mail and whom it is for.

Every letter would meet the first kind, so it says nothing about an address. The two share their codes: a relay that
does not let us in answers "554 5.7.1" after RCPT, as one does whose user takes no mail from anybody. So the enhanced
status (RFC 3463) decides where it can, and the words that relays use where it cannot.
"""

from __future__ import annotations

import re
from typing import Final

AUTHENTICATION: Final = frozenset({530, 534, 535, 538})
"""Authentication is asked for, too weak, or wrong (RFC 4954 section 6)."""

_STATUS: Final = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")
_OF_THE_SENDER: Final = frozenset({(1, 7), (1, 8)})
"""A sender's address that is none, or leads nowhere (RFC 3463 section 3.2)."""
_OF_WHOEVER_SENDS: Final = frozenset({8, 9, 10, 11, 12, 14, *range(20, 30), 54, 57, 60, 64})
"""Security (5.7.x): credentials, encryption (RFC 4954, RFC 5248), DKIM, SPF and reverse names (RFC 7372), and what
Exchange adds: it does not relay for us, does not know us, or does not let us use this sender."""
_UNDECIDED: Final = frozenset({0, 1})
"""Delivery is not authorised (5.7.1, 5.7.0): nothing says whose fault it is."""

_ABOUT_THE_RECIPIENT: Final = re.compile(r"recipient address rejected|user unknown|unknown user|no such (?:user|mail)")
_ABOUT_US: Final = re.compile(
    r"\brelay(?:ing|ed)?\b.{0,60}\b(?:denied|not permitted|not allowed|not authori[sz]ed|prohibited|refused|disabled)"
    r"|\b(?:unable to|(?:do|does|will|can) ?not|cannot|can't|don't|won't|not \w+ to|no) relay"
    r"|rcpthosts|invalid credentials"
    r"|\bauth(?:entication|enticate|orization)?\b.{0,40}\b(?:required|needed|first|before|failed|mandatory|necessary)"
    r"|\b(?:must|need to|please|to) (?:first )?(?:authenticate|log ?in|issue a starttls)"
    r"|\bnot (?:authenticated|logged in)\b|\btls\b.{0,20}\brequired|pop before smtp"
    r"|client host (?:\S+ )?(?:rejected|blocked)|helo (?:command )?rejected"
    r"|sender (?:address )?(?:rejected|denied|refused)"
    r"|\b(?:sender|from address)\b.{0,40}\bnot (?:verified|allowed|permitted|match)|address is not verified"
    r"|\b(?:your|this) (?:ip|host|server|client)\b.{0,60}\b(?:blocked|denied|rejected|not allowed|blacklisted|listed)"
)


def is_about_us(code: int, said: str) -> bool:
    """Tell whether a refusal is of whoever sends, and not of the recipient or the mail."""
    words = " ".join(said.lower().split())
    status = _STATUS.search(words)
    if status is None:
        return code in AUTHENTICATION or _words_are_about_us(words)
    subject, detail = int(status[1]), int(status[2])
    if subject != 7:
        return (subject, detail) in _OF_THE_SENDER
    if code in AUTHENTICATION or detail in _OF_WHOEVER_SENDS:
        return True
    return detail in _UNDECIDED and _words_are_about_us(words)


def _words_are_about_us(words: str) -> bool:
    return not _ABOUT_THE_RECIPIENT.search(words) and _ABOUT_US.search(words) is not None
