"""Answers from the knowledge folders: loads words and weights once, indexes a policy when it is first asked.

What an officer teaches is kept in `answers/<controller>.toml` of the operator's own knowledge folder, so that it can
be reviewed in a pull request like everything else that habeas knows.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import tomllib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.router.core.law.model import Law, Lawbook, LawFault
from services.router.core.policy.answers.answer import Answer, Knowledge, Method, answer, knowledge_of
from services.router.core.policy.answers.confidence import doubts_from
from services.router.core.policy.answers.counts import Counts, counts_in
from services.router.core.policy.answers.curated import Curated
from services.router.core.policy.answers.frames import frames_from
from services.router.core.policy.answers.learned import Learned, learned_in
from services.router.core.policy.answers.lexicon import lexicon_from
from services.router.core.policy.answers.rank import weights_from
from services.router.core.policy.answers.tongue import question_language
from services.router.core.policy.model import InForce, KnowledgeBase
from services.router.core.policy.record import PolicyError, UnknownController
from services.runtime.memory import keep

INDEXED_MAX: Final = 128
"""Policies kept ready at once; the one least asked makes room. A long one takes about a megabyte."""

CURATED_BYTES_MAX: Final = 4_000_000
CURATED_MAX: Final = 2_000
COUNTS: Final = "wordings.npz"
SPOKEN: Final = "wordings"
_COUNTED: Final = ("concepts.toml", "wordings.toml", "particulars.toml")
_CURATED_FIELDS: Final = ("id", "question", "answer", "language", "policy", "clause", "clause_sha256", "by", "on")


@cache
def shipped_method() -> Method:
    """Return the words, weights, doubts and sentences that habeas ships with."""
    return read_method(Path(__file__).resolve().parents[2] / "knowledge" / "answers")


def read_method(root: Path, *, recount: bool = False) -> Method:
    """Read everything about answering that is data; the wordings are counted anew where their counts do not fit."""
    glossaries = {path.stem: path.read_text("utf-8") for path in sorted((root / "glossary").glob("*.toml"))}
    counts = None if recount else kept_counts(root)
    lexicon = lexicon_from(
        _toml(root / "concepts.toml"),
        glossaries,
        _toml(root / "asked.toml"),
        _toml(root / "wordings.toml"),
        _toml(root / "particulars.toml"),
        counts,
        spoken_files(root) if counts is None else (),
        kept_learned(root),
    )
    return Method(
        lexicon=lexicon,
        weights=weights_from(_toml(root / "ranking.toml"), lexicon),
        doubts=doubts_from(_toml(root / "abstaining.toml")),
        frames=frames_from(_toml(root / "frames.toml")),
    )


def kept_counts(root: Path) -> tuple[Counts, Counts] | None:
    """Return the counts of wordings that lie beside the tables, if they were counted from these very tables."""
    path = root / COUNTS
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        if arrays["tables"].tobytes() != tables_digest(root):
            return None
        return counts_in(arrays, "wordings"), counts_in(arrays, "particulars")


def kept_learned(root: Path) -> tuple[Learned, Learned] | None:
    """Return what was learned of the wordings, of whichever state of the tables: what it does not know it leaves."""
    path = root / COUNTS
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        if "wordings_learned_names" not in arrays:
            return None
        return learned_in(arrays, "wordings"), learned_in(arrays, "particulars")


def spoken_files(root: Path) -> list[tuple[str, str]]:
    """Return the files of further wordings, each the language that its name begins with, and its text."""
    paths = sorted((root / SPOKEN).glob("*.txt"))
    return [(path.stem.partition("-")[0], path.read_text("utf-8")) for path in paths]


def tables_digest(root: Path) -> bytes:
    """Return what tells one state of what is counted from another: the tables, and by what languages are read."""
    paths = [root / name for name in _COUNTED]
    paths += [*sorted((root / SPOKEN).glob("*.txt")), *sorted((root / "glossary").glob("*.toml"))]
    parts = [hashlib.sha256(path.name.encode() + b"\0" + path.read_bytes()).digest() for path in paths]
    return hashlib.sha256(b"".join(parts)).digest()


class Answers:
    """Answers the questions put to any controller of a knowledge base."""

    def __init__(
        self, base: KnowledgeBase, laws: Lawbook, curated_root: Path | None = None, method: Method | None = None
    ) -> None:
        self.base = base
        self.method = method or shipped_method()
        self._laws = laws
        self._curated_root = curated_root
        self._ready: OrderedDict[tuple[str, tuple[tuple[str, str], ...]], Knowledge] = OrderedDict()
        self._taught: dict[str, tuple[Curated, ...]] = {}

    def ask(self, controller: str, question: str, on: date, *, language: str = "", top: int = 0) -> Answer:
        """Answer one question as of a day, in the language it is asked in unless one is given."""
        knowledge = self.knowledge(controller, on)
        return answer(knowledge, question, language or self.language(question), self.method, top)

    def language(self, question: str) -> str:
        """Return the language a question is asked in."""
        return question_language(question, self.method.lexicon)

    def knowledge(self, controller: str, on: date) -> Knowledge:
        """Return what a controller can be asked on a day, indexed."""
        documents = self._documents(controller, on)
        key = (controller, tuple((held.policy.kind.value, held.policy.version) for held in documents))
        found = self._ready.get(key)
        if found is None:
            laws = [law for name in documents[0].policy.seat.laws if (law := self._law(name)) is not None]
            found = knowledge_of(controller, documents, self.method, self.taught(controller), laws)
            self._ready[key] = found
            keep()
            if len(self._ready) > INDEXED_MAX:
                self._ready.popitem(last=False)
        self._ready.move_to_end(key)
        # A warning belongs to the day that was asked, not to the day that was indexed.
        return found if found.documents == documents else replace(found, documents=documents)

    def taught(self, controller: str) -> tuple[Curated, ...]:
        """Return what the controller's officers taught."""
        if self._curated_root is None:
            return ()
        if controller not in self._taught:
            self._taught[controller] = read_curated(self._curated_root, controller)
        return self._taught[controller]

    def teach(self, controller: str, taught: Sequence[Curated]) -> None:
        """Keep what an officer taught, and use it from the next question on."""
        if self._curated_root is None:
            raise PolicyError("nothing can be taught here: a policy's file was asked, not a controller")
        write_curated(self._curated_root, controller, taught)
        self._taught[controller] = tuple(taught)
        for key in [key for key in self._ready if key[0] == controller]:
            self._ready[key] = replace(self._ready[key], curated=tuple(taught))

    def _documents(self, controller: str, on: date) -> tuple[InForce, ...]:
        documents = self.base.documents_in_force(controller, on)
        if not documents:
            raise UnknownController(
                f"the controller {controller!r} has no policy; import one with `habeas policy import`"
            )
        return documents

    def _law(self, name: str) -> Law | None:
        try:
            return self._laws.law(name)
        except LawFault:
            return None


