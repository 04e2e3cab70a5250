"""Logging in by another provider: the way there and back, which only the browser that set out can come."""

import hmac
from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.common.entering import admit, next_page, origin
from app.blueprints.common.forms import LoginForm
from app.blueprints.common.submissions import again
from app.blueprints.common.web import choose_language, known_zone
from app.lib import clock
from app.lib.network.openid import code_flow
from app.lib.network.openid.code_flow import Journey
from app.lib.network.openid.providers import Provider
from app.services.accounts import guessing, identities
from app.services.core.errors import Conflict, Problem

blueprint = Blueprint("providers", __name__, url_prefix="/login/with/<provider>")
_JOURNEY = "journey"  # in the session: to whom, by which secrets, until when, and where to go on


@blueprint.app_template_global("login_providers")
def offered() -> list[Provider]:
    """By whom people can log in."""
    return identities.providers()


@blueprint.post("")
def set_out(provider: str) -> ResponseReturnValue:
    """A page that leads to the provider at once; not a redirect, for forms lead nowhere but to us (form-action)."""
    found = identities.provider_of(provider)
    journey = code_flow.new_journey()
    try:
        guessing.before_provider(origin(""))
        there = identities.set_out(found, journey, _back(found))
    except Problem as problem:
        return _not_in(problem)
    until = (clock.now() + identities.LIFE).isoformat()
    session[_JOURNEY] = [found.name, journey.state, journey.nonce, journey.verifier, until, next_page()]
    return render_template(
        "accounts/identity/to_provider.html", there=there, provider=found, host=urlsplit(there).hostname
    )


@blueprint.get("/back")
def back(provider: str) -> ResponseReturnValue:
    """Where the provider sends people: opening it changes nothing, and a form that sends itself goes on."""
    found = identities.provider_of(provider)
    if "code" not in request.args:
        return _not_in(Conflict("provider_refused", provider=found.label))
    goes_on = session.get(_JOURNEY, [""])[-1]
    return render_template("accounts/identity/from_provider.html", provider=found, sent=request.args, next=goes_on)


@blueprint.post("/back")
def come_back(provider: str) -> ResponseReturnValue:
    """Whoever the provider says it is is logged in, with their second factor if they have one: its word is one factor."""
    found = identities.provider_of(provider)
    try:
        journey = _journey(found)
        claims = identities.come_back(found, journey, _back(found), request.form.get("code", ""))
        user = identities.log_in(claims, choose_language(), known_zone() or "UTC")
    except Problem as problem:
        return _not_in(problem)
    return admit(user, _("Welcome, %(name)s. You are logged in.", name=user.name))


def _journey(provider: Provider) -> Journey:
    """The one this browser set out on, which is over now. Raises Conflict (provider_stale)."""
    name, state, nonce, verifier, until, _next = session.pop(_JOURNEY, None) or ("", "", "", "", "", "")
    is_same = name == provider.name and hmac.compare_digest(state.encode(), request.form.get("state", "").encode())
    if not state or not is_same or clock.now() >= datetime.fromisoformat(until):
        raise Conflict("provider_stale")
    # RFC 9207: where the answer says whose it is, it is of the one that was asked.
    if request.form.get("iss", provider.issuer) != provider.issuer:
        raise Conflict("provider_stale")
    return Journey(state, nonce, verifier)


def _back(provider: Provider) -> str:
    """The address that is registered at the provider."""
    return f"{current_app.config['PUBLIC_URL']}{url_for('providers.back', provider=provider.name)}"


def _not_in(problem: Problem) -> ResponseReturnValue:
    """The log-in page says why, and offers every other way."""
    return again("accounts/login.html", LoginForm(), problem, next=next_page())
