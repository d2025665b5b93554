"""Drafting a map from a live schema: names, keys and the shapes of a few values suggest what is personal.

A draft is a draft: it errs towards calling a column personal, and says of each guess where it came from, so that a
person can strike what is wrong faster than write what is missing. No value that was looked at is kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import yaml

from services.fulfil.core.catalog import Catalog, Kind, LiveTable
from services.fulfil.core.values import opened

# (pattern of a column's name, category in Fides's taxonomy, identity). First match wins.
OUTLINE_DEPTH_MAX: Final = 6
OUTLINE_KEYS_MAX: Final = 100
NAMES: Final = (
    (r"e_?mail|^mail$|^mail_|_mail$|^correo|courriel|e_?posta?$|e_?pasts?$", "user.contact.email", "email"),
    (r"phone|mobile|telefon|tel$|^tel_|handy|gsm|fax", "user.contact.phone_number", "phone_number"),
    (r"street|strasse|address_?line|^addr|rue|strada|iela|house", "user.contact.address.street", None),
    (r"^city|_city|town|ort$|ville|oras", "user.contact.address.city", None),
    (r"zip|postal|postcode|plz", "user.contact.address.postal_code", None),
    (r"country|state$|province|canton|county", "user.contact.address.country", None),
    (r"birth|dob$|geburt|^born", "user.demographic.date_of_birth", None),
    (r"gender|sex$|geschlecht", "user.demographic.gender", None),
    (r"^cn$|^sn$|given_?name|first_?name|last_?name|full_?name|surname|vorname|nachname|user_?name|display_?name|^name$|nickname|_name$",
     "user.name", None),
    (r"^ip$|ip_?addr|_ip$|client_ip|remote_addr", "user.device.ip_address", None),
    (r"cookie|device_?id|user_?agent|fingerprint", "user.device", None),
    (r"password|passwd|pwd|secret|token|api_?key", "user.authorization.credentials", None),
    (r"^embossed|holder_?name", "user.name", None),
    (r"iban|account_?n(o|umber)|card|ccn|credit|bic$", "user.financial", None),
    (r"ssn|tax_?(id|no)|passport|national_?id|personal_?code|cnp$|ahv", "user.government_id", None),
    (r"licen[cs]e_?(key|holder)|registered_?to", "user.unique_id", None),
    (r"allerg|diagnos|diet$|^diet|medical|medicat|symptom|disabilit|blood_?(type|group)|illness|krankheit",
     "user.health_and_medical", None),
    (r"relig|konfession", "user.demographic.religious_belief", None),
    (r"salary|^wage|income|gehalt", "user.financial", None),
    (r"lat$|latitude|lon$|lng$|longitude|geo", "user.location", None),
    (r"photo|avatar|portrait|picture|selfie|^bild$|_bild$|^foto|_foto$", "user.content.self_image", None),
    (r"message|body|comment|note|content|subject|review|feedback|bio$|about|remark|reason|memo$|bemerk|notiz|kommentar"
     r"|^text$|_text$|remarque|motivation|^grund$|betreff|nachricht|^title$|_title$|mensaje|^asunto$|descri[pb]|anmerk"
     r"|transcript|complaint|question|answer|^reply|quote$|caption|headline|summary|biograph|signature",
     "user.content", None),
    (r"last_?(login|seen|visit)|login_?at|session", "user.behavior", None),
)  # fmt: skip
# Of a table whose rows are not people, these are names of things.
THINGS: Final = re.compile(
    r"^product|^categor|^country|^countries|^currenc|^city$|^cities$|^region|^tags?$|^roles?$|^permission|^plans?$|^tariff"
    r"|^migration|^setting|^compan|^organi[sz]ation|^department|^domain"
)
OF_THINGS_TOO: Final = ("user.name", "user.content")
# Names that only people have, wherever they stand.
ONLY_PEOPLES: Final = re.compile(
    r"first|last|given|^sn$|sur_?name|full|family|middle|vorname|nachname|user_?name|nick|holder"
)
# What several people have together through a table between: its rows are theirs, and so is what hangs on them.
TOGETHER: Final = re.compile(r"account|konto|compte|cuenta|wallet|depot|portfolio|contract|vertrag|household|famil")
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
    if any(column in key.columns for key in table.foreign_keys):
        return None
    for pattern, category, identity in NAMES:
        if re.search(pattern, folded(column)):
            if column in table.address and not identity:
                return None
            if category.startswith(OF_THINGS_TOO) and THINGS.search(
                folded(table.name.rpartition(".")[2]).split("_")[-1]
            ):
                return None
            if identity and table.columns[column].kind not in (Kind.TEXT, Kind.OTHER, Kind.ARRAY):
                return None
            return Guess(category, identity, "its name")
    return None


def folded(name: str) -> str:
    """Return a name as the patterns expect it, however its schema writes names: `E-Mail Address`, `userName`."""
    return re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).strip("_").lower()


def shape_of(values: Iterable[object]) -> str | None:
    """Return the category whose shape nearly all of a few values have; the values are not kept."""
    flat = (each for value in values for each in (value if isinstance(value, list) else [value]))
    texts = [str(value).strip() for value in flat if value not in (None, "")]
    if len(texts) < 3:
        return None
    for pattern, category, _ in SHAPES:
        if sum(1 for text in texts if pattern.match(text)) >= 0.9 * len(texts):
            return category
    return None


def undeclared(catalog: Catalog, live: LiveTable, column: str) -> str | None:
    """Return the table that a column seems to point to by its name, where no foreign key says so."""
    if live.address == (column,) or any(column in key.columns for key in live.foreign_keys):
        return None
    words = folded(column)
    stem = re.sub(r"_(id|uid|uuid|no|nr|key|code)$", "", words)
    for name, other in catalog.tables.items():
        if not other.has_key or len(other.address) != 1 or name == live.name:
            continue
        key = other.address[0]
        same_name = folded(key) == words and words not in ("id", "uid", "uuid", "code", "key", "name", "email")
        table = folded(name.rpartition(".")[2])
        kind = live.columns[column].kind if column in live.columns else None
        # A column called `patient` holds a patient's number; a text may as well hold their name.
        called = stem != words or kind in (Kind.INTEGER, Kind.UUID)
        if ((called and table in _plurals(stem)) or same_name) and kind is other.columns[key].kind:
            return name
    return None


def _plurals(stem: str) -> tuple[str, ...]:
    """Return the names that a table of such rows may have."""
    ways = (stem, f"{stem}s", f"{stem}es", f"{stem[:-1]}ies" if stem.endswith("y") else stem)
    return (*ways, f"{stem}e", f"{stem}en", f"{stem}n", {"person": "people", "child": "children"}.get(stem, stem))


Outline = Mapping[str, Any]
"""What nested values are made of: keys, with an outline or the category of what stands there; `[]` marks lists."""


def outline_of(values: Iterable[object], depth: int = 0) -> Outline | None:
    """Return the keys that nested values have, and what their texts look like; the values are not kept."""
    below: dict[str, list[object]] = {}
    lists = False
    for value in map(opened, values):
        for element in value if isinstance(value, list) else [value]:
            lists = lists or isinstance(value, list)
            if isinstance(element, dict) and depth < OUTLINE_DEPTH_MAX:
                for key, inside in list(element.items())[:OUTLINE_KEYS_MAX]:
                    below.setdefault(str(key), []).append(inside)
    if not below:
        return None
    found: dict[str, Any] = {"[]": lists}
    for key, inside in below.items():
        found[key] = outline_of(inside, depth + 1) or shape_of(inside) or _by_name(key)
    return found


def _by_name(key: str) -> str | None:
    return next((category for pattern, category, _ in NAMES if re.search(pattern, folded(key))), None)


def nested_entry(outline: Outline) -> dict[str, Any]:
    """Return a field of nested data as a map writes it."""
    identities = {category: identity for _, category, identity in (*NAMES, *SHAPES) if identity}
    fields: dict[str, Any] = {}
    for key, what in outline.items():
        if key == "[]":
            continue
        if isinstance(what, Mapping):
            fields[key] = nested_entry(what)
        else:
            fields[key] = {"category": what} if what else {}
            if what in identities:
                fields[key]["identity"] = identities[what]
    return {"type": "object[]" if outline["[]"] else "object", "fields": fields}


def draft(
    system: str,
    catalog: Catalog,
    shapes: Mapping[str, Mapping[str, str]],
    nested: Mapping[str, Mapping[str, Outline]] = MappingProxyType({}),
    settings: Mapping[str, Any] = MappingProxyType({}),
    schema: str | None = None,
) -> str:
    """Return a map as text, in habeas's own format."""
    pointing = {name: list(_pointing(catalog, live)) for name, live in catalog.tables.items()}
    people, hanging = _people(catalog, shapes, nested, pointing)
    tables = {}
    for name, live in sorted(catalog.tables.items()):
        fields: dict[str, object] = {}
        owners = [p.other for p in pointing[name] if p.other in people] or hanging
        for column in live.columns:
            entry: dict[str, object] = {}
            found = guess(live, column, shapes.get(name, {}))
            if found is not None and name not in hanging and _names_things(found, column):
                # A course that somebody took has a name and a description: its own.
                found = None
            if found is not None:
                entry["category"] = found.category
                if found.identity:
                    entry["identity"] = found.identity
                    if live.columns[column].kind is Kind.ARRAY:
                        entry["type"] = "string[]"
            one = next((p for p in pointing[name] if p.columns == (column,)), None)
            if one is not None:
                entry[_arrow(name, one, owners)] = f"{one.other}.{one.theirs[0]}"
            if column in nested.get(name, {}):
                entry |= nested_entry(nested[name][column])
            fields[column] = entry
        table: dict[str, object] = {"key": [c for c in live.key if c in live.columns]} if live.has_key else {}
        table["fields"] = fields
        composite = [p for p in pointing[name] if len(p.columns) > 1]
        if composite:
            table["references"] = [
                {"fields": list(p.columns), _arrow(name, p, owners): p.other, "their_fields": list(p.theirs)}
                for p in composite
            ]
        tables[name] = table
    head = "# A draft from the live schema. Read every line: names and shapes suggest, they do not know.\n"
    for name, listed in sorted(pointing.items()):
        head += "".join(f"# {name}.{p.columns[0]} is guessed to point to {p.other}.\n" for p in listed if p.guessed)
    body = yaml.safe_dump(
        {**head_of(system, settings, schema), "tables": tables}, sort_keys=False, allow_unicode=True, width=110
    )
    return f"{head}{body}"


