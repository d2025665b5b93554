"""How many deadlines a second the clock works out, alone and as JSON lines.

    python -m bench.clock [count] [worked.jsonl]

One in four questions has events (identity asked and given, an extension), and the seats cycle through five calendars.
The receipts lie on 875 days, as those of some years' cases do: a period that was counted from the same day, at the same
seat, under the same rule is remembered. `each day new` is the rate where no two lines share one. With a file of worked
lines, those are measured as well. Times are CPU seconds of one core, the best of three runs; a neighbour on the same
core still makes them half as long again. The floor that habeas promises is 20,000 a second.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from services.router.api.deadlines import answered, places
from services.router.core.law.clock import earliest
from services.router.core.law.questions import question

AT_ONCE = 200  # about as many as one read of a pipe brings
SEATS = (
    ("eu-gdpr", "DE-BE", "Europe/Berlin"),
    ("eu-gdpr", "RO", "Europe/Bucharest"),
    ("uk-gdpr", "GB-ENG", "Europe/London"),
    ("us-ccpa", "US", "America/Los_Angeles"),
    ("ch-fadp", "CH-VD", "Europe/Zurich"),
)


def line(number: int, apart: timedelta = timedelta(hours=7), cycle: int = 3000) -> dict[str, Any]:
    """Return one question of the bench."""
    regime, calendar, tz = SEATS[number % len(SEATS)]
    received = datetime.fromisoformat("2024-01-01T09:00:00+00:00") + apart * (number % cycle)
    events = []
    if number % 4 == 0:
        steps = (("id_requested", 1, None), ("id_received", 6, None), ("extension_notified", 20, "complex"))
        events = [{"t": (received + timedelta(days=d)).isoformat(), "type": k, "reasons": r} for k, d, r in steps]
    return {"id": number, "regime": regime, "calendar": calendar, "tz": tz, "right": "access",
            "received": received.isoformat(), "events": events}  # fmt: skip


def measured(name: str, count: int, work: Callable[[], None]) -> None:
    """Run once to load calendars, then print the rate of the best of three runs."""
    work()
    taken = min(_seconds(work) for _ in range(3))
    print(f"{name:<44} {count / taken:>10,.0f} a second  {taken / count * 1e6:>7.1f} µs each")


def _seconds(work: Callable[[], None]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    lines = [line(number) for number in range(count)]
    asked = [question(each, places()) for each in lines]
    texts = [json.dumps(each).encode() for each in lines]
    # Five seats, so a seat meets a day again only after the 30,000 days that the calendar of habeas has room for.
    new = [json.dumps(line(number, timedelta(days=1), 30_000)).encode() for number in range(count)]

    def alone() -> None:
        for each in asked:
            earliest(each.matter, each.laws)

    def whole(asked: list[bytes] = texts) -> None:
        for first in range(0, count, AT_ONCE):
            answered(asked[first : first + AT_ONCE])

    measured("worked out (values in, deadline out)", count, alone)
    measured("as JSON lines (parse, work out, write)", count, whole)
    measured("as JSON lines, each day new", count, lambda: whole(new))
    if len(sys.argv) > 2:
        worked = Path(sys.argv[2]).read_bytes().splitlines()
        measured("the worked lines", count, lambda: whole([worked[number % len(worked)] for number in range(count)]))


if __name__ == "__main__":
    main()
