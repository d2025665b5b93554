"""Which heading of a foreign table holds what: our names, the names that other tools use, and what an officer maps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from services.router.core.importing.faults import SheetFault

REQUIRED: Final = ("reference", "received", "rights")
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "reference": ("reference", "request id", "request number", "case id", "case number", "ticket", "ticket id",
                  "ticket number", "issue key", "key", "id", "number", "vorgang", "aktenzeichen", "numero"),
    "controller": ("controller", "organisation", "organization", "company", "brand", "business unit", "entity"),
    "received": ("received", "received on", "received at", "date received", "receipt date", "date of receipt",
                 "request date", "date of request", "submitted", "submitted on", "submission date", "date submitted",
                 "created", "created on", "created at", "created date", "creation date", "date created", "date opened",
                 "opened", "opened at", "eingang", "eingangsdatum", "date de reception", "fecha de recepcion"),
    "rights": ("rights", "right", "request type", "type of request", "type", "request types", "dsr type", "dsar type",
               "category", "request category", "action", "right exercised", "art der anfrage", "type de demande"),
    "channel": ("channel", "source", "received via", "intake channel", "kanal"),
    "email": ("email", "e mail", "email address", "requester email", "requestor email", "data subject email",
              "subject email", "contact email", "reporter email", "from", "mail"),
    "name": ("name", "full name", "requester", "requestor", "requester name", "requestor name", "data subject",
             "data subject name", "subject name", "customer name", "reporter"),
    "first_name": ("first name", "given name", "vorname", "prenom"),
    "last_name": ("last name", "surname", "family name", "nachname", "nom"),
    "postal": ("postal", "postal address", "address", "street address", "anschrift"),
    "language": ("language", "locale", "sprache", "langue"),
    "place": ("place", "country", "jurisdiction", "residency", "country of residence", "state of residence",
              "location", "law", "regulation"),
    "asker": ("asker", "requester type", "submitted by", "on behalf of"),
    "due": ("due", "due date", "deadline", "respond by", "response due", "target date", "frist"),
    "status": ("status", "state", "stage", "case status", "request status"),
    "assigned": ("assigned", "assigned to", "assignee", "owner", "handler", "case owner", "bearbeiter"),
    "identity": ("identity", "identity verified", "verified", "id verified", "verification status", "verification"),
    "identity_asked": ("identity asked", "identity requested", "verification requested", "id requested on"),
    "identity_given": ("identity given", "identity verified on", "verified on", "verification date", "id received on"),
    "clarification_asked": ("clarification asked", "clarification requested", "clarification requested on"),
    "clarification_given": ("clarification given", "clarification received", "clarification received on"),
    "extension_told": ("extension told", "extended on", "extension date", "extension notified", "extension sent"),
    "extension_ground": ("extension ground", "extension reason", "reason for extension"),
    "acknowledged": ("acknowledged", "acknowledgement sent", "receipt sent"),
    "text": ("text", "message", "description", "details", "request details", "body"),
    "note": ("note", "notes", "comment", "comments", "internal notes"),
}  # fmt: skip
"""Our columns, each with the headings under which it is found by itself; the first is our own."""


class Columns(NamedTuple):
    """Where each column stands, and which headings were not read."""

    places: Mapping[str, int]
    unread: tuple[str, ...]


def plain(heading: str) -> str:
    """Return a heading without case, punctuation and accents: `Date_Received ` is `date received`."""
    letters = unicodedata.normalize("NFKD", heading.strip().lower().replace("ß", "ss"))
    bare = "".join(mark for mark in letters if not unicodedata.combining(mark))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())


def columns_of(headings: Sequence[str], mapped: Mapping[str, str], *, controller_given: bool) -> Columns:
    """Return which column is which, or say what is missing, doubled or unknown and how to name it."""
    places: dict[str, int] = {}
    plains = [plain(heading) for heading in headings]
    for column, heading in mapped.items():
        if column not in HEADINGS:
            raise SheetFault(1, column, f"unknown column {column[:40]}", f"known are: {', '.join(HEADINGS)}")
        if plain(heading) not in plains:
            shown = ", ".join(headings)[:200]
            raise SheetFault(1, column, f"there is no heading {heading[:40]!r}", f"the headings are: {shown}")
        places[column] = plains.index(plain(heading))
    taken = set(places.values())
    for column, known in HEADINGS.items():
        if column in places:
            continue
        found = [number for number, heading in enumerate(plains) if heading in known and number not in taken]
        own = [number for number in found if plains[number] == column.replace("_", " ")]
        if len(found) > 1 and not own:
            named = " and ".join(repr(headings[number]) for number in found[:3])
            raise SheetFault(1, column, f"{named} both look like {column}", f"say --map {column}=HEADING")
        if found:
            places[column] = (own or found)[0]
            taken.add(places[column])
    _complete(places, controller_given=controller_given)
    return Columns(places, tuple(heading for number, heading in enumerate(headings) if number not in taken))


def _complete(places: Mapping[str, int], *, controller_given: bool) -> None:
    for column in REQUIRED:
        if column not in places:
            raise SheetFault(1, column, f"no heading is {column}", f"say which one it is: --map {column}=HEADING")
    if "controller" not in places and not controller_given:
        raise SheetFault(1, "controller", "no heading is controller", "say --controller, or --map controller=HEADING")
