"""habeas's own map format: shorter to write than Fides's, and able to say composite keys, retention and purposes.

It starts with `system:`; docs/datamaps.md describes every key. Unlike in a foreign format, an unknown key is an error
here, because a misspelt `identty` would leave a person's data behind in silence.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr
from typing import Final

from services.fulfil.core.maps.model import (
    Consent,
    DataMap,
    Direction,
    Erase,
    Field,
    MailingList,
    Mask,
    Path,
    Person,
    Reference,
    Restriction,
    Retention,
    Table,
    TableName,
    identity_name,
)
from services.fulfil.core.maps.parts import Findings, near
from services.fulfil.core.maps.tree import Node

SYSTEM_KEYS: Final = frozenset(
    {
        "system",
        "name",
        "about",
        "schema",
        "source",
        "recipients",
        "transfers",
        "after",
        "tables",
        "connector",
        "processed_for",
    }
)
TABLE_KEYS: Final = frozenset(
    {
        "about",
        "purpose",
        "key",
        "fields",
        "references",
        "erase",
        "erase_after",
        "after",
        "skip",
        "retention",
        "category",
        "list",
        "processed_for",
        "basis",
    }
)
FIELD_KEYS: Final = frozenset(
    {"category", "identity", "type", "length", "fields", "mask", "read_only", "return_all", "from", "to", "link",
    "person", "provided", "purpose", "consent", "restriction", "passed_on",
     "statement"}
)  # fmt: skip
REFERENCE_KEYS: Final = frozenset({"fields", "from", "to", "link", "their_fields"})
RETENTION_KEYS: Final = frozenset({"ground", "years", "from", "until"})
CONSENT_KEYS: Final = frozenset({"purpose", "off", "marketing"})
RESTRICTION_KEYS: Final = frozenset({"on", "off"})
LIST_KEYS: Final = frozenset({"name", "by", "set", "marketing"})
MASK_KEYS: Final = frozenset({"strategy", "value", "length", "suffix", "algorithm"})
BASES: Final = {
    "consent": "a", "contract": "b", "legal_obligation": "c", "vital_interests": "d", "public_task": "e",
    "legitimate_interests": "f",
}  # fmt: skip
"""The grounds of Art. 6(1) GDPR, by what people call them."""
MARKETING: Final = ("marketing", "newsletter", "mailing", "advert", "promo", "offer", "campaign", "werbung", "publicit")
ARROWS: Final = (("from", Direction.FROM), ("to", Direction.TO), ("link", Direction.BOTH))
MASKS: Final = {
    "null": "null_rewrite",
    "value": "string_rewrite",
    "random": "random_string_rewrite",
    "hash": "hash",
    "hmac": "hmac",
    "keep": "keep",
}


def is_native(tree: Node) -> bool:
    """Whether a file is in habeas's own format."""
    return "system" in tree.mapping


def read_native(tree: Node, findings: Findings) -> list[DataMap]:
    """Return the one system of a file."""
    findings.known_keys(tree, SYSTEM_KEYS, "a system")
    system = findings.text(tree.get("system"), "system")
    tables = [
        _table(name, node, system, findings) for name, node in findings.mapping(tree.get("tables"), "tables").items()
    ]
    if not tables:
        findings.wrong(tree, f"System `{system}` has no tables.", "List them under `tables:`.")
    connector = tree.get("connector")
    settings = connector.plain() if connector and isinstance(connector.value, dict) else {}
    return [
        DataMap(
            system=system,
            tables=tuple(tables),
            name=findings.text(tree.get("name"), "name"),
            about=findings.text(tree.get("about"), "about"),
            schema=findings.text(tree.get("schema"), "schema") or None,
            source=findings.text(tree.get("source"), "source"),
            recipients=findings.texts(tree.get("recipients"), "recipients"),
            transfers=findings.texts(tree.get("transfers"), "transfers"),
            read_after=findings.texts(tree.get("after"), "after"),
            processed_for=_customer(tree.get("processed_for"), findings),
            file=findings.file,
            settings=settings,
        )
    ]


def _table(name: str, node: Node, system: str, findings: Findings) -> Table:
    findings.mapping(node, name)
    findings.known_keys(node, TABLE_KEYS, f"table `{name}`")
    here = TableName(system, name)
    keys = findings.texts(node.get("key"), "key")
    inherited = findings.texts(node.get("category"), "category")
    references: list[Reference] = []
    fields = []
    for label, below in findings.mapping(node.get("fields"), "fields").items():
        fields.append(_field(label, below, (), here, inherited, frozenset(keys), references, findings))
    names = {f.name for f in fields}
    fields.extend(Field(name=key, line=node.line, primary_key=True) for key in keys if key not in names)
    for entry in node.entries("references"):
        references.extend(_composite(entry, here, findings))
    erase = {word.value: word for word in Erase}
    return Table(
        name=name,
        line=node.line,
        about=findings.text(node.get("about"), "about"),
        purpose=findings.text(node.get("purpose"), "purpose"),
        fields=tuple(fields),
        references=tuple(references),
        erase=findings.one_of(node.get("erase"), "erase", erase, Erase.MASK),
        erase_after=_tables(node.get("erase_after"), system, findings),
        read_after=_tables(node.get("after"), system, findings),
        skip=findings.flag(node.get("skip"), "skip"),
        retention=_retention(node.get("retention"), findings),
        processed_for=_customer(node.get("processed_for"), findings),
        basis=findings.one_of(node.get("basis"), "basis", BASES, ""),
        mailing_list=_list(node.get("list"), {f.name for f in fields}, findings),
    )


