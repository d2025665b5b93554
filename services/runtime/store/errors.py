"""What can go wrong with the store, by name. Every message says what to do, and none quotes what a row holds."""

from __future__ import annotations


class StoreFault(Exception):
    """The database, not the event at hand, is at fault: the work was rolled back and may be tried again."""


class DatabaseUnreachable(StoreFault):
    """The database cannot be reached now; the caller waits and tries again."""


class DatabaseBusy(StoreFault):
    """Another process held the database for longer than we wait."""


class DatabaseDamaged(StoreFault):
    """The database's file is not what SQLite wrote; it must be restored, and nothing was changed."""


class DatabaseNewer(StoreFault):
    """The database was migrated by a newer release than this one."""


class DatabaseOlder(StoreFault):
    """The database has not been migrated to this release."""


class DatabaseReadOnly(StoreFault):
    """The database may not be written by this user."""


class DiskFull(StoreFault):
    """There is no room left; nothing that was acknowledged is lost, and nothing new is accepted."""


class Zombie(Exception):
    """Another member of the group moved the position on: what this worker holds is not its own any more."""


class Conflict(Exception):
    """A row has another version than the one that was decided on: load it and decide again."""


class LeaseLost(Exception):
    """Another holder took the lease over: what was done under it must not be recorded."""


class WritingRefused(Exception):
    """A writing statement was sent through a reading transaction."""
