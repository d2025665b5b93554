"""A checkpoint: one signed statement about every chain of a controller at one moment. Pure, keys come as arguments.

The statement alone can be published (in a newspaper, a register, a mail to the officer): it holds one root and counts.
The heads under that root go with it into a file; with them a verifier can name the very link that is wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from services.runtime.audit import merkle
from services.runtime.audit.chain import GENESIS, Head, canonical

_SIGNED_AS: Final = b"habeas checkpoint 1\n"


class AuditFault(Exception):
    """A file or a key that cannot be used for an audit; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed."""

    controller: str
    sequence: int
    created: str
    heads: int
    links: int
    root: str
    previous: str

    def canonical(self) -> str:
        """Return the text that is signed."""
        return canonical({name: getattr(self, name) for name in self.__slots__})

    def digest(self) -> str:
        """Return what the next statement names as the one before it."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A statement with its signature, the key it verifies under, and the heads it is about (if they are at hand)."""

    statement: Statement
    signature: str
    public_key: str
    heads: tuple[Head, ...] = ()

    def header(self) -> dict[str, Any]:
        """Return it without its heads, as it is written."""
        statement = {name: getattr(self.statement, name) for name in self.statement.__slots__}
        return {"checkpoint": statement, "public_key": self.public_key, "signature": self.signature}


def signing_key(seed: bytes) -> Ed25519PrivateKey:
    """Return the private key of a controller's checkpoints."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_pem(key: Ed25519PrivateKey) -> str:
    """Return the public key as it is published."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def make_checkpoint(
    key: Ed25519PrivateKey, controller: str, heads: Iterable[Head], created: str, before: Statement | None
) -> Checkpoint:
    """Return the signed checkpoint over these heads."""
    ordered = in_order(heads)
    statement = Statement(
        controller=controller,
        sequence=before.sequence + 1 if before else 1,
        created=created,
        heads=len(ordered),
        links=sum(head.length for head in ordered),
        root=root_of(ordered),
        previous=before.digest() if before else GENESIS,
    )
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    return Checkpoint(statement, key.sign(_message(statement)).hex(), public, ordered)


def in_order(heads: Iterable[Head]) -> tuple[Head, ...]:
    """Return heads in the order of the tree's leaves."""
    return tuple(sorted(heads, key=lambda head: head.case_id))


def root_of(heads: Iterable[Head]) -> str:
    """Return the Merkle root over heads that are in order, in hex."""
    return merkle.root([leaf_of(head) for head in heads]).hex()


def leaf_of(head: Head) -> bytes:
    """Return the leaf of a chain: its case, its length and its digest."""
    return f"{head.case_id}\n{head.length}\n{head.digest}".encode()


def is_signed(checkpoint: Checkpoint, public_key: str) -> bool:
    """Return whether the statement was signed by the key with this raw public key in hex."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(checkpoint.signature), _message(checkpoint.statement))
    except (InvalidSignature, ValueError):
        return False
    return True


def raw_public_key(pem: bytes) -> str:
    """Return the raw public key in hex from a PEM file."""
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise AuditFault("the public key is not a PEM file; `habeas audit key` prints it") from None
    if not isinstance(key, Ed25519PublicKey):
        raise AuditFault("the public key is not an Ed25519 key; `habeas audit key` prints the right one")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def read_statement(fields: Mapping[str, Any]) -> Statement:
    """Return the statement that a file holds."""
    try:
        return Statement(
            controller=str(fields["controller"]),
            sequence=int(fields["sequence"]),
            created=str(fields["created"]),
            heads=int(fields["heads"]),
            links=int(fields["links"]),
            root=str(fields["root"]),
            previous=str(fields["previous"]),
        )
    except (KeyError, TypeError, ValueError):
        raise AuditFault(
            "the checkpoint's statement is incomplete; get the file again from where it was kept"
        ) from None


def _message(statement: Statement) -> bytes:
    return _SIGNED_AS + statement.canonical().encode()