def _tables(node: Node | None, system: str, findings: Findings) -> tuple[TableName, ...]:
    found = []
    for word in findings.texts(node, "erase_after"):
        other, dot, table = word.partition(".")
        found.append(TableName(other, table) if dot else TableName(system, other))
    return tuple(found)


def _field(
    name: str,
    node: Node,
    above: Path,
    here: TableName,
    inherited: tuple[str, ...],
    keys: frozenset[str],
    references: list[Reference],
    findings: Findings,
) -> Field:
    if isinstance(node.value, str):
        node = Node({"category": node}, node.line)
    findings.mapping(node, name)
    findings.known_keys(node, FIELD_KEYS, f"field `{name}`")
    path = (*above, name)
    for arrow, direction in ARROWS:
        for entry in node.entries(arrow):
            reference = _reference(entry, path, here, direction, findings)
            if reference is not None:
                references.append(reference)
    categories = findings.texts(node.get("category"), "category") or inherited
    nested = tuple(
        _field(label, below, path, here, categories, frozenset(), references, findings)
        for label, below in findings.mapping(node.get("fields"), "fields").items()
    )
    identity = findings.text(node.get("identity"), "identity")
    data_type = findings.text(node.get("type"), "type") or None
    persons: dict[str, Person | None] = {word.value: word for word in Person}
    return Field(
        name=name,
        line=node.line,
        categories=categories,
        identity=identity_name(identity) if identity else None,
        data_type=data_type,
        length=findings.number(node.get("length"), "length"),
        array=bool(data_type and data_type.endswith("[]")),
        fields=nested,
        mask=_mask(node.get("mask"), findings),
        read_only=findings.flag(node.get("read_only"), "read_only"),
        return_all=findings.flag(node.get("return_all"), "return_all"),
        primary_key=name in keys and not above,
        person=findings.one_of(node.get("person"), "person", persons, None),
        provided=findings.flag(node.get("provided"), "provided", default=True),
        purpose=findings.text(node.get("purpose"), "purpose"),
        consent=_consent(node.get("consent"), findings),
        restriction=_restriction(node.get("restriction"), findings),
        statement=findings.flag(node.get("statement"), "statement"),
        passed_on=_passed_on(node.get("passed_on"), identity, findings),
    )


def _passed_on(node: Node | None, identity: str, findings: Findings) -> tuple[str, ...]:
    """Read which delegates may be told an identity that a search finds: all (`true`), or those that are named."""
    if node is None or node.value is False:
        return ()
    if not identity:
        remedy = "Say on the field which kind it is: `identity: account_id`."
        findings.wrong(node, "Only an identity is passed on to those who are asked besides.", remedy)
    return ("*",) if node.value is True else findings.texts(node, "passed_on")


def _customer(node: Node | None, findings: Findings) -> str:
    """Read whose data it is that is only processed here: somebody who can be written to."""
    customer = findings.text(node, "processed_for")
    if node is not None and "@" not in parseaddr(customer)[1]:
        findings.wrong(node, "A customer must be told what was done.", "Write `processed_for: Name <address@domain>`.")
    return customer


def _consent(node: Node | None, findings: Findings) -> Consent | None:
    if node is None:
        return None
    if not isinstance(node.value, dict):
        purpose = findings.text(node, "consent")
        return Consent(purpose, marketing=is_marketing(purpose), line=node.line)
    findings.known_keys(node, CONSENT_KEYS, "consent")
    purpose = findings.text(node.get("purpose"), "purpose")
    if not purpose:
        # Art. 7(3): a consent is withdrawn for a purpose, so a consent without one could not be found again.
        findings.wrong(node, "A consent needs its purpose.", "Write `consent: newsletter`, or add `purpose:`.")
    off = node.get("off")
    marketing = findings.flag(node.get("marketing"), "marketing", default=is_marketing(purpose))
    return Consent(purpose, off.plain() if off is not None else False, marketing, node.line)


def _restriction(node: Node | None, findings: Findings) -> Restriction | None:
    if node is None:
        return None
    if not isinstance(node.value, dict):
        return Restriction(on=node.plain(), off=False if isinstance(node.plain(), bool) else None, line=node.line)
    findings.known_keys(node, RESTRICTION_KEYS, "restriction")
    on, off = node.get("on"), node.get("off")
    return Restriction(on.plain() if on is not None else True, off.plain() if off is not None else False, node.line)


