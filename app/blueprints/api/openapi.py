"""OpenAPI 3.1, generated from the calls as they are registered, so it cannot be out of date."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, get_args, get_origin

from flask import Response, jsonify
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from app.blueprints.api.base import NO_NUL, Query, Shape, Taken
from app.blueprints.api.calls import CALLS
from app.blueprints.api.declarations import PATH_PARTS, Call
from app.services import house
from app.services.core.idempotency import KEY_LENGTH, KEY_PATTERN

_REF = "#/components/schemas/{model}"
_JSON = "application/json"
_FORM = "multipart/form-data"
_INFO = {
    "title": "Kikao",  # or as the house is called
    "version": "1",
    "summary": "Book a paid session, approve it, pay for it.",
    "description": "Money is in minor units with its ISO 4217 code, times are RFC 3339, bodies are I-JSON (RFC 7493). "
    "Whatever is refused is an RFC 9457 problem whose `code` is stable: each call lists those it may answer. "
    "Of fields that answers have and this description has not, expect more.",
}
_NUMBER = {"schema": {"type": "integer", "minimum": 0}}
_HEADERS: dict[str, dict[str, Any]] = {
    "Idempotent-Replayed": {
        "description": "true: the answer given before to the same request, which did nothing this time",
        "schema": {"type": "string", "const": "true"},
    },
    "Retry-After": {"description": "in how many seconds to come again", **_NUMBER},
    "WWW-Authenticate": {"description": "how to say who you are", "schema": {"type": "string"}},
    "X-Pages": {"description": "how many pages there are", **_NUMBER},
    "X-Total-Count": {"description": "how many there are in all, bookings and receipts up to 1000", **_NUMBER},
    "X-Unread-Count": {"description": "how many messages are not read yet, in all", **_NUMBER},
}
# What an answer of this status may tell besides.
_TOLD = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A name of your own for this request, best a UUID: sent again within two days it does nothing twice "
    "and is answered the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": KEY_PATTERN},
    "example": "3c1f6a52-6f4e-4a53-9f0e-6f0b8f3f1d11",
}


class FaultShape(Shape):
    """One thing that is wrong; `code` is stable, `field` is what it is about."""

    code: str
    detail: str
    field: str | None = None


class ProblemShape(Shape):
    """RFC 9457 problem; `code` is stable, `field` is what it is about, `also` is what else is wrong with what was sent."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    also: list[FaultShape] | None = None


class _Schemas(GenerateJsonSchema):
    """Text that is sent has no NUL: the same of every field, so it is said here."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        found = super().str_schema(schema)
        return {"pattern": NO_NUL, **found} if self.mode == "validation" else found


def describe() -> Response:
    """GET /api/v1/openapi.json."""
    return jsonify(document() | {"info": _INFO | {"title": house.known().name}})


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    schemas = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, schemas)
    for call in CALLS:
        schemas.pop(call.query.__name__, None) if call.query else None
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/api/v1"}],
        "tags": _tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": _HEADERS,
            "responses": _problems(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _tags() -> list[dict[str, str]]:
    """The districts, as their own files describe them."""
    districts = sorted({call.district for call in CALLS})
    docs = {name: import_module(f"{__package__}.{name}").__doc__ or "" for name in districts}
    return [{"name": name, "description": docs[name].partition("\n")[0]} for name in districts]


def _schemas() -> dict[str, Any]:
    """Every shape that a call takes or gives, by its name."""
    models = {model for call in CALLS for model in (_model(call), call.takes, call.query) if model} | {ProblemShape}
    modes: list[Any] = [
        (model, "validation" if issubclass(model, Taken | Query) else "serialization")
        for model in sorted(models, key=str)
    ]
    _, found = models_json_schema(modes, ref_template=_REF, schema_generator=_Schemas)
    return dict(found["$defs"])


def _operation(call: Call, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": call.name,
        "tags": [call.district],
        "summary": call.summary,
        "description": call.description,
        "parameters": [*_in_path(call), *_in_query(call, schemas), *([_KEY] if call.takes_key else [])],
        "responses": dict(_responses(call)),
        "security": [{"bearer": []}] if call.token else [],
    }
    if call.takes is not None and call.takes.model_fields:
        operation["requestBody"] = _body(call, call.takes, schemas[call.takes.__name__])
    return operation


# ------------------------------------------------------------------------------------------------ what is sent


def _in_path(call: Call) -> Iterator[dict[str, Any]]:
    for name in call.path_parts:
        yield {"name": name, "in": "path", "required": True, "schema": PATH_PARTS[name][1]}


def _in_query(call: Call, schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    described = schemas[call.query.__name__] if call.query else {}
    needed = described.get("required", ())
    for name, schema in described.get("properties", {}).items():
        plain = {key: value for key, value in _not_null(schema).items() if key not in ("title", "description")}
        parameter = {"name": name, "in": "query", "required": name in needed, "schema": plain}
        parameter |= {"description": schema["description"]} if "description" in schema else {}
        yield parameter | ({} if name in needed else {"allowEmptyValue": True})


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Of what may be left out, what it is where it is not: an address has no null."""
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if not choices:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    return rest | (choices[0] if len(choices) == 1 else {"anyOf": choices})


def _body(call: Call, takes: type[BaseModel], schema: dict[str, Any]) -> dict[str, Any]:
    """What is sent, as JSON; a form where a file may come with it, and JSON too where it need not."""
    files = {name for name, field in takes.model_fields.items() if field.annotation is bytes}
    needed = set(schema.get("required", ()))
    whole = {"schema": _reference(takes)}
    if not call.upload:
        return {"required": bool(needed), "content": {_JSON: whole}}
    content = {_FORM: whole}
    if not files & needed:
        properties = {name: each for name, each in schema["properties"].items() if name not in files}
        content[_JSON] = {"schema": {**schema, "title": f"{takes.__name__}WithoutFile", "properties": properties}}
    return {"required": bool(needed), "content": content}


# ------------------------------------------------------------------------------------------------ what is answered


def _responses(call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    good = {"description": call.summary, "content": {call.media: {"schema": _answer(call)}}}
    told = (*call.counts, *(("Idempotent-Replayed",) if call.takes_key else ()))
    for status in call.statuses:
        yield str(status), good | _headers(told)
    for status, codes in call.refusals().items():
        alone = {"$ref": f"#/components/responses/{codes[0]}"}
        yield str(status), alone if len(codes) == 1 else _problem(status, codes)


def _problems() -> dict[str, Any]:
    """What many calls answer, by the code: where there is but one, it says the status too."""
    alone = {(status, codes[0]) for call in CALLS for status, codes in call.refusals().items() if len(codes) == 1}
    return {code: _problem(status, [code]) for status, code in sorted(alone)}


def _problem(status: int, codes: list[str]) -> dict[str, Any]:
    schema = _reference(ProblemShape) | {"properties": {"code": {"enum": codes}}}
    content = {"application/problem+json": {"schema": schema}}
    return {"description": ", ".join(codes), "content": content} | _headers(_TOLD.get(status, ()))


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}} if names else {}


def _answer(call: Call) -> dict[str, Any]:
    if call.media != _JSON:
        return {"type": "string", "format": "binary"}
    reference = _reference(_one(call.gives))
    return {"type": "array", "items": reference} if get_origin(call.gives) is list else reference


def _model(call: Call) -> type[BaseModel] | None:
    return _one(call.gives) if call.media == _JSON else None


def _one(gives: Any) -> type[BaseModel]:
    found: type[BaseModel] = get_args(gives)[0] if get_origin(gives) is list else gives
    return found


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": _REF.format(model=model.__name__)}
