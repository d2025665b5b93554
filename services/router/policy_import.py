"""Bringing a policy into the knowledge folder: all of it, or nothing and a clear word why."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from services.router import policies, policy_cache
from services.router.core.language import detect
from services.router.core.language_words import VOTING_WORDS
from services.router.core.policy.model import Clause, Controller, DocumentKind, KnowledgeBase, Policy, Promise, Seat
from services.router.core.policy.promises.extract import promises_of
from services.router.core.policy.record import PolicyError, Record, UnknownController, digest_of
from services.router.core.policy.text.files import FILE_BYTES_MAX, refuse_other_texts, text_of
from services.router.core.policy.text.parse import clauses_of, markup_of
from services.router.core.policy.text.plain import SUFFIXES
from services.router.core.policy.toml import controller_toml, record_fields, record_toml
from services.router.core.policy.versions import kept_ids

_CONTROLLER_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
EARLIEST: Final = date(1990, 1, 1)
DAYS_AHEAD_MAX: Final = 5 * 365
LANGUAGE_CHARACTERS_MAX: Final = 20_000
VOTES_MIN: Final = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person who imports says about a text; an empty seat field is taken from what is known."""

    controller: str
    effective: date | None
    kind: DocumentKind = DocumentKind.PRIVACY_POLICY
    name: str | None = None
    website: str | None = None
    source: str = ""
    seat: Seat | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the version, whether anything was written, and the one it follows."""

    policy: Policy
    changed: bool
    path: Path
    before: Policy | None


def import_file(path: Path, wanted: Wanted, root: Path, base: KnowledgeBase) -> Imported:
    """Bring a file into a knowledge folder as one version of a controller's document."""
    return import_text(_content(path), path.name, wanted, root, base)


def import_text(content: bytes, name: str, wanted: Wanted, root: Path, base: KnowledgeBase) -> Imported:
    """Bring a text's bytes in; they are stored exactly as they came."""
    _check(wanted)
    text = text_of(content, name)
    controller = _controller(wanted, base)
    others = [p for p in _known(base, wanted.controller) if p.kind is wanted.kind]
    version = wanted.effective.isoformat() if wanted.effective else "unknown"
    same = next((policy for policy in others if policy.version == version), None)
    folder = policies.controller_folder(root, controller.id)
    if same is not None:
        if same.sha256 != digest_of(text):
            raise PolicyError(
                f"{controller.id} already has another text of {version}; a day has one version: "
                "give the new text its own day with --effective, or remove the old files first"
            )
        return Imported(same, False, folder, _before(others, same))
    clauses = clauses_of(text)
    words = " ".join(" ".join((*clause.heading[-1:], clause.plain)) for clause in clauses)
    refuse_other_texts(words, name, wanted.kind)
    before = _before(others, None, wanted.effective)
    kept = kept_ids(before.clauses, clauses) if before is not None else {}
    promises = promises_of(text, clauses, markup_of(text))
    language = wanted.language or language_of(" ".join(c.plain for c in clauses if c.citable))
    seat = wanted.seat or (before.seat if before is not None else controller.seat)
    record = Record(
        controller.id, wanted.kind, wanted.effective, language, seat, wanted.source, digest_of(text), kept, ()
    )
    target = folder / (policies.stem_of(version, wanted.kind) + SUFFIXES[markup_of(text)])
    written = _write(folder, controller, target, content, record, promises)
    policy = _version(record, text, clauses, promises)
    policy_cache.keep(
        policy_cache.path_of(target),
        policy_cache.key_of(content, written.encode()),
        record_fields(record, promises),
        policy.clauses,
    )
    return Imported(policy, True, target, before)


def language_of(plain: str) -> str:
    """Return a policy's language: its small words decide where they are clear, and the model need not be loaded."""
    words = Counter(re.findall(r"[^\W\d_]+", plain[:LANGUAGE_CHARACTERS_MAX].lower()))
    votes = Counter({code: sum(words[word] for word in set(few.split())) for code, few in VOTING_WORDS.items()})
    (first, most), (_, second) = votes.most_common(2)
    return first if most >= VOTES_MIN and most > 1.5 * second else detect(plain[:4_000]).code


def _version(record: Record, text: str, clauses: Sequence[Clause], promises: Sequence[Promise]) -> Policy:
    """Return the version as it will be read back: the clauses that were edited under their older ids."""
    kept = record.kept_ids
    return record.version_of(
        text,
        record.sha256,
        tuple(replace(clause, id=kept.get(clause.id, clause.id)) for clause in clauses),
        tuple(replace(promise, clause=kept.get(promise.clause, promise.clause)) for promise in promises),
    )


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise PolicyError(
                f"{path.name} has more than {FILE_BYTES_MAX // 1_000_000} MB; a policy is text of a few hundred kB"
            )
        return path.read_bytes()
    except OSError as fault:
        raise PolicyError(f"{path} cannot be read: {fault.strerror}") from None


def _check(wanted: Wanted) -> None:
    if not _CONTROLLER_ID.match(wanted.controller):
        raise PolicyError(
            "a controller's id has lower-case letters, digits and hyphens, at most 64, such as `example-shop`"
        )
    effective = wanted.effective
    latest = datetime.now(tz=UTC).date() + timedelta(days=DAYS_AHEAD_MAX)
    if effective is not None and not EARLIEST <= effective <= latest:
        raise PolicyError(f"{effective.isoformat()} is no day a policy can come into force; is the year right?")


def _known(base: KnowledgeBase, controller: str) -> Sequence[Policy]:
    return base.policies[controller] if controller in base.controllers else ()


def _controller(wanted: Wanted, base: KnowledgeBase) -> Controller:
    known = base.controllers.get(wanted.controller)
    if known is not None:
        return known
    if wanted.name is None or wanted.seat is None:
        raise UnknownController(
            f"unknown controller {wanted.controller!r}: create it in the same command by adding --name, --country and "
            f"--zone, such as: habeas policy import FILE --controller {wanted.controller} --effective DATE "
            f'--name "Its Name Ltd" --country DE --zone Europe/Berlin '
            f"(known are: {', '.join(base.controllers) or 'none'})"
        )
    return Controller(wanted.controller, wanted.name, wanted.website or "", wanted.seat)


def _before(others: Sequence[Policy], same: Policy | None, effective: date | None = None) -> Policy | None:
    """Return the version that a new one follows: the last one begun before it, else the oldest after it."""
    dated = sorted((p for p in others if p is not same), key=lambda policy: policy.effective or date.min)
    begun = [policy for policy in dated if effective is None or (policy.effective or date.min) < effective]
    return begun[-1] if begun else dated[0] if dated else None


def _write(
    folder: Path, controller: Controller, target: Path, content: bytes, record: Record, promises: Sequence[Promise]
) -> str:
    """Write a version so that a crash leaves nothing half: its text comes last, and without it nothing is read.

    The record is returned as it was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "controller.toml").exists():
        _replace(folder / "controller.toml", controller_toml(controller).encode())
    written = record_toml(record, promises)
    _replace(target.with_suffix(".toml"), written.encode())
    _replace(target, content)
    return written


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
