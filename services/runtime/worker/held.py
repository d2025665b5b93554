"""Tries of held events: the first of a key, and once it is handled those behind it, in order."""

from __future__ import annotations

from typing import Final

from schemas.envelope import Envelope
from services.runtime.failures import wait_ms
from services.runtime.store.held import PARKED, WAITING, HeldEvent, due_heads, followers, let_go, set_again
from services.runtime.store.transaction import Transaction
from services.runtime.worker.attempt import attempt, opened
from services.runtime.worker.turn import Outcome, Turn

HEADS_MAX: Final = 50
FOLLOWERS_MAX: Final = 100


def try_held(transaction: Transaction, turn: Turn) -> Outcome:
    """Try what is due, in one transaction; a bounded number of keys, and of events in each."""
    outcome = Outcome()
    for head in due_heads(transaction, turn.group, HEADS_MAX):
        if _one(transaction, turn, head, outcome):
            for next_ in followers(transaction, head, FOLLOWERS_MAX):
                if next_.state == PARKED or not _one(transaction, turn, next_, outcome):
                    break
    return outcome


def _one(transaction: Transaction, turn: Turn, held: HeldEvent, outcome: Outcome) -> bool:
    event = opened(held.record)
    failure = attempt(transaction, turn.handle, event) if isinstance(event, Envelope) else event
    if failure is None:
        let_go(transaction, held)
        outcome.handled += 1
        outcome.passed.append(False)
        return True
    tries = held.tries + 1
    if failure.expected and tries < turn.retry.tries_max:
        again_ms = transaction.now_ms + wait_ms(turn.retry, tries, failure, turn.chance)
        set_again(transaction, held, WAITING, failure, again_ms)
        outcome.held += 1
        return False
    outcome.passed.append(True)
    turn.gate.check(turn.group, outcome.passed)
    set_again(transaction, held, PARKED, failure, 0)
    outcome.parked += 1
    return False
