"""Reading back: after an erasure, can the person still be found by any identity that the maps know?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.fulfil.codes import idle, standing_of
from services.fulfil.connectors.protocol import ConnectorError, Find, Match, said_of
from services.fulfil.core.identities import FOLDED, Identities
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.standing import Standing
from services.fulfil.landscape import Landscape
from services.fulfil.ledger import Ledger
from services.fulfil.search import KEPT_BY_DUTY, Found


@dataclass(slots=True)
class Left:
    """What a fresh look finds: a sentence for each table that still knows the person, and what rows those are."""

    said: list[str] = field(default_factory=list)
    kept: int = 0
    """Rows that a duty or the map keeps; whoever said yes was shown them."""
    appeared: int = 0
    """Rows that were not there when it began: a trigger wrote down what it was before, or a neighbour added it."""
    others: int = 0
    """Rows that should have gone, and what could not be read."""

    @property
    def kept_by_duty(self) -> bool:
        """Whether nothing is left but what is kept on a ground."""
        return bool(self.kept) and not self.appeared and not self.others


def still_found(
    landscape: Landscape,
    identities: Identities,
    found: Mapping[TableName, Found],
    changed: Mapping[TableName, Ledger],
) -> Left:
    """Search every mapped identity afresh, in a new session."""
    seen_again = Left()
    said = seen_again.said
    with landscape.sessions(write=False) as sessions:
        said += landscape.own_faults.values()
        seen_again.others += len(said)
        for name, one in found.items():
            seen = one.profile
            session = sessions.get(name.system)
            if not seen.identities or session is None:
                continue
            keyed = {(column,) for column in seen.key}
            matches = []
            for path, identity, _ in seen.identities:
                values = [(value,) for value in identities[identity]]
                matches.append(
                    (path, Match((path,), values, fold_case=identity in FOLDED, inside=seen.inside((path,))))
                )
            left = 0
            try:
                query = Find(name.table, seen.fields, tuple(match for _, match in matches))
                for hit in session.find(query):
                    key = tuple(hit.row[place] for place in seen.key_places)
                    code = one.rows.get(key)
                    if code is not None and standing_of(code) is Standing.THIRD:
                        continue
                    by = {path for n, (path, _) in enumerate(matches) if hit.matched >> n & 1}
                    if by <= keyed and (key in changed[name] or (code is not None and idle(code))):
                        # Only its number is left, which nothing else in the row explains any more.
                        continue
                    left += 1
                    if one.kept.get(key) == KEPT_BY_DUTY:
                        seen_again.kept += 1
                    elif code is None:
                        seen_again.appeared += 1
                    else:
                        seen_again.others += 1
            except ConnectorError as fault:
                said.append(said_of(fault, " The erasure could not be read back."))
                seen_again.others += 1
                continue
            if left:
                said.append(
                    f"{name}: {left} rows can still be found by the person's identities.{_why(landscape, name, one)}"
                )
    return seen_again


def _why(landscape: Landscape, name: TableName, found: Found) -> str:
    if landscape.graph.live[name].view:
        return " It shows other tables' rows; where it keeps a copy of them, refresh it and run this again."
    reasons = sorted({entry.reason for entry in found.withheld if entry.reason})
    return f" Withheld there: {'; '.join(reasons)}." if reasons else ""
