"""A form that was sent: what was typed, its key, and how a problem gets back onto it."""

from datetime import datetime
from hashlib import sha256

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import Form

from app import words
from app.blueprints.common.redirects import go
from app.services.core.errors import Problem


def is_sent() -> bool:
    """Whether the form was sent, rather than asked for."""
    return request.method == "POST"


def typed() -> ImmutableMultiDict[str, str] | None:
    """Return what was typed into the form that was sent; None for one that is asked for.

    Not an empty form: unticked boxes could not be told from untouched defaults otherwise.
    """
    return request.form if is_sent() else None


def onto(form: Form, problem: Problem) -> int:
    """The problem's sentence stands beside its field, or over the form; answers the status to send it back with.

    So does what else is wrong, one sentence for each field.
    """
    for each in (problem, *problem.also):
        _say(form, each)
    return problem.status


def _say(form: Form, problem: Problem) -> None:
    field = form._fields.get(problem.field or "")
    label = field.label.text if field is not None else ""
    sentence = words.about_field(problem.code, label, problem.values)
    if field is None or field.type == "HiddenField":
        form.form_errors.append(sentence)
    elif not field.errors:
        field.errors = [sentence]


def named_after(form: Form, action: str) -> Form:
    """Return the form with the ids its fields have on a page that has several like it: `reason-decline`."""
    for field in form:
        field.id = f"{field.name}-{action}"
    return form


def again(template: str, form: Form, problem: Problem, **values: object) -> ResponseReturnValue:
    """The form once more, with everything typed and what is wrong with it."""
    status = onto(form, problem)
    return render_template(template, form=form, **values), status, dict(problem.headers)


def done(text: str, endpoint: str) -> ResponseReturnValue:
    """Say that it is done, on the page to go to."""
    flash(text, "success")
    return go(endpoint)


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
