"""Logs and metrics: structured, bounded, and without anything that names a person.

A log line holds ids, counts and the names of faults. What a fault says may quote a message or an address, so exceptions
are logged by type and place only; the full text never leaves the program.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry

FRAMES_MAX: Final = 6
LIBRARY_LINE_CHARACTERS_MAX: Final = 200
_NAMING: Final = frozenset({"aiohttp", "aiosmtplib", "mail"})
"""Libraries that put into their lines who is at the other end of a connection."""
_NO_HTTP: Final = "HttpProcessingError"
"""What aiohttp raises, and logs as an error, for a request that breaks the protocol."""
_FILLED_IN: Final = re.compile(r"%[-#0 +]*[\d.]*[a-zA-Z]")
_ADDRESS: Final = re.compile(r"[^\s<>]{1,200}@[^\s<>]{1,200}")
_QUIET: Final = (
    "alembic",
    "aiokafka",
    "aiosmtpd",
    "mail.log",
    "mail.error",
    "mail.debug",
    "mail.warn",
    "aiohttp.access",
    "faust",
)


def set_up_logging(form: str, level: str) -> None:
    """Send every log line to standard error, as JSON or, on a terminal, for people."""
    pretty = form == "pretty" or (form == "auto" and sys.stderr.isatty())
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        fault_by_place,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Not cached: whoever configures again (the tests, a command inside another) is heard.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _library_line],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    if level.upper() != "DEBUG":
        handler.addFilter(_is_worth_saying)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL if name.startswith("mail.") else logging.ERROR)


def _is_worth_saying(record: logging.LogRecord) -> bool:
    """Leave out that somebody sent what is no HTTP: it was answered with 400, and a scan of ports is no fault."""
    fault = record.exc_info[0] if record.exc_info else None
    return fault is None or not any(each.__name__ == _NO_HTTP for each in fault.__mro__)


def fault_by_place(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type and where it was raised: its text may hold what a person wrote."""
    fault = line.pop("exc_info", None)
    if fault is True:
        fault = sys.exc_info()
    if isinstance(fault, BaseException):
        fault = (type(fault), fault, fault.__traceback__)
    if isinstance(fault, tuple) and fault[0] is not None:
        line["fault"] = fault[0].__name__
        frames = traceback.extract_tb(fault[2])[-FRAMES_MAX:]
        line["at"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return line


def _library_line(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep a library's line short and without whom it names; it was written without our care for persons."""
    record = line.get("_record")
    told = str(line.get("event", ""))
    if isinstance(record, logging.LogRecord) and record.name.partition(".")[0] in _NAMING:
        told = _FILLED_IN.sub("…", str(record.msg))
    line["event"] = _ADDRESS.sub("…", told[:LIBRARY_LINE_CHARACTERS_MAX])
    return line


def new_registry() -> CollectorRegistry:
    """Return a registry of our own, so that two runs in one process (the tests) do not share counts."""
    return CollectorRegistry(auto_describe=True)
