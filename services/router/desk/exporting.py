"""A case as a folder for the authority: readable offline, with its law, its policy and its proof."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from services.router import laws
from services.router.core.cases.state import Case
from services.router.core.evidence.page import page
from services.router.core.evidence.redacting import ADDRESS, NAME, NUMBER, PERHAPS
from services.router.desk.base import Refused
from services.router.desk.gathering import Compose, Gathered, Gathering
from services.router.tables import CASE_EVENTS
from services.runtime.audit import evidence, merkle
from services.runtime.audit.chain import Link
from services.runtime.audit.checkpoint import in_order, leaf_of, public_pem, signing_key
from services.runtime.audit.ledger import Ledger
from services.runtime.store import Transaction

LAW_BYTES_MAX: Final = 256 * 1024
README: Final = """\
This folder shows one case: what was asked, what was decided and why, what was answered, and when.

  index.html       the timeline, for people; it opens in any browser, offline
  timeline.json    the same, for machines; decisions.json, letters.json and results.json are parts of it
  messages/        what the person wrote, as received; letters/ what was written to them, composed again from what
                   was kept of each letter on the day
  policy/, law/    the policy in force on the day of receipt, as published, and the rules that set the dates
  audit/           the case's events as a chain of hashes, and where the chain stands under a signed checkpoint
  manifest.json    the SHA-256 of every file; manifest.sig.json signs it

Other persons were taken out before the folder was written: "[another person]" stands in their place. Who exported
this folder looked at it; redactions.json says how many places there are in each file.

To check that nothing was changed since, without any access to the system:

  habeas audit verify --folder . --public-key KEY.pem    KEY.pem is the key that the controller publishes

or by hand:

  sha256sum -c SHA256SUMS

