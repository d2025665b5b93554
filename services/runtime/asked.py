"""What a mail to a vendor is recognised by when it is answered: a reference that only we can make.

It stands in the subject, which every mail program and ticket system repeats. It names the claim and who was asked, with
a keyed hash, so that nobody can answer for a vendor who was not written to.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

PURPOSE: Final = "mails to vendors"
PREFIX: Final = "HV-"
NAME_BYTES: Final = 4
PROOF_BYTES: Final = 5
_WRITTEN: Final = re.compile(r"HV-([A-Z2-7]{40})(?![A-Z2-7])")


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim, and who was asked for it, as a digest of their name."""

    claim_id: str
    delegate: str


def name_digest(name: str) -> str:
    """Return by what a delegate's name is told apart from those of the same claim."""
    return hashlib.sha256(name.encode()).digest()[:NAME_BYTES].hex()


def reference(key: bytes, claim_id: str, name: str) -> str:
    """Return what a mail to this delegate about this claim carries in its subject."""
    said = UUID(claim_id).bytes + bytes.fromhex(name_digest(name))
    return PREFIX + base64.b32encode(said + _proof(key, said)).decode()


def referred(key: bytes, text: str) -> Asked | None:
    """Return what a text refers to; None where it holds no reference of ours."""
    for written in _WRITTEN.findall(text):
        try:
            raw = base64.b32decode(written)
        except binascii.Error:
            continue
        said, proof = raw[:-PROOF_BYTES], raw[-PROOF_BYTES:]
        if hmac.compare_digest(proof, _proof(key, said)):
            return Asked(str(UUID(bytes=said[:16])), said[16:].hex())
    return None


def _proof(key: bytes, said: bytes) -> bytes:
    return hmac.new(key, said, hashlib.sha256).digest()[:PROOF_BYTES]
