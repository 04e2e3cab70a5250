"""The API's description of itself: well formed, whole, and true."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask

from app.blueprints.api.calls import CALLS
from app.blueprints.api.declarations import Call
from tests.support.reached import can_say

CONTRACT = [
    "post /auth/register", "post /auth/token", "get /practitioners", "get /practitioners/{slug}",
    "get /services/{id}/slots", "post /bookings", "get /bookings", "get /bookings/{id}",
    "post /bookings/{id}/approve", "post /bookings/{id}/decline", "post /bookings/{id}/cancel",
    "post /bookings/{id}/start", "post /bookings/{id}/complete", "post /bookings/{id}/no-show",
    "get /checkouts/{id}", "post /checkouts/{id}/cancel", "post /checkouts/{id}/attempts",
]  # fmt: skip
# Names that generated clients call us by: a line is added for a new call, and none is ever changed.
_OPERATIONS = Path(__file__).with_name("operations.txt")
_BOUNDED = {"maxLength", "format", "enum", "const"}
_VALUES = {"examples", "example", "default"}


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """What a program reads."""
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_the_description_lists_every_call_of_the_contract(document: dict[str, Any]) -> None:
    """The contract of architecture.md; the names of parameters are ours."""
    plain = {f"{method} {re.sub(r'{w*_?id}|{[a-z]+_id}', '{id}', path)}" for path, method, _ in _operations(document)}
    assert not [call for call in CONTRACT if call not in plain]


def test_the_description_is_valid_openapi_3_1(app: Flask, document: dict[str, Any]) -> None:
    """By the specification's own schema, and by what it says in words."""
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app).validate()
    for path, method, operation in _operations(document):
        declared = [(each["name"], each["in"]) for each in operation["parameters"]]
        assert len(declared) == len(set(declared))
        assert [name for name, where in declared if where == "path"] == re.findall(r"{(\w+)}", path)
        assert method == "post" or "requestBody" not in operation
        for scheme in operation["security"]:
            assert set(scheme) <= set(document["components"]["securitySchemes"])
    for reference in {found for key, found in _everything(document) if key == "$ref"}:
        _at(document, reference)


def test_each_path_is_the_address_of_its_call(app: Flask, document: dict[str, Any]) -> None:
    """What stands in braces is a name and nothing else, and every call is described."""
    there = {
        (rule.endpoint.removeprefix("api."), method.lower(), _plain(rule.rule.removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(operation["operationId"], method, path) for path, method, operation in _operations(document)}
    assert described == there
    assert not [path for path in document["paths"] if not re.fullmatch(r"(/([a-z-]+|{[a-z_]+}(\.pdf)?))+", path)]


def _plain(rule: str) -> str:
    return re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule)


def test_a_call_keeps_its_name(document: dict[str, Any]) -> None:
    kept = _OPERATIONS.read_text().splitlines()
    assert kept == sorted(kept)
    now = {f"{operation['operationId']} {method} {path}" for path, method, operation in _operations(document)}
    assert set(kept) - now == set(), "a generated client calls it by this name"
    assert now - set(kept) == set(), f"is to be added to {_OPERATIONS.name}"


def test_a_body_is_required_where_something_in_it_is(document: dict[str, Any]) -> None:
    wrong = []
    for path, method, operation in _operations(document):
        body = operation.get("requestBody", {"content": {}})
        needed = any(_schema(document, media).get("required") for media in body["content"].values())
        if body.get("required", False) != needed:
            wrong.append(f"{method} {path}")
    assert wrong == []


def test_whatever_is_sent_says_how_long_it_may_be(document: dict[str, Any]) -> None:
    """Texts by their length, their format or the words there are; lists by how many."""
    open_ended = [
        f"{name}.{place}"
        for name, schema in _sent(document).items()
        for place, part in _parts(schema)
        if (part.get("type") == "string" and not _BOUNDED & part.keys())
        or (part.get("type") == "array" and "maxItems" not in part)
    ]
    assert open_ended == []


def test_times_are_described_as_times(document: dict[str, Any]) -> None:
    """RFC 3339: whatever is called a time is one."""
    timely = re.compile(r"(^|_)(at|start|end|until|begins|ends|since)$")
    wrong = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if timely.search(field) and "date-time" not in str(described)
    ]
    assert wrong == []


def test_every_body_has_an_example_that_is_as_described(document: dict[str, Any]) -> None:
    for name, schema in _sent(document).items():
        assert schema.get("examples"), name
        check = jsonschema_rs.validator_for({**schema, "components": document["components"]})
        for example in schema["examples"]:
            assert not [str(error) for error in check.iter_errors(example)], name


def test_every_declared_refusal_is_one_that_the_code_can_give(app: Flask) -> None:
    """The other way round, that every refusal given is declared, is looked at with each call of each test."""
    never = [
        f"{call.name} {code}"
        for call in CALLS
        for line in call.fails
        for code in line.split()[1:]
        if not can_say(_place(app, call), code)
    ]
    assert never == []


def _place(app: Flask, call: Call) -> tuple[str, str]:
    function = inspect.unwrap(app.view_functions[f"api.{call.name}"])
    return function.__module__, function.__name__


# ------------------------------------------------------------------------------------------------ reading it


def _sent(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every shape that is sent, by its name."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [operation["requestBody"] for *_, operation in _operations(document) if "requestBody" in operation]
    while waiting:
        for reference in {value for key, value in _everything(waiting.pop()) if key == "$ref"} - found.keys():
            found[reference] = _at(document, reference)
            waiting.append(found[reference])
    return {reference.rpartition("/")[2]: schema for reference, schema in found.items()}


def _schema(document: dict[str, Any], media: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = media["schema"]
    return _at(document, schema["$ref"]) if "$ref" in schema else schema


def _parts(schema: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in this one, with the names that lead to it; no values."""
    if isinstance(schema, dict):
        yield place, schema
        for key, inner in schema.items():
            if key not in _VALUES:
                yield from _parts(inner, f"{place}.{key}".lstrip("."))
    elif isinstance(schema, list):
        for inner in schema:
            yield from _parts(inner, place)


def _everything(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from _everything(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _everything(inner)


def _at(document: dict[str, Any], reference: str) -> Any:
    target: Any = document
    for part in reference.removeprefix("#/").split("/"):
        target = target[part]
    return target