def _list(node: Node | None, fields: set[str], findings: Findings) -> MailingList | None:
    if node is None:
        return None
    if not isinstance(node.value, dict):
        return MailingList(findings.text(node, "list"), line=node.line)
    findings.known_keys(node, LIST_KEYS, "a list")
    by = findings.text(node.get("by"), "by") or None
    changes = {name: value.plain() for name, value in findings.mapping(node.get("set"), "set").items()}
    for name in [*([by] if by else []), *changes]:
        if name not in fields:
            findings.wrong(node, f"The list names a field `{name}` that the table does not map.", "Map it too.")
    marketing = findings.flag(node.get("marketing"), "marketing", default=True)
    return MailingList(findings.text(node.get("name"), "name"), by, changes, marketing, node.line)


def is_marketing(purpose: str) -> bool:
    """Tell whether a purpose is direct marketing by its name, where the map does not say."""
    folded = purpose.casefold()
    return any(word in folded for word in MARKETING)


def _address(word: str, here: TableName) -> tuple[TableName, str] | None:
    """Split `table.field` or `system:table.field`; a field may be nested with more dots."""
    system, colon, rest = word.rpartition(":")
    table, dot, field_path = rest.partition(".")
    if not dot or not field_path:
        return None
    return TableName(system if colon else here.system, table), field_path


def _reference(node: Node, path: Path, here: TableName, direction: Direction, findings: Findings) -> Reference | None:
    address = _address(findings.text(node, direction), here)
    if address is None:
        remedy = "Write `table.field`, or `system:table.field` where it lies in another system."
        findings.wrong(node, f"The reference of `{path[-1]}` names no field.", remedy)
        return None
    other, field_path = address
    return Reference((path,), other, (tuple(field_path.split(".")),), direction, node.line)


def _composite(node: Node, here: TableName, findings: Findings) -> list[Reference]:
    findings.known_keys(node, REFERENCE_KEYS, "a reference")
    ours = findings.texts(node.get("fields"), "fields")
    theirs = findings.texts(node.get("their_fields"), "their_fields") or ours
    found = []
    for arrow, direction in ARROWS:
        target = node.get(arrow)
        if target is None:
            continue
        system, _, table = findings.text(target, arrow).rpartition(":")
        paths = tuple(tuple(name.split(".")) for name in ours)
        their_paths = tuple(tuple(name.split(".")) for name in theirs)
        found.append(Reference(paths, TableName(system or here.system, table), their_paths, direction, node.line))
    if not found or not ours or len(ours) != len(theirs):
        remedy = "Write `{fields: [a, b], to: table, their_fields: [a, b]}`, with as many fields on either side."
        findings.wrong(node, "This reference is not complete.", remedy)
        return []
    return found


def _retention(node: Node | None, findings: Findings) -> Retention | None:
    if node is None:
        return None
    findings.known_keys(node, RETENTION_KEYS, "retention")
    ground = findings.text(node.get("ground"), "ground")
    until = node.get("until")
    when = until.value.isoformat() if until and isinstance(until.value, dt.date) else findings.text(until, "until")
    kept = Retention(
        ground=ground,
        years=findings.number(node.get("years"), "years"),
        counted_from=findings.text(node.get("from"), "from") or None,
        until=when or None,
        line=node.line,
    )
    if not ground:
        # Art. 17(3)(b): a duty to keep must be named to the person, so a map without one is no ground at all.
        findings.wrong(node, "A retention needs its ground.", "Add `ground: the law that obliges you`.")
    if kept.until is not None:
        try:
            dt.date.fromisoformat(kept.until)
        except ValueError:
            findings.wrong(node, f"`until: {kept.until}` is no date.", "Write it as 2031-12-31.")
    elif kept.years is None or kept.counted_from is None:
        findings.wrong(
            node, "A retention must end.", "Add `years: 10` with `from: a_date_field`, or `until: 2031-12-31`."
        )
    return kept


def _mask(node: Node | None, findings: Findings) -> Mask | None:
    if node is None:
        return None
    if not isinstance(node.value, dict):
        word = findings.text(node, "mask")
        if word in MASKS and word != "value":
            return Mask(strategy=MASKS[word], line=node.line)
        return Mask(strategy="string_rewrite", value=node.value, line=node.line)
    findings.known_keys(node, MASK_KEYS, "mask")
    word = findings.text(node.get("strategy"), "strategy", "value")
    if word not in MASKS:
        findings.wrong(node, f"mask `{word}` is unknown.", f"Use one of: {', '.join(MASKS)}.{near(word, MASKS)}")
        return None
    value = node.get("value")
    return Mask(
        strategy=MASKS[word],
        value=value.plain() if value is not None else None,
        length=findings.number(node.get("length"), "length"),
        suffix=findings.text(node.get("suffix"), "suffix"),
        algorithm=findings.text(node.get("algorithm"), "algorithm", "sha256").lower().replace("-", ""),
        line=node.line,
    )
