"""Failures of events and jobs: which are expected, when to try again, and what may be said about the rest.

What an exception says may quote a person, so only its type and the place that raised it are kept.
"""

from __future__ import annotations

import errno
import random
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.runtime.settings import RetrySettings
from services.runtime.store.errors import StoreFault

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE})

_ROOT: Final = Path(__file__).resolve().parents[2]
_DAY_MS: Final = 86_400_000
_NAME_CHARACTERS_MAX: Final = 128
_PLACE_CHARACTERS_MAX: Final = 256


class Retry(Exception):
    """An expected failure: try again later. `cause` is a name of ours (`RelayRefused`), never what somebody wrote.

    `outage` says that what is refused is not this one's fault: it waits for the other side's return, for days.
    """

    def __init__(self, cause: str, after_seconds: float | None = None, *, outage: bool = False) -> None:
        super().__init__(cause)
        self.cause: Final = cause[:_NAME_CHARACTERS_MAX]
        self.after_seconds: Final = after_seconds
        self.outage: Final = outage


class Flooded(Exception):
    """Too many events failed for it to be their own fault; the worker stopped before it parked more."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed, in words that are safe to keep and show."""

    cause: str
    place: str = ""
    expected: bool = False
    after_seconds: float | None = None
    outage: bool = False


def failure_of(fault: Exception) -> Failure:
    """Return what may be kept of this exception."""
    if isinstance(fault, Retry):
        return Failure(
            fault.cause, _place(fault), expected=True, after_seconds=fault.after_seconds, outage=fault.outage
        )
    if isinstance(fault, StoreFault) or (isinstance(fault, OSError) and fault.errno in _NO_ROOM):
        # The ground gave way under it: the same will work once the database is back.
        return Failure(type(fault).__name__, _place(fault), expected=True)
    return Failure(type(fault).__name__[:_NAME_CHARACTERS_MAX], _place(fault))


def _place(fault: Exception) -> str:
    """Return the innermost line of ours that the exception passed."""
    frames = traceback.extract_tb(fault.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT) and ".venv" not in frame.filename]
    if not ours:
        return ""
    frame = ours[-1]
    name = Path(frame.filename).relative_to(_ROOT).as_posix()
    return f"{name}:{frame.lineno} {frame.name}"[-_PLACE_CHARACTERS_MAX:]


def is_tried_again(settings: RetrySettings, tries: int, failure: Failure, age_ms: int) -> bool:
    """Tell whether it is tried again: so often, and in the other side's outage for as long as mail is (RFC 5321)."""
    if not failure.expected:
        return False
    return tries < settings.tries_max or (failure.outage and age_ms < settings.outage_days * _DAY_MS)


def wait_ms(settings: RetrySettings, tries: int, failure: Failure, chance: random.Random) -> int:
    """Return how long to wait after this many tries: doubling, bounded, with up to a quarter of jitter either way."""
    if failure.after_seconds is not None:
        return int(failure.after_seconds * 1000)
    doubled = settings.first_wait_seconds * 2.0 ** min(max(tries - 1, 0), 40)
    bounded = min(doubled, settings.longest_wait_seconds)
    return int(bounded * chance.uniform(0.75, 1.25) * 1000)
