"""Fides dataset files, read as they are, so that a company can move over with its annotations.

The format is the one of fideslang's `Dataset` (checked against version 3): collections with fields, nested fields, and
`fides_meta` (before 2022: `fidesops_meta`) at each level. Keys that fideslang ignores are ignored here too; what it
would refuse is refused with its line. `masking_strategy_override` is also honoured where it stands on the field
itself, because files that put it there mean it.
"""

from __future__ import annotations

from typing import Final

from services.fulfil.core.maps.model import (
    DataMap,
    Direction,
    Erase,
    Field,
    Mask,
    Path,
    Reference,
    Table,
    TableName,
    identity_name,
)
from services.fulfil.core.maps.parts import Findings, near
from services.fulfil.core.maps.tree import Node

DIRECTIONS: Final = {"from": Direction.FROM, "to": Direction.TO}
TYPES: Final = ("string", "integer", "float", "boolean", "object_id", "object", "string[]", "integer[]", "float[]",
                "boolean[]", "object_id[]", "object[]")  # fmt: skip
# What fideslang knows at each level. Whatever else a file says is remarked on and not understood: a newer key must not
# keep a company from moving over, and a misspelt one must be seen.
_ALWAYS: Final = frozenset({"name", "description", "data_categories", "data_qualifier", "fides_meta", "fidesops_meta",
                            "fides_key", "organization_fides_key", "tags", "meta",
                            "masking_strategy_override"})  # fmt: skip
DATASET_KEYS: Final = _ALWAYS | {"collections", "joint_controller", "third_country_transfers", "version_added"}
TABLE_KEYS: Final = _ALWAYS | {"fields"}
FIELD_KEYS: Final = _ALWAYS | {"fields"}
DATASET_META: Final = frozenset({"after", "namespace", "resource_id", "redact"})
TABLE_META: Final = frozenset({"after", "erase_after", "skip_processing", "masking_strategy_override", "partitioning",
                               "redact"})  # fmt: skip
FIELD_META: Final = frozenset({"references", "identity", "primary_key", "data_type", "length", "return_all_elements",
                               "return_all", "read_only", "custom_request_field", "masking_strategy_override",
                               "redact"})  # fmt: skip
STRATEGIES: Final = ("null_rewrite", "string_rewrite", "random_string_rewrite", "hash", "hmac", "aes_encrypt")


def is_fides(tree: Node) -> bool:
    """Whether a file is a Fides dataset file."""
    return any(name in tree.mapping for name in ("dataset", "fides_key", "collections"))


def read_fides(tree: Node, findings: Findings) -> list[DataMap]:
    """Return the datasets of one file."""
    listed = tree.get("dataset")
    datasets = list(listed.items()) if listed is not None else [tree]
    if not datasets:
        findings.wrong(
            listed or tree, "This file lists no dataset.", "Write `- fides_key: my_system` below `dataset:`."
        )
    return [_dataset(node, findings) for node in datasets]


def _remark(node: Node, known: frozenset[str], known_meta: frozenset[str], where: str, findings: Findings) -> None:
    """Say which keys mean nothing here."""
    for level, names, place in ((node, known, where), (_meta(node), known_meta, f"`fides_meta` of {where}")):
        for name, below in level.mapping.items():
            if name == "retention" and level is node:
                said = f"`retention` of {where} is a description and keeps nothing back."
                findings.odd(below, said, "Describe the duty in habeas's own format: `retention:` with ground and end.")
            elif name not in names:
                said = f"`{name}` is not a known key of {place} and is ignored."
                misplaced = level is node and name in known_meta
                remedy = (
                    "Write it below `fides_meta:`, where Fides reads it." if misplaced else near(name, names).strip()
                )
                findings.odd(below, said, remedy)


def _meta(node: Node) -> Node:
    return node.get("fides_meta", "fidesops_meta") or Node({}, node.line)