and, for the chain: a link's digest is the SHA-256 of these six lines, joined by line feeds: "habeas link 1", the digest
of the link before (64 zeros for the first), the controller, the case, the link's number, its body as it stands in
audit/links.jsonl. The signature is Ed25519 over "habeas evidence 1", a line feed, and manifest.json as JSON with sorted
keys and no spaces.
"""


MARKS: Final = {
    NAME: "a name that the text, an address or an officer shows to be somebody else's (Art. 15(4) GDPR)",
    ADDRESS: "an address that is not the person's or the controller's",
    NUMBER: "a telephone, account, card or network number that is not the person's",
    PERHAPS: "a word written like a name that nothing else explains; withheld on suspicion",
}


class Exporting(Gathering):
    """Writes evidence folders."""

    __slots__ = ()

    def export(
        self, name: str, out: Path, compose: Compose, names: Mapping[str, str], *, also: Sequence[str] = (),
        keep: Sequence[str] = (), originals: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Write a case's evidence folder, whole or not at all, and say what is in it."""
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise Refused(f"{out} is there already and not empty: name a new folder", "export")
        with self.store.begin() as transaction:
            case = self.found(transaction, name)
            gathered = self.gather(transaction, case, names, compose, also, originals=originals, keep=keep)
            files = {
                **_told(gathered), **self._quoted(case), **self._proof(transaction, case),
                **dict(gathered.originals),
            }  # fmt: skip
            links = self._links(transaction, case)
        manifest = {
            "evidence": evidence.KIND,
            "case": case.case_id,
            "reference": gathered.fields["reference"],
            "controller": case.controller,
            "created": self.clock.now().isoformat(timespec="seconds"),
            "officer": self.officer,
            "release": version("habeas"),
            "head": {"length": len(links), "digest": links[-1].digest},
            "redacted": sum(gathered.redaction.places.values()),
            "files": {
                path: {"sha256": evidence.sha256(content), "bytes": len(content)}
                for path, content in sorted(files.items())
            },
        }
        files[evidence.SUMS] = evidence.sums(files).encode()
        files[evidence.MANIFEST] = _json(manifest)
        files[evidence.SIGNATURE] = _json(evidence.signed(self._key(case.controller), manifest))
        _write(out, files)
        return {
            "case": case.case_id,
            "reference": gathered.fields["reference"],
            "folder": str(out),
            "files": len(files),
            "links": len(links),
            "redacted": gathered.redaction.places,
            "perhaps": sorted(gathered.redaction.perhaps),
        }

    def _key(self, controller: str) -> Ed25519PrivateKey:
        return signing_key(self.vault.subkey(f"audit checkpoints|{controller}"))

    def _links(self, transaction: Transaction, case: Case) -> list[Link]:
        query = select(CASE_EVENTS).where(CASE_EVENTS.c.case_id == case.case_id).order_by(CASE_EVENTS.c.sequence)
        return [Link(row.case_id, row.sequence, row.body, row.digest) for row in transaction.execute(query)]

    def _proof(self, transaction: Transaction, case: Case) -> dict[str, bytes]:
        links = self._links(transaction, case)
        lines = [{"export": "habeas case events 1", "controller": case.controller}]
        found = {
            evidence.LINKS: "".join(
                json.dumps(line, ensure_ascii=False) + "\n"
                for line in (
                    *lines,
                    *(
                        {"case": link.case_id, "sequence": link.sequence, "body": link.body, "digest": link.digest}
                        for link in links
                    ),
                )
            ).encode(),
            "audit/key.pem": public_pem(self._key(case.controller)).encode(),
        }
        inclusion = self._inclusion(transaction, case)
        if inclusion is not None:
            found[evidence.INCLUSION] = _json(inclusion)
        return found

    def _inclusion(self, transaction: Transaction, case: Case) -> dict[str, Any] | None:
        """Return the way from the case's chain to the root of the newest checkpoint; nobody else's chain is shown."""
        kept = Ledger(CASE_EVENTS, self._key).latest(transaction, case.controller)
        heads = in_order(kept.heads) if kept else ()
        index = next((number for number, head in enumerate(heads) if head.case_id == case.case_id), None)
        if kept is None or index is None:
            return None
        head = heads[index]
        path = merkle.inclusion_proof([leaf_of(each) for each in heads], index)
        return {
            "checkpoint": kept.header(),
            "case": head.case_id,
            "length": head.length,
            "digest": head.digest,
            "index": index,
            "size": len(heads),
            "path": [step.hex() for step in path],
        }

    def _quoted(self, case: Case) -> dict[str, bytes]:
        """Return the policy in force on the day of receipt as published, and the laws that were applied."""
        found: dict[str, bytes] = {}
        knowledge = self.router.tools.knowledge
        in_force = knowledge.in_force(case.controller, knowledge.day(case.controller, case.received))
        if in_force is not None:
            policy = in_force.policy
            found[f"policy/{policy.controller}-{policy.version}.txt"] = policy.text.encode()
            quoted = {claim.due.promise for claim in case.claims if claim.due and claim.due.promise}
            clauses = [
                {
                    "clause": clause.id,
                    "start": clause.start,
                    "end": clause.end,
                    "text": policy.text[clause.start : clause.end],
                }
                for clause in policy.clauses
                if any(each.endswith(f"#{clause.id}") for each in quoted)
            ]
            found["policy/policy.json"] = _json(
                {
                    "controller": policy.controller,
                    "version": policy.version,
                    "effective": policy.effective.isoformat() if policy.effective else None,
                    "source": policy.source,
                    "sha256_as_published": policy.sha256,
                    "clauses_that_set_a_date": clauses,
                }
            )
        for path in self._law_files(case):
            found[f"law/{path.name}"] = path.read_bytes()
        return found

    def _law_files(self, case: Case) -> list[Path]:
        found: dict[str, Path] = {}
        for root in (laws.shipped_root(), self.settings.home / "knowledge" / "laws"):
            for path in sorted(root.glob("*.toml")) if root.is_dir() else ():
                if path.stat().st_size <= LAW_BYTES_MAX:
                    name = tomllib.loads(path.read_text("utf-8")).get("id")
                    if name in case.law.laws:
                        found[str(name)] = path
        return list(found.values())


def _told(gathered: Gathered) -> dict[str, bytes]:
    redacted = sum(gathered.redaction.places.values())
    fields = {**gathered.fields, "redactions": redacted}
    files = {
        "index.html": page(fields).encode(),
        "README.txt": README.encode(),
        evidence.TIMELINE: _json(fields),
        "decisions.json": _json({"decisions": gathered.fields["decisions"]}),
        "letters.json": _json({"letters": gathered.fields["letters"]}),
        "results.json": _json({"results": list(gathered.results)}),
        "redactions.json": _json({"places": gathered.redaction.places, "marks": MARKS}),
    }
    files |= {name: text.encode() for name, text in (*gathered.messages, *gathered.letters)}
    return files


def _json(fields: Mapping[str, Any]) -> bytes:
    return (json.dumps(fields, ensure_ascii=False, indent=2, sort_keys=False) + "\n").encode()


def _write(out: Path, files: Mapping[str, bytes]) -> None:
    """Write the folder beside its place and move it there: a folder that is there is whole."""
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.part-{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        for name, content in files.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(content)
        if out.exists():
            out.rmdir()
        draft.rename(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
