"""When a package may be fetched, which bytes of it, and when it is taken: an hour's download may break off and go on.

A package is there once: it is taken when every byte of it has left, whatever number of answers that took, or when its
window has ended. A window opens with the person's first press of the button, because mail scanners open links and press
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FINISHING_MS: Final = 10 * 60_000
"""For how long the end of a package may be asked for again, by whoever fetched the rest: the last bytes that left here
may have been lost on their way."""
SENT_TIMES_MAX: Final = 5
SENT_MORE_BYTES: Final = 64 * 1024 * 1024
SPANS_MAX: Final = 500
"""Beyond this many separate pieces a download is no download; the further ones count as not fetched."""

_RANGE: Final = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)

Span = tuple[int, int]


class Standing(StrEnum):
    """What may be done with a package now."""

    ANNOUNCED = "announced"
    OPEN = "open"
    FINISHING = "finishing"
    GONE = "gone"


class OutOfRange(Exception):
    """Bytes were asked for that the package does not have (RFC 9110 section 15.5.17)."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """How far a package is: when its link ends, when its window opened, which bytes have left."""

    size_bytes: int
    expires_ms: int
    window_ms: int
    opened_ms: int | None = None
    taken_ms: int | None = None
    removed_ms: int | None = None
    sent_bytes: int = 0
    spans: tuple[Span, ...] = ()

    def standing(self, now_ms: int) -> Standing:
        """Return what may be done now. A download that began before the link's end may be finished after it."""
        if self.removed_ms is not None:
            return Standing.GONE
        if self.taken_ms is not None:
            return Standing.FINISHING if now_ms < self.taken_ms + FINISHING_MS else Standing.GONE
        if self.opened_ms is None:
            return Standing.ANNOUNCED if now_ms < self.expires_ms else Standing.GONE
        enough = self.sent_bytes > SENT_TIMES_MAX * self.size_bytes + SENT_MORE_BYTES
        return Standing.OPEN if now_ms < self.ends_ms and not enough else Standing.GONE

    @property
    def ends_ms(self) -> int:
        """Return when the window ends, or the link where nobody opened it."""
        return self.expires_ms if self.opened_ms is None else self.opened_ms + self.window_ms

    def outlived(self, now_ms: int) -> bool:
        """Tell whether the package is to be deleted: it is gone, or nobody may fetch it any more."""
        return self.removed_ms is None and self.standing(now_ms) is Standing.GONE

    def whole(self) -> bool:
        """Tell whether every byte has left."""
        return covers(self.spans, self.size_bytes)


def asked_span(header: str, size_bytes: int) -> Span | None:
    """Return the bytes that a Range header asks for, end excluded; None where it asks for all.

    A header that is none, and one with several ranges, is answered with the whole (RFC 9110 section 14.2).
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size_bytes - int(last)), size_bytes
    else:
        start, end = int(first), min(size_bytes, int(last) + 1) if last else size_bytes
        if last and int(last) < int(first):
            return None
    if start >= size_bytes or start >= end:
        raise OutOfRange
    return start, end


def merged(spans: Sequence[Span], new: Span) -> tuple[Span, ...]:
    """Return the spans with a new one added, in order and none touching another."""
    found: list[Span] = []
    for start, end in sorted((*spans, new)):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found[:SPANS_MAX])


def covers(spans: Sequence[Span], size_bytes: int) -> bool:
    """Tell whether the spans hold every byte."""
    return not size_bytes or tuple(spans) == ((0, size_bytes),)
