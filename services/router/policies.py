"""The knowledge folders: what stands in them, loaded when it is first asked for, and written whole or not at all.

A knowledge base is searched in several roots, the first winning: what an operator imported before what habeas ships.
A controller's folder holds `controller.toml` and, for each version of each document, the text as published and its
record: `2018-11-10.md` and `2018-11-10.toml`, `2020-01-01.cookie-policy.html` and its `.toml`.
"""

from __future__ import annotations

import tomllib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import services
from services.router import policy_cache
from services.router.core.policy.model import Clause, Controller, DocumentKind, KnowledgeBase, Policy
from services.router.core.policy.record import (
    PolicyError,
    Record,
    UnknownController,
    policy_from,
    record_from,
    seat_from,
)
from services.router.core.policy.text.files import text_of

CONTROLLERS_CACHED_MAX: Final = 200
TEXT_SUFFIXES: Final = (".md", ".txt", ".html")
IMPORTED_SUFFIXES: Final = (".md", ".markdown", ".txt", ".html", ".htm")
_KIND_WORDS: Final = (
    (("cookie",), DocumentKind.COOKIE_POLICY),
    (
        ("retention", "schedule", "aufbewahrung", "loeschkonzept", "löschkonzept", "conservation"),
        DocumentKind.RETENTION_SCHEDULE,
    ),
    (("dpa", "processing", "avv", "auftragsverarbeitung", "sous-traitance"), DocumentKind.PROCESSING_AGREEMENT),
    (("terms", "agb", "conditions", "cgv", "cgu"), DocumentKind.TERMS),
    (
        ("privacy", "datenschutz", "policy", "confidentialit", "privacidad", "privatlivs", "prywatno"),
        DocumentKind.PRIVACY_POLICY,
    ),
)


def shipped_root() -> Path:
    """Return the knowledge that was installed with habeas, in a checkout and in a wheel alike."""
    return Path(services.__file__).parent.parent / "knowledge"


def knowledge_roots(home: Path, knowledge: Path | None = None) -> list[Path]:
    """Return where knowledge is looked for: the operator's own folder, then the shipped one."""
    return [knowledge if knowledge is not None else home / "knowledge", shipped_root()]


def load(roots: Sequence[Path]) -> KnowledgeBase:
    """Return the knowledge base of these roots; controllers are listed now, their texts read when asked for."""
    folders: dict[str, list[Path]] = {}
    for root in roots:
        for folder in _folders(root):
            folders.setdefault(folder.name, []).append(folder)
    controllers = {name: _controller(name, some) for name, some in sorted(folders.items())}
    return KnowledgeBase(controllers, _Shelf(folders, controllers))


def controller_folder(root: Path, controller: str) -> Path:
    """Return where a root keeps a controller."""
    return root / "policies" / controller


def versions_in(folder: Path) -> list[tuple[Path, Path]]:
    """Return the texts of a folder, each with the path of its record."""
    if not folder.is_dir():
        return []
    texts = sorted(path for path in folder.iterdir() if path.suffix in TEXT_SUFFIXES and not path.name.startswith("."))
    return [(path, path.with_suffix(".toml")) for path in texts]


