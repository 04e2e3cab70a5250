"""The API's description of itself: well formed, whole, and true."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

CONTRACT = [
    "post /auth/register", "post /auth/token", "get /practitioners", "get /practitioners/{slug}",
    "get /services/{id}/slots", "post /bookings", "get /bookings", "get /bookings/{id}",
    "post /bookings/{id}/approve", "post /bookings/{id}/decline", "post /bookings/{id}/cancel",
    "post /bookings/{id}/start", "post /bookings/{id}/complete", "post /bookings/{id}/no-show",
    "get /checkouts/{id}", "post /checkouts/{id}/cancel", "post /checkouts/{id}/attempts",
]  # fmt: skip


def _document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def test_the_description_lists_every_call_of_the_contract(app: Flask) -> None:
    """The contract of architecture.md; the names of parameters are ours."""
    plain = {
        f"{method} {re.sub(r'{w*_?id}|{[a-z]+_id}', '{id}', path)}"
        for path, item in _document(app)["paths"].items()
        for method in item
    }
    assert not [call for call in CONTRACT if call not in plain]


def test_the_description_is_well_formed_openapi_3_1(app: Flask) -> None:
    """By the rules of the specification that a document of ours could break; every reference leads somewhere."""
    document = _document(app)
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert {"title", "version"} <= document["info"].keys()
    operations = [(path, method, op) for path, item in document["paths"].items() for method, op in item.items()]
    assert len({operation["operationId"] for *_, operation in operations}) == len(operations)
    for path, method, operation in operations:
        assert path.startswith("/")
        assert method in {"get", "post", "put", "patch", "delete"}
        declared = [(p["name"], p["in"]) for p in operation.get("parameters", [])]
        assert len(declared) == len(set(declared))
        assert {name for name, where in declared if where == "path"} == set(re.findall(r"{(\w+)}", path))
        assert all(p["required"] for p in operation["parameters"] if p["in"] == "path")
        assert all("schema" in p for p in operation["parameters"])
        assert operation["responses"]
        for code, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5](\d\d|XX)|default", code)
            assert response["description"]
        assert method == "post" or "requestBody" not in operation
        for scheme in operation["security"]:
            assert set(scheme) <= set(document["components"]["securitySchemes"])
    for reference in set(_references(document)):
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_every_described_call_exists_and_every_call_is_described(app: Flask) -> None:
    described = {
        (method.upper(), re.sub(r"{(\w+)}", r"<\1>", path))
        for path, item in _document(app)["paths"].items()
        for method in item
    }
    there = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule.rule.removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == there


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
