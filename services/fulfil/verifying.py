"""Reading back: after an erasure, can the person still be found by any identity that the maps know?"""

from __future__ import annotations

from collections.abc import Mapping

from services.fulfil.codes import idle, standing_of
from services.fulfil.connectors.protocol import ConnectorError, Find, Match
from services.fulfil.core.identities import FOLDED, Identities
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.standing import Standing
from services.fulfil.landscape import Landscape
from services.fulfil.ledger import Ledger
from services.fulfil.search import Found


def still_found(
    landscape: Landscape,
    identities: Identities,
    found: Mapping[TableName, Found],
    changed: Mapping[TableName, Ledger],
) -> list[str]:
    """Search every mapped identity afresh, in a new session; return a sentence for each table that still knows them."""
    said: list[str] = []
    with landscape.sessions(write=False) as sessions:
        said += landscape.own_faults.values()
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
            except ConnectorError as fault:
                said.append(f"{fault} The erasure could not be read back.")
                continue
            if left:
                said.append(f"{name}: {left} rows can still be found by the person's identities.{_why(one)}")
    return said


def _why(found: Found) -> str:
    reasons = sorted({entry.reason for entry in found.withheld if entry.reason})
    return f" Withheld there: {'; '.join(reasons)}." if reasons else ""
