"""Whether a mail is its sender's own: signed by the sender's domain (DKIM, RFC 6376), over what matters, to us.

It is one sign of who asks, enough for low-risk rights where the controller's settings say so (EDPB Guidelines 01/2022,
section 3.3). A signature that is missing, broken or cannot be looked up proves nothing and refuses nothing.
"""

from __future__ import annotations

import email
import email.policy
import time
from collections import OrderedDict
from collections.abc import Callable
from email.utils import getaddresses
from typing import Final

import structlog

SIGNATURES_MAX: Final = 3
MUST_BE_SIGNED: Final = frozenset({b"from", b"to", b"subject", b"date"})
KEPT_SECONDS: Final = 600.0
KEPT_MAX: Final = 1_000
HEADERS_SEEN_BYTES: Final = 65_536
_log = structlog.get_logger()

Lookup = Callable[[bytes, int], bytes | None]
"""A name and a number of seconds: the TXT record, or None."""


def maybe_signed(raw: bytes) -> bool:
    """Tell at a glance whether there is anything to verify; most of what a form sends is not signed."""
    return b"dkim-signature:" in raw[:HEADERS_SEEN_BYTES].lower()


class Signatures:
    """Verifies DKIM signatures; keys are kept for a while, so that a busy sender is looked up once."""

    def __init__(self, lookup: Lookup | None = None, seconds_max: int = 3) -> None:
        self._lookup = lookup or resolved
        self._seconds_max = seconds_max
        self._kept: OrderedDict[bytes, tuple[float, bytes | None]] = OrderedDict()

    def aligned(self, raw: bytes, sender: str, recipients: frozenset[str]) -> bool:
        """Tell whether the sender's own domain signed this mail, its text, its sender, and us as the one written to."""
        import dkim  # 3 MB with what looks names up, only where a mail is signed

        try:
            return self._verified(raw, sender, recipients)
        except (dkim.DKIMException, ValueError, UnicodeError, IndexError, KeyError) as fault:
            # What a stranger's mail makes a parser say is no concern of an operator's.
            _log.debug("a signature could not be read", fault=type(fault).__name__)
            return False

    def _verified(self, raw: bytes, sender: str, recipients: frozenset[str]) -> bool:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        froms = message.get_all("From") or []
        writers = getaddresses([str(each) for each in froms])
        if len(froms) != 1 or len(writers) != 1 or writers[0][1].lower() != sender.lower():
            return False  # with two From lines, or two writers in one, who wrote depends on the reader
        named = getaddresses([str(each) for each in (*(message.get_all("To") or []), *(message.get_all("Cc") or []))])
        if not recipients & {address.lower() for _, address in named}:
            return False  # a signed mail to somebody else proves no wish addressed to us
        domain = sender.rpartition("@")[2].lower()
        count = min(len(message.get_all("DKIM-Signature") or []), SIGNATURES_MAX)
        return any(self._one(raw, index, domain) for index in range(count))

    def _one(self, raw: bytes, index: int, domain: str) -> bool:
        import dkim

        checked = dkim.DKIM(raw, timeout=self._seconds_max)
        try:
            if not checked.verify(idx=index, dnsfunc=self._txt):
                return False
        except dkim.DKIMException:
            return False  # this one is broken; another may be whole
        fields = checked.signature_fields
        if b"l" in fields:
            return False  # only the text's beginning is signed: what follows could be anybody's (RFC 6376, 8.2)
        if not set(checked.include_headers) >= MUST_BE_SIGNED:
            return False
        signer = bytes(checked.domain).decode("ascii", "replace").lower()
        # Aligned: the signer's domain is the sender's, or one above it (RFC 7489, 3.1.1, the way that is safe without a
        # list of public suffixes).
        return "." in signer and (domain == signer or domain.endswith(f".{signer}"))

    def _txt(self, name: bytes, timeout: int = 3) -> bytes | None:
        found = self._kept.get(name)
        if found is not None and found[0] > time.monotonic():
            return found[1]
        answer = self._lookup(name, min(timeout, self._seconds_max))
        if answer is not None:
            self._kept[name] = (time.monotonic() + KEPT_SECONDS, answer)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return answer


def resolved(name: bytes, seconds_max: int) -> bytes | None:
    """Look a TXT record up; what cannot be looked up is not there, and the mail is taken all the same."""
    import dns.exception
    import dns.resolver

    resolver = dns.resolver.Resolver()
    resolver.lifetime = seconds_max
    try:
        answer = resolver.resolve(name.decode("ascii"), "TXT")
    except (dns.exception.DNSException, UnicodeError, OSError):
        return None
    return next((b"".join(record.strings) for record in answer), None)
