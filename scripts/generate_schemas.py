#!/usr/bin/env python3
"""Write what others build on from the models in `schemas/`: topics.md, a JSON Schema an event, the AsyncAPI document.

generate_schemas.py             write docs/topics.md, docs/schemas/*.json, docs/asyncapi.json
generate_schemas.py --check     change nothing; exit 1 where a file is not as the models say, or a schema shrank
generate_schemas.py --release   also keep the present schemas as released: from then on they may only grow
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pydantic.json_schema import models_json_schema  # noqa: E402

from schemas.base import Event  # noqa: E402
from schemas.catalogue import EVENTS  # noqa: E402
from schemas.envelope import SCHEMA_PREFIX, TYPE_PREFIX  # noqa: E402
from schemas.fields import MEANING  # noqa: E402
from schemas.growth import faults_of_growth  # noqa: E402
from schemas.rights import Right  # noqa: E402
from schemas.topics import Topic, TopicSpec, all_topics, claims_topic  # noqa: E402

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
HEADERS: Final = {
    "ce_specversion": ("the version of CloudEvents", {"const": "1.0"}),
    "ce_id": ("the event's id, derived from its cause; the same cause gives the same id", {"minLength": 1}),
    "ce_source": ("the service that published it", {}),
    "ce_type": ("the event's name after `habeas.`", {"pattern": r"^habeas\.[A-Z][A-Za-z]+$"}),
    "ce_subject": ("the event's key: the correspondent, or the case", {}),
    "ce_time": ("when it happened", {"format": "date-time"}),
    "ce_dataschema": ("the schema of the value, with its version", {"pattern": r"^urn:habeas:event:\w+:\d+\.\d+$"}),
    "ce_partitionkey": ("the record's key (CloudEvents partitioning extension)", {}),
    "ce_traceparent": ("the W3C trace context (CloudEvents distributed tracing extension)",
                       {"pattern": r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"}),
    "content-type": ("how the value is written", {"const": "application/json"}),
}  # fmt: skip


def main() -> int:
    """Write or check the documents."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--release", action="store_true")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    options = parser.parse_args()
    wanted = dict(documents())
    if options.check:
        faults = [*stale(options.docs, wanted), *shrunk(options.docs / "schemas" / "released")]
        print("\n".join(faults) or f"{len(wanted)} generated files are as the models say; no released schema shrank")
        return 1 if faults else 0
    if faults := shrunk(options.docs / "schemas" / "released"):
        print("\n".join(faults))
        return 1
    write(options.docs, wanted)
    if options.release:
        release(options.docs / "schemas" / "released")
    print(f"{len(wanted)} files written")
    return 0


def documents() -> Iterator[tuple[str, str]]:
    """Yield every generated document by its path under docs/."""
    yield "topics.md", topics_page()
    yield "asyncapi.json", _json(asyncapi())
    for name, schema in event_schemas().items():
        yield f"schemas/{name}.json", _json(schema)


def event_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each event: what a reader of this version accepts."""
    return {name: _event_schema(model) for name, model in sorted(EVENTS.items())}


def stale(docs: Path, wanted: dict[str, str]) -> list[str]:
    """Return a sentence for each file that is missing, different, or of an event that is no more."""
    faults = []
    for name, content in wanted.items():
        path = docs / name
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            faults.append(f"docs/{name} is not as the models say; run scripts/generate_schemas.py")
    extra = {f"schemas/{path.name}" for path in (docs / "schemas").glob("*.json")} - set(wanted)
    return faults + [f"docs/{name} is of no event any more; remove it" for name in sorted(extra)]


def shrunk(released: Path) -> list[str]:
    """Return a sentence for each way in which a schema is not the released one, grown."""
    faults: list[str] = []
    current = event_schemas()
    for path in sorted(released.glob("*.json")):
        before = json.loads(path.read_text(encoding="utf-8"))
        faults += faults_of_growth(path.name.partition("-")[0], before, current.get(path.name.partition("-")[0]))
    return faults


def release(released: Path) -> None:
    """Keep the present schemas; what was released under the same version stays as it is."""
    released.mkdir(parents=True, exist_ok=True)
    for name, schema in event_schemas().items():
        path = released / f"{name}-{EVENTS[name].version}.json"
        if not path.exists():
            path.write_text(_json(schema), encoding="utf-8")


def write(docs: Path, wanted: dict[str, str]) -> None:
    """Write the documents and remove the schemas of events that are no more."""
    (docs / "schemas").mkdir(parents=True, exist_ok=True)
    for name, content in wanted.items():
        (docs / name).write_text(content, encoding="utf-8")
    for path in (docs / "schemas").glob("*.json"):
        if f"schemas/{path.name}" not in wanted:
            path.unlink()


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of every topic."""
    _, defined = models_json_schema(
        [(model, "validation") for _, model in sorted(EVENTS.items())], ref_template="#/components/schemas/{model}"
    )
    schemas = {name: _explained(schema) for name, schema in defined["$defs"].items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "habeas",
            "version": "1.0.0",
            "description": "Every event of habeas. Nothing on a topic names a person: bodies and addresses are in the "
            "vault, by reference. An event's schema only grows; readers ignore fields they do not know.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_channel(spec.name): _channel_object(spec) for spec in all_topics()},
        "operations": {
            f"publish-{_channel(spec.name)}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{_channel(spec.name)}"},
                "summary": f"habeas publishes {spec.purpose}",
            }
            for spec in all_topics()
        },
        "components": {
            "messages": {name: _message(name, model) for name, model in sorted(EVENTS.items())},
            "schemas": {**schemas, "CloudEventHeaders": _headers_schema()},
        },
    }


