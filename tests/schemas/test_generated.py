"""What is generated from the models is current, valid by the standards, and only grows."""

from __future__ import annotations

import copy
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import EVENTS
from schemas.envelope import UnreadableEvent, read, rooted
from schemas.growth import faults_of_growth
from tests.schemas.samples import sample

ROOT = Path(__file__).parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED = script("generate_schemas")


def schema_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text())
    return found


def test_generated_files_are_current_and_released_schemas_only_grew() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "generate_schemas.py"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_a_stale_or_orphaned_file_is_named(tmp_path: Path) -> None:
    GENERATED.write(tmp_path, dict(GENERATED.documents()))
    (tmp_path / "topics.md").write_text("old")
    (tmp_path / "schemas" / "Gone.json").write_text("{}")
    faults = GENERATED.stale(tmp_path, dict(GENERATED.documents()))
    assert [fault.split()[0] for fault in faults] == ["docs/topics.md", "docs/schemas/Gone.json"]


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_each_schema_is_valid_and_accepts_its_event(name: str) -> None:
    schema = schema_of(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    fields = json.loads(rooted("cause", sample(EVENTS[name]), "test").value())
    validator.validate(fields)
    del fields["controller"]
    assert not validator.is_valid(fields)


def test_the_asyncapi_document_is_valid_by_the_official_schema() -> None:
    source = script("asyncapi_schema")
    try:
        official = json.loads(source.asyncapi_schema().read_text())
    except source.CannotFetch as fault:
        pytest.fail(str(fault))
    validator = jsonschema.validators.validator_for(official)(official)
    document = json.loads((ROOT / "docs" / "asyncapi.json").read_text())
    assert [error.message for error in validator.iter_errors(document)] == []
    broken = copy.deepcopy(document)
    broken["channels"]["messages"]["bindings"]["kafka"]["partitions"] = 0
    assert not validator.is_valid(broken)


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads((ROOT / "docs" / "asyncapi.json").read_text())

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [one for value in node.values() for one in references(value)]
        return [one for value in node for one in references(value)] if isinstance(node, list) else []

    for reference in references(document):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    assert {spec["address"] for spec in document["channels"].values()} >= {"habeas.messages", "habeas.claims.access"}


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_fields_of_a_newer_minor_version_are_read_over(name: str) -> None:
    envelope = rooted("cause", sample(EVENTS[name]), "test")
    fields = {**json.loads(envelope.value()), "a_field_of_tomorrow": {"x": [1]}}
    headers = [
        (key, b"urn:habeas:event:" + name.encode() + b":1.99" if key == "ce_dataschema" else value)
        for key, value in envelope.headers()
    ]
    assert read(headers, json.dumps(fields).encode()).event == envelope.event


def test_a_newer_major_version_is_unreadable() -> None:
    envelope = rooted("cause", sample(EVENTS["CaseOpened"]), "test")
    headers = {**dict(envelope.headers()), "ce_dataschema": b"urn:habeas:event:CaseOpened:2.0"}
    with pytest.raises(UnreadableEvent, match="newer major version"):
        read(headers.items(), envelope.value())


@given(value=st.one_of(st.none(), st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_an_event_or_unreadable(value: bytes | None) -> None:
    headers = rooted("cause", sample(EVENTS["ClaimRouted"]), "test").headers()
    with pytest.raises(UnreadableEvent):
        read(headers, value)


@given(
    names=st.lists(st.sampled_from(["ce_id", "ce_type", "ce_specversion", "ce_dataschema"])),
    junk=st.binary(max_size=60),
)
def test_any_headers_make_an_event_or_say_why_not(names: list[str], junk: bytes) -> None:
    envelope = rooted("cause", sample(EVENTS["ClaimRouted"]), "test")
    headers = {**dict(envelope.headers()), **dict.fromkeys(names, junk)}
    try:
        event = read(headers.items(), envelope.value()).event
    except UnreadableEvent:
        return
    assert event == envelope.event


def test_what_an_unreadable_event_held_is_not_in_its_message() -> None:
    envelope = rooted("cause", sample(EVENTS["ClaimRouted"]), "test")
    fields = {**json.loads(envelope.value()), "person": "maria@example.com", "due": "maria yesterday"}
    with pytest.raises(UnreadableEvent) as fault:
        read(envelope.headers(), json.dumps(fields).encode())
    assert "maria" not in str(fault.value)
    assert "person" in str(fault.value)


def _field_gone(schema: dict[str, Any]) -> None:
    del schema["properties"]["claim_id"]


def _now_required(schema: dict[str, Any]) -> None:
    schema["required"].append("attempt")


def _no_more_required(schema: dict[str, Any]) -> None:
    schema["required"].remove("claim_id")


def _other_shape(schema: dict[str, Any]) -> None:
    schema["properties"]["language"] = {"type": "integer"}


def _value_gone(schema: dict[str, Any]) -> None:
    schema["$defs"]["Right"]["enum"].pop()


def _new_major(schema: dict[str, Any]) -> None:
    schema["$id"] = "urn:habeas:event:ClaimRouted:2.0"


def _silent_growth(schema: dict[str, Any]) -> None:
    schema["properties"]["channel"] = {"type": "string", "default": ""}


@pytest.mark.parametrize(
    "change",
    [_field_gone, _now_required, _no_more_required, _other_shape, _value_gone, _new_major, _silent_growth],
)
def test_a_released_schema_that_does_more_than_grow_is_refused(change: Any) -> None:
    released = schema_of("ClaimRouted")
    current = copy.deepcopy(released)
    change(current)
    assert faults_of_growth("ClaimRouted", released, current)
    assert faults_of_growth("ClaimRouted", released, None)


def test_a_released_schema_may_grow_by_a_field_and_a_value_with_a_minor_version() -> None:
    released = schema_of("ClaimRouted")
    current = copy.deepcopy(released)
    current["properties"]["channel"] = {"type": "string", "default": ""}
    current["properties"]["language"]["description"] = "said in other words"
    current["$defs"]["Right"]["enum"].append("human_review")
    current["$id"] = "urn:habeas:event:ClaimRouted:1.1"
    assert faults_of_growth("ClaimRouted", released, current) == []
