"""The router's turns, put together from settings, knowledge and vault; the service and the desk share it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from schemas.rights import Right
from services.router.terms import Knowledge, knowledge_of
from services.router.tools import Tools
from services.router.turns import Router
from services.runtime.clock import Clock
from services.runtime.settings import Settings
from services.runtime.vault import Vault

if TYPE_CHECKING:
    from services.router.answers import Answers
    from services.router.core.policy.answers.answer import Answer
    from services.router.reading import Reader


def router_of(settings: Settings, vault: Vault, clock: Clock, knowledge: Knowledge | None = None) -> Router:
    """Return the router's turns, with everything they need."""
    known = knowledge or knowledge_of(settings)
    own = settings.home / "knowledge"

    # What reads and what answers is loaded when it is first asked: an officer's look at a case needs neither.
    @cache
    def reading() -> Reader:
        from services.router.reading import Reader, load_banks

        return Reader(settings.home, load_banks([own] if own.is_dir() else []))

    @cache
    def answers() -> Answers:
        from services.router.answers import Answers

        return Answers(known.base, known.laws, own if own.is_dir() else None)

    def answering(controller: str, question: str, on: date, language: str) -> Answer | None:
        if known.in_force(controller, on) is None:
            return None
        return answers().ask(controller, question, on, language=language)

    tools = Tools(
        vault=vault,
        knowledge=known,
        reading=reading,
        answering=answering,
        clock=clock,
        # Every right is routed; fulfil says which of them only a human can carry out.
        handled=frozenset(Right),
    )
    return Router(tools)
