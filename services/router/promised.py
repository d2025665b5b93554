"""What a controller's own policy promises somebody who uses a right: whom to write to, what they can do themselves, in
which format an answer comes, what the policy says of a refusal, and who watches over the controller.

Facts only; the words around them are the letters'. Nothing here knows a controller by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from schemas.rights import Right
from services.router.core.cases.state import Claim
from services.router.core.policy.model import Policy, Promise, PromiseKind, Seat

SUPPLEMENT: Final = (
    PromiseKind.PURPOSE,
    PromiseKind.LEGAL_BASIS,
    PromiseKind.RECIPIENT,
    PromiseKind.SALE,
    PromiseKind.TRANSFER,
    PromiseKind.STORAGE_PLACE,
    PromiseKind.RETENTION,
)
"""What Art. 15(1)(a), (c), (d) and 15(2) GDPR ask to be told with a copy, in the order of the law."""
SUPPLEMENT_MAX: Final = 24
CONTACT_PURPOSES: Final = ("rights", "privacy_questions", "dpo")
QUOTE_CHARACTERS_MAX: Final = 600
AUTHORITY_PARTS: Final = ("name", "address", "phone", "email", "website")

SAID_OF: Final[Mapping[tuple[Right, str], PromiseKind]] = {
    (Right.ACCESS, "rights_of_others"): PromiseKind.REFUSAL_GROUND,
    (Right.PORTABILITY, "portability_rights_of_others"): PromiseKind.REFUSAL_GROUND,
    (Right.CONSENT_WITHDRAWAL, "other_legal_basis"): PromiseKind.REFUSAL_GROUND,
    (Right.ERASURE, "no_erasure_ground"): PromiseKind.REFUSAL_GROUND,
    (Right.ERASURE, "legal_obligation"): PromiseKind.RETENTION,
}
"""Which promise of a policy speaks of a refusal: a policy announces some grounds, and the person reads its words."""

CONSENT: Final = "consent"
CONTINUING_MAX: Final = 6
NOTICES_OF: Final[Mapping[Right, PromiseKind]] = {
    Right.BREACH_REPORT: PromiseKind.BREACH_NOTICE,
    Right.COMPLAINT: PromiseKind.COMPLAINT_FIRST,
}
"""What a policy promises about what happens next, told with the receipt."""


def receipt_facts(
    policy: Policy | None, claims: Sequence[Claim], own_address: str, found_authority: str, *, of_a_child: bool = False
) -> dict[str, Any]:
    """Return what the receipt adds: the policy's contact, the ways to do it oneself, the format, what happens next."""
    rights = list(dict.fromkeys(claim.right for claim in claims))
    facts: dict[str, Any] = {"contact": contact(policy, rights, own_address)}
    named = ["contact"] if facts["contact"] else []
    if policy is not None:
        ways = list(dict.fromkeys(way for right in rights for way in self_service(policy, right)))
        formats = [word for right in rights for word in promised_formats(policy, right)]
        said = [_quote(each) for right in rights for each in _about(policy, NOTICES_OF.get(right), right, loose=True)]
        hastened = [claim.right for claim in claims if claim.due is not None and claim.due.by_promise]
        # Where the policy promises an earlier day than the law, its words are why.
        said += [
            _quote(x) for right in hastened for x in _about(policy, PromiseKind.ANSWER_DEADLINE, right, loose=True)
        ]
        said += [_quote(each) for each in policy.promised(PromiseKind.CHILDREN) if of_a_child]
        said = list(dict.fromkeys(said))
        facts |= {"self_service": ways, "formats": ", ".join(formats), "quotes": said, "version": policy.version}
        named += [
            name for name, there in (("formats", formats), ("self_service", ways), ("policy_says", said)) if there
        ]
    if Right.COMPLAINT in rights and found_authority:
        # Complaining to us first is an offer; Art. 77 GDPR is open at any time.
        named.append("complaint")
    return {**facts, "notices": named}


def refusal_facts(policy: Policy | None, claim: Claim) -> dict[str, Any]:
    """Return what the policy itself says of the ground on which a claim is refused."""
    kind = SAID_OF.get((claim.right, claim.ground or ""))
    said = [_quote(each) for each in _about(policy, kind, claim.right, loose=False)]
    return {"quotes": said, "version": policy.version, "notices": ["policy_says"]} if policy and said else {}


