"""A domain that signs its mail, and a name service that knows its key; no network."""

from __future__ import annotations

import base64
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SELECTOR = b"pens"
SIGNED = (b"from", b"to", b"subject", b"date")


@cache
def keys() -> tuple[bytes, bytes]:
    """Return the private key, and the record that publishes the public one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def signed(raw: bytes, domain: str = "example.org", headers: tuple[bytes, ...] = SIGNED, **more: object) -> bytes:
    """Return the mail with the domain's signature."""
    line = dkim.sign(raw, SELECTOR, domain.encode(), keys()[0], include_headers=list(headers), **more)
    return bytes(line) + raw


def names(*domains: str) -> dict[bytes, bytes]:
    """Return what a name service says of these domains."""
    return {SELECTOR + b"._domainkey." + domain.encode() + b".": keys()[1] for domain in domains}
