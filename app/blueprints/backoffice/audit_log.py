"""The whole trail for staff: who changed what, when and why; looked through, and taken along as a table (report S3-34)."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, StringField

from app import words
from app.blueprints.backoffice.desk import blueprint, gateway_label
from app.blueprints.common import web
from app.blueprints.common.answers import tables
from app.blueprints.common.forms import options
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.times import days
from app.domain.lifecycle import Actor
from app.lib.phones import numbers
from app.models import Change
from app.services.accounts.people import clean_text
from app.services.backoffice.overview import audit_log

_HEADS = (
    _l("When"),
    _l("What"),
    _l("ID"),
    _l("Before"),
    _l("After"),
    _l("Done by"),
    _l("Name"),
    _l("Why"),
    _l("Booking"),
)


class TrailForm(Form):
    """What to look for; everything may stay empty."""

    q = StringField(_l("ID, reference, name or reason"))
    subject = SelectField(_l("What"), validate_choice=False, default="")
    actor = SelectField(_l("Done by"), validate_choice=False, default="")
    since = days.Calendar(_l("From"))
    until = days.Calendar(_l("To"))

    def wish(self) -> audit_log.Wish:
        """As the service takes it; what is no subject, part or date is no wish."""
        subject = self.subject.data or ""
        actor = self.actor.data or ""
        since, until = days.between(self.since.data, self.until.data)
        return audit_log.Wish(
            subject=subject if subject in words.STAFF_SUBJECTS else "",
            actor=Actor(actor) if actor in set(Actor) else None,
            q=clean_text(self.q.data or "")[:120],
            since=since,
            until=until,
        )


def _form() -> TrailForm:
    form = TrailForm(request.args)
    subjects = sorted(words.STAFF_SUBJECTS.items(), key=lambda each: str(each[1]))
    form.subject.choices = options([("", _l("Everything")), *subjects])
    form.actor.choices = options([("", _l("Anybody")), *words.ACTORS.items()])
    form.validate()
    return form


@blueprint.get("/trail", endpoint="trail")
def show_trail() -> ResponseReturnValue:
    """One page of what was found, the newest first."""
    form = _form()
    found = audit_log.find(form.wish(), request.args.get("page", 1, type=int))
    kept = {key: value for key, value in request.args.items() if key in form and value}
    return render_template("backoffice/audit_log.html", form=form, found=found, kept=kept, why=_why)


@blueprint.route("/trail.csv", methods=["GET", "POST"], endpoint="trail_table")
@freshly_proved
def table() -> Response:
    """All that was found, at most ten thousand rows; a POST is the fresh proof that was asked for, and changes nothing else."""
    return tables.file("kikao-trail.csv", _HEADS, (_row(step) for step in audit_log.every(_form().wish())))


def _row(step: audit_log.Step) -> tuple[object, ...]:
    change = step.change
    return (
        change.at.astimezone(web.zone()).isoformat(sep=" ", timespec="seconds"),
        words.STAFF_SUBJECTS.get(change.subject, change.subject),
        change.subject_id,
        words.step(change.subject, change.from_status) if change.from_status else "",
        words.step(change.subject, change.to_status),
        words.ACTORS[change.actor],
        step.who,
        _why(change),
        change.booking_id or "",
    )


def _why(change: Change) -> str:
    """The reason in the reader's words, without anybody's number."""
    if change.subject == "attempt" and not change.from_status:
        return gateway_label(change.why)
    return words.why(change.subject, change.to_status, numbers.masked_in(change.why))