def documents_in(folder: Path) -> list[tuple[Path, DocumentKind]]:
    """Return the texts of a folder that is to be imported, the privacy policy first; two of one kind are refused."""
    found: dict[DocumentKind, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in IMPORTED_SUFFIXES or path.name.startswith(".") or not path.is_file():
            continue
        kind = kind_named(path.stem)
        if kind in found:
            raise PolicyError(
                f"{found[kind].name} and {path.name} would both be the {kind.value}; import one of them by itself with "
                "--document, or give them names that say which they are, such as cookies, dpa or terms"
            )
        found[kind] = path
    if not found:
        raise PolicyError(f"{folder} holds no text ({', '.join(IMPORTED_SUFFIXES)}) to import")
    return [(found[kind], kind) for kind in DocumentKind if kind in found]


def kind_named(stem: str) -> DocumentKind:
    """Return which document a file's name says it is."""
    name = stem.lower()
    return next((kind for words, kind in _KIND_WORDS if any(word in name for word in words)), DocumentKind.OTHER)


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file's tables, or say which line of it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise PolicyError(f"{path}: not valid TOML: {fault}") from None


def read_record(path: Path, controller: Controller, fields: Mapping[str, Any] | None = None) -> Record:
    """Return the record beside a text; its name must be its version's. `fields` are its tables, if known."""
    fields = read_toml(path) if fields is None else fields
    record = record_from(fields, controller.id, str(path), controller.seat)
    if path.stem != stem_of(record.version, record.kind):
        raise PolicyError(
            f"{path}: the record is of {stem_of(record.version, record.kind)}; rename the file or correct it"
        )
    return record


def stem_of(version: str, kind: DocumentKind) -> str:
    """Return the name, without its suffix, of a version's files."""
    return version if kind is DocumentKind.PRIVACY_POLICY else f"{version}.{kind.value}"


def read_policy(text_path: Path, record_path: Path, controller: Controller) -> Policy:
    """Return one version, checked against its text."""
    if not record_path.exists():
        raise PolicyError(f"{text_path}: there is no record beside it; import it with `habeas policy import`")
    content = text_path.read_bytes()
    text = text_of(content, str(text_path))
    kept_at = policy_cache.path_of(text_path)
    if not kept_at.exists():
        return _version(record_path, read_record(record_path, controller), text)
    key = policy_cache.key_of(content, record_path.read_bytes())
    kept = policy_cache.recalled(kept_at, key, text)
    if kept is not None:
        fields, clauses = kept
        return _version(record_path, read_record(record_path, controller, fields), text, clauses)
    fields = read_toml(record_path)
    policy = _version(record_path, read_record(record_path, controller, fields), text)
    policy_cache.keep(kept_at, key, fields, policy.clauses)
    return policy


def _version(record_path: Path, record: Record, text: str, clauses: tuple[Clause, ...] | None = None) -> Policy:
    def line_of(number: int) -> int | None:
        """Return the line of the n-th promise; the record is read again only to name it to whoever must correct it."""
        lines = record_path.read_text("utf-8").splitlines()
        begun = [at for at, line in enumerate(lines, 1) if line.split("#")[0].replace(" ", "").strip() == "[[promise]]"]
        return begun[number - 1] if number <= len(begun) else None

    return policy_from(record, text, str(record_path), clauses, line_of)


def _folders(root: Path) -> Iterator[Path]:
    policies = root / "policies"
    if policies.is_dir():
        for folder in sorted(policies.iterdir()):
            if folder.is_dir() and (folder / "controller.toml").exists():
                yield folder


def _controller(name: str, folders: Sequence[Path]) -> Controller:
    path = folders[0] / "controller.toml"
    fields = read_toml(path)
    seat = seat_from(fields.get("seat", {}), str(path))
    return Controller(
        name, str(fields.get("name", name)), str(fields.get("website", "")), seat, tuple(fields.get("contacts", ()))
    )


class _Shelf(Mapping[str, Sequence[Policy]]):
    """The policies of each controller, read on first use; the ones least used are put back beyond a bound."""

    def __init__(self, folders: Mapping[str, Sequence[Path]], controllers: Mapping[str, Controller]) -> None:
        self._folders = folders
        self._controllers = controllers
        self._read: OrderedDict[str, tuple[Policy, ...]] = OrderedDict()

    def __getitem__(self, controller: str) -> Sequence[Policy]:
        if controller not in self._folders:
            known = ", ".join(self._folders) or "none yet"
            raise UnknownController(f"unknown controller {controller!r}; known are: {known}")
        if controller not in self._read:
            self._read[controller] = self._load(controller)
            if len(self._read) > CONTROLLERS_CACHED_MAX:
                self._read.popitem(last=False)
        self._read.move_to_end(controller)
        return self._read[controller]

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)

    def _load(self, controller: str) -> tuple[Policy, ...]:
        found: dict[str, Policy] = {}
        for folder in self._folders[controller]:
            for text_path, record_path in versions_in(folder):
                if text_path.stem not in found:
                    found[text_path.stem] = read_policy(text_path, record_path, self._controllers[controller])
        return tuple(found.values())
