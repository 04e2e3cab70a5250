"""Every error as a page people understand, or as problem+json for programs; never a stack trace, never a 500 for bad input."""

import logging
import time
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, current_app, jsonify, render_template, request, session
from flask_babel import force_locale
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app import words
from app.extensions import db, limiter
from app.lib.network.csrf import FromOtherSite
from app.services.core.errors import Problem

log = logging.getLogger("app.blueprints.errors")  # a name that operators filter by

_BY_STATUS = {
    400: "bad_request",
    401: "login_needed",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    429: "too_often",
    503: "busy",
}


def register(app: Flask) -> None:
    """Every kind of error has its answer."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(CSRFError, lambda _: _answer(400, "form_expired"))
    app.register_error_handler(FromOtherSite, lambda _: _answer(403, "other_site"))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(Exception, _bug)


def _problem(problem: Problem) -> tuple[Any, int, dict[str, str]]:
    body, status, headers = _answer(
        problem.status, problem.code, field=problem.field, values=problem.values, also=problem.also
    )
    return body, status, {**headers, **problem.headers}


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    todo = _what_to_do(error)
    minutes = -(-int(todo.get("Retry-After", 1)) // 60)
    body, status, headers = _answer(error.code, _BY_STATUS.get(error.code, "invalid"), values={"minutes": minutes})
    return body, status, headers | todo


def _what_to_do(error: HTTPException) -> dict[str, str]:
    """What a client has to know to do better: which methods there are, when to come back."""
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    limit = limiter.current_limit
    if error.code == 429 and limit is not None:
        # The counting is done by the machine's own clock, so that is the one to reckon by.
        headers["Retry-After"] = str(max(1, limit.reset_at - int(time.time())))
    return headers


def _unstorable(error: Exception) -> tuple[Any, int, dict[str, str]]:
    # Text with a NUL, a number beyond a column: somebody sent what no database can keep.
    db.session.rollback()
    log.warning("request.unstorable path=%s error=%s", _path(), type(error).__name__)
    return _answer(422, "invalid")


def _busy(error: Exception) -> tuple[Any, int, dict[str, str]]:
    # A lock that was not free in five seconds, or a database that is away: nothing was written, the same may be sent again.
    db.session.rollback()
    log.warning("database.busy path=%s error=%s", _path(), type(error).__name__)
    body, status, headers = _answer(503, "busy")
    return body, status, headers | {"Retry-After": "2"}


def _overtaken(error: IntegrityError) -> Any:
    # Somebody did the same in this very moment and was first: done once more it finds what they made. Only whoever asked can
    # do that: here what was looked up before is stale, and what was uploaded is used up.
    if not _is_taken(error):
        return _bug(error)
    log.warning(
        "request.overtaken path=%s why=%s", _path(), str(error.orig).partition("\n")[0]
    )  # the rest names values
    return _busy(error)


def _is_taken(error: IntegrityError) -> bool:
    """Whether it was a unique key that somebody else has, and no other rule of the tables."""
    return getattr(error.orig, "sqlstate", "") == "23505" or "UNIQUE constraint failed" in str(error.orig)


def _bug(error: Exception) -> tuple[Any, int, dict[str, str]]:
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    db.session.rollback()
    log.exception("request.failed path=%s", _path())
    return _answer(500, "internal")


def _path() -> str:
    # The signed address of a callback is a secret.
    return "/callbacks/..." if request.path.startswith("/callbacks/") else request.path


def _answer(
    status: int,
    code: str,
    *,
    field: str | None = None,
    values: dict[str, object] | None = None,
    also: Sequence[Problem] = (),
) -> tuple[Any, int, dict[str, str]]:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 and _is_program() else {}
    if _is_program():
        return _problem_json(status, _fault(code, field, values or {}), also), status, headers
    sentence = words.problem(code, values or {})
    page = render_template("common/error.html", status=status, code=code, sentence=sentence)
    _leave_session_alone()
    return page, status, headers


def _leave_session_alone() -> None:
    # A POST from another site comes without our cookie: a new session in the answer would log the person out.
    if request.method == "POST" and current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        session.clear()
        session.modified = False


def _is_program() -> bool:
    return request.path.startswith(("/api/", "/callbacks/", "/healthz", "/readyz"))


def _problem_json(status: int, fault: dict[str, Any], also: Sequence[Problem]) -> Response:
    code = fault["code"]
    others = [_fault(each.code, each.field, each.values) for each in also]
    content = {"type": f"urn:kikao:{code}", "title": code.replace("_", " "), "status": status}
    response = jsonify(content | fault | ({"also": others} if others else {}))
    response.content_type = "application/problem+json"
    return response


def _fault(code: str, field: str | None, values: dict[str, object]) -> dict[str, Any]:
    with force_locale("en"):
        detail = words.problem(code, values)
    if why := values.get("why"):
        detail = f"{detail} ({why})"
    return {"code": code, "detail": detail} | ({"field": field} if field else {})