def _names_things(found: Guess, column: str) -> bool:
    """Whether a column, in a table of things, is rather about the thing."""
    return found.category.startswith(OF_THINGS_TOO) and not ONLY_PEOPLES.search(folded(column))


def head_of(system: str, settings: Mapping[str, Any], schema: str | None = None) -> dict[str, Any]:
    """Return what a map begins with."""
    schema_said = {"schema": schema} if schema else {}
    return {"system": system} | schema_said | ({"connector": dict(settings)} if settings else {})


@dataclass(frozen=True, slots=True)
class _Pointing:
    """Columns that hold another table's key, declared or guessed."""

    columns: tuple[str, ...]
    other: str
    theirs: tuple[str, ...]
    guessed: bool = False


def _pointing(catalog: Catalog, live: LiveTable) -> Iterator[_Pointing]:
    for key in live.foreign_keys:
        if key.table in catalog.tables:
            yield _Pointing(key.columns, key.table, key.their_columns)
    for column in live.columns:
        other = undeclared(catalog, live, column)
        if other is not None:
            yield _Pointing((column,), other, catalog.tables[other].address, guessed=True)


def _arrow(name: str, pointing: _Pointing, owners: Collection[str]) -> str:
    """Down from the people that a row points to, or from what hangs below them; to everything else, from the row."""
    return "from" if pointing.other in owners and pointing.other != name else "to"


def _further(pointing: Mapping[str, Sequence[_Pointing]], hanging: Collection[str]) -> set[str]:
    """What points to what hangs below people, and what people have together through a table between."""
    below = {n for n, listed in pointing.items() for p in listed if p.other in hanging}
    return below | {p.other for n in hanging for p in pointing.get(n, ()) if TOGETHER.search(folded(p.other))}


def _people(
    catalog: Catalog,
    shapes: Mapping[str, Mapping[str, str]],
    nested: Mapping[str, Mapping[str, Outline]],
    pointing: Mapping[str, Sequence[_Pointing]],
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the tables whose rows are people, and with them what hangs below."""
    people = {
        name
        for name, live in catalog.tables.items()
        if any((g := guess(live, c, shapes.get(name, {}))) and g.identity for c in live.columns)
        or any("identity" in str(nested_entry(outline)) for outline in nested.get(name, {}).values())
    }
    hanging = set(people)
    while more := _further(pointing, hanging) - hanging:
        hanging |= more
    return frozenset(people), frozenset(hanging)
