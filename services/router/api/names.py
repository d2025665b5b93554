"""What controllers are called in a letter: their own name, from the settings or the policy's record."""

from __future__ import annotations

from collections.abc import Mapping

from services.router.policies import knowledge_roots, load
from services.runtime.settings import Settings


def controller_names(settings: Settings) -> Mapping[str, str]:
    """Return each configured controller's name."""
    known = load(knowledge_roots(settings.home)).controllers
    return {
        name: entry.name or (known[name].name if name in known else name.title())
        for name, entry in settings.controllers.items()
    }
