"""How an API is asked, as a data map's `connector:` section says it; a mistake is named by its place in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from services.fulfil.connectors.protocol import SystemRefuses

METHODS: Final = ("get", "post", "put", "patch", "delete")
PAGING: Final = ("page", "offset", "cursor", "next", "link")
CALL_KEYS: Final = frozenset({*METHODS, "query", "body", "rows", "form", "paging"})
TABLE_KEYS: Final = frozenset({"list", "find", "one", "change", "delete"})
SYSTEM_KEYS: Final = frozenset({"auth", "headers", "requests_per_second", "timeout_seconds", "tables"})
PAGING_KEYS: Final = frozenset({"kind", "query", "first", "size", "size_query", "from"})
AUTH: Final = ("none", "basic", "bearer", "header", "query")
PLACE: Final = re.compile(r"\{([A-Za-z_][\w.]*)\}")
CHANGED: Final = "changed"
WHOLE: Final = "row"


@dataclass(frozen=True, slots=True)
class Paging:
    """How one answer leads to the next."""

    kind: str
    query: str = ""
    first: int = 1
    size: int = 0
    size_query: str = ""
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request; `{name}` stands for a value, and is encoded where it stands."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    form: bool = False
    rows: tuple[str, ...] = ()
    paging: Paging | None = None


@dataclass(frozen=True, slots=True)
class TableCalls:
    """How the rows of one table are listed, found, changed and deleted."""

    name: str
    listed: Call | None = None
    found: Mapping[str, Call] = field(default_factory=dict)
    one: Call | None = None
    change: Call | None = None
    delete: Call | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """One service."""

    tables: Mapping[str, TableCalls]
    auth: str = "none"
    auth_name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    requests_per_second: float = 10.0
    timeout_seconds: float = 30.0


def described(system: str, settings: Mapping[str, Any]) -> Api:
    """Read a `connector:` section."""
    reader = _Reader(system)
    reader.known(settings, SYSTEM_KEYS, "connector")
    tables = reader.mapping(settings.get("tables"), "connector.tables")
    if not tables:
        raise reader.wrong("connector.tables", "says for no table how it is asked; see docs/connectors.md")
    auth, name = reader.auth(settings.get("auth"))
    return Api(
        tables={str(table): reader.table(str(table), section) for table, section in tables.items()},
        auth=auth,
        auth_name=name,
        headers={str(k): str(v) for k, v in reader.mapping(settings.get("headers"), "connector.headers").items()},
        requests_per_second=reader.number(settings, "requests_per_second", 10.0),
        timeout_seconds=reader.number(settings, "timeout_seconds", 30.0),
    )


class _Reader:
    def __init__(self, system: str) -> None:
        self._system = system

    def wrong(self, place: str, said: str) -> SystemRefuses:
        return SystemRefuses(f"{self._system}: {place} {said}.")

    def mapping(self, value: Any, place: str) -> Mapping[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.wrong(place, "must be a mapping of names to values")
        return value

    def known(self, section: Mapping[str, Any], keys: frozenset[str], place: str) -> None:
        for key in section:
            if key not in keys:
                near = get_close_matches(str(key), keys, 1)
                hint = f"; did you mean `{near[0]}`?" if near else f"; there are: {', '.join(sorted(keys))}"
                raise self.wrong(f"{place}.{key}", f"is unknown{hint}")

    def number(self, section: Mapping[str, Any], key: str, default: float) -> float:
        value = section.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise self.wrong(f"connector.{key}", "must be a number above zero")
        return float(value)

    def auth(self, section: Any) -> tuple[str, str]:
        """`basic`, `bearer`, `{header: X-Api-Key}` or `{query: key}`; the secret itself is in the connection URL."""
        if section is None:
            return "none", ""
        if isinstance(section, str) and section in ("none", "basic", "bearer"):
            return section, ""
        if isinstance(section, Mapping) and len(section) == 1:
            kind, name = next(iter(section.items()))
            if kind in ("header", "query") and isinstance(name, str):
                return str(kind), name
        raise self.wrong("connector.auth", "must be basic, bearer, {header: NAME} or {query: NAME}")

    def table(self, name: str, section: Any) -> TableCalls:
        place = f"connector.tables.{name}"
        calls = self.mapping(section, place)
        self.known(calls, TABLE_KEYS, place)
        found = self.mapping(calls.get("find"), f"{place}.find")
        return TableCalls(
            name=name,
            listed=self.call(calls.get("list"), f"{place}.list"),
            found={str(by): call for by, s in found.items() if (call := self.call(s, f"{place}.find.{by}"))},
            one=self.call(calls.get("one"), f"{place}.one"),
            change=self.call(calls.get("change"), f"{place}.change", body=CHANGED),
            delete=self.call(calls.get("delete"), f"{place}.delete"),
        )

    def call(self, section: Any, place: str, body: Any = None) -> Call | None:
        if section is None:
            return None
        given = self.mapping(section, place)
        self.known(given, CALL_KEYS, place)
        methods = [method for method in METHODS if method in given]
        if len(methods) != 1 or not str(given[methods[0]]).startswith("/"):
            raise self.wrong(place, "must name one of get, post, put, patch, delete, with a path that begins with /")
        return Call(
            method=methods[0].upper(),
            path=str(given[methods[0]]),
            query=self.mapping(given.get("query"), f"{place}.query"),
            body=given.get("body", body),
            form=bool(given.get("form", False)),
            rows=tuple(part for part in str(given.get("rows") or "").split(".") if part),
            paging=self.paging(given.get("paging"), f"{place}.paging"),
        )

    def paging(self, section: Any, place: str) -> Paging | None:
        if section is None:
            return None
        given = {"kind": section} if isinstance(section, str) else self.mapping(section, place)
        self.known(given, PAGING_KEYS, place)
        kind = str(given.get("kind", ""))
        if kind not in PAGING:
            raise self.wrong(f"{place}.kind", f"must be one of {', '.join(PAGING)}")
        query = str(given.get("query") or {"page": "page", "offset": "offset"}.get(kind, ""))
        source = tuple(part for part in str(given.get("from") or "").split(".") if part)
        if kind == "cursor" and not (query and source):
            raise self.wrong(place, "needs `query`, the parameter, and `from`, where the answer holds the next cursor")
        if kind == "next" and not source:
            raise self.wrong(place, "needs `from`, where the answer holds the next address")
        size = int(given.get("size") or 0)
        if kind == "offset" and size < 1:
            raise self.wrong(place, "needs `size`, how many rows a page has")
        first = int(given.get("first", 0 if kind == "offset" else 1))
        return Paging(kind, query, first, size, str(given.get("size_query") or ""), source)
