"""What each right asks to be done, as a plan: a pure function from a claim's facts to acts in their order.

A plan names acts, never values of the person's rows. Acts on systems become steps with receipts; acts of officers
become tasks; nothing is sent, written or erased here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from schemas.rights import Right
from services.fulfil.core.maps.model import DataMap, TableName
from services.fulfil.core.steps import STEPS

SYSTEMS_MAX: Final = 1_000


class Do(StrEnum):
    """The kinds of acts."""

    COPY = "copy"  # find and hand out
    EXPORT = "export"  # find and hand out what the person provided, in an open format
    TRANSMIT = "transmit"  # send the export to another controller
    ERASE = "erase"
    WRITE = "write"  # set a field to a corrected value
    FLAG = "flag"  # mark as restricted: kept, not used
    STOP = "stop"  # stop one purpose
    SUPPRESS = "suppress"  # never write to this address again; kept as a keyed hash
    NOTIFY = "notify"  # tell a recipient (Art. 19)
    INFORM = "inform"  # tell the controller for whom we process
    REGISTER = "register"  # enter in the register of breaches or complaints
    WEIGH = "weigh"  # an officer decides


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do. `why` is the law or the map that asks for it."""

    act_id: str
    do: Do
    system: str
    why: str
    particulars: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A field to be corrected. `new_ref` and `old_ref` lead into the vault; the values are not here."""

    table: TableName
    column: str
    new_ref: str
    old_ref: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a handler must know of a claim."""

    cause: str
    maps: Sequence[DataMap]
    delegates: Sequence[str] = ()
    corrections: Sequence[Correction] = ()
    statement_ref: str = ""
    purposes: Sequence[str] = ()
    lists: Sequence[str] = ()
    marketing: bool = True
    profiling: bool = False
    formats: Sequence[str] = ("json", "csv")
    transmit_to: str = ""
    other_bases: Mapping[str, str] = field(default_factory=dict)
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class HandlerPlan:
    """Acts in their order, and sentences the person must be told."""

    right: Right
    acts: tuple[Act, ...]
    told: tuple[str, ...] = ()


