"""Commands a second through `decide` and `evolve` alone, and a case with ten thousand events.

python -m bench.cases
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from schemas.rights import Channel, Outcome, Right
from services.router.core.cases import commands as c
from services.router.core.cases import events as e
from services.router.core.cases.decide import decide
from services.router.core.cases.evolve import evolve, replay
from services.router.core.cases.state import Case
from services.router.core.cases.terms import Terms
from services.router.core.cases.values import Asked, Assurance, LawChoice
from services.router.core.cases.wakeups import next_wakeups
from services.router.grounds import shipped_grounds
from services.router.laws import calendar, shipped_laws, zone

NOTE = "vault:00000000-0000-4000-8000-000000000001"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def terms() -> Terms:
    """Return the bench's controller."""
    return Terms(
        controller="axigen",
        zone=zone("Europe/Bucharest"),
        calendar=calendar("RO"),
        laws=shipped_laws().laws,
        grounds=shipped_grounds(),
    )


def opening(number: int) -> c.OpenCase:
    """Return the command that opens a case of two claims."""
    return c.OpenCase(
        case_id=f"case-{number}", cause=f"cause-{number}", at=START, controller="axigen",
        message_id=f"message-{number}", correspondent="correspondent", person="person", channel=Channel.EMAIL,
        received=START, policy_version="2018-11-10",
        law=LawChoice(laws=("eu-gdpr",)), subject=NOTE, assurance=Assurance.LINK,
        asked=(Asked(claim_id="a", right=Right.ACCESS), Asked(claim_id="b", right=Right.ERASURE)),
    )  # fmt: skip


def one_life(number: int, under: Terms) -> tuple[int, int]:
    """Take one case from its message to its completion; return commands and events."""
    case: Case | None = None
    commands = events = 0

    def tell(command: c.Command) -> list[e.CaseEvent]:
        nonlocal case, commands, events
        said = decide(case, command, under)
        for event in said:
            case = evolve(case, event)
        commands += 1
        events += len(said)
        return list(said)

    tell(opening(number))
    for turn, claim in enumerate(("a", "b")):
        at = START + timedelta(days=turn + 1)
        fulfilled = c.RecordFulfilment(
            case_id=f"case-{number}", cause=f"f{turn}", at=at, claim_id=claim, outcome=Outcome.FULFILLED
        )
        letter = next(each for each in tell(fulfilled) if isinstance(each, e.LetterRequested))
        tell(
            c.RecordReplySent(case_id=f"case-{number}", cause=f"s{turn}", at=at, letter_id=letter.letter_id, moment=at)
        )
    assert case is not None
    assert case.completed is not None
    return commands, events


def main() -> None:
    """Print the table."""
    under = terms()
    one_life(0, under)
    begun, lives = time.process_time(), 1_000
    counts = [one_life(number, under) for number in range(lives)]
    taken = time.process_time() - begun
    commands, events = sum(each[0] for each in counts), sum(each[1] for each in counts)
    print(
        f"{lives} cases from message to completion: "
        f"{commands / taken:,.0f} commands, {events / taken:,.0f} events a second"
    )

    case: Case | None = None
    history: list[e.CaseEvent] = []
    for number in range(10_000):
        command: c.Command = (
            opening(0)
            if case is None
            else c.AddNote(case_id="case-0", cause=f"n{number}", at=START, note=NOTE, officer="officer")
        )
        for event in decide(case, command, under):
            case = evolve(case, event)
            history.append(event)
    begun = time.process_time()
    assert replay(history) == case
    taken = time.process_time() - begun
    print(f"a case with {len(history):,} events replays in {taken * 1000:,.0f} ms")
    assert case is not None
    begun = time.process_time()
    for number in range(1_000):
        decide(case, c.AddNote(case_id="case-0", cause=f"m{number}", at=START, note=NOTE, officer="officer"), under)
    print(f"and decides on the next command in {(time.process_time() - begun) * 1000:,.0f} µs")
    begun = time.process_time()
    for _ in range(2_000):
        next_wakeups(case, under)
    print(f"next_wakeups of a case with two open claims: {2_000 / (time.process_time() - begun):,.0f} a second")


if __name__ == "__main__":
    main()