def contact(policy: Policy | None, rights: Sequence[Right], own_address: str) -> str:
    """Return whom the policy names for these rights; our own inbox where it names nobody that mail reaches."""
    promises = policy.promised(PromiseKind.CONTACT) if policy else ()
    reached = [each for each in promises if each.value.get("channel") == "email" and each.value.get("address")]
    for right in rights:
        for each in reached:
            if right.value in each.rights:
                return str(each.value["address"])
    for purpose in CONTACT_PURPOSES:
        for each in reached:
            if each.value.get("purpose") == purpose:
                return str(each.value["address"])
    return own_address


def self_service(policy: Policy, right: Right) -> list[str]:
    """Return the ways to do it oneself, in the policy's own words: a way that its record puts shortly is in the words
    of whoever recorded it, and a letter may be in another language.

    One that closes the account is an erasure, whatever the policy calls it.
    """
    return [
        f"“{_quote(each)}”"
        for each in policy.promised(PromiseKind.SELF_SERVICE)
        if right.value in each.rights
        and each.value.get("path")
        and (right is Right.ERASURE or not each.value.get("closes_account"))
    ]


def promised_formats(policy: Policy | None, right: Right) -> tuple[str, ...]:
    """Return the formats that the policy promises for the copy of this right."""
    for promise in policy.promised(PromiseKind.PORTABILITY_FORMAT) if policy else ():
        if right.value in promise.rights:
            return tuple(str(word) for word in promise.value.get("formats", ()))
    return ()


def supplement(policy: Policy | None) -> tuple[str, ...]:
    """Return the policy's own words on what must be told with a copy; only those that an officer confirmed."""
    if policy is None:
        return ()
    said = [_quote(each) for kind in SUPPLEMENT for each in policy.promised(kind) if each.confirmed]
    return tuple(dict.fromkeys(said))[:SUPPLEMENT_MAX]


def continuing(policy: Policy | None) -> dict[str, Any]:
    """Return what the policy says is done on another ground than a consent (Art. 13(1)(c) GDPR), where an officer
    confirmed it: that a consent ends, ends nothing else.
    """
    promises = policy.promised(PromiseKind.PURPOSE, PromiseKind.LEGAL_BASIS) if policy else ()
    # What rests on a consent as well may be just what was ended: nothing is said of it.
    others = (x for x in promises if x.confirmed and x.value.get("bases") and CONSENT not in x.value["bases"])
    said = list(dict.fromkeys(map(_quote, others)))[:CONTINUING_MAX]
    return {"quotes": said, "version": policy.version} if policy and said else {}


def authority(policy: Policy | None, seat: Seat | None) -> str:
    """Return whom to complain to, in one line: as the policy names it most fully, else the seat's own authority.

    Art. 12(4) and 15(1)(f) GDPR ask for the possibility; a name and an address make it one.
    """
    promises = policy.promised(PromiseKind.AUTHORITY) if policy else ()
    named = [each for each in promises if each.value.get("name") and each.value.get("named", True)]
    fullest = max(named, key=lambda each: len(_line(each.value)), default=None)
    if fullest is not None:
        return _line(fullest.value)
    if seat is None:
        return ""
    # The holidays' region is where the controller works; its register may lie elsewhere.
    known = authorities()
    found = known.get(seat.holidays.partition("-")[0]) or known.get(seat.country)
    return _line(found) if found else ""


@cache
def authorities() -> Mapping[str, Mapping[str, Any]]:
    """Return the supervisory authorities that habeas ships with, by country."""
    path = Path(__file__).resolve().parents[2] / "knowledge" / "authorities.toml"
    return {str(entry["country"]): entry for entry in tomllib.loads(path.read_text("utf-8"))["authority"]}


def _line(parts: Mapping[str, Any]) -> str:
    found = [parts.get(part) for part in AUTHORITY_PARTS]
    if parts.get("name") and parts.get("short"):
        found[0] = f"{parts['name']} ({parts['short']})"
    texts = [", ".join(each) if isinstance(each, tuple | list) else str(each) for each in found if each]
    return ", ".join(" ".join(text.split()) for text in texts)


def _about(policy: Policy | None, kind: PromiseKind | None, right: Right, *, loose: bool) -> list[Promise]:
    """Return the promises of a kind that concern a right; `loose` takes those that name no right as well."""
    if policy is None or kind is None:
        return []
    return [each for each in policy.promised(kind) if right.value in each.rights or (loose and not each.rights)]


def _quote(promise: Promise) -> str:
    words = " ".join(promise.quote.split())
    return words if len(words) <= QUOTE_CHARACTERS_MAX else words[:QUOTE_CHARACTERS_MAX].rsplit(" ", 1)[0] + " …"
