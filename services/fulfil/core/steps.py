"""What a step is, what it leaves behind, and how both are named.

A step is one table of one system and one action. Its id is derived from what it does, so that planning the same claim
twice gives the same ids and a connector can see that it has done a step before. A receipt carries counts and a salted
digest of the keys, never a value: it may be logged, published and kept as proof (GDPR Art. 5(2)) after the data is
gone.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

STEPS: Final = uuid.UUID("5b0f0a0c-6f0a-5d0e-9d55-0d2c3a0f4e11")


class Action(StrEnum):
    """What a step does to the rows it names."""

    FIND = "find"
    MASK = "mask"
    DELETE = "delete"
    WRITE = "write"
    FLAG = "flag"
    ASK = "ask"
    VERIFY = "verify"


class Outcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    NOTHING = "nothing"
    UNDONE = "undone"
    FAILED = "failed"
    WAITING = "waiting"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One action on one table of one system, planned."""

    step_id: str
    system: str
    table: str
    action: Action
    planned: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a step left behind: counts and a salted digest of the keys, no value of anybody's."""

    step_id: str
    system: str
    table: str
    action: Action
    outcome: Outcome
    planned: int
    done: int
    digest: str = ""
    reason: str = ""


def step_id(cause: str, system: str, table: str, action: Action) -> str:
    """Name a step after its cause, so that the same claim always plans the same ids."""
    return str(uuid.uuid5(STEPS, "\x1f".join((cause, system, table, action))))


def both(first: Receipt, second: Receipt) -> Receipt:
    """Return the receipt of a step that was carried out in two parts, on different rows."""
    total = (int(first.digest or "0", 16) + int(second.digest or "0", 16)) % (1 << 128)
    return replace(
        first, outcome=second.outcome, planned=first.planned + second.planned, done=first.done + second.done,
        digest=f"{total:032x}",
    )  # fmt: skip


def digest_of(keys: Iterable[Sequence[Any]], salt: bytes) -> str:
    """Return a salted digest of keys that does not depend on their order.

    The salt is one person's and dies with the person's key, so a digest proves which rows a step touched only as long
    as the proof may be made.
    """
    total = 0
    for key in keys:
        # Each part stands behind its length, so that no two keys are written alike.
        written = "".join(f"{len(part)}:{part}" for part in map(str, key)).encode()
        total += int.from_bytes(hashlib.blake2b(written, key=salt, digest_size=16).digest(), "big")
    total %= 1 << 128
    return f"{total:032x}"
