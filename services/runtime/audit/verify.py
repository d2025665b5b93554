"""Proving chains against a checkpoint: pure, so that it runs on an exported file with no access to the system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.runtime.audit.chain import Break, Link, check_chain
from services.runtime.audit.checkpoint import Checkpoint, in_order, is_signed, root_of


@dataclass
class Verdict:
    """What a verification found: the faults, first one first, and how much was looked at."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cases: int = 0
    links: int = 0
    newer_links: int = 0

    @property
    def sound(self) -> bool:
        """Return whether nothing was wrong."""
        return not self.faults


def verify(
    controller: str,
    chains: Iterable[tuple[str, list[Link]]],
    checkpoint: Checkpoint | None,
    trusted_key: str | None = None,
) -> Verdict:
    """Check every chain by itself and, with a checkpoint, against what was signed."""
    verdict = Verdict()
    signed = {} if checkpoint is None else {head.case_id: head for head in checkpoint.heads}
    heads_hold = checkpoint is not None and _check_statement(verdict, controller, checkpoint, trusted_key)
    if checkpoint is None:
        verdict.notes.append("no checkpoint was given: links cut off the end of a chain cannot be noticed")
    found: set[str] = set()
    for case_id, links in chains:
        if case_id in found:
            verdict.faults.append(f"case {case_id}: its links do not stand together; they were reordered")
            continue
        found.add(case_id)
        head = signed.get(case_id)
        verdict.cases += 1
        verdict.links += len(links)
        verdict.newer_links += max(0, len(links) - (head.length if head else 0)) if checkpoint else 0
        broken = check_chain(controller, case_id, links, head)
        if broken is not None:
            verdict.faults.append(broken.sentence())
    if heads_hold:
        _name_missing_cases(verdict, {case: head.length for case, head in signed.items()}, found)
    if verdict.newer_links:
        verdict.notes.append(
            f"{verdict.newer_links} links are newer than the checkpoint: proven only within themselves"
        )
    return verdict


def _check_statement(verdict: Verdict, controller: str, checkpoint: Checkpoint, trusted_key: str | None) -> bool:
    """Check signature and root; return whether the heads are what was signed."""
    statement = checkpoint.statement
    if statement.controller != controller:
        verdict.faults.append(f"the checkpoint is of controller {statement.controller}, the chains are of {controller}")
        return False
    if not is_signed(checkpoint, trusted_key or checkpoint.public_key):
        verdict.faults.append(
            f"checkpoint {statement.sequence} is not signed by this key: it was changed, or the key is another one"
        )
        return False
    if trusted_key is None:
        verdict.notes.append(
            f"signed by the key {checkpoint.public_key[:16]}… that came with the checkpoint: compare it with the one "
            "that was published, or give it by --public-key"
        )
    if root_of(in_order(checkpoint.heads)) != statement.root:
        verdict.faults.append(
            f"the {len(checkpoint.heads)} heads beside checkpoint {statement.sequence} are not those that were signed "
            f"({statement.heads} heads): a head was changed, added or removed"
        )
        return False
    return True


def _name_missing_cases(verdict: Verdict, lengths: Mapping[str, int], found: set[str]) -> None:
    for case_id, length in sorted(lengths.items()):
        if case_id not in found and length:
            gone = Break(case_id, 1, "missing", f"the whole chain was removed; the checkpoint has {length} links")
            verdict.faults.append(gone.sentence())
