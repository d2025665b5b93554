"""Drafting a map from a live schema: names, keys and the shapes of a few values suggest what is personal.

A draft is a draft: it errs towards calling a column personal, and says of each guess where it came from, so that a
person can strike what is wrong faster than write what is missing. No value that was looked at is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from services.fulfil.core.catalog import Catalog, Kind, LiveTable

# (pattern of a column's name, category in Fides's taxonomy, identity). First match wins.
NAMES: Final = (
    (r"e_?mail", "user.contact.email", "email"),
    (r"phone|mobile|telefon|tel$|^tel_|handy|gsm|fax", "user.contact.phone_number", "phone_number"),
    (r"street|strasse|address_?line|^addr|rue|strada|iela|house", "user.contact.address.street", None),
    (r"^city|_city|town|ort$|ville|oras", "user.contact.address.city", None),
    (r"zip|postal|postcode|plz", "user.contact.address.postal_code", None),
    (r"country|state$|province|canton|county", "user.contact.address.country", None),
    (r"birth|dob$|geburt", "user.demographic.date_of_birth", None),
    (r"gender|sex$|geschlecht", "user.demographic.gender", None),
    (r"first_?name|last_?name|full_?name|surname|vorname|nachname|user_?name|display_?name|^name$|nickname|_name$",
     "user.name", None),
    (r"^ip$|ip_?addr|_ip$|client_ip|remote_addr", "user.device.ip_address", None),
    (r"cookie|device_?id|user_?agent|fingerprint", "user.device", None),
    (r"password|passwd|pwd|secret|token|api_?key", "user.authorization.credentials", None),
    (r"iban|account_?n(o|umber)|card|ccn|credit|bic$", "user.financial", None),
    (r"ssn|tax_?(id|no)|passport|national_?id|personal_?code|cnp$|ahv", "user.government_id", None),
    (r"licen[cs]e_?(key|holder)|registered_?to", "user.unique_id", None),
    (r"lat$|latitude|lon$|lng$|longitude|geo", "user.location", None),
    (r"message|body|comment|note|content|subject|review|feedback|bio$|about", "user.content", None),
    (r"last_?(login|seen|visit)|login_?at|session", "user.behavior", None),
)  # fmt: skip
# Of a table whose rows are not people, these are names of things.
THINGS: Final = re.compile(
    r"product|categor|country|currency|city|region|tag|role|permission|plan|tariff|migration|setting"
)
SHAPES: Final = (
    (re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), "user.contact.email", "email"),
    (re.compile(r"^\+\d[\d\s()./-]{6,}$"), "user.contact.phone_number", "phone_number"),
    (re.compile(r"^(\d{1,3}\.){3}\d{1,3}$"), "user.device.ip_address", None),
    (re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$"), "user.financial", None),
)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column seems to hold, and why."""

    category: str
    identity: str | None
    why: str


def guess(table: LiveTable, column: str, shapes: Mapping[str, str]) -> Guess | None:
    """Guess a column from the shape of its values, which counts first, and from its name."""
    seen = shapes.get(column)
    if seen is not None:
        for _, category, identity in SHAPES:
            if category == seen:
                return Guess(category, identity, "its values")
    if column in table.address or any(column in key.columns for key in table.foreign_keys):
        return None
    for pattern, category, identity in NAMES:
        if re.search(pattern, column.lower()):
            if category == "user.name" and THINGS.search(table.name.lower()):
                return None
            if identity and table.columns[column].kind not in (Kind.TEXT, Kind.OTHER):
                return None
            return Guess(category, identity, "its name")
    return None


def shape_of(values: Iterable[object]) -> str | None:
    """Return the category whose shape nearly all of a few values have; the values are not kept."""
    texts = [str(value).strip() for value in values if value not in (None, "")]
    if len(texts) < 3:
        return None
    for pattern, category, _ in SHAPES:
        if sum(1 for text in texts if pattern.match(text)) >= 0.9 * len(texts):
            return category
    return None


def draft(system: str, catalog: Catalog, shapes: Mapping[str, Mapping[str, str]]) -> str:
    """Return a map as text, in habeas's own format."""
    people = _people(catalog, shapes)
    tables = {}
    for name, live in sorted(catalog.tables.items()):
        fields: dict[str, object] = {}
        for column in live.columns:
            entry: dict[str, object] = {}
            found = guess(live, column, shapes.get(name, {}))
            if found is not None:
                entry["category"] = found.category
                if found.identity:
                    entry["identity"] = found.identity
            key = next((k for k in live.foreign_keys if k.columns == (column,) and k.table in catalog.tables), None)
            if key is not None:
                # Down to what hangs below people; towards everything else, only from the row that points.
                arrow = "from" if key.table in people and key.table != name else "to"
                entry[arrow] = f"{key.table}.{key.their_columns[0]}"
            fields[column] = entry
        table: dict[str, object] = {"key": list(live.address)} if live.has_key else {}
        table["fields"] = fields
        composite = [k for k in live.foreign_keys if len(k.columns) > 1 and k.table in catalog.tables]
        if composite:
            table["references"] = [
                {"fields": list(k.columns), "from" if k.table in people else "to": k.table,
                 "their_fields": list(k.their_columns)}
                for k in composite
            ]  # fmt: skip
        tables[name] = table
    body = yaml.safe_dump({"system": system, "tables": tables}, sort_keys=False, allow_unicode=True, width=110)
    return f"# A draft from the live schema. Read every line: names and shapes suggest, they do not know.\n{body}"


def _people(catalog: Catalog, shapes: Mapping[str, Mapping[str, str]]) -> frozenset[str]:
    """The tables whose rows are people, and what hangs below them."""
    found = {
        name
        for name, live in catalog.tables.items()
        if any((g := guess(live, c, shapes.get(name, {}))) and g.identity for c in live.columns)
    }
    while True:
        more = {
            name
            for name, live in catalog.tables.items()
            for key in live.foreign_keys
            if key.table in found and name not in found
        }
        if not more:
            return frozenset(found)
        found |= more
