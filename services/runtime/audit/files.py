"""Reading exports and checkpoints from files: untrusted text, a line at a time, every fault with its line's number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from services.runtime.audit.chain import Head, Link
from services.runtime.audit.checkpoint import AuditFault, Checkpoint, read_statement

LINE_BYTES_MAX: Final = 4 * 1024 * 1024


@dataclass
class Exported:
    """What a file holds: the controller, a checkpoint if there is one, and the links in the file's order."""

    controller: str = ""
    checkpoint: Checkpoint | None = None
    links: list[Link] = field(default_factory=list)

    def chains(self) -> Iterator[tuple[str, list[Link]]]:
        """Yield runs of links of one case, as they stand in the file."""
        run: list[Link] = []
        for link in self.links:
            if run and run[-1].case_id != link.case_id:
                yield run[0].case_id, run
                run = []
            run.append(link)
        if run:
            yield run[0].case_id, run


def read_export(lines: Iterable[str], name: str) -> Exported:
    """Return what an export or a checkpoint file holds."""
    found = Exported()
    header: dict[str, Any] | None = None
    heads: list[Head] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        fields = _fields(line, number, name)
        try:
            if "export" in fields:
                found.controller = str(fields["controller"])
            elif "checkpoint" in fields:
                header = fields
            elif "head" in fields:
                trail = tuple(str(digest) for digest in fields.get("trail", ()))
                heads.append(Head(str(fields["head"]), int(fields["length"]), str(fields["digest"]), trail))
            else:
                found.links.append(_link(fields))
        except (KeyError, TypeError, ValueError):
            raise AuditFault(
                f"{name}, line {number}: a field is missing or of the wrong kind; export it again"
            ) from None
    if header is not None:
        found.checkpoint = _checkpoint(header, heads, name)
        found.controller = found.controller or found.checkpoint.statement.controller
    return found


def _link(fields: dict[str, Any]) -> Link:
    if not isinstance(fields["body"], str):
        raise TypeError("body")
    return Link(str(fields["case"]), int(fields["sequence"]), fields["body"], str(fields["digest"]))


def _checkpoint(header: dict[str, Any], heads: list[Head], name: str) -> Checkpoint:
    statement, signature, key = header["checkpoint"], header.get("signature"), header.get("public_key")
    if not (isinstance(statement, dict) and isinstance(signature, str) and isinstance(key, str)):
        raise AuditFault(
            f"{name}: the checkpoint has no signature or no key; get the file again from where it was kept"
        )
    return Checkpoint(read_statement(statement), signature, key, tuple(heads))


def _fields(line: str, number: int, name: str) -> dict[str, Any]:
    if len(line) > LINE_BYTES_MAX:
        raise AuditFault(f"{name}, line {number}: longer than {LINE_BYTES_MAX} characters; this is no export of habeas")
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise AuditFault(f"{name}, line {number}: not JSON; the file was cut or changed, export it again") from None
    if not isinstance(fields, dict):
        raise AuditFault(f"{name}, line {number}: not a JSON object; this is no export of habeas")
    return fields
