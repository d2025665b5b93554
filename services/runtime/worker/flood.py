"""When so many events fail that it cannot be their own fault, the worker stops instead of parking everything."""

from __future__ import annotations

from collections import deque

from services.runtime.failures import Flooded
from services.runtime.settings import RetrySettings


class FloodGate:
    """The last so many outcomes, and how many of them were parked."""

    def __init__(self, settings: RetrySettings) -> None:
        self._parked_max = settings.flood_parked_max
        self._window = settings.flood_window_events
        self._outcomes: deque[bool] = deque(maxlen=settings.flood_window_events)

    def check(self, group: str, turn: list[bool]) -> None:
        """Raise Flooded if the outcomes of this turn, with those before, hold more parked events than allowed."""
        recent = [*self._outcomes, *turn][-self._window :]
        if sum(recent) > self._parked_max:
            raise Flooded(
                f"{group} would park more than {self._parked_max} of the last {self._window} events it read: something "
                "else is broken. It stopped, and lost nothing. See `habeas dead-letters list` for the causes, mend "
                "them, start again, and replay. If these events are truly unfit, raise retry.flood_parked_max."
            )

    def passed(self, turn: list[bool]) -> None:
        """Count a turn that was committed."""
        self._outcomes.extend(turn)
