"""How many deadlines a second the clock works out, alone and as JSON lines.

    python -m bench.clock [count]

Every question differs in its day; one in four has events (identity asked and given, an extension), and the seats cycle
through five calendars, so that nothing is answered from memory. Times are CPU seconds of one core, so that whatever
else the machine does changes little. The floor that habeas promises is 20,000 a second.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.router.api.deadlines import answer_lines, places
from services.router.core.law.clock import earliest
from services.router.core.law.questions import question

SEATS = (
    ("eu-gdpr", "DE-BE", "Europe/Berlin"),
    ("eu-gdpr", "RO", "Europe/Bucharest"),
    ("uk-gdpr", "GB-ENG", "Europe/London"),
    ("us-ccpa", "US", "America/Los_Angeles"),
    ("ch-fadp", "CH-VD", "Europe/Zurich"),
)


def line(number: int) -> dict[str, Any]:
    """Return one question of the bench."""
    regime, calendar, tz = SEATS[number % len(SEATS)]
    received = datetime.fromisoformat("2024-01-01T09:00:00+00:00") + timedelta(hours=7 * (number % 3000))
    events = []
    if number % 4 == 0:
        steps = (("id_requested", 1, None), ("id_received", 6, None), ("extension_notified", 20, "complex"))
        events = [{"t": (received + timedelta(days=d)).isoformat(), "type": k, "reasons": r} for k, d, r in steps]
    return {"id": number, "regime": regime, "calendar": calendar, "tz": tz, "right": "access",
            "received": received.isoformat(), "events": events}  # fmt: skip


def measured(name: str, count: int, work: Callable[[], None]) -> None:
    """Run once to load calendars, then print the rate of a second run."""
    work()
    begun = time.process_time()
    work()
    taken = time.process_time() - begun
    print(f"{name:<44} {count / taken:>10,.0f} a second  {taken / count * 1e6:>7.1f} µs each")


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    lines = [line(number) for number in range(count)]
    asked = [question(each, places()) for each in lines]
    texts = [json.dumps(each) for each in lines]

    def alone() -> None:
        for each in asked:
            earliest(each.matter, each.laws)

    def whole() -> None:
        for _ in answer_lines(texts):
            pass

    measured("worked out (values in, deadline out)", count, alone)
    measured("as JSON lines (parse, work out, write)", count, whole)


if __name__ == "__main__":
    main()
