"""How content is sealed: a stream of chunks under a key of its own, bound to where it belongs.

Every object has its own AES-256-GCM key, derived by HKDF-SHA256 from the person's key and a random 32-byte salt, so no
nonce can ever meet the same key twice, however much a person's objects hold. Content is cut into chunks of 1 MiB; the
nonce of a chunk is its number and whether it is the last one (the STREAM construction of Hoang, Reyhanitabar, Rogaway
and Vizár, 2015). A chunk that was changed, moved, repeated, dropped or cut off therefore does not open. The reference,
the person and the kind are authenticated with every chunk, so an object cannot be read as another one.

This file is pure: keys, salts and content come in as arguments.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.runtime.vault.errors import Tampered

KEY_BYTES: Final = 32
SALT_BYTES: Final = 32
CHUNK_BYTES: Final = 1024 * 1024
TAG_BYTES: Final = 16
_NUMBER_BYTES: Final = 11
_FORMAT: Final = b"habeas object 1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object belongs: its reference, its person and what kind of content it is."""

    ref: str
    person: str
    kind: str

    def bound(self) -> bytes:
        """Return the bytes that tie content to this place."""
        return _framed((_FORMAT, self.ref.encode(), self.person.encode(), self.kind.encode()))


class Sealer:
    """Seals and opens the chunks of one object."""

    def __init__(self, person_key: bytes, salt: bytes, place: Place) -> None:
        self._bound = place.bound()
        self._cipher = AESGCM(derived_key(person_key, self._bound, salt))

    def seal(self, number: int, last: bool, chunk: bytes) -> bytes:
        """Return the chunk sealed as the one with this number."""
        return self._cipher.encrypt(_nonce(number, last), chunk, self._bound)

    def open(self, number: int, last: bool, sealed: bytes) -> bytes:
        """Return the chunk, or raise Tampered."""
        try:
            return self._cipher.decrypt(_nonce(number, last), sealed, self._bound)
        except InvalidTag:
            where = "the last chunk" if last else f"chunk {number}"
            raise Tampered(
                f"{where} does not open under its key: it was changed, moved, or cut; restore it from a backup"
            ) from None


def derived_key(secret: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    """Return a key for one purpose; knowing it tells nothing about the secret or another purpose's key."""
    return HKDF(SHA256(), KEY_BYTES, salt, purpose).derive(secret)


def keyed_hash(key: bytes, purpose: str, parts: Iterable[str]) -> str:
    """Return the HMAC-SHA256 of the parts in hex; where one part ends and the next begins is part of what is hashed."""
    framed = _framed((purpose.encode(), *(part.encode() for part in parts)))
    return hmac.new(key, framed, hashlib.sha256).hexdigest()


def cut(content: Iterable[bytes]) -> Iterator[tuple[int, bool, bytes]]:
    """Yield content as numbered chunks of CHUNK_BYTES, the last one marked; empty content is one empty last chunk."""
    kept = bytearray()
    number = 0
    for piece in content:
        view = memoryview(piece)
        for start in range(0, len(view), CHUNK_BYTES):
            kept += view[start : start + CHUNK_BYTES]
            # One more byte than a chunk must be there: only then is it certain that this chunk is not the last.
            while len(kept) > CHUNK_BYTES:
                yield number, False, bytes(kept[:CHUNK_BYTES])
                del kept[:CHUNK_BYTES]
                number += 1
    yield number, True, bytes(kept)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_BYTES, "big") + (b"\x01" if last else b"\x00")


def _framed(parts: Iterable[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
