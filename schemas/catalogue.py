"""Every event by its name: what a reader accepts, and what the generated documents list."""

from __future__ import annotations

import inspect
from typing import Final

from schemas import events
from schemas.base import Event


def _all() -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for _, model in inspect.getmembers(events, inspect.isclass):
        if issubclass(model, Event) and hasattr(model, "topic"):
            found[model.name()] = model
    abstract = {"Event", "DeadlineEvent"}
    return {name: model for name, model in found.items() if name not in abstract}


EVENTS: Final[dict[str, type[Event]]] = _all()
