"""The officers' door to the cases: what waits, one case in full, and every decision that only a human takes.

The command line and the console call these functions and nothing else. A decision is written in one transaction, with
the events that the running services publish; two officers who decide at once are told so, and the second decides again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.router.assembly import router_of
from services.router.core.attached import File
from services.router.core.cases.grounds import GroundFault
from services.router.core.cases.values import Asker, Assurance, Role
from services.router.core.law.model import LawFault
from services.router.core.policy.record import PolicyError
from services.router.desk.base import NotFound, Refused
from services.router.desk.clocks import Clocks
from services.router.desk.deciding import Deciding
from services.router.desk.exporting import Exporting
from services.router.desk.files import brought
from services.router.desk.filters import Criteria
from services.router.desk.importing import Importing
from services.router.desk.persons import Persons
from services.router.desk.receiving import Request, known_laws
from services.router.desk.showing import Showing
from services.router.desk.stepping import Stepping
from services.router.tables import SERVICE
from services.runtime.beside import vault_beside
from services.runtime.clock import Clock
from services.runtime.settings import Settings

__all__ = [
    "Asker", "Assurance", "Criteria", "Desk", "File", "NotFound", "Refused", "Request", "Role", "brought", "desk",
    "known_laws",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk(Exporting, Deciding, Stepping, Clocks, Persons, Showing, Importing):
    """An officer's desk: opened on a home or a database, closed afterwards."""


@contextmanager
def desk(settings: Settings, officer: str, *, seen: int | None = None, clock: Clock | None = None) -> Iterator[Desk]:
    """Open the desk on the home or database of the settings; services may be running beside it."""
    with vault_beside(settings, SERVICE, NotFound) as (database, vault):
        at = clock or Clock()
        try:
            router = router_of(settings, vault, at)
        except (GroundFault, LawFault, PolicyError) as fault:
            raise NotFound(f"the knowledge in {settings.home} cannot be read: {fault}") from None
        yield Desk(database.store(SERVICE), vault, router, at, officer, settings, seen)
