"""Telling whether what a shared identity found is of one person: a household's telephone finds two.

Whoever lives there gets neither the other's copy (Art. 15(4) GDPR) nor their records erased. Noted is, for each table,
which different values the found records hold; it stays in memory and is never written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.fulfil.core.profile import Profile
from services.fulfil.core.standing import Standing, Verdict
from services.fulfil.core.strength import Held, Strength, disagreeing, strength
from services.fulfil.core.values import empty, reach, same

DIFFERENT_MAX: Final = 1_000
"""So many different holdings of one table are compared; further ones add nothing to who is told apart."""


def may_differ(seen: Profile) -> bool:
    """Whether a weaker identity was given than one by which a table's records are told apart."""
    given = [strength(kind) for _, kind, _ in seen.identities]
    return bool(given) and any(strength(kind) > min(given) for _, kind in seen.telling)


class Apart:
    """The records of one table that are taken for one person's."""

    def __init__(self, seen: Profile) -> None:
        self._seen = seen
        self._held: dict[Held, Strength] = {}
        self._rows = 0

    def note(self, row: Sequence[Any], verdict: Verdict, ours: Sequence[bool | None], *, first: bool) -> None:
        """Note a record that itself names the person, unless it is known to belong to somebody else's."""
        if verdict.standing is not Standing.OWN or not verdict.named or not verdict.subject or verdict.guest:
            return
        kinds = [kind for _, kind, _ in self._seen.identities]
        owners = ours[len(kinds) :]
        if any(one is False for one in owners) and True not in owners:
            # A line in somebody's address book: it is theirs, and says of the person what they please.
            return
        anchors = [strength(kind) for kind, one in zip(kinds, ours, strict=False) if one]
        anchor = Strength.ALONE if True in owners else max(anchors, default=Strength.ALONE)
        held = self._holding(row)
        self._rows += first
        if held in self._held or len(self._held) < DIFFERENT_MAX:
            self._held[held] = max(anchor, self._held.get(held, anchor))

    def _holding(self, row: Sequence[Any]) -> Held:
        return frozenset(
            (kind, str(same(value)).strip().casefold())
            for path, kind in self._seen.telling
            for value in reach(row[self._seen.place[path[0]]], path[1:])
            if not empty(value)
        )

    def said(self) -> str:
        """Say that the records are not one person's, and what to give; nothing where they may be."""
        kind = disagreeing([(anchor, held) for held, anchor in self._held.items()])
        if not kind:
            return ""
        return (
            f"{self._seen.name}: {self._rows} records were found that differ in {kind}, and may be different people's. "
            f"Give one more identity of that kind ({kind}), or each of them if all records are one person's. "
            "Where that field does not say whose a record is, map it with `person: other`."
        )
