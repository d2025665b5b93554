"""The master key: where it comes from, and how it wraps the keys of persons.

It is the one secret that an operator keeps. It lies in a file that nobody else may read, or comes from the environment
(a secret store of the platform). The key store knows its fingerprint, so that a wrong one is refused before anything is
written. While it is being replaced, both the new and the old one are accepted.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.runtime.vault.errors import MasterKeyFault, Tampered
from services.runtime.vault.sealing import KEY_BYTES, derived_key

_PREFIX: Final = "habeas-master-key-1:"
_NONCE_BYTES: Final = 12
_FILE_BYTES_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A key that wraps keys. Its id says which one it is and nothing about it."""

    secret: bytes = field(repr=False)
    id: str = field(init=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise MasterKeyFault(f"a master key has {KEY_BYTES} bytes; this one has {len(self.secret)}")
        fingerprint = hmac.new(self.secret, b"habeas master key id", hashlib.sha256).hexdigest()[:16]
        object.__setattr__(self, "id", fingerprint)
        object.__setattr__(self, "_cipher", AESGCM(derived_key(self.secret, b"habeas wrap 1")))

    def wrap(self, name: str, key: bytes) -> bytes:
        """Return the key encrypted, usable under this name only."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, name.encode())

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """Return the key that was wrapped under this name."""
        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError):
            raise Tampered("a wrapped key does not open: the key store was changed; restore it") from None

    def written(self) -> str:
        """Return the key as it is written into a file or an environment variable."""
        return _PREFIX + base64.urlsafe_b64encode(self.secret).decode()


def new_master_key() -> MasterKey:
    """Return a fresh random master key."""
    return MasterKey(secrets.token_bytes(KEY_BYTES))


def parse_master_key(text: str, where: str) -> MasterKey:
    """Return the key that this text holds; `where` names its source in a message, never its content."""
    try:
        secret = base64.b64decode(text.strip().removeprefix(_PREFIX), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise MasterKeyFault(
            f"{where} does not hold a master key: expected one line '{_PREFIX}' and 44 characters of base64; "
            "restore it from where you keep it, do not make a new one"
        ) from None
    if len(secret) != KEY_BYTES:
        raise MasterKeyFault(
            f"{where} holds a key of {len(secret)} bytes instead of {KEY_BYTES}; restore the right one"
        )
    return MasterKey(secret)


class MasterKeySource(Protocol):
    """Where master keys come from. The first is used for new keys; the others are accepted while one is replaced."""

    def load(self) -> Sequence[MasterKey]:
        """Return the keys that are there now; none when there is no key yet."""
        ...

    def create(self) -> MasterKey:
        """Make the first key, durably, or say how the operator does it."""
        ...

    def stage(self) -> MasterKey:
        """Return the key that is to follow, made durable before anything is wrapped with it."""
        ...

    def settle(self, current: str) -> None:
        """Keep only the key with this id, once nothing needs another one."""
        ...

    def where(self) -> str:
        """Return where an operator finds it, for messages."""
        ...


@dataclass(frozen=True, slots=True)
class KeyText:
    """Master keys from the environment: the one in force, and the one before it while it is being replaced."""

    current: str = field(repr=False)
    previous: str = field(default="", repr=False)
    variable: str = "HABEAS_MASTER_KEY"

    def load(self) -> Sequence[MasterKey]:
        keys = [parse_master_key(self.current, self.variable)]
        if self.previous:
            keys.append(parse_master_key(self.previous, f"{self.variable}_PREVIOUS"))
        return keys

    def create(self) -> MasterKey:
        return self.load()[0]

    def stage(self) -> MasterKey:
        if not self.previous:
            raise MasterKeyFault(
                f"to rotate a key from the environment, put the new key in {self.variable} and the present one in "
                f"{self.variable}_PREVIOUS on every machine, restart, then run `habeas vault rotate`; "
                "`habeas vault new-key` prints a new key"
            )
        return self.load()[0]

    def settle(self, current: str) -> None:
        """Nothing to do here: the operator removes the previous key from the environment."""

    def where(self) -> str:
        return f"the environment variable {self.variable}"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The master key in a file that only its owner can read; `<name>.next` beside it while it is being replaced."""

    path: Path

    @property
    def _next(self) -> Path:
        return self.path.with_name(self.path.name + ".next")

    def load(self) -> Sequence[MasterKey]:
        return [key for path in (self._next, self.path) if (key := _read(path)) is not None]

    def create(self) -> MasterKey:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return _write_once(self.path, new_master_key())

    def stage(self) -> MasterKey:
        # A file that is already there is a rotation that was cut off: it goes on with the same key.
        return _read(self._next) or _write_once(self._next, new_master_key())

    def settle(self, current: str) -> None:
        following = _read(self._next)
        if following is None or following.id != current:
            return
        with contextlib.ExitStack() as stack:
            replaced = None
            if self.path.exists():
                replaced = stack.enter_context(self.path.open("r+b"))
            self._next.replace(self.path)
            _sync_folder(self.path.parent)
            if replaced is not None:
                # The old file has no name any more; its bytes are overwritten before the disk may hand them out again.
                size = os.fstat(replaced.fileno()).st_size
                replaced.write(b"\0" * size)
                replaced.flush()
                os.fsync(replaced.fileno())

    def where(self) -> str:
        return str(self.path)


def _read(path: Path) -> MasterKey | None:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise MasterKeyFault(
                    f"{path} can be read by others than its owner ({mode:04o}); run `chmod 600 {path}`, and rotate "
                    "the key with `habeas vault rotate` if anybody may have read it"
                )
            raw = file.read(_FILE_BYTES_MAX)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise MasterKeyFault(f"cannot read {path}: {fault.strerror}; habeas must own it with mode 0600") from None
    return parse_master_key(raw.decode("ascii", "replace"), str(path))


def _write_once(path: Path, key: MasterKey) -> MasterKey:
    """Write the key durably, or return the one that another process wrote first."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(key.written() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        _sync_folder(path.parent)
    except OSError as fault:
        raise MasterKeyFault(f"cannot write the master key to {path}: {fault.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    written = _read(path)
    if written is None:
        raise MasterKeyFault(f"the master key in {path} vanished while it was written; start again")
    return written


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
