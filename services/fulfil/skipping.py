"""What an officer left out of a claim: not done, said so in its receipts, its outcome and the letter.

A claim of which anything was left out is never told as fulfilled: in part, with the system named (Art. 5(2), 12(4)
GDPR).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.content import LetterFacts
from schemas.events import ClaimFulfilled, ClaimRouted
from schemas.rights import Outcome
from schemas.values import ReceiptSummary
from services.fulfil.claims.only_delegates import COPIES
from services.fulfil.claims.outcome import Done, ForHuman, Result
from services.runtime.settings import ControllerSettings
from services.runtime.store import Transaction
from services.runtime.vault import Vault

SKIP: Final = "skip"
BY_OFFICER: Final = "left_out_by_officer"
PLACES: Final = ("note", "supplementary")
"""Where letters have room for what is said in nobody's template: those of changes, and that of a copy."""
NAMESPACE: Final = UUID("2f6b3c7e-6a51-5c0d-8a0e-5d9e1b7c4f83")


def without(entry: ControllerSettings, event: ClaimRouted) -> ControllerSettings:
    """Return the controller's settings without what is left out of this claim."""
    if not event.skipped:
        return entry
    names = {each.step for each in event.skipped}
    return entry.model_copy(
        update={
            "systems": {name: system for name, system in entry.systems.items() if name not in names},
            "delegates": {name: delegate for name, delegate in entry.delegates.items() if name not in names},
        }
    )


def honest(result: Result, event: ClaimRouted) -> Result:
    """Return what a handler said; nothing found where not everything was looked at is for a human to answer."""
    empty = isinstance(result, Done) and not any(did.count for did in result.did) and event.right in COPIES
    return (
        ForHuman("copy_in_part", {"faults": ["nothing was found in what was looked at"]})
        if (empty and event.skipped)
        else result
    )


def named(fulfilled: ClaimFulfilled, event: ClaimRouted, vault: Vault) -> ClaimFulfilled:
    """Return what is told of a claim, with what was left out of it."""
    # What had been carried out before it was to be left out is told as it was.
    told = {receipt.system for receipt in fulfilled.receipts}
    receipts = [
        ReceiptSummary(
            step_id=str(uuid5(NAMESPACE, f"{event.claim_id}|{each.step}")), system=each.step, action=SKIP, count=0,
            digest=vault.keyed_hash("receipt", event.claim_id, SKIP, each.step, person=event.person),
            reason=BY_OFFICER,
        )
        for each in event.skipped
        if each.step not in told
    ]  # fmt: skip
    if not receipts:
        return fulfilled
    outcome = Outcome.PARTLY_FULFILLED if fulfilled.outcome is Outcome.FULFILLED else fulfilled.outcome
    return fulfilled.model_copy(update={"outcome": outcome, "receipts": (*fulfilled.receipts, *receipts)})


def with_reasons(
    facts: Mapping[str, Any], event: ClaimRouted, vault: Vault, transaction: Transaction
) -> dict[str, Any]:
    """Return a letter's facts with the reasons why something was left out, in the officer's own words."""
    lines = [f"{each.step}: {_words(vault, transaction, each.reasons)}" for each in event.skipped]
    found = dict(facts)
    for name in PLACES:
        said = [line for line in lines if line not in str(found.get(name, ""))]
        if said:
            found[name] = "\n".join([*([str(found[name])] if found.get(name) else []), *said])
    return found


def _words(vault: Vault, transaction: Transaction, ref: str) -> str:
    facts = LetterFacts.model_validate_json(vault.open(transaction, ref)).facts
    return str(next(iter(facts.values()), ""))
