"""Whose row is it? The one decision that access, erasure and every other right ask of each row that was found.

A row is the person's *own* if it names them, or hangs below a row of theirs. It is *context* if one of their rows
merely points to it and it has no owner: an address, a product. It is a *third* person's if it names somebody else, or
belongs to them. An own row can name a second person too (a message has two ends); those fields are listed, and
withheld.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class Standing(IntEnum):
    """Whose a row is; a higher standing wins when a row is found twice."""

    THIRD = 0
    CONTEXT = 1
    OWN = 2


class Role(StrEnum):
    """What somebody is to a row that names two people, by the word the column uses."""

    FIRST = "first"
    SECOND = "second"
    UNKNOWN = "unknown"


# A row with two people was mostly written, bought or opened by one of them. Column names say which; English and the
# languages of the five controllers' schemas, in the forms developers use.
_FIRST: Final = frozenset(
    """sender from author writer creator created owner customer client buyer purchaser user member account subscriber
    patient guest requester reporter poster reviewer applicant submitter payer donor holder person subject initiator
    caller""".split()  # noqa: SIM905 - a list would be forty lines of one word each
)
_SECOND: Final = frozenset(
    """recipient receiver to addressee assignee assigned agent employee staff seller vendor merchant friend followed
    target approver handler moderator support operator manager supervisor doctor callee invitee invited referred
    beneficiary payee viewer mentioned rep representative cc bcc attendee participant""".split()  # noqa: SIM905 - as above
)


def role_of(path: Sequence[str]) -> Role:
    """Read a person's role from the column that names them."""
    words = [word for name in path for word in re.split(r"[^a-z]+", _split(name)) if word]
    for word in words:
        if word in _SECOND:
            return Role.SECOND
        if word in _FIRST:
            return Role.FIRST
    return Role.UNKNOWN


def _split(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@dataclass(frozen=True, slots=True)
class Naming:
    """One column (or composite) of a row that names somebody. `ours` is None where it is empty.

    `linked` says that the reference is followed from here as well: what it leads to is judged there, on its own.
    """

    path: tuple[str, ...]
    identity: str | None
    ours: bool | None
    to_itself: bool = False
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whose a row is, which of its fields name others, and why."""

    standing: Standing
    others: tuple[tuple[str, ...], ...] = ()
    reason: str = ""
    erasable: bool = True


IDENTITIES_DISAGREE: Final = "another identity of this row belongs to somebody else"
NAMES_ANOTHER: Final = "this row is about another person"
BELONGS_TO_ANOTHER: Final = "this row belongs to another person"
TWO_PEOPLE: Final = "this row concerns another person as well"


def judge(namings: Sequence[Naming], *, person_table: bool) -> Verdict:
    """Decide whose a row is from the columns that name somebody."""
    identities = [n for n in namings if n.identity is not None]
    owners = [n for n in namings if n.identity is None]
    matched = any(n.ours for n in identities)
    conflicts = {n.identity for n in identities if n.ours is False} - {n.identity for n in identities if n.ours}
    owned = any(n.ours and not n.to_itself for n in owners)
    below_own = any(n.ours and n.to_itself for n in owners)
    ours = {role_of(n.path) for n in identities if n.ours}
    strangers = tuple(n for n in namings if n.ours is False and not (matched and _alternate(n, ours, person_table)))
    if matched and conflicts:
        return Verdict(Standing.THIRD, reason=IDENTITIES_DISAGREE, erasable=False)
    if not matched and conflicts and (person_table or not owned):
        return Verdict(Standing.THIRD, reason=NAMES_ANOTHER, erasable=False)
    if matched or owned:
        return _own(namings, strangers)
    if any(n.ours is False and not n.to_itself for n in owners):
        return Verdict(Standing.THIRD, reason=BELONGS_TO_ANOTHER, erasable=False)
    if below_own:
        return _own(namings, strangers)
    if strangers:
        return Verdict(Standing.THIRD, reason=BELONGS_TO_ANOTHER, erasable=False)
    return Verdict(Standing.CONTEXT)


def _alternate(naming: Naming, ours: set[Role], person_table: bool) -> bool:
    """Whether an identity that was not given is another one of the same person: a second email in their own record."""
    if naming.identity is None:
        return naming.linked
    role = role_of(naming.path)
    return person_table or role is Role.UNKNOWN or (role is Role.FIRST and ours == {Role.FIRST})


def _own(namings: Sequence[Naming], strangers: Sequence[Naming]) -> Verdict:
    others = tuple(n.path for n in strangers)
    if not [n for n in strangers if not n.to_itself]:
        return Verdict(Standing.OWN, others, TWO_PEOPLE if others else "")
    ours = {role_of(n.path) for n in namings if n.ours}
    theirs = {role_of(n.path) for n in strangers if not n.to_itself}
    # Who wrote, bought or opened it may have it erased; who merely received or handled it may not erase another's words
    # (Art. 17(3)(a), recital 65). In doubt nothing irreversible is done and an officer is shown the row.
    erasable = Role.FIRST in ours and Role.FIRST not in theirs
    return Verdict(Standing.OWN, others, TWO_PEOPLE, erasable)
