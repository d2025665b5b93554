"""What a collection is: the fields of its first documents, of the map and of its validator; its indexes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.fulfil.connectors.mongo.client import Collection, Document
from services.fulfil.connectors.mongo.values import BSON, KINDS
from services.fulfil.core.catalog import Column, Kind, LiveTable
from services.fulfil.core.maps.model import Table

SAMPLED: Final = 200
ID: Final = "_id"


def live_of(collection: Collection[Document], about: Mapping[str, Any], table: Table | None) -> LiveTable:
    """Describe a collection. Documents need not be alike: what the map names is taken to be possible."""
    schema = about.get("options", {}).get("validator", {}).get("$jsonSchema", {})
    kinds = _sampled(collection.find({}, limit=SAMPLED))
    properties = schema.get("properties", {})
    names = [ID, *kinds, *properties, *(f.name for f in table.fields if f.name not in kinds)] if table else [ID, *kinds]
    view = about.get("type") == "view"
    unique = [] if view else list(_unique(collection))
    alone = {columns[0] for columns in unique if len(columns) == 1}
    columns = {
        name: Column(
            name, _declared(properties.get(name, {})) or _kind(kinds.get(name, set())), "",
            nullable=name != ID and name not in alone and _may_be_null(name, schema), generated=name == ID,
        )
        for name in dict.fromkeys(names)
    }  # fmt: skip
    key = table.key if table else ()
    return LiveTable(
        collection.name, columns, key or (ID,), unique=((ID,), *unique),
        indexed=() if view else tuple(_indexed(collection)), view=view,
        rows_estimate=None if view else collection.estimated_document_count(),
    )  # fmt: skip


def _sampled(documents: Iterable[Document]) -> dict[str, set[type]]:
    """Return the types of each field's values; a list of plain values counts as a tuple, to be told apart."""
    found: dict[str, set[type]] = {}
    for document in documents:
        for name, value in document.items():
            flat = isinstance(value, list) and not any(isinstance(each, (dict, list)) for each in value)
            found.setdefault(name, set()).add(tuple if flat else type(value))
    return found


def _kind(seen: set[type]) -> Kind:
    kinds = {Kind.ARRAY if each is tuple else KINDS.get(each, Kind.OTHER) for each in seen if each is not type(None)}
    if kinds == {Kind.INTEGER, Kind.NUMBER}:
        return Kind.NUMBER
    return kinds.pop() if len(kinds) == 1 else Kind.TEXT if Kind.TEXT in kinds or not kinds else Kind.OTHER


def _types(said: Mapping[str, Any]) -> Sequence[str]:
    declared = said.get("bsonType") or said.get("type") or ()
    return [declared] if isinstance(declared, str) else list(declared)


def _declared(said: Mapping[str, Any]) -> Kind | None:
    return next((BSON[name] for name in _types(said) if name in BSON), None)


def _may_be_null(name: str, schema: Mapping[str, Any]) -> bool:
    """A validator that names a field's types allows null only where it is one of them."""
    types = _types(schema.get("properties", {}).get(name, {}))
    return not types or "null" in types


def _unique(collection: Collection[Document]) -> Iterable[tuple[str, ...]]:
    for index in collection.index_information().values():
        if index.get("unique"):
            yield tuple(str(name) for name, _ in index["key"])


def _indexed(collection: Collection[Document]) -> Iterable[tuple[str, ...]]:
    return (tuple(str(name) for name, _ in index["key"]) for index in collection.index_information().values())
