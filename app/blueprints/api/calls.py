"""One decorator for every call: bearer token, body, Idempotency-Key, answer and description all come from it."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial, wraps
from typing import Any

from flask import Blueprint, Response, g, request
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.blueprints.common.submissions import key_of
from app.blueprints.common.uploads import TAKE_FILES
from app.extensions import csrf
from app.models import Login, Scope, User
from app.services.accounts import logins, sign_ups
from app.services.core import idempotency
from app.services.core.errors import Forbidden, Invalid, Problem, Refused

log = logging.getLogger(__name__)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)
# What a caller may try to decide and we never believe: logged as tampering, otherwise ignored.
_NEVER_BELIEVED = frozenset(
    {"price", "amount", "currency", "client_id", "client", "owner", "status", "fee", "paid", "end"}
)


@dataclass(frozen=True)
class Call:
    """One line of the API: what it takes and what it gives."""

    method: str
    path: str
    summary: str
    takes: type[BaseModel] | None
    gives: Any
    status: int
    login: bool
    query: tuple[str, ...]
    upload: bool = False
    media: str = "application/json"  # of the answer
    keep: bool = True  # whether the answer is repeated to who sends the request again

    @property
    def endpoint(self) -> str:
        """Its name for Flask, in which no dot may be."""
        return f"{self.method} {self.path}".replace(".", "_")


CALLS: list[Call] = []
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class Malformed(Problem):
    """A body that is not a JSON object (400)."""


def call(
    rule: str,
    summary: str,
    *,
    takes: type[BaseModel] | None = None,
    gives: Any,
    status: int = 200,
    login: bool = True,
    query: tuple[str, ...] = (),
    upload: bool = False,
    media: str = "application/json",
    keep: bool = True,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The function answers `rule` ("POST /bookings"); it is given the parsed body first where the call takes one.

    With `upload` the body may be a multipart form, and the fields of `takes` that are bytes are its files.
    It returns a value of type `gives`, or (value, status) or (value, status, headers); or an answer of its own, of type `media`.
    Without `keep` the answer is never kept for a repetition: it is too large, or nobody's business.
    """
    method, path = rule.split()
    this = Call(method, path, summary, takes, gives, status, login, query, upload, media, keep)
    CALLS.append(this)
    if upload:
        TAKE_FILES.add(f"{blueprint.name}.{this.endpoint}")

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        view = _view(this, function)
        blueprint.add_url_rule(path, endpoint=this.endpoint, view_func=view, methods=[method])
        return function

    return register


def _view(this: Call, function: Callable[..., Any]) -> Callable[..., Response]:
    @cache
    def adapter() -> TypeAdapter[Any]:
        return TypeAdapter(this.gives)

    @wraps(function)
    def view(**values: Any) -> Response:
        if this.login:
            g.login = _login()
            g.caller = g.login.user
        given = _arguments(this.takes, upload=this.upload)
        work = partial(function, *given, **values)
        return _once(lambda: _answer(adapter(), work(), this.status), keep=this.login and this.keep)

    return view


def _arguments(takes: type[BaseModel] | None, *, upload: bool) -> tuple[BaseModel, ...]:
    """The parsed body, from a form where a file may come with it; nothing for a call that takes none."""
    if takes is None:
        return ()
    if upload and request.mimetype in _FORMS:
        return (_form(takes),)
    return (_body(takes),)


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
    return login


def _body(takes: type[BaseModel]) -> BaseModel:
    raw = request.get_data()
    try:
        content = json.loads(raw) if raw else {}
        is_good = isinstance(content, dict) and _is_text(content)
    except (ValueError, RecursionError):  # it may be nested just too deep to be written, though not to be read
        is_good = False
    if not is_good:
        raise Malformed("bad_request")
    return _read(takes, content)


def _form(takes: type[BaseModel]) -> BaseModel:
    if "Idempotency-Key" in request.headers:
        request.get_data()  # read whole before it is taken apart, so that a repetition can be told from another request
    content = request.form.to_dict()
    if not _is_text(content):
        raise Malformed("bad_request")
    files = {name: sent.stream.read() for name, sent in request.files.items()}
    return _read(takes, content | files)


def _read(takes: type[BaseModel], content: dict[str, Any]) -> BaseModel:
    if claimed := sorted(_NEVER_BELIEVED & content.keys() - takes.model_fields.keys()):
        log.warning("api.tampering path=%s fields=%s", request.path, ",".join(claimed))
    try:
        return takes.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise Invalid("invalid", field=field, why=first["msg"]) from None


def _is_text(content: dict[str, Any]) -> bool:
    """Whether all of it can be stored: no half of a surrogate pair and no NUL, which JSON can spell and databases cannot."""
    text = json.dumps(content, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in text


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
