"""The door to the packages: how far each is, and removing one before its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, select, update

from services.intake.packages import fetching_of
from services.intake.tables import PACKAGES, SERVICE
from services.runtime.beside import vault_beside
from services.runtime.clock import Clock
from services.runtime.settings import Settings
from services.runtime.store import Database
from services.runtime.vault import Vault


class PackageFault(Exception):
    """What was asked cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The packages of a home."""

    database: Database
    vault: Vault
    clock: Clock

    def packages(self, case: str = "", *, every: bool = False) -> list[dict[str, Any]]:
        """Return how far the packages are: those that are there still, or every one, of one case or of all."""
        query = select(PACKAGES).order_by(PACKAGES.c.announced_ms)
        if not every:
            query = query.where(PACKAGES.c.removed_ms.is_(None))
        with self.database.begin(SERVICE) as transaction:
            rows = transaction.execute(query).mappings().all()
        return [self._shown(row) for row in rows if not case or _is_of(row, case)]

    def remove(self, case: str) -> list[dict[str, Any]]:
        """Remove the packages of a case now, with their passwords; what their person fetched stays theirs."""
        found = self.packages(case)
        if not found:
            raise PackageFault("this case has no package any more; `habeas packages list --all` shows what there was")
        for each in found:
            with self.database.begin(SERVICE) as transaction:
                password = transaction.execute(
                    select(PACKAGES.c.password).where(PACKAGES.c.package == each["package"])
                ).scalar_one()
            for ref in (each["package"], password):
                self.vault.remove(ref)
            with self.database.begin(SERVICE) as transaction:
                gone = update(PACKAGES).where(PACKAGES.c.package == each["package"])
                transaction.execute(gone.values(removed_ms=self._now_ms()))
        wanted = {each["package"] for each in found}
        return [each for each in self.packages(case, every=True) if each["package"] in wanted]

    def _shown(self, row: RowMapping) -> dict[str, Any]:
        fetching = fetching_of(row)
        sent = sum(end - start for start, end in fetching.spans)
        return {
            "case": row["case_id"], "controller": row["controller"], "package": row["package"],
            "size_bytes": row["size_bytes"], "mailed": bool(row["mailed"]),
            "standing": fetching.standing(self._now_ms()).value,
            "fetched_percent": 100 * sent // max(1, row["size_bytes"]),
            "announced": _moment(row["announced_ms"]), "ends": _moment(fetching.ends_ms),
            "opened": _moment(row["opened_ms"]), "taken": _moment(row["taken_ms"]),
            "removed": _moment(row["removed_ms"]),
        }  # fmt: skip

    def _now_ms(self) -> int:
        return int(self.clock.now().timestamp() * 1000)


@contextmanager
def shelf(settings: Settings, clock: Clock | None = None) -> Iterator[Shelf]:
    """Open the packages of the settings' home or database; services may be running beside it."""
    with vault_beside(settings, SERVICE, PackageFault) as (database, vault):
        yield Shelf(database, vault, clock or Clock())


def _is_of(row: RowMapping, case: str) -> bool:
    """Tell whether a package is of the case with this id or reference (HB-1A2B3C4D)."""
    plain = case.strip().upper().removeprefix("HB-").replace("-", "")
    return len(plain) >= 8 and str(row["case_id"]).upper().replace("-", "").startswith(plain)


def _moment(at_ms: int | None) -> str:
    return "" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