def curated_path(root: Path, controller: str) -> Path:
    """Return where a controller's curated answers are kept."""
    if not controller or any(mark in controller for mark in "/\\") or controller.startswith("."):
        raise PolicyError(f"a controller's id is a plain name, not {controller[:40]!r}")
    return root / "answers" / f"{controller}.toml"


def read_curated(root: Path, controller: str) -> tuple[Curated, ...]:
    """Return the curated answers of a controller; a file that cannot be read is named, with what is wrong."""
    path = curated_path(root, controller)
    if not path.exists():
        return ()
    if path.stat().st_size > CURATED_BYTES_MAX:
        raise PolicyError(f"{path} is larger than {CURATED_BYTES_MAX} bytes; keep curated answers short")
    entries = _toml(path).get("answer", [])
    if not isinstance(entries, list) or len(entries) > CURATED_MAX:
        raise PolicyError(f"{path}: at most {CURATED_MAX} [[answer]] tables are read")
    return tuple(_curated(entry, path) for entry in entries)


def _curated(entry: object, path: Path) -> Curated:
    if not isinstance(entry, Mapping) or not all(
        isinstance(entry.get(name), str) for name in ("id", "question", "answer")
    ):
        raise PolicyError(f"{path}: every [[answer]] needs an id, a question and an answer, as text")
    return Curated(**{name: str(entry[name]) for name in _CURATED_FIELDS if name in entry})


def write_curated(root: Path, controller: str, taught: Sequence[Curated]) -> Path:
    """Write a controller's curated answers, whole or not at all."""
    path = curated_path(root, controller)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        "# Questions with the answers an officer wrote. Each is used first while its clause stays the same.",
        "",
    ]
    for each in taught:
        lines.append("[[answer]]")
        lines.extend(f"{name} = {_string(getattr(each, name))}" for name in _CURATED_FIELDS if getattr(each, name))
        lines.append("")
    handle, written = tempfile.mkstemp(dir=path.parent, prefix=".answers-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
        Path(written).replace(path)
    except BaseException:
        Path(written).unlink(missing_ok=True)
        raise
    return path


def _string(text: str) -> str:
    """Return a TOML basic string: everything that could end it or is not printable is escaped."""
    plain = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return (
        '"'
        + "".join(plain.get(c) or (c if c.isprintable() or ord(c) > 0x9F else f"\\u{ord(c):04x}") for c in text)
        + '"'
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise PolicyError(f"{path}: not valid TOML: {fault}") from None
