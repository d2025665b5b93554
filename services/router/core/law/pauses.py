"""Waiting for the person: whether it stops the clock, for how many days, and when asking came too late."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.router.core.law.deadline import Matter
from services.router.core.law.model import DayCount, Effect, PauseRule, Rule
from services.router.core.law.occurrences import ASKS, UNANSWERED, Kind, Occurrence
from services.router.core.law.words import count_words, day_words

ONE_DAY = timedelta(days=1)
_WHAT = {
    Kind.IDENTITY_REQUESTED: "identity",
    Kind.CLARIFICATION_REQUESTED: "clarification",
    Kind.FEE_REQUESTED: "the fee",
}

_QUESTIONS = {**{answer: question for question, answer in ASKS.items()}, **UNANSWERED}


@dataclass(slots=True)
class Waits:
    """How waiting for the person moved one clock. Built once, while its occurrences are read in order."""

    start: date
    spans: list[tuple[date, date]] = field(default_factory=list)
    running: tuple[Kind, datetime] | None = None
    steps: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def days(self, until: date | None = None) -> int:
        """Return how many days are left out of the period, none of them twice, none on or before its first day."""
        total, covered = 0, self.start
        for first, last in sorted(self.spans):
            if until is not None and first > until:
                continue
            first = max(first, covered + ONE_DAY)
            if last >= first:
                total += (last - first).days + 1
                covered = last
        return total


def pause_rule(rule: Rule, asked: Kind, right: str) -> PauseRule | None:
    """Return what the law says about waiting for this, if it says anything for this right."""
    found = {
        Kind.IDENTITY_REQUESTED: rule.identity,
        Kind.CLARIFICATION_REQUESTED: rule.clarification,
        Kind.FEE_REQUESTED: rule.fee,
    }[asked]
    if found is not None and found.rights and right not in found.rights:
        return None
    return found


Ended = Callable[[Waits, Occurrence], bool]
"""Whether the period was over when this was asked, as it stood then."""


def waits(
    rule: Rule, matter: Matter, received_day: date, occurrences: Iterable[Occurrence], ended: Ended
) -> Waits:  # fmt: skip
    """Read the askings and givings in order and return what they do to this rule's clock."""
    found = Waits(received_day)
    asked: dict[Kind, tuple[Occurrence, PauseRule | None]] = {}
    prompt_from = received_day
    for occurrence in occurrences:
        if occurrence.kind in ASKS:
            if occurrence.kind not in asked:
                accepted = _accepted(rule, matter, occurrence, prompt_from, found)
                waiting = any(law is not None for _, law in asked.values())
                if accepted is not None and not waiting and ended(found, occurrence):
                    # What was owed already cannot be put off by a question.
                    found.warnings.append(_too_late(accepted, occurrence, matter))
                    accepted = None
                asked[occurrence.kind] = (occurrence, accepted)
            continue
        question = _QUESTIONS.get(occurrence.kind)
        if question is None:
            continue
        opened = asked.pop(question, None)
        if opened is None:
            answer = occurrence.kind.value
            found.warnings.append(f"{answer} {_day(occurrence, matter)} was not asked for: it moves nothing")
        elif opened[1] is not None:
            _close(found, opened[1], question, opened[0], occurrence, matter)
            prompt_from = max(prompt_from, _local(occurrence, matter))
    for question, (occurrence, accepted) in asked.items():
        if accepted is not None and (found.running is None or occurrence.moment < found.running[1]):
            found.running = (question, occurrence.moment)
    return found


def _accepted(rule: Rule, matter: Matter, asked: Occurrence, prompt_from: date, found: Waits) -> PauseRule | None:
    """Return the pause rule that this asking sets in motion, or None with a warning that says why it does not."""
    what, day = _WHAT[asked.kind], _local(asked, matter)
    law = pause_rule(rule, asked.kind, matter.right)
    if law is None:
        found.warnings.append(f"waiting for {what} does not stop this clock: {rule.source} knows no such pause")
        return None
    if law.effect is Effect.NONE:
        found.steps.append(f"{what} asked {day_words(day)}: the clock runs on ({law.source})")
        return None
    if not asked.needed:
        # EDPB 01/2022 para. 159, recital 63: only a question that is truly needed suspends.
        found.warnings.append(f"{what} asked {day_words(day)} was not truly needed: it suspends nothing ({law.source})")
        return None
    limit = law.within_working_days
    if limit is not None:
        limit = matter.undue_delay_working_days if matter.undue_delay_working_days is not None else limit
        latest = matter.calendar.add_working_days(prompt_from, limit)
        if day > latest:
            # Art. 12(6) GDPR, EDPB 01/2022 para. 159: only asking without undue delay suspends.
            found.warnings.append(
                f"{what} was asked {day_words(day)}, later than {limit} working days ({day_words(latest)}): "
                f"undue delay, so the clock was not suspended ({law.source})"
            )
            return None
    return law


def _too_late(law: PauseRule, asked: Occurrence, matter: Matter) -> str:
    what, day = _WHAT[asked.kind], _day(asked, matter)
    return f"{what} was asked {day}, when the period had ended: it moves nothing ({law.source})"


def _close(found: Waits, law: PauseRule, question: Kind, asked: Occurrence, given: Occurrence, matter: Matter) -> None:
    """Record what the end of an accepted wait does: a new start, or days left out."""
    what, first, last = _WHAT[question], _local(asked, matter), _local(given, matter)
    unanswered = given.kind in UNANSWERED
    if law.effect is Effect.STARTS:
        if last > found.start:
            found.start = last
        came = "the request ended" if unanswered else "given"
        found.steps.append(
            f"{what} asked {day_words(first)}, {came} {day_words(last)}: counted from there ({law.source})"
        )
        return
    both = law.days is DayCount.BOTH_ENDS
    found.spans.append((first if both else first + ONE_DAY, last))
    days = (last - first).days + both
    ends = ", both days left out" if both else ""
    came = "the request ended" if unanswered else "received"
    found.steps.append(
        f"{what} asked {day_words(first)}, {came} {day_words(last)}{ends}: "
        f"{count_words(days, 'day')} suspended ({law.source})"
    )


def _local(occurrence: Occurrence, matter: Matter) -> date:
    return occurrence.moment.astimezone(matter.zone).date()


def _day(occurrence: Occurrence, matter: Matter) -> str:
    return day_words(_local(occurrence, matter))
