"""Restriction (Art. 18 GDPR): the person's rows are marked as kept and not used; lifting it is told before."""

from __future__ import annotations

from schemas.rights import Outcome
from services.fulfil.claims.outcome import Asked, Did, Done, ForHuman, Result, faults, label
from services.fulfil.claims.stopping import restrictions
from services.fulfil.marking import mark

LIFT = "lift"


def restriction(asked: Asked) -> Result:
    """Mark the rows, or lift the mark where an officer ordered it."""
    maps = asked.maps()
    lifted = bool(asked.orders.get(LIFT))
    markings = list(restrictions(maps, lifted=lifted))
    if not markings:
        return ForHuman("map_names_no_restriction")
    with asked.landscape() as (landscape, identities, budget):
        marks = mark(
            landscape, identities, budget, markings, now=asked.now, cause=asked.event.claim_id, salt=asked.salt
        )
    if marks.faults:
        return faults("restriction_incomplete", marks.faults)
    did = [Did(m.marking.table, "lift" if lifted else "flag", m.found, digest=m.digest) for m in marks.marked]
    told = [label(maps, m.marking.table) for m in marks.marked if m.found]
    facts = {"receipts": told, "notices": ["restriction_lifting"] if told else ["nothing_found"]}
    recipients = tuple(r for m in maps for r in m.recipients)
    return Done(Outcome.FULFILLED, did, facts, recipients=recipients, markings=marks.done)