class _Acts:
    """Collects acts, naming each after its cause."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.found: list[Act] = []

    def add(self, do: Do, system: str, why: str, after: Sequence[str] = (), **particulars: str) -> str:
        """Add an act and return its id, the same whenever the same claim is planned."""
        name = "\x1f".join((self._facts.cause, do, system, json.dumps(particulars, sort_keys=True)))
        act_id = hashlib.sha256(STEPS.bytes + name.encode()).hexdigest()[:32]
        if all(act.act_id != act_id for act in self.found):
            self.found.append(Act(act_id, do, system, why, particulars, tuple(after)))
        return act_id

    def everywhere(self, do: Do, why: str, after: Sequence[str] = (), **particulars: str) -> list[str]:
        """Add an act for each system, mapped or delegated."""
        systems = [*(m.system for m in self._facts.maps), *self._facts.delegates]
        return [self.add(do, system, why, after, **particulars) for system in systems[:SYSTEMS_MAX]]

    def recipients(self, why: str, after: Sequence[str]) -> None:
        """Tell each recipient that the maps name; impossible or disproportionate is for an officer to say (Art. 19)."""
        for data_map in self._facts.maps:
            for recipient in data_map.recipients:
                self.add(Do.NOTIFY, data_map.system, why, after, recipient=recipient)


def _access(facts: Facts, acts: _Acts) -> tuple[str, ...]:
    acts.everywhere(Do.COPY, "GDPR Art. 15(3)")
    unknown = [m.system for m in facts.maps if not m.recipients or not m.source]
    for system in unknown:
        # C-154/21: the actual recipients must be named; a category is enough only where they cannot be.
        acts.add(Do.WEIGH, system, "GDPR Art. 15(1)(c), (g); C-154/21", question="recipients_and_source")
    return ()


def _rectification(facts: Facts, acts: _Acts) -> tuple[str, ...]:
    done = [
        acts.add(
            Do.WRITE, c.table.system, "GDPR Art. 16", table=c.table.table, column=c.column, new=c.new_ref, old=c.old_ref
        )
        for c in facts.corrections
    ]
    if facts.statement_ref:
        done += acts.everywhere(Do.WRITE, "GDPR Art. 16, second sentence", statement=facts.statement_ref)
    if not done:
        acts.add(Do.WEIGH, "", "GDPR Art. 16", question="what_is_wrong_and_what_is_right")
    acts.recipients("GDPR Art. 19", done)
    return ()


def _erasure(_facts: Facts, acts: _Acts) -> tuple[str, ...]:
    done = acts.everywhere(Do.ERASE, "GDPR Art. 17(1)")
    acts.recipients("GDPR Art. 19, 17(2)", done)
    return ()


def _restriction(_facts: Facts, acts: _Acts) -> tuple[str, ...]:
    done = acts.everywhere(Do.FLAG, "GDPR Art. 18(1)")
    acts.recipients("GDPR Art. 19", done)
    return ("You will be told before the restriction is lifted (Art. 18(3)).",)


def _portability(facts: Facts, acts: _Acts) -> tuple[str, ...]:
    done = acts.everywhere(Do.EXPORT, "GDPR Art. 20(1)", formats=",".join(facts.formats))
    if facts.transmit_to:
        acts.add(Do.TRANSMIT, "", "GDPR Art. 20(2)", done, endpoint=facts.transmit_to)
    return ()


def _objection(facts: Facts, acts: _Acts) -> tuple[str, ...]:
    told: tuple[str, ...] = ()
    if facts.marketing:
        # Art. 21(3) leaves nothing to weigh: from the objection on, no direct marketing.
        done = acts.everywhere(Do.STOP, "GDPR Art. 21(3)", purpose="direct_marketing")
        acts.add(Do.SUPPRESS, "", "GDPR Art. 21(3)", done, lists="*")
    if facts.profiling or not facts.marketing:
        flagged = acts.everywhere(Do.FLAG, "GDPR Art. 18(1)(d)")
        acts.add(Do.WEIGH, "", "GDPR Art. 21(1), 22", flagged, question="compelling_legitimate_grounds")
        told = ("While your objection is weighed, the data is not used (Art. 18(1)(d)).",)
    return told


def _withdrawal(facts: Facts, acts: _Acts) -> tuple[str, ...]:
    if not facts.purposes:
        acts.add(Do.WEIGH, "", "GDPR Art. 7(3)", question="which_consent")
    for purpose in facts.purposes:
        acts.everywhere(Do.STOP, "GDPR Art. 7(3)", purpose=purpose)
    return tuple(f"{what} continues, on the basis of {basis}." for what, basis in facts.other_bases.items())


def _unsubscribe(facts: Facts, acts: _Acts) -> tuple[str, ...]:
    lists = ",".join(facts.lists) or "*"
    done = acts.everywhere(Do.STOP, "Directive 2002/58/EC Art. 13", purpose="mailing", lists=lists)
    acts.add(Do.SUPPRESS, "", "Directive 2002/58/EC Art. 13", done, lists=lists)
    return ()


def _complaint(_facts: Facts, acts: _Acts) -> tuple[str, ...]:
    registered = acts.add(Do.REGISTER, "", "GDPR Art. 12, 77", register="complaints")
    acts.add(Do.WEIGH, "", "GDPR Art. 24", [registered], question="answer_to_complaint")
    return ("You may complain to a supervisory authority at any time (Art. 77).",)


def _breach(_facts: Facts, acts: _Acts) -> tuple[str, ...]:
    registered = acts.add(Do.REGISTER, "", "GDPR Art. 33(5)", register="breaches", clock="72h")
    acts.add(Do.WEIGH, "", "GDPR Art. 33(1), 34", [registered], question="risk_and_who_is_affected")
    return ()


PLANS: Final[Mapping[Right, Callable[[Facts, _Acts], tuple[str, ...]]]] = {
    Right.ACCESS: _access,
    Right.RECTIFICATION: _rectification,
    Right.ERASURE: _erasure,
    Right.RESTRICTION: _restriction,
    Right.PORTABILITY: _portability,
    Right.OBJECTION: _objection,
    Right.CONSENT_WITHDRAWAL: _withdrawal,
    Right.UNSUBSCRIBE: _unsubscribe,
    Right.COMPLAINT: _complaint,
    Right.BREACH_REPORT: _breach,
    Right.OPT_OUT_OF_SALE: _objection,
}


def plan_claim(right: Right, facts: Facts) -> HandlerPlan:
    """Plan what carrying out a right takes.

    Where we are the processor, the controller for whom we process is told of every request of its recipients, and we
    act for it (Art. 28(3)(e)).
    """
    acts = _Acts(facts)
    if facts.on_behalf_of:
        acts.add(Do.INFORM, "", "GDPR Art. 28(3)(e)", controller=facts.on_behalf_of)
    told = PLANS[right](facts, acts)
    return HandlerPlan(right, tuple(acts.found), told)


def suppression_entry(address: str, key: bytes) -> str:
    """Return what is kept so that an address is never written to again: a keyed hash, not the address."""
    return hmac.new(key, address.strip().lower().encode(), hashlib.sha256).hexdigest()


def provided_fields(data_map: DataMap) -> dict[str, tuple[str, ...]]:
    """Return, by table, the fields that portability hands out: provided by the person, and about nobody else."""
    return {
        table.name: tuple(
            f.name
            for f in table.fields
            if f.provided and f.person != "other" and (f.personal or f.identity is not None)
        )
        for table in data_map.tables
        if not table.skip
    }
