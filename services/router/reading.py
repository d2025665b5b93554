"""Load the phrase banks: shipped with habeas, replaced or extended in the home, taught by a controller's officers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.router.core.reading.bank import Bank, BankError, Idiom, compile_bank
from services.router.core.reading.opinion import HashedRegression, SecondOpinion
from services.router.core.reading.reader import read
from services.router.core.reading.verdict import Reading
from services.router.teaching import Lessons, idioms_by_language, lessons_stamp
from services.runtime.memory import keep

BANK_BYTES_MAX: Final = 1_000_000
SHIPPED: Final = Path(__file__).resolve().parents[2] / "knowledge"


class Banks(dict[str, Bank]):
    """Phrase banks by language, each compiled when a message first needs it."""

    def __init__(
        self,
        files: dict[str, list[Path]],
        taught: Mapping[str, Sequence[Idiom]] | None = None,
        untaught: Banks | None = None,
    ) -> None:
        super().__init__()
        self._files = files
        self._taught = dict(taught or {})
        self._untaught = untaught

    def with_lessons(self, taught: Mapping[str, Sequence[Idiom]]) -> Banks:
        """Return these banks with officers' phrases; a language that nothing was taught in is shared."""
        return Banks(self._files, taught, self) if taught else self

    def __contains__(self, code: object) -> bool:
        return code in self._files

    def __missing__(self, code: str) -> Bank:
        if code not in self._files:
            raise KeyError(code)
        if self._untaught is not None and not self._taught.get(code):
            return self._untaught[code]
        bank = self[code] = compile_bank(
            _merged([_written(path) for path in self._files[code]]), self._taught.get(code, ())
        )
        keep()
        return bank

    def get(self, code: str, default: Any = None) -> Any:
        """Return the bank of a language, compiling it if need be."""
        return self[code] if code in self._files else default


def load_banks(roots: Sequence[Path] = (), taught: Mapping[str, Sequence[Idiom]] | None = None) -> Banks:
    """Return the banks of the shipped knowledge and of `roots` (a home's knowledge): later roots add entries.

    `taught` are officers' phrases by language, added last.
    """
    files: dict[str, list[Path]] = {}
    for root in (SHIPPED, *roots):
        for folder in ("phrases", "details"):
            for path in sorted((root / folder).glob("*.toml")):
                files.setdefault(path.stem, []).append(path)
    return Banks(files, taught)


class Reader:
    """Reads a controller's messages with what its officers taught, and with the shipped second opinions.

    What was taught is looked at again whenever its file has changed, so that a lesson counts from the next message on.
    """

    def __init__(self, home: Path, banks: Banks) -> None:
        self._home = home
        self._banks = banks
        self._taught: dict[str, tuple[tuple[int, int], Banks]] = {}

    @property
    def banks(self) -> Banks:
        """Return the banks that no officer taught."""
        return self._banks

    def read(self, controller: str, text: str, subject: str = "") -> Reading:
        """Read one message of a controller."""
        return read(text, banks=self.banks_of(controller), subject=subject, opinions=shipped_opinions())

    def read_alone(self, text: str) -> Reading:
        """Read a text by the banks alone: without what officers taught, and without second opinions."""
        return read(text, banks=self._banks)

    def banks_of(self, controller: str) -> Banks:
        """Return the banks with a controller's lessons."""
        seen = lessons_stamp(self._home, controller)
        if seen is None:
            return self._banks
        known = self._taught.get(controller)
        if known is None or known[0] != seen:
            lessons = Lessons(self._home, controller).active()
            known = self._taught[controller] = (seen, self._banks.with_lessons(idioms_by_language(lessons)))
        return known[1]


@cache
def shipped_banks() -> Banks:
    """Return the banks that habeas ships with."""
    return load_banks()


@cache
def shipped_opinions() -> tuple[SecondOpinion, ...]:
    """Return the small classifiers that habeas ships with; they never act alone."""
    return tuple(_classifier(path) for path in sorted((SHIPPED / "classifiers").glob("*.npz")))


def _classifier(path: Path) -> HashedRegression:
    with np.load(path, allow_pickle=False) as stored:
        return HashedRegression(
            languages=frozenset(str(code) for code in stored["languages"]),
            labels=tuple(str(label) for label in stored["labels"]),
            weights=stored["weights"],
            bias=stored["bias"],
        )


def _written(path: Path) -> dict[str, Any]:
    if path.stat().st_size > BANK_BYTES_MAX:
        raise BankError(f"{path.name}: a phrase bank may hold {BANK_BYTES_MAX} bytes; split off what is never written")
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BankError(f"{path.name}: not readable as TOML: {fault}") from fault


def _merged(layers: Iterable[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for layer in layers:
        _merge_into(merged, layer)
    return merged


def _merge_into(base: dict[str, Any], layer: dict[str, Any]) -> None:
    for name, value in layer.items():
        if isinstance(value, dict) and isinstance(base.get(name), dict):
            _merge_into(base[name], value)
        elif isinstance(value, list) and isinstance(base.get(name), list):
            base[name] = [*base[name], *value]
        else:
            base[name] = value
