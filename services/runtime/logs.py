"""A log line's way to structlog, which is loaded with the first line: most commands write none."""

from __future__ import annotations

from typing import Any


class Log:
    """A logger by name, found anew for each line, so that whoever configures logging again is heard."""

    __slots__ = ("_names",)

    def __init__(self, *names: str) -> None:
        self._names = names

    def _found(self) -> Any:
        import structlog

        return structlog.get_logger(*self._names)

    def debug(self, event: str, **facts: Any) -> None:
        """Say what only somebody who looks for a fault needs."""
        self._found().debug(event, **facts)

    def info(self, event: str, **facts: Any) -> None:
        """Say what an operator may want to know."""
        self._found().info(event, **facts)

    def warning(self, event: str, **facts: Any) -> None:
        """Say what an operator should look at."""
        self._found().warning(event, **facts)

    def error(self, event: str, **facts: Any) -> None:
        """Say what an operator must do something about."""
        self._found().error(event, **facts)

    def exception(self, event: str, **facts: Any) -> None:
        """Say that something went wrong that nobody foresaw; the fault is told by its type and place."""
        self._found().exception(event, **facts)
