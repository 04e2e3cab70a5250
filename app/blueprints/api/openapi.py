"""OpenAPI 3.1, generated from the calls as they are registered, so it cannot be out of date."""

import re
from functools import cache
from typing import Any, get_args, get_origin

from flask import Response, jsonify
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import CALLS, Call
from app.blueprints.api.shapes import Taken

_REF = "#/components/schemas/{model}"
_CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")
_TYPES = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer"}, "": {"type": "string"}}


class ProblemShape(Shape):
    """RFC 9457 problem; `code` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None


def describe() -> Response:
    """GET /api/v1/openapi.json."""
    return jsonify(document())


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    models = {model for call in CALLS for model in (_model(call), call.takes) if model} | {ProblemShape}
    modes = [(m, "validation" if issubclass(m, Taken) else "serialization") for m in sorted(models, key=str)]
    _, schemas = models_json_schema(modes, ref_template=_REF)  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for call in CALLS:
        paths.setdefault(_CONVERTER.sub(r"{\2}", call.path), {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kikao", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(call: Call) -> dict[str, Any]:
    problem = {"description": "A problem", "content": {"application/problem+json": {"schema": _schema(ProblemShape)}}}
    good = {"description": call.summary, "content": {call.media: {"schema": _answer(call)}}}
    operation: dict[str, Any] = {
        "summary": call.summary,
        "operationId": f"{call.method.lower()}_{re.sub(r'[^a-z_]+', '_', call.path.lower()).strip('_')}",
        "parameters": _parameters(call),
        "responses": {str(call.status): good, "4XX": problem, "503": problem},
        "security": [{"bearer": []}] if call.login else [],
    }
    if call.path.endswith("/attempts"):
        operation["responses"]["202"] = good
    if call.takes:
        medias = ["multipart/form-data"] if call.upload else ["application/json"]
        if call.path.endswith("/complete"):
            medias.append("application/json")  # without a file
        operation["requestBody"] = {"content": {media: {"schema": _schema(call.takes)} for media in medias}}
    return operation


def _answer(call: Call) -> dict[str, Any]:
    return _schema(call.gives) if call.media == "application/json" else {"type": "string", "format": "binary"}


def _parameters(call: Call) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _TYPES[kind]}
        for kind, name in _CONVERTER.findall(call.path)
    ]
    in_query: list[dict[str, Any]] = [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in call.query
    ]
    header = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}
    return in_path + in_query + ([header] if call.method == "POST" else [])


def _model(call: Call) -> type[BaseModel] | None:
    return _one(call.gives) if call.media == "application/json" else None


def _one(gives: Any) -> type[BaseModel]:
    found: type[BaseModel] = get_args(gives)[0] if get_origin(gives) is list else gives
    return found


def _schema(gives: Any) -> dict[str, Any]:
    reference = {"$ref": _REF.format(model=_one(gives).__name__)}
    return {"type": "array", "items": reference} if get_origin(gives) is list else reference