def _dataset(node: Node, findings: Findings) -> DataMap:
    if not isinstance(node.value, dict):
        findings.wrong(node, "A dataset must have keys below it.", "Write `dataset:` and below it `- fides_key: …`.")
        return DataMap(system="", tables=())
    key = findings.text(node.get("fides_key"), "fides_key")
    if not key:
        findings.wrong(node, "This dataset has no `fides_key`.", "Add `fides_key: my_system`; --connect refers to it.")
    _remark(node, DATASET_KEYS, DATASET_META, f"dataset `{key}`", findings)
    meta = _meta(node)
    namespace = meta.get("namespace")
    schema = namespace.get("schema", "schema_name") if namespace else None
    above = findings.texts(node.get("data_categories"), "data_categories")
    tables: list[Table] = []
    for entry in node.entries("collections"):
        if not isinstance(entry.value, dict):
            findings.wrong(entry, "A collection must have keys below it.", "Write `- name: my_table`.")
            continue
        tables.append(_collection(entry, key, above, findings))
    if not tables:
        findings.wrong(node, f"Dataset `{key}` has no collections.", "List its tables under `collections:`.")
    return DataMap(
        system=key,
        tables=tuple(tables),
        name=findings.text(node.get("name"), "name"),
        about=findings.text(node.get("description"), "description"),
        schema=findings.text(schema, "schema") or None,
        read_after=findings.texts(meta.get("after"), "after"),
        file=findings.file,
        redact_name=meta.get("redact") is not None,
        foreign=True,
    )


def _collection(node: Node, system: str, above: tuple[str, ...], findings: Findings) -> Table:
    name = findings.text(node.get("name"), "name")
    if not name:
        findings.wrong(node, "This collection has no `name`.", "Add `name: my_table`.")
    _remark(node, TABLE_KEYS, TABLE_META, f"collection `{name}`", findings)
    meta = _meta(node)
    categories = findings.texts(node.get("data_categories"), "data_categories") or above
    references: list[Reference] = []
    fields = tuple(
        _field(entry, (), TableName(system, name), categories, references, findings) for entry in node.entries("fields")
    )
    if not fields:
        findings.wrong(node, f"Collection `{name}` has no fields.", "List its columns under `fields:`.")
    override = meta.get("masking_strategy_override") or node.get("masking_strategy_override")
    strategy = override.get("strategy") if override else None
    erase = findings.one_of(strategy, "strategy", {"delete": Erase.DELETE}, Erase.MASK)
    return Table(
        name=name,
        line=node.line,
        about=findings.text(node.get("description"), "description"),
        fields=fields,
        references=tuple(references),
        erase=erase,
        erase_after=_tables(meta.get("erase_after"), "erase_after", findings),
        read_after=_tables(meta.get("after"), "after", findings),
        skip=findings.flag(meta.get("skip_processing"), "skip_processing"),
        redact_name=meta.get("redact") is not None,
    )


def _tables(node: Node | None, what: str, findings: Findings) -> tuple[TableName, ...]:
    found = []
    for entry in node.items() if node else ():
        system, dot, table = findings.text(entry, what).partition(".")
        if not dot or not table:
            findings.wrong(entry, f"`{system}` in {what} names no collection.", "Write `dataset.collection`.")
            continue
        found.append(TableName(system, table))
    return tuple(found)


