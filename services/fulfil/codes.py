"""A verdict as one number, as the ledgers keep it for each row that was found."""

from __future__ import annotations

from typing import Final

from services.fulfil.core.maps.model import Path
from services.fulfil.core.profile import Profile
from services.fulfil.core.standing import Standing, Verdict

NAMINGS_MAX: Final = 24
_ERASABLE, _NAMED, _SUBJECT, _WHOLE, _BUSY = (1 << n for n in range(NAMINGS_MAX, NAMINGS_MAX + 5))
_STANDING: Final = NAMINGS_MAX + 5
_INSTEAD: Final = 1 << (_STANDING + 2)
SHOWN_LEAST: Final = int(Standing.CONTEXT) << _STANDING
"""The least code of a row that is handed out."""


def standing_code(verdict: Verdict, profile_: Profile, *, idle: bool = False) -> int:
    """Write a verdict as one number that a ledger can keep.

    A ledger keeps the highest number it was given for a row, so each bit says what is more the person's.
    """
    code = sum(1 << n for n, path in enumerate(profile_.naming_paths[:NAMINGS_MAX]) if path in verdict.others)
    bits = ((_ERASABLE, verdict.erasable), (_NAMED, verdict.named), (_SUBJECT, verdict.subject))
    code |= sum(bit for bit, is_set in (*bits, (_WHOLE, not verdict.guest), (_BUSY, not idle)) if is_set)
    return (int(verdict.standing) << _STANDING) | code


def standing_of(code: int) -> Standing:
    """Read the standing back."""
    return Standing(code >> _STANDING & 3)


def erasable(code: int) -> bool:
    """Read back whether nothing about another person forbids erasing the row."""
    return bool(code & _ERASABLE)


def named(code: int) -> bool:
    """Read back whether the row itself holds an identity of the person."""
    return bool(code & _NAMED)


def subject(code: int) -> bool:
    """Read back whether the person is the row's first person, not merely the other one in it."""
    return bool(code & _SUBJECT)


def with_instead(code: int) -> int:
    """Return the code of a row that is masked although its table's rows are deleted, because rows that stay need it."""
    return code | _INSTEAD


def instead(code: int) -> bool:
    """Read back whether a row is masked where others of its table are deleted."""
    return bool(code & _INSTEAD)


def idle(code: int) -> bool:
    """Read back whether the row holds nothing that an erasure would still change."""
    return not code & _BUSY


def others_in(code: int, profile_: Profile) -> tuple[Path, ...]:
    """Read back which fields name others."""
    return tuple(path for n, path in enumerate(profile_.naming_paths[:NAMINGS_MAX]) if code >> n & 1)
