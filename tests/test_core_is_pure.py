"""What a core may import: nothing that reads a clock, a file, the network, the environment or chance."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ALLOWED = frozenset(
    {
        "__future__",
        "abc",
        "array",
        "bisect",
        "codecs",
        "collections",
        "contextlib",
        "copy",
        "csv",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "email",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "io",
        "itertools",
        "json",
        "math",
        "operator",
        "random",
        "re",
        "string",
        "struct",
        "textwrap",
        "threading",
        "tomllib",
        "types",
        "typing",
        "unicodedata",
        "uuid",
        "zlib",
        "zoneinfo",
        "inscriptis",
        "jinja2",
        "numpy",
        "pydantic",
        "rapidfuzz",
        "selectolax",
        "Stemmer",
        "yaml",
        "schemas",
        "services",
    }
)
EXCEPTIONS = {
    "services/router/core/language_model.py": {"py3langid"},  # its model is a constant that ships inside the library
    "services/watch/core/picture.py": {"sys"},  # for sys.intern only: names repeat a million times
}

CORES = sorted(
    path for core in ("intake", "router", "fulfil", "watch") for path in Path(f"services/{core}/core").rglob("*.py")
)


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("path", CORES, ids=str)
def test_a_core_imports_only_what_is_pure(path: Path) -> None:
    allowed = ALLOWED | EXCEPTIONS.get(str(path), set())
    assert imported(ast.parse(path.read_text(encoding="utf-8"))) <= allowed


@pytest.mark.parametrize("path", CORES, ids=str)
def test_a_core_reads_no_clock_and_throws_no_dice(path: Path) -> None:
    impure = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("random", "random"), ("uuid", "uuid4")}
    called = {
        (node.func.value.id, node.func.attr)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    }
    assert not called & impure
