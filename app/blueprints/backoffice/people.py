"""People: found, looked at, suspended, restored, given another role, invited. Each act says first what it brings about."""

from collections.abc import Callable

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Form, RadioField, SelectField, StringField, TextAreaField

from app import words
from app.blueprints.backoffice.desk import blueprint
from app.blueprints.common import web
from app.blueprints.common.access import person as here
from app.blueprints.common.forms import options
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import done, onto
from app.domain import languages
from app.domain.lifecycle import Actor
from app.models import Role
from app.services.accounts import invitations, people, rights, second_factors
from app.services.accounts.invitations import Asked
from app.services.accounts.people import clean_text
from app.services.backoffice.overview import people_page
from app.services.core.errors import Conflict, Invalid, NotFound, Problem, check_all
from app.services.core.transaction import Who

_PERSON = "/people/<int(max=2147483647):user_id>"
_ACTS = "suspend, restore, role, logout, second_step"


class PeopleForm(Form):
    """Whom to look for; everything may stay empty."""

    q = StringField(_l("Name or email"))
    role = SelectField(_l("Role"), validate_choice=False, default="")
    state = SelectField(_l("Can log in"), validate_choice=False, default="")

    def wish(self) -> people_page.Wish:
        """As the service takes it; what is no role or state is no wish."""
        role = self.role.data or ""
        return people_page.Wish(
            q=clean_text(self.q.data or "")[:120],
            role=Role(role) if role in set(Role) else None,
            state=self.state.data or "",
        )


class WhyForm(Form):
    """Why it is done."""

    why = TextAreaField(_l("Why?"))


class RoleForm(WhyForm):
    """Which role, and why."""

    role = RadioField(_l("Role"), choices=options(words.ROLES.items()), validate_choice=False)


class InviteForm(Form):
    """Whom to invite as what."""

    email = EmailField(_l("E-mail"))
    name = StringField(_l("Name"))
    role = RadioField(_l("Role"), choices=options(words.ROLES.items()), validate_choice=False)
    language = SelectField(_l("Language of the email"), choices=options(languages.NAMES.items()), validate_choice=False)

    def asked(self) -> Asked:
        """As the service takes it. Raises Invalid: what is wrong with each field."""
        check_all(
            (
                lambda: people.clean_email(self.email.data or ""),
                lambda: people.clean_name(self.name.data or ""),
                lambda: _role(self.role.data),
            )
        )
        return Asked(self.email.data or "", self.name.data or "", _role(self.role.data), self.language.data or "")


def _role(text: str | None) -> Role:
    if text not in set(Role):
        raise Invalid("role_unknown", field="role")
    return Role(text)


def _who() -> Who:
    return Who(Actor.STAFF, here().id)


# ------------------------------------------------------------------------------------------------ finding


@blueprint.get("/people", endpoint="people")
def show_people() -> ResponseReturnValue:
    """One page of whoever fits, by name."""
    form = PeopleForm(request.args)
    form.role.choices = options([("", _l("Everybody")), *words.ROLES.items()])
    form.state.choices = options([("", _l("Everybody")), *words.PERSON_STATES.items()])
    found = people_page.find(form.wish(), request.args.get("page", 1, type=int))
    kept = {key: value for key, value in request.args.items() if key in form and value}
    return render_template("backoffice/people.html", form=form, found=found, kept=kept)


@blueprint.get(_PERSON, endpoint="person")
def show_person(user_id: int) -> ResponseReturnValue:
    """What staff may know of one person, and do."""
    known = _known(user_id)
    return render_template("backoffice/person.html", known=known, acts=people_page.acts(known.user, here()))


def _known(user_id: int) -> people_page.Person:
    known = people_page.person(user_id)
    if known is None:
        raise NotFound
    return known


# ------------------------------------------------------------------------------------------------ acting

_DEEDS: dict[str, Callable[[int, Form], object]] = {
    "suspend": lambda user_id, form: rights.suspend(user_id, _who(), form["why"].data or ""),
    "restore": lambda user_id, form: rights.restore(user_id, _who(), form["why"].data or ""),
    "role": lambda user_id, form: _change_role(user_id, form["role"].data, form["why"].data or ""),
    "second_step": lambda user_id, form: second_factors.take_off(_known(user_id).user, here(), form["why"].data or ""),
    "logout": lambda user_id, form: rights.end_logins(user_id, _who(), form["why"].data or ""),
}


def _change_role(user_id: int, role: str | None, why: str) -> None:
    check_all((lambda: _role(role), lambda: rights.clean_why(why)))
    rights.change_role(user_id, _role(role), _who(), why)


@blueprint.get(f"{_PERSON}/<any({_ACTS}):act>", endpoint="person_act")
def ask(user_id: int, act: str) -> ResponseReturnValue:
    """What would happen, and the reason to give."""
    return _act_page(_known(user_id), act, _form(act))


@blueprint.post(f"{_PERSON}/<any({_ACTS}):act>", endpoint="act_on_person")
@freshly_proved
def act_on_person(user_id: int, act: str) -> ResponseReturnValue:
    """It is done, at once everywhere."""
    known = _known(user_id)
    form = _form(act)
    name = known.user.name
    try:
        _DEEDS[act](user_id, form)
    except (Conflict, Invalid) as problem:
        status = onto(form, problem)
        return _act_page(_known(user_id), act, form), status
    flash(str(words.PERSON_DONE[act]) % {"name": name}, "success")
    return go("staff.person", user_id=user_id)


def _form(act: str) -> Form:
    return RoleForm(request.form) if act == "role" else WhyForm(request.form)


def _act_page(known: people_page.Person, act: str, form: Form) -> str:
    said = {"amount": ", ".join(web.money(each) for each in known.credit)}
    effects = [str(words.PERSON_EFFECTS[word]) % said for word in people_page.effects(known, act)]
    return render_template("backoffice/person_act.html", known=known, act=act, form=form, effects=effects)


# ------------------------------------------------------------------------------------------------ inviting


@blueprint.get("/invitations", endpoint="invitations")
def show_invitations() -> ResponseReturnValue:
    """Who was invited and has not answered, and the form for another one."""
    return _invitations(InviteForm(language=here().language))


@blueprint.post("/invitations", endpoint="invite")
@freshly_proved
def invite() -> ResponseReturnValue:
    """The link is on its way."""
    form = InviteForm(request.form)
    try:
        made = invitations.invite(form.asked(), _who())
    except Problem as problem:
        status = onto(form, problem)
        return _invitations(form), status
    return done(_("An invitation is on its way to %(email)s.", email=made.email), "staff.invitations")


@blueprint.post("/invitations/<int(max=2147483647):invitation_id>/withdraw", endpoint="withdraw_invitation")
@freshly_proved
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Its link opens nothing any more."""
    invitations.withdraw(invitation_id, _who())
    return done(_("The invitation has been withdrawn."), "staff.invitations")


def _invitations(form: InviteForm) -> str:
    return render_template("backoffice/invitations.html", form=form, found=invitations.open_ones())
