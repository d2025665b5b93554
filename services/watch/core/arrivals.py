"""Messages a minute: which arrived in each minute of the last hour. A message that is read again is the same one."""

from __future__ import annotations

from collections import Counter
from typing import Final

MINUTE_SECONDS: Final = 60
WINDOW_MINUTES: Final = 60
MESSAGES_MAX: Final = 100_000

Minute = int


class Arrivals:
    """The messages of the last hour by the minute of their arrival, told apart by their ids."""

    def __init__(self, messages_max: int = MESSAGES_MAX) -> None:
        self._messages_max = messages_max
        self._minutes: dict[Minute, dict[str, str]] = {}
        self._held = 0
        self._floor: Minute = -1

    def put(self, message_id: str, controller: str, received: int, now: int) -> bool:
        """Count a message where it belongs; tell whether it was new. Outside the hour there is nothing to count."""
        minute = minute_of(received)
        self.forget_before(now)
        if not in_window(minute, now) or minute <= self._floor:
            return False
        known = self._minutes.setdefault(minute, {})
        if message_id in known:
            return False
        known[message_id] = controller
        self._held += 1
        while self._held > self._messages_max and len(self._minutes) > 1:
            # More than can be remembered: the window grows shorter, and no minute in it is wrong.
            self._floor = min(self._minutes)
            self._drop(self._floor)
        return True

    def forget_before(self, now: int) -> list[str]:
        """Let go of what left the window; return the ids."""
        gone: list[str] = []
        for minute in [one for one in self._minutes if not in_window(one, now)]:
            gone += self._drop(minute)
        return gone

    def _drop(self, minute: Minute) -> list[str]:
        dropped = list(self._minutes.pop(minute))
        self._held -= len(dropped)
        return dropped

    def controllers(self) -> set[str]:
        """Return whose messages are remembered."""
        return {controller for known in self._minutes.values() for controller in known.values()}

    def a_minute(self, now: int) -> dict[Minute, Counter[str]]:
        """Return the counts by controller of each minute of the window; the last one, the present, still grows."""
        return {
            minute: Counter(self._minutes.get(minute, {}).values())
            for minute in range(minute_of(now) - WINDOW_MINUTES + 1, minute_of(now) + 1)
            if minute > self._floor
        }


def minute_of(moment: int) -> Minute:
    """Return the number of a moment's minute since 1970."""
    return moment // MINUTE_SECONDS


def in_window(minute: Minute, now: int) -> bool:
    """Tell whether a minute is one of the last hour's, the present one, or just ahead (clocks differ a little)."""
    return minute_of(now) - WINDOW_MINUTES < minute <= minute_of(now) + WINDOW_MINUTES