def _field(
    node: Node,
    above: Path,
    table: TableName,
    inherited: tuple[str, ...],
    references: list[Reference],
    findings: Findings,
) -> Field:
    if not isinstance(node.value, dict):
        findings.wrong(node, "A field must have keys below it.", "Write `- name: my_column`.")
        return Field(name=str(node.value), line=node.line)
    name = findings.text(node.get("name"), "name")
    if not name:
        findings.wrong(node, "This field has no `name`.", "Add `name: my_column`.")
    _remark(node, FIELD_KEYS, FIELD_META, f"field `{name}`", findings)
    path = (*above, name)
    meta = _meta(node)
    for entry in meta.entries("references"):
        reference = _reference(entry, path, table, findings)
        if reference is not None:
            references.append(reference)
    data_type = _data_type(meta.get("data_type"), findings)
    own = findings.texts(node.get("data_categories"), "data_categories")
    below = own or inherited
    nested = tuple(_field(entry, path, table, below, references, findings) for entry in node.entries("fields"))
    array = bool(data_type and data_type.endswith("[]"))
    return_all = meta.get("return_all_elements", "return_all")
    if return_all is not None and not array:
        findings.wrong(
            return_all, f"`return_all_elements` on `{name}`, which is no array.", "Add `data_type: string[]`."
        )
    if nested and data_type not in (None, "object", "object[]"):
        findings.wrong(node, f"`{name}` has fields below it and is a {data_type}.", "Use `data_type: object`.")
    identity = findings.text(meta.get("identity") or meta.get("custom_request_field"), "identity")
    return Field(
        name=name,
        line=node.line,
        categories=below,
        identity=identity_name(identity) if identity else None,
        data_type=data_type,
        length=findings.number(meta.get("length"), "length"),
        array=array,
        fields=nested,
        mask=mask_of(meta.get("masking_strategy_override") or node.get("masking_strategy_override"), findings),
        read_only=findings.flag(meta.get("read_only"), "read_only"),
        return_all=findings.flag(return_all, "return_all_elements"),
        primary_key=findings.flag(meta.get("primary_key"), "primary_key"),
        redact_name=meta.get("redact") is not None,
    )


def _data_type(node: Node | None, findings: Findings) -> str | None:
    if node is None:
        return None
    word = findings.text(node, "data_type")
    if word not in TYPES:
        findings.wrong(node, f"data_type `{word}` is unknown.", f"Use one of: {', '.join(TYPES)}.{near(word, TYPES)}")
        return None
    return word


def _reference(node: Node, path: Path, table: TableName, findings: Findings) -> Reference | None:
    dataset = findings.text(node.get("dataset"), "dataset") or table.system
    target = findings.text(node.get("field"), "field")
    collection, dot, field_path = target.partition(".")
    if not dot or not field_path:
        remedy = "Write `field: collection.field`, and `dataset:` where it lies in another system."
        findings.wrong(node.get("field") or node, f"A reference of `{path[-1]}` names no field.", remedy)
        return None
    return Reference(
        paths=(path,),
        other=TableName(dataset, collection),
        their_paths=(tuple(field_path.split(".")),),
        direction=findings.one_of(node.get("direction"), "direction", DIRECTIONS, Direction.BOTH),
        line=node.line,
    )


def mask_of(node: Node | None, findings: Findings) -> Mask | None:
    """Read a masking strategy with its configuration."""
    if node is None:
        return None
    strategy = findings.text(node.get("strategy"), "strategy")
    if strategy not in STRATEGIES:
        remedy = f"Use one of: {', '.join(STRATEGIES)}.{near(strategy, STRATEGIES)}"
        findings.wrong(node.get("strategy") or node, f"Masking strategy `{strategy}` is unknown.", remedy)
        return None
    options = node.get("configuration") or Node({}, node.line)
    kept = options.get("format_preservation") or Node({}, node.line)
    value = options.get("rewrite_value")
    if strategy == "string_rewrite" and value is None:
        findings.wrong(node, "`string_rewrite` needs its value.", "Add `configuration: {rewrite_value: …}`.")
    return Mask(
        strategy=strategy,
        value=value.plain() if value is not None else None,
        length=findings.number(options.get("length"), "length"),
        suffix=findings.text(kept.get("suffix"), "suffix"),
        algorithm=findings.text(options.get("algorithm"), "algorithm", "sha256")
        .lower()
        .replace("-", "")
        .replace("_", ""),
        line=node.line,
    )
