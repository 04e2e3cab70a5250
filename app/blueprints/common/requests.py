"""What every door does the same way: who is there, where to go next, how a problem gets back onto its form."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import ParamSpec, cast
from urllib.parse import urlsplit

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from wtforms import Form

from app import words
from app.models import User
from app.services.core.errors import Problem

UPLOAD_LIMIT = 16 * 1024 * 1024  # more than any file may have, so that one too large is told so beside its field
_P = ParamSpec("_P")
# Whatever a file claims to be, a browser keeps it apart from our pages, and nobody between us keeps it at all.
_APART = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


def members_only(view: Callable[_P, ResponseReturnValue]) -> Callable[_P, ResponseReturnValue]:
    """The view is for people who are logged in; others log in first and come back."""
    return cast(Callable[_P, ResponseReturnValue], login_required(view))


def person() -> User:
    """Who is logged in."""
    return cast(User, current_user._get_current_object())


def is_known() -> bool:
    """Whether anybody is logged in."""
    return bool(current_user.is_authenticated)


def go(endpoint: str, **values: object) -> ResponseReturnValue:
    """Go and GET that page: a reload then repeats nothing."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[arg-type]


def go_next(fallback: str, **values: object) -> ResponseReturnValue:
    """Go to the page the form or address named, if it is one of ours that can be opened; else to the fallback."""
    wanted = safe_path(request.form.get("next") or request.args.get("next") or "")
    return redirect(wanted, 303) if wanted else go(fallback, **values)


def safe_path(target: str) -> str:
    """`target` if it is the address of a page of ours, else nothing: never another site, never a form's address."""
    parts = urlsplit(target)
    ours = target.startswith("/") and not target.startswith("//") and not parts.scheme and not parts.netloc
    if not ours or "\\" in target or not target.isprintable():
        return ""
    try:
        current_app.url_map.bind("").match(parts.path, method="GET")
    except RequestRedirect:
        return ""
    except HTTPException:
        return ""
    return target


def onto(form: Form, problem: Problem) -> int:
    """The problem's sentence stands beside its field, or over the form; answers the status to send it back with."""
    sentence = words.problem(problem.code, problem.values)
    field = form._fields.get(problem.field or "")
    if field is None or field.type == "HiddenField":
        form.form_errors.append(sentence)
    else:
        field.errors = [*field.errors, sentence]
    return problem.status


def again(template: str, form: Form, problem: Problem, **values: object) -> ResponseReturnValue:
    """The form once more, with everything typed and what is wrong with it."""
    status = onto(form, problem)
    return render_template(template, form=form, **values), status


def instant(text: str) -> datetime | None:
    """The moment an address names; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def key_of(text: str | None, *, of: str = "form") -> str | None:
    """The key of a request as the services know it; None without one. All of it counts, however long it is."""
    return f"{of}:{sha256(text.encode()).hexdigest()}" if text else None


def uploaded(field: str, limit: int) -> tuple[str, bytes]:
    """Name and content of the file that was sent, of one too large only just enough to see that it is; else nothing."""
    sent = request.files.get(field)
    return (sent.filename or "", sent.stream.read(limit + 1)) if sent else ("", b"")


def all_uploaded(field: str, limit: int) -> tuple[tuple[str, bytes], ...]:
    """Name and content of every file that was sent under this name; of a field left empty nothing."""
    sent = [(each.filename or "", each.stream.read(limit + 1)) for each in request.files.getlist(field)]
    return tuple((name, content) for name, content in sent if name or content)


def to_save(file_name: str, media_type: str, content: bytes) -> Response:
    """Somebody's file, to be saved and never shown among our pages."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"', **_APART}
    return Response(content, headers=headers, content_type=media_type)


def is_sent() -> bool:
    """Whether the form was sent, rather than asked for."""
    return request.method == "POST"


def typed() -> ImmutableMultiDict[str, str] | None:
    """Return what was typed into the form that was sent; None for one that is asked for.

    Not an empty form: unticked boxes could not be told from untouched defaults otherwise.
    """
    return request.form if is_sent() else None


def done(text: str, endpoint: str) -> ResponseReturnValue:
    """Say that it is done, on the page to go to."""
    flash(text, "success")
    return go(endpoint)
