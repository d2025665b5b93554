"""An evidence folder proven on its own: every file as it was signed, every event as it was chained.

Nothing but the folder is read. With a checkpoint or a public key from elsewhere nobody who wrote the folder need be
trusted either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.runtime.audit import merkle
from services.runtime.audit.chain import Head, Link, canonical, check_chain
from services.runtime.audit.checkpoint import AuditFault, Checkpoint, is_signed, leaf_of, read_statement
from services.runtime.audit.files import read_export
from services.runtime.audit.verify import Verdict

KIND: Final = "habeas evidence 1"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig.json"
SUMS: Final = "SHA256SUMS"
LINKS: Final = "audit/links.jsonl"
INCLUSION: Final = "audit/inclusion.json"
TIMELINE: Final = "timeline.json"
FILES_MAX: Final = 10_000
FILE_BYTES_MAX: Final = 200_000_000
_UNLISTED: Final = frozenset({MANIFEST, SIGNATURE, SUMS})


def sha256(content: bytes) -> str:
    """Return the digest of a file, in hex."""
    return hashlib.sha256(content).hexdigest()


def signed(key: Ed25519PrivateKey, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the signature of a manifest, with the key that it verifies under."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    return {"public_key": public, "signature": key.sign(_message(manifest)).hex()}


def sums(files: Mapping[str, bytes]) -> str:
    """Return the lines that `sha256sum -c` reads."""
    return "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(files.items()))


def verify_folder(
    folder: Path, trusted_key: str | None = None, checkpoint: Checkpoint | None = None
) -> tuple[str, Verdict]:
    """Return the controller and what a check of the folder found, the first fault first."""
    verdict = Verdict(cases=1)
    manifest = _json(folder, MANIFEST)
    if manifest.get("evidence") != KIND:
        raise AuditFault(f"{folder} is no evidence folder of habeas; `habeas case export` writes one")
    _check_signature(verdict, manifest, _json(folder, SIGNATURE), trusted_key)
    _check_files(verdict, folder, manifest)
    links = _links(verdict, folder, manifest)
    if links:
        _check_timeline(verdict, folder, links)
        _check_inclusion(verdict, folder, links, manifest, trusted_key, checkpoint)
    return str(manifest.get("controller", "")), verdict


def _message(manifest: Mapping[str, Any]) -> bytes:
    return f"{KIND}\n{canonical(manifest)}".encode()


def _check_signature(
    verdict: Verdict, manifest: Mapping[str, Any], given: Mapping[str, Any], trusted_key: str | None
) -> None:
    key = trusted_key or str(given.get("public_key", ""))
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(str(given.get("signature", ""))), _message(manifest))
    except (InvalidSignature, ValueError):
        verdict.faults.append(f"{MANIFEST}: changed, or signed by another key: its signature does not fit")
        return
    if trusted_key is None:
        verdict.notes.append(
            f"signed by the key {key[:16]}… that came with the folder: compare it with the one that was published, or "
            "give it by --public-key"
        )


def _check_files(verdict: Verdict, folder: Path, manifest: Mapping[str, Any]) -> None:
    listed = manifest.get("files")
    if not isinstance(listed, dict) or len(listed) > FILES_MAX:
        raise AuditFault(f"{MANIFEST} lists no files; get the folder again from where it was kept")
    for name, known in sorted(listed.items()):
        path = _inside(folder, name)
        if not path.is_file() or path.is_symlink():
            verdict.faults.append(f"{name}: missing")
        elif path.stat().st_size > FILE_BYTES_MAX:
            verdict.faults.append(f"{name}: changed, it is larger than {FILE_BYTES_MAX} bytes")
        elif sha256(path.read_bytes()) != str(known.get("sha256") if isinstance(known, dict) else ""):
            verdict.faults.append(f"{name}: changed, its SHA-256 is not the one in the manifest")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()}
    verdict.faults += [
        f"{name}: added, the manifest does not list it" for name in sorted(there - set(listed) - _UNLISTED)
    ]
    kept = folder / SUMS
    expected = "".join(f"{known['sha256']}  {name}\n" for name, known in sorted(listed.items()))
    if not kept.is_file() or kept.read_text("utf-8", "replace") != expected:
        verdict.faults.append(f"{SUMS}: changed, it does not say what the manifest says")


def _links(verdict: Verdict, folder: Path, manifest: Mapping[str, Any]) -> list[Link]:
    path = folder / LINKS
    if not path.is_file():
        return []
    try:
        found = read_export(path.read_text("utf-8").splitlines(), LINKS)
    except (AuditFault, UnicodeDecodeError) as fault:
        verdict.faults.append(f"{LINKS}: changed, {fault}")
        return []
    head = manifest.get("head") or {}
    case_id = str(manifest.get("case", ""))
    signed_head = Head(case_id, int(head.get("length", 0)), str(head.get("digest", "")))
    broken = check_chain(str(manifest.get("controller", "")), case_id, found.links, signed_head)
    verdict.links = len(found.links)
    if broken is not None:
        verdict.faults.append(f"{LINKS}: {broken.sentence()}")
        return []
    return found.links


def _check_timeline(verdict: Verdict, folder: Path, links: list[Link]) -> None:
    """The sentences are for people; each must stand for its link, or the page tells another story than the chain."""
    try:
        entries = json.loads((folder / TIMELINE).read_text("utf-8"))["timeline"]
        told = [(entry["event"], entry["recorded"]) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError):
        verdict.faults.append(f"{TIMELINE}: missing or changed, it cannot be read")
        return
    for number, link in enumerate(links):
        fields = json.loads(link.body)
        if number >= len(told) or told[number] != (fields.get("event"), fields.get("at")):
            verdict.faults.append(f"{TIMELINE}: entry {number + 1} does not stand for link {link.sequence}")
            return
    if len(told) > len(links):
        verdict.faults.append(f"{TIMELINE}: it tells {len(told)} events, the chain has {len(links)}")


def _check_inclusion(
    verdict: Verdict, folder: Path, links: list[Link], manifest: Mapping[str, Any], trusted_key: str | None,
    checkpoint: Checkpoint | None,
) -> None:  # fmt: skip
    """The case's chain under a signed root: what was there when the checkpoint was published is there now."""
    path = folder / INCLUSION
    if not path.is_file():
        verdict.notes.append("no checkpoint covers this case yet: its chain is proven by the manifest's signature only")
        return
    proof = _json(folder, INCLUSION)
    try:
        header = proof["checkpoint"]
        kept = Checkpoint(read_statement(header["checkpoint"]), str(header["signature"]), str(header["public_key"]))
        head = Head(str(proof["case"]), int(proof["length"]), str(proof["digest"]))
        way = [bytes.fromhex(step) for step in proof["path"]]
        index, size = int(proof["index"]), int(proof["size"])
    except (KeyError, TypeError, ValueError):
        verdict.faults.append(f"{INCLUSION}: changed, a field is missing or of the wrong kind")
        return
    if not is_signed(kept, trusted_key or kept.public_key) or kept.statement.controller != manifest.get("controller"):
        verdict.faults.append(f"{INCLUSION}: its checkpoint is not signed by this key")
    elif checkpoint is not None and checkpoint.statement != kept.statement:
        verdict.faults.append(
            f"{INCLUSION}: it is about checkpoint {kept.statement.sequence}, not the one that was given"
        )
    elif not merkle.is_included(leaf_of(head), index, size, way, bytes.fromhex(kept.statement.root)):
        verdict.faults.append(f"{INCLUSION}: the case's chain is not under the checkpoint's root")
    elif not 0 < head.length <= len(links) or links[head.length - 1].digest != head.digest:
        verdict.faults.append(f"{INCLUSION}: the chain is not the one that was signed in the checkpoint")
    else:
        verdict.newer_links = len(links) - head.length
        verdict.notes.append(
            f"checkpoint {kept.statement.sequence} of {kept.statement.created} covers {head.length} of "
            f"{len(links)} links"
        )


def _inside(folder: Path, name: str) -> Path:
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise AuditFault(f"{MANIFEST} names a file outside the folder; it was changed")
    return folder / parts


def _json(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    try:
        found = json.loads(path.read_bytes()[:FILE_BYTES_MAX])
    except FileNotFoundError:
        raise AuditFault(f"{name} is missing in {folder}; `habeas case export` writes it") from None
    except (ValueError, RecursionError):
        raise AuditFault(f"{name}: changed, it is not JSON any more") from None
    if not isinstance(found, dict):
        raise AuditFault(f"{name}: changed, it is not a JSON object any more")
    return found