def topics_page() -> str:
    """Return docs/topics.md."""
    lines = [
        "# Topics and events",
        "",
        "Generated from `schemas/` by `scripts/generate_schemas.py`; do not edit. The same in machine-readable form:",
        "`docs/asyncapi.json` (AsyncAPI 3.0) and `docs/schemas/` (JSON Schema).",
        "",
        "An event is one record: CloudEvents 1.0 attributes as `ce_` headers (binary mode of the Kafka binding), its",
        "fields as a JSON value. Nothing names a person: bodies, addresses and packages are vault references.",
        "A key's partition is murmur2(key) modulo the partition count. A released schema only grows: ignore fields you",
        "do not know, and accept any minor version of a major version that you know.",
        "",
        "## Topics",
        "",
        "| topic | carries | partitions | kept | events |",
        "|---|---|---|---|---|",
    ]
    for spec in all_topics():
        kept = "the latest of each key" if spec.compacted else f"{spec.kept_days} days"
        named = ", ".join(f"[{name}](#{name.lower()})" for name in _events_of(spec))
        lines.append(f"| `{spec.name}` | {spec.purpose} | {spec.partitions} | {kept} | {named} |")
    lines += ["", "## Headers of every record", "", "| header | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, (meaning, _) in HEADERS.items()]
    lines += ["", "## Events"]
    for spec in all_topics():
        for name in _events_of(spec):
            if f"### {name}" not in lines:
                lines += _event_section(name)
    lines += ["", "## Values inside events"]
    shared = asyncapi()["components"]["schemas"]
    for name in sorted(set(shared) - set(EVENTS) - {"CloudEventHeaders"}):
        lines += _value_section(name, shared[name])
    return "\n".join(lines) + "\n"


def _event_section(name: str) -> list[str]:
    model = EVENTS[name]
    schema = _event_schema(model)
    lines = ["", f"### {name}", "", _doc(model), ""]
    lines += [f"Type `{TYPE_PREFIX}{name}`, version {model.version}.", ""]
    return lines + _table(schema)


def _value_section(name: str, schema: dict[str, Any]) -> list[str]:
    lines = ["", f"### {name}", "", " ".join(schema.get("description", "").split()), ""]
    if "enum" in schema:
        return [*lines, "One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + "."]
    return lines + _table(schema)


def _table(schema: dict[str, Any]) -> list[str]:
    required = set(schema.get("required", ()))
    lines = ["| field | type | | meaning |", "|---|---|---|---|"]
    for field, shape in schema["properties"].items():
        need = "required" if field in required else "optional"
        lines.append(f"| `{field}` | {_type(shape)} | {need} | {shape.get('description', '')} |")
    return lines


def _type(shape: dict[str, Any]) -> str:
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in shape:
        return " or ".join(_type(one) for one in shape["anyOf"])
    if shape.get("type") == "array":
        return f"list of {_type(shape.get('items', {}))}"
    if shape.get("pattern", "").startswith("^vault:"):
        return "vault reference"
    return str({"date-time": "moment"}.get(shape.get("format", ""), shape.get("type", "any")))


def _event_schema(model: type[Event]) -> dict[str, Any]:
    schema = _explained(model.model_json_schema(mode="validation"))
    for inner in schema.get("$defs", {}).values():
        _explained(inner)
    return {"$schema": DIALECT, "$id": f"{SCHEMA_PREFIX}{model.name()}:{model.version}", **schema}


def _explained(schema: dict[str, Any]) -> dict[str, Any]:
    for field, shape in schema.get("properties", {}).items():
        shape.setdefault("description", MEANING[field])
        shape.pop("title", None)
    return schema


def _channel_object(spec: TopicSpec) -> dict[str, Any]:
    configuration: dict[str, Any] = {"cleanup.policy": ["compact"] if spec.compacted else ["delete"]}
    if spec.kept_days is not None:
        configuration["retention.ms"] = spec.kept_days * 86_400_000
    return {
        "address": spec.name,
        "description": spec.purpose,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _events_of(spec)},
        "bindings": {
            "kafka": {
                "topic": spec.name,
                "partitions": spec.partitions,
                "topicConfiguration": configuration,
                "bindingVersion": "0.5.0",
            }
        },
    }


def _message(name: str, model: type[Event]) -> dict[str, Any]:
    return {
        "name": TYPE_PREFIX + name,
        "title": name,
        "summary": _doc(model),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
    }


def _headers_schema() -> dict[str, Any]:
    properties = {
        name: {"type": "string", "description": meaning, **shape} for name, (meaning, shape) in HEADERS.items()
    }
    required = ["ce_specversion", "ce_id", "ce_source", "ce_type", "content-type"]
    return {"type": "object", "properties": properties, "required": required}


def _events_of(spec: TopicSpec) -> list[str]:
    claims = {claims_topic(right) for right in Right}
    topic = Topic.CLAIMS if spec.name in claims else Topic(spec.name)
    return [name for name, model in EVENTS.items() if model.topic is topic]


def _channel(name: str) -> str:
    return name.removeprefix("habeas.").replace(".", "-").replace("_", "-")


def _doc(model: type[Event]) -> str:
    return " ".join((model.__doc__ or "").split())


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
