"""The terms that a controller's cases are decided by: its policy's promises, its seat, the laws and the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from schemas.rights import Right
from services.router.core.cases.grounds import Ground
from services.router.core.cases.terms import Terms, default_levels
from services.router.core.cases.values import Assurance, LawChoice
from services.router.core.law.choose import choose
from services.router.core.law.deadline import AnswerPromise
from services.router.core.law.model import Lawbook, LawFault, period
from services.router.core.policy.model import InForce, KnowledgeBase, Policy, PromiseKind, Seat
from services.router.grounds import read_grounds, shipped_grounds
from services.router.laws import calendar, read_laws, shipped_laws, shipped_root, zone
from services.router.policies import knowledge_roots, load
from services.runtime.logs import Log
from services.runtime.settings import IdentitySettings, Settings

LAW_DEFAULT: Final = "eu-gdpr"
CHILDREN_AGES: Final = ("not_knowingly_under", "age_min", "age")
"""Where a policy's clause on children holds an age."""
_log = Log()


@dataclass(frozen=True)
class Knowledge:
    """Everything that is known before a message arrives: policies, laws and grounds, shipped and the operator's own."""

    settings: Settings
    base: KnowledgeBase
    laws: Lawbook
    grounds: Mapping[str, Ground]
    _terms: dict[tuple[str, str], Terms] = field(default_factory=dict)

    def in_force(self, controller: str, on: date) -> InForce | None:
        """Return the policy that bound the controller on that day; None where it has none at all."""
        if controller not in self.base.controllers:
            return None
        try:
            return self.base.policy_in_force(controller, on)
        except LookupError:
            return None

    def seat(self, controller: str, on: date) -> Seat:
        """Return where the controller answers from; a controller without a policy answers from the EU, in UTC."""
        found = self.in_force(controller, on)
        if found is not None:
            return found.policy.seat
        if controller in self.base.controllers:
            return self.base.controllers[controller].seat
        return Seat(controller, "", "", "UTC", "", (LAW_DEFAULT,))

    def law_choice(self, controller: str, on: date, stated: str = "") -> LawChoice:
        """Say which laws apply and why: the seat's, and the law of the place that the person names where we know it."""
        seat = self.seat(controller, on)
        try:
            chosen = choose(self.laws, seat.country, place_stated(self.laws, stated), seat.laws)
        except LawFault:
            return LawChoice(laws=(LAW_DEFAULT,), because=(f"{LAW_DEFAULT}: no law is recorded for the seat",))
        return LawChoice(laws=chosen.laws, because=chosen.because)

    def child_under(self, controller: str, on: date, laws: Iterable[str]) -> int:
        """Return below which age a writer is a child here: as the policy or one of the laws says, whichever is more."""
        found = self.in_force(controller, on)
        promised = found.policy.promised(PromiseKind.CHILDREN) if found else ()
        said = [each.value.get(key) for each in promised for key in CHILDREN_AGES]
        ages = [each for each in said if isinstance(each, int)] + [self.laws.laws[name].child_under for name in laws]
        return max(ages, default=0)

    def processes_for_others(self, controller: str, on: date) -> bool:
        """Tell whether the policy says that some of what we hold is a customer's, for whom we only process it."""
        found = self.in_force(controller, on)
        roles = found.policy.promised(PromiseKind.ROLE) if found else ()
        return any(each.value.get("role") == "processor" and not each.value.get("claimed") for each in roles)

    def day(self, controller: str, moment: datetime) -> date:
        """Return the day of a moment where the controller is: it decides which policy was in force."""
        return moment.astimezone(zone(self.seat(controller, moment.date()).zone or "UTC")).date()

    def terms_at(self, controller: str, received: datetime, handled: frozenset[Right]) -> Terms:
        """Return the terms under the policy in force on the day of the receipt."""
        return self.terms(controller, self.day(controller, received), handled)

    def terms(self, controller: str, on: date, handled: frozenset[Right]) -> Terms:
        """Return the terms under the policy in force that day."""
        found = self.in_force(controller, on)
        key = (controller, found.policy.version if found else "")
        if key not in self._terms:
            self._terms[key] = self._made(controller, on, found.policy if found else None, handled)
        return self._terms[key]

    def _made(self, controller: str, on: date, policy: Policy | None, handled: frozenset[Right]) -> Terms:
        seat = self.seat(controller, on)
        entry = self.settings.controllers.get(controller)
        identity = entry.identity if entry else None
        return Terms(
            controller=controller,
            zone=zone(seat.zone or "UTC"),
            calendar=calendar(seat.holidays),
            laws=self.laws.laws,
            promises=promised_periods(policy) if policy else {},
            grounds=self.grounds,
            handled=handled,
            levels=default_levels() | _levels(identity),
            identity_attempts_max=identity.attempts_max if identity else 5,
            factor=identity.factor.asks if identity and identity.factor else "",
            identity_expires_after=timedelta(days=identity.expires_days if identity else 14),
            approvals=entry.approval.officers if entry else 1,
            approach_working_days=self.settings.clock.approaching_working_days,
        )


def _levels(identity: IdentitySettings | None) -> dict[Right, Assurance]:
    """Return how sure the controller wants to be, right by right, where its settings say so."""
    return {right: Assurance(level) for right, level in identity.levels.items()} if identity else {}


def place_stated(book: Lawbook, stated: str) -> str | None:
    """Return the place that a message states: an ISO 3166 place, or that of the one law it names.

    A law of many places states none: the GDPR is the seat's own matter.
    """
    place = stated.strip().upper()
    if any(place in law.persons for law in book.laws.values()):
        return place
    try:
        persons = book.law(stated).persons if place else frozenset()
    except LawFault:
        return None  # no law of ours; the seat's own applies
    return next(iter(persons)) if len(persons) == 1 else None


def promised_periods(policy: Policy) -> dict[Right, tuple[AnswerPromise, ...]]:
    """Return what the policy promises about the time of an answer, by right."""
    found: dict[Right, tuple[AnswerPromise, ...]] = {}
    for promise in policy.promised(PromiseKind.ANSWER_DEADLINE):
        try:
            length = period(f"{promise.value['amount']} {promise.value['unit']}")
        except (KeyError, ValueError, LawFault):
            _log.warning(
                "a promise about the answer's time has no period", policy=policy.version, clause=promise.clause
            )
            continue
        extendable = promise.value.get("extendable")
        kept = AnswerPromise(
            length, f"policy:{policy.controller}/{policy.version}#{promise.clause}",
            extendable if isinstance(extendable, bool) else None,
        )  # fmt: skip
        for right in promise.rights or tuple(Right):
            if right in set(Right):
                found[Right(right)] = (*found.get(Right(right), ()), kept)
    return found


@lru_cache(maxsize=4)
def _laws(own: Path) -> Lawbook:
    return read_laws([shipped_root(), own]) if own.is_dir() else shipped_laws()


def knowledge_of(settings: Settings) -> Knowledge:
    """Load what the home folder and the shipped knowledge say."""
    own = settings.home / "knowledge"
    grounds = read_grounds([Path(__file__).resolve().parents[2] / "knowledge" / "grounds", own / "grounds"])
    return Knowledge(
        settings=settings,
        base=load(knowledge_roots(settings.home)),
        laws=_laws(own / "laws"),
        grounds=grounds or shipped_grounds(),
    )
