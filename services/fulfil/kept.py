"""Systems kept connected between requests, for a process that carries out many.

Reading maps, connecting and looking at a schema cost more than a request does. What is kept is dropped when a map's
file changes, when anything about the system failed, and after a while in any case, so that a changed schema is seen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from services.fulfil.core.maps.model import DataMap
from services.fulfil.core.maps.tree import Problem
from services.fulfil.landscape import Landscape

KEPT_SECONDS: Final = 300.0
KEPT_MAX: Final = 32
Key = tuple[Any, ...]
Maps = tuple[tuple[DataMap, ...], tuple[Problem, ...]]
"""Maps, and what there is to say about them."""


@dataclass(slots=True)
class _Kept:
    landscape: Landscape
    made: float
    users: int = 0
    done: bool = False


@dataclass(slots=True)
class KeptSystems:
    """Landscapes by the maps and connections that they were made of. May be shared by threads."""

    clock: Callable[[], float] = time.monotonic
    _held: dict[Key, _Kept] = field(default_factory=dict)
    _maps: dict[Key, Maps] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    """Entered again where making a landscape asks for its maps."""

    @contextmanager
    def landscape(
        self, files: Iterable[Path], urls: Mapping[str, str], make: Callable[[], Landscape]
    ) -> Iterator[Landscape]:
        """Lend a landscape for one request."""
        key = (*((str(file), *_state(file)) for file in files), *sorted(urls.items()))
        with self._lock:
            kept = self._held.get(key)
            if kept is None or self.clock() - kept.made > KEPT_SECONDS:
                self._drop(key)
                kept = self._held[key] = _Kept(make(), self.clock())
                while len(self._held) > KEPT_MAX:
                    self._drop(next(iter(self._held)))
            kept.users += 1
        # A request notes what failed in a copy of its own: the next one tries afresh.
        lent = replace(kept.landscape, faults=dict(kept.landscape.faults), remarks=list(kept.landscape.remarks))
        try:
            yield lent
        except BaseException:
            lent.faults["?"] = "failed"
            raise
        finally:
            with self._lock:
                kept.users -= 1
                if lent.faults and self._held.get(key) is kept:
                    self._drop(key)
                elif kept.done and not kept.users:
                    _close(kept.landscape)

    def maps(self, files: Iterable[Path], read: Callable[[Iterable[Path]], Maps]) -> Maps:
        """Return maps as they are in these files now, read once for everybody who asks."""
        listed = list(files)
        key = tuple((str(file), *_state(file)) for file in listed)
        with self._lock:
            if key not in self._maps:
                while len(self._maps) >= KEPT_MAX:
                    del self._maps[next(iter(self._maps))]
                self._maps[key] = read(listed)
            return self._maps[key]

    def _drop(self, key: Key) -> None:
        kept = self._held.pop(key, None)
        if kept is not None:
            kept.done = True
            if not kept.users:
                _close(kept.landscape)

    def close(self) -> None:
        """Let go of every system."""
        with self._lock:
            for key in list(self._held):
                self._drop(key)


def _state(file: Path) -> tuple[Any, ...]:
    try:
        if file.is_dir():
            return tuple((place.name, *_state(place)) for place in sorted(file.iterdir()) if place.is_file())
        known = file.stat()
    except OSError:
        return (0, 0)
    return known.st_mtime_ns, known.st_size


def _close(landscape: Landscape) -> None:
    for connector in landscape.connectors.values():
        close = getattr(connector, "close", None)
        if close is not None:
            close()
