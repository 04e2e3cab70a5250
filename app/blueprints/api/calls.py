"""One decorator for every call: bearer token, body, Idempotency-Key, answer and description all come from it."""

import inspect
import json
import logging
from collections.abc import Callable, Iterator
from functools import cache, partial, wraps
from typing import Any

from flask import Blueprint, Response, g, request
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.blueprints.api.base import Query
from app.blueprints.api.declarations import Call, fault_at
from app.blueprints.common.submissions import key_of
from app.blueprints.common.uploads import TAKE_FILES
from app.extensions import csrf
from app.models import Login, Scope, User
from app.services.accounts import logins, second_factors, sign_ups
from app.services.core import idempotency
from app.services.core.errors import Forbidden, Invalid, Problem, Refused

log = logging.getLogger(__name__)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)
# What a caller may try to decide and we never believe: logged as tampering, otherwise ignored.
_NEVER_BELIEVED = frozenset(
    {"price", "amount", "currency", "client_id", "client", "owner", "status", "fee", "paid", "end"}
)


CALLS: list[Call] = []
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class Malformed(Problem):
    """A body that is not a JSON object (400)."""


def call(
    rule: str,
    summary: str,
    *,
    name: str,
    gives: Any,
    takes: type[BaseModel] | None = None,
    status: int = 200,
    login: bool = True,
    token: bool = False,
    query: type[Query] | None = None,
    upload: bool = False,
    media: str = "application/json",
    keep: bool = True,
    also: int = 0,
    fails: tuple[str, ...] = (),
    counts: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The function answers `rule` ("POST /bookings/{booking_id}/cancel"), and is described by its own docstring.

    It is given what stands behind the ? (`query`), then the parsed body (`takes`), where the call has one.
    With `upload` the body may be a multipart form, and the fields of `takes` that are bytes are its files.
    It returns a value of type `gives`, or (value, status) or (value, status, headers); or an answer of its own, of type `media`.
    Without `keep` the answer is never kept for a repetition: it is too large, or nobody's business.
    Without `login` anybody may call; with `token` they send one all the same, of an account to be.
    `also` is a second status that it may give; `counts` are headers. `name` is its operationId, for ever. `fails` are lines
    of a status and its codes ("409 slot_taken balance_due"), besides those that every call of its sort has
    (declarations.py) and those that the fields of `takes` say themselves.
    """
    method, path = rule.split()

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        district = function.__module__.removeprefix(f"{__package__}.").partition(".")[0]
        description = inspect.cleandoc(function.__doc__ or "")
        this = Call(
            method, path, name, summary, takes, gives, status, login, query, upload, media, keep, also, fails,
            counts, token or login, hasattr(function, "__wrapped__"), district, description,
        )  # fmt: skip
        _open(this, _view(this, function))
        return function

    return register


def _open(this: Call, view: Callable[..., Response]) -> None:
    CALLS.append(this)
    if this.upload:
        TAKE_FILES.add(f"{blueprint.name}.{this.name}")
    blueprint.add_url_rule(this.rule, endpoint=this.name, view_func=view, methods=[this.method])


def _view(this: Call, function: Callable[..., Any]) -> Callable[..., Response]:
    @cache
    def adapter() -> TypeAdapter[Any]:
        return TypeAdapter(this.gives)

    @wraps(function)
    def view(**values: Any) -> Response:
        if this.login:
            g.login = _login()
            g.caller = g.login.user
        work = partial(function, *_arguments(this), **values)
        return _once(lambda: _answer(adapter(), work(), this.status), keep=this.login and this.keep)

    return view


def _arguments(this: Call) -> Iterator[BaseModel]:
    """What the function is given: what was asked for, and the parsed body, from a form where a file may come with it."""
    if this.query is not None:
        yield _asked(this.query)
    if this.takes is not None:
        yield _form(this.takes) if this.upload and request.mimetype in _FORMS else _body(this.takes)


def caller() -> User:
    """The person behind the bearer token."""
    found: User = g.caller
    return found


def bearer() -> str:
    """The token that was sent with the call; empty without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _login() -> Login:
    token = bearer()
    login = logins.of_program(token) if token else None
    if login is None:
        if token and sign_ups.of_secret(token):
            raise Forbidden("proof_needed")
        raise Refused("login_needed")
    if login.scope is Scope.READ and request.method != "GET":
        raise Forbidden("scope_too_small")
    second_factors.check_set_up(login.user)
    return login


def _asked(query: type[BaseModel]) -> BaseModel:
    given = {name: value for name, value in request.args.items() if value}
    return _checked(query, lambda: query.model_validate(given))


def _body(takes: type[BaseModel]) -> BaseModel:
    raw = request.get_data()
    try:
        content = json.loads(raw) if raw else {}
        text = _text(content)
    except (ValueError, RecursionError):  # it may be nested just too deep to be written, though not to be read
        raise Malformed("bad_request") from None
    _notice_tampering(takes, content)
    # As JSON: a number is no text here, and the other way round, as it is described.
    return _checked(takes, lambda: takes.model_validate_json(text, strict=True))


def _form(takes: type[BaseModel]) -> BaseModel:
    if "Idempotency-Key" in request.headers:
        request.get_data()  # read whole before it is taken apart, so that a repetition can be told from another request
    content = request.form.to_dict()
    try:
        _text(content)
    except ValueError:
        raise Malformed("bad_request") from None
    _notice_tampering(takes, content)
    files = {name: sent.stream.read() for name, sent in request.files.items()}
    return _checked(takes, lambda: takes.model_validate(content | files))


def _text(content: Any) -> str:
    """A JSON object that can be stored: no half of a surrogate pair and no NUL, which JSON can spell. Raises ValueError."""
    text = json.dumps(content, ensure_ascii=False)
    text.encode()
    if not isinstance(content, dict) or "\\u0000" in text:
        raise ValueError("no object, or a NUL")
    return text


def _notice_tampering(takes: type[BaseModel], content: dict[str, Any]) -> None:
    if claimed := sorted(_NEVER_BELIEVED & content.keys() - takes.model_fields.keys()):
        log.warning("api.tampering path=%s fields=%s", request.path, ",".join(claimed))


# What the library calls a fault, where we have a code for it whatever the field.
_TOO_MUCH = {"string_too_long": "too_long", "too_long": "too_many"}


def _checked(model: type[BaseModel], read: Callable[[], BaseModel]) -> BaseModel:
    try:
        return read()
    except ValidationError as error:
        first = error.errors()[0]
    said, place = fault_at(model, first["loc"])
    if said is None or _is_of_another_type(first):
        raise Invalid(
            _TOO_MUCH.get(first["type"], "invalid"),
            field=".".join(map(str, first["loc"])) or None,
            most=first.get("ctx", {}).get("max_length"),
            why=first["msg"].removeprefix("Value error, "),
        )
    raise Invalid(said.word, field=said.field or "-".join(map(str, place)), most=said.most, least=said.least)


def _is_of_another_type(fault: Any) -> bool:
    """Whether it is a number where a text is asked for, say, and not just another text."""
    kind = str(fault["type"])
    return kind.endswith("_type") or (kind == "literal_error" and not isinstance(fault["input"], str))


def _answer(adapter: TypeAdapter[Any], result: Any, status: int) -> Response:
    if isinstance(result, Response):
        return result
    if not isinstance(result, tuple):
        result = (result, status)
    value, code, *more = result
    headers = more[0] if more else {}
    return Response(adapter.dump_json(value), code, headers, content_type="application/json")


_UNCLEAR = 202


def _once(work: Callable[[], Response], *, keep: bool) -> Response:
    """The answer to a POST with an Idempotency-Key is given once and repeated; logging in repeats harmlessly anyway."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None or not keep:
        return work()
    who = str(caller().id)
    content = b"\n".join((request.method.encode(), request.path.encode(), request.get_data()))
    kept = idempotency.begin(who, key, content)
    if kept is not None:
        return Response(kept.body, kept.status, {"Idempotent-Replayed": "true"}, content_type="application/json")
    try:
        answer = work()
    except BaseException:
        idempotency.drop(who, key)
        raise
    if answer.status_code == _UNCLEAR:
        idempotency.leave_open(who, key)  # the same request goes on with the same work, and may hear more next time
    else:
        idempotency.finish(who, key, answer.status_code, answer.get_data(as_text=True))
    return answer


def request_key() -> str | None:
    """The Idempotency-Key as the services know it, so that even a crash between doing and answering doubles nothing."""
    return key_of(request.headers.get("Idempotency-Key"), of="api")
