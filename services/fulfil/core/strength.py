"""How surely an identity leads to one person alone, and whether records that were found are of different people.

A telephone, an address, a name or a browser is shared at home and passed on. An e-mail or an account is somebody's own,
but a family may keep one. A state's number for a person is nobody else's. Only a stronger kind tells two people apart
whom a weaker one finds together: one person may well have two accounts under one e-mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final


class Strength(IntEnum):
    """How surely an identity is one person's; the higher the surer."""

    SHARED = 1
    OWN = 2
    ALONE = 3


Held = frozenset[tuple[str, str]]
"""What a record holds of the kinds that tell people apart: kind and value."""

_MAIL: Final = frozenset({"email", "mail"})
_ACCOUNT: Final = frozenset(
    """account user username login customer member membership subscriber patient employee student external subject
    client person contact profile uid""".split()  # noqa: SIM905 - as a list, a page long
)
_ALONE: Final = frozenset(
    "ssn passport national pesel cnp nin nino nhs bsn aadhaar cpf dni nie steuerid taxpayer tax".split()  # noqa: SIM905
)
_SHARED: Final = frozenset(
    """phone telephone landline mobile fax ip name firstname lastname surname fullname address street postal postcode
    zip household family home iban bank device browser cookie ga session birth birthday birthdate dob""".split()  # noqa: SIM905
)


def strength(kind: str) -> Strength:
    """Return how surely a kind of identity is one person's; a word that is not known counts as somebody's own."""
    words = _words(kind)
    if words & _ALONE or {"social", "security"} <= words:
        return Strength.ALONE
    if words & _MAIL or ("name" in words and words & {"user", "account", "login"}):
        return Strength.OWN
    return Strength.SHARED if words & _SHARED else Strength.OWN


def may_be_shared(kind: str) -> bool:
    """Tell whether several people may have one value of this kind."""
    return strength(kind) is Strength.SHARED


def tells_apart(kind: str) -> bool:
    """Tell whether two values of this kind are two people's, until something else unites them.

    A booking's number is somebody's own and yet tells nobody apart: one person has many.
    """
    known = strength(kind)
    return known is Strength.ALONE or (known is Strength.OWN and bool(_words(kind) & (_MAIL | _ACCOUNT)))


def disagreeing(records: Sequence[tuple[Strength, Held]]) -> str:
    """Return the kind in which records found together are of different people; nothing where they may be one's.

    Each record comes with the strongest given identity that finds it. Records that share a value of the kinds that
    count are one person's, and so are all that are found by an identity as strong as these; a record that says
    nothing disagrees with nobody.
    """
    for level in (Strength.OWN, Strength.ALONE):
        loose = [_from(held, level) for anchor, held in records if anchor < level]
        sure = frozenset().union(*(_from(held, level) for anchor, held in records if anchor >= level))
        people = _united([sure, *loose])
        kinds = [kind for person in people for kind in sorted({kind for kind, _ in person})]
        twice = sorted({kind for kind in kinds if kinds.count(kind) > 1}, key=_asked_first)
        if loose and twice:
            return twice[0]
    return ""


def _asked_first(kind: str) -> tuple[bool, str]:
    """People know their e-mail; their account's number they must look up."""
    return not _words(kind) & _MAIL, kind


def _from(held: Held, level: Strength) -> Held:
    return frozenset((kind, value) for kind, value in held if strength(kind) >= level)


def _united(groups: Iterable[Held]) -> list[Held]:
    """Join what shares a value, until nothing does."""
    found: list[Held] = []
    for group in groups:
        apart = [each for each in found if not each & group]
        found = [*apart, group.union(*(each for each in found if each & group))]
    return [each for each in found if each]


def _words(kind: str) -> frozenset[str]:
    return frozenset(word for word in re.split(r"[^a-z]+", kind.lower()) if word)
