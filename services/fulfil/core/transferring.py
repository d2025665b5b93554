"""Which controller a person means who wants their data sent there, and whether its answer is an acknowledgement."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

NUMBER_CHARACTERS_MAX: Final = 200
_NOT_A_NAME: Final = re.compile(r"[\W_]+")
_COMPANY: Final = re.compile(
    r"\b(ltd|limited|llc|inc|gmbh|ag|sa|sarl|srl|spa|bv|ab|oy|sia|doo|kft|zrt|plc|as|a s|s a|s r l)$"
)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What another controller answered: the status, its own number for the package, the hash that it confirms."""

    status: int
    number: str = ""


def recipient_named(named: str, known: Mapping[str, tuple[str, Sequence[str]]]) -> str | None:
    """Return which of the known recipients (host and other names by name) a person named; None where it is unclear.

    A name is compared without case, punctuation and company form; a domain with the recipient's own and those below.
    """
    wanted = _folded(named)
    if not wanted:
        return None
    found = [
        name
        for name, (host, others) in known.items()
        if wanted in {_folded(each) for each in (name, *others)} or _is_domain_of(named, host, others)
    ]
    return found[0] if len(found) == 1 else None


def mentioned(said: str, known: Mapping[str, tuple[str, Sequence[str]]]) -> list[str]:
    """Return the known recipients whose names stand in a person's own words, whatever is said of them."""
    words = f" {_NOT_A_NAME.sub(' ', said.casefold())} "
    return [
        name for name, (_, others) in known.items() if any(f" {_folded(each)} " in words for each in (name, *others))
    ]


def acknowledged(
    status: int, said: Any, place: str, statuses: Sequence[int], id_field: str, digest_field: str | None, digest: str
) -> Acknowledged | str:
    """Return the acknowledgement, or what is wrong with the answer in words that repeat nothing of it."""
    if 300 <= status < 400:
        return f"it answers HTTP {status} and points elsewhere, where the data must not go: correct its `url`"
    if status in (401, 403):
        return f"it refuses access (HTTP {status}): correct `secret`, `secret_env` or `header`"
    if status not in statuses:
        return f"it answers HTTP {status}, which is no acknowledgement (`statuses`: {', '.join(map(str, statuses))})"
    if digest_field is not None and _text(dig(said, digest_field)).casefold() != digest:
        return f"its acknowledgement does not confirm the package's hash (SHA-256, `digest_field` = {digest_field})"
    return Acknowledged(status, _text(dig(said, id_field)) or place[:NUMBER_CHARACTERS_MAX])


def dig(said: Any, path: str) -> Any:
    """Return what stands at a path such as `receipt.id`, or None."""
    for name in path.split("."):
        said = said.get(name) if isinstance(said, dict) else None
    return said


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    return text if len(text) <= NUMBER_CHARACTERS_MAX and text.isprintable() else ""


def _folded(name: str) -> str:
    plain = _NOT_A_NAME.sub(" ", name.casefold()).strip()
    return _COMPANY.sub("", plain).strip() or plain


def _is_domain_of(named: str, host: str, others: Sequence[str]) -> bool:
    domain = named.strip().casefold().removeprefix("www.").rstrip(".")
    if "." not in domain or " " in domain:
        return False
    hosts = [host, *(each.casefold().removeprefix("www.") for each in others)]
    return any(each == domain or each.endswith(f".{domain}") for each in hosts)
